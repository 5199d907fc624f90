/**
 * Showing again that it is you, before one's own factors are changed, or where a session is used from another place: a
 * stolen cookie alone does neither.
 */
import type { FreshProof, PasskeyAnswer, PlaceProof } from '@amparo/contract/factors'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse, tooManyNow } from '../outcome.ts'
import { tokenDigest } from '../secrets.ts'
import { appIsElsewhere, passkeyBy, passkeyUsed, payForTotp, sealedFor, spend, spendTotp } from './factors.store.ts'
import { accountBy, justSignedIn } from './identity.store.ts'
import { payForCode, spendCode } from './mailbox.store.ts'
import { isCodeFor } from './mailbox.ts'
import type { Outside } from './outside.ts'
import { clientDataOf, judged } from './passkey.ts'
import { matches } from './password.ts'
import { stepOf } from './totp.ts'
import { forgive, payForTry } from './tries.store.ts'

export type FreshRefusal = 'fresh.wrong' | 'fresh.expired' | 'agent.locked' | 'rate.limited' | 'totp.elsewhere'

/**
 * Judges a fresh proof. Each look is paid for; ten that were wrong lock them for 15 minutes. What is tried where the session was
 * not proven is counted by itself: a thief of the cookie locks nobody out of the desk at which they sit.
 */
export async function showsAgain(
  outside: Outside,
  caller: Caller,
  proof: FreshProof | PlaceProof,
  where: 'here' | 'elsewhere' = 'here',
): Promise<Outcome<object, FreshRefusal>> {
  const { db, secrets } = outside
  if (proof.method === 'sign_in') {
    return (await justSignedIn(db, caller, proof.fresh)) ? accept({}) : refuse('fresh.expired')
  }
  if (proof.method === 'totp' && (await appIsElsewhere(db, secrets, caller.agentId))) return refuse('totp.elsewhere')
  const purse = secrets.digest('email', `fresh/${caller.agentId}${where === 'here' ? '' : '/elsewhere'}`)
  const paid = await payForTry(db, purse)
  if (!paid.look) return refuse('agent.locked', { until: paid.until.toISOString() })
  const right = await isRight(outside, caller, proof)
  if (right === undefined) return tooManyNow()
  if (right) {
    await forgive(db, purse)
    return accept({})
  }
  await noteLoose(db, { type: 'agent.factor_refused', actor: actorOf(caller), data: { method: proof.method } })
  return refuse('fresh.wrong')
}

async function isRight(
  outside: Outside,
  caller: Caller,
  proof: Exclude<FreshProof, { method: 'sign_in' }> | PlaceProof,
): Promise<boolean | undefined> {
  switch (proof.method) {
    case 'password':
      return matches((await accountBy(outside.db, caller.email))?.passwordHash, proof.password)
    case 'totp':
      return isAppsCode(outside, caller, proof.code)
    case 'code':
      return isMessagesCode(outside, caller, proof.code)
    case 'passkey':
      return isPasskeys(outside, caller, proof.response)
  }
}

async function isAppsCode({ db, secrets }: Outside, caller: Caller, code: string): Promise<boolean> {
  const app = await payForTotp(db, caller.agentId)
  const step = app && stepOf(secrets.unseal(app.sealed, sealedFor(caller.agentId)), code, app.seconds)
  return step !== undefined && (await spendTotp(db, caller.agentId, step))
}

async function isMessagesCode({ db, secrets }: Outside, caller: Caller, code: string): Promise<boolean> {
  const digest = await payForCode(db, caller, 'place')
  if (!digest || !isCodeFor(secrets, 'place', caller, code, digest)) return false
  return spendCode(db, caller, 'place', digest)
}

async function isPasskeys({ db, rp }: Outside, caller: Caller, answer: PasskeyAnswer): Promise<boolean> {
  const challenge = clientDataOf(answer)?.challenge
  if (challenge === undefined || !(await spend(db, caller, 'fresh', tokenDigest(challenge)))) return false
  const passkey = await passkeyBy(db, caller.agentId, answer.id)
  const now = passkey && (await judged(rp, challenge, passkey, caller.agentId, answer))
  return passkey !== undefined && now !== undefined && (await passkeyUsed(db, passkey, now))
}
