/**
 * Opening a product as the user, from the button to the surface's own sign-in: mint a ticket, take it in the agent's
 * browser, redeem it when the surface comes back. And closing one product while the others stay.
 */
import type { Launched } from '@amparo/contract/assistance'
import type { PhoneLaunch } from '@amparo/contract/phone'
import { hold, read, refused, type Work } from '../assistance/assistance.store.ts'
import { type Active, termsOf } from '../assistance/assistance.ts'
import { asksOwner } from '../assistance/owner.flow.ts'
import { lostBy, type Stands, wasSuspended } from '../assistance/standing.ts'
import { isGenuine } from '../codes/consent.ts'
import { handlesOf, shownSeconds } from '../codes/handle.ts'
import { begunUnder } from '../codes/link.ts'
import { CoreSilent } from '../core/core.ts'
import type { Database } from '../database/database.ts'
import { close, settleOne } from '../desk/endings.ts'
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
  whyTwo,
} from '../policy/policy.ts'
import { newId, newToken, same, tokenDigest } from '../secrets.ts'
import { type AssistanceId, system } from '../words.ts'
import type { Live } from './liveness.ts'
import { type PhoneOutside, phoneLaunch } from './phone.flow.ts'
import { mismatches } from './phone.store.ts'
import { mismatchesInAll } from './phone.ts'
import { redeemLaunch } from './redeem.store.ts'
import {
  type Consent,
  closeAlone,
  type Launch,
  launchByHint,
  launchByTicket,
  readToLaunch,
  type ToLaunch,
  take,
} from './surfaces.store.ts'

/** What surfaces need of the world. `main.ts` builds the real one. */
export interface Outside extends PhoneOutside {
  /** The Core, read anew at each launch. A silent one throws CoreSilent. */
  readonly core: { person(userId: string): Promise<LookUp> }
  readonly policy: Policy
  readonly issuerOrigin: string
}

const ticketSeconds = 60

// ── 1. The button ───────────────────────────────────────────────────────────────────────────────────────────────────

type LaunchRefusal =
  | 'access.switched_off'
  | 'assistance.unknown'
  | 'assistance.out_of_order'
  | 'core.unavailable'
  | 'ecosystem.support_off'
  | 'surface.not_here'
  | 'surface.not_offered'
  | 'surface.not_ready'
  | 'surface.no_more'
  | 'proof.too_weak'
  | 'approval.needed'

/** What was minted: a ticket for a tab, or a launch that a phone is to take. */
type Minted = Launched | { readonly launchId: string; readonly onPhone: true }

/** Mints one ticket for one surface, or a code for a phone. Everything that allows it is judged now, not when the user agreed. */
export async function launch(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  surfaceId: string,
): Promise<
  Outcome<Launched | PhoneLaunch, LaunchRefusal | 'assistance.closed' | 'assistance.changed' | 'launch.unknown'>
> {
  const { db } = outside
  const first = await readToLaunch(db, id)
  if (first?.read.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance: asked } = first.read
  const person = asked.state === 'active' ? await personNow(outside, asked.userId) : undefined
  // What the watch would find within seconds ends the help now.
  const lost = asked.state === 'active' && person ? lostBy(standingIn(asked, person), wasSuspended(asked)) : undefined
  let found: ToLaunch | undefined = first

  const mint: Work<Minted, LaunchRefusal> = async (assistance, desk) => {
    const now = found ?? (await readToLaunch(db, id))
    found = undefined
    if (!now) throw new Error(`gone: ${id}`)
    if (assistance.kind !== 'technical') return refuse('surface.not_here')
    if (assistance.state !== 'active') return refuse('assistance.out_of_order')
    if (person === undefined) return refuse('core.unavailable')
    if (!(await agreedTo(outside, caller, assistance, now.consent, surfaceId))) return refuse('surface.not_offered')
    const membership = membershipNow(assistance, person)
    if (membership?.support === 'off') return refuse('ecosystem.support_off')
    if (lost) return refuse('surface.not_offered')
    const surface = membership && offered(outside.surfaces, membership).find((one) => one.id === surfaceId)
    if (!surface) return refuse('surface.not_offered')
    if (now.isCut({ surface: surface.id })) return refuse('access.switched_off')
    const wanted = { surfaces: [surface.id], powers: assistance.powers }
    if (isTooWeak(outside.policy, assistance.agentMethod, membership, wanted)) return refuse('proof.too_weak')
    const no = await mayNotAlone(outside, assistance, { membership, ...wanted, now: desk.now }, membership)
    if (no) return no
    if (!surface.client) return refuse('surface.not_ready')
    const onPhone = opensIn(surface) === 'phone'
    if (onPhone && (await mismatches(db, id, surface.id)) >= mismatchesInAll) return refuse('surface.no_more')

    const launchId = newId('la')
    const ticket = newToken()
    if (onPhone) {
      desk.launch({ id: launchId, surface: surface.id, lastsSeconds: shownSeconds })
      desk.handles(...handlesOf(outside.secrets, launchId))
    } else {
      desk.launch({ id: launchId, surface: surface.id, ticketDigest: tokenDigest(ticket), lastsSeconds: ticketSeconds })
    }
    desk.happened({
      type: 'launch.minted',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { launch: launchId, surface: surface.id },
    })
    if (onPhone) return accept({ launchId, onPhone })
    const expiresAt = new Date(desk.now.getTime() + ticketSeconds * 1000).toISOString()
    return accept({ launchId, url: `${outside.issuerOrigin}/launch`, ticket, expiresAt })
  }
  const minted = await hold(db, id, actorOf(caller), 'launches', mint, { first: first.read })
  if (!minted.ok && lost) await close(db, id, { because: lost, actor: system('core') })
  if (!minted.ok) return minted
  return 'onPhone' in minted.value ? phoneLaunch(outside, caller, id, minted.value.launchId) : accept(minted.value)
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

/** How user and ecosystem stand now. Whoever lost their place alone loses what it opened, and that is the watch's. */
function standingIn({ ecosystemId }: Active, now: LookUp): Stands | undefined {
  if (now.found === 'nobody') return undefined
  const here = now.found === 'one' ? now.memberships.find((one) => one.ecosystemId === ecosystemId) : undefined
  return {
    userActive: now.found !== 'one' || now.person.active,
    ecosystemActive: here?.status !== 'suspended',
    support: here?.support ?? 'allowed',
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
async function agreedTo(
  { db, secrets }: Outside,
  caller: Caller,
  assistance: Active,
  consent: Consent | undefined,
  surfaceId: string,
) {
  const genuine =
    consent !== undefined &&
    consent.terms === termsOf(assistance) &&
    same(tokenDigest(consent.terms), consent.termsDigest) &&
    isGenuine(begunUnder(secrets, assistance), { ...consent, assistanceId: assistance.id }, consent.mac)
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

/**
 * Where this is not for one person alone, whoever agreed to exactly these terms has to be there still: a second person, the
 * two who let an agent look without a consent, and the ecosystem's owner. Judged at each launch.
 */
async function mayNotAlone({ db, policy }: Outside, assistance: Active, opening: Situation, membership: Membership) {
  const about = tokenDigest(termsOf(assistance))
  const agreed = async (purpose: 'consent' | 'break_glass' | 'owner') =>
    (await approvalOf(db, assistance.id, purpose, about)) !== undefined
  if (assistance.brokenBy !== undefined) return (await agreed('break_glass')) ? undefined : refuse('approval.needed')
  if (asksOwner(membership) && !(await agreed('owner'))) return refuse('approval.needed', { why: 'owner' })
  if (whyTwo(policy, opening).length > 0 && !(await agreed('consent'))) return refuse('approval.needed')
  return undefined
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
  /** What lives now. Its `sessionId` names the grant too: it is no secret and opens nothing. */
  readonly live: Live
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
  if (opened) return accept({ launchId: launch.id, live: opened })

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
