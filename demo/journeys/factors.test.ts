/**
 * Agents and their factors in a real browser: a passkey (Chromium's own virtual authenticator), an authenticator app and
 * the code by message each prove them; what a thief of the cookie and a page in between can do with it is nothing.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Browser as Chromium, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { softPasskey } from '../../server/src/identity/authenticator.testing.ts'
import { invite } from '../../server/src/identity/invite.store.ts'
import { system } from '../../server/src/words.ts'
import { type Authenticator, desk, picture, withAuthenticator } from './chromium.ts'
import { codeOf, firstFactor } from './factors.ts'
import { ownStageInChromium } from './own.ts'
import { hasCode, type Play } from './script.ts'
import { type Stage, until } from './stage.ts'
import { plain } from './worlds.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
let chromium: Chromium

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ fresh, stage, play, browser: chromium } = own)
  return own.close
}, 120_000)

const patience = 60_000

interface Desk extends Authenticator {
  readonly context: BrowserContext
  readonly page: Page
}

/** A browser with an authenticator of its own. */
async function browserAtDesk(changes: object = {}): Promise<Desk> {
  const context = await chromium.newContext({ ...desk, locale: 'en-GB', ...changes })
  const page = await context.newPage()
  return { context, page, ...(await withAuthenticator(page)) }
}

const person = (name: string) => {
  const found = play.people.agents.find((one) => one.email === `${name}@acme.test`)
  if (!found) throw new Error(`no ${name}`)
  return found
}

const signIn = (page: Page, name: string) => plain.atDesk(stage, page, name)

async function addPasskey(page: Page, name: string): Promise<void> {
  await firstFactor(play, page, name, 'Add a passkey')
  await page.getByRole('heading', { name: 'Prove who you are with one touch' }).waitFor({ state: 'detached' })
}

async function start(page: Page, userEmail: string): Promise<void> {
  await page.goto(`${stage.console}/assist`)
  await page.getByRole('main').getByLabel('User email').fill(userEmail)
  await page.getByLabel('Reason', { exact: true }).selectOption('fault')
  await page.getByRole('button', { name: 'Start Verification Process' }).click()
  await page.waitForURL(/\/assist\/as_/)
}

const idOf = (page: Page): string => /as_[0-9a-z]+/.exec(page.url())?.[0] ?? ''
const seenBy = async (name: string, id: string) => (await play.scriptOf(name).call('GET', `/assistances/${id}`)).body
const cancel = (name: string, id: string) =>
  play.scriptOf(name).call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })

test(
  'a passkey: offered at the first sign-in, added after one code of their mailbox, then one press on Start leads to the user',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'ben')
    await picture(page, 'factors-offer')
    await addPasskey(page, 'ben')
    await start(page, 'marta@clinica-sol.test')
    await page.getByText('Marta Ruiz').first().waitFor()
    await picture(page, 'factors-passkey-proved')
    const seen = await seenBy('ben', idOf(page))
    expect(seen).toMatchObject({ state: 'user_lookup', agentMethod: 'passkey' })
    expect(seen.messages).toEqual([])
    await play.newLetter('ben@acme.test', 0, ({ subject }) => subject.includes('passkey was added'))
    await cancel('ben', idOf(page))
    await context.close()
  },
  patience,
)

test(
  'an authenticator app: asked for first where there is one, and nothing is sent',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'cleo')
    await start(page, 'leo@clinica-sol.test')
    await page.getByLabel('Code of your app').waitFor()
    await picture(page, 'factors-app')
    await page.getByLabel('Code of your app').fill(codeOf(person('cleo').totpSecret ?? ''))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Leo Martín').first().waitFor()
    const seen = await seenBy('cleo', idOf(page))
    expect(seen).toMatchObject({ state: 'user_lookup', agentMethod: 'totp' })
    expect(seen.messages).toEqual([])
    await cancel('cleo', idOf(page))
    await context.close()
  },
  patience,
)

test(
  'a code that the mail server refuses: the agent is told so, and to use the app that they have instead',
  async () => {
    const mailServer = (fate: 'refused' | 'delivered') =>
      fetch(`http://127.0.0.1:${stage.port}/inbox/fate`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ for: 'cleo@acme.test', fate }),
      })
    const { context, page } = await browserAtDesk()
    await signIn(page, 'cleo')
    await start(page, 'leo@clinica-sol.test')
    await mailServer('refused')
    await page.getByRole('button', { name: 'Send me a code by email' }).click()
    const line = page.locator('.delivery li.failed')
    await line.getByText('Use your passkey or your app instead: it works at once.').waitFor()
    await mailServer('delivered')
    await page.getByRole('button', { name: 'Use my authenticator app' }).click()
    await page.getByLabel('Code of your app').waitFor()
    await cancel('cleo', idOf(page))
    await context.close()
  },
  patience,
)

test(
  'a code by message: sent by the same press where there is nothing stronger',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'dev03')
    const before = (await play.lettersTo('dev03@acme.test')).length
    await start(page, 'leo@clinica-sol.test')
    const letter = await play.newLetter('dev03@acme.test', before)
    await page.getByRole('textbox', { name: 'Your code' }).fill(letter.codes[0] ?? '')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Leo Martín').first().waitFor()
    expect(await seenBy('dev03', idOf(page))).toMatchObject({ state: 'user_lookup', agentMethod: 'code' })
    await cancel('dev03', idOf(page))
    await context.close()
  },
  patience,
)

test(
  'a prompt that is closed says so in words, and the code by message is one press away',
  async () => {
    const { context, page, cdp, authenticatorId } = await browserAtDesk()
    await signIn(page, 'dev04')
    await addPasskey(page, 'dev04')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await start(page, 'leo@clinica-sol.test')
    await page.getByText('The prompt was closed before it was answered').waitFor()
    await picture(page, 'factors-passkey-closed')
    const before = (await play.lettersTo('dev04@acme.test')).length
    await page.getByRole('button', { name: 'Send me a code by email' }).click()
    const letter = await play.newLetter('dev04@acme.test', before)
    await page.getByRole('textbox', { name: 'Your code' }).fill(letter.codes[0] ?? '')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Leo Martín').first().waitFor()
    expect(await seenBy('dev04', idOf(page))).toMatchObject({ agentMethod: 'code' })
    await cancel('dev04', idOf(page))
    await context.close()
  },
  patience,
)

test(
  'a stolen console cookie proves nobody and adds no factor',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'dev02')
    await addPasskey(page, 'dev02')
    const cookie = (await context.cookies(stage.console)).map(({ name, value }) => `${name}=${value}`).join('; ')
    // From where the agent is, in their kind of browser: from anywhere else even less is open (`places.test.ts`).
    const userAgent = await page.evaluate<string>('navigator.userAgent')
    const thief = async (method: string, path: string, body: object = {}) => {
      const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1${path}`, {
        method,
        headers: { cookie, 'user-agent': userAgent, origin: stage.console, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: a thief reads JSON as it comes.
      const heard: any = await answer.json()
      return { status: answer.status, body: heard }
    }
    expect((await thief('GET', '/session')).body.email).toBe('dev02@acme.test')
    const reason = { code: 'fault' }
    const opened = await thief('POST', '/assistances', {
      kind: 'technical',
      userEmail: 'marta@clinica-sol.test',
      reason,
    })
    const id = opened.body.id
    const options = await thief('POST', `/assistances/${id}/agent-challenge`)
    expect(options.status).toBe(200)
    const forged = softPasskey({ id: 'localhost', origin: stage.console }).answer(options.body)
    const known = options.body.allowCredentials[0].id
    for (const response of [forged, { ...forged, id: known, rawId: known }]) {
      const challenge = await thief('POST', `/assistances/${id}/agent-challenge`)
      const said = { ...JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString()) }
      said.challenge = challenge.body.challenge
      const clientDataJSON = Buffer.from(JSON.stringify(said)).toString('base64url')
      const proof = { ...response, response: { ...response.response, clientDataJSON } }
      const answer = await thief('PUT', `/assistances/${id}/agent-proof`, { method: 'passkey', response: proof })
      expect(answer.status).toBe(422)
    }
    for (const method of ['code', 'totp'])
      expect((await thief('PUT', `/assistances/${id}/agent-proof`, { method, code: '123456' })).status).toBe(409)
    for (const call of ['/factors/passkeys/options', '/factors/totp'])
      expect((await thief('POST', call, { fresh: { method: 'sign_in' } })).body.code).toBe('fresh.factor')
    expect(
      (await thief('PUT', '/session/password', { password: 'guess', next: 'something long enough' })).body.code,
    ).toBe('fresh.wrong')
    expect((await seenBy('dev02', id)).state).toBe('agent_verification')
    await cancel('dev02', id)
    await context.close()
  },
  patience,
)

test(
  'whoever has the password alone adds no first factor over HTTP, by any call; the agent hears that somebody tries',
  async () => {
    const { email, signIn: own } = person('ana')
    const headers = { origin: stage.console, 'content-type': 'application/json', 'user-agent': 'thief/1.0' }
    const signed = await fetch(`http://127.0.0.1:${stage.port}/api/v1/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email, password: own.password }),
    })
    const cookie = signed.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const { fresh: now } = (await signed.json()) as { fresh: string }
    const says = async (method: string, path: string, body: object) => {
      const address = `http://127.0.0.1:${stage.port}/api/v1/factors${path}`
      const answer = await fetch(address, { method, headers: { ...headers, cookie }, body: JSON.stringify(body) })
      const heard = (await answer.json()) as { code?: string }
      return heard.code ?? answer.status
    }
    const proofs = [
      { method: 'sign_in', fresh: now },
      { method: 'password', password: own.password },
    ]
    const before = (await play.lettersTo(email)).length
    for (const fresh of proofs)
      for (const path of ['/passkeys/options', '/totp'])
        expect(await says('POST', path, { fresh })).toBe('fresh.mailbox')
    expect(await says('PUT', '/code', { code: '123456' })).toBe('code.spent')
    expect(await says('POST', '/code', { fresh: proofs[0] })).toBe(202)
    const { codes, subject } = await play.newLetter(email, before)
    expect(subject).toBe('Tu código de agente de Acme')
    const wrong = codes[0] === '123456' ? '654321' : '123456'
    for (let tries = 0; tries < 5; tries += 1) expect(await says('PUT', '/code', { code: wrong })).toBe('code.wrong')
    expect(await says('PUT', '/code', { code: codes[0] })).toBe('code.spent')
    const made = softPasskey({ id: 'localhost', origin: stage.console }).make({ challenge: 'x', user: { id: 'x' } })
    expect(await says('POST', '/passkeys', { name: 'Mine', response: made })).toBe('passkey.expired')
    expect(await says('PUT', '/totp', { code: '123456' })).toBe('totp.not_begun')
    const [had] = await fresh.db.query<{ many: number }>(
      `select (select count(*) from passkey k where k.agent_id = g.id) + (select count(*) from totp t where t.agent_id = g.id) as many
         from agent g where g.email = $1`,
      [email],
    )
    expect(Number(had?.many)).toBe(0)
  },
  patience,
)

test(
  'who goes back before the code has come, or closes the prompt after it, is sent no second one',
  async () => {
    const { context, page, cdp, authenticatorId } = await browserAtDesk()
    await signIn(page, 'dev03')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    const codesSent = async () => (await play.lettersTo('dev03@acme.test')).filter(hasCode).length
    const sentBefore = await codesSent()
    const before = (await play.lettersTo('dev03@acme.test')).length
    const add = page.getByRole('button', { name: 'Add a passkey' })
    const field = page.getByRole('textbox', { name: 'Your code' })
    await add.click()
    const { codes } = await play.newLetter('dev03@acme.test', before)
    await page.getByText('You can send again in').waitFor()
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    await add.click()
    await page.getByText('You can send again in').waitFor()
    await field.fill(codes[0] ?? '')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('Nothing was added').waitFor()
    // What is on its way has arrived. News of the sign-in may be among it; of codes there is one.
    await play.advance(0)
    expect(await codesSent()).toBe(sentBefore + 1)
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await add.click()
    await page.getByRole('heading', { name: 'Prove who you are with one touch' }).waitFor({ state: 'detached' })
    await context.close()
  },
  patience,
)

test(
  'a sign-in that is relayed by a page on another origin fails with the passkey, which works on ours',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'dev06')
    await addPasskey(page, 'dev06')
    const script = play.scriptOf('dev06')
    const id = await play.opened(script, 'marta@clinica-sol.test')
    const evil = await served('<!doctype html><title>Acme desk</title><p>Please sign in again.</p>')
    try {
      const between = `http://evil.localhost:${(evil.address() as AddressInfo).port}/`
      for (const rpId of ['localhost', 'evil.localhost']) {
        const options = await play.must(script.call('POST', `/assistances/${id}/agent-challenge`), 200)
        await page.goto(between)
        const caught = await page.evaluate(promptFor, { ...options, rpId })
        if ('error' in caught) continue
        const proof = await script.call('PUT', `/assistances/${id}/agent-proof`, {
          method: 'passkey',
          response: caught,
        })
        expect([proof.status, proof.body.code]).toEqual([422, 'passkey.wrong'])
      }
      expect((await seenBy('dev06', id)).state).toBe('agent_verification')
      const options = await play.must(script.call('POST', `/assistances/${id}/agent-challenge`), 200)
      await page.goto(`${stage.console}/settings`)
      const response = await page.evaluate(promptFor, options)
      const proof = await script.call('PUT', `/assistances/${id}/agent-proof`, { method: 'passkey', response })
      expect(proof.status).toBe(200)
    } finally {
      evil.close()
      await cancel('dev06', id)
      await context.close()
    }
  },
  patience,
)

/** In the page: asks its authenticator, as a page in between would, and hands on what it says. */
async function promptFor(options: {
  challenge: string
  rpId: string
  allowCredentials: { id: string }[]
}): Promise<Record<string, unknown>> {
  const bytes = (text: string) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  const text = (buffer: ArrayBuffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  try {
    // biome-ignore lint/suspicious/noExplicitAny: this runs in the page, where the browser has these types.
    const { navigator } = globalThis as any
    const found = await navigator.credentials.get({
      publicKey: {
        challenge: bytes(options.challenge),
        rpId: options.rpId,
        userVerification: 'required',
        timeout: 3000,
        allowCredentials: options.allowCredentials.map(({ id }) => ({ id: bytes(id), type: 'public-key' })),
      },
    })
    const { clientDataJSON, authenticatorData, signature } = found.response
    return {
      id: found.id,
      rawId: found.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(clientDataJSON),
        authenticatorData: text(authenticatorData),
        signature: text(signature),
      },
    }
  } catch (error) {
    return { error: String(error) }
  }
}

async function served(html: string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

test(
  'in Settings an agent names and removes a passkey, sets up an app by its key, and shows again who they are for each',
  async () => {
    const { context, page } = await browserAtDesk()
    await signIn(page, 'dev01')
    await page.getByRole('button', { name: 'Not now' }).click()
    await page.getByRole('button', { name: 'Not now' }).waitFor({ state: 'detached' })
    await page.goto(`${stage.console}/settings`)
    await page.getByRole('button', { name: 'Set up an app' }).click()
    await picture(page, 'factors-again')
    await page.getByLabel('Your password').fill(person('dev01').signIn.password)
    const before = (await play.lettersTo('dev01@acme.test')).length
    await page.getByRole('button', { name: 'Go on' }).click()
    const field = page.getByRole('textbox', { name: 'Your code' })
    const { codes } = await play.newLetter('dev01@acme.test', before)
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code')
    await picture(page, 'factors-first')
    await field.fill(codes[0] === '000000' ? '111111' : '000000')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('That code is not right').waitFor()
    await field.fill(codes[0] ?? '')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor()
    await picture(page, 'factors-app-setup')
    const secret = ((await page.locator('code.key').textContent()) ?? '').replaceAll(' ', '')
    await page.getByLabel('The six digits that the app shows').fill(codeOf(secret))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('Its six digits change every 30 seconds').waitFor()

    await page.getByRole('button', { name: 'Add a passkey' }).click()
    // Who has a factor shows one: their password would add no other.
    expect(await page.getByLabel('Your password').count()).toBe(0)
    expect(await field.count()).toBe(0)
    await page.getByLabel('Code of your app').fill(codeOf(secret, 1))
    await page
      .locator('dialog form', { has: page.getByLabel('Code of your app') })
      .getByRole('button')
      .click()
    await page.getByRole('button', { name: /^Rename/ }).click()
    await page.getByLabel('Name of this passkey').fill('Desk at the window')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Desk at the window').waitFor()
    await picture(page, 'factors-settings')
    await page.getByRole('button', { name: 'Remove Desk at the window' }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('None yet. A passkey is the safest way').waitFor()
    const told = async () =>
      (await play.lettersTo('dev01@acme.test')).filter(({ subject }) => /passkey|authenticator/.test(subject)).length
    await until(told, (count) => count === 3, 'three mails')
    await context.close()
  },
  patience,
)

test(
  'a sign-in link opens once: a password is set, a passkey is offered, and the address keeps nothing of it',
  async () => {
    const { context, page } = await browserAtDesk()
    const [row] = await fresh.db.query<{ id: string }>(`select id from agent where email = 'sara@acme.test'`)
    const { token } = await invite(fresh.db, row?.id ?? '', { type: 'agent.invited', actor: system('test') })
    // Its page does not come: nor does the address keep it then, and once it comes it is there.
    await context.route(/\/assets\/Welcome-/, (route) => route.abort())
    await page.goto(`${stage.console}/welcome#${token}`)
    await page.getByText('a newer version was installed').waitFor()
    expect(page.url()).not.toContain(token)
    await context.unrouteAll()
    // Nobody has looked at the link yet: it is not said to be dead, and comes by itself once somebody can.
    const away = {
      type: 'about:blank',
      code: 'system.unavailable',
      status: 503,
      title: 'Away',
      detail: 'Not now.',
      requestId: 'rq_away',
    }
    await context.route('**/api/v1/invites/look', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(away) }),
    )
    await page.getByRole('button', { name: 'Load the page again' }).click()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in')
    await context.unrouteAll()
    await page.getByRole('heading', { name: 'Welcome, Sara Molina' }).waitFor()
    expect(page.url()).not.toContain(token)
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain(token)
    await picture(page, 'factors-welcome')
    await page.getByLabel('New password').fill('short')
    await page.getByRole('button', { name: 'Set the password and sign in' }).click()
    await page.getByText('Choose a longer password').waitFor()
    await page.getByLabel('New password').fill('a sentence that nobody guesses')
    await page.getByRole('button', { name: 'Set the password and sign in' }).click()
    await page.getByRole('heading', { name: 'Prove who you are with one touch' }).waitFor()
    await page.goto(`${stage.console}/welcome#${token}`)
    await page.getByRole('heading', { name: 'This sign-in link no longer works' }).waitFor()
    await context.close()
  },
  patience,
)

test(
  'failed sign-ins are told at the next one',
  async () => {
    const { context, page } = await browserAtDesk()
    await page.goto(`${stage.console}/assist`)
    for (const password of ['one that is wrong', 'another wrong one']) {
      await page.getByLabel('Email', { exact: true }).fill('dev05@acme.test')
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('do not belong together').waitFor()
    }
    await signIn(page, 'dev05')
    await page.getByText('2 failed sign-ins with your address since').waitFor()
    await picture(page, 'factors-failed')
    await page.getByRole('button', { name: 'I have read this' }).click()
    await until(
      () => page.getByText('2 failed sign-ins').count(),
      (count) => count === 0,
      'the note to go',
    )
    await context.close()
  },
  patience,
)
