/**
 * Opening a product as the user, from the button to the surface's own sign-in: mint a ticket, take it in the agent's
 * browser, redeem it when the surface comes back. And closing one product while the others stay.
 */
import type { Launched } from '@amparo/contract/assistance'
import { hold, read, refused } from '../assistance/assistance.store.ts'
import { type Active, termsOf } from '../assistance/assistance.ts'
import { isGenuine } from '../codes/consent.ts'
import { CoreSilent } from '../core/core.ts'
import { isCut } from '../cutoff/cutoff.store.ts'
import type { Database } from '../database/database.ts'
import { settleOne } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { approvalOf } from '../oversight/approvals.flow.ts'
import {
  isTooWeak,
  type LookUp,
  type Membership,
  offered,
  opensIn,
  type Policy,
  type Situation,
  type Surface,
  whyTwo,
} from '../policy/policy.ts'
import { newId, newToken, type Secrets, same, tokenDigest } from '../secrets.ts'
import { type AssistanceId, system } from '../words.ts'
import {
  closeAlone,
  consentOf,
  type Launch,
  launchByHint,
  launchByTicket,
  redeemLaunch,
  take,
} from './surfaces.store.ts'

/** What surfaces need of the world. `main.ts` builds the real one. */
export interface Outside {
  readonly db: Database
  readonly secrets: Secrets
  /** The Core, read anew at each launch. A silent one throws CoreSilent. */
  readonly core: { person(userId: string): Promise<LookUp> }
  readonly surfaces: readonly Surface[]
  readonly policy: Policy
  readonly issuerOrigin: string
}

const ticketMs = 60_000

// ── 1. The button ───────────────────────────────────────────────────────────────────────────────────────────────────

type LaunchRefusal =
  | 'access.switched_off'
  | 'assistance.unknown'
  | 'assistance.out_of_order'
  | 'core.unavailable'
  | 'surface.not_here'
  | 'surface.not_offered'
  | 'surface.not_ready'
  | 'proof.too_weak'
  | 'approval.needed'

/** Mints one ticket for one surface. Everything that allows it is judged now, not when the user agreed. */
export async function launch(outside: Outside, caller: Caller, id: AssistanceId, surfaceId: string) {
  const { db } = outside
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const person = found.assistance.state === 'active' ? await personNow(outside, found.assistance.userId) : undefined

  return hold<Launched, LaunchRefusal>(db, id, actorOf(caller), 'launches', async (assistance, desk) => {
    if (assistance.kind !== 'technical') return refuse('surface.not_here')
    if (assistance.state !== 'active') return refuse('assistance.out_of_order')
    if (person === undefined) return refuse('core.unavailable')
    if (!(await agreedTo(outside, caller, assistance, surfaceId))) return refuse('surface.not_offered')
    const membership = membershipNow(assistance, person)
    const surface = membership && offered(outside.surfaces, membership).find((one) => one.id === surfaceId)
    if (!surface) return refuse('surface.not_offered')
    if (await isCut(db, { surface: surface.id })) return refuse('access.switched_off')
    const wanted = { surfaces: [surface.id], powers: assistance.powers }
    if (isTooWeak(outside.policy, assistance.agentMethod, membership, wanted)) return refuse('proof.too_weak')
    if (!(await agreedByTwo(outside, assistance, { membership, ...wanted, now: desk.now })))
      return refuse('approval.needed')
    if (!surface.client || opensIn(surface) === 'phone') return refuse('surface.not_ready')

    const launchId = newId('la')
    const ticket = newToken()
    desk.launch({ id: launchId, surface: surface.id, ticketDigest: tokenDigest(ticket) })
    desk.happened({
      type: 'launch.minted',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { launch: launchId, surface: surface.id },
    })
    return accept({
      launchId,
      url: `${outside.issuerOrigin}/launch`,
      ticket,
      expiresAt: new Date(desk.now.getTime() + ticketMs).toISOString(),
    })
  })
}

/** The person as the Core has them now; undefined where it does not answer. */
async function personNow(outside: Outside, userId: string): Promise<LookUp | undefined> {
  try {
    return await outside.core.person(userId)
  } catch (error) {
    if (error instanceof CoreSilent) return undefined
    throw error
  }
}

/** What the user is in the chosen ecosystem, as the Core has it now; undefined where they may not be helped any more. */
function membershipNow(assistance: Active, now: LookUp): Membership | undefined {
  if (now.found !== 'one' || now.person.id !== assistance.userId || !now.person.active || now.person.staff)
    return undefined
  return now.memberships.find((one) => one.ecosystemId === assistance.ecosystemId)
}

/**
 * Whether the user agreed to this surface: the sealed terms are those of this very row, so neither a consent made by
 * hand nor a row widened after a real one opens anything. What is not genuine is recorded as that.
 */
async function agreedTo({ db, secrets }: Outside, caller: Caller, assistance: Active, surfaceId: string) {
  const consent = await consentOf(db, assistance.id)
  const genuine =
    consent !== undefined &&
    consent.terms === termsOf(assistance) &&
    same(tokenDigest(consent.terms), consent.terms_digest) &&
    isGenuine(
      secrets,
      {
        assistanceId: assistance.id,
        termsDigest: consent.terms_digest,
        provedBy: consent.proved_by,
        codeId: consent.code_id,
      },
      consent.mac,
    )
  if (!genuine) {
    await note(db, assistance.id, {
      type: 'launch.refused',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { surface: surfaceId, why: 'consent_not_genuine' },
    })
  }
  return genuine && (assistance.surfaces ?? []).includes(surfaceId)
}

/** One launch on a phone, for the agent whose it is. */
export async function phoneLaunch({ db }: { db: Database }, caller: Caller, id: AssistanceId) {
  const found = await read(db, id)
  return refuse(found?.assistance.agentId === caller.agentId ? 'launch.unknown' : 'assistance.unknown')
}

/** Where policy gives this to two, whoever agreed to exactly these terms has to be there still: judged at each launch. */
async function agreedByTwo(outside: Outside, assistance: Active, opening: Situation): Promise<boolean> {
  if (whyTwo(outside.policy, opening).length === 0) return true
  const about = tokenDigest(termsOf(assistance))
  return (await approvalOf(outside.db, assistance.id, 'consent', about)) !== undefined
}

// ── 2. The ticket arrives at the issuer, in the agent's browser ─────────────────────────────────────────────────────

type TicketRefusal = 'launch.unknown' | 'launch.spent' | 'launch.expired' | 'assistance.closed'

/** A launch bound to one browser: `browser` goes into its cookie, `hint` to the surface. Each is worth nothing alone. */
export interface Taken {
  readonly launchId: string
  readonly surface: string
  readonly hint: string
  readonly browser: string
}

/** Takes the ticket, once. */
export async function takeTicket({ db }: { db: Database }, ticket: string): Promise<Outcome<Taken, TicketRefusal>> {
  const launch = await launchByTicket(db, tokenDigest(ticket))
  if (!launch) return refuse('launch.unknown')
  const hint = newToken()
  const browser = newToken()
  const took = await take(
    db,
    launch,
    { browserDigest: tokenDigest(browser), hintDigest: tokenDigest(hint) },
    {
      type: 'launch.taken',
      actor: { kind: 'agent', id: launch.agentId },
      data: { launch: launch.id, surface: launch.surface },
    },
  )
  if (took) return accept({ launchId: launch.id, surface: launch.surface, hint, browser })

  const now = (await launchByTicket(db, tokenDigest(ticket))) ?? launch
  const word = !now.alive ? 'assistance.closed' : now.taken || now.void ? 'launch.spent' : 'launch.expired'
  return refuseLaunch(db, now, word, word)
}

// ── 3. The surface comes back, in that same browser ─────────────────────────────────────────────────────────────────

/** `browser` reads the cookie of one launch from the request. */
export interface Coming {
  readonly hintDigest: Uint8Array
  readonly browser: (launchId: string) => string | undefined
  readonly surface: string
}
export interface Opened {
  readonly launchId: string
  /** Names the session and its grant. It is no secret and opens nothing. */
  readonly sessionId: string
}

/** Redeems a launch, once: hint, browser and surface must all be those of the ticket. */
export async function redeem(
  { db }: { db: Database },
  coming: Coming,
): Promise<Outcome<Opened, TicketRefusal | 'launch.elsewhere'>> {
  const launch = await launchByHint(db, coming.hintDigest)
  if (!launch) return refuse('launch.unknown')
  if (launch.surface !== coming.surface) return refuseLaunch(db, launch, 'launch.unknown', 'other_surface')
  const browser = coming.browser(launch.id)
  const browserDigest = browser === undefined ? undefined : tokenDigest(browser)
  if (!browserDigest || !launch.browserDigest || !same(browserDigest, launch.browserDigest)) {
    return refuseLaunch(db, launch, 'launch.elsewhere', 'elsewhere')
  }
  const sessionId = newId('ss')
  const opened = await redeemLaunch(
    db,
    launch,
    {
      surface: coming.surface,
      hintDigest: coming.hintDigest,
      browserDigest,
      sessionId,
      sid: newToken(),
      grantDigest: tokenDigest(sessionId),
    },
    {
      type: 'surface.opened',
      actor: { kind: 'agent', id: launch.agentId },
      data: { launch: launch.id, surface: launch.surface, session: sessionId },
    },
  )
  if (opened) return accept({ launchId: launch.id, sessionId })

  const now = (await launchByHint(db, coming.hintDigest)) ?? launch
  const word = !now.alive ? 'assistance.closed' : now.redeemed || now.void ? 'launch.spent' : 'launch.expired'
  return refuseLaunch(db, now, word, word)
}

/** Records why a launch opened nothing, so that the agent can be told, and refuses it. A lapse is recorded before. */
async function refuseLaunch<R extends string>(db: Database, launch: Launch, word: R, why: string) {
  if (!launch.alive) await settleOne(db, launch.assistanceId)
  await note(db, launch.assistanceId, {
    type: 'launch.refused',
    actor: system('issuer'),
    data: { launch: launch.id, surface: launch.surface, why },
  })
  return refuse(word)
}

// ── 4. Closing one surface ──────────────────────────────────────────────────────────────────────────────────────────

/** The agent closes one product; the others stay. */
export async function closeSurface({ db }: { db: Database }, caller: Caller, id: AssistanceId, surface: string) {
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  if (found.assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, id)
    return refuse('assistance.closed', { because: found.assistance.because })
  }
  const event = { type: 'surface.closed', actor: actorOf(caller), data: { surface } } as const
  const closed = await closeAlone(db, id, surface, event)
  if (closed === 'nothing') {
    await note(db, id, refused(actorOf(caller), 'surfaces/closure', 'surface.not_open'))
    return refuse('surface.not_open')
  }
  if (closed === 'voided') await note(db, id, event)
  return accept({})
}
