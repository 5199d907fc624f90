/**
 * An assistance and its states. A transition accepts only the state it may start from; everything that dies with an
 * assistance (codes, tickets, tokens, surface sessions) is derived from it and carries no state of its own.
 */
import type { EcosystemSeen, UserSeen } from '@amparo/contract/people'
import type {
  AgentMethod,
  Because,
  Bilingual,
  ClosureReason,
  Kind,
  Outcome,
  Power,
  ReasonCode,
  State,
} from '@amparo/contract/words'
import type { AgentId, AssistanceId, EcosystemId, SessionId, UserId } from '../words.ts'

/** Look-ups in all, the first one included; the last miss closes. */
export const lookupsInAll = 5

export interface Reason {
  readonly code: ReasonCode
  /** The vendor's words for it when the assistance was opened. */
  readonly name?: Bilingual
  readonly line?: string
}

/** What the look-up showed the agent. `userId` is missing where two people share the e-mail. */
export interface Found {
  readonly userId?: UserId
  readonly user: UserSeen
  readonly ecosystems: readonly EcosystemSeen[]
}

interface Facts {
  readonly id: AssistanceId
  readonly kind: Kind
  readonly version: number
  readonly agentId: AgentId
  readonly agentSessionId: SessionId
  readonly emailAsked: string
  readonly reason: Reason
  readonly caller?: string
  readonly ticket?: string
  readonly openedAt: Date
  /** What the user's link is found by; it tells under which root this was begun. */
  readonly linkDigest: Uint8Array
  readonly userSeenAt: Date
  /** How the agent proved who they are, once they have. */
  readonly agentMethod?: AgentMethod
  readonly lookups: number
  /** The silence (by when it began) that the user was warned of. */
  readonly warnedFor?: Date
  readonly surfaces?: readonly string[]
  readonly powers: Power
  readonly lengthMinutes: number
  /** The assistance of a colleague that this one goes on with. */
  readonly handedFrom?: AssistanceId
  /** Since when its agent would hand it over. */
  readonly offeredAt?: Date
}
export interface AgentVerification extends Facts {
  readonly state: 'agent_verification'
}
export interface UserLookup extends Facts {
  readonly state: 'user_lookup'
  readonly found?: Found
  readonly ecosystemId?: EcosystemId
}
export interface Consenting extends Facts {
  readonly state: 'consent'
  readonly found: Found
  readonly userId: UserId
  readonly ecosystemId: EcosystemId
}
export interface Active extends Facts {
  readonly state: 'active'
  readonly found: Found
  readonly userId: UserId
  readonly ecosystemId: EcosystemId
  readonly consentedAt: Date
  readonly maxUntil: Date
  /** The approval of two by which it was opened without a consent: looking alone, and no clock of the user. */
  readonly brokenBy?: string
}
export interface Closed extends Facts {
  readonly state: 'closed'
  readonly found?: Found
  readonly userId?: UserId
  readonly ecosystemId?: EcosystemId
  readonly because: Because
  readonly closedAt: Date
  readonly closedIn: Exclude<State, 'closed'>
  readonly outcome?: Outcome
  readonly closureReason?: ClosureReason
  readonly consentedAt?: Date
}
export type Living = AgentVerification | UserLookup | Consenting | Active
export type Assistance = Living | Closed

/** What the user agrees to. Whatever is named here voids the message that was sent when it changes. */
export interface Terms {
  readonly kind: Kind
  readonly assistance: string
  readonly agent: string
  readonly user: string
  readonly reason: ReasonCode
  readonly line: string | null
  readonly ecosystem: string
  readonly surfaces: readonly string[]
  readonly powers: Power
  readonly lengthMinutes: number
}

/** What somebody who is asked for a yes reads of the terms. */
export const shownOf = ({
  ecosystemId,
  surfaces = [],
  powers,
}: Pick<Consenting, 'ecosystemId' | 'surfaces' | 'powers'>) => ({ ecosystem: ecosystemId, surfaces, powers })

/** The canonical text of the terms: what is digested and kept. */
export const termsText = (terms: Terms): string =>
  JSON.stringify([
    terms.kind === 'technical' ? 'amparo/terms/1' : 'amparo/terms/succession/1',
    terms.assistance,
    terms.agent,
    terms.user,
    terms.reason,
    terms.line,
    terms.ecosystem,
    terms.surfaces,
    terms.powers,
    terms.lengthMinutes,
  ])

/** What the user agrees to, canonically. */
export const termsOf = (assistance: Consenting | Active): string =>
  termsText({
    kind: assistance.kind,
    assistance: assistance.id,
    agent: assistance.agentId,
    user: assistance.userId,
    reason: assistance.reason.code,
    line: assistance.reason.line ?? null,
    ecosystem: assistance.ecosystemId,
    surfaces: assistance.surfaces ?? [],
    powers: assistance.powers,
    lengthMinutes: assistance.lengthMinutes,
  })

export function agentProved(assistance: AgentVerification, method: AgentMethod, found: Found | undefined): UserLookup {
  return lookedUp({ ...assistance, state: 'user_lookup', agentMethod: method }, assistance.emailAsked, found)
}

/** A look-up: the first after the agent's proof, or one more with a corrected e-mail. A single ecosystem is chosen. */
export function lookedUp(assistance: UserLookup, email: string, found: Found | undefined): UserLookup {
  const { found: _old, ecosystemId: _former, ...facts } = assistance
  const only = found?.ecosystems.length === 1 ? found.ecosystems[0] : undefined
  return {
    ...facts,
    emailAsked: email,
    lookups: assistance.lookups + 1,
    ...(found ? { found } : {}),
    ...(only ? { ecosystemId: only.id as EcosystemId } : {}),
  }
}

/** The last look-up found nobody either. */
export function notFound({ ecosystemId: _none, ...assistance }: UserLookup, at: Date): Closed {
  return { ...assistance, state: 'closed', because: 'user_not_found', closedAt: at, closedIn: 'user_lookup' }
}

export const ecosystemChosen = <S extends UserLookup | Consenting>(assistance: S, ecosystemId: EcosystemId): S => ({
  ...assistance,
  ecosystemId,
})

export interface Asked {
  readonly surfaces: readonly string[]
  readonly powers: Power
  readonly lengthMinutes: number
}
export function consentAsked(
  assistance: UserLookup | Consenting,
  found: Found,
  userId: UserId,
  ecosystemId: EcosystemId,
  asked: Asked,
): Consenting {
  return { ...assistance, state: 'consent', found, userId, ecosystemId, ...asked }
}

export function consented(assistance: Consenting, at: Date): Active {
  return {
    ...assistance,
    state: 'active',
    userSeenAt: at,
    consentedAt: at,
    maxUntil: new Date(at.getTime() + assistance.lengthMinutes * 60_000),
  }
}

/** Two people let it begin without the user. The user's clock does not run: they are not there. */
export const glassBroken = (assistance: Consenting, at: Date, approval: string): Active => ({
  ...consented(assistance, at),
  userSeenAt: assistance.userSeenAt,
  brokenBy: approval,
})

/** Last path segments of the calls that are allowed now: what the screen may offer. */
export function nextSteps(assistance: Assistance, now: Date): readonly string[] {
  switch (assistance.state) {
    case 'agent_verification':
      return ['agent-challenge', 'agent-code', 'agent-proof', 'notes', 'closure']
    case 'user_lookup': {
      const helpable = assistance.found?.user.assistable === true
      return [
        ...(assistance.lookups < lookupsInAll ? ['user'] : []),
        ...(helpable ? ['ecosystem'] : []),
        ...(helpable && assistance.ecosystemId ? ['consent-code'] : []),
        'notes',
        'closure',
      ]
    }
    case 'consent':
      return ['ecosystem', 'consent-code', 'consent', 'notes', 'closure']
    case 'active':
      return assistance.brokenBy === undefined
        ? [...withinKind[assistance.kind], 'presence-code', 'presence', 'hand-over', 'notes', 'closure']
        : ['launches', 'notes', 'closure']
    case 'closed':
      if (!isFresh(assistance, now)) return []
      return mayStillExplain(assistance) ? ['notes', 'closure-reason'] : ['notes']
  }
}

/** What help itself consists of: each kind has its own, and never the other's. */
const withinKind: Readonly<Record<Kind, readonly string[]>> = {
  technical: ['launches', 'powers'],
  succession: ['succession', 'release-code', 'release', 'acts'],
}

/** For a day after the end its agent may still say why, and add a note. */
const isFresh = ({ closedAt }: Closed, now: Date): boolean => now.getTime() < closedAt.getTime() + 24 * 3_600_000
const mayStillExplain = ({ because, closureReason }: Closed): boolean =>
  because === 'cancelled' && closureReason === undefined

/** Who hears of an ending, by the state in which it came: nobody before the user's message went out. */
export function told(closedIn: State): readonly ('email' | 'sms')[] {
  if (closedIn === 'active') return ['email', 'sms']
  return closedIn === 'consent' ? ['email'] : []
}

/** `+34600123487` as the agent may see it: the last four digits. */
export const maskPhone = (phone: string): string => `••• ${phone.replace(/\D/g, '').slice(-4)}`

/** `marta@clinica-sol.test` as others may see it: first letter and the domain's ends. */
export function maskEmail(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return `${[...local][0] ?? ''}•••@${[...domain][0] ?? ''}•••${domain.slice(domain.lastIndexOf('.'))}`
}
