/** For tests only: agents with factors of their own, and the outside that accounts need. */
import type { FreshProof } from '@amparo/contract/factors'
import { Secret, TOTP } from 'otpauth'
import type { Outside as AssistanceOutside } from '../assistance/outside.ts'
import type { Caller, From } from '../door.ts'
import { softPasskey } from './authenticator.testing.ts'
import { beginPasskey, beginTotp, keepPasskey, keepTotp } from './factors.flow.ts'
import { keepAgent, openSession } from './identity.store.ts'
import type { Outside } from './outside.ts'
import { guesses } from './sign-in.flow.ts'

export const identityOutside = ({ db, secrets, vendor, rp }: AssistanceOutside): Outside => ({
  db,
  secrets,
  vendor,
  rp,
  guesses: guesses(),
  wake: () => undefined,
})

const right = <T>(outcome: { ok: true; value: T } | { ok: false; refusal: string }): T => {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`)
  return outcome.value
}

/** Where these tests sign in from: a browser that was never there before. */
export const strangerFrom = {
  words: 'Chrome, Linux, 10.0.0.5',
  device: undefined,
  place: [Buffer.alloc(32)],
  near: '10.0.0.5',
} as const satisfies From

/** What every agent of these tests signs in with. */
export const password = 'only for this test, really'

/** Somebody who helps, at this address. */
export const keepSomeone = ({ db }: Outside, email: string): Promise<string> =>
  keepAgent(db, { name: 'Some One', phone: '+34600000001', roles: ['agent:technical'], locale: 'en', password, email })

/** As if the code of their mailbox had been typed in this session: it may add the first factor (`first-factor.test.ts` types one). */
export const mailboxShown = ({ db }: Outside, { sessionId }: Caller) =>
  db.query(`update agent_session set first_factor_until = clock_timestamp() + interval '10 minutes' where id = $1`, [
    sessionId,
  ])

/** What an answer of a sign-in carries, from a new one of this agent, whose mailbox was shown. */
const justNow = async (outside: Outside, caller: Caller) => {
  const opened = await openSession(outside.db, caller.agentId, 'bearer')
  await mailboxShown(outside, opened.caller)
  return { caller: opened.caller, fresh: { method: 'sign_in', fresh: opened.fresh } } as const
}

/** This agent with a passkey. */
export async function withPasskey(outside: Outside, caller: Caller, counting = false) {
  const passkey = softPasskey(outside.rp, counting)
  const now = await justNow(outside, caller)
  const options = right(await beginPasskey(outside, now.caller, now.fresh))
  right(await keepPasskey(outside, now.caller, { name: 'Laptop', response: passkey.make(options) }, 'here'))
  return passkey
}

/** What an app with this secret shows, that many steps of thirty seconds from now. */
export const shownBy = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
    timestamp: Date.now() + steps * 30_000,
  })

/** This agent with an authenticator app, whose first code was typed a minute ago; its secret. `shows`: by a factor that they have. */
export async function withApp(outside: Outside, caller: Caller, shows?: FreshProof): Promise<string> {
  const now = shows ? { caller, fresh: shows } : await justNow(outside, caller)
  const { secret } = right(await beginTotp(outside, now.caller, now.fresh))
  right(await keepTotp(outside, now.caller, shownBy(secret), 'here'))
  await outside.db.query('update totp set last_step = last_step - 2 where agent_id = $1', [caller.agentId])
  return secret
}
