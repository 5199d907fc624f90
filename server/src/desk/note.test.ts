/** Events that stand alone, and come at the same moment. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Happening } from '../audit/event.ts'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from './note.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const read = (n: number, text?: string): Happening => ({
  type: 'record.read',
  actor: { kind: 'agent', id: `ag_${n}` },
  words: { text },
})
/** The same database, and how often it is asked to write. */
function counting(): { readonly db: Database; asked: number } {
  const counted = {
    asked: 0,
    db: {
      ...fresh.db,
      query: (...asked) => {
        counted.asked += 1
        return fresh.db.query(...asked)
      },
    } satisfies Database,
  }
  return counted
}
const written = async (): Promise<readonly string[]> => {
  const rows = await fresh.db.query<{ who: string }>(
    `select body::jsonb -> 'actor' ->> 'id' as who from event where type = 'record.read' order by 1`,
  )
  return rows.map(({ who }) => who)
}

test('what comes while others are written goes with the next, in one commit; each is there once, with its words', async () => {
  const here = counting()
  await Promise.all(Array.from({ length: 40 }, (_, n) => noteLoose(here.db, read(100 + n, `words ${n}`))))
  expect(here.asked).toBeLessThanOrEqual(2)
  expect(await written()).toEqual(Array.from({ length: 40 }, (_, n) => `ag_${100 + n}`))
  const [words] = await fresh.db.query(
    `select count(*)::int as count from erasable r join event e on e.id = r.event_id
      where r.text = 'words ' || (substr(e.body::jsonb -> 'actor' ->> 'id', 4)::int - 100)`,
  )
  expect(words).toEqual({ count: 40 })
})

test('one that cannot be written takes no other with it, and is told so', async () => {
  const before = await written()
  const bad = read(201, 'no \0 in a text')
  const twins = [read(203), read(204)].map((one) => ({ ...one, once: 'one of the two' }))
  const all = [read(199), read(200), bad, read(202), ...twins]
  const fates = (await Promise.allSettled(all.map((one) => noteLoose(fresh.db, one)))).map(({ status }) => status)
  expect(fates.slice(0, 4)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(fates.slice(4).sort()).toEqual(['fulfilled', 'rejected'])
  const since = (await written()).slice(before.length)
  expect(since).toEqual(['ag_199', 'ag_200', 'ag_202', fates[4] === 'fulfilled' ? 'ag_203' : 'ag_204'])
})

test('in a transaction they stand or fall with it, and with nobody else', async () => {
  const before = await written()
  const taken = fresh.db.transaction(async (tx) => {
    await Promise.all([noteLoose(tx, read(300)), noteLoose(fresh.db, read(301)), noteLoose(tx, read(302))])
    throw new Error('taken back')
  })
  await expect(taken).rejects.toThrow('taken back')
  expect((await written()).slice(before.length)).toEqual(['ag_301'])
})
