/**
 * What a million remembered sessions take, and what looking one up costs. Run it with: npm run bench -- memory [sessions]
 */
import { randomBytes } from 'node:crypto'
import { packing } from '../server/src/surfaces/packed.ts'
import { shelf } from '../server/src/surfaces/shelf.ts'
import { aFound } from '../server/src/surfaces/testing.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'

const many = Number(process.argv[2] ?? 1_000_000)
const lookedUp = 200_000
const mb = (bytes: number) => (bytes / 1_000_000).toFixed(0)

const [{ pack, unpack }, sessions] = [packing(), shelf()]
const before = process.memoryUsage.rss()
const digests: Buffer[] = []
for (let n = 0; n < many; n += 1) {
  const found = aFound()
  const record = pack(found, n)
  if (!record || !sessions.put(record)) throw new Error('unreachable: it fits')
  if (n % Math.ceil(many / 10_000) === 0) digests.push(found.tokenDigest)
}
const taken = process.memoryUsage.rss() - before
const began = process.cpuUsage()
for (let n = 0; n < lookedUp; n += 1) {
  const place = sessions.find(digests[n % digests.length] ?? randomBytes(32))
  const { agent } = unpack(sessions.page(place), sessions.from(place), n)
  if (agent.name !== 'Ana Robles Fernández') throw new Error(`found ${agent.name}`)
}
const cpu = process.cpuUsage(began)
const page = [
  measuredBy(`memory ${many}`, false),
  '',
  `## ${many.toLocaleString('en')} sessions remembered`,
  '',
  'Ids as long as ours, names as people have them, a line of what it is about.',
  '',
  '|  |  |',
  '| --- | --: |',
  `| memory that they take | ${mb(sessions.bytes())} MB |`,
  `| by which the process grew, while they were made | ${mb(taken)} MB |`,
  `| finding one and taking it apart | ${((cpu.user + cpu.system) / lookedUp).toFixed(1)} µs of CPU |`,
].join('\n')
await publish('memory', page)
