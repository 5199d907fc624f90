/** Who is at the desk, how they came, and their own factors. */
import type { Me } from '@amparo/contract/people'
import type { Refusal } from '@amparo/contract/refusals'
import type { Caller, Door, OpenDoor } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import {
  beginPasskey,
  beginTotp,
  freshChallenge,
  keepPasskey,
  keepTotp,
  removePasskey,
  removeTotp,
  renamePasskey,
} from './factors.flow.ts'
import { offerLater } from './factors.store.ts'
import { sendFactorCode, showFactorCode } from './first-factor.flow.ts'
import { meOf } from './me.ts'
import type { Outside } from './outside.ts'
import { meElsewhere, sendPlaceCode, showPlace } from './place.flow.ts'
import { acceptInvite, changePassword, leave, lookAtInvite, type Signed, signIn } from './sign-in.flow.ts'

/** Signing in and out: nobody needs to be signed in for it. */
export function signInRoutes(door: OpenDoor, outside: Outside): void {
  const opened = async <R extends Refusal>(signed: Outcome<Signed, R>, former: Caller | undefined) => {
    if (!signed.ok) return signed
    if (former?.kind === 'cookie') await leave(outside, former)
    const { answer, token, device } = signed.value
    return accept({ answer, session: { token, device } })
  }
  door('signInWays', async () =>
    accept({ answer: { password: !outside.issuer, ...(outside.issuer ? { issuer: { ...outside.issuer } } : {}) } }),
  )
  door('signIn', async ({ caller, body, from }) => opened(await signIn(outside, body, from), caller))
  door('lookAtInvite', async ({ body }) => {
    const seen = await lookAtInvite(outside, body.token)
    return seen.ok ? accept({ answer: seen.value }) : seen
  })
  door('acceptInvite', async ({ caller, body, from }) => opened(await acceptInvite(outside, body, from), caller))
  door('signOut', async ({ caller }) => {
    if (!caller) return refuse('agent.unknown')
    await leave(outside, caller)
    return accept({ answer: {}, session: 'none' as const })
  })
}

/** What a session may where it was not proven: hear that it takes a proof, and show one. */
export function placeRoutes(open: OpenDoor, anywhere: Door, outside: Outside): void {
  open('whoAmI', async ({ caller, elsewhere }) => {
    if (!caller) return refuse('agent.unknown')
    return accept({ answer: elsewhere ? await meElsewhere(outside, caller) : await meOf(outside.db, caller) })
  })
  anywhere('freshChallenge', ({ caller }) => freshChallenge(outside, caller))
  anywhere('sendPlaceCode', ({ caller }) => sendPlaceCode(outside, caller))
  open('showPlace', async ({ caller, elsewhere, body, from }) => {
    if (!caller) return refuse('agent.unknown')
    if (!elsewhere) return accept({ answer: await meOf(outside.db, caller) })
    const shown = await showPlace(outside, caller, body, from)
    return shown.ok ? accept({ answer: await meOf(outside.db, caller), session: shown.value }) : shown
  })
}

/** Oneself, and one's own factors. */
export function identityRoutes(door: Door, outside: Outside): void {
  const { db } = outside
  const seen = async <R extends Refusal>(caller: Caller, outcome: Outcome<unknown, R>): Promise<Outcome<Me, R>> =>
    outcome.ok ? accept(await meOf(db, caller)) : outcome

  door('changePassword', async ({ caller, body, from }) =>
    seen(caller, await changePassword(outside, caller, body, from)),
  )
  door('sendFactorCode', ({ caller, body }) => sendFactorCode(outside, caller, body.fresh))
  door('showFactorCode', ({ caller, body }) => showFactorCode(outside, caller, body.code))
  door('beginPasskey', ({ caller, body }) => beginPasskey(outside, caller, body.fresh))
  door('keepPasskey', async ({ caller, body, from }) =>
    seen(caller, await keepPasskey(outside, caller, body, from.words)),
  )
  door('renamePasskey', async ({ caller, params, body }) =>
    seen(caller, await renamePasskey(outside, caller, params.passkeyId ?? '', body.name)),
  )
  door('removePasskey', async ({ caller, params, body, from }) =>
    seen(caller, await removePasskey(outside, caller, params.passkeyId ?? '', body.fresh, from.words)),
  )
  door('answerPasskeyOffer', async ({ caller }) => {
    await offerLater(db, caller.agentId)
    return seen(caller, accept({}))
  })
  door('beginTotp', ({ caller, body }) => beginTotp(outside, caller, body.fresh))
  door('keepTotp', async ({ caller, body, from }) =>
    seen(caller, await keepTotp(outside, caller, body.code, from.words)),
  )
  door('removeTotp', async ({ caller, body, from }) =>
    seen(caller, await removeTotp(outside, caller, body.fresh, from.words)),
  )
}
