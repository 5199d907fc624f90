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

/** Memberships as they stand, with this as their seats: for the rest of its file, so it comes last. */
const seatsAre = (column: string) =>
  fresh.db.query(`
    drop view amparo_core.memberships;
    create view amparo_core.memberships as
      select clinic_id as ecosystem_id, person_id as user_id, role, active, ${column} as seats from vendor.seat`)

test('what somebody has a seat in is theirs alone, in that ecosystem, while their membership lives; a list that is none gives none', async () => {
  const asking = core(fresh.db, { seats: true })
  const theirs = async (email: string) => {
    const found = await asking.lookUp(email)
    return found.found === 'one' ? found.memberships.map(({ ecosystemId, seats = [] }) => [ecosystemId, seats]) : found
  }
  expect(await theirs('leo@clinica-sol.test')).toEqual([['cli_sol', []]])
  // A product that wants one would open for nobody: that is said before anybody wonders.
  expect([await core(fresh.db).faults(), await asking.faults()]).toEqual([
    [],
    [
      'amparo_core.memberships has no column seats (text[]). Add it to the view; null is allowed where you have no such thing.',
    ],
  ])
  await seatsAre(`case person_id when 'per_leo' then array['app', 'pro'] when 'per_marta' then null::text[] end`)
  expect(await theirs('leo@clinica-sol.test')).toEqual([['cli_sol', ['app', 'pro']]])
  expect(await theirs('marta@clinica-sol.test')).toContainEqual(['cli_sol', []])
  const now = async () =>
    (
      await asking.standings([
        { userId: 'per_leo', ecosystemId: 'cli_sol' },
        { userId: 'per_leo', ecosystemId: 'cli_nandu' },
        { userId: 'per_marta', ecosystemId: 'cli_sol' },
      ])
    ).map(({ seats }) => seats)
  expect(await now()).toEqual([['app', 'pro'], [], []])
  expect(await core(fresh.db).lookUp('leo@clinica-sol.test')).not.toHaveProperty('memberships.0.seats')
  expect(await asking.faults()).toEqual([])

  await seatsAre(`'app'::text`)
  expect([await theirs('leo@clinica-sol.test'), await now()]).toEqual([[['cli_sol', []]], [[], [], []]])
  expect(await asking.faults()).toEqual([
    'amparo_core.memberships.seats is text; it must be text[]. Cast it in the view: seats::text[].',
  ])

  await seatsAre(`array['app']`)
  await fresh.db.query(`update vendor.seat set active = false where person_id = 'per_leo'`)
  expect(await now()).toEqual([[], [], ['app']])
})
