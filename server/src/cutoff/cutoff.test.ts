import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { open } from '../assistance/assistance.flow.ts'
import { askConsent, chooseEcosystem, proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside as AssistanceOutside } from '../assistance/outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  provedAgent,
  right,
  story,
  testOutside,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleCut } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { identityOutside } from '../identity/testing.ts'
import { tokenDigest } from '../secrets.ts'
import { check } from '../surfaces/liveness.ts'
import { fillLive } from '../surfaces/many.testing.ts'
import { surfacesSetUp } from '../surfaces/setup.store.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { closeCutSurfaces } from '../surfaces/surfaces.store.ts'
import { openWeb } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { carryOut, cutOff, lift, type Outside } from './cutoff.flow.ts'
import { cutsStanding } from './cutoff.store.ts'
import { flagAt, flagsIn, raise } from './flag.ts'

let fresh: FreshDatabase
let desk: AssistanceOutside
let outside: Outside
const folder = mkdtempSync(join(tmpdir(), 'amparo-flag-'))
const file = join(folder, 'stopped.json')
const password = 'not used here'
beforeAll(async () => {
  fresh = await freshDatabase()
  desk = testOutside(fresh)
  outside = {
    db: fresh.db,
    identity: identityOutside(desk),
    endCutSurfaces: () => closeCutSurfaces(fresh.db),
    wake: () => undefined,
  }
})
afterEach(async () => {
  await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
  await fresh.db.query(`update agent_session set ended_at = clock_timestamp() where ended_at is null`)
  rmSync(file, { force: true })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await fresh.close()
})

const fresh_ = { method: 'password', password } as const
const supervisor = () => agentAtDesk(desk, ['supervisor'])
const everything = { scope: 'everything', why: 'something is wrong', fresh: fresh_ } as const
const because = async (id: AssistanceId) => {
  const seen = await viewOf(desk, id)
  return seen?.because ?? seen?.state
}
const word = (outcome: { ok: boolean; refusal?: string }) => (outcome.ok ? 'yes' : outcome.refusal)
const ofCutoffs = async () =>
  (await fresh.db.query<{ type: string }>(`select type from event where type like 'cutoff.%' order by ord`)).map(
    (one) => one.type,
  )
const inStates = async (): Promise<readonly (readonly [Caller, AssistanceId])[]> => {
  const agents = await Promise.all(Array.from({ length: 4 }, () => agentAtDesk(desk)))
  const [one, two, three, four] = agents
  if (!one || !two || !three || !four) throw new Error('four agents')
  return [
    [one, await opened(desk, one, 'leo@clinica-sol.test')],
    [two, await provedAgent(desk, two, 'leo@clinica-sol.test')],
    [three, await askedUser(desk, three, 'nuria@clinica-sol.test')],
    [four, await activeFor(desk, four, 'leo@clinica-sol.test')],
  ]
}

test('everything off ends every assistance in every state, refuses new ones with a sentence, and lifting revives nothing', async () => {
  const boss = await supervisor()
  const live = await inStates()
  right(await cutOff(outside, boss, everything))
  for (const [, id] of live) expect(await because(id)).toBe('killed')
  const [[ana, first]] = live as [(typeof live)[number]]
  expect(
    word(await open(desk, ana, { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } })),
  ).toBe('access.switched_off')
  const [event] = await fresh.db.query<{ actor: string }>(
    `select actor_id as actor from event where assistance_id = $1 and type = 'assistance.closed'`,
    [first],
  )
  expect(event?.actor).toBe(boss.agentId)
  const [standing] = await cutsStanding(fresh.db)
  right(await lift(outside, boss, standing?.id ?? '', { why: 'all is well', fresh: fresh_ }))
  for (const [, id] of live) expect(await because(id)).toBe('killed')
  expect(await activeFor(desk, ana, 'leo@clinica-sol.test')).toBeTruthy()
  expect(await ofCutoffs()).toEqual(['cutoff.made', 'cutoff.lifted'])
})

test('lifting revives nothing, however much was open when everything was switched off', async () => {
  await fillLive(fresh.db, 600)
  await fresh.db.query(
    `insert into cutoff (id, scope, made_at, made_by, recorded_at) values ('co_many', 'everything', app_now(), '{"kind":"system","id":"operator"}', app_now())`,
  )
  right(await lift(outside, await supervisor(), 'co_many', { why: 'all is well', fresh: fresh_ }))
  expect(
    await fresh.db.query(
      `select because, count(*)::int as count from assistance where id like 'as_00000000%' group by 1`,
    ),
  ).toEqual([{ because: 'killed', count: 600 }])
})

test.each([{ scope: 'everything' }, { scope: 'ecosystem', target: 'cli_sol' }] as const)(
  'what somebody holds does not live again when $scope is lifted: until it is written, nothing is',
  async (cut) => {
    const [boss, ana] = [await supervisor(), await agentAtDesk(desk)]
    const id = await activeFor(desk, ana, 'marta@clinica-sol.test')
    const lifts = async () => {
      const [standing] = await cutsStanding(fresh.db)
      return word(await lift(outside, boss, standing?.id ?? '', { why: 'all is well', fresh: fresh_ }))
    }
    await fresh.db.transaction(async (tx) => {
      await tx.query('set local idle_in_transaction_session_timeout = 0')
      await tx.query('select from assistance where id = $1 for update', [id])
      right(await cutOff(outside, boss, { ...cut, why: 'something is wrong', fresh: fresh_ }))
      expect([await lifts(), await because(id)]).toEqual(['cutoff.held', 'killed'])
    })
    expect([await lifts(), await because(id)]).toEqual(['yes', 'killed'])
  },
)

test('one ecosystem off ends what has asked or has consent there, refuses the asking, and leaves the others alone', async () => {
  const boss = await supervisor()
  const [ana, ben, cai] = await Promise.all([agentAtDesk(desk), agentAtDesk(desk), agentAtDesk(desk)])
  const there = await activeFor(desk, ana, 'marta@clinica-sol.test')
  const looking = await provedAgent(desk, ben, 'nuria@clinica-sol.test')
  const elsewhere = await askedUser(desk, cai, 'ximena@nandu.test', 'cli_nandu')
  right(await cutOff(outside, boss, { scope: 'ecosystem', target: 'cli_sol', why: 'a leak', fresh: fresh_ }))
  expect([await because(there), await because(looking), await because(elsewhere)]).toEqual([
    'killed',
    'user_lookup',
    'consent',
  ])
  await chooseEcosystem(desk, ben, looking, 'cli_sol')
  expect(word(await askConsent(desk, ben, looking, {}))).toBe('access.switched_off')
  expect(await story(desk, looking)).toContain('step.refused')
  right(await proveUser(desk, cai, elsewhere, { code: await digitsSent(desk, elsewhere, 'consent') }))
})

test('one product off refuses its launches and keeps the assistance', async () => {
  const boss = await supervisor()
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  right(await cutOff(outside, boss, { scope: 'surface', target: 'web', why: 'a leak', fresh: fresh_ }))
  const opening = { ...desk, issuerOrigin: 'https://assist.acme.test' }
  expect(word(await launch(opening, ana, id, 'web'))).toBe('access.switched_off')
  expect(await because(id)).toBe('active')
})

test('one product off ends what is open in it, for good, and leaves the others open', async () => {
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  const token = tokenDigest(await openWeb(fresh.db, id))
  right(await cutOff(outside, await supervisor(), { scope: 'surface', target: 'store', why: 'a leak', fresh: fresh_ }))
  expect(await check(fresh.db, token, 'test-web')).toBeDefined()
  right(await cutOff(outside, await supervisor(), { scope: 'surface', target: 'web', why: 'a leak', fresh: fresh_ }))
  expect(await check(fresh.db, token, 'test-web')).toBeUndefined()
  expect(await because(id)).toBe('active')
  expect((await story(desk, id)).filter((type) => type === 'surface.closed')).toHaveLength(1)
  await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
  expect(await check(fresh.db, token, 'test-web')).toBeUndefined()
})

test.each([
  { scope: 'everything', target: null },
  { scope: 'ecosystem', target: 'cli_sol' },
  { scope: 'surface', target: 'web' },
] as const)(
  'with $scope off nothing of it counts as open in its product, also before anybody has written what ended',
  async (cut) => {
    const openInWeb = async () =>
      (await surfacesSetUp(fresh.db, desk.surfaces)).find(({ surface }) => surface === 'web')?.openNow
    const id = await activeFor(desk, await agentAtDesk(desk), 'leo@clinica-sol.test')
    await openWeb(fresh.db, id)
    expect(await openInWeb()).toBeGreaterThan(0)
    await fresh.db.query(
      `insert into cutoff (id, scope, target, made_at, made_by, recorded_at)
     values ($1, $2, $3, app_now(), '{"kind":"system","id":"operator"}', app_now())`,
      [`co_of_${cut.scope}`, cut.scope, cut.target],
    )
    expect(await openInWeb()).toBe(0)
  },
)

test('only a supervisor or an administrator switches, each time with a fresh proof, and twice is said', async () => {
  const [ana, boss, admin] = await Promise.all([agentAtDesk(desk), supervisor(), agentAtDesk(desk, ['admin'])])
  expect(word(await cutOff(outside, ana, everything))).toBe('agent.not_allowed')
  const wrong = { method: 'password', password: 'another' } as const
  expect(word(await cutOff(outside, boss, { ...everything, fresh: wrong }))).toBe('fresh.wrong')
  expect(await cutsStanding(fresh.db)).toEqual([])
  right(await cutOff(outside, admin, everything))
  expect(word(await cutOff(outside, boss, everything))).toBe('cutoff.standing')
  const [standing] = await cutsStanding(fresh.db)
  expect(word(await lift(outside, ana, standing?.id ?? '', { why: 'please', fresh: fresh_ }))).toBe('agent.not_allowed')
  expect(word(await lift(outside, boss, 'co_nothing', { why: 'please', fresh: fresh_ }))).toBe('cutoff.unknown')
})

test('while nothing can be recorded it acts all the same, is recorded later, and only then can be lifted', async () => {
  const boss = await supervisor()
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  const before = (await ofCutoffs()).length
  await fresh.db.query(
    `alter table event add constraint full_disk check (type not like 'cutoff.%' and type <> 'assistance.closed') not valid`,
  )
  await cutOff(outside, boss, everything).catch(() => undefined)
  expect(await because(id)).toBe('killed')
  const [standing] = await cutsStanding(fresh.db)
  await expect(
    fresh.db.query(`select`).then(() => lift(outside, boss, standing?.id ?? '', { why: 'now', fresh: fresh_ })),
  ).rejects.toThrow()
  await fresh.db.query('alter table event drop constraint full_disk')
  await carryOut(outside, flagAt(file))
  expect((await ofCutoffs()).length).toBe(before + 1)
  expect(await story(desk, id)).toContain('assistance.closed')
  right(await lift(outside, boss, standing?.id ?? '', { why: 'all is well', fresh: fresh_ }))
})

test('a machine that was told by its file refuses at once, and hands it to the database with its time and its event', async () => {
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  const flag = flagAt(file)
  expect(flag.stops({})).toBe(false)
  const at = new Date(Date.now() - 5000).toISOString()
  raise(file, { scope: 'ecosystem', target: 'cli_sol', why: 'by hand', at })
  await expect.poll(() => flag.stops({ ecosystemId: 'cli_sol' })).toBe(true)
  expect(flag.stops({ ecosystemId: 'cli_nandu' })).toBe(false)
  await carryOut(outside, flag)
  expect(flagsIn(file)).toEqual([])
  expect(await cutsStanding(fresh.db)).toMatchObject([
    { scope: 'ecosystem', target: 'cli_sol', by: { id: 'operator' } },
  ])
  expect((await cutsStanding(fresh.db))[0]?.madeAt.toISOString()).toBe(at)
  expect(await because(id)).toBe('killed')
  flag.close()
})

test('a product that a machine switched off is closed however late the database hears of it', async () => {
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  const token = tokenDigest(await openWeb(fresh.db, id))
  const flag = flagAt(file)
  const at = new Date(Date.now() - 8 * 3_600_000).toISOString()
  raise(file, { scope: 'surface', target: 'web', why: 'by hand', at })
  await expect.poll(() => flag.stops({ surface: 'web' })).toBe(true)
  await carryOut(outside, flag)
  await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
  expect(await check(fresh.db, token, 'test-web')).toBeUndefined()
  expect(await story(desk, id)).toContain('surface.closed')
  flag.close()
})

test('a file that says nothing we can read switches everything off', () => {
  writeFileSync(file, '{"scope": "every')
  const flag = flagAt(file)
  expect(flag.stops({ surface: 'web' })).toBe(true)
  flag.close()
})

test('a cut that nobody has carried out yet is judged by join: dead at the next reading, written by whoever comes', async () => {
  const ana = await agentAtDesk(desk)
  const id = await activeFor(desk, ana, 'leo@clinica-sol.test')
  await fresh.db.query(
    `insert into cutoff (id, scope, made_at, made_by, recorded_at) values ('co_byhand', 'everything', app_now(), '{"kind":"system","id":"operator"}', app_now())`,
  )
  expect(await because(id)).toBe('killed')
  expect(word(await closeByDesk(desk, ana, id, { because: 'cancelled' }))).toBe('assistance.closed')
  expect((await settleCut(fresh.db)).length).toBe(0)
  expect((await story(desk, id)).at(-1)).toBe('assistance.closed')
})
