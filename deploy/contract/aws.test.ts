/** What only AWS does: opted out, bounced, paused, and a function that is cold, slow, throttled or dies. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type LambdaClients, lambda } from '../../server/src/messages/lambda.ts'
import type { Fate, Letter } from '../../server/src/messages/outbox.ts'
import { letterBy, overLambda, overSesAndSns } from './ways.ts'

vi.setConfig({ testTimeout: 120_000 })

type Direct = Awaited<ReturnType<typeof overSesAndSns>>
type Through = Awaited<ReturnType<typeof overLambda>>

const never = new AbortController().signal
let direct: Direct
let through: Through

beforeAll(async () => {
  direct = await overSesAndSns()
  // A client reads its addresses at its first call: these are those of the first cloud.
  await direct.email.deliver(letterBy('email'), never)
  await direct.sms.deliver(letterBy('sms'), never)
  through = await overLambda()
}, 120_000)
afterAll(async () => {
  await through.close()
  await direct.close()
})
beforeEach(() => {
  for (const { ses, sns } of [direct.cloud, through.cloud]) {
    ses.clear()
    sns.clear()
  }
})
afterEach(() => through.host.clear())

const ask = (letter: Letter) => through.email.deliver(letter, never)
const arrived = ({ to }: Letter) => through.inbox.entries(to)
async function untilKnown(letter: Letter): Promise<Fate> {
  for (;;) {
    const fate = await ask(letter)
    if (fate.fate !== 'later') return fate
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test.each(['direct', 'through'] as const)(
  'a phone that opted out, and an address that bounced, are told apart (%s)',
  async (which) => {
    const way = which === 'direct' ? direct : through
    const [mail, text] = [letterBy('email'), letterBy('sms')]
    way.cloud.ses.suppressed.add(mail.to)
    way.cloud.sns.optedOut.add(text.to)
    expect(await way.email.deliver(mail, never)).toEqual({ fate: 'never', error: 'bounced' })
    expect(await way.sms.deliver(text, never)).toEqual({ fate: 'never', error: 'opted_out' })
  },
)

test('while an account is paused messages wait, and the operator is told', async () => {
  direct.cloud.ses.pause(true)
  const letter = letterBy('email')
  expect(await direct.email.deliver(letter, never)).toMatchObject({ fate: 'later', error: 'not_signed_in' })
  expect(await direct.email.greets?.(AbortSignal.timeout(5000))).toMatch(/not enabled/)
  direct.cloud.ses.pause(false)
  expect(await direct.email.deliver(letter, never)).toMatchObject({ fate: 'sent' })
})

test('a letter goes through the deployed function: its own line in its log says so, without a word of the letter', async () => {
  const letter = letterBy('email')
  const answer = await ask(letter)
  const said = () => through.host.lines.map(({ line }) => line)
  const ownLine = () => said().find((line) => line.includes(letter.id))
  // A function's log comes on a way of its own, beside its answer.
  await expect.poll(ownLine).toBeDefined()
  const own = ownLine()
  expect(JSON.parse(own ?? '{}')).toMatchObject({ did: 'delivered', id: letter.id, channel: 'email', fate: 'sent' })
  expect(answer).toMatchObject({ fate: 'sent', ref: JSON.parse(own ?? '{}').ref })
  expect(said().join('\n')).not.toMatch(/482 ?913|clinica|marta/)
})

test('the second call finds the function warm', async () => {
  await ask(letterBy('sms'))
  const starts = through.host.coldStarts('deliver')
  await ask(letterBy('sms'))
  expect(through.host.coldStarts('deliver')).toBe(starts)
})

test('twenty calls at once for one letter: it goes out once, and all end with its fate', async () => {
  const letter = letterBy('email')
  await Promise.all(Array.from({ length: 20 }, () => ask(letter)))
  expect(await untilKnown(letter)).toMatchObject({ fate: 'sent' })
  expect(through.cloud.ses.sent.filter(({ to }) => to === letter.to)).toHaveLength(1)
})

test('an answer of Invoke that is lost is asked for again, and nothing goes out twice', async () => {
  const letter = letterBy('email')
  through.host.plan({ kind: 'cut' })
  expect(await ask(letter)).toMatchObject({ fate: 'later' })
  expect(await ask(letter)).toMatchObject({ fate: 'sent' })
  expect(arrived(letter)).toHaveLength(1)
})

test('a function that dies before it has begun with a letter is asked again, and the letter goes out', async () => {
  const letter = letterBy('email')
  const asked = ask(letter)
  through.host.crash('deliver')
  const fate = await asked
  expect([fate.fate, 'error' in fate ? fate.error : '']).toEqual(
    fate.fate === 'sent' ? ['sent', ''] : ['later', 'function_failed'],
  )
  expect((await untilKnown(letter)).fate).toMatch(/sent|never/)
  expect(arrived(letter).length).toBeLessThanOrEqual(1)
})

test('a function that dies with the letter in its hands is told as unclear: it went out once and never again', async () => {
  const letter = letterBy('email')
  through.cloud.ses.plan({ kind: 'slow', ms: 30_000 })
  const asked = ask(letter)
  while (arrived(letter).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  through.host.crash('deliver')
  expect(await asked).toEqual({ fate: 'later', error: 'function_failed', said: 'Unhandled' })
  expect(await untilKnown(letter)).toEqual({ fate: 'never', error: 'unclear' })
  expect(through.cloud.ses.sent.filter(({ to }) => to === letter.to)).toHaveLength(1)
})

test('a throttled function, one that is not there and one that answers nonsense are told apart', async () => {
  through.host.plan({ kind: 'throttled' })
  expect(await ask(letterBy('email'))).toMatchObject({ fate: 'later', error: 'throttled' })
  const other = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), { functionName: 'gone', timeoutMs: 4000 })
  expect(await other.deliver(letterBy('email'), never)).toMatchObject({
    fate: 'later',
    error: 'function_failed',
    said: 'ResourceNotFoundException',
  })
  for (const body of ['', '"sent"', '{"fate":"sent"}', '{"fate":"never","error":"<script>"}']) {
    through.host.plan({ kind: 'says', reply: { status: 200, body } })
    expect(await ask(letterBy('email'))).toEqual({ fate: 'later', error: 'function_failed' })
  }
})

test('what calls the function without a letter, or with an old one, sends nothing', async () => {
  const before = through.cloud.ses.sent.length
  const { LambdaClient, InvokeCommand } = clientsOf<LambdaClients>('@aws-sdk/client-lambda')
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 2000 } })
  for (const event of [{}, null, [], { version: 2, letter: letterBy('email') }, { version: 1, letter: { id: 'x' } }]) {
    const command = new InvokeCommand({
      FunctionName: 'deliver',
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(JSON.stringify(event)),
    })
    const answer = (await client.send(command, { abortSignal: never })) as { readonly Payload: Uint8Array }
    expect(JSON.parse(Buffer.from(answer.Payload).toString())).toEqual({ fate: 'never', error: 'unreadable' })
  }
  expect(through.cloud.ses.sent).toHaveLength(before)
})
