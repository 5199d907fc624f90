/**
 * The rules of the user's page: what it shows in each state, and who may press what. A link alone shows the request
 * and can refuse, report and stop; whatever keeps a clock alive belongs to the browser in which somebody said yes.
 */
import type { Because, Bilingual, Kind, Language, Power } from '@amparo/contract/words'
import type { Active, Assistance, Closed, Consenting } from '../assistance/assistance.ts'

/** A link works until a day after the end; from then on it is as unknown as one that never was. */
const linkOutlivesMs = 24 * 3_600_000

/** A link that has reached its user and still works. Before the message went out nobody can have it. */
export function reached(assistance: Assistance, now: Date): assistance is Consenting | Active | Closed {
  const state = assistance.state === 'closed' ? assistance.closedIn : assistance.state
  if (state !== 'consent' && state !== 'active') return false
  return assistance.state !== 'closed' || now.getTime() < assistance.closedAt.getTime() + linkOutlivesMs
}

export type Act = 'yes' | 'decline' | 'not-me' | 'still-here' | 'stop' | PowerAct | ReleaseAct
export const acts: readonly Act[] = [
  'yes',
  'decline',
  'not-me',
  'still-here',
  'stop',
  'power-yes',
  'power-no',
  'power-back',
  'release-yes',
  'release-no',
]
export const isAct = (text: string): text is Act => acts.some((act) => act === text)

/** The page's own script has told that somebody is looking. It is no act: nothing of the help hangs on it. */
export const seenPath = 'seen'

/** Refusing, reporting and stopping: they need nothing but the link, and work at once. */
export type EndingAct = 'decline' | 'not-me' | 'stop'
export const isEnding = (act: Act): act is EndingAct => act === 'decline' || act === 'not-me' || act === 'stop'

/** What is pressed once the help is over: it belongs to whoever holds its consent, or types the code that we send. */
export type HistoryAct = 'history' | 'history-code' | 'history-copy' | 'objection'

/** The answers to one sensitive power: a yes, a no, and taking it back. The rest of the help stays as it is. */
type PowerAct = 'power-yes' | 'power-no' | 'power-back'

/** The answers to a release of a rejected succession. The rest of the help stays as it is. */
type ReleaseAct = 'release-yes' | 'release-no'

/** A no is a no: refusing what has begun meanwhile stops it, and stopping what has not begun refuses it. */
export function becauseOf(act: EndingAct, state: Assistance['state']): Because {
  if (act === 'not-me') return 'reported_by_user'
  return state === 'active' ? 'stopped_by_user' : 'declined_by_user'
}

/** A product as it stands for one assistance. */
export interface SurfaceState {
  readonly surface: string
  readonly openedAt?: Date | undefined
  readonly closedAt?: Date | undefined
  readonly acknowledgedAt?: Date | undefined
  readonly error?: string | undefined
  /** On a phone: what it calls itself. */
  readonly device?: string | undefined
}
export interface SurfaceShown extends Omit<SurfaceState, 'surface'> {
  readonly name: Bilingual
}

/** One thing that the agent did there, in plain words, as the product reported it. */
export interface ActShown {
  readonly at: Date
  /** The product it was done in. */
  readonly surface: Bilingual
  readonly what: Bilingual
  readonly count: number
}

/** What the user said of the help, and whether somebody who had no part in it has looked at that. */
export interface Said {
  readonly about: 'reported' | 'objection'
  readonly at: Date
  readonly reviewedAt?: Date | undefined
}

/** What an assistance asks for, in words. */
export interface Request {
  /** What is asked for: products, or the steps of a succession. */
  readonly kind: Kind
  readonly agent: string
  readonly sayFirst: string
  readonly reason: Bilingual
  readonly line?: string | undefined
  readonly ecosystem?: string | undefined
  readonly surfaces: readonly Bilingual[]
  readonly powers: Power
  readonly lengthMinutes: number
}

interface StepWhen {
  readonly text: string
  readonly relative: string
}
interface StepLine {
  readonly word: string
  readonly sentence: string
  readonly when?: StepWhen | undefined
}
export interface StepRule {
  readonly mark: string
  readonly rule: string
  readonly found?: string | undefined
  readonly now?: string | undefined
  readonly needed: string
}
/** What the page needs of a succession, in one language. */
export interface Steps {
  readonly standing: {
    readonly sentence: string
    readonly next?: string | undefined
    readonly due?: StepWhen | undefined
  }
  readonly entries: readonly StepLine[]
  readonly ahead: readonly StepLine[]
  readonly stuck?: { readonly checks: readonly StepRule[]; readonly remedies: readonly string[] } | undefined
}

/** A page of the manual: paragraphs and lists. */
export interface HelpPage {
  readonly title: string
  readonly blocks: readonly (string | readonly string[])[]
}

export type View = Ask | Tell | Wait | On | Ended
export interface Ask {
  readonly page: 'ask'
  readonly request: Request
  /** Names exactly what is shown: a yes to it is a yes to nothing else. */
  readonly terms: string
  /** 0: from now on only the code read aloud opens. */
  readonly triesLeft: number
  /** What became of the digits that this browser showed before. */
  readonly notice?: 'missed' | 'gone' | undefined
  /** The person was reading another request: in what this one differs. */
  readonly changed?: readonly Change[] | undefined
}
export interface Tell {
  readonly page: 'tell'
  readonly request: Request
  readonly terms: string
  readonly digits: string
}
/** There is nothing to say yes to: the message is void (the request changed) or too old. */
export interface Wait {
  readonly page: 'wait'
  readonly request: Request
  readonly why: 'changed' | 'old'
}
/** One sensitive power on the page: what it lets the agent do, and where. `terms` names it in the answer. */
export interface PowerShown {
  readonly power: Bilingual
  readonly surfaces: readonly Bilingual[]
  readonly terms: string
}
/** What a question in the middle of help is answered with. */
export interface Answering {
  readonly terms: string
  readonly sayFirst: string
  /** The two digits to read out, in the browser that said yes. */
  readonly digits?: string | undefined
  readonly triesLeft: number
  /** Whether this browser may say yes to it. */
  readonly may: boolean
}
export type PowerAsked = PowerShown & Answering
/** A release that waits for the user's yes: of which ecosystem. */
export interface ReleaseAsked extends Answering {
  readonly ecosystem: string
}
export interface On {
  readonly page: 'on'
  readonly asked?: PowerAsked | undefined
  readonly release?: ReleaseAsked | undefined
  readonly held: readonly PowerShown[]
  readonly agent: string
  readonly since: Date
  readonly now: Date
  readonly surfaces: readonly SurfaceShown[]
  /** The steps of a succession in both languages, for the browser in which somebody said yes; `elsewhere` for others. */
  readonly steps?: Readonly<Record<Language, Steps>> | 'elsewhere' | 'read_aloud' | undefined
  /** Newest first. */
  readonly acts: readonly ActShown[]
  readonly idleAt: Date
  readonly maxAt: Date
  /** The clock that warns: the quiet one, which the user can set back, or the agreed time, which nobody can. */
  readonly warning?: 'idle' | 'max' | undefined
  /** Whether this browser may say *I'm still here*, or why not. */
  readonly stay: 'here' | 'elsewhere' | 'read_aloud' | 'without'
  /** Whether this browser may keep a receipt. */
  readonly receipt: boolean
}
export interface Ended {
  readonly page: 'ended'
  readonly agent: string
  readonly because: Because
  readonly closedAt: Date
  /** Somebody was inside: then it is over only once every product has said so. */
  readonly entered: boolean
  readonly surfaces: readonly SurfaceShown[]
  /** Newest first. */
  readonly acts: readonly ActShown[]
  /** Whether this browser may keep a receipt. */
  readonly receipt: boolean
  /** What the user said of it so far. */
  readonly said: readonly Said[]
  /** Whether this browser may say that something was not right. */
  readonly objects: boolean
  /** Whether there is a history to ask for. */
  readonly history: boolean
}

/** What a yes is bound to and an agent can ask for anew. */
export interface Asked {
  readonly ecosystemId: string
  readonly surfaces: readonly string[]
  readonly powers: Power
  readonly lengthMinutes: number
}
export type Change = 'where' | 'sees' | 'powers' | 'long'

/** In what a request differs from the one that was asked before. */
export function changesOf(before: Asked, now: Asked): readonly Change[] {
  const differs: Readonly<Record<Change, boolean>> = {
    where: before.ecosystemId !== now.ecosystemId,
    sees: [...before.surfaces].sort().join() !== [...now.surfaces].sort().join(),
    powers: before.powers !== now.powers,
    long: before.lengthMinutes !== now.lengthMinutes,
  }
  return (['where', 'sees', 'powers', 'long'] as const).filter((change) => differs[change])
}

const lastMinutesMs = 120_000

/** Which clock, if any, is in its last two minutes. */
export function warningOf(now: Date, idleAt: Date, maxAt: Date): 'idle' | 'max' | undefined {
  const [what, endsAt] = maxAt <= idleAt ? (['max', maxAt] as const) : (['idle', idleAt] as const)
  return now.getTime() >= endsAt.getTime() - lastMinutesMs ? what : undefined
}

/** True once nothing that was opened can still be showing: every product has acknowledged the end. */
export const allClosed = (surfaces: readonly Omit<SurfaceState, 'surface'>[]): boolean =>
  surfaces.every((surface) => !surface.openedAt || surface.acknowledgedAt)
