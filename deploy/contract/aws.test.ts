/** What only AWS does: opted out, bounced, paused, and a function that is cold, slow, throttled or dies. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type LambdaClients, lambda } from '../../server/src/messages/lambda.ts'
import type { Fate, Letter } from '../../server/src/messages/outbox.ts'
import type { Host } from '../doubles/lambda.ts'
import { heldIn, lacking, named, needs, type Place } from './place.ts'
import {
  accountLambda,
  accountSesAndSns,
  type Cloud,
  overLambda,
  overSesAndSns,
  playedLambda,
  type Way,
} from './ways.ts'

vi.setConfig({ testTimeout: 120_000 })

const never = new AbortController().signal

/** Both ways over AWS, and what stands behind them where that is ours. */
interface Aws extends Place {
  readonly direct: Way
  readonly through: Way
  readonly functionName: string
  host(): Host
  clouds(): Readonly<Record<'direct' | 'through', Cloud>>
  close(): Promise<void>
}

async function doubles(): Promise<Aws> {
  const direct = await overSesAndSns()
  // A client reads its addresses at its first call: these are those of the first cloud.
  await direct.email.deliver(direct.letter('email'), never)
  await direct.sms.deliver(direct.letter('sms'), never)
  const through = await overLambda()
  return {
    cannot: direct.cannot,
    direct,
    through,
    functionName: 'deliver',
    host: () => through.host,
    clouds: () => ({ direct: direct.cloud, through: through.cloud }),
    async close() {
      await through.close()
      await direct.close()
    },
  }
}

async function account(): Promise<Aws> {
  const [direct, through] = [await accountSesAndSns(), await accountLambda()]
  return {
    cannot: direct.cannot,
    direct,
    through,
    functionName: named('AMPARO_DELIVER_FUNCTION'),
    host: lacking('faults'),
    clouds: lacking('faults'),
    async close() {
      await through.close()
      await direct.close()
    },
  }
}

heldIn(
  'AWS',
  { doubles, account, played: playedLambda, settings: ['AMPARO_MAIL_FROM', 'AMPARO_DELIVER_FUNCTION'] },
  (start) => {
    let aws: Aws
    beforeAll(async () => {
      aws = await start()
    }, 120_000)
    afterAll(() => aws?.close())
    const isOurs = () => !aws.cannot.has('faults')
    beforeEach(() => {
      for (const { ses, sns } of isOurs() ? Object.values(aws.clouds()) : []) {
        ses.clear()
        sns.clear()
      }
    })
    afterEach(() => {
      if (isOurs()) aws.host().clear()
    })

    const ask = (letter: Letter) => aws.through.email.deliver(letter, never)
    const arrived = ({ to }: Letter) => aws.through.arrived(to)
    async function untilKnown(letter: Letter): Promise<Fate> {
      for (;;) {
        const fate = await ask(letter)
        if (fate.fate !== 'later') return fate
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }

    test.for(['direct', 'through'] as const)(
      'a phone that opted out, and an address that bounced, are told apart (%s)',
      async (which, it) => {
        needs(it, aws, 'lists')
        const [way, cloud] = [aws[which], aws.clouds()[which]]
        const [mail, text] = [way.letter('email'), way.letter('sms')]
        cloud.ses.suppressed.add(mail.to)
        cloud.sns.optedOut.add(text.to)
        expect(await way.email.deliver(mail, never)).toEqual({ fate: 'never', error: 'bounced' })
        expect(await way.sms.deliver(text, never)).toEqual({ fate: 'never', error: 'opted_out' })
      },
    )

    test('while an account is paused messages wait, and the operator is told', async (it) => {
      needs(it, aws, 'faults')
      aws.clouds().direct.ses.pause(true)
      const letter = aws.through.letter('email')
      expect(await aws.direct.email.deliver(letter, never)).toMatchObject({ fate: 'later', error: 'not_signed_in' })
      expect(await aws.direct.email.greets?.(AbortSignal.timeout(5000))).toMatch(/not enabled/)
      aws.clouds().direct.ses.pause(false)
      expect(await aws.direct.email.deliver(letter, never)).toMatchObject({ fate: 'sent' })
    })

    test('a letter goes through the deployed function: its own line in its log says so, without a word of the letter', async (it) => {
      needs(it, aws, 'log')
      const letter = aws.through.letter('email')
      const answer = await ask(letter)
      const said = () => aws.host().lines.map(({ line }) => line)
      const ownLine = () => said().find((line) => line.includes(letter.id))
      // A function's log comes on a way of its own, beside its answer.
      await expect.poll(ownLine).toBeDefined()
      const own = ownLine()
      expect(JSON.parse(own ?? '{}')).toMatchObject({ did: 'delivered', id: letter.id, channel: 'email', fate: 'sent' })
      expect(answer).toMatchObject({ fate: 'sent', ref: JSON.parse(own ?? '{}').ref })
      expect(said().join('\n')).not.toMatch(/482 ?913|clinica|marta/)
    })

    test('the second call finds the function warm', async (it) => {
      needs(it, aws, 'log', 'sms')
      await ask(aws.through.letter('sms'))
      const starts = aws.host().coldStarts('deliver')
      await ask(aws.through.letter('sms'))
      expect(aws.host().coldStarts('deliver')).toBe(starts)
    })

    test('twenty calls at once for one letter: it goes out once, and all end with its fate', async () => {
      const letter = aws.through.letter('email')
      const first = await Promise.all(Array.from({ length: 20 }, () => ask(letter)))
      const known = await untilKnown(letter)
      expect(known).toMatchObject({ fate: 'sent' })
      // SES gave one name to it, and whoever asks later is told that one.
      const sent = first.filter(({ fate }) => fate === 'sent')
      expect([...sent, await ask(letter)]).toEqual([...sent, known].map(() => known))
      if (isOurs()) expect(aws.clouds().through.ses.sent.filter(({ to }) => to === letter.to)).toHaveLength(1)
    })

    test('would the function be called? It says so, and one that is not there says that', async () => {
      expect(await aws.through.email.greets?.(AbortSignal.timeout(15_000))).toBeUndefined()
      const functionName = `gone-${randomBytes(4).toString('hex')}`
      const gone = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), { functionName, timeoutMs: 10_000 })
      expect(await gone.deliver(aws.through.letter('email'), never)).toMatchObject({
        fate: 'later',
        // Who may call one function alone is not told whether there is another.
        error: expect.stringMatching(/^(function_failed|not_signed_in)$/),
      })
    })

    test('an answer of Invoke that is lost is asked for again, and nothing goes out twice', async (it) => {
      needs(it, aws, 'faults', 'arrivals')
      const letter = aws.through.letter('email')
      aws.host().plan({ kind: 'cut' })
      expect(await ask(letter)).toMatchObject({ fate: 'later' })
      expect(await ask(letter)).toMatchObject({ fate: 'sent' })
      expect(arrived(letter)).toHaveLength(1)
    })

    test('a function that dies before it has begun with a letter is asked again, and the letter goes out', async (it) => {
      needs(it, aws, 'faults', 'arrivals')
      const letter = aws.through.letter('email')
      const asked = ask(letter)
      aws.host().crash('deliver')
      const fate = await asked
      expect([fate.fate, 'error' in fate ? fate.error : '']).toEqual(
        fate.fate === 'sent' ? ['sent', ''] : ['later', 'function_failed'],
      )
      expect((await untilKnown(letter)).fate).toMatch(/sent|never/)
      expect(arrived(letter).length).toBeLessThanOrEqual(1)
    })

    test('a function that dies with the letter in its hands is told as unclear: it went out once and never again', async (it) => {
      needs(it, aws, 'faults', 'arrivals')
      const letter = aws.through.letter('email')
      aws.clouds().through.ses.plan({ kind: 'slow', ms: 30_000 })
      const asked = ask(letter)
      await expect.poll(() => arrived(letter).length).toBeGreaterThan(0)
      aws.host().crash('deliver')
      expect(await asked).toEqual({ fate: 'later', error: 'function_failed', said: 'Unhandled' })
      expect(await untilKnown(letter)).toEqual({ fate: 'never', error: 'unclear' })
      expect(aws.clouds().through.ses.sent.filter(({ to }) => to === letter.to)).toHaveLength(1)
    })

    test('a throttled function, one that is not there and one that answers nonsense are told apart', async (it) => {
      needs(it, aws, 'faults')
      aws.host().plan({ kind: 'throttled' })
      expect(await ask(aws.through.letter('email'))).toMatchObject({ fate: 'later', error: 'throttled' })
      const other = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), {
        functionName: 'gone',
        timeoutMs: 4000,
      })
      expect(await other.deliver(aws.through.letter('email'), never)).toMatchObject({
        fate: 'later',
        error: 'function_failed',
        said: 'ResourceNotFoundException',
      })
      for (const body of ['', '"sent"', '{"fate":"sent"}', '{"fate":"never","error":"<script>"}']) {
        aws.host().plan({ kind: 'says', reply: { status: 200, body } })
        expect(await ask(aws.through.letter('email'))).toEqual({ fate: 'later', error: 'function_failed' })
      }
    })

    test('what calls the function without a letter, or with an old one, sends nothing', async () => {
      const sent = () => (isOurs() ? aws.clouds().through.ses.sent.length : 0)
      const before = sent()
      const { LambdaClient, InvokeCommand } = clientsOf<LambdaClients>('@aws-sdk/client-lambda')
      const client = new LambdaClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 2000 } })
      for (const event of [
        {},
        null,
        [],
        { version: 2, letter: aws.through.letter('email') },
        { version: 1, letter: { id: 'x' } },
      ]) {
        const command = new InvokeCommand({
          FunctionName: aws.functionName,
          InvocationType: 'RequestResponse',
          Payload: Buffer.from(JSON.stringify(event)),
        })
        const answer = (await client.send(command, { abortSignal: never })) as { readonly Payload: Uint8Array }
        expect(JSON.parse(Buffer.from(answer.Payload).toString())).toEqual({ fate: 'never', error: 'unreadable' })
      }
      expect(sent()).toBe(before)
    })
  },
)
