/**
 * The agent's fresh proof, by whichever of their factors: a passkey, an authenticator app, or the code of a message. It
 * is asked for in every assistance anew, so a console that somebody else sits at proves nobody.
 */
import type { AgentProofInput, LookedUp } from '@amparo/contract/assistance'
import type { PasskeyAnswer, PasskeyAsked } from '@amparo/contract/factors'
import type { Refusal } from '@amparo/contract/refusals'
import { guessApp, keepChallenge, spendChallenge } from '../desk/authenticator.ts'
import { settleOne } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { appIsElsewhere, passkeyBy, passkeysOf, passkeyUsed, sealedFor } from '../identity/factors.store.ts'
import { asked, clientDataOf, judged, newChallenge } from '../identity/passkey.ts'
import { stepOf } from '../identity/totp.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { tokenDigest } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import { keptLookUp, type LookUpRefusal, lookUpOnce, proveAgent } from './assistance.flow.ts'
import { read, refused } from './assistance.store.ts'
import { type AgentVerification, agentProved } from './assistance.ts'
import { type Outside, pairDigests } from './outside.ts'
import { steps } from './step.ts'

type Here = 'assistance.unknown' | 'assistance.closed' | 'assistance.out_of_order'

/** The assistance of this agent, while it waits for their proof. */
async function waitingFor(
  { db }: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
): Promise<Outcome<AgentVerification, Here>> {
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance } = found
  if (assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, id)
    return refuse('assistance.closed', { because: assistance.because })
  }
  if (assistance.state === 'agent_verification') return accept(assistance)
  await note(db, id, refused(actorOf(caller), step, 'assistance.out_of_order'))
  return refuse('assistance.out_of_order')
}

/** Passkey options for this assistance alone. Another press makes another challenge, and the one before is void. */
export async function challengeAgent(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
): Promise<Outcome<PasskeyAsked, Here | 'passkey.not_enrolled'>> {
  const { db, rp } = outside
  const here = await waitingFor(outside, caller, id, 'agent-challenge')
  if (!here.ok) return here
  const passkeys = await passkeysOf(db, caller.agentId)
  if (passkeys.length === 0) return refuse('passkey.not_enrolled')
  const { challenge, digest } = newChallenge()
  const event = { type: 'agent.challenged', actor: actorOf(caller), data: { method: 'passkey' } } as const
  if (!(await keepChallenge(db, id, caller.agentId, digest, event))) return refuse('assistance.out_of_order')
  outside.wake()
  return accept(await asked(rp, challenge, passkeys))
}

/** Proves the agent. Only now is the user read and shown. */
export function prove(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  given: AgentProofInput,
): Promise<Outcome<LookedUp, Refusal>> {
  if (given.method === 'passkey') return proveByPasskey(outside, caller, id, given.response)
  return given.method === 'totp'
    ? proveByApp(outside, caller, id, given.code)
    : proveAgent(outside, caller, id, given.code)
}

async function proveByApp(outside: Outside, caller: Caller, id: AssistanceId, code: string) {
  const { db, secrets } = outside
  const here = await waitingFor(outside, caller, id, 'agent-proof')
  if (!here.ok) return here
  if (await appIsElsewhere(db, secrets, caller.agentId)) {
    await note(db, id, refused(actorOf(caller), 'agent-proof', 'totp.elsewhere'))
    return refuse('totp.elsewhere')
  }
  const tried = await guessApp(db, {
    id,
    agentId: caller.agentId,
    actor: actorOf(caller),
    pair: pairDigests(secrets, here.value.emailAsked),
    stepOf: (sealed, seconds) => stepOf(secrets.unseal(sealed, sealedFor(caller.agentId)), code, seconds),
  })
  outside.wake()
  if (tried.answer === 'right') return proved(outside, caller, id, 'totp', {})
  if (tried.answer === 'wrong') return refuse('code.wrong', { attemptsLeft: tried.attemptsLeft })
  await note(db, id, refused(actorOf(caller), 'agent-proof', `totp.${tried.answer}`))
  return refuse(`totp.${tried.answer}`)
}

async function proveByPasskey(outside: Outside, caller: Caller, id: AssistanceId, answer: PasskeyAnswer) {
  const { db, rp } = outside
  const here = await waitingFor(outside, caller, id, 'agent-proof')
  if (!here.ok) return here
  const no = async <R extends 'passkey.expired' | 'passkey.unknown' | 'passkey.wrong'>(refusal: R, why: string) => {
    const { type, actor, data } = refused(actorOf(caller), 'agent-proof', refusal)
    await note(db, id, { type, actor, data: { ...data, why } })
    return refuse(refusal)
  }
  const said = clientDataOf(answer)
  if (!said) return no('passkey.wrong', 'unreadable')
  if (said.origin !== rp.origin) return no('passkey.wrong', 'other_origin')
  if (!(await spendChallenge(db, id, caller.agentId, tokenDigest(said.challenge)))) {
    return no('passkey.expired', 'challenge')
  }
  const passkey = await passkeyBy(db, caller.agentId, answer.id)
  if (!passkey) return no('passkey.unknown', 'not_theirs')
  const now = await judged(rp, said.challenge, passkey, caller.agentId, answer)
  if (!now) return no('passkey.wrong', 'not_right')
  if (!(await passkeyUsed(db, passkey, now))) return no('passkey.wrong', 'counter')
  return proved(outside, caller, id, 'passkey', { passkey: passkey.id })
}

/** The factor was right: what was sent by message meanwhile opens nothing, and the user is looked up. */
function proved(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  method: 'passkey' | 'totp',
  data: { readonly passkey?: string },
) {
  return steps<LookedUp, 'assistance.out_of_order' | LookUpRefusal>(
    outside,
    caller,
    id,
    'agent-proof',
    async (assistance, desk) => {
      if (assistance.state !== 'agent_verification') return refuse('assistance.out_of_order')
      const looked = await lookUpOnce(outside, caller, desk, assistance, assistance.emailAsked)
      if (!looked.ok) return looked
      desk.void('agent')
      desk.happened({ type: 'agent.proved', actor: actorOf(caller), data: { method, ...data } })
      return keptLookUp(caller, desk, agentProved(assistance, method, looked.value))
    },
  )
}
