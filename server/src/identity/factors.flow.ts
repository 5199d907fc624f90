/** An agent's own factors: added and removed by whoever shows again that it is them, and told to them by mail. */
import type { FreshProof, PasskeyMade, TotpBegun } from '@amparo/contract/factors'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { tokenDigest } from '../secrets.ts'
import {
  begin,
  hasRoom,
  keepPasskey as keepPasskeyRow,
  keepTotp as keepTotpRow,
  newPasskeyId,
  passkeysOf,
  removePasskey as removePasskeyRow,
  removeTotp as removeTotpRow,
  renamePasskey as renamePasskeyRow,
  sealedFor,
  spend,
  unseenDigest,
  waitingSecret,
} from './factors.store.ts'
import { hasNone } from './first-factor.flow.ts'
import { mayAddFirst } from './first-factor.store.ts'
import { type FreshRefusal, showsAgain } from './fresh.ts'
import type { Outside } from './outside.ts'
import { asked, challengeMs, clientDataOf, made, newChallenge, toMake } from './passkey.ts'
import { tell } from './told.ts'
import { enrolmentOf, newTotpSecret, stepOf } from './totp.ts'

/**
 * Whoever has a passkey or an app changes their factors by one of them: a password makes a session, and would else make
 * what proves its agent too.
 */
async function showsToChange(
  outside: Outside,
  caller: Caller,
  fresh: FreshProof,
): Promise<Outcome<object, FreshRefusal | 'fresh.factor'>> {
  if (!isFactor(fresh) && !(await hasNone(outside, caller))) return refuse('fresh.factor')
  return showsAgain(outside, caller, fresh)
}

/** The same before one is added. The first takes the agent's mailbox too (`first-factor.flow.ts`). */
async function showsToAdd(
  outside: Outside,
  caller: Caller,
  fresh: FreshProof,
): Promise<Outcome<object, FreshRefusal | 'fresh.factor' | 'fresh.mailbox'>> {
  const shown = await showsToChange(outside, caller, fresh)
  if (!shown.ok || isFactor(fresh)) return shown
  return (await mayAddFirst(outside.db, caller)) ? shown : refuse('fresh.mailbox')
}

const isFactor = ({ method }: FreshProof): boolean => method === 'passkey' || method === 'totp'

/** Options to show with a passkey, outside of an assistance, that it is still them. */
export async function freshChallenge(outside: Outside, caller: Caller) {
  const passkeys = await passkeysOf(outside.db, caller.agentId)
  if (passkeys.length === 0) return refuse('passkey.not_enrolled')
  const { challenge, digest } = newChallenge()
  await begin(outside.db, caller, 'fresh', { digest, ms: challengeMs })
  return accept(await asked(outside.rp, challenge, passkeys))
}

// ── Passkeys ────────────────────────────────────────────────────────────────────────────────────────────────────────

export async function beginPasskey(outside: Outside, caller: Caller, fresh: FreshProof) {
  const had = await passkeysOf(outside.db, caller.agentId)
  if (!hasRoom(had)) return refuse('passkey.too_many')
  const shown = await showsToAdd(outside, caller, fresh)
  if (!shown.ok) return shown
  const { challenge, digest } = newChallenge()
  await begin(outside.db, caller, 'passkey', { digest, ms: challengeMs })
  return accept(await toMake(outside.rp, challenge, { ...caller, id: caller.agentId }, had))
}

/** Keeps what the browser made, where it answers the challenge of this session, once and in time. */
export async function keepPasskey(
  outside: Outside,
  caller: Caller,
  given: { readonly name: string; readonly response: PasskeyMade },
  from: string,
): Promise<Outcome<object, 'passkey.expired' | 'passkey.wrong'>> {
  const { db, rp } = outside
  const challenge = clientDataOf(given.response)?.challenge
  if (challenge === undefined) return refuse('passkey.wrong')
  if (!(await spend(db, caller, 'passkey', tokenDigest(challenge)))) return refuse('passkey.expired')
  const passkey = await made(rp, challenge, given.response)
  if (!passkey) return refuse('passkey.wrong')
  const id = newPasskeyId()
  const event = {
    type: 'agent.factor_added',
    actor: actorOf(caller),
    data: { factor: 'passkey', passkey: id, device: passkey.device, backedUp: passkey.backedUp },
    words: { name: given.name },
  } as const
  if (!(await keepPasskeyRow(db, id, caller.agentId, given.name, passkey, event))) return refuse('passkey.wrong')
  await tell(outside, caller.agentId, { news: 'passkey_added', name: given.name }, from)
  return accept({})
}

export async function renamePasskey({ db }: Outside, caller: Caller, id: string, name: string) {
  const event = {
    type: 'agent.factor_renamed',
    actor: actorOf(caller),
    data: { passkey: id },
    words: { name },
  } as const
  return (await renamePasskeyRow(db, caller.agentId, id, name, event)) ? accept({}) : refuse('passkey.unknown')
}

export async function removePasskey(
  outside: Outside,
  caller: Caller,
  id: string,
  fresh: FreshProof,
  from: string,
): Promise<Outcome<object, FreshRefusal | 'fresh.factor' | 'passkey.unknown'>> {
  const shown = await showsToChange(outside, caller, fresh)
  if (!shown.ok) return shown
  const data = { factor: 'passkey', passkey: id }
  const event = { type: 'agent.factor_removed', actor: actorOf(caller), data } as const
  const name = await removePasskeyRow(outside.db, caller.agentId, id, event)
  if (name === undefined) return refuse('passkey.unknown')
  await tell(outside, caller.agentId, { news: 'passkey_removed', name }, from)
  return accept({})
}

// ── The authenticator app ───────────────────────────────────────────────────────────────────────────────────────────

const confirmMs = 10 * 60_000

/** A new secret. It counts once a code of it was typed; until then what was there before goes on. */
export async function beginTotp(
  outside: Outside,
  caller: Caller,
  fresh: FreshProof,
): Promise<Outcome<TotpBegun, FreshRefusal | 'fresh.factor' | 'fresh.mailbox'>> {
  const { db, secrets, vendor } = outside
  const shown = await showsToAdd(outside, caller, fresh)
  if (!shown.ok) return shown
  const secret = newTotpSecret()
  const sealed = secrets.seal(secret, sealedFor(caller.agentId))
  const expiresAt = await begin(db, caller, 'totp', { digest: unseenDigest(), sealed, ms: confirmMs })
  return accept({ ...enrolmentOf(secret, caller.email, vendor.name), expiresAt: expiresAt.toISOString() })
}

export async function keepTotp(
  outside: Outside,
  caller: Caller,
  code: string,
  from: string,
): Promise<Outcome<object, 'totp.not_begun' | 'totp.elsewhere' | 'code.wrong'>> {
  const { db, secrets } = outside
  const begun = await waitingSecret(db, caller)
  if (!begun) return refuse('totp.not_begun')
  if (!secrets.hasKeyOf(begun.sealed)) return refuse('totp.elsewhere')
  const step = stepOf(secrets.unseal(begun.sealed, sealedFor(caller.agentId)), code, begun.seconds)
  if (step === undefined) return refuse('code.wrong')
  if (!(await spend(db, caller, 'totp', begun.digest))) return refuse('totp.not_begun')
  const event = { type: 'agent.factor_added', actor: actorOf(caller), data: { factor: 'totp' } } as const
  await keepTotpRow(db, caller.agentId, begun.sealed, step, event)
  await tell(outside, caller.agentId, { news: 'totp_added' }, from)
  return accept({})
}

export async function removeTotp(
  outside: Outside,
  caller: Caller,
  fresh: FreshProof,
  from: string,
): Promise<Outcome<object, FreshRefusal | 'fresh.factor' | 'totp.not_enrolled'>> {
  const shown = await showsToChange(outside, caller, fresh)
  if (!shown.ok) return shown
  const event = { type: 'agent.factor_removed', actor: actorOf(caller), data: { factor: 'totp' } } as const
  if (!(await removeTotpRow(outside.db, caller.agentId, event))) return refuse('totp.not_enrolled')
  await tell(outside, caller.agentId, { news: 'totp_removed' }, from)
  return accept({})
}
