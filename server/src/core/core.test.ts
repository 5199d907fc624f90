import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { core } from './core.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

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
