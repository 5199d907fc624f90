/** The first factor: what a password adds alone, whose code lets it be added, how often one is sent and tried, and the operator's word. */
import type { FreshProof } from '@amparo/contract/factors'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { closeByDesk } from '../assistance/ending.flow.ts'
import { opened, provedAgent, refusalOf, right, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { forgetFactors, vouchForAgent } from './agents.store.ts'
import { softPasskey } from './authenticator.testing.ts'
import { beginPasskey, beginTotp, keepPasskey, keepTotp } from './factors.flow.ts'
import { sendFactorCode, showFactorCode } from './first-factor.flow.ts'
import { callerBy } from './identity.store.ts'
import { invite } from './invite.store.ts'
import { meOf } from './me.ts'
import type { Outside } from './outside.ts'
import { sendPlaceCode, showPlace } from './place.flow.ts'
import { acceptInvite, leave, signIn } from './sign-in.flow.ts'
import {
  strangerFrom as here,
  identityOutside,
  keepSomeone,
  password,
  shownBy,
  withApp,
  withPasskey,
} from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
let agentId: string
let email: string
let count = 0

beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  outside = identityOutside(testOutside(fresh))
  count += 1
  email = `first${count}@desk.test`
  agentId = await keepSomeone(outside, email)
})

interface AtDesk {
  readonly caller: Caller
  /** What the answer of the sign-in carried. */
  readonly now: FreshProof
}
async function atDesk(who = email): Promise<AtDesk> {
  const { token, answer } = right(await signIn(outside, { email: who, password }, here))
  return { caller: await holds(token), now: { method: 'sign_in', fresh: answer.fresh } }
}
async function holds(token: string): Promise<Caller> {
  const caller = await callerBy(fresh.db, token)
  if (!caller) throw new Error('no session')
  return caller
}

async function codesTo(id: string): Promise<readonly string[]> {
  const rows = await fresh.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where agent_id = $1 and sealed is not null order by created_at, id',
    [id],
  )
  const texts = rows.map((row): string => JSON.parse(outside.secrets.unseal(row.sealed, row.id)).content.text)
  return texts.flatMap((text) => (/^\s*(\d{3}) (\d{3})\s*$/m.exec(text) ?? []).slice(1).join('') || [])
}
/** Has a code sent, and reads it in the mailbox. */
async function codeFor({ caller, now }: AtDesk): Promise<string> {
  right(await sendFactorCode(outside, caller, now))
  return (await codesTo(caller.agentId)).at(-1) ?? ''
}
const wrongFor = (code: string) => (code === '000000' ? '111111' : '000000')
const aMinuteLater = ({ caller }: AtDesk) =>
  fresh.db.query(`update mailbox_code set sent_at = sent_at - interval '1 minute' where session_id = $1`, [
    caller.sessionId,
  ])
const begins = async ({ caller, now }: AtDesk) => [
  refusalOf(await beginPasskey(outside, caller, now)),
  refusalOf(await beginTotp(outside, caller, now)),
]
const [none, both] = [
  ['fresh.mailbox', 'fresh.mailbox'],
  ['right', 'right'],
]
const eventsOf = async (type: string): Promise<readonly string[]> =>
  (
    await fresh.db.query<{ body: string }>(
      `select body from event where type = $1 and (actor_id = $2 or body like '%' || $2 || '%')`,
      [type, agentId],
    )
  ).map(({ body }) => body)

test('whoever has only the password adds no first factor, in whichever session, by the password or right after a sign-in', async () => {
  const thief = await atDesk()
  expect(await begins(thief)).toEqual(none)
  expect(await begins({ ...thief, now: { method: 'password', password } })).toEqual(none)
  const passkey = softPasskey(outside.rp).make({ challenge: 'x', user: { id: 'x' } })
  expect(refusalOf(await keepPasskey(outside, thief.caller, { name: 'A', response: passkey }, 'here'))).toBe(
    'passkey.expired',
  )
  expect(refusalOf(await keepTotp(outside, thief.caller, '123456', 'here'))).toBe('totp.not_begun')
  expect((await meOf(fresh.db, thief.caller)).factors).toEqual({ passkeys: [], totp: false })
})

test('with the code of their mailbox an agent adds the first one; for ten minutes a prompt that was closed, or an app instead, takes no second code', async () => {
  const agent = await atDesk()
  right(await showFactorCode(outside, agent.caller, await codeFor(agent)))
  expect(await begins(agent)).toEqual(both)
  expect(await begins({ ...agent, now: { method: 'password', password } })).toEqual(both)
  const { secret } = right(await beginTotp(outside, agent.caller, agent.now))
  right(await keepTotp(outside, agent.caller, shownBy(secret), 'here'))
  expect((await meOf(fresh.db, agent.caller)).factors.totp).toBe(true)
})

test('the code opens the first factor for ten minutes, and adds nothing without what they signed in with', async () => {
  const agent = await atDesk()
  right(await showFactorCode(outside, agent.caller, await codeFor(agent)))
  for (const now of [{ method: 'sign_in' }, { method: 'password', password: 'something else' }] as const)
    expect(await begins({ ...agent, now })).not.toContain('right')
  await fresh.db.query(
    `update agent_session set first_factor_until = first_factor_until - interval '10 minutes' where id = $1`,
    [agent.caller.sessionId],
  )
  expect(await begins(agent)).toEqual(none)
})

test('a stolen session has no code sent: who asks for one shows what they signed in with', async () => {
  const { caller } = await atDesk()
  for (const proof of [
    { method: 'sign_in' },
    { method: 'sign_in', fresh: 'x'.repeat(43) },
    { method: 'password', password: 'something else entirely' },
    { method: 'totp', code: '123456' },
  ] as const)
    expect(refusalOf(await sendFactorCode(outside, caller, proof))).toMatch(/^fresh\./)
  expect(await codesTo(agentId)).toEqual([])
})

test('a code of another session, another agent or another purpose opens nothing, in either direction', async () => {
  const [mine, other] = [await atDesk(), await atDesk()]
  const someone = `other${email}`
  await keepSomeone(outside, someone)
  const theirs = await atDesk(someone)
  const [code, foreign] = [await codeFor(mine), await codeFor(theirs)]
  await codeFor(other)
  expect(refusalOf(await showFactorCode(outside, other.caller, code))).toBe('code.wrong')
  expect(refusalOf(await showFactorCode(outside, mine.caller, foreign))).toBe('code.wrong')
  expect(refusalOf(await showPlace(outside, mine.caller, { method: 'code', code }, here))).toBe('fresh.wrong')
  // Nor is it one of another session where somebody copies the row's digest.
  await fresh.db.query(
    'update mailbox_code o set digest = m.digest from mailbox_code m where o.session_id = $1 and m.session_id = $2',
    [other.caller.sessionId, mine.caller.sessionId],
  )
  expect(refusalOf(await showFactorCode(outside, other.caller, code))).toBe('code.wrong')
  expect(await begins(mine)).toEqual(none)

  await aMinuteLater(mine)
  right(await sendPlaceCode(outside, mine.caller))
  const forPlace = (await codesTo(agentId)).at(-1) ?? ''
  expect(refusalOf(await showFactorCode(outside, mine.caller, forPlace))).toBe('code.wrong')
  right(await showPlace(outside, mine.caller, { method: 'code', code: forPlace }, here))
  expect(await begins(mine)).toEqual(none)
})

test('whoever holds a copied cookie elsewhere voids, burns and uses up no code for the first factor, and none for a place is voided by it', async () => {
  const agent = await atDesk()
  const code = await codeFor(agent)
  for (let sent = 0; sent < 5; sent += 1) {
    right(await sendPlaceCode(outside, agent.caller))
    await aMinuteLater(agent)
  }
  expect(refusalOf(await sendPlaceCode(outside, agent.caller))).toBe('code.no_more_here')
  const forPlace = (await codesTo(agentId)).at(-1) ?? ''
  for (let tries = 0; tries < 5; tries += 1)
    await showPlace(outside, agent.caller, { method: 'code', code: wrongFor(forPlace) }, here)
  right(await showFactorCode(outside, agent.caller, code))

  const other = await atDesk()
  right(await sendPlaceCode(outside, other.caller))
  const theirs = (await codesTo(agentId)).at(-1) ?? ''
  await codeFor(other)
  right(await showPlace(outside, other.caller, { method: 'code', code: theirs }, here))
})

test('twenty who type the right code at once use it once, and it counts no more after', async () => {
  const agent = await atDesk()
  const code = await codeFor(agent)
  const all = await Promise.all(Array.from({ length: 20 }, () => showFactorCode(outside, agent.caller, code)))
  expect(all.filter(({ ok }) => ok)).toHaveLength(1)
  expect(refusalOf(await showFactorCode(outside, agent.caller, code))).toMatch(/code\.spent|agent\.locked/)
  expect(await eventsOf('agent.mailbox_shown')).toHaveLength(1)
})

test('a code counts for ten minutes, and a newer one takes its place', async () => {
  const agent = await atDesk()
  const first = await codeFor(agent)
  expect(refusalOf(await sendFactorCode(outside, agent.caller, agent.now))).toBe('code.too_soon')
  await aMinuteLater(agent)
  const second = await codeFor(agent)
  if (second !== first) expect(refusalOf(await showFactorCode(outside, agent.caller, first))).toBe('code.wrong')
  await fresh.db.query(`update mailbox_code set sent_at = sent_at - interval '10 minutes' where session_id = $1`, [
    agent.caller.sessionId,
  ])
  expect(refusalOf(await showFactorCode(outside, agent.caller, second))).toBe('code.spent')
  expect(await begins(agent)).toEqual(none)
})

test('five wrong tries burn a code, ten lock the next ones of that agent in every session, however many come at once, and the right password forgives none', async () => {
  const [agent, other, third] = [await atDesk(), await atDesk(), await atDesk()]
  const code = await codeFor(agent)
  for (let tries = 0; tries < 5; tries += 1)
    expect(refusalOf(await showFactorCode(outside, agent.caller, wrongFor(code)))).toBe('code.wrong')
  expect(refusalOf(await showFactorCode(outside, agent.caller, code))).toBe('code.spent')
  await begins({ ...agent, now: { method: 'password', password } })
  const [next, last] = [await codeFor(other), await codeFor(third)]
  const burst = await Promise.all(
    Array.from({ length: 15 }, () => [
      showFactorCode(outside, other.caller, wrongFor(next)),
      showFactorCode(outside, third.caller, wrongFor(last)),
    ]).flat(),
  )
  const words = burst.map(refusalOf)
  expect([words.filter((word) => word === 'code.wrong').length, words.includes('right')]).toEqual([5, false])
  const fourth = await atDesk()
  const right = await codeFor(fourth)
  const locked = await showFactorCode(outside, fourth.caller, right)
  expect(locked).toMatchObject({ refusal: 'agent.locked', more: { until: expect.any(String) } })
  expect(await begins(fourth)).toEqual(none)
})

test('whoever has a session and no code that was sent to it locks nobody, however often they guess', async () => {
  const [thief, agent] = [await atDesk(), await atDesk()]
  for (let tries = 0; tries < 12; tries += 1)
    expect(refusalOf(await showFactorCode(outside, thief.caller, '123456'))).toBe('code.spent')
  expect(refusalOf(await showFactorCode(outside, agent.caller, await codeFor(agent)))).toBe('right')
})

test('who is locked out of it still signs in, is proved by message, and adds the factor when the lock is over', async () => {
  for (const agent of [await atDesk(), await atDesk()]) {
    const code = await codeFor(agent)
    for (let tries = 0; tries < 5; tries += 1) await showFactorCode(outside, agent.caller, wrongFor(code))
  }
  const later = await atDesk()
  expect((await meOf(fresh.db, later.caller)).email).toBe(email)
  const own = await codeFor(later)
  expect(refusalOf(await showFactorCode(outside, later.caller, own))).toBe('agent.locked')
  await fresh.db.query(`update sign_in_tries set until = clock_timestamp() where until is not null`)
  expect(refusalOf(await showFactorCode(outside, later.caller, own))).toBe('right')
})

test('twenty who ask at once are sent one code; a session is sent five, and an agent ten in a day, whatever sessions a thief opens', async () => {
  const one = await atDesk()
  const asked = await Promise.all(Array.from({ length: 20 }, () => sendFactorCode(outside, one.caller, one.now)))
  expect(asked.map(refusalOf).filter((word) => word !== 'code.too_soon')).toEqual(['right'])
  for (let more = 0; more < 4; more += 1) {
    await aMinuteLater(one)
    await codeFor(one)
  }
  await aMinuteLater(one)
  expect(refusalOf(await sendFactorCode(outside, one.caller, one.now))).toBe('code.no_more_here')
  for (let more = 0; more < 5; more += 1) await codeFor(await atDesk())
  const eleventh = await atDesk()
  expect(refusalOf(await sendFactorCode(outside, eleventh.caller, eleventh.now))).toBe('code.no_more_today')
  expect(await codesTo(agentId)).toHaveLength(10)
  await fresh.db.query(`update sign_in_tries set until = until - interval '24 hours' where until is not null`)
  expect(await codeFor(eleventh)).toMatch(/^\d{6}$/)
})

test('an agent who typed a code of theirs for a help adds the factor meanwhile, whatever a thief of the password used up or locked', async () => {
  const world = testOutside(fresh, { secrets: outside.secrets })
  const [agent, thief] = [await atDesk(), await atDesk()]
  const wrong = async (one: AtDesk, code: string) => {
    for (let tries = 0; tries < 5; tries += 1) await showFactorCode(outside, one.caller, wrongFor(code))
  }
  for (let sent = 0; sent < 10; sent += 1) {
    const one = await atDesk()
    const code = await codeFor(one)
    if (sent > 7) await wrong(one, code)
  }
  expect(refusalOf(await sendFactorCode(outside, agent.caller, agent.now))).toBe('code.no_more_today')
  // A help that is open without a proof is what whoever has the password can begin.
  const id = await opened(world, thief.caller, 'marta@clinica-sol.test')
  expect(refusalOf(await sendFactorCode(outside, thief.caller, thief.now))).toBe('code.no_more_today')
  right(await closeByDesk(world, thief.caller, id, { because: 'cancelled' }))

  await provedAgent(world, agent.caller, 'marta@clinica-sol.test')
  right(await showFactorCode(outside, agent.caller, await codeFor(agent)))
  expect(await begins(agent)).toEqual(both)
})

test('sessions in which a code was typed for a help are sent ten of their own in a day, and no more', async () => {
  const world = testOutside(fresh, { secrets: outside.secrets })
  const helpingIn = async () => {
    const agent = await atDesk()
    return { agent, id: await provedAgent(world, agent.caller, 'marta@clinica-sol.test') }
  }
  for (let session = 0; session < 2; session += 1) {
    const { agent, id } = await helpingIn()
    for (let sent = 0; sent < 5; sent += 1) await codeFor(await waited(agent))
    right(await closeByDesk(world, agent.caller, id, { because: 'cancelled' }))
  }
  const { agent, id } = await helpingIn()
  expect(refusalOf(await sendFactorCode(outside, agent.caller, agent.now))).toBe('code.no_more_today')
  // Once that help has ended the session counts with all the others again.
  right(await closeByDesk(world, agent.caller, id, { because: 'cancelled' }))
  expect(refusalOf(await sendFactorCode(outside, agent.caller, agent.now))).toBe('right')
})

test('sessions that ask at the same moment are sent no more than the day has left, and lose no code that was sent', async () => {
  const first = await atDesk()
  const code = await codeFor(first)
  const many: AtDesk[] = []
  while (many.length < 14) many.push(await atDesk())
  await Promise.all(many.map(({ caller, now }) => sendFactorCode(outside, caller, now)))
  expect(await codesTo(agentId)).toHaveLength(10)
  await aMinuteLater(first)
  expect(refusalOf(await sendFactorCode(outside, first.caller, first.now))).toBe('code.no_more_today')
  expect(refusalOf(await showFactorCode(outside, first.caller, code))).toBe('right')
})

test('whose sending the day has no more left for at that very moment is told so, and the code that they have still counts', async () => {
  const all = [await atDesk(), await atDesk(), await atDesk(), await atDesk()]
  const codes: string[] = []
  for (const one of all) codes.push(await codeFor(await waited(one)))
  for (const one of all) await aMinuteLater(one)
  // Four were sent; the day has room for one more.
  await fresh.db.query('update sign_in_tries set failures = 9 where email_digest = $1', [
    outside.secrets.digest('email', `first/${agentId}/sendings`),
  ])
  const asked = await Promise.all(all.map(({ caller, now }) => sendFactorCode(outside, caller, now)))
  expect(asked.map(refusalOf).toSorted()).toEqual([...Array(3).fill('code.no_more_today'), 'right'])
  const lost = all.findIndex((_, index) => asked[index]?.ok === false)
  expect(refusalOf(await showFactorCode(outside, all[lost]?.caller as Caller, codes[lost] ?? ''))).toBe('right')
})

test('who has a passkey or an app is sent none, and a code from before they had it opens nothing', async () => {
  const [byPasskey, someone] = [await atDesk(), `app${email}`]
  await keepSomeone(outside, someone)
  const byApp = await atDesk(someone)
  const codes = [await codeFor(byPasskey), await codeFor(byApp)] as const
  await withPasskey(outside, byPasskey.caller)
  await withApp(outside, byApp.caller)
  for (const [index, agent] of [byPasskey, byApp].entries()) {
    expect(refusalOf(await sendFactorCode(outside, agent.caller, agent.now))).toBe('fresh.factor')
    expect(refusalOf(await showFactorCode(outside, agent.caller, codes[index] ?? ''))).toBe('fresh.factor')
    expect(await begins(agent)).toEqual(['fresh.factor', 'fresh.factor'])
  }
  await fresh.db.query('update totp set failures = 100 where agent_id = $1', [byApp.caller.agentId])
  expect(refusalOf(await sendFactorCode(outside, byApp.caller, byApp.now))).toBe('fresh.factor')
})

test('a one-time link shows no mailbox: whoever was handed it types the code too', async () => {
  const { token } = await invite(fresh.db, agentId, { type: 'agent.invited', actor: { kind: 'system', id: 'test' } })
  const next = 'another sentence that nobody guesses'
  const signed = right(await acceptInvite(outside, { token, password: next }, here))
  const joined = {
    caller: await holds(signed.token),
    now: { method: 'sign_in', fresh: signed.answer.fresh },
  } as const
  expect(await begins(joined)).toEqual(none)
  right(await showFactorCode(outside, joined.caller, await codeFor(joined)))
  expect(await begins(joined)).toEqual(both)
})

test('what was shown in one session counts in no other, and in none that has ended', async () => {
  const [agent, thief] = [await atDesk(), await atDesk()]
  const code = await codeFor(agent)
  right(await showFactorCode(outside, agent.caller, code))
  expect(await begins(thief)).toEqual(none)
  await leave(outside, agent.caller)
  expect(await begins(agent)).not.toContain('right')
  const ended = await atDesk()
  const late = await codeFor(ended)
  await leave(outside, ended.caller)
  expect(refusalOf(await showFactorCode(outside, ended.caller, late))).toBe('code.spent')
})

test('an operator vouches for whoever sits at the one session of an agent without a factor, and for nobody where there are two', async () => {
  expect(await vouchForAgent(fresh.db, agentId)).toBe('signed_out')
  const agent = await atDesk()
  expect(await vouchForAgent(fresh.db, agentId)).toBe('vouched')
  expect(await begins(agent)).toEqual(both)
  expect(await begins({ ...agent, now: { method: 'sign_in' } })).toEqual(['fresh.expired', 'fresh.expired'])
  const second = await atDesk()
  expect(await begins(second)).toEqual(none)
  expect(await vouchForAgent(fresh.db, agentId)).toBe('several')
  expect(await begins(second)).toEqual(none)
  await leave(outside, second.caller)
  await withPasskey(outside, agent.caller)
  expect(await vouchForAgent(fresh.db, agentId)).toBe('has_factor')
  expect(await eventsOf('agent.vouched_for')).toHaveLength(1)
})

test('where an operator removes the factors of somebody, what was shown, vouched for or half added before lets nobody add one', async () => {
  const agent = await atDesk()
  right(await showFactorCode(outside, agent.caller, await codeFor(agent)))
  const app = right(await beginTotp(outside, agent.caller, agent.now))
  const made = softPasskey(outside.rp).make(right(await beginPasskey(outside, agent.caller, agent.now)))
  await withPasskey(outside, agent.caller)
  await forgetFactors(fresh.db, agentId)
  const half = await keepPasskey(outside, agent.caller, { name: 'A', response: made }, 'here')
  expect(refusalOf(half)).toBe('passkey.expired')
  expect(refusalOf(await keepTotp(outside, agent.caller, shownBy(app.secret), 'here'))).toBe('totp.not_begun')
  expect(await begins(agent)).toEqual(none)
  right(await showFactorCode(outside, agent.caller, await codeFor(await waited(agent))))
  expect(await begins(agent)).toEqual(both)
})
const waited = async (agent: AtDesk): Promise<AtDesk> => {
  await aMinuteLater(agent)
  return agent
}

test('the record tells that a code was sent, refused and right, and no row or event holds its digits', async () => {
  const agent = await atDesk()
  const code = await codeFor(agent)
  await showFactorCode(outside, agent.caller, wrongFor(code))
  right(await showFactorCode(outside, agent.caller, code))
  expect(await eventsOf('agent.code_sent')).toEqual([expect.stringContaining('"first_factor"')])
  for (const type of ['agent.factor_refused', 'agent.mailbox_shown']) expect(await eventsOf(type)).toHaveLength(1)
  const rows = await fresh.db.query<{ text: string }>(
    `select e.body as text from event e where e.actor_id = $1
     union all select s::text from agent_session s where s.agent_id = $1 union all select o::text from outbox o where o.agent_id = $1`,
    [agentId],
  )
  expect(rows.length).toBeGreaterThan(4)
  for (const { text } of rows)
    expect(text.replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+|[0-9a-f]{16,}/g, '')).not.toContain(code)
})

test('the mail says what the code is for, and what it means where nobody asked for it', async () => {
  await codeFor(await atDesk())
  const [row] = await fresh.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where agent_id = $1',
    [agentId],
  )
  const { to, content } = JSON.parse(outside.secrets.unseal(row?.sealed ?? Buffer.alloc(0), row?.id ?? ''))
  expect(to).toBe(email)
  expect(content.text).toMatch(/first passkey or authenticator app[\s\S]*Somebody has your password/)
})
