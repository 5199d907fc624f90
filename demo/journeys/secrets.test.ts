/** A whole journey, and what is left of it at rest and in the log: no code, ticket, hint, cookie, link or password. */
import { phoneLaunch } from '@amparo/contract/phone'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { phoneOf } from './phone.ts'
import { type Play, playing } from './script.ts'
import { type Answer, Browser, type Stage, staged, until } from './stage.ts'

const leo = 'leo@clinica-sol.test'

let fresh: FreshDatabase
let inbox: Inbox
let stage: Stage
let play: Play

beforeAll(async () => {
  fresh = await emptyDatabase()
  inbox = await startInbox()
  stage = await staged({ databaseUrl: fresh.url, env: { AMPARO_SMTP_URL: inbox.smtpUrl } })
  play = await playing(stage, async () => inbox.entries())
}, 120_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await inbox.close()
  await fresh.close()
})

/** A browser that remembers every address it went to and every cookie it was given. */
class Watched extends Browser {
  readonly seen = new Set<string>()
  override async ask(...asked: Parameters<Browser['ask']>): Promise<Answer> {
    const answer = await super.ask(...asked)
    const next = answer.headers.get('location') ?? /url=(.+)$/.exec(answer.headers.get('refresh') ?? '')?.[1]
    for (const address of [asked[0], next].filter((one) => one !== undefined)) {
      const { searchParams } = new URL(address, asked[0])
      for (const name of ['login_hint', 'code']) this.seen.add(searchParams.get(name) ?? '')
    }
    for (const jar of this.jar.values()) for (const value of jar.values()) this.seen.add(value)
    return answer
  }
}

/** Every row of every table of ours, as a dump would show it. */
async function dump(): Promise<string> {
  const tables = await fresh.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'amparo' and table_type = 'BASE TABLE'`,
  )
  const all = await Promise.all(
    tables.map(({ name }) => fresh.db.query<{ row: string }>(`select t::text as row from amparo.${name} t`)),
  )
  return all
    .flat()
    .map(({ row }) => row)
    .join('\n')
}

/** Where these secrets stand in a text: as they are, or as the bytes of them. Six digits inside longer numbers are none. */
function hits(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => {
    if (/^\d{6}$/.test(secret)) return new RegExp(`(?<![0-9a-f.])${secret}(?![0-9a-f])`).test(text)
    return text.includes(secret) || text.includes(Buffer.from(secret).toString('hex'))
  })
}

test('a dump in the middle of a message, and all that is left after a journey, hold nothing that opens anything', async () => {
  const secrets = new Set<string>(play.people.agents.map((agent) => play.bearer(agent.email)))
  const agent = play.scriptOf('ana')
  const id = await play.proved(agent, leo)
  await agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' })

  const recovers = inbox.fail(leo, { code: 451 })
  await play.must(agent.call('POST', `/assistances/${id}/consent-code`, {}), 202)
  const queued = await until(dump, (text) => text.includes('busy 451'), 'a mail that waits')
  recovers()
  await play.advance(31_000)
  const letter = await play.newLetter(leo, 0)
  const code = letter.codes[0] ?? ''
  const link = letter.links.find((one) => one.includes('/c/')) ?? ''
  for (const one of inbox.entries().flatMap((entry) => entry.codes)) secrets.add(one)
  secrets.add(link.split('/c/')[1] ?? '')
  expect(hits(queued, [...secrets])).toEqual([])
  expect(queued).not.toContain('Ana Robles quiere')

  const phone = new Watched()
  const { digits } = (await play.tapped(phone, link, 'yes')).body
  await play.must(agent.call('PUT', `/assistances/${id}/consent`, { match: digits }), 200)
  const browser = new Watched()
  const key = { 'idempotency-key': `launch-${crypto.randomUUID()}` }
  const { url, ticket } = await play.must(
    agent.call('POST', `/assistances/${id}/launches`, { surface: 'web' }, key),
    201,
  )
  secrets.add(ticket)
  const home = await browser.follow(await browser.form(url, { ticket }, { origin: stage.console }))
  expect(home.text).toContain('Leo Martín')
  const signedIn = await fetch(`http://127.0.0.1:${stage.port}/api/v1/session`, {
    method: 'POST',
    headers: { origin: stage.console, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ben@acme.test', password: 'ben-demo-pass-1' }),
  })
  secrets.add(/=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '').add('ben-demo-pass-1')
  for (const seen of [...phone.seen, ...browser.seen]) if (seen !== '') secrets.add(seen)
  expect(secrets.size).toBeGreaterThan(play.people.agents.length + 8)

  const during = await dump()
  await play.tapped(phone, link, 'stop')
  await until(
    async () => (await agent.call('GET', `/assistances/${id}`)).body,
    ({ surfaces }) => Boolean(surfaces[0].acknowledgedAt),
    'the acknowledgement',
  )
  const list = (await play.scriptOf('adam').call('GET', '/audit/events?limit=200')).body
  expect(hits(during, secrets)).toEqual([])
  expect(hits(await dump(), secrets)).toEqual([])
  expect(hits(JSON.stringify(list), secrets)).toEqual([])
  expect(hits(stage.said().replaceAll(/password\s+\S+/g, ''), secrets)).toEqual([])
  expect(code).toMatch(/^\d{6}$/)
})

test('of an app on a phone neither a link, nor a short code, nor a cookie, nor its token is left anywhere', async () => {
  const agent = play.scriptOf('ana')
  const { id } = await play.active(agent, leo, 'cli_sol')
  const key = { 'idempotency-key': `launch-${crypto.randomUUID()}` }
  const screen = phoneLaunch.parse(
    await play.must(agent.call('POST', `/assistances/${id}/launches`, { surface: 'app' }, key), 201),
  )
  const before = (await play.lettersTo('ana@acme.test')).length
  await play.must(agent.call('POST', `/assistances/${id}/launches/${screen.launchId}/link`, {}), 202)
  const isWay = (link: string) => link.includes('/q/')
  const letter = await play.newLetter('ana@acme.test', before, ({ links }) => links.some(isWay))
  const sent = letter.links.find(isWay) ?? ''
  const phone = await phoneOf(stage)
  const page = await phone.scan(sent)
  await play.must(
    agent.call('PUT', `/assistances/${id}/launches/${screen.launchId}/match`, { digits: phone.digits(page) }),
    200,
  )
  const token = await phone.goOn(page)
  expect(await phone.alive(token)).toMatchObject({ active: true })

  const short = screen.shortCode ?? ''
  const secrets = new Set([token, short, short.replace('-', ''), ...[screen.qr?.text ?? '', sent].map(handleIn)])
  for (const jar of phone.browser.jar.values()) for (const value of jar.values()) secrets.add(value)
  secrets.delete('')
  expect(secrets.size).toBeGreaterThanOrEqual(5)
  const during = await dump()
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' }), 200)
  const list = (await play.scriptOf('adam').call('GET', '/audit/events?limit=200')).body
  expect(during).toContain(screen.launchId)
  for (const text of [during, await dump(), JSON.stringify(list), stage.said()]) expect(hits(text, secrets)).toEqual([])
})

const handleIn = (link: string): string => link.split('/q/')[1] ?? ''
