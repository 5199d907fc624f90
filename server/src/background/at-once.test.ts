/** Many endings in one second: each recorded and announced once, by whoever is there, whoever of them dies meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Outside } from '../assistance/outside.ts'
import { testOutside } from '../assistance/testing.ts'
import { type Database, postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleDue } from '../desk/endings.ts'
import { announceEndings } from './announce.ts'

const many = 2000
let fresh: FreshDatabase
const open: Database[] = []
const dying: ChildProcess[] = []
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterEach(() => {
  for (const one of dying) one.kill('SIGKILL')
})
afterAll(async () => {
  for (const one of open) await one.close()
  await fresh.close()
})

/** A process of its own, as far as the database can tell. */
function node(): Outside {
  const db = postgres(fresh.url, { max: 5 })
  open.push(db)
  return testOutside({ db })
}

/** A real one, in the middle of it; what it holds is not committed. */
async function holding(what: 'settle' | 'announce'): Promise<{ readonly held: number; kill(): Promise<void> }> {
  const script = join(import.meta.dirname, 'dying.testing.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, fresh.url, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  dying.push(child)
  const [said] = await once(child.stdout, 'data')
  return {
    held: Number(/^holds (\d+)/.exec(String(said))?.[1]),
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** All of them at the same time, again and again, until they have done so many together: no fewer, and no more. */
async function together(nodes: readonly Outside[], work: (one: Outside) => Promise<number>, expected: number) {
  let done = 0
  const round = async () => {
    for (const some of await Promise.all(nodes.map(work))) done += some
    return done
  }
  await expect.poll(round, { timeout: 60_000, interval: 10 }).toBe(expected)
}

async function manyActive(): Promise<void> {
  for (const rows of [
    `insert into vendor.person (id, name, email) select 'many' || n, 'User ' || n, 'many' || n || '@many.test' from generate_series(1, ${many}) n`,
    `insert into agent (id, name, email, roles)
     select 'ag_many' || n, 'Agent ' || n, 'many' || n || '@support.test', '{agent:technical}' from generate_series(1, ${many}) n`,
    `insert into agent_session (id, agent_id, kind, token_digest, expires_at)
     select 'se_many' || n, 'ag_many' || n, 'cookie', sha256(convert_to('many' || n, 'utf8')), clock_timestamp() + interval '8 hours'
       from generate_series(1, ${many}) n`,
    `insert into assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, state, opened_at, user_seen_at, look_at,
       user_id, ecosystem_id, surfaces, link_digest, agent_method, consented_at, max_until)
     select 'as_' || lpad(n::text, 24, '0'), 'technical', 'ag_many' || n, 'se_many' || n, 'x@x.test', 'fault', 'active', now, now,
            now + idle_limit(), 'many' || n, 'eco_many', '{web}', sha256(convert_to('link' || n, 'utf8')), 'code', now, now + interval '1 hour'
       from generate_series(1, ${many}) n, (select app_now() as now) t`,
  ])
    await fresh.db.query(rows)
}

const count = async (sql: string): Promise<number> => Number((await fresh.db.query<{ n: string }>(sql))[0]?.n)

test('two thousand due in one second: three record and announce them, one is killed in the middle of each, and each is there once', async () => {
  await manyActive()
  await fresh.advance(15 * 60_000)
  const nodes = [node(), node()]
  const settle = async ({ db }: Outside) => (await settleDue(db, 100)).ended.length

  const settler = await holding('settle')
  expect(settler.held).toBe(100)
  await together(nodes, settle, many - settler.held)
  await settler.kill()
  await together(nodes, settle, settler.held)

  const announcer = await holding('announce')
  expect(announcer.held).toBeGreaterThan(0)
  await together(nodes, announceEndings, many - announcer.held)
  await announcer.kill()
  await together(nodes, announceEndings, announcer.held)
  expect(await announceEndings(testOutside(fresh))).toBe(0)

  const ours = `assistance a where a.id like 'as_00000000%'`
  expect({
    closed: await count(
      `select count(*) as n from ${ours} and a.state = 'closed' and a.because = 'expired_idle' and a.announced_at is not null
          and a.closed_at = a.user_seen_at + idle_limit()`,
    ),
    // One event is all that happened to it, and it is the ending.
    recorded: await count(
      `select count(*) as n from ${ours} and a.n = 1
          and (select array_agg(e.type) from event e where e.assistance_id = a.id) = array['assistance.closed']`,
    ),
    told: await count(
      `select count(*) as n from ${ours} and (select array_agg(o.purpose || o.channel) from outbox o where o.assistance_id = a.id) = array['endedemail']`,
    ),
  }).toEqual({ closed: many, recorded: many, told: many })
}, 120_000)
