/** What became of each message, as the agent sees it: over real SMTP, with a server that does what servers do. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { type Play, playing, type Script } from './script.ts'
import { type Stage, staged } from './stage.ts'

let fresh: FreshDatabase
let inbox: Inbox
let stage: Stage
let play: Play
let ana: Script
beforeAll(async () => {
  fresh = await emptyDatabase()
  inbox = await startInbox()
  stage = await staged({ databaseUrl: fresh.url, env: { AMPARO_SMTP_URL: inbox.smtpUrl } })
  play = await playing(stage, async () => inbox.entries())
  ana = play.scriptOf('ana')
}, 90_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await inbox.close()
  await fresh.close()
})

let id = ''
let path = ''
beforeEach(async () => {
  inbox.clear()
  return async () => {
    await play.must(ana.call('PUT', `${path}/closure`, { because: 'cancelled' }), 200)
    // News of it have arrived, and meet nothing that is planned for the next message.
    await play.advance(0)
  }
})

async function proved(user: string, ecosystemId: string): Promise<void> {
  id = await play.proved(ana, user)
  path = `/assistances/${id}`
  await play.must(ana.call('PUT', `${path}/ecosystem`, { ecosystemId }), 200)
}

interface Seen {
  readonly purpose: string
  readonly channel: string
  readonly status: string
  readonly error?: string
  readonly said?: string
  readonly retryAt?: string
}
const messages = async (): Promise<readonly Seen[]> => {
  const { body } = await ana.call('GET', path)
  return body.messages.filter((one: Seen) => one.purpose === 'consent')
}

/** What the agent sees of a channel, and after how long it was there. */
async function seen(channel: string, good: (one: Seen) => boolean): Promise<{ one: Seen; ms: number }> {
  const began = performance.now()
  const found = async () => (await messages()).findLast((one) => one.channel === channel && good(one))
  await expect.poll(found, { timeout: 12_000, interval: 50 }).toBeDefined()
  const one = await found()
  if (!one) throw new Error(`nothing of ${channel}`)
  return { one, ms: performance.now() - began }
}
const ask = (body: object = {}) => ana.call('POST', `${path}/consent-code`, body)
const marta = 'marta@clinica-sol.test'

test('a mailbox that is not there is seen within five seconds, the SMS arrives, and the other channel goes out at once', async () => {
  await proved(marta, 'cli_sol')
  const mended = inbox.fail(marta, { code: 550, message: '5.1.1 no such mailbox' })
  await play.must(ask(), 202)
  const { one, ms } = await seen('email', ({ status }) => status === 'failed')
  console.log(`a refusal was on the agent's screen after ${Math.round(ms)} ms`)
  expect(one).toMatchObject({ error: 'no_such_address', said: '550, 5.1.1' })
  expect(one.retryAt).toBeUndefined()
  expect(ms).toBeLessThan(5000)
  await seen('sms', ({ status }) => status === 'sent')
  const again = await play.must(ask({ channels: ['sms'] }), 202)
  expect(again.channels.map(({ channel }: Seen) => channel)).toEqual(['sms'])
  mended()
})

test('a server that asks to come back later is told as that, and the same code arrives by itself', async () => {
  await proved(marta, 'cli_sol')
  inbox.fail(marta, { code: 451, message: '4.7.1 greylisted', times: 1 })
  await play.must(ask(), 202)
  const { one, ms } = await seen('email', ({ error }) => error !== undefined)
  expect(one).toMatchObject({ status: 'failed', error: 'busy', said: '451, 4.7.1' })
  expect(one.retryAt).toMatch(/^\d{4}-/)
  expect(ms).toBeLessThan(5000)
  await seen('email', ({ status, error }) => status === 'sent' && error === undefined)
  const codes = inbox.entries().flatMap((entry) => entry.codes)
  expect(new Set(codes.slice(0, 2)).size).toBe(1)
})

test('a slow server holds nothing else up, and a message taken twice is one', async () => {
  await proved(marta, 'cli_sol')
  const mended = inbox.fail(marta, { code: 250, afterMs: 3000 })
  await play.must(ask(), 202)
  const { ms } = await seen('sms', ({ status }) => status === 'sent')
  expect(ms).toBeLessThan(3000)
  expect((await messages()).find(({ channel }) => channel === 'email')?.status).toBe('queued')
  await seen('email', ({ status }) => status === 'sent')
  expect(inbox.entries(marta).filter(({ codes }) => codes.length > 0)).toHaveLength(1)
  mended()
})

test('a fixed line is said to take calls only, and gets no SMS', async () => {
  await proved('ramon@clinica-sol.test', 'cli_sol')
  expect((await ana.call('GET', path)).body.user).toMatchObject({ phoneTakes: 'calls_only' })
  const sent = await play.must(ask(), 202)
  expect(sent.channels.map(({ channel }: Seen) => channel)).toEqual(['email'])
})
