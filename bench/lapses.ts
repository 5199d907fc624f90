/**
 * Many sessions whose time is over: how late each is recorded, and whoever it concerns told, what a check says meanwhile, and
 * whether the process still answers. All in the same second, or one after the other over some time. Run it with:
 * npm run bench -- lapses [sessions] [--over=seconds] [--until=recorded] [--statements]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Database, postgres } from '../server/src/database/database.ts'
import { tokenOf } from '../server/src/surfaces/many.testing.ts'
import { send, us } from './check.ts'
import { startGround } from './ground.ts'
import { cpuMs, percentile } from './machine.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'

const words = process.argv.slice(2)
const over = Number(/^--over=(\d+)$/m.exec(words.join('\n'))?.[1] ?? 0)
const sessions = Number(words.find((word) => /^\d+$/.test(word)) ?? (over > 0 ? over * 1111 : 100_000))
/** Whether it is over when all are recorded, and not only when the last mail is handed over and the last event has its place. */
const isShort = words.includes('--until=recorded')
const givenUpMs = 5 * 60_000 + sessions * 3 + over * 1000
/** What is left to do, in the order in which it follows. */
const left = {
  recorded: 'from amparo.assistance where closed_at is null',
  announced: `from amparo.assistance where state = 'closed' and announced_at is null`,
  'handed over': `from amparo.outbox where state = 'queued'`,
  'told to products': 'from amparo.notice where acked_at is null and dead_at is null',
  'in their places': 'from amparo.unsequenced',
}

const progress = (line: string): void => console.error(line)

const closedEvents = `amparo.assistance a join amparo.event e on e.assistance_id = a.id and e.type = 'assistance.closed'`
const notices = `amparo.assistance a join amparo.surface_session s on s.assistance_id = a.id join amparo.notice n on n.surface_session_id = s.id`
const mails = `amparo.assistance a join amparo.outbox o on o.assistance_id = a.id and o.purpose = 'ended'`

/** Until all is read into memory, on a machine that does other things too. */
const beforeMs = 15_000 + sessions / 5

const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
const ground = await startGround()
const url = await ground.database('ours')
const ours = await us(url, folder, sessions, async () => {})
const db = postgres(url, { max: 2, statementMs: 600_000 })
try {
  progress(`${sessions} are filled in`)
  const dueAt = await allDue(db)
  progress(`they are due in ${((dueAt - (await nowAt(db))) / 1000).toFixed(0)} s`)
  const asked: number[] = []
  let done = false
  const asking = (async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; !done; n += 7919) {
      const session = n % sessions
      const began = performance.now()
      const answer = JSON.parse(await send({ ...ours.question(0), body: `token=${tokenOf(session)}` }, agent))
      asked.push(performance.now() - began)
      if (answer.active && Date.parse(answer.now) >= dueAt + lateness(session))
        throw new Error(`alive after its time: ${answer.now}`)
      await pause(10)
    }
    agent.destroy()
  })()
  while ((await nowAt(db)) < dueAt) await pause(50)
  asked.length = 0
  const before = [cpuMs(ours.pid), cpuMs(ground.pid)] as const
  await ground.forget()
  for (const [what, isLeft] of Object.entries(isShort ? { recorded: left.recorded } : left))
    await until(what, isLeft, dueAt)
  const [server, postgresql] = [cpuMs(ours.pid) - before[0], cpuMs(ground.pid) - before[1]]
  done = true
  await asking
  await eachOnce()
  const each = (ms: number) => ((ms * 1000) / sessions).toFixed(0)
  const count = sessions.toLocaleString('en')
  const row = async (what: string, at: string, from: string) =>
    `| ${what} | ${(await howLate(at, from)).map((one) => one.toFixed(1)).join(' | ')} |`
  const rows = [
    await row('recorded, and told to every process and on every line', 'e.at::timestamptz', closedEvents),
    ...(isShort
      ? []
      : [
          await row('its product is told by a notice', 'n.told_at', notices),
          await row("the user's mail is written, and waits in the outbox", 'a.announced_at', 'amparo.assistance a'),
          await row('the mail is handed over', 'o.done_at', mails),
        ]),
  ]
  await publish(
    over > 0 ? 'lapses.steady' : 'lapses',
    [
      measuredBy(`lapses ${words.join(' ')}`),
      '',
      over > 0
        ? `## ${(sessions / over).toLocaleString('en', { maximumFractionDigits: 0 })} a second, for ${over} s`
        : `## ${count} due in the same second`,
      '',
      'One process with all its loops, the delivery of what it says among them. How late each was, in seconds from the moment at',
      'which its time was over; a check said so at once, for not one of them said yes after its time.',
      '',
      '|  | median s | p99 s | most s |',
      '| --- | --: | --: | --: |',
      ...rows,
      '',
      `The CPU of one, with everything else that the process did meanwhile: ${each(server)} µs in the server and ${each(postgresql)} µs in PostgreSQL.`,
      `A check took ${[0.5, 0.99, 1].map((share) => percentile(asked, share).toFixed(0)).join(', ')} ms meanwhile (median, 99th percentile, longest): the loop was never blocked for longer.`,
      isShort
        ? `Each of ${count} was recorded once, by one event; what follows was not waited for.`
        : `Each of ${count} was recorded once, by one event, and its user written to once, by one mail.`,
    ].join('\n'),
  )
  if (words.includes('--statements')) console.log(await theStatements())
} finally {
  await db.close()
  await ours.stop()
  await ground.close()
  await rm(folder, { recursive: true, force: true })
}

/** How long after the first this one is due. */
function lateness(session: number): number {
  return (session / sessions) * over * 1000
}

/** Whose users were last seen, and warned, so long ago that their time is over from one moment on; memory reads them anew. */
async function allDue(on: Database): Promise<number> {
  return on.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = 'replica'`)
    const [row] = await tx.query<{ due: Date }>(
      `with t as materialized (select amparo.app_now() + make_interval(secs => $1) as due),
         moments as (select 'as_' || lpad(n::text, 24, '0') as id, due + make_interval(secs => n * $2::float8) as at from t, generate_series(0, $3::int - 1) n),
         moved as (update amparo.assistance a set user_seen_at = at - amparo.idle_limit(), warned_for = at - amparo.idle_limit(), look_at = at
                     from moments m where a.id = m.id)
       select due from t`,
      [beforeMs / 1000, over / sessions, sessions],
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

/** Until nothing is left of it; says how far it is every ten seconds. */
async function until(what: string, isLeft: string, dueAt: number): Promise<void> {
  let said = 0
  for (;;) {
    const [row] = await db.query<{ some: boolean }>(`select exists (select ${isLeft}) as some`)
    const seconds = ((await nowAt(db)) - dueAt) / 1000
    if (!row?.some) return progress(`${seconds.toFixed(1)} s: all are ${what}`)
    if (seconds * 1000 > givenUpMs) throw new Error(`after ${seconds.toFixed(0)} s not all are ${what}`)
    if (seconds > said + 10) {
      said = seconds
      const [some] = await db.query<{ n: number }>(`select count(*)::int as n ${isLeft}`)
      progress(`${seconds.toFixed(0)} s: ${some?.n} are not ${what}`)
    }
    await pause(200)
  }
}

/** Median, 99th percentile and most, in seconds. */
async function howLate(at: string, from: string): Promise<readonly number[]> {
  const [row] = await db.query<{ late: number[] }>(
    `select percentile_disc(array[0.5, 0.99, 1]) within group (order by extract(epoch from ${at} - a.closed_at)::float8) as late
       from ${from} where a.id like 'as_0%'`,
  )
  if (!row) throw new Error('unreachable: one row')
  return row.late
}

/** Each has one event of its ending and one mail; counted one after the other, for a join of so many would take longer than all else. */
async function eachOnce(): Promise<void> {
  const once = (of: string) =>
    `select count(*)::int as n from (select from amparo.${of} and assistance_id like 'as_0%' group by assistance_id having count(*) = 1) x`
  const counts = [
    once("event where type = 'assistance.closed'"),
    ...(isShort ? [] : [once("outbox where purpose = 'ended'")]),
  ]
  for (const count of counts) {
    const [row] = await db.query<{ n: number }>(count)
    if (row?.n !== sessions) throw new Error(`only ${row?.n} were recorded or announced once`)
  }
}

/** Where PostgreSQL's time went, the longest first. */
async function theStatements(): Promise<string> {
  const all = [...(await ground.statements('ours'))].sort((one, other) => other.ms - one.ms).slice(0, 25)
  const pages = (one: (typeof all)[number]) => (one.pages / one.calls).toFixed(0)
  return all
    .map((one) => `${one.ms.toFixed(0)} ms, ${one.calls} times, ${pages(one)} pages each: ${one.text.slice(0, 140)}`)
    .join('\n')
}
