import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, opened, right, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import type { Caller } from '../door.ts'
import { system } from '../words.ts'
import { events, eventsInBatches, listed, type Wanted } from './audit.store.ts'
import { resultOf } from './results.ts'

let fresh: FreshDatabase
let outside: Outside
let ana: Caller
let ben: Caller
let helped: string
let dropped: string
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
  ;[ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  helped = await activeFor(outside, ana, 'marta@clinica-sol.test', 'cli_sol')
  await fresh.advance(24 * 3_600_000)
  dropped = await opened(outside, ben, 'leo@clinica-sol.test')
  right(await closeByDesk(outside, ben, dropped as never, { because: 'cancelled' }))
})
afterAll(() => fresh.close())

const search = async (wanted: Partial<Wanted>) => (await events(fresh.db, { limit: 200, ...wanted })).items
const assistancesOf = async (wanted: Partial<Wanted>) => [
  ...new Set((await search(wanted)).map((one) => one.assistanceId)),
]

test('an agent is found by id, by e-mail and by the beginning of their name, and nobody by half of it', async () => {
  for (const agent of [ana.agentId, ana.email, ana.email.toUpperCase(), ana.email.split('@')[0] ?? ''])
    expect([...new Set((await search({ agent })).map(({ actor }) => actor.id))]).toEqual([ana.agentId])
  expect(new Set((await search({ agent: 'agent' })).map(({ actor }) => actor.id))).toEqual(
    new Set([ana.agentId, ben.agentId]),
  )
  for (const agent of ['gent', '%', '_gent 1', "x' or true --", '']) expect(await search({ agent })).toEqual([])
})

test('a user is found by id and by the beginning of an e-mail', async () => {
  const [row] = await fresh.db.query<{ user_id: string }>('select user_id from assistance where id = $1', [helped])
  for (const user of [row?.user_id, 'marta', 'MARTA@clinica-sol.test'])
    expect(await assistancesOf({ user })).toEqual([helped])
  for (const user of ['arta', '%', 'leo', "'"]) expect(await search({ user })).toEqual([])
})

test('on the screen whoever acted and whom it was about have their names, as long as these are known; what is taken away names no user', async () => {
  const [consent] = await search({ type: 'consent.given' })
  expect(consent).toMatchObject({ subjectName: 'Marta Ruiz' })
  expect(consent?.subject).not.toBe('Marta Ruiz')
  const [yes] = await search({ assistance: helped, type: 'agent.proved' })
  expect(yes?.actor).toMatchObject({ id: ana.agentId, name: (await nameOf(ana)) ?? '' })
  for await (const batch of eventsInBatches(fresh.db, {}))
    for (const one of batch) expect(Object.keys(one)).not.toContain('subjectName')
  await fresh.db.query('update assistance set seen = null where id = $1', [dropped])
  expect((await search({ assistance: dropped })).map(({ subjectName }) => subjectName)).not.toContain('Leo Martín')
})

test('each event of a help says its ecosystem, by name as long as that is known; what is taken away has none', async () => {
  const whereIn = async (wanted: Partial<Wanted>) => [
    ...new Set((await search(wanted)).map(({ ecosystem }) => JSON.stringify(ecosystem))),
  ]
  const known = JSON.stringify({ id: 'cli_sol', name: 'Clínica Sol' })
  expect(await whereIn({ assistance: helped })).toEqual([known])
  for await (const batch of eventsInBatches(fresh.db, { assistance: helped }))
    for (const one of batch) expect(Object.keys(one)).not.toContain('ecosystem')
  await fresh.db.query('update assistance set seen = null where id = $1', [helped])
  expect(await whereIn({ assistance: helped })).toEqual([JSON.stringify({ id: 'cli_sol' })])
  const cut = { type: 'cutoff.made', actor: system('test'), data: { scope: 'ecosystem', target: 'cli_luna' } } as const
  await noteLoose(fresh.db, cut, { ...cut, data: { scope: 'surface', target: 'web' } })
  expect(await whereIn({ type: 'cutoff.made' })).toEqual([undefined, JSON.stringify({ id: 'cli_luna' })])
})

test('what came of an event is told by its type, and by what it says where that decides', async () => {
  const came = async (wanted: Partial<Wanted>) => (await search(wanted)).map(({ result }) => result)
  expect(await came({ assistance: helped, type: 'consent.asked' })).toEqual(['asked'])
  expect(await came({ assistance: helped, type: 'consent.given' })).toEqual(['done'])
  expect(await came({ because: 'cancelled' })).toEqual(['ended'])
  expect(new Set(await came({ type: 'code.tried' }))).toEqual(new Set([null]))
  const actor = system('test')
  await noteLoose(
    fresh.db,
    { type: 'approval.decided', actor, data: { decision: 'yes' } },
    { type: 'approval.decided', actor, data: { decision: 'no' } },
    { type: 'record.verified', actor, data: { faults: 0 } },
    { type: 'record.verified', actor, data: { faults: 1 } },
  )
  expect(await came({ type: 'approval.decided' })).toEqual(['refused', 'done'])
  expect(await came({ type: 'record.verified' })).toEqual(['alert', 'done'])
  const acted = { act: 'resend_message', case: 'SUC-1' }
  await noteLoose(
    fresh.db,
    { type: 'succession.acted', actor, data: { ...acted, act: 'add_note' } },
    { type: 'succession.acted', actor, data: acted },
    { type: 'succession.acted', actor, data: { ...acted, answer: 'done' } },
    { type: 'succession.acted', actor, data: { ...acted, answer: 'refused' } },
  )
  expect(await came({ type: 'succession.acted' })).toEqual(['refused', 'done', 'asked', 'done'])
  expect(resultOf('not.known_yet', {})).toBeNull()
})

const nameOf = async ({ agentId }: Caller) =>
  (await fresh.db.query<{ name: string }>('select name from agent where id = $1', [agentId]))[0]?.name

test('type, ending, assistance and time narrow it down, each and together', async () => {
  expect(await search({ type: 'consent.given' })).toHaveLength(1)
  expect(await assistancesOf({ because: 'cancelled' })).toEqual([dropped])
  expect(await search({ because: 'cancelled', agent: ana.agentId })).toEqual([])
  const [first] = (await search({ assistance: dropped })).slice(-1)
  expect(await assistancesOf({ after: first?.at ?? '', agent: ben.agentId })).toEqual([dropped])
  expect(await search({ after: first?.at ?? '', before: first?.at ?? '' })).toEqual([])
  expect(await assistancesOf({ before: first?.at ?? '', type: 'assistance.opened' })).toEqual([helped])
  const pages = await events(fresh.db, { limit: 2, agent: ana.agentId })
  const next = await events(fresh.db, { limit: 2, agent: ana.agentId, cursor: pages.nextCursor })
  expect(new Set([...pages.items, ...next.items].map(({ id }) => id)).size).toBe(4)
})

test('over many rows every search goes by an index, alone and together with a time', async () => {
  await fresh.db.transaction(
    (tx) =>
      tx.query(`insert into event (id, body)
    select 'ev_many_' || i, json_build_object('v', 1, 'type', case when i % 4000 = 0 then 'assistance.closed' else 'record.read' end,
           'actor', json_build_object('kind', 'agent', 'id', 'ag_' || i % 500), 'subject', 'user_' || i % 500,
           'data', json_build_object('because', 'finished'),
           'at', rfc3339(app_now() - interval '1 year' + i * interval '10 minutes'))::text
      from generate_series(1, 20000) i`),
    0,
  )
  await fresh.db.query('analyze event')
  const asked = {
    agent: [['ag_7', 'ag_8']],
    user: [['user_7']],
    type: ['assistance.closed'],
    because: ['cancelled'],
    after: ['2099-01-01T00:00:00.000Z'],
    cursor: ['500'],
  } as const
  const plans: string[] = []
  for (const [name, values] of Object.entries(asked) as [keyof typeof asked, readonly unknown[]][]) {
    const { text } = listed([name])
    const rows = await fresh.db.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [51, ...values])
    plans.push(`${name}: ${rows.map((row) => row['QUERY PLAN']).join('\n')}`)
  }
  expect(plans.filter((plan) => /Seq Scan on event/.test(plan))).toEqual([])
})
