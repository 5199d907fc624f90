import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, testOutside } from '../assistance/testing.ts'
import { type Database, watched } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { fillLive } from '../surfaces/many.testing.ts'
import type { AssistanceId } from '../words.ts'
import { beat } from './beat.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())
beforeEach(async () => {
  await fresh.db.query('update beat set epoch = null, at = clock_timestamp()')
})

/** A network to the real database that can be cut, and a clock that we hold. */
function world() {
  let cut = false
  let now = 0
  const gone = () => Promise.reject(Object.assign(new Error('the network is cut'), { code: 'ECONNREFUSED' }))
  const db: Database = {
    ...fresh.db,
    query: (...asked) => (cut ? gone() : fresh.db.query(...asked)),
    transaction: (...asked) => (cut ? gone() : fresh.db.transaction(...asked)),
  }
  const heart = beat(db, () => now)
  return {
    heart,
    async outage(seconds: number, othersSawIt = true) {
      cut = true
      await expect(heart.run()).rejects.toThrow()
      now += seconds * 1000
      cut = false
      if (othersSawIt) await fresh.db.query('update beat set at = at - make_interval(secs => $1)', [seconds])
    },
  }
}
const standing = async (id: AssistanceId) => {
  const found = await read(fresh.db, id)
  return found?.assistance.state === 'closed' ? found.assistance.because : found?.assistance.state
}
const helped = async (user = 'marta@clinica-sol.test') => activeFor(outside, await agentAtDesk(outside), user)

test('help goes on after 29 seconds without the record, and is over after 31', async () => {
  const id = await helped()
  const { heart, outage } = world()
  await heart.run()
  await outage(29)
  expect(heart.isWell()).toBe(false)
  expect([await heart.run(), await standing(id), heart.isWell()]).toEqual([0, 'active', true])
  await outage(31)
  expect([await heart.run(), await standing(id)]).toEqual([1, 'audit_unavailable'])
  expect(await heart.run()).toBe(0)
})

test('what half a minute without the record has ended, ended when it began; what had lapsed before is over by its lapse', async () => {
  const [id, idle, lapsed] = [
    await helped(),
    await helped('leo@clinica-sol.test'),
    await helped('nuria@clinica-sol.test'),
  ]
  const silentFor = (one: AssistanceId, seconds: number) =>
    fresh.db.query('update assistance set user_seen_at = app_now() - make_interval(secs => $2) where id = $1', [
      one,
      seconds,
    ])
  await silentFor(idle, 14 * 60 + 50)
  await silentFor(lapsed, 16 * 60)
  const { heart, outage } = world()
  await heart.run()
  await fresh.db.query(`update assistance set opened_at = opened_at - interval '5 minutes'`)
  await outage(40)
  await heart.run()
  const rows = await fresh.db.query<{ id: string; ago: number }>(
    'select id, extract(epoch from app_now() - closed_at)::float8 as ago from assistance where id = any ($1)',
    [[id, idle, lapsed]],
  )
  const ago = (one: AssistanceId) => rows.find((row) => row.id === one)?.ago
  // As of the halt: forty seconds ago and a little more, never the moment in which it was written.
  for (const one of [id, idle]) {
    expect(ago(one)).toBeGreaterThanOrEqual(40)
    expect(await standing(one)).toBe('audit_unavailable')
  }
  // Its fifteen minutes were over before the halt.
  expect(ago(lapsed)).toBeGreaterThanOrEqual(60)
  expect(await standing(lapsed)).toBe('expired_idle')
})

test('a server that was cut off alone ends nothing: another could record all the while', async () => {
  const id = await helped()
  const { heart, outage } = world()
  await heart.run()
  await outage(120, false)
  expect([await heart.run(), await standing(id)]).toEqual([0, 'active'])
})

test('a server that was merely stopped for an hour finds what is open as it is', async () => {
  const id = await helped()
  await world().heart.run()
  await fresh.db.query(`update beat set at = at - interval '1 hour'`)
  expect([await world().heart.run(), await standing(id)]).toEqual([0, 'active'])
})

test('another cluster than before ends everything that looks alive', async () => {
  const id = await helped()
  await fresh.db.query(`update beat set epoch = '1.00000001', at = at - interval '1 minute'`)
  expect([await world().heart.run(), await standing(id)]).toEqual([1, 'restored'])
})

test('however much is alive, it ends in turns: what one has ended stays ended, and nothing beats before the last', async () => {
  await world().heart.run()
  await fillLive(fresh.db, 250)
  const epochs = () => fresh.db.query<{ epoch: string }>('select epoch from beat')
  await fresh.db.query(`update beat set epoch = '1.00000001', at = at - interval '1 minute'`)
  const alive = async () =>
    (await fresh.db.query(`select from assistance where id like 'as_00000000%' and because is null`)).length
  let turns = 0
  const dying: Database = {
    ...fresh.db,
    transaction: (...asked) => {
      turns += 1
      const gone = Object.assign(new Error('the network is cut'), { code: 'ECONNREFUSED' })
      return turns > 2 ? Promise.reject(gone) : fresh.db.transaction(...asked)
    },
  }
  const heart = beat(dying, () => 0)
  await expect(heart.run()).rejects.toThrow('the network is cut')
  expect(heart.isWell()).toBe(false)
  expect([await alive(), await epochs()]).toEqual([50, [{ epoch: '1.00000001' }]])
  expect([await world().heart.run(), await alive()]).toEqual([50, 0])
  expect(await epochs()).not.toEqual([{ epoch: '1.00000001' }])
  expect(
    await fresh.db.query(
      `select distinct closed_at from assistance where id like 'as_00000000%' and because = 'restored' order by 1`,
    ),
  ).toHaveLength(2)
})

test('who had to wait for the beat of another believes it, and ends nothing', async () => {
  const id = await helped()
  const { heart, outage } = world()
  await heart.run()
  await outage(40)
  let late: Promise<number> = Promise.resolve(0)
  await fresh.db.transaction(async (tx) => {
    const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>(
      'select pg_backend_pid() as pid from beat for update',
    )
    // It waits for two seconds at the most; where that was too short, it comes again.
    late = heart.run().catch(() => heart.run())
    await expect
      .poll(() => fresh.db.query('select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [pid]))
      .not.toEqual([])
    await tx.query('update beat set at = clock_timestamp()')
  })
  expect([await late, await standing(id)]).toEqual([0, 'active'])
})

test('of ten servers that come back at once, one ends, and each assistance once', async () => {
  const id = await helped()
  const servers = Array.from({ length: 10 }, world)
  for (const { heart } of servers) await heart.run()
  await Promise.all(servers.map(({ outage }) => outage(40, false)))
  await fresh.db.query(`update beat set at = at - interval '40 seconds'`)
  const ended = await Promise.all(servers.map(({ heart }) => heart.run()))
  expect(ended.sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  expect(
    await fresh.db.query(`select from event where assistance_id = $1 and type = 'assistance.closed'`, [id]),
  ).toHaveLength(1)
})

test('a disk that is full is not well while one event still fits into a page that is there', async () => {
  const heart = beat(fresh.db, () => 0)
  const db = watched(fresh.db, heart.noRoom)
  // What a full disk does: what fits goes in, what needs a new page is refused.
  await fresh.db.query(`create function no_new_page() returns trigger language plpgsql as
    $$ begin if length(new.body) > 1000 then
         raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
       end if; return new; end $$`)
  await fresh.db.query('create trigger no_new_page before insert on event for each row execute function no_new_page()')
  await heart.run()
  expect(heart.isWell()).toBe(true)
  const refused = db.query(`do $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$`)
  await expect(refused).rejects.toThrow('no room')
  expect(heart.isWell()).toBe(false)
  await expect(heart.run()).rejects.toThrow('No space left')
  expect(heart.isWell()).toBe(false)
  await fresh.db.query('drop trigger no_new_page on event')
  await heart.run()
  expect(heart.isWell()).toBe(true)
  expect(await fresh.db.query(`select from event where id like 'ev_beat%'`)).toEqual([])
})
