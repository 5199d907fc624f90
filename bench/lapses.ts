/**
 * Many sessions due in the same second: when the last is recorded and announced, what a check says meanwhile, and whether the
 * process still answers. Run it with: npx tsx bench/lapses.ts [sessions]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Database, postgres } from '../server/src/database/database.ts'
import { send, us } from './check.ts'
import { startGround } from './ground.ts'
import { tokenOf } from './live.ts'
import { cpuMs, machine, percentile } from './machine.ts'
import { publish } from './publish.ts'

const sessions = Number(process.argv[2] ?? 100_000)
const givenUpMs = 30 * 60_000
/** Until all is read into memory, on a machine that does other things too. */
const beforeMs = 15_000 + sessions / 5

const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
const ground = await startGround()
const url = await ground.database('ours')
const ours = await us(url, folder, sessions, async () => {})
const db = postgres(url, { max: 2 })
try {
  const dueAt = await allDue(db)
  await pause(beforeMs / 2)
  const asked: number[] = []
  let over = false
  const asking = (async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; !over; n += 7919) {
      const began = performance.now()
      const answer = JSON.parse(await send({ ...ours.question(0), body: `token=${tokenOf(n % sessions)}` }, agent))
      asked.push(performance.now() - began)
      if (answer.active && Date.parse(answer.now) >= dueAt) throw new Error(`alive after its time: ${answer.now}`)
      await pause(10)
    }
    agent.destroy()
  })()
  const still = `select count(*) as n from amparo.assistance where id like 'as_0%' and`
  while ((await nowAt(db)) < dueAt) await pause(50)
  asked.length = 0
  const before = [cpuMs(ours.pid), cpuMs(ground.pid)] as const
  const recorded = await untilNone(`${still} state <> 'closed'`, dueAt)
  const announced = await untilNone(`${still} announced_at is null`, dueAt)
  const [server, postgresql] = [cpuMs(ours.pid) - before[0], cpuMs(ground.pid) - before[1]]
  over = true
  await asking
  await eachOnce()
  const each = (ms: number) => ((ms * 1000) / sessions).toFixed(0)
  const page = [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine()}, under a load of ${loadavg()[0]?.toFixed(0)} by other work. \`npx tsx bench/lapses.ts ${sessions}\``,
    '',
    `## ${sessions.toLocaleString('en')} due in the same second`,
    '',
    'One process with all its loops. From the moment at which their time was over:',
    '',
    '|  |  |',
    '| --- | --: |',
    '| a check says so | at once: not one said yes after its time |',
    `| all are recorded | ${(recorded / 1000).toFixed(1)} s |`,
    `| all are announced: their users' messages wait in the outbox | ${(announced / 1000).toFixed(1)} s |`,
    `| CPU of one, server and PostgreSQL | ${each(server)} and ${each(postgresql)} µs |`,
    `| a check meanwhile: median, 99th percentile, longest | ${[0.5, 0.99, 1].map((share) => percentile(asked, share).toFixed(0)).join(', ')} ms |`,
    '',
    'Each was recorded once, by one event, and announced once, by one mail. The mails of those that came first are delivered meanwhile.',
  ].join('\n')
  await publish('lapses', page)
} finally {
  await db.close()
  await ours.stop()
  await ground.close()
  await rm(folder, { recursive: true, force: true })
}

/** Whose users were last seen so long ago that all of them are due at the same moment; memory reads them anew. */
async function allDue(on: Database): Promise<number> {
  return on.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = 'replica'`)
    const [row] = await tx.query<{ due: Date }>(
      `with t as materialized (select amparo.app_now() + make_interval(secs => $1) as due),
         moved as (update amparo.assistance set user_seen_at = due - amparo.idle_limit(), look_at = due from t where id like 'as_0%')
       select due from t`,
      [beforeMs / 1000],
    )
    await tx.query(`select pg_notify('amparo_live', '*')`)
    if (!row) throw new Error('unreachable: one row')
    return row.due.getTime()
  }, 0)
}

async function nowAt(on: Database): Promise<number> {
  const [row] = await on.query<{ now: Date }>('select amparo.app_now() as now')
  return row?.now.getTime() ?? 0
}

async function untilNone(count: string, since: number): Promise<number> {
  for (;;) {
    const [row] = await db.query<{ n: string }>(count)
    const late = (await nowAt(db)) - since
    if (Number(row?.n) === 0) return late
    if (late > givenUpMs) throw new Error(`${row?.n} are left after half an hour`)
    await pause(200)
  }
}

async function eachOnce(): Promise<void> {
  const [row] = await db.query<{ n: string }>(
    `select count(*) as n from amparo.assistance a where id like 'as_0%'
        and (select count(*) from amparo.event e where e.assistance_id = a.id and e.type = 'assistance.closed') = 1
        and (select count(*) from amparo.outbox o where o.assistance_id = a.id and o.purpose = 'ended') = 1`,
  )
  if (Number(row?.n) !== sessions) throw new Error(`only ${row?.n} were recorded and announced once`)
}
