import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { closeByDesk } from './ending.flow.ts'
import { addNote, setNotice } from './notes.flow.ts'
import { notice } from './notice.store.ts'
import type { Outside } from './outside.ts'
import { activeFor, agentAtDesk, opened, right, testOutside } from './testing.ts'
import { list, viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(() => {
  outside = testOutside(fresh)
})

const marta = 'marta@clinica-sol.test'
const supervisor = () => agentAtDesk(outside, ['supervisor'])
const hours = (n: number) => fresh.advance(n * 3_600_000)
const events = () => fresh.db.query<{ type: string; body: string }>('select type, body from event order by ord')

describe('notes', () => {
  test('of its agent and of a supervisor stand there with their names, in their order, and their text is not in the log', async () => {
    const [ana, sara] = [await agentAtDesk(outside), await supervisor()]
    const id = await opened(outside, ana, marta)
    right(await addNote(outside, ana, id, { text: 'Called twice\nand was cut off' }))
    right(await addNote(outside, sara, id, { text: 'Please call back' }))
    expect((await viewOf(outside, id))?.notes).toMatchObject([
      { by: { id: ana.agentId, name: ana.name }, text: 'Called twice\nand was cut off' },
      { by: { id: sara.agentId, name: sara.name }, text: 'Please call back' },
    ])
    expect(JSON.stringify(await events())).not.toContain('cut off')
  })

  test('of a stranger are not taken: there is no such assistance for them', async () => {
    const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
    const id = await opened(outside, ana, marta)
    expect(await addNote(outside, ben, id, { text: 'mine' })).toMatchObject({ refusal: 'assistance.unknown' })
    expect((await viewOf(outside, id))?.notes).toEqual([])
  })

  test('are taken until a day after the end, and move no clock', async () => {
    const ana = await agentAtDesk(outside)
    const id = await activeFor(outside, ana, marta, 'cli_sol')
    await fresh.advance(14 * 60_000)
    right(await addNote(outside, ana, id, { text: 'Still looking' }))
    await fresh.advance(60_000)
    expect((await viewOf(outside, id))?.because).toBe('expired_idle')
    await hours(23.9)
    right(await addNote(outside, ana, id, { text: 'Called them back' }))
    await hours(0.1)
    expect(await addNote(outside, ana, id, { text: 'Too late' })).toMatchObject({ refusal: 'assistance.closed' })
  })
})

describe("the supervisor's notice", () => {
  test('is one text, with who said it and when; the newest holds, and an empty one takes it back', async () => {
    const [sara, tom] = [await supervisor(), await supervisor()]
    right(await setNotice(outside, sara, { text: 'Web down since 02:10' }))
    right(await setNotice(outside, tom, { text: 'Web is back' }))
    expect(await notice(fresh.db)).toMatchObject({
      notice: { text: 'Web is back', by: { id: tom.agentId, name: tom.name } },
    })
    right(await setNotice(outside, sara, { text: '' }))
    expect(await notice(fresh.db)).toEqual({})
    expect((await events()).filter(({ type }) => type === 'notice.set')).toHaveLength(3)
  })
  test('is for supervisors to write, and who else tries is in the record', async () => {
    const ana = await agentAtDesk(outside)
    expect(await setNotice(outside, ana, { text: 'Free coffee' })).toMatchObject({ refusal: 'agent.not_allowed' })
    expect(await notice(fresh.db)).toEqual({})
    expect((await events()).at(-1)?.body).toContain('"step": "notice"')
  })
})

describe('lists', () => {
  test('hold what a supervisor has to see of a live one, and the e-mail as typed for its own agent alone', async () => {
    const [ana, sara] = [await agentAtDesk(outside), await supervisor()]
    const id = await activeFor(outside, ana, marta, 'cli_sol')
    const live = async (reader: typeof ana) =>
      (await list(outside, reader.agentId, { state: 'live', limit: 50 }))?.items.find((one) => one.id === id)
    expect(await live(sara)).toMatchObject({
      agent: { name: ana.name },
      userName: 'Marta Ruiz',
      ecosystemName: 'Clínica Sol',
      state: 'active',
      idleAt: expect.any(String),
      maxAt: expect.any(String),
      surfacesOpen: [],
      reason: { code: 'fault', name: { en: 'Something does not work' } },
    })
    expect(await live(sara)).not.toHaveProperty('userEmail')
    expect(await live(ana)).toMatchObject({ userEmail: marta })
    right(await closeByDesk(outside, ana, id, { because: 'finished' }))
    expect(await live(sara)).toBeUndefined()
  })

  test('of the last hours leave out what is older, and say what time it is', async () => {
    const ana = await agentAtDesk(outside)
    const old = await opened(outside, ana, marta)
    right(await closeByDesk(outside, ana, old, { because: 'cancelled' }))
    await hours(24)
    const young = await opened(outside, ana, marta)
    const page = await list(outside, ana.agentId, { agent: ana.agentId, openedWithinHours: 24, limit: 50 })
    expect(page?.items.map(({ id }) => id)).toEqual([young])
    expect(Date.parse(page?.now ?? '')).toBeGreaterThan(Date.now() + 23 * 3_600_000)
    right(await closeByDesk(outside, ana, young, { because: 'cancelled' }))
  })
})

test('a reason keeps the words it was opened with, whatever the list says later', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  const later = { ...outside, reasons: [{ code: 'fault', name: { en: 'Renamed', es: 'Renombrado' } }] }
  expect((await viewOf(later, id))?.reason).toMatchObject({ name: { en: 'Something does not work' } })
  expect((await list({ ...later, reasons: [] }, ana.agentId, { limit: 1 }))?.items[0]?.reason.name.es).toBe(
    'Algo no funciona',
  )
})

test('a ticket leads to where tickets are, whatever it is called; what has ended has its summary', async () => {
  const ana = await agentAtDesk(outside)
  const there = { ...outside, ticketUrl: 'https://tickets.acme.com/t/{ticket}?from=amparo' }
  const id = await opened(there, ana, marta)
  await fresh.db.query('update assistance set ticket = $2 where id = $1', [id, 'A/7 $& "x"'])
  expect((await viewOf(there, id))?.ticketUrl).toBe('https://tickets.acme.com/t/A%2F7%20%24%26%20%22x%22?from=amparo')
  expect(await viewOf(outside, id)).not.toHaveProperty('ticketUrl')
  expect(await viewOf(outside, id)).not.toHaveProperty('summary')
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  const { summary } = (await viewOf(outside, id)) ?? {}
  expect(summary?.en).toContain('asked to help somebody')
  expect(`${summary?.en}${summary?.es}`).not.toContain('@')
})
