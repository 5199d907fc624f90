/**
 * `kill -9` at any moment, and start again: nothing more is open than before, no code can be used twice, and every
 * message is sent at least once and shown once. On the built-in database, with a mail server that outlives them all.
 */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { advanceClock } from '../../server/src/database/clock.ts'
import { postgres } from '../../server/src/database/database.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { type Play, playing, type Script } from './script.ts'
import { Browser, freeBlock, type Stage, type Staging, staged, until } from './stage.ts'

const marta = 'marta@clinica-sol.test'

let inbox: Inbox
let staging: Required<Pick<Staging, 'folder' | 'port' | 'env'>>
let stage: Stage
let play: Play
let ana: Script

beforeAll(async () => {
  inbox = await startInbox()
  const folder = await mkdtemp(join(tmpdir(), 'amparo-kill-'))
  staging = { folder, port: await freeBlock(), env: { AMPARO_SMTP_URL: inbox.smtpUrl, DATABASE_URL: '' } }
  stage = await staged(staging)
  play = await playing(stage, async () => inbox.entries())
  ana = play.scriptOf('ana')
}, 120_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await inbox.close()
})

const postmaster = async () =>
  Number((await readFile(join(staging.folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])

type Victim = 'server' | 'both'

/** Kills without a word, and starts again on what is left. `meanwhile` happens while nobody is there. */
async function crash(victim: Victim, meanwhile?: () => Promise<unknown>): Promise<void> {
  const database = await postmaster()
  await stage.stop('SIGKILL')
  if (victim === 'both') process.kill(database, 'SIGKILL')
  await meanwhile?.()
  stage = await staged(staging)
}

const events = async (id: string): Promise<{ type: string; data: Record<string, unknown> }[]> => {
  // What happened has its place in the record.
  await play.advance(0)
  return (await play.scriptOf('adam').call('GET', `/audit/events?assistance=${id}&limit=200`)).body.items
}

/** What is open, and what may still be tried: everything about an assistance that a restart could widen. */
async function standing(id: string) {
  const { body } = await ana.call('GET', `/assistances/${id}`)
  const { state, because, deadlines, lookupsLeft, page, surfaces, consentedAt, closedAt, powers } = body
  const open = surfaces.map((one: { surface: string; open: boolean }) => [one.surface, one.open])
  return { state, because, deadlines, lookupsLeft, page, open, consentedAt, closedAt, powers }
}

/** The same message twice is one entry; two entries of one purpose would be a second message. */
const shown = (to: string) => inbox.entries(to).map(({ channel, codes }) => [channel, codes[0]])

const wrong = (code: string) => (code === '000000' ? '111111' : '000000')

test('killed at every point of the main job, it goes on from where it was, with nothing more open and nothing usable twice', async () => {
  // Nothing but a request.
  const id = await play.opened(ana, marta)
  const path = `/assistances/${id}`
  let before = await standing(id)
  await crash('server')
  expect(await standing(id)).toEqual(before)
  expect(inbox.entries()).toEqual([])

  // The code is on its way: the mail server has it, and nobody of us has heard so.
  inbox.fail('ana@acme.test', { code: 250, times: 1, afterKeeping: true, afterMs: 1500 })
  await play.must(ana.call('POST', `${path}/agent-code`), 202)
  const first = await play.newLetter('ana@acme.test', 0)
  await crash('both')
  await play.advance(31_000)
  await until(
    async () => (await ana.call('GET', path)).body.messages[0]?.status,
    (status) => status === 'sent',
    'the second sending',
  )
  expect(shown('ana@acme.test')).toEqual([['email', first.codes[0]]])

  // Its five tries are spent: it is burnt, and stays burnt.
  const code = first.codes[0] ?? ''
  const guess = (digits: string) => ana.call('PUT', `${path}/agent-proof`, { method: 'code', code: digits })
  for (let left = 4; left >= 0; left -= 1)
    expect((await guess(wrong(code))).body).toMatchObject({ code: 'code.wrong', attemptsLeft: left })
  await crash('both')
  expect((await guess(code)).body.code).toBe('code.spent')

  // Proved: a code that was used is refused.
  const second = await play.agentCode(ana, id)
  expect(second).not.toBe(code)
  expect((await guess(second)).status).toBe(200)
  before = await standing(id)
  await crash('server')
  expect(await standing(id)).toEqual(before)
  expect((await guess(second)).body.code).toBe('assistance.out_of_order')

  // The user's message waits: the mail server is busy. It leaves later, with the same code, in each channel once.
  await ana.call('PUT', `${path}/ecosystem`, { ecosystemId: 'cli_sol' })
  const recovers = inbox.fail(marta, { code: 451 })
  await play.must(ana.call('POST', `${path}/consent-code`, {}), 202)
  await until(
    async () => (await ana.call('GET', path)).body.messages,
    (messages) =>
      [
        ['sms', 'sent'],
        ['email', 'failed'],
      ].every(([channel, status]) =>
        messages.some((one: { channel: string; status: string }) => one.channel === channel && one.status === status),
      ),
    'the SMS, and the mail server to say no',
  )
  before = await standing(id)
  await crash('both')
  expect(await standing(id)).toEqual(before)
  recovers()
  await play.advance(31_000)
  const letter = await play.newLetter(marta, 0)
  const texted = inbox.entries().find((one) => one.channel === 'sms')
  expect(texted?.codes).toEqual(letter.codes)
  expect(shown(marta)).toHaveLength(1)

  // In the middle of the consent: it was given, or it was not; whichever it is, it is so once.
  const consented = ana.call('PUT', `${path}/consent`, { code: letter.codes[0] }).catch(() => undefined)
  await crash('server')
  await consented
  const again = await ana.call('PUT', `${path}/consent`, { code: letter.codes[0] })
  expect(['active', 'assistance.out_of_order']).toContain(again.body.state ?? again.body.code)
  expect((await standing(id)).state).toBe('active')
  expect((await ana.call('PUT', `${path}/consent`, { code: letter.codes[0] })).body.code).toBe(
    'assistance.out_of_order',
  )
  expect((await events(id)).filter((one) => one.type === 'consent.given')).toHaveLength(1)

  // Help is on, the Web is open: the assistance lives on, and the Web, which forgot everything, shows nothing.
  const browser = new Browser()
  expect((await play.launched(ana, id, browser)).text).toContain('Marta Ruiz')
  const spare = (await ana.call('POST', `${path}/launches`, { surface: 'web' })).body
  before = await standing(id)
  await crash('both')
  expect(await standing(id)).toEqual(before)
  const left = await browser.ask(play.webHome)
  expect([left.status, left.text.includes('INV-')]).toEqual([401, false])
  const takers = await Promise.all(
    Array.from({ length: 20 }, () =>
      new Browser().form(spare.url, { ticket: spare.ticket }, { origin: stage.console }),
    ),
  )
  expect(takers.map((one) => one.status).sort()).toEqual([200, ...Array(19).fill(410)])

  // In the middle of the ending: what began ends, once, everybody hears of it, once, and nothing comes back.
  expect((await play.launched(ana, id, browser)).text).toContain('Marta Ruiz')
  const mails = shown(marta).length
  const ended = ana.call('PUT', `${path}/closure`, { because: 'finished', outcome: 'solved' }).catch(() => undefined)
  await crash('server')
  await ended
  await ana.call('PUT', `${path}/closure`, { because: 'finished', outcome: 'solved' })
  await play.advance(31_000)
  const closed = await until(
    async () => (await ana.call('GET', path)).body,
    (body) => Boolean(body.surfaces[1]?.acknowledgedAt),
    'the acknowledgement',
  )
  expect(closed).toMatchObject({ state: 'closed', because: 'finished' })
  await until(
    async () => shown(marta),
    (all) => all.length > mails,
    'the last mail',
  )
  await play.advance(31_000)
  expect(shown(marta)).toHaveLength(mails + 1)
  expect((await events(id)).filter((one) => one.type === 'assistance.closed')).toHaveLength(1)
  expect((await browser.ask(play.webHome)).status).toBe(401)
  expect((await ana.call('POST', `${path}/launches`, { surface: 'web' })).body.code).toBe('assistance.closed')
}, 180_000)

test('fifteen minutes that pass while nobody runs are over at their deadline, not at the restart', async () => {
  const { id } = await play.active(ana, marta, 'cli_sol')
  const { deadlines } = (await ana.call('GET', `/assistances/${id}`)).body
  // The database outlives the server, and with it the clock.
  await crash('server', async () => {
    const socket = encodeURIComponent(join(staging.folder, 'postgres/run'))
    const db = postgres(`postgresql:///amparo?host=${socket}&user=amparo`, { max: 1 })
    await advanceClock(db, 20 * 60_000).finally(db.close)
  })
  const { body } = await ana.call('GET', `/assistances/${id}`)
  expect(body).toMatchObject({ state: 'closed', because: 'expired_idle', closedAt: deadlines.idleAt })
  expect((await ana.call('PUT', `/assistances/${id}/presence`, { code: '000000' })).body.code).toBe('assistance.closed')
})

test('a database that is killed comes back by itself; until then every answer is a refusal, and nothing is lost', async () => {
  const id = await play.opened(ana, marta)
  const before = await standing(id)
  process.kill(await postmaster(), 'SIGKILL')
  const answers = await Promise.all(Array.from({ length: 20 }, () => ana.call('GET', `/assistances/${id}`)))
  expect(answers.filter(({ status, body }) => status !== 200 && body.code !== 'system.unavailable')).toEqual([])
  await until(
    () => ana.call('GET', `/assistances/${id}`),
    ({ status }) => status === 200,
    'the database',
  )
  expect(await standing(id)).toEqual(before)
  expect(await ana.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })).toMatchObject({ status: 200 })
})

test('a second process on the folder, and a port that is taken, are refused with words and exit code 2', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const folder = await mkdtemp(join(tmpdir(), 'amparo-kill-'))
  await Promise.all([
    expect(staged({ ...staging, port: await freeBlock() })).rejects.toThrow(/ended with 2 .*used by another Amparo/s),
    expect(staged({ ...staging, folder, port })).rejects.toThrow(/ended with 2 .*used by ".+" \(process \d+\)/s),
  ])
  taken.close()
  await rm(folder, { recursive: true, force: true })
}, 120_000)

test('told to stop, it stops by itself with exit code 0 and leaves nothing running', async () => {
  const database = await postmaster()
  await stage.stop('SIGTERM')
  expect(stage.child.exitCode).toBe(0)
  expect(() => process.kill(database, 0)).toThrow()
})
