/**
 * How long a succession takes to be shown: 1,000 cases of 60 entries with checks, messages and documents, read through the
 * vendor's views on a real PostgreSQL. Run it with: npm run bench -- succession
 * Times are by the clock, and so are those of whatever else the machine does meanwhile; the CPU beside them is ours alone.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { successions } from '../server/src/core/successions.ts'
import { postgres } from '../server/src/database/database.ts'
import { startEmbedded } from '../server/src/database/embedded.ts'
import { migrate } from '../server/src/database/migrate.ts'
import { explain } from '../server/src/succession/explain.ts'
import { caseOf, readerOf } from '../server/src/succession/succession.flow.ts'
import { timeline } from '../server/src/succession/timeline.ts'
import { known } from '../server/src/words.ts'
import { cpuMs } from './machine.ts'

const cases = 1_000
const rounds = 2_000
const warmingUp = 100

const many = `
insert into vendor.person (id, name, email, second_factor, last_sign_in_at)
select 'per_b' || n, 'Person ' || n, 'p' || n || '@bench.test', true, now() - interval '50 days' from generate_series(1, ${2 * cases}) n;
insert into vendor.clinic (id, name, city, owner_id, plan_key)
select 'cli_b' || n, 'Clinic ' || n, 'Madrid', 'per_b' || n, 'team' from generate_series(1, ${cases}) n;
insert into vendor.succession (ref, clinic_id, owner_id, heir_id, heir_email, state, blocked, attempt, opened_at)
select 'B-' || n, 'cli_b' || n, 'per_b' || n, 'per_b' || (n + ${cases}), 'p@bench.test', 'claim', true, 1, now() - interval '60 days' from generate_series(1, ${cases}) n;
insert into vendor.succession_log (ref, seq, at, type, step, attempt, reason, actor, words)
select 'B-' || n, s, now() - (61 - s) * interval '1 day', case when s % 12 = 0 then 'step.rejected' when s % 12 = 1 then 'support.released' else 'step.done' end,
       'validation_review', 1 + s / 12, case when s % 12 = 0 then 'review.rejected' end, 'system', 'row ' || s
  from generate_series(1, ${cases}) n, generate_series(1, 60) s;
insert into vendor.succession_check (ref, seq, rule, result, observed, required, reason)
select 'B-' || n, s, r, 'fail', '47', '30', 'eligibility.inactive_over_30d'
  from generate_series(1, ${cases}) n, (values (12), (24), (36), (48), (60)) x (s), unnest(array['activity', 'membership_paid', 'account_active', 'second_factor', 'email_verified']) r;
insert into vendor.succession_message (ref, seq, n, channel, sent_to, state, at)
select 'B-' || n, s, 1, 'email', 'p•••@b•••.test', 'delivered', now() from generate_series(1, ${cases}) n, generate_series(2, 60, 3) s;
analyze`

const quantile = (sorted: readonly number[], q: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1)

const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
const server = await startEmbedded({ folder })
const db = postgres(server.url, { max: 8 })
try {
  await migrate(db)
  const plain = postgres(server.url, { max: 1 })
  for (const file of ['core.sql', 'successions.sql'])
    await plain.query(await readFile(join(import.meta.dirname, '../demo', file), 'utf8'))
  await plain.transaction(async (tx) => {
    await tx.query(many)
  }, 0)
  await plain.close()
  const views = successions(db)
  await views.check()
  const outside = {
    db,
    successions: views,
    webhook: undefined,
    vendor: { name: 'Acme', phone: '+1 212 555 0100' },
    helpTitle: (topic: string) => topic,
  }
  const took: Record<'timeline' | 'details', number[]> = { timeline: [], details: [] }
  const postmaster = Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
  const spent = () => [cpuMs(process.pid), cpuMs(postmaster)] as const
  let before = spent()
  for (let round = 0; round < rounds; round += 1) {
    if (round === warmingUp) before = spent()
    const n = 1 + ((round * 7919) % cases)
    const whose = { userId: known.user(`per_b${n}`), ecosystemId: known.ecosystem(`cli_b${n}`) }
    for (const what of ['timeline', 'details'] as const) {
      const began = performance.now()
      const found = await caseOf(outside, whose, undefined)
      if (!found.ok || !found.value.one) throw new Error('no case')
      const reader = readerOf(outside, 'agent', 'es', new Date(), 'Europe/Madrid')
      const shown = what === 'timeline' ? timeline(found.value.one, reader) : explain(found.value.one, 'e60', reader)
      JSON.stringify(shown)
      if (round >= warmingUp) took[what].push(performance.now() - began)
    }
  }
  const readings = 2 * (rounds - warmingUp)
  const [ours, theirs] = spent().map((now, at) => ((now - (before[at] ?? 0)) / readings).toFixed(1))
  console.log(
    `CPU of one reading: server ${ours} ms, PostgreSQL ${theirs} ms; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  for (const [what, times] of Object.entries(took)) {
    const sorted = times.sort((a, b) => a - b)
    console.log(
      `${what}: p50 ${quantile(sorted, 0.5)} ms, p99 ${quantile(sorted, 0.99)} ms, most ${quantile(sorted, 1)} ms (${sorted.length} times)`,
    )
  }
} finally {
  await db.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
