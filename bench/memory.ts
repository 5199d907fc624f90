/**
 * What a million remembered sessions take, and what looking one up costs. Run it with: npx tsx bench/memory.ts [sessions]
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Found } from '../server/src/surfaces/liveness.ts'
import { packing } from '../server/src/surfaces/packed.ts'
import { shelf } from '../server/src/surfaces/shelf.ts'
import { known } from '../server/src/words.ts'
import { machine } from './machine.ts'

const many = Number(process.argv[2] ?? 1_000_000)
const lookedUp = 200_000
const id = (kind: string) => `${kind}_${randomBytes(12).toString('hex')}`
const mb = (bytes: number) => (bytes / 1_000_000).toFixed(0)

const [{ pack, unpack }, sessions] = [packing(), shelf()]
const before = process.memoryUsage.rss()
const digests: Buffer[] = []
for (let n = 0; n < many; n += 1) {
  const found = aSession()
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
  `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine()}. \`npx tsx bench/memory.ts ${many}\``,
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
console.log(page)
await mkdir(join(import.meta.dirname, 'results'), { recursive: true })
await writeFile(join(import.meta.dirname, 'results/memory.md'), `${page}\n`)

function aSession(): Found {
  const [assistanceId, agentId, ecosystemId] = [known.assistance(id('as')), id('ag'), id('eco')]
  const now = new Date()
  return {
    tokenDigest: randomBytes(32),
    clientId: 'web',
    until: now.getTime(),
    subjects: [assistanceId, agentId, id('se'), 'surface:web', `ecosystem:${ecosystemId}`],
    live: {
      sessionId: id('ss'),
      sid: randomUUID(),
      surface: 'web',
      holder: 'browser',
      keyThumbprint: undefined,
      subject: id('per'),
      agent: { id: agentId, name: 'Ana Robles Fernández' },
      assistanceId,
      ecosystemId,
      ecosystemName: 'Clínica Sol de Levante',
      userName: 'Marta Ruiz Zambrano',
      locale: 'es',
      reason: { code: 'fault', name: undefined, line: 'No encuentra su última factura' },
      powers: 'look',
      grants: [],
      acr: 'urn:amparo:assisted:passkey:page',
      amr: ['pop', 'user', 'mfa'],
      endsAt: now,
      idleAt: now,
      now,
      scope: 'openid support:read',
      iat: 1,
      exp: 2,
    },
  }
}
