/**
 * `npm run test:record`: eight kinds of tampering at a hundred places each in a record of 100,000 events, and a million events
 * verified, as an export and in the database, by the programs themselves with the memory that they took. A word chooses one
 * of the three: tampering, export, database. Prints what stands in `docs/test-results/record.md`.
 */
import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { sequence } from '../server/src/audit/log.store.ts'
import { type Database, postgres } from '../server/src/database/database.ts'
import { startEmbedded } from '../server/src/database/embedded.ts'
import { migrate } from '../server/src/database/migrate.ts'
import { keyText } from '../verifier/src/checkpoint.ts'
import { checkpointLine, entryLine, headLine } from '../verifier/src/export.ts'
import { examined, kinds, placesIn, whole } from '../verifier/src/tampering.testing.ts'
import { noteFor, type Signer, signer } from '../verifier/src/testing.ts'
import { type Frontier, grown, leafHash, noEntries } from '../verifier/src/tree.ts'

const [events, places, every] = [100_000, 100, 1000]
const sizes = [1_000, 100_000, 1_000_000]
const counted = (count: number): string => count.toLocaleString('en')
const secondsSince = (began: number): string => ((performance.now() - began) / 1000).toFixed(1)
const project = join(import.meta.dirname, '..')

async function tampering(): Promise<readonly string[]> {
  const record = whole(signer(), events, every)
  const began = performance.now()
  const untouched = examined(record, record)
  const once = secondsSince(began)
  const rows = kinds.map((kind) => {
    const from = performance.now()
    const named = placesIn(events, places).filter((at) => {
      const [first] = examined(record, kind.tampered(record, at)).faults
      return first !== undefined && kind.names(first, at, every)
    })
    return told(`| ${kind.name} | ${named.length} of ${places} | ${secondsSince(from)} s |`)
  })
  return [
    `${counted(events)} events, a checkpoint every ${counted(every)}, ${places} places for each kind, drawn all over the record with`,
    'its second and its last but one among them, and checkpoints that somebody else kept: the last one, and for the last row one',
    `for each stretch. Untouched it is whole (${untouched.count} faults), verified in ${once} s.`,
    '',
    '| tampering | found, and its place named | all of them took |',
    '| --- | --- | --- |',
    ...rows,
  ]
}

const told = (row: string): string => {
  process.stderr.write(`${row}\n`)
  return row
}

// ── A million events, in the memory of a thousand ───────────────────────────────────────────────────────────────────

interface Weighed {
  readonly seconds: number
  /** The most memory that the process ever held, in MB, as Linux tells it. */
  readonly peak: number
  readonly faults: number
  readonly entries: number
}

const heading = ['| events | faults | seconds | most memory |', '| ---: | ---: | ---: | ---: |'] as const
const rowOf = ({ entries, faults, seconds, peak }: Weighed): string =>
  told(`| ${counted(entries)} | ${faults} | ${seconds} s | ${peak} MB |`)

/** Where everything that is not needed any more has to go: what grows with the record would not fit. */
const smallHeap = ['--max-old-space-size=64', '--max-semi-space-size=1']

/** Runs one of our programs that answers as JSON. */
async function weighed(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Weighed> {
  const child = spawn(process.execPath, [...smallHeap, join(project, program), ...args, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [said, peak] = ['', 0]
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
  }, 50)
  await new Promise((resolve) => child.once('close', resolve))
  clearInterval(look)
  const { seconds, count, entries } = JSON.parse(said)
  return { seconds, peak: Math.round(peak / 1024), faults: count, entries }
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // It has ended.
  }
}

async function exported(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-record-'))
  const by = signer()
  const rows: string[] = []
  try {
    for (const count of sizes) {
      const file = join(folder, `${count}.jsonl`)
      await write(file, by, count)
      rows.push(rowOf(await weighed('verifier/bin/amparo-verify.mjs', [file, '--key', keyText(by.key)])))
      await rm(file)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return ['An export, read by `amparo-verify` with a heap of 64 MB at the most.', '', ...heading, ...rows]
}

async function write(file: string, by: Signer, count: number): Promise<void> {
  const out = createWriteStream(file)
  const line = async (text: string) => {
    if (!out.write(`${text}\n`)) await new Promise<void>((resolve) => out.once('drain', resolve))
  }
  await line(headLine(by.key.name))
  let tree: Frontier = noEntries
  for (let seq = 0; seq < count; seq += 1) {
    const id = `ev_${seq}`
    const body = JSON.stringify({ v: 1, id, type: 'record.read', actor: { kind: 'agent', id: 'ag_1' }, seq })
    const hash = leafHash(body)
    tree = grown(tree, { level: 0, hash })
    await line(entryLine({ seq, id, body, hash }))
    if (tree.size % every === 0 || tree.size === count) await line(checkpointLine(noteFor(by, tree)))
  }
  await finished(out.end())
}

async function inDatabase(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-record-'))
  const server = await startEmbedded({ folder })
  const db = postgres(server.url, { max: 2 })
  const by = signer()
  const rows: string[] = []
  try {
    await migrate(db)
    await db.query(somebody)
    for (const [index, size] of sizes.entries()) {
      await fill(db, by, sizes[index - 1] ?? 0, size)
      const args = ['audit', 'verify', '--key', keyText(by.key)]
      rows.push(rowOf(await weighed('server/bin/amparo.mjs', args, { DATABASE_URL: server.url })))
    }
  } finally {
    await db.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return [
    'The record in its database, twenty events to each assistance, placed and signed as the server does it; read by `amparo audit',
    'verify` with a heap of 64 MB at the most. It counts the events of each assistance too, and looks for events without a place.',
    '',
    ...heading,
    ...rows,
  ]
}

const somebody = `
insert into agent (id, name, email, roles) values ('ag_r', 'An agent', 'agent@acme.test', array['agent:technical']);
insert into agent_session (id, agent_id, kind, token_digest, expires_at) values ('se_r', 'ag_r', 'bearer', sha256('r'), now())`
const assistances = `
insert into assistance (id, kind, n, agent_id, agent_session_id, email_asked, reason_code, state, opened_at, user_seen_at, look_at,
       link_digest, because, closed_at, closed_in, announced_at)
select 'as_r' || i, 'technical', 20, 'ag_r', 'se_r', 'user@acme.test', 'fault', 'closed', now(), now(), now(),
       sha256(convert_to(i::text, 'utf8')), 'finished', now(), 'active', now() from generate_series($1::int / 20, $2::int / 20 - 1) i`
const theirEvents = `
insert into event (id, assistance_id, n, body)
select 'ev_r' || i, 'as_r' || i / 20, i % 20 + 1, json_build_object('v', 1, 'id', 'ev_r' || i, 'type', 'record.read',
       'actor', json_build_object('kind', 'agent', 'id', 'ag_r'), 'subject', 'u_' || i / 20, 'at', rfc3339(app_now()),
       'data', json_build_object('n', i))::text
  from generate_series($1::int, $2::int - 1) i`

/** Events from this place to that one, a part at a time. */
async function fill(db: Database, by: Signer, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 50_000) {
    const range = [at, Math.min(to, at + 50_000)]
    await db.transaction(async (tx) => {
      await tx.query(assistances, range)
      await tx.query(theirEvents, range)
    }, 0)
    while ((await sequence(db, by)) > 0);
  }
  await db.query('analyze')
}

const parts = {
  tampering: ['## Eight kinds of tampering', tampering],
  export: ['## A million events, as an export', exported],
  database: ['## A million events, in the database', inDatabase],
} as const
const words = process.argv.slice(2)
const [processor] = cpus()
const load = () => loadavg()[0]?.toFixed(1)
const before = load()
const lines: string[] = []
for (const [word, [title, measured]] of Object.entries(parts))
  if (words.length === 0 || words.includes(word)) lines.push('', title, '', ...(await measured()))
console.log(
  [
    '# The record, tampered with and weighed',
    '',
    `${new Date().toISOString().slice(0, 10)}, by \`npm run test:record\`; ${cpus().length} × ${processor?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.version}.`,
    `The load was ${before} before and ${load()} afterwards; memory is the most that the process ever held.`,
    ...lines,
  ].join('\n'),
)
