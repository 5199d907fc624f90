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
