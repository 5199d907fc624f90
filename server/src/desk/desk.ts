/**
 * The desk: the one place where a step's writes become one statement. A step reads, decides and says what it wants
 * kept; the flush compares the version, judges the time after the lock is held, and writes state, codes, messages,
 * consent, launch and events together or not at all. No lock is held across a round trip, so a stop never waits.
 */
import type { Channel, ConsentWay } from '@amparo/contract/words'
import type { Assistance } from '../assistance/assistance.ts'
import { type Draft, draft, type Happening } from '../audit/event.ts'
import type { News } from '../bell.ts'
import type { CodePurpose } from '../codes/code.ts'
import type { NewHandle } from '../codes/handle.ts'
import type { Alarm } from './alarm.ts'

export interface NewCode {
  readonly id: string
  readonly purpose: CodePurpose
  readonly termsDigest: Uint8Array
  readonly digest: Uint8Array
  readonly guessLimit: number
  readonly browserDigest?: Uint8Array
}
export interface NewMessage {
  readonly id: string
  readonly purpose: string
  readonly codeId?: string
  readonly userId?: string
  readonly channel: Channel
  readonly maskedTo: string
  readonly sealed: Uint8Array
}
export interface NewConsent {
  readonly terms: string
  readonly termsDigest: Uint8Array
  readonly provedBy: ConsentWay
  /** What proved it: a code, or the approval of two. */
  readonly codeId?: string
  readonly approvalId?: string
  readonly browserDigest?: Uint8Array
  readonly mac: Uint8Array
}
/** One sensitive power: asked for, granted, or refused (before or afterwards). */
export type PowerChange =
  | {
      readonly id: string
      readonly power: string
      readonly surfaces: readonly string[]
      readonly termsDigest: Uint8Array
      readonly codeId: string
    }
  | {
      readonly id: string
      readonly granted: { readonly provedBy: 'page' | 'read_aloud'; readonly codeId: string; readonly mac: Uint8Array }
    }
  | { readonly id: string; readonly refused: true }
export interface NewLaunch {
  readonly id: string
  readonly surface: string
  /** Missing: it is taken by a phone, with a handle, and voids what waits for a phone there. */
  readonly ticketDigest?: Uint8Array
  readonly lastsSeconds: number
}

/** What an agent did in a succession; what goes to the vendor is `pending` until they have answered. */
export interface NewAct {
  readonly id: string
  readonly caseRef: string
  readonly act: 'release' | 'resend_message' | 'send_help_link' | 'add_note' | 'escalate'
  readonly stepKey?: string | undefined
  readonly entry?: string | undefined
  readonly reason?: string | undefined
  readonly note: string
  readonly agentId: string
  readonly codeId?: string | undefined
  readonly pending: boolean
}

/** What a step may say while it works on an assistance. Nothing is written before the step has answered. */
export interface Desk {
  /** The database's clock at the reading. */
  readonly now: Date
  /** The new state: written only if nothing a step depends on has changed since the reading. */
  keep(next: Assistance): void
  happened(what: Happening): void
  /** A new code; the living one of its purpose becomes void, and one send is paid. */
  code(code: NewCode): void
  /** Voids the living codes of these purposes, and whatever waits to be sent with them. */
  void(...purposes: CodePurpose[]): void
  use(codeId: string): void
  send(message: NewMessage): void
  /** Takes one of the messages that this user may get in a day. Where none is left, nothing of the step is written. */
  disturb(userId: string, aDay: number): void
  /** A look-up within these many a day. Where none is left, nothing of the step is written. */
  lookUp(limits: LookUpLimits): void
  /** What supervisors are to hear of. */
  alarm(alarm: Alarm): void
  consent(consent: NewConsent): void
  /** Somebody who had no part in it has to look at it afterwards. */
  review(): void
  launch(launch: NewLaunch): void
  /** What phones may take a launch by, from now on. */
  handles(...handles: readonly NewHandle[]): void
  act(act: NewAct): void
  power(change: PowerChange): void
}

/** Look-ups of one agent in a day, and those of them that no consent followed. */
export interface LookUpLimits {
  readonly aDay: number | undefined
  readonly withoutConsent: number | undefined
}

export interface Writes {
  next?: Assistance
  events: Draft[]
  codes: NewCode[]
  voids: CodePurpose[]
  used: string[]
  messages: NewMessage[]
  handles: NewHandle[]
  disturbs?: { readonly userId: string; readonly aDay: number }
  lookUps?: LookUpLimits
  alarms: Alarm[]
  consent?: NewConsent
  review?: true
  launch?: NewLaunch
  act?: NewAct
  power?: PowerChange
}

export interface Staged {
  readonly desk: Desk
  readonly writes: Writes
}

/** Whether a step said anything at all. */
export const isEmpty = ({
  next,
  disturbs,
  lookUps: _limits,
  consent,
  review,
  launch,
  act,
  power,
  ...lists
}: Writes): boolean =>
  [next, disturbs, review, consent, launch, act, power].every((one) => one === undefined) &&
  Object.values(lists).every((list) => list.length === 0)

/** What these writes left for the loops: messages to deliver; an ending, this one's or that of the one it superseded. */
export const newsOf = ({ next, messages }: Writes, superseded: boolean): readonly News[] => [
  ...(messages.length > 0 ? (['message'] as const) : []),
  ...(next?.state === 'closed' || superseded ? (['ending'] as const) : []),
]

/** An empty desk for one try of one step. */
export function stage(now: Date): Staged {
  const writes: Writes = { events: [], codes: [], voids: [], used: [], messages: [], handles: [], alarms: [] }
  return {
    writes,
    desk: {
      now,
      keep: (next) => {
        writes.next = next
      },
      happened: (what) => {
        writes.events.push(draft(what))
      },
      code: (code) => {
        writes.codes.push(code)
        writes.voids.push(code.purpose)
      },
      void: (...purposes) => {
        writes.voids.push(...purposes)
      },
      use: (codeId) => {
        writes.used.push(codeId)
      },
      send: (message) => {
        writes.messages.push(message)
      },
      disturb: (userId, aDay) => {
        writes.disturbs = { userId, aDay }
      },
      lookUp: (limits) => {
        writes.lookUps = limits
      },
      alarm: (alarm) => {
        writes.alarms.push(alarm)
      },
      consent: (consent) => {
        writes.consent = consent
      },
      review: () => {
        writes.review = true
      },
      launch: (launch) => {
        writes.launch = launch
      },
      handles: (...handles) => {
        writes.handles.push(...handles)
      },
      act: (act) => {
        writes.act = act
      },
      power: (change) => {
        writes.power = change
      },
    },
  }
}
