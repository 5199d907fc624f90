/** Signing in and out, with a password of ours: paid for before it is looked at, and told to the agent when it failed. */
import type { SignedIn } from '@amparo/contract/people'
import { raise } from '../desk/alarm.ts'
import { settleAgent } from '../desk/endings.ts'
import { noteLoose } from '../desk/note.ts'
import { actorFrom, actorOf, type Caller, type From } from '../door.ts'
import { type Buckets, buckets } from '../http/limits.ts'
import { accept, type Outcome, refuse, tooManyNow } from '../outcome.ts'
import { newToken } from '../secrets.ts'
import { spelt, system, within } from '../words.ts'
import { accountBy, endSession, endSessionsOf, type NewSession, openSession, setPassword } from './identity.store.ts'
import { acceptInvite as accepted, inviteBy } from './invite.store.ts'
import { meOf } from './me.ts'
import type { Outside } from './outside.ts'
import { hashed, isTooWeak, matches } from './password.ts'
import { tell } from './told.ts'
import { failedSignIn, forgive, isKnownBrowser, isStrangeBrowser, payForTry } from './tries.store.ts'

/** What a sign-in gives: the answer, the session's token, and the browser's mark. */
export interface Signed {
  readonly answer: SignedIn
  readonly token: string
  readonly device: string
}

/** What one address may guess wrong: as often as a floor that comes to work in the morning, and no more than a person goes on. */
export const guesses = (now?: () => number): Buckets => buckets(30, 1 / 10, now)

/** What wrong tries for this e-mail are counted under; a browser that is known has its own count. */
const purseOf = ({ secrets }: Outside, email: string, known: string | undefined): Buffer =>
  secrets.digest('email', `agent/${spelt(email)}${known === undefined ? '' : `/${known}`}`)

/** The browser's mark, where this agent was in it before. */
const knownIn = async ({ db }: Outside, email: string, device: string | undefined): Promise<string | undefined> =>
  device !== undefined && (await isKnownBrowser(db, email, device)) ? device : undefined

type SignInRefusal = 'agent.wrong_sign_in' | 'agent.locked' | 'agent.elsewhere' | 'rate.limited'

/**
 * Known and unknown e-mails get the same answer in the same time; ten failures lock one for 15 minutes. A stranger's wrong tries
 * are counted by their address too, before anything is hashed or written: right ones are not, nor those in a known browser.
 */
export async function signIn(
  outside: Outside,
  given: { readonly email: string; readonly password: string },
  from: From,
): Promise<Outcome<Signed, SignInRefusal>> {
  if (outside.issuer) return refuse('agent.elsewhere')
  const known = await knownIn(outside, given.email, from.device)
  if (known !== undefined) return judged(outside, given, from, known)
  const guess = outside.guesses.take(from.near)
  if (!guess.ok) return tooManyNow(guess.waitMs)
  const signed = await judged(outside, given, from, undefined)
  if (signed.ok || signed.refusal !== 'agent.wrong_sign_in') outside.guesses.giveBack(from.near)
  return signed
}

async function judged(
  outside: Outside,
  given: { readonly email: string; readonly password: string },
  from: From,
  known: string | undefined,
): Promise<Outcome<Signed, SignInRefusal>> {
  const { db } = outside
  const purse = purseOf(outside, given.email, known)
  const paid = await payForTry(db, purse)
  if (!paid.look) return refuse('agent.locked', { until: paid.until.toISOString() })
  const account = await accountBy(db, given.email)
  const right = await matches(account?.passwordHash, given.password)
  if (right === undefined) return tooManyNow()
  if (!account || !right) {
    await wrong(outside, account?.id, given.email, from, paid.last)
    return refuse('agent.wrong_sign_in')
  }
  await forgive(db, purse)
  const opened = await openSession(db, account.id, 'cookie', signedInAs(account.id, 'password', from), from.place)
  return accept(await signed(outside, opened, from))
}

const signedInAs = (agentId: string, by: 'password' | 'invite', from: From) => (session: string) =>
  ({ type: 'agent.signed_in', actor: actorFrom(agentId, from), data: { session, by } }) as const

/** A wrong try stands in the record; a known account's agent hears of it at their next sign-in, or by mail. */
async function wrong(outside: Outside, agentId: string | undefined, email: string, from: From, last: boolean) {
  const { db } = outside
  const words = { email, from: from.words }
  if (agentId === undefined) {
    await noteLoose(db, { type: 'agent.sign_in_failed', actor: within(system('sign-in'), from.request), words })
    return
  }
  const actor = actorFrom(agentId, from)
  const told = await failedSignIn(db, agentId, from.words, { type: 'agent.sign_in_failed', actor, words })
  if (last) await noteLoose(db, { type: 'agent.locked_out', actor })
  if (told?.tell) await tell(outside, agentId, { news: 'failed_sign_ins', count: told.failed_sign_ins }, from.words)
}

/** The answer of a sign-in. A browser in which this agent never was is told to them, and to whoever supervises. */
export async function signed(outside: Outside, opened: NewSession, from: From): Promise<Signed> {
  const { db } = outside
  const device = from.device ?? newToken()
  const told = await db.transaction((tx) => browserTold({ ...outside, db: tx }, opened.caller, device, from))
  if (told) outside.wake()
  return { answer: { ...(await meOf(db, opened.caller)), fresh: opened.fresh }, token: opened.token, device }
}

/** One mail to supervisors for all the browsers of an hour: whoever has the password must not drown what else they are told. */
const alertHours = 1

/** All of it or nothing: a browser that counts as known was told of. */
async function browserTold(
  outside: Outside,
  { agentId, sessionId }: Caller,
  device: string,
  from: From,
): Promise<boolean> {
  const { db } = outside
  if (!(await isStrangeBrowser(db, agentId, device))) return false
  await noteLoose(db, {
    type: 'agent.new_browser',
    actor: actorFrom(agentId, from),
    data: { session: sessionId },
    words: { from: from.words },
  })
  await raise(db, { kind: 'new_browser', about: agentId, agentId, hours: alertHours })
  await tell(outside, agentId, { news: 'new_browser' }, from.words)
  return true
}

/** Ends a session; what it had under way is recorded at once. */
export async function leave(outside: Outside, caller: Caller): Promise<void> {
  const { db } = outside
  const actor = actorOf(caller)
  await endSession(db, caller.sessionId, { type: 'agent.signed_out', actor, data: { session: caller.sessionId } })
  await settleAgent(db, caller.agentId)
  outside.wake()
}

// ── The one-time link ───────────────────────────────────────────────────────────────────────────────────────────────

/** Whom a link is for. Looking uses nothing up. */
export async function lookAtInvite(outside: Outside, token: string) {
  const invite = outside.issuer ? undefined : await inviteBy(outside.db, token)
  if (!invite) return refuse('invite.unknown')
  return accept({ name: invite.name, email: invite.email, expiresAt: invite.expiresAt.toISOString() })
}

/** Uses a link: it sets the password, ends whatever was signed in before, and signs in. */
export async function acceptInvite(
  outside: Outside,
  given: { readonly token: string; readonly password: string },
  from: From,
): Promise<Outcome<Signed, 'invite.unknown' | 'password.too_weak'>> {
  const { db } = outside
  const invite = outside.issuer ? undefined : await inviteBy(db, given.token)
  if (!invite) return refuse('invite.unknown')
  if (isTooWeak(given.password, [invite.name, invite.email, outside.vendor.name])) return refuse('password.too_weak')
  const actor = actorFrom(invite.agentId, from)
  const joined = await accepted(db, given.token, await hashed(given.password), { type: 'agent.joined', actor })
  if (!joined) return refuse('invite.unknown')
  const opened = await openSession(db, invite.agentId, 'cookie', signedInAs(invite.agentId, 'invite', from), from.place)
  return accept(await signed(outside, opened, from))
}

// ── One's own password ──────────────────────────────────────────────────────────────────────────────────────────────

/** Changes the own password, shown by the old one; whoever else was signed in as this agent is signed out. */
export async function changePassword(
  outside: Outside,
  caller: Caller,
  given: { readonly password: string; readonly next: string },
  from: From,
): Promise<Outcome<object, 'agent.locked' | 'agent.elsewhere' | 'rate.limited' | 'fresh.wrong' | 'password.too_weak'>> {
  const { db, secrets } = outside
  const account = await accountBy(db, caller.email)
  if (outside.issuer || !account?.passwordHash) return refuse('agent.elsewhere')
  if (isTooWeak(given.next, [caller.name, caller.email, outside.vendor.name])) return refuse('password.too_weak')
  const purse = secrets.digest('email', `fresh/${caller.agentId}`)
  const paid = await payForTry(db, purse)
  if (!paid.look) return refuse('agent.locked', { until: paid.until.toISOString() })
  const right = await matches(account.passwordHash, given.password)
  if (right === undefined) return tooManyNow()
  if (!right) return refuse('fresh.wrong')
  await forgive(db, purse)
  const event = { type: 'agent.password_changed', actor: actorOf(caller) } as const
  await setPassword(db, caller.agentId, await hashed(given.next), event)
  await endSessionsOf(db, caller.agentId, caller.sessionId, { ...event, type: 'agent.signed_out' })
  await tell(outside, caller.agentId, { news: 'password_changed' }, from.words)
  return accept({})
}
