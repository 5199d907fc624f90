import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { AssistanceId } from '../words.ts'
import { closeByDesk } from './ending.flow.ts'
import { agentAtDesk, opened, right, testOutside } from './testing.ts'
import { list } from './view.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

test('a list that is read page by page shows each assistance once, also those opened in the same millisecond', async () => {
  const outside = testOutside(fresh)
  const ana = await agentAtDesk(outside)
  const ids: AssistanceId[] = []
  for (let i = 0; i < 7; i += 1) {
    const id = await opened(outside, ana, 'marta@clinica-sol.test')
    right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
    ids.push(id)
  }
  await fresh.db.query(`update assistance set opened_at = date_trunc('second', opened_at) + x.nth * interval '7 us'
    from (select id as one, row_number() over () as nth from assistance) x where id = one`)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await list(outside, ana.agentId, { agent: ana.agentId, cursor, limit: 2 })
    seen.push(...(page?.items.map((item) => item.id) ?? []))
    cursor = page?.nextCursor
  } while (cursor)
  expect([...seen].sort()).toEqual([...ids].sort())
})

test('a cursor that is none of ours is none', async () => {
  const outside = testOutside(fresh)
  const { agentId } = await agentAtDesk(outside)
  expect(await list(outside, agentId, { cursor: "x'; --", limit: 2 })).toBeUndefined()
})

test('what has ended is in one list at every moment, also before that was written down', async () => {
  const outside = testOutside(fresh)
  const cut = `insert into cutoff (id, scope, made_at, made_by, recorded_at)
               values ('co_byhand', 'everything', app_now(), '{"kind":"system","id":"operator"}', app_now())`
  const ways = {
    expired: `update agent_session set expires_at = clock_timestamp() where id = (select agent_session_id from assistance where id = $1)`,
    beside: `update ending set assistance_id = $1, because = 'cancelled', actor = '{"kind":"system","id":"test"}', at = app_now() where slot = 1`,
    cut: `${cut} returning $1::text`,
  }
  for (const [way, sql] of Object.entries(ways)) {
    const ana = await agentAtDesk(outside)
    const id = await opened(outside, ana, 'marta@clinica-sol.test')
    const lists = async () => {
      const held: string[] = []
      for (const state of ['live', 'closed']) {
        const page = await list(outside, ana.agentId, { state, limit: 200 })
        if (page?.items.some((item) => item.id === id)) held.push(state)
      }
      return held
    }
    expect([way, await lists()]).toEqual([way, ['live']])
    await fresh.db.query(sql, [id])
    expect([way, await lists()]).toEqual([way, ['closed']])
  }
  await fresh.db.query('delete from cutoff')
})
