/**
 * A check inside the product: the relying-party package on the line, with 100,000 sessions in mind, asked by their tokens in
 * no order. The issuer's side of the line is played here, so that nothing else is measured. Run it with: npm run bench -- inside
 */
import { assisted } from '../relying-party/src/index.ts'
import { percentile } from './machine.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'

const sessions = 100_000
const rounds = 7
const checks = 200_000
const issuer = 'https://assist.bench.test'

const answerTo = (token: string) => ({
  active: true,
  sub: `user of ${token}`,
  client_id: 'web',
  scope: 'openid support:read',
  iss: issuer,
  sid: `sid of ${token}`,
  act: { sub: 'ag_ana', name: 'Ana Robles' },
  assistance_id: 'as_1',
  ecosystem_id: 'cli_sol',
  user_name: 'Marta Ruiz',
  reason: 'Cannot see invoices',
  powers: 'look',
  ends_at: new Date(Date.now() + 3_600_000).toISOString(),
  idle_at: new Date(Date.now() + 900_000).toISOString(),
  now: new Date().toISOString(),
})

let questions = 0
let beating: NodeJS.Timeout | undefined
const line = () =>
  new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        const beat = () => controller.enqueue(new TextEncoder().encode(`event: beat\ndata: {"now":${Date.now()}}\n\n`))
        beat()
        beating = setInterval(beat, 500)
      },
    }),
  )
const play: typeof fetch = async (to, init) => {
  if (String(to).endsWith('/endings')) return line()
  questions += 1
  const token = new URLSearchParams(String(init?.body)).get('token') ?? ''
  return Response.json(answerTo(token))
}
const product = assisted({ issuer, clientId: 'web', clientSecret: 'a secret', line: true, fetch: play })
const tokens = Array.from({ length: sessions }, (_, at) => `${at} ${crypto.randomUUID()}`)
let last = 0
/** Each of them in turn, far from the one before: the step and their number have no divisor in common. */
function any(): string {
  last = (last + 61_803) % sessions
  return tokens[last] ?? ''
}
/** Beats come in between, as they do between requests. */
const others = () => new Promise<void>((resolve) => setImmediate(resolve))
const isAlive = async (token: string) => typeof (await product.check(token)) === 'object'

await product.check(any())
// What the line is not believed for yet.
await new Promise((resolve) => setTimeout(resolve, 2500))
for (const [at, token] of tokens.entries()) {
  if (!(await isAlive(token))) throw new Error('it was not alive')
  if (at % 1000 === 0) await others()
}
const asked = questions

const micros: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const before = process.cpuUsage()
  for (let check = 0; check < checks; check += 1) {
    if (!(await isAlive(any()))) throw new Error('it was not alive')
    if (check % 1000 === 0) await others()
  }
  const { user, system } = process.cpuUsage(before)
  micros.push((user + system) / checks)
}
const silence = questions - asked
product.close()
clearInterval(beating)

await publish(
  'inside',
  [
    measuredBy('inside', false),
    '',
    '## A check inside the product',
    '',
    `CPU of one check of the relying-party package on the line, ${sessions.toLocaleString('en')} sessions in mind, ${rounds} rounds of`,
    `${checks.toLocaleString('en')} by tokens in no order; the drawing of a token is in it. The bar is 10 µs, the aim 3.`,
    '',
    '| median µs | most µs | questions to the issuer |',
    '| --: | --: | --: |',
    `| ${percentile(micros, 0.5).toFixed(2)} | ${Math.max(...micros).toFixed(2)} | ${silence} |`,
  ].join('\n'),
)
