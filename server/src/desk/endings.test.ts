/** An ending waits for nobody: not for whoever holds its row, and not for its record. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, askedUser, pageOf, right, story, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { end } from '../companion/companion.flow.ts'
import { until } from '../database/processes.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { tokenDigest } from '../secrets.ts'
import { check } from '../surfaces/liveness.ts'
import { anAgent, anAssistance, openWeb } from '../surfaces/testing.ts'
import { system } from '../words.ts'
import { close, settleCut } from './endings.ts'
import { noteOnce } from './note.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const because = async (id: Parameters<typeof viewOf>[1]) => (await viewOf(outside, id))?.because
const slots = async () => (await fresh.db.query('select from ending where assistance_id is not null')).length

/** Somebody who holds the row and does not let go until `meanwhile` is over: a process that froze inside a transaction. */
const frozen = (id: string, meanwhile: () => Promise<unknown>) =>
  fresh.db.transaction(async (tx) => {
    await tx.query('select from assistance where id = $1 for update', [id])
    await meanwhile()
  })

test('a stop is a stop while a frozen process holds the row, and is written once it lets go', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const { world, linked } = await pageOf(outside, id)
  await frozen(id, async () => {
    expect(right(await end(world, linked, 'stop'))).toMatchObject({ because: 'stopped_by_user' })
    expect(await because(id)).toBe('stopped_by_user')
    expect((await closeByDesk(outside, ana, id, { because: 'finished' })).ok).toBe(false)
    expect(await settleCut(fresh.db)).toEqual([])
  })
  expect(await settleCut(fresh.db)).toEqual([{ id, because: 'stopped_by_user' }])
  expect([await because(id), (await story(outside, id)).at(-1), await slots()]).toEqual([
    'stopped_by_user',
    'assistance.closed',
    0,
  ])
  const [event] = await fresh.db.query<{ actor: string }>(
    `select actor_id as actor from event where assistance_id = $1 and type = 'assistance.closed'`,
    [id],
  )
  expect(event?.actor).toBe(linked.assistance.userId)
})

test('what is told of once stands in the record once, by however many it is told and whenever', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const tell = (once: string) =>
    noteOnce(fresh.db, id, once, { type: 'activity.mismatch', actor: system('beat'), data: { why: once } })
  await Promise.all(Array.from({ length: 20 }, () => tell('one')))
  await tell('one')
  await tell('other')
  const told = await fresh.db.query<{ n: number; why: string }>(
    `select n, body::jsonb #>> '{data,why}' as why from event where assistance_id = $1 and type = 'activity.mismatch' order by n`,
    [id],
  )
  expect(told.map(({ why }) => why)).toEqual(['one', 'other'])
  const [row] = await fresh.db.query('select n from assistance where id = $1', [id])
  expect(row).toEqual({ n: told.at(-1)?.n })
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test('a report that meets a frozen process locks the pair all the same', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, 'nuria@clinica-sol.test')
  const { world, linked } = await pageOf(outside, id)
  await frozen(id, async () => right(await end(world, linked, 'not-me')))
  await settleCut(fresh.db)
  expect(await because(id)).toBe('reported_by_user')
  expect(await fresh.db.query('select from pair_lock where agent_id = $1', [ana.agentId])).toHaveLength(1)
})

test('an ending that cannot be recorded ends all the same, and is recorded, once, when it can be', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  // What a full disk says of the record (53100), from the one place that every event passes.
  await fresh.db.query(`create function full_disk() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`)
  await fresh.db.query('create trigger disk_is_full before insert on event for each row execute function full_disk()')
  await expect(closeByDesk(outside, ana, id, { because: 'finished' })).resolves.toMatchObject({ ok: true })
  expect(await because(id)).toBe('finished')
  await expect(settleCut(fresh.db)).rejects.toThrow('No space left')
  await fresh.db.query('drop trigger disk_is_full on event')
  await Promise.all(Array.from({ length: 20 }, () => settleCut(fresh.db)))
  expect((await story(outside, id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
  expect([await because(id), await slots()]).toEqual(['finished', 0])
})

test('twenty stops at once against a held row: one ending', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  await frozen(id, async () => {
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => close(fresh.db, id, { because: 'cancelled', actor: system('test') })),
    )
    expect(ended.filter((one) => one)).toHaveLength(1)
  })
  await settleCut(fresh.db)
  expect(await because(id)).toBe('cancelled')
})

test('an ending that meets another one half written, beside a held row, waits for it and is none', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const cancel = () => close(fresh.db, id, { because: 'cancelled', actor: system('test') })
  const waits = async (pid: number) =>
    (await fresh.db.query('select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [pid])).length > 0
  await frozen(id, async () => {
    const late = await fresh.db.transaction(async (first) => {
      const [{ pid } = { pid: 0 }] = await first.query<{ pid: number }>(
        `update ending set assistance_id = $1, because = 'finished', actor = $2, at = app_now() where slot = 500
         returning pg_backend_pid() as pid`,
        [id, JSON.stringify(system('test'))],
      )
      const ended = cancel()
      await Promise.race([ended, until(() => waits(pid), 10_000)])
      return { ended }
    })
    expect([await late.ended, await because(id)]).toEqual([undefined, 'finished'])
  })
  await settleCut(fresh.db)
  expect([await because(id), await slots()]).toEqual(['finished', 0])
})

test('where no place is left for an ending, nobody is told that it has ended', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const cancel = () => close(fresh.db, id, { because: 'cancelled', actor: system('test') })
  await fresh.db.query(`update ending set assistance_id = 'as_other' || slot, because = 'cancelled', at = app_now()`)
  await frozen(id, async () => {
    await expect(cancel()).rejects.toMatchObject({ code: '55P03' })
    expect(await because(id)).toBeUndefined()
  })
  await fresh.db.query('update ending set assistance_id = null, because = null, at = null')
  expect([await cancel(), await because(id)]).toEqual([{ id, because: 'cancelled' }, 'cancelled'])
})

test('of a hundred that are open at once, each is refused from its own stop on, and the others live', async () => {
  const open = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const id = await anAssistance(fresh.db, outside.secrets, await anAgent(fresh.db))
      return { id, token: tokenDigest(await openWeb(fresh.db, id)) }
    }),
  )
  const alive = async (those: typeof open) =>
    (await Promise.all(those.map(({ token }) => check(fresh.db, token, 'test-web')))).filter(Boolean).length
  expect(await alive(open)).toBe(100)
  const [some, others] = [open.slice(0, 50), open.slice(50)]
  const refused = await Promise.all(
    some.map(async ({ id, token }) => {
      await close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'per_leo' } })
      return (await check(fresh.db, token, 'test-web')) === undefined
    }),
  )
  expect(refused.filter(Boolean)).toHaveLength(50)
  expect([await alive(some), await alive(others)]).toEqual([0, 50])
})
