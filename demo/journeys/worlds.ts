/**
 * The two ways in which the demo runs: as it is, and beside doubles of AWS, where agents sign in at Cognito's and every
 * message goes through the function `deliver`. What a journey holds in one it holds in the other, by the same lines.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Letter, Play, Script } from './script.ts'
import { Browser, type Stage, type Staging } from './stage.ts'

export interface World {
  readonly name: string
  readonly staging: Staging
  /** An agent's script, signed in as agents are there. */
  agent(stage: Stage, play: Play, name: string): Promise<Script>
  /** An agent at the desk, from the sign-in to the empty form. */
  atDesk(stage: Stage, page: Page, name: string): Promise<void>
}

const emailOf = (name: string) => `${name}@acme.test`
const passwordOf = (name: string) => `${name}-demo-pass-1`

export const plain: World = {
  name: 'the demo as it is',
  staging: {},
  agent: async (_stage, play, name) => play.scriptOf(name),
  async atDesk(stage, page, name) {
    await page.goto(stage.console)
    await page.getByRole('textbox', { name: 'Email' }).fill(emailOf(name))
    await page.getByRole('textbox', { name: 'Password' }).fill(passwordOf(name))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Start Verification Process' }).waitFor()
  },
}

export const withAws: World = {
  name: 'the demo with --aws',
  staging: { aws: true },
  agent: async (stage, _play, name) => (await signedInAtCognito(stage, name)).script,
  async atDesk(stage, page, name) {
    await page.goto(stage.console)
    await page.getByRole('link', { name: 'Sign in at Acme' }).click()
    await page.getByRole('heading', { name: 'Sign in with your user pool' }).waitFor()
    expect(new URL(page.url()).port).toBe(String(stage.port + 4))
    await page.getByRole('textbox', { name: 'E-mail' }).fill(emailOf(name))
    await page.getByLabel('Password').fill(passwordOf(name))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Start Verification Process' }).waitFor()
  },
}

export const worlds = [plain, withAws] as const

/** From the button on the desk to the page of Cognito's double and back, as a browser walks it. */
export async function signedInAtCognito(stage: Stage, name: string): Promise<{ browser: Browser; script: Script }> {
  const browser = new Browser()
  const ways = await browser.ask(`${stage.console}/api/v1/session/ways`)
  const { issuer } = JSON.parse(ways.text)
  expect(issuer.name).toBe('Acme')
  const page = await browser.follow(await browser.ask(`${stage.console}${issuer.url}`))
  expect(new URL(page.url).port).toBe(String(stage.port + 4))
  const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(page.text) ?? []
  const email = emailOf(name)
  const typed = await browser.form(page.url, { username: email, password: passwordOf(name), _csrf: csrf })
  const desk = await browser.follow(typed)
  expect(new URL(desk.url).origin).toBe(stage.console)
  expect(browser.jar.get('localhost')?.has('__Host-amparo')).toBe(true)
  const script: Script = {
    email,
    async call(method, path, body, headers = {}) {
      const answer = await browser.ask(`${stage.console}/api/v1${path}`, {
        method,
        headers: {
          origin: stage.console,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: answer.text === '' ? undefined : JSON.parse(answer.text) }
    },
  }
  return { browser, script }
}

/** What the function says of itself: a line for each message that it delivered. */
interface Delivered {
  readonly id: string
  readonly channel: string
  readonly fate: string
  readonly ref?: string
}
export async function deliveredIn(stage: Stage): Promise<{ log: string; delivered: readonly Delivered[] }> {
  const log = await readFile(join(stage.folder, 'aws/functions.log'), 'utf8')
  const lines = [...log.matchAll(/^deliver (\{"did":"delivered".*\})$/gm)].map(([, line = '']) => JSON.parse(line))
  return { log, delivered: lines }
}

/** How SES and the function name the mail that lies in the inbox. */
export const refOf = ({ id }: Letter): string => id.replace(/@.*$/, '')
