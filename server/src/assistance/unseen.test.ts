/** Before the agent is proved nobody learns whether an address is registered: not from the answer, and not from its time. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { core } from '../core/core.ts'
import type { Database, Statement } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import type { AssistanceId } from '../words.ts'
import { proveAgent, sendAgentCode } from './assistance.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import { agentAtDesk, digitsSent, opened, right, testOutside, wrongFor } from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const unknown = 'nobody@nowhere.test'
/** An owner, a member, somebody inactive, one of the staff, two on one address, somebody in no ecosystem. */
const known = [
  'marta@clinica-sol.test',
  'leo@clinica-sol.test',
  'arthur@harbour-quay.test',
  'pia@acme.test',
  'frontdesk@harbour-quay.test',
  'sam@nowhere.test',
]

/** A database that writes down what it is asked, in order. */
function overheard(db: Database, heard: string[]): Database {
  const name = (what: Statement | string) => (typeof what === 'string' ? what : what.name)
  return {
    ...db,
    query: (what, values) => {
      heard.push(name(what))
      return db.query(what, values)
    },
    transaction: (work, limitMs) => db.transaction((tx) => work(overheard(tx, heard)), limitMs),
  }
}

/** All that can be done before the agent is proved: opened, looked at, their own code sent and typed wrong. */
async function unproved(outside: Outside, agent: Caller, email: string): Promise<AssistanceId> {
  const id = await opened(outside, agent, email)
  right(await sendAgentCode(outside, agent, id))
  await proveAgent(outside, agent, id, wrongFor(await digitsSent(outside, id, 'agent')))
  return id
}

test('before the agent is proved the database is asked the very same for every address, and the Core nothing at all', async () => {
  const heard: string[] = []
  const db = overheard(fresh.db, heard)
  const outside = testOutside(fresh, { db, core: core(db) })
  const questions: string[][] = []
  const shapes: string[][] = []
  for (const email of [unknown, ...known]) {
    const agent = await agentAtDesk(outside)
    heard.length = 0
    const id = await unproved(outside, agent, email)
    const seen = (await viewOf(outside, id)) ?? {}
    questions.push([...heard])
    shapes.push(Object.keys(seen).sort())
    expect(JSON.stringify(seen)).not.toContain(email)
  }
  for (const [at, email] of known.entries()) {
    expect(questions[at + 1], email).toEqual(questions[0])
    expect(shapes[at + 1], email).toEqual(shapes[0])
  }
  expect(questions[0]?.length).toBeGreaterThan(3)
  expect(questions.flat().filter((one) => one.startsWith('core.'))).toEqual([])
})

test('of two hundred tries each, in turn, a known and an unknown address are answered in times that nobody can tell apart', async () => {
  const { standard } = presets
  const policy = { ...standard, quotas: { ...standard.quotas, assistancesPerAgentADay: null } }
  const outside = testOutside(fresh, { policy })
  const agent = await agentAtDesk(outside)
  const timed = async (email: string) => {
    const began = performance.now()
    const id = await opened(outside, agent, email)
    await viewOf(outside, id)
    const ms = performance.now() - began
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
    return ms
  }
  const [those, others]: [number[], number[]] = [[], []]
  for (let round = -10; round < 200; round += 1) {
    const both = [
      async () => those.push(await timed(known[Math.abs(round) % known.length] ?? '')),
      async () => others.push(await timed(unknown)),
    ]
    // Whoever comes second finds the machine warmer, so they take turns in that too.
    for (const one of round % 2 === 0 ? both : both.reverse()) await one()
    if (round < 0) those.length = others.length = 0
  }
  // By chance this lies within 0.5 ± 0.03 two times in three; 0.15 is five times that. It does not depend on how fast
  // the machine is or on who else uses it, since both kinds share that.
  expect(Math.abs(slowerShare(those, others) - 0.5)).toBeLessThan(0.15)
}, 120_000)

/** How often one of these took longer than one of those, of all pairs: 0.5 where nothing tells them apart (Mann–Whitney). */
const slowerShare = (these: readonly number[], those: readonly number[]): number =>
  these
    .flatMap((one) => those.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)))
    .reduce<number>((sum, part) => sum + part, 0) /
  (these.length * those.length)
