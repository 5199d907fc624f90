/**
 * A stolen console session, with all of its cookies, in another client: nothing is shown there and nothing can be done
 * before its agent's own proof; and the agent who moves goes on where they were. By the proxy in front of it each client here
 * has an address of its own.
 */
import { type Api, api, type CallName } from '@amparo/contract/api'
import { exportPath } from '@amparo/contract/audit'
import { addressOf } from '@amparo/contract/client'
import type { BrowserContext, Browser as Chromium, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { desk, phone, picture, withAuthenticator } from './chromium.ts'
import { firstFactor } from './factors.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import type { Stage } from './stage.ts'
import { plain } from './worlds.ts'

let stage: Stage
let play: Play
let chromium: Chromium

beforeAll(async () => {
  const own = await ownStageInChromium({ env: { AMPARO_PROXIES: '127.0.0.1' } })
  ;({ stage, play, browser: chromium } = own)
  return own.close
}, 120_000)

const patience = 120_000
const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0'

const safe = new Set(['GET', 'HEAD'])

interface Client {
  readonly userAgent: string
  readonly address: string
}
const atDesk: Client = { userAgent: chrome, address: '203.0.113.9' }
const thief: Client = { userAgent: firefox, address: '198.51.100.77' }

/** What a client asks of the console with these cookies. */
async function ask(
  client: Client,
  jar: string,
  call: { readonly method: string; readonly path: string },
  more: RequestInit = {},
) {
  const answer = await fetch(`http://127.0.0.1:${stage.port}${call.path}`, {
    method: call.method,
    ...more,
    headers: {
      'user-agent': client.userAgent,
      'x-forwarded-for': client.address,
      cookie: jar,
      ...(safe.has(call.method) ? {} : { origin: stage.console, 'content-type': 'application/json' }),
      ...(more.headers as Record<string, string> | undefined),
    },
  })
  const isJson = answer.headers.get('content-type')?.includes('json')
  const text = isJson ? await answer.text() : ''
  await answer.body?.cancel().catch(() => undefined)
  const body: Readonly<Record<string, unknown>> = text === '' ? {} : JSON.parse(text)
  const set = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
  return { status: answer.status, body, jar: set.join('; ') }
}

const signInOf = (name: string) => play.people.agents.find((one) => one.email === `${name}@acme.test`)?.signIn
const signedIn = async (name: string, client = atDesk) =>
  (await ask(client, '', api.signIn, { body: JSON.stringify(signInOf(name)) })).jar

/** What a session may anywhere: hear who it is, show that it is its agent, be left for another. */
const open: readonly CallName[] = [
  'about',
  'signIn',
  'signInWays',
  'lookAtInvite',
  'acceptInvite',
  'whoAmI',
  'signOut',
  'freshChallenge',
  'sendPlaceCode',
  'showPlace',
]

const params = { id: 'as_000000000000000000000000', surface: 'web', passkeyId: 'x', launchId: 'x', ref: 'x' }
const filled = (call: Api[CallName]): string =>
  addressOf(call, {
    params: new Proxy<Record<string, string>>(params, { get: (known, name) => known[String(name)] ?? 'x' }),
  })

test('every call but those that show who it is, and every stream, is refused to the whole jar in another client', async () => {
  const jar = await signedIn('dev02')
  const refused: [string, number, unknown][] = []
  for (const [name, call] of Object.entries(api) as [CallName, Api[CallName]][]) {
    if (open.includes(name)) continue
    const body = call.method === 'GET' ? {} : { body: '{}' }
    const said = await ask(thief, jar, { method: call.method, path: filled(call) }, body)
    refused.push([name, said.status, said.body.code])
  }
  expect(refused.length).toBeGreaterThan(50)
  expect(refused.filter(([, status, code]) => status !== 403 || code !== 'agent.other_place')).toEqual([])
  for (const path of [`/api/v1/assistances/${params.id}/stream`, '/api/v1/live', `${exportPath}?format=jsonl`]) {
    for (const method of ['GET', 'HEAD'] as const)
      expect([path, (await ask(thief, jar, { method, path })).status]).toEqual([path, 403])
  }
  const who = await ask(thief, jar, api.whoAmI)
  expect(who.body).toEqual({ elsewhere: true, ways: ['code'], maskedTo: expect.any(String), locale: 'en' })
  expect(JSON.stringify(who.body)).not.toContain('dev02@acme.test')
  expect((await ask(atDesk, jar, api.whoAmI)).body.email).toBe('dev02@acme.test')
})

test('a stream ends where help begins in another session of its agent: whoever has the password hears nothing of it', async () => {
  const theirs = await signedIn('cleo', thief)
  const live = await fetch(`http://127.0.0.1:${stage.port}/api/v1/live`, {
    headers: { 'user-agent': thief.userAgent, 'x-forwarded-for': thief.address, cookie: theirs },
  })
  expect(live.status).toBe(200)
  const jar = await signedIn('cleo')
  const wanted = { kind: 'technical', userEmail: 'marta@clinica-sol.test', reason: { code: 'fault' } }
  const opened = await ask(atDesk, jar, api.open, { body: JSON.stringify(wanted) })
  expect(opened.status).toBe(201)
  let heard = ''
  for await (const part of live.body ?? []) heard += new TextDecoder().decode(part)
  expect(heard).not.toContain('marta@clinica-sol.test')
  expect((await ask(thief, theirs, api.list)).body.code).toBe('agent.other_place')
  expect((await ask(atDesk, jar, api.list)).status).toBe(200)
  await ask(atDesk, jar, api.signOut)
})

test('an address that a client made up, a browser without a name, or half a jar make no place; the next address does', async () => {
  const jar = await signedIn('dev03')
  const codeOf = async (client: Client, cookies = jar) => (await ask(client, cookies, api.list)).body.code
  expect(await codeOf({ ...atDesk, address: '203.0.113.200' })).toBeUndefined()
  expect(await codeOf({ ...atDesk, userAgent: chrome.replace('140', '151') })).toBeUndefined()
  // The proxy of ours writes last; what stands before it is the client's own word.
  expect(await codeOf({ ...atDesk, address: '203.0.113.9, 198.51.100.77' })).toBe('agent.other_place')
  expect(await codeOf({ ...atDesk, address: '203.0.113.9, 127.0.0.1, 198.51.100.77' })).toBe('agent.other_place')
  expect(await codeOf({ ...atDesk, userAgent: '' })).toBe('agent.other_place')
  expect(await codeOf({ ...atDesk, userAgent: `${firefox} ${chrome}` })).toBe('agent.other_place')
  const [session = ''] = jar.split('; ').filter((cookie) => cookie.startsWith('__Host-amparo='))
  expect(await codeOf(thief, session)).toBe('agent.other_place')
  expect(await codeOf(thief, '')).toBe('agent.unknown')
})

test('a hundred requests at once from elsewhere all find it closed, use up nothing of the agent’s, and are told of once', async () => {
  const jar = await signedIn('dev04')
  const before = await play.lettersTo('dev04@acme.test')
  const all = await Promise.all(Array.from({ length: 100 }, () => ask(thief, jar, api.list)))
  for (const { body } of all) expect(['agent.other_place', 'rate.limited']).toContain(body.code)
  const own = await Promise.all(Array.from({ length: 50 }, () => ask(atDesk, jar, api.whoAmI)))
  expect(own.map(({ status }) => status)).toEqual(own.map(() => 200))
  const isNews = ({ subject }: { subject: string }) => subject.includes('another place')
  await play.newLetter('dev04@acme.test', before.length, isNews)
  expect((await play.lettersTo('dev04@acme.test')).filter(isNews)).toHaveLength(1)
})

test('a proof is taken from our own pages only, and with a sign-in of one’s own a thief ends the session instead of joining it', async () => {
  const jar = await signedIn('dev05')
  const body = JSON.stringify({ method: 'code', code: '123456' })
  for (const origin of ['https://evil.test', 'null'])
    expect((await ask(thief, jar, api.showPlace, { body, headers: { origin } })).body.code).toBe('request.cross_site')
  const cross = { 'sec-fetch-site': 'same-site' }
  expect((await ask(thief, jar, api.showPlace, { body, headers: cross })).body.code).toBe('request.cross_site')
  expect((await ask(thief, jar, api.sendPlaceCode, { headers: cross, body: '{}' })).body.code).toBe(
    'request.cross_site',
  )
  const weak = JSON.stringify({ method: 'password', password: signInOf('dev05')?.password })
  expect((await ask(thief, jar, api.showPlace, { body: weak })).body.code).toBe('request.invalid')
  const again = await ask(thief, jar, api.signIn, { body: JSON.stringify(signInOf('dev05')) })
  expect(again.status).toBe(201)
  expect((await ask(atDesk, jar, api.whoAmI)).body.code).toBe('agent.unknown')
})

test('a code shows it: the cookie is a new one, the copy is dead, and both places are known', async () => {
  const jar = await signedIn('dev06')
  const seen = (await play.lettersTo('dev06@acme.test')).length
  expect((await ask(thief, jar, api.sendPlaceCode, { body: '{}' })).status).toBe(202)
  const { codes } = await play.newLetter('dev06@acme.test', seen)
  const body = JSON.stringify({ method: 'code', code: codes[0] })
  const shown = await ask(thief, jar, api.showPlace, { body })
  expect(shown.body).toMatchObject({ email: 'dev06@acme.test' })
  expect(shown.jar).toMatch(/^__Host-amparo=[\w-]{43}$/)
  expect(shown.jar).not.toBe(jar.split('; ')[0])
  for (const client of [thief, atDesk]) {
    expect((await ask(client, shown.jar, api.list)).status).toBe(200)
    expect((await ask(client, jar, api.list)).body.code).toBe('agent.unknown')
  }
})

/** A stream as somebody hears it: what it said so far, and everything that it said until it ended. */
async function listening(client: Client, jar: string, path: string) {
  const answer = await fetch(`http://127.0.0.1:${stage.port}${path}`, {
    headers: { 'user-agent': client.userAgent, 'x-forwarded-for': client.address, cookie: jar },
  })
  expect(answer.status).toBe(200)
  const parts = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let said = ''
  const on = async (): Promise<boolean> => {
    const part = await parts?.read()
    said += part?.value ?? ''
    return part?.done === false
  }
  return {
    until: async (what: string) => {
      while (!said.includes(what)) if (!(await on())) throw new Error(`ended before ${what}: ${said}`)
    },
    /** Until it ends, or says this. */
    end: async (unless: string) => {
      while (!said.includes(unless) && (await on()));
      return said
    },
  }
}

test(
  'what was opened with a copy of the cookie ends with it, once the agent has shown that it is them',
  async () => {
    const jar = await signedIn('dev01')
    const copy = await listening(atDesk, jar, '/api/v1/live')
    await copy.until('"items":[]')
    const seen = (await play.lettersTo('dev01@acme.test')).length
    await ask(thief, jar, api.sendPlaceCode, { body: '{}' })
    const code = (await play.newLetter('dev01@acme.test', seen)).codes[0]
    const shown = await ask(thief, jar, api.showPlace, { body: JSON.stringify({ method: 'code', code }) })
    expect(shown.status).toBe(200)
    const body = JSON.stringify({ kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } })
    const opened = await ask(atDesk, shown.jar, api.open, { body })
    expect(opened.status).toBe(201)
    expect(await copy.end('leo@clinica-sol.test')).not.toContain('leo@clinica-sol.test')
    const call = { method: 'PUT', path: `/api/v1/assistances/${opened.body.id}/closure` }
    expect((await ask(atDesk, shown.jar, call, { body: JSON.stringify({ because: 'cancelled' }) })).status).toBe(200)
  },
  patience,
)

// ── In a browser ────────────────────────────────────────────────────────────────────────────────────────────────────

const moved = (context: BrowserContext, address: string) => context.setExtraHTTPHeaders({ 'x-forwarded-for': address })

async function browserAt(client: Client, more: object = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.newContext({ ...desk, locale: 'en-GB', userAgent: client.userAgent, ...more })
  await moved(context, client.address)
  return { context, page: await context.newPage() }
}

const signIn = (page: Page, name: string) => plain.atDesk(stage, page, name)

/** Help as far as the choice of an ecosystem, in this browser: the user's name and what they are in is on the screen. */
async function helping(page: Page, name: string): Promise<string> {
  await page.getByRole('main').getByLabel('User email').fill('marta@clinica-sol.test')
  await page.getByLabel('Reason', { exact: true }).selectOption('fault')
  const before = (await play.lettersTo(`${name}@acme.test`)).length
  await page.getByRole('button', { name: 'Start Verification Process' }).click()
  const letter = await play.newLetter(`${name}@acme.test`, before)
  await page.getByRole('textbox', { name: 'Your code' }).fill(letter.codes[0] ?? '')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Marta Ruiz').first().waitFor()
  return /as_[0-9a-z]+/.exec(page.url())?.[0] ?? ''
}

const lock = (page: Page) => page.getByRole('heading', { name: 'You seem to be somewhere else' })

test(
  'the jar in another browser sees no name and can do nothing; the agent who moves confirms it and is back, with what was typed',
  async () => {
    const agent = await browserAt(atDesk)
    await signIn(agent.page, 'ben')
    const id = await helping(agent.page, 'ben')

    const other = await browserAt(thief)
    await other.context.addCookies(await agent.context.cookies())
    const asked: string[] = []
    other.page.on('response', (answer) => {
      if (answer.status() === 200 && answer.url().includes('/api/v1/')) asked.push(new URL(answer.url()).pathname)
    })
    await other.page.goto(`${stage.console}/assist/${id}`)
    await lock(other.page).waitFor()
    await other.page.keyboard.press('Escape')
    await other.page.keyboard.press('Escape')
    await lock(other.page).waitFor()
    expect(await other.page.content()).not.toMatch(/Marta|clinica-sol|ben@acme/)
    expect(new Set(asked)).toEqual(new Set(['/api/v1/session']))
    for (const [method, path, body] of [
      ['GET', `/assistances/${id}`],
      ['GET', '/assistances?state=live'],
      ['PUT', `/assistances/${id}/closure`, { because: 'cancelled' }],
      ['POST', `/assistances/${id}/notes`, { text: 'mine' }],
    ] as const) {
      const status = await other.page.evaluate(
        async ([how, where, what]) => {
          const init = { method: how, headers: { 'content-type': 'application/json' } }
          return (await fetch(`/api/v1${where}`, what === undefined ? init : { ...init, body: what })).status
        },
        [method, path, body && JSON.stringify(body)] as const,
      )
      expect([path, status]).toEqual([path, 403])
    }
    await picture(other.page, 'places-thief')
    await other.context.close()

    await agent.page.getByText('Wrong person? Correct the email').click()
    const typed = agent.page.getByRole('textbox', { name: 'Correct the user email' })
    await typed.fill('half an addre')
    await moved(agent.context, '192.0.2.40')
    await lock(agent.page).waitFor()
    expect(await agent.page.getByText('Marta Ruiz').first().isVisible()).toBe(false)
    await picture(agent.page, 'places-moved')
    const before = (await play.lettersTo('ben@acme.test')).length
    await agent.page.getByRole('button', { name: 'Send me a code by email' }).click()
    const letter = await play.newLetter('ben@acme.test', before)
    await agent.page.getByRole('textbox', { name: 'Your code' }).fill('000000')
    await agent.page.getByRole('button', { name: 'Confirm' }).click()
    await agent.page.getByText('That does not show that it is you').waitFor()
    await agent.page.getByRole('textbox', { name: 'Your code' }).fill(letter.codes[0] ?? '')
    await agent.page.getByRole('button', { name: 'Confirm' }).click()
    await lock(agent.page).waitFor({ state: 'detached' })
    await agent.page.getByText('Marta Ruiz').first().waitFor()
    expect(agent.page.url()).toContain(id)
    expect(await typed.inputValue()).toBe('half an addre')
    expect((await play.scriptOf('ben').call('GET', `/assistances/${id}`)).body.state).not.toBe('closed')
    await play.scriptOf('ben').call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })
    await agent.context.close()
  },
  patience,
)

test(
  'a passkey is one press on a phone; a prompt that is closed says so, and leaving is always there',
  async () => {
    const { context, page } = await browserAt(atDesk, phone)
    const { cdp, authenticatorId } = await withAuthenticator(page)
    await signIn(page, 'dev01')
    await firstFactor(play, page, 'dev01', 'Add a passkey')
    await page.getByRole('heading', { name: 'Prove who you are with one touch' }).waitFor({ state: 'detached' })
    await moved(context, '192.0.2.41')
    await page.reload()
    await lock(page).waitFor()
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await page.getByRole('button', { name: 'Use my passkey' }).click()
    await page.getByText('The prompt was closed before it was answered').waitFor()
    await picture(page, 'places-passkey')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await page.getByRole('button', { name: 'Use my passkey' }).click()
    await page.getByRole('button', { name: 'Start Verification Process' }).waitFor()
    await moved(context, '192.0.2.141')
    await page.reload()
    await page.getByRole('button', { name: 'Start Verification Process' }).waitFor()
    await moved(context, '198.51.100.9')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await context.close()
  },
  patience,
)
