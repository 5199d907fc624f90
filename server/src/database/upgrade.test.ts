/**
 * What an older program left behind, help under way in it, under this one. `before/0032.amparo` was saved by the program of
 * 29 November 2026, when there were 32 migrations, nine years ahead of time by the clock that tests have.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFrom } from '@amparo/verifier/checkpoint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { digitsSent, right, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { sequence } from '../audit/log.store.ts'
import { aSigner } from '../audit/testing.ts'
import { verifyRecord } from '../audit/verify.store.ts'
import type { Caller } from '../door.ts'
import { secretsFrom } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import { type Restored, restore } from './backup.ts'
import { planned } from './migrate.ts'
import { emptyDatabase, type FreshDatabase } from './testing.ts'

const savedAt = '2036-05-31T00:45:53.873Z'
const recordKey = 'acme.test-record+b89db27f+AQ4+fhOx0psWA1Xk2zL0RdlyrOJjyFgIqJ27+HXJFtma'
const root = '5ZQ/dbCTyHcjuO70wXOAQ4SLWWrmaXLCUi/7i5KZgHU='
const finished = known.assistance('as_57mcka05gnht43r5ag2yij8r')
const active = known.assistance('as_5ogl272a60l3v6s0t8i42p8w')
const asked = known.assistance('as_h57lwzmj6xcufsmhfeetyecg')

let own: FreshDatabase
let outside: Outside
let restored: Restored
beforeAll(async () => {
  own = await emptyDatabase()
  restored = await restore(own.db, join(import.meta.dirname, 'before/0032.amparo'), {
    intoEmpty: false,
    settle: async () => 0,
  })
  for (const file of ['core.sql', 'successions.sql'])
    await own.db.query(await readFile(new URL(`../../../demo/${file}`, import.meta.url), 'utf8'))
  // It is a minute after it was saved, whenever this runs.
  await own.db.query(`update clock set ahead = $1::timestamptz + interval '1 minute' - clock_timestamp()`, [savedAt])
  await own.db.query(`update agent_session set expires_at = clock_timestamp() + interval '1 hour'`)
  outside = testOutside(own, { secrets: secretsFrom(Buffer.alloc(32, 7)) })
})
afterAll(() => own.close())

/** Whoever began this help, in the session in which they did. */
async function agentOf(id: AssistanceId): Promise<Caller> {
  const [row] = await own.db.query<{ agent: string; session: string; name: string; email: string }>(
    `select g.id as agent, s.id as session, g.name, g.email from assistance a join agent g on g.id = a.agent_id
       join agent_session s on s.agent_id = g.id where a.id = $1`,
    [id],
  )
  const { agent = '', session = '', name = '', email = '' } = row ?? {}
  return {
    agentId: known.agent(agent),
    sessionId: known.session(session),
    kind: 'bearer',
    name,
    email,
    phone: undefined,
    locale: 'en',
    roles: ['agent:technical'],
    expiresAt: new Date(Date.now() + 3_600_000),
  }
}
const keys = [keyFrom(recordKey)].flatMap((key) => key ?? [])

test('after an upgrade every record is in its place, the chain is unbroken, and help is where it was', async () => {
  expect(await planned(own.db)).toMatchObject({ pending: [] })
  expect(restored.tables.find(({ name }) => name === 'event')?.rows).toBe(24)
  const verdict = await verifyRecord(own.db, keys)
  expect(verdict).toMatchObject({ entries: 24, sound: 24, faults: [] })
  expect(verdict.root.toString('base64')).toBe(root)
  expect(await viewOf(outside, finished)).toMatchObject({ state: 'closed', because: 'finished' })
  expect(await viewOf(outside, active)).toMatchObject({ state: 'active' })
  expect(await viewOf(outside, asked)).toMatchObject({ state: 'consent' })
})

test('help that was under way goes on to its end, a code that was sent before is right, and the record grows out of the old one', async () => {
  right(await proveUser(outside, await agentOf(asked), asked, { code: await digitsSent(outside, asked, 'consent') }))
  for (const id of [asked, active]) right(await closeByDesk(outside, await agentOf(id), id, { because: 'finished' }))
  expect(await viewOf(outside, active)).toMatchObject({ state: 'closed', because: 'finished' })
  const next = aSigner('acme.test-record')
  expect(await sequence(own.db, next)).toBeGreaterThan(2)
  expect(await verifyRecord(own.db, [next.key, ...keys])).toMatchObject({ faults: [] })
})
