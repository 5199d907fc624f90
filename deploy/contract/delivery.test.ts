/** One contract for every way that a message can go: SMTP, SES and SNS, and the deployed function of Lambda. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Letter } from '../../server/src/messages/outbox.ts'
import { heldIn, needs } from './place.ts'
import {
  accountLambda,
  accountSesAndSns,
  letterBy,
  overLambda,
  overSesAndSns,
  overSmtp,
  playedLambda,
  playedSesAndSns,
  type Way,
} from './ways.ts'

vi.setConfig({ testTimeout: 120_000 })

const never = new AbortController().signal
const channels = ['email', 'sms'] as const

function contract(start: () => Promise<Way>): void {
  let way: Way
  beforeAll(async () => {
    way = await start()
  }, 120_000)
  afterAll(() => way?.close())

  const deliver = (letter: Letter, by: Pick<Way, 'email' | 'sms'> = way) => by[letter.channel].deliver(letter, never)
  const arrived = ({ to }: Letter) => way.arrived(to)
  const needsFor = (channel: Letter['channel']) => (channel === 'sms' ? (['sms'] as const) : [])
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const began = performance.now()
    return [await work, performance.now() - began]
  }

  test.for(channels)('a message by %s is taken, under a name that whoever took it knows it by', async (channel, it) => {
    needs(it, way, ...needsFor(channel))
    expect(await deliver(way.letter(channel))).toEqual({ fate: 'sent', ref: expect.stringMatching(/^\S.{9,}$/) })
  })

  test('a mail arrives as it was written, with its picture inside it', async (it) => {
    needs(it, way, 'arrivals')
    const letter = way.letter('email')
    expect(await deliver(letter)).toMatchObject({ fate: 'sent' })
    const [mail, ...more] = arrived(letter)
    expect(more).toEqual([])
    expect(mail).toMatchObject({ channel: 'email', subject: letter.content.subject, text: letter.content.text })
    expect(mail?.codes).toEqual(['482913'])
    expect(mail?.html).toContain('<b>482 913</b>')
    expect(mail?.from).toBe('help@acme.test')
    expect(mail && (await way.shown(mail))).toMatch(/src="data:image\/png;base64,iVBOR/)
  })

  test('an SMS is its one text and nothing else', async (it) => {
    needs(it, way, 'arrivals')
    const letter = way.letter('sms')
    expect(await deliver(letter)).toMatchObject({ fate: 'sent' })
    expect(arrived(letter).map(({ channel, text }) => [channel, text])).toEqual([['sms', letter.content.sms]])
  })

  test.each(['not an address', 'a@b.test, c@d.test', 'a@b.test\r\nBcc: c@d.test'])(
    'to "%s" nothing is sent, and it is said for good',
    async (to) => {
      expect(await deliver(letterBy('email', to))).toEqual({ fate: 'never', error: 'not_an_address' })
    },
  )

  test.for(channels)(
    'while the other side is busy a message by %s waits, and goes out once when it can',
    async (channel, it) => {
      needs(it, way, 'faults', 'arrivals')
      const letter = way.letter(channel)
      way.busyOnce(letter.to)
      expect(await deliver(letter)).toMatchObject({ fate: 'later', error: expect.stringMatching(/^(busy|throttled)$/) })
      expect(arrived(letter)).toEqual([])
      expect(await deliver(letter)).toMatchObject({ fate: 'sent' })
      expect(arrived(letter)).toHaveLength(1)
    },
  )

  test.for(channels)('a refusal for good of a message by %s is said as one', async (channel, it) => {
    needs(it, way, 'faults', 'arrivals')
    const letter = way.letter(channel)
    const accepting = way.refusing(letter.to)
    expect(await deliver(letter)).toMatchObject({
      fate: 'never',
      error: expect.stringMatching(/^(refused|not_an_address)$/),
    })
    accepting()
    expect(arrived(letter)).toEqual([])
  })

  test.for(channels)(
    'where nobody answers a message by %s is told to wait within five seconds',
    async (channel, it) => {
      needs(it, way, ...needsFor(channel))
      const letter = way.letter(channel)
      const [fate, ms] = await timed(deliver(letter, way.nobody()))
      expect(fate).toMatchObject({ fate: 'later', error: 'unreachable' })
      expect(ms).toBeLessThan(5000)
      expect(await deliver(letter)).toMatchObject({ fate: 'sent' })
    },
  )

  test.for(channels)(
    'a message by %s whose answer comes too late is shown once, whatever happens next',
    async (channel, it) => {
      needs(it, way, 'faults', 'arrivals')
      const letter = way.letter(channel)
      way.slowOnce(letter.to, 4000)
      const first = await deliver(letter, way.impatient(2000))
      expect(first).toEqual({ fate: way.lost === 'unclear' ? 'never' : 'later', error: way.lost })
      if (first.fate === 'later') {
        // As the outbox does it: again, until somebody knows.
        for (let fate: { fate: string } = first; fate.fate === 'later'; fate = await deliver(letter))
          await new Promise((resolve) => setTimeout(resolve, 100))
      }
      // Nobody can know: it may not have got there at all, and is never tried again.
      const least = way.lost === 'unclear' ? 0 : 1
      expect(arrived(letter).length).toBeGreaterThanOrEqual(least)
      expect(arrived(letter).length).toBeLessThanOrEqual(1)
    },
  )

  test('what is said of a failure holds no address, no word and no code', async (it) => {
    needs(it, way, 'faults')
    const letter = way.letter('email')
    way.busyOnce(letter.to)
    const busy = JSON.stringify(await deliver(letter))
    const accepting = way.refusing(letter.to)
    const refused = JSON.stringify(await deliver(letter))
    accepting()
    for (const said of [busy, refused]) expect(said).not.toMatch(/@|482 ?913|clinica|marta/)
  })

  test('who would take letters says so', async () => {
    expect(way.email.greets && (await way.email.greets(AbortSignal.timeout(15_000)))).toBeUndefined()
  })

  test('asking whether letters would be taken sends nothing', async (it) => {
    needs(it, way, 'arrivals')
    const before = way.arrived().length
    await way.email.greets?.(AbortSignal.timeout(5000))
    expect(way.arrived()).toHaveLength(before)
  })
}

describe('messages over SMTP', () => contract(overSmtp))
heldIn(
  'messages over SES and SNS',
  {
    doubles: overSesAndSns,
    account: accountSesAndSns,
    played: playedSesAndSns,
    settings: ['AMPARO_MAIL_FROM'],
  },
  contract,
)
heldIn(
  'messages over Lambda',
  { doubles: overLambda, account: accountLambda, played: playedLambda, settings: ['AMPARO_DELIVER_FUNCTION'] },
  contract,
)
