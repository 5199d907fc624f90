/** The places of a session: what a stolen cookie opens somewhere else, and what it takes there. */
import { createHash } from 'node:crypto'
import { type PlaceProof, placeProof } from '@amparo/contract/factors'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { open } from '../assistance/assistance.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import { refusalOf, right, testOutside, wrongFor } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller, From, Place } from '../door.ts'
import { networkOf } from '../http/caller.ts'
import { secretsFrom } from '../secrets.ts'
import { softPasskey } from './authenticator.testing.ts'
import { beginTotp, freshChallenge } from './factors.flow.ts'
import { holderOf, openSession } from './identity.store.ts'
import type { Outside } from './outside.ts'
import { meElsewhere, sendPlaceCode, showPlace, tellOfStranger } from './place.flow.ts'
import { mostPlaces, mostStrangers } from './place.store.ts'
import { placeOf } from './place.ts'
import { leave, signIn } from './sign-in.flow.ts'
import { identityOutside, keepSomeone, mailboxShown, password, shownBy, withApp, withPasskey } from './testing.ts'

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
  email = `mover${count}@desk.test`
  await keepSomeone(outside, email)
})

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0'

const at = (address: string, userAgent: string | undefined = chrome, secrets = outside.secrets): Place =>
  placeOf(secrets, { network: networkOf(address), userAgent })
const from = (place: Place): From => ({
  words: 'Chrome, Linux, 203.0.113.9',
  device: undefined,
  place,
  near: '203.0.113.9',
})
const desk = () => at('203.0.113.9')
const cafe = () => at('198.51.100.77', firefox)

/** The agent at their desk: their session's token, and who it is. */
async function atDesk(): Promise<{ token: string; caller: Caller }> {
  const { token } = right(await signIn(outside, { email, password }, from(desk())))
  const holder = await holderOf(fresh.db, token, desk())
  if (!holder?.here) throw new Error('not at the desk')
  return { token, caller: holder.caller }
}
const isHere = async (token: string, place: Place) => (await holderOf(fresh.db, token, place))?.here

async function mailsTo(agentId: string): Promise<readonly { subject: string; text: string }[]> {
  const rows = await fresh.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where agent_id = $1 and sealed is not null order by created_at, id',
    [agentId],
  )
  return rows.map(({ id, sealed }) => JSON.parse(outside.secrets.unseal(sealed, id)).content)
}
const codeIn = ({ text = '' } = {}): string => (/(\d{3}) (\d{3})/.exec(text) ?? []).slice(1).join('')

/** Has a code sent, and reads it. */
async function codeFor(caller: Caller): Promise<string> {
  right(await sendPlaceCode(outside, caller))
  return codeIn((await mailsTo(caller.agentId)).filter(({ subject }) => subject.includes('agent code')).at(-1))
}
const aMinuteLater = (caller: Caller) =>
  fresh.db.query(`update mailbox_code set sent_at = sent_at - interval '1 minute' where session_id = $1`, [
    caller.sessionId,
  ])
const shown = (caller: Caller, proof: PlaceProof, place = cafe()) => showPlace(outside, caller, proof, from(place))
const eventsOf = async (type: string, sessionId: string): Promise<number> => {
  const [row] = await fresh.db.query<{ many: number }>(
    `select count(*)::int as many from event where body::jsonb ->> 'type' = $1 and body::jsonb -> 'data' ->> 'session' = $2`,
    [type, sessionId],
  )
  return row?.many ?? 0
}

test.each([
  ['the next address of the office', '203.0.113.200', chrome, true],
  ['an update of the browser', '203.0.113.9', chrome.replace('140', '141'), true],
  ['another network', '203.0.114.9', chrome, false],
  ['another browser', '203.0.113.9', firefox, false],
  ['a script', '203.0.113.9', 'curl/8.5.0', false],
  ['no browser that says its name', '203.0.113.9', '', false],
])('%s is the same place as the desk, or it is not', async (_name, address, userAgent, same) => {
  const { token } = await atDesk()
  expect(await isHere(token, at(address, userAgent))).toBe(same)
})

test('a network of IPv6 is a /48, and this machine is one place by each of its names', () => {
  const six = (address: string) => at(address)[0]
  expect(six('2001:db8:1:2::3')).toEqual(six('2001:db8:1:ffff::9'))
  expect(six('2001:db8:1::1')).not.toEqual(six('2001:db8:2::1'))
  expect(six('127.0.0.1')).toEqual(six('::1'))
})

test('a session from before there were places opens nothing until it is shown whose it is, and then goes on', async () => {
  const { token, caller } = await atDesk()
  await fresh.db.query(`update agent_session set places = default where id = $1`, [caller.sessionId])
  expect(await isHere(token, desk())).toBe(false)
  const now = right(await shown(caller, { method: 'code', code: await codeFor(caller) }, desk()))
  const holder = await holderOf(fresh.db, now.token, desk())
  expect(holder).toMatchObject({ here: true, caller: { sessionId: caller.sessionId } })
})

test('a script’s session has no place, and is none that a browser could hold', async () => {
  const { caller } = await atDesk()
  const { token } = await openSession(fresh.db, caller.agentId, 'bearer')
  expect(await holderOf(fresh.db, token, [])).toMatchObject({ here: true, caller: { kind: 'bearer' } })
})

test('help belongs to the session that began it: another one of its agent, from before or since, shows first that it is them', async () => {
  const helping = await atDesk()
  const before = await atDesk()
  const script = await openSession(fresh.db, helping.caller.agentId, 'bearer')
  const asked = { kind: 'technical', userEmail: 'marta@clinica-sol.test', reason: { code: 'fault' } } as const
  const { id } = right(await open(testOutside(fresh), helping.caller, asked))
  const { token: since } = right(await signIn(outside, { email, password }, from(desk())))
  expect([await isHere(helping.token, desk()), await isHere(script.token, desk())]).toEqual([true, true])
  expect([await isHere(before.token, desk()), await isHere(since, desk())]).toEqual([false, false])

  const other = await holderOf(fresh.db, since, desk())
  if (!other) throw new Error('signed out')
  const now = right(await shown(other.caller, { method: 'code', code: await codeFor(other.caller) }, desk()))
  expect([await isHere(now.token, desk()), await isHere(since, desk())]).toEqual([true, undefined])
  expect([await isHere(helping.token, desk()), await isHere(before.token, desk())]).toEqual([true, false])

  right(await closeByDesk(testOutside(fresh), helping.caller, id, { because: 'cancelled' }))
  expect(await isHere(before.token, desk())).toBe(true)
  right(await open(testOutside(fresh), helping.caller, asked))
  expect([await isHere(now.token, desk()), await isHere(helping.token, desk())]).toEqual([false, true])
})

test('a use from another place keeps no session from going idle', async () => {
  const { token, caller } = await atDesk()
  await fresh.db.query(`update agent_session set seen_at = seen_at - interval '59 minutes' where id = $1`, [
    caller.sessionId,
  ])
  for (let turn = 0; turn < 3; turn += 1) expect(await isHere(token, cafe())).toBe(false)
  await fresh.db.query(`update agent_session set seen_at = seen_at - interval '61 seconds' where id = $1`, [
    caller.sessionId,
  ])
  expect(await holderOf(fresh.db, token, desk())).toBeUndefined()
})

test('another place is told of once, to the agent, to supervisors and in the record, however many requests come at once', async () => {
  const { token, caller } = await atDesk()
  await Promise.all(Array.from({ length: 20 }, () => tellOfStranger(outside, caller, from(cafe()))))
  expect((await mailsTo(caller.agentId)).map(({ subject }) => subject)).toEqual([
    'Your sign-in to Acme is being used from another place',
  ])
  expect(await eventsOf('agent.other_place', caller.sessionId)).toBe(1)
  const alerts = await fresh.db.query(`select from alert where kind = 'other_place' and agent_id = $1`, [
    caller.agentId,
  ])
  expect(alerts).toHaveLength(1)
  expect(await holderOf(fresh.db, token, cafe())).toMatchObject({ here: false, told: true })
})

test('whoever makes up places fills neither the record nor a mailbox', async () => {
  const { caller } = await atDesk()
  for (let net = 0; net < mostStrangers + 4; net += 1)
    await tellOfStranger(outside, caller, from(at(`198.51.${net}.1`, firefox)))
  expect(await eventsOf('agent.other_place', caller.sessionId)).toBe(mostStrangers)
  expect(await mailsTo(caller.agentId)).toHaveLength(mostStrangers)
})

test('a passkey shows it, and the session goes on with a token of its own: the one that was copied opens nothing', async () => {
  const { token, caller } = await atDesk()
  const passkey = await withPasskey(outside, caller)
  expect(await meElsewhere(outside, caller)).toEqual({
    elsewhere: true,
    ways: ['passkey'],
    maskedTo: expect.stringContaining('•'),
    locale: 'en',
  })
  const answer = passkey.answer(right(await freshChallenge(outside, caller)))
  const now = right(await shown(caller, { method: 'passkey', response: answer }))
  expect(await holderOf(fresh.db, now.token, cafe())).toMatchObject({ here: true, caller: { agentId: caller.agentId } })
  expect(await isHere(now.token, desk())).toBe(true)
  expect(await holderOf(fresh.db, token, desk())).toBeUndefined()
  expect(await eventsOf('agent.place_shown', caller.sessionId)).toBe(1)
  expect(refusalOf(await shown(caller, { method: 'passkey', response: answer }))).toBe('fresh.wrong')
})

test('an app shows it, each code once; whoever has something stronger is sent no code, and none counts', async () => {
  const { caller } = await atDesk()
  const digits = await codeFor(caller)
  const secret = await withApp(outside, caller)
  expect((await meElsewhere(outside, caller)).ways).toEqual(['totp'])
  expect(refusalOf(await sendPlaceCode(outside, caller))).toBe('proof.stronger')
  expect(refusalOf(await shown(caller, { method: 'code', code: digits }))).toBe('proof.stronger')
  const code = shownBy(secret)
  right(await shown(caller, { method: 'totp', code }))
  expect(refusalOf(await shown(caller, { method: 'totp', code }))).toBe('fresh.wrong')
})

test('an app that was switched off by wrong codes does not make a message count', async () => {
  const { caller } = await atDesk()
  await withApp(outside, caller)
  await fresh.db.query('update totp set failures = 100 where agent_id = $1', [caller.agentId])
  expect((await meElsewhere(outside, caller)).ways).toEqual([])
  expect(refusalOf(await sendPlaceCode(outside, caller))).toBe('proof.stronger')
})

test.each([
  { method: 'password', password },
  { method: 'sign_in', fresh: 'x'.repeat(43) },
])('what only shows a sign-in is no word of the call: $method', (weak) => {
  expect(placeProof.safeParse(weak).success).toBe(false)
})

test('a code by message counts in its own session, once and for ten minutes; a newer one takes its place', async () => {
  const { caller } = await atDesk()
  const other = await atDesk()
  const first = await codeFor(caller)
  expect(refusalOf(await shown(other.caller, { method: 'code', code: first }))).toBe('fresh.wrong')
  expect(refusalOf(await sendPlaceCode(outside, caller))).toBe('code.too_soon')
  await aMinuteLater(caller)
  const second = await codeFor(caller)
  if (second !== first) expect(refusalOf(await shown(caller, { method: 'code', code: first }))).toBe('fresh.wrong')
  await fresh.db.query(`update mailbox_code set sent_at = sent_at - interval '10 minutes' where session_id = $1`, [
    caller.sessionId,
  ])
  expect(refusalOf(await shown(caller, { method: 'code', code: second }))).toBe('fresh.wrong')
  const third = await codeFor(caller)
  const all = await Promise.all(Array.from({ length: 20 }, () => shown(caller, { method: 'code', code: third })))
  expect(all.filter(({ ok }) => ok)).toHaveLength(1)
})

test('twenty who ask for a code at once are sent one; after five nothing more is sent until one was right', async () => {
  const { caller } = await atDesk()
  const asked = await Promise.all(Array.from({ length: 20 }, () => sendPlaceCode(outside, caller)))
  expect(asked.filter(({ ok }) => ok)).toHaveLength(1)
  expect(await mailsTo(caller.agentId)).toHaveLength(1)
  for (let more = 0; more < 4; more += 1) {
    await aMinuteLater(caller)
    await codeFor(caller)
  }
  await aMinuteLater(caller)
  expect(refusalOf(await sendPlaceCode(outside, caller))).toBe('code.no_more_here')
})

test('five wrong tries burn a code, and ten lock every proof from elsewhere, however many come at once; the agent at their desk is locked out of nothing', async () => {
  const { caller } = await atDesk()
  const code = await codeFor(caller)
  for (let tries = 0; tries < 5; tries += 1)
    expect(refusalOf(await shown(caller, { method: 'code', code: wrongFor(code) }))).toBe('fresh.wrong')
  expect(refusalOf(await shown(caller, { method: 'code', code }))).toBe('fresh.wrong')
  const burst = await Promise.all(
    Array.from({ length: 30 }, () => shown(caller, { method: 'totp', code: wrongFor(code) })),
  )
  const words = burst.map(refusalOf)
  expect(words.filter((word) => word === 'fresh.wrong')).toHaveLength(4)
  expect(words.filter((word) => word === 'agent.locked')).toHaveLength(26)
  await aMinuteLater(caller)
  const newest = await codeFor(caller)
  expect(refusalOf(await shown(caller, { method: 'code', code: newest }))).toBe('agent.locked')
  await mailboxShown(outside, caller)
  expect(refusalOf(await beginTotp(outside, caller, { method: 'password', password }))).toBe('right')
})

test('another agent’s passkey, and an answer to another session’s challenge, show nothing', async () => {
  const { caller } = await atDesk()
  const passkey = await withPasskey(outside, caller)
  const other = await atDesk()
  const theirs = right(await freshChallenge(outside, other.caller))
  expect(refusalOf(await shown(caller, { method: 'passkey', response: passkey.answer(theirs) }))).toBe('fresh.wrong')
  const mine = right(await freshChallenge(outside, caller))
  const strange = softPasskey(outside.rp).answer(mine)
  expect(refusalOf(await shown(caller, { method: 'passkey', response: strange }))).toBe('fresh.wrong')
})

test('a proof that races with a sign-out opens no session that had ended', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { caller } = await atDesk()
    const code = await codeFor(caller)
    const [outcome] = await Promise.all([shown(caller, { method: 'code', code }), leave(outside, caller)])
    if (outcome.ok) expect(await holderOf(fresh.db, outcome.value.token, cafe())).toBeUndefined()
    else expect(outcome.refusal).toBe('agent.unknown')
  }
})

test('a session remembers eight places; the oldest is forgotten', async () => {
  const { token, caller } = await atDesk()
  const places = Array.from({ length: mostPlaces }, (_, net) => at(`198.51.${net}.1`))
  let now = token
  for (const place of places) {
    now = right(await shown(caller, { method: 'code', code: await codeFor(caller) }, place)).token
    // Nor is another one sent at once where the one before was right.
    expect(refusalOf(await sendPlaceCode(outside, caller))).toBe('code.too_soon')
    await aMinuteLater(caller)
  }
  for (const place of places) expect(await isHere(now, place)).toBe(true)
  expect(await isHere(now, desk())).toBe(false)
})

test('a place that was proven before a root key was exchanged is still known after', async () => {
  const { token } = await atDesk()
  const key = Buffer.alloc(32, 7)
  const until = new Date(Date.now() + 3_600_000)
  const old = secretsFrom(key)
  const now = secretsFrom(Buffer.alloc(32, 8), undefined, [{ key, until }])
  await fresh.db.query('update agent_session set places = $1', [[at('203.0.113.9', chrome, old)[0]]])
  expect(await isHere(token, at('203.0.113.9', chrome, now))).toBe(true)
  expect(await isHere(token, at('198.51.100.9', chrome, now))).toBe(false)
})

test('the rows of sessions tell no address, no browser and no code, and neither is guessed without the key', async () => {
  const { caller } = await atDesk()
  await tellOfStranger(outside, caller, from(cafe()))
  const code = await codeFor(caller)
  const [row] = await fresh.db.query<{ text: string; places: Buffer[] }>(
    'select s::text as text, places from agent_session s where id = $1',
    [caller.sessionId],
  )
  for (const secret of ['203.0.113', '198.51.100', 'Chrome', 'Firefox', code]) expect(row?.text).not.toContain(secret)
  const guessed = ['203.0.113.0/24', JSON.stringify(['Chrome, Linux', '203.0.113.0/24'])].map((text) =>
    createHash('sha256').update(text).digest('hex'),
  )
  for (const place of row?.places ?? []) expect(guessed).not.toContain(place.toString('hex'))
  expect(row?.places).toHaveLength(1)
})
