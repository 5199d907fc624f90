import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { core } from './core.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

test('several people are found in one reading; nobody is found who is not there once', async () => {
  const found = await core(fresh.db).people(['per_marta', 'per_leo', 'per_nobody', 'per_marta'])
  expect([...found].map(([id, { id: same, email }]) => [id, same, email]).sort()).toEqual([
    ['per_leo', 'per_leo', 'leo@clinica-sol.test'],
    ['per_marta', 'per_marta', 'marta@clinica-sol.test'],
  ])
  const twice = {
    ...fresh.db,
    query: async (...asked: Parameters<typeof fresh.db.query>) => {
      const rows = await fresh.db.query(...asked)
      return [...rows, ...rows.filter((row) => row.user_id === 'per_leo')] as never
    },
  }
  expect([...(await core(twice).people(['per_marta', 'per_leo'])).keys()]).toEqual(['per_marta'])
})

test('a view may say null where the vendor has no such thing; what is shown is never empty', async () => {
  await fresh.db.query(`
    drop view amparo_core.users, amparo_core.ecosystems;
    create view amparo_core.users as
      select id as user_id, email, null::text as phone, null::text as display_name, null::text as locale,
             'active'::text as status, null::boolean as is_staff from vendor.person;
    create view amparo_core.ecosystems as
      select id as ecosystem_id, null::text as name, null::text as owner_user_id, 'active'::text as status,
             null::text[] as features from vendor.clinic`)
  const found = await core(fresh.db).lookUp('MARTA@clinica-sol.test')
  expect(found).toMatchObject({
    found: 'one',
    person: { name: 'marta@clinica-sol.test', locale: 'en', staff: false, active: true },
    memberships: [{ ecosystemId: 'cli_sol', name: 'cli_sol', role: 'member', features: [] }],
  })
})
