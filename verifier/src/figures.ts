/**
 * `npm run test:record`: eight kinds of tampering at a hundred places each in a record of 100,000 events, and a million events
 * verified by the program itself with the memory that it took. Prints what stands in `docs/test-results/record.md`.
 */
import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { keyText } from './checkpoint.ts'
import { checkpointLine, entryLine, headLine } from './export.ts'
import { examined, kinds, placesIn, whole } from './tampering.testing.ts'
import { noteFor, type Signer, signer } from './testing.ts'
import { type Frontier, grown, leafHash, noEntries } from './tree.ts'

const [events, places, every] = [100_000, 100, 1000]
const secondsSince = (began: number): string => ((performance.now() - began) / 1000).toFixed(1)

function tampering(): readonly string[] {
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
    process.stderr.write(`${kind.name}: ${named.length} of ${places}\n`)
    return `| ${kind.name} | ${named.length} of ${places} | ${secondsSince(from)} s |`
  })
  return [
    `${events.toLocaleString('en')} events, a checkpoint every ${every.toLocaleString('en')}, ${places} places for each kind, one checkpoint that somebody else kept. Untouched it is whole (${untouched.count} faults), verified in ${once} s.`,
    '',
    '| tampering | found, and its place named | all of them took |',
    '| --- | --- | --- |',
    ...rows,
  ]
}

async function exportOf(file: string, by: Signer, count: number): Promise<void> {
  const out = createWriteStream(file)
  const write = async (line: string) => {
    if (!out.write(`${line}\n`)) await new Promise<void>((resolve) => out.once('drain', resolve))
  }
  await write(headLine(by.key.name))
  let tree: Frontier = noEntries
  for (let seq = 0; seq < count; seq += 1) {
    const body = JSON.stringify({
      v: 1,
      id: `ev_${seq}`,
      type: 'record.read',
      actor: { kind: 'agent', id: 'ag_1' },
      seq,
    })
    const hash = leafHash(body)
    tree = grown(tree, { level: 0, hash })
    await write(entryLine({ seq, id: `ev_${seq}`, body, hash }))
    if (tree.size % every === 0 || tree.size === count) await write(checkpointLine(noteFor(by, tree)))
  }
  await finished(out.end())
}

/** The most memory that a process ever held, as Linux tells it. */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)

async function verified(file: string, by: Signer): Promise<{ seconds: number; peak: number; count: number }> {
  const program = join(import.meta.dirname, '../bin/amparo-verify.mjs')
  const child = spawn(process.execPath, [program, file, '--key', keyText(by.key), '--json'])
  let [said, peak] = ['', 0]
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const look = setInterval(() => {
    try {
      peak = Math.max(peak, peakOf(child.pid ?? 0))
    } catch {
      // It has ended.
    }
  }, 50)
  await new Promise((resolve) => child.once('close', resolve))
  clearInterval(look)
  const { seconds, count } = JSON.parse(said) as { seconds: number; count: number }
  return { seconds, count, peak: Math.round(peak / 1024) }
}

async function memory(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-figures-'))
  const by = signer()
  const rows: string[] = []
  for (const count of [1_000, 100_000, 1_000_000]) {
    const file = join(folder, `${count}.jsonl`)
    await exportOf(file, by, count)
    const { seconds, peak, count: faults } = await verified(file, by)
    rows.push(`| ${count.toLocaleString('en')} | ${faults} | ${seconds} s | ${peak} MB |`)
    process.stderr.write(`${rows.at(-1)}\n`)
    await rm(file)
  }
  await rm(folder, { recursive: true })
  return ['| events | faults | seconds | most memory |', '| --- | --- | --- | --- |', ...rows]
}

const [processor] = cpus()
console.log(
  [
    '# The record, tampered with and weighed',
    '',
    `${new Date().toISOString().slice(0, 10)}, by \`npm run test:record\`; ${cpus().length} × ${processor?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.version}. The machine was shared: seconds are at the most what is written here.`,
    '',
    '## Eight kinds of tampering',
    '',
    ...tampering(),
    '',
    '## A million events in the memory of a thousand',
    '',
    'An export, read by `amparo-verify` as anybody runs it; the most memory that the process ever held.',
    '',
    ...(await memory()),
  ].join('\n'),
)
