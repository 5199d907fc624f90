import { mostSuggested } from '@amparo/contract/audit'
import { parseSearch, searchText } from '@amparo/contract/search'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, opened, right, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { events } from './audit.store.ts'
import { suggestionsOf } from './suggest.store.ts'

let fresh: FreshDatabase
let outside: Outside
let ana: Caller
let ben: Caller
let helped: string
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
  ;[ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  await named(ana, 'Ána Ríos')
  await named(ben, 'Ben "Bo" Ortiz')
  helped = await activeFor(outside, ana, 'marta@clinica-sol.test', 'cli_sol')
  const dropped = await opened(outside, ben, 'leo@clinica-sol.test')
  right(await closeByDesk(outside, ben, dropped as never, { because: 'cancelled' }))
})
afterAll(() => fresh.close())

const named = ({ agentId }: Caller, name: string) =>
  fresh.db.query('update agent set name = $2 where id = $1', [agentId, name])
const values = async (of: Parameters<typeof suggestionsOf>[1], text = '') =>
  (await suggestionsOf(fresh.db, of, text)).map(({ value }) => value)

test('an agent is suggested by name as it is searched, and by id where a name would find others too', async () => {
  expect(await suggestionsOf(fresh.db, 'agent', 'áNa')).toEqual([{ value: 'Ána Ríos', name: 'Ána Ríos' }])
  expect(await suggestionsOf(fresh.db, 'agent', ben.email)).toEqual([{ value: ben.agentId, name: 'Ben "Bo" Ortiz' }])
  expect(await values('agent', 'os')).toEqual([])
  expect((await values('agent')).toSorted()).toEqual(['Ána Ríos', ben.agentId].toSorted())
  // As it is taken into the search, it finds exactly what they did.
  const parsed = parseSearch(searchText([{ qualifier: 'agent', value: 'Ána Ríos' }]))
  const found = await events(fresh.db, { limit: 200, ...(parsed.ok ? parsed.search : {}) })
  expect(new Set(found.items.map(({ actor }) => actor.id))).toEqual(new Set([ana.agentId]))
  const other = await agentAtDesk(outside)
  await named(other, 'Ána Ríos Paz')
  expect((await values('agent', 'ána')).toSorted()).toEqual([ana.agentId, 'Ána Ríos Paz'].toSorted())
})

test('a user is suggested by the letters that a search takes, without an address in the answer, and no longer once their name is erased', async () => {
  const [marta] = await suggestionsOf(fresh.db, 'user', 'MARTA')
  expect(marta).toEqual({ value: 'per_marta', name: 'Marta Ruiz' })
  expect(await values('user')).toEqual(['per_marta'])
  expect(await values('user', 'per_marta')).toEqual(['per_marta'])
  // Not by a name, not by the middle, and nobody of the Core whom nobody helped.
  for (const text of ['Ruiz', 'arta', '%', '_', "'", 'nuria', 'per_']) expect(await values('user', text)).toEqual([])
  expect(
    JSON.stringify([await suggestionsOf(fresh.db, 'user', ''), await suggestionsOf(fresh.db, 'assistance', '')]),
  ).not.toMatch(/@/)
  await fresh.db.query(`update assistance set seen = seen - 'user' where id = $1`, [helped])
  expect(await values('user')).toEqual([])
  expect(await suggestionsOf(fresh.db, 'assistance', helped)).toEqual([{ value: helped, name: 'Ána Ríos' }])
})

test('kinds of events, endings and assistances are those that are in the record', async () => {
  expect(await values('because')).toEqual(['cancelled'])
  expect(await values('because', 'fin')).toEqual([])
  expect(await values('type', 'consent')).toEqual(['consent.asked', 'consent.given'])
  expect(await values('type', 'glass')).toEqual([])
  expect(await values('assistance', helped.slice(0, 12))).toEqual([helped])
  expect(await values('assistance', 'as%')).toEqual([])
})

test('however many there are, eight are suggested', async () => {
  await fresh.db.query(
    `insert into agent (id, name, email, roles) select 'ag_many' || i, 'Zoe ' || i, 'zoe' || i || '@acme.test', '{}' from generate_series(1, 40) i`,
  )
  expect(await values('agent', 'zoe')).toHaveLength(mostSuggested)
  expect((await values('type')).length).toBe(mostSuggested)
})
