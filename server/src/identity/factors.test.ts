/** Accounts and factors: who may change them, what a stolen session may not, and what their agent is told. */
import type { FreshProof } from '@amparo/contract/factors'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { agentAtDesk, refusalOf, right, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { softPasskey } from './authenticator.testing.ts'
import {
  beginPasskey,
  beginTotp,
  freshChallenge,
  keepPasskey,
  keepTotp,
  removePasskey,
  removeTotp,
} from './factors.flow.ts'
import { accountBy, callerBy, openSession } from './identity.store.ts'
import { invite } from './invite.store.ts'
import { meOf } from './me.ts'
import type { Outside } from './outside.ts'
import { isTooWeak } from './password.ts'
import { acceptInvite, changePassword, guesses, leave, lookAtInvite, signIn } from './sign-in.flow.ts'
import {
  strangerFrom as here,
  identityOutside,
  keepSomeone,
  mailboxShown,
  password,
  shownBy,
  withApp,
  withPasskey,
} from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
let count = 0
let email: string

beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  outside = identityOutside(testOutside(fresh))
  count += 1
  email = `someone${count}@desk.test`
  await keepSomeone(outside, email)
})

const signedIn = async (device?: string) => {
  const signed = right(await signIn(outside, { email, password }, { ...here, device }))
  const caller = await callerBy(fresh.db, signed.token)
  if (!caller) throw new Error('no session')
  return { ...signed, caller }
}
/** Subjects of the mails that wait for an agent, oldest first. */
async function mailsTo(agentId: string): Promise<readonly { to: string; subject: string; text: string }[]> {
  const rows = await fresh.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where agent_id = $1 and sealed is not null order by created_at, id',
    [agentId],
  )
  return rows.map(({ id, sealed }) => {
    const { to, content } = JSON.parse(outside.secrets.unseal(sealed, id))
    return { to, subject: content.subject, text: content.text }
  })
}

test('a session alone adds and removes nothing: it takes the password, a factor, or the answer of the sign-in itself', async () => {
  const { caller, answer } = await signedIn()
  const nothing: FreshProof[] = [
    { method: 'sign_in' },
    { method: 'sign_in', fresh: 'x'.repeat(43) },
    { method: 'password', password: 'something else entirely' },
    { method: 'totp', code: '123456' },
    { method: 'passkey', response: softPasskey(outside.rp).answer({ challenge: 'x' }) },
  ]
  for (const proof of nothing) {
    expect(refusalOf(await beginPasskey(outside, caller, proof))).toMatch(/^fresh\./)
    expect(refusalOf(await beginTotp(outside, caller, proof))).toMatch(/^fresh\./)
    expect(refusalOf(await removeTotp(outside, caller, proof, 'here'))).toMatch(/^fresh\.|^agent\.locked/)
  }
  expect((await meOf(fresh.db, caller)).factors).toEqual({ passkeys: [], totp: false })
  await mailboxShown(outside, caller)
  expect(refusalOf(await beginPasskey(outside, caller, { method: 'sign_in', fresh: answer.fresh }))).toBe('right')
})

test('whoever has only the password of an agent with a passkey or an app neither adds nor removes a factor, nor gets one by wearing the app out', async () => {
  const { caller: withPass } = await signedIn()
  await withPasskey(outside, withPass)
  await keepSomeone(outside, `app${email}`)
  const byApp = right(await signIn(outside, { email: `app${email}`, password }, here))
  const withCodes = await callerBy(fresh.db, byApp.token)
  if (!withCodes) throw new Error('no session')
  await withApp(outside, withCodes)
  const thieves = [
    await signIn(outside, { email, password }, here),
    await signIn(outside, { email: `app${email}`, password }, here),
  ]
  const proofsOf = (now: string): FreshProof[] => [
    { method: 'password', password },
    { method: 'sign_in', fresh: now },
    { method: 'sign_in' },
  ]
  const refused = async () => {
    for (const thief of thieves.map(right)) {
      const caller = await callerBy(fresh.db, thief.token)
      if (!caller) throw new Error('no session')
      const [passkey] = (await meOf(fresh.db, caller)).factors.passkeys
      for (const proof of proofsOf(thief.answer.fresh)) {
        expect(refusalOf(await beginPasskey(outside, caller, proof))).toBe('fresh.factor')
        expect(refusalOf(await beginTotp(outside, caller, proof))).toBe('fresh.factor')
        expect(refusalOf(await removePasskey(outside, caller, passkey?.id ?? 'pk_none', proof, 'here'))).toBe(
          'fresh.factor',
        )
        expect(refusalOf(await removeTotp(outside, caller, proof, 'here'))).toBe('fresh.factor')
      }
    }
  }
  await refused()
  await fresh.db.query('update totp set failures = 100 where agent_id = $1', [withCodes.agentId])
  await refused()
})

test('what the answer of a sign-in shows holds for ten minutes, and in that session only', async () => {
  const { caller, answer } = await signedIn()
  const other = await signedIn()
  for (const one of [caller, other.caller]) await mailboxShown(outside, one)
  const proof = { method: 'sign_in', fresh: answer.fresh } as const
  expect(refusalOf(await beginTotp(outside, other.caller, proof))).toBe('fresh.expired')
  await fresh.db.query(`update agent_session set opened_at = opened_at - interval '10 minutes' where id = $1`, [
    caller.sessionId,
  ])
  expect(refusalOf(await beginTotp(outside, caller, proof))).toBe('fresh.expired')
})

test('wrong fresh proofs are paid for: ten lock them, however many come at once', async () => {
  const { caller } = await signedIn()
  const wrong = { method: 'password', password: 'something else entirely' } as const
  const all = await Promise.all(Array.from({ length: 30 }, () => beginTotp(outside, caller, wrong)))
  const words = all.map(refusalOf)
  expect(words.filter((word) => word === 'fresh.wrong')).toHaveLength(10)
  expect(words.filter((word) => word === 'agent.locked')).toHaveLength(20)
  expect(refusalOf(await beginTotp(outside, caller, { method: 'password', password }))).toBe('agent.locked')
})

test('a passkey is made once for one challenge of one session, on our origin, by a verified person', async () => {
  const { caller, answer } = await signedIn()
  await mailboxShown(outside, caller)
  const proof = { method: 'sign_in', fresh: answer.fresh } as const
  const begun = async () => right(await beginPasskey(outside, caller, proof))
  for (const how of [{ origin: 'https://evil.test' }, { verified: false }, { crossOrigin: true }]) {
    const response = softPasskey(outside.rp).make(await begun(), how)
    expect(refusalOf(await keepPasskey(outside, caller, { name: 'A', response }, 'here'))).toBe('passkey.wrong')
  }
  const other = await signedIn()
  const elsewhere = softPasskey(outside.rp).make(await begun())
  expect(refusalOf(await keepPasskey(outside, other.caller, { name: 'A', response: elsewhere }, 'here'))).toBe(
    'passkey.expired',
  )
  const response = softPasskey(outside.rp).make(await begun())
  const all = await Promise.all(
    Array.from({ length: 20 }, () => keepPasskey(outside, caller, { name: 'Laptop', response }, 'here')),
  )
  expect(all.filter((one) => one.ok)).toHaveLength(1)
  const me = await meOf(fresh.db, caller)
  expect(me.factors.passkeys).toEqual([{ id: expect.any(String), name: 'Laptop', createdAt: expect.any(String) }])
  expect(me.offerPasskey).toBe(false)
})

test('each change of a factor is told to its agent by mail, and stands in the record', async () => {
  const { caller } = await signedIn()
  const passkey = await withPasskey(outside, caller)
  const shown = async () =>
    ({ method: 'passkey', response: passkey.answer(right(await freshChallenge(outside, caller))) }) as const
  const secret = await withApp(outside, caller, await shown())
  const [mine] = (await meOf(fresh.db, caller)).factors.passkeys
  right(await removePasskey(outside, caller, mine?.id ?? '', await shown(), 'here'))
  right(await removeTotp(outside, caller, { method: 'totp', code: shownBy(secret) }, 'here'))
  const mails = await mailsTo(caller.agentId)
  expect(mails.map((mail) => mail.subject)).toEqual([
    expect.stringContaining('passkey was added'),
    expect.stringContaining('authenticator app was added'),
    expect.stringContaining('passkey was removed'),
    expect.stringContaining('authenticator app was removed'),
  ])
  expect(mails.every((mail) => mail.to === email)).toBe(true)
  const events = await fresh.db.query<{ type: string }>(
    `select type from event where actor_id = $1 and type like 'agent.factor%' order by ord`,
    [caller.agentId],
  )
  expect(events.map((event) => event.type)).toEqual([
    'agent.factor_added',
    'agent.factor_added',
    'agent.factor_removed',
    'agent.factor_removed',
  ])
})

test('another agent’s passkey cannot be named or removed', async () => {
  const { caller } = await signedIn()
  await withPasskey(outside, caller)
  const [theirs] = (await meOf(fresh.db, caller)).factors.passkeys
  const ben = await agentAtDesk(testOutside(fresh))
  const secret = await withApp(outside, ben)
  const proof = { method: 'totp', code: shownBy(secret) } as const
  expect(refusalOf(await removePasskey(outside, ben, theirs?.id ?? '', proof, 'here'))).toBe('passkey.unknown')
  expect((await meOf(fresh.db, caller)).factors.passkeys).toHaveLength(1)
})

test('a new secret counts only after a code of it, and a wrong code confirms nothing', async () => {
  const { caller, answer } = await signedIn()
  await mailboxShown(outside, caller)
  expect(refusalOf(await keepTotp(outside, caller, '123456', 'here'))).toBe('totp.not_begun')
  const begun = right(await beginTotp(outside, caller, { method: 'sign_in', fresh: answer.fresh }))
  expect(begun.uri).toMatch(/^otpauth:\/\/totp\/Acme:someone/)
  expect((await meOf(fresh.db, caller)).factors.totp).toBe(false)
  const wrong = shownBy(begun.secret) === '111111' ? '222222' : '111111'
  expect(refusalOf(await keepTotp(outside, caller, wrong, 'here'))).toBe('code.wrong')
  right(await keepTotp(outside, caller, shownBy(begun.secret), 'here'))
  expect((await meOf(fresh.db, caller)).factors.totp).toBe(true)
})

test('failed sign-ins are told at the next one, once, and by mail when there are many', async () => {
  const wrong = { email, password: 'something else entirely' }
  for (let i = 0; i < 6; i += 1) expect(refusalOf(await signIn(outside, wrong, here))).toBe('agent.wrong_sign_in')
  const { answer, caller } = await signedIn()
  expect(answer.failedSignIns).toMatchObject({ count: 6, lastFrom: here.words })
  expect((await mailsTo(caller.agentId)).map((mail) => mail.subject)).toEqual([
    'Failed sign-ins to your account at Acme',
  ])
  expect((await signedIn()).answer.failedSignIns).toBeUndefined()
})

test('each sign-in, each that failed, the lock and the way out stand in the record: who, when, and from where', async () => {
  const { caller } = await signedIn()
  await leave(outside, caller)
  const wrong = { email, password: 'something else entirely' }
  for (let i = 0; i < 10; i += 1) await signIn(outside, wrong, here)
  const events = await fresh.db.query<{ type: string; at: string; from: string | null }>(
    `select e.type, e.at, w.text as from from event e left join erasable w on w.event_id = e.id and w.field = 'from'
      where e.actor_id = $1 order by e.ord`,
    [caller.agentId],
  )
  const failed = Array(10).fill(['agent.sign_in_failed', here.words])
  expect(events.map(({ type, from }) => [type, from])).toEqual([
    ['agent.signed_in', null],
    ['agent.signed_out', null],
    ...failed,
    ['agent.locked_out', null],
  ])
  for (const { at } of events) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('ten failures lock an address until a time that is told, but not a browser that its agent has used', async () => {
  const known = await signedIn()
  const wrong = { email, password: 'something else entirely' }
  for (let i = 0; i < 10; i += 1) await signIn(outside, wrong, here)
  const locked = await signIn(outside, { email, password }, here)
  expect(locked).toMatchObject({ ok: false, refusal: 'agent.locked', more: { until: expect.any(String) } })
  expect(refusalOf(await signIn(outside, { email, password }, { ...here, device: known.device }))).toBe('right')
})

test('an address in another spelling that finds the same account has no tries of its own', async () => {
  const ines = `ines${count}@clinic.test`
  const id = await keepSomeone(outside, ines)
  const spellings = [ines, ines.toUpperCase(), ines.replace('i', 'İ'), ines.replaceAll('i', 'İ')]
  for (const spelling of spellings) expect((await accountBy(fresh.db, spelling))?.id).toBe(id)
  const tried = await Promise.all(
    Array.from({ length: 24 }, (_, i) =>
      signIn(outside, { email: spellings[i % spellings.length] ?? '', password: 'something else entirely' }, here),
    ),
  )
  expect(tried.map(refusalOf).filter((word) => word === 'agent.wrong_sign_in')).toHaveLength(10)
})

test('wrong passwords of one address are looked at thirty times, over all accounts; the right one, and a known browser, do not count', async () => {
  outside = { ...outside, guesses: guesses(() => 0) }
  const known = await signedIn()
  await signedIn()
  const wrong = (name: string, more: object = {}) =>
    signIn(outside, { email: `${name}@nowhere.test`, password: 'something else entirely' }, { ...here, ...more })
  const recorded = async () =>
    (
      await fresh.db.query<{ many: number }>(
        `select count(*)::int as many from event where type = 'agent.sign_in_failed'`,
      )
    )[0]?.many ?? 0
  const before = await recorded()
  const tried = await Promise.all(Array.from({ length: 34 }, (_, i) => wrong(`stranger${count}x${i}`)))
  expect(tried.map(refusalOf).filter((word) => word === 'agent.wrong_sign_in')).toHaveLength(30)
  expect(tried.find((one) => refusalOf(one) === 'rate.limited')).toMatchObject({
    more: { retryAt: expect.any(String) },
  })
  expect((await recorded()) - before).toBe(30)
  expect(refusalOf(await wrong(`elsewhere${count}`, { near: '10.0.0.6' }))).toBe('agent.wrong_sign_in')
  expect(refusalOf(await signIn(outside, { email, password }, here))).toBe('rate.limited')
  expect(refusalOf(await signIn(outside, { email, password }, { ...here, device: known.device }))).toBe('right')
})

test('a browser that an agent never signed in from is told to them by mail; the first ever and a known one are not', async () => {
  const first = await signedIn()
  await signedIn(first.device)
  expect(await mailsTo(first.caller.agentId)).toEqual([])
  await signedIn()
  expect((await mailsTo(first.caller.agentId)).map((mail) => mail.subject)).toEqual([
    'You signed in to Acme from a new browser',
  ])
})

test('a password that its agent changes is set by no sign-in link from before', async () => {
  const { caller } = await signedIn()
  const { token } = await invite(fresh.db, caller.agentId, {
    type: 'agent.invited',
    actor: { kind: 'agent', id: caller.agentId },
  })
  right(await lookAtInvite(outside, token))
  right(await changePassword(outside, caller, { password, next: 'a sentence that nobody guesses' }, here))
  expect(refusalOf(await lookAtInvite(outside, token))).toBe('invite.unknown')
  const taking = { token, password: 'another sentence of somebody else' }
  expect(refusalOf(await acceptInvite(outside, taking, here))).toBe('invite.unknown')
})

test('a sign-in link works once, for a day, sets a password that is not easy, and signs everybody else out', async () => {
  const { caller } = await signedIn()
  const event = { type: 'agent.invited', actor: { kind: 'agent', id: caller.agentId } } as const
  const former = await invite(fresh.db, caller.agentId, event)
  const { token } = await invite(fresh.db, caller.agentId, event)
  expect(refusalOf(await lookAtInvite(outside, former.token))).toBe('invite.unknown')
  expect(right(await lookAtInvite(outside, token))).toMatchObject({ email })
  expect(refusalOf(await acceptInvite(outside, { token, password: 'short' }, here))).toBe('password.too_weak')
  const next = 'a sentence that nobody guesses'
  const all = await Promise.all(
    Array.from({ length: 20 }, () => acceptInvite(outside, { token, password: next }, here)),
  )
  expect(all.filter((one) => one.ok)).toHaveLength(1)
  expect(await callerBy(fresh.db, (await openSession(fresh.db, caller.agentId, 'cookie')).token)).toBeDefined()
  expect(refusalOf(await signIn(outside, { email, password }, here))).toBe('agent.wrong_sign_in')
  expect(refusalOf(await signIn(outside, { email, password: next }, here))).toBe('right')
  const late = await invite(fresh.db, caller.agentId, event)
  await fresh.db.query(`update invite set expires_at = clock_timestamp() where used_at is null`)
  expect(refusalOf(await acceptInvite(outside, { token: late.token, password: next }, here))).toBe('invite.unknown')
  const kept = await fresh.db.query<{ text: string }>(`select i::text as text from invite i`)
  for (const { text } of kept) expect(text).not.toContain(token)
})

test('a changed password ends every other session of its agent', async () => {
  const mine = await signedIn()
  const other = await signedIn()
  const next = 'a sentence that nobody guesses'
  expect(refusalOf(await changePassword(outside, mine.caller, { password: 'no', next }, here))).toBe('fresh.wrong')
  right(await changePassword(outside, mine.caller, { password, next }, here))
  expect(await callerBy(fresh.db, mine.token)).toBeDefined()
  expect(await callerBy(fresh.db, other.token)).toBeUndefined()
})

test('passwords are kept as argon2id with the parameters that we name', async () => {
  expect((await accountBy(fresh.db, email))?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test.each([
  ['short', true],
  ['aaaaaaaaaaaaaaaaaaaa', true],
  ['Ana-Robles-2026-11', true],
  ['acme acme 20261122', true],
  ['correct horse battery', false],
  ['un jardín en otoño', false],
])('a password that anybody could guess is refused: %s → %s', (text, weak) => {
  expect(isTooWeak(text, ['Ana Robles', 'ana@acme.test', 'Acme'])).toBe(weak)
})
