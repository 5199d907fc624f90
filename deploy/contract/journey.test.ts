/** The main job with `npm start -- --aws`, and what an agent sees while the function is away, slow, throttled or dying. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { codeOf } from '../../demo/journeys/factors.ts'
import { type Play, playing, type Script } from '../../demo/journeys/script.ts'
import { Browser, type Stage, staged, until } from '../../demo/journeys/stage.ts'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { overLambda } from './ways.ts'

vi.setConfig({ testTimeout: 120_000 })

const marta = 'marta@clinica-sol.test'

describe('with doubles of AWS', () => {
  let fresh: FreshDatabase
  let stage: Stage
  let play: Play
  beforeAll(async () => {
    fresh = await emptyDatabase()
    stage = await staged({ databaseUrl: fresh.url, aws: true })
    play = await playing(stage)
  }, 120_000)
  afterAll(async () => {
    await stage.stop()
    await stage.remove()
    await fresh.close()
  })

  /** From the button on the desk to the page of Cognito's double and back, as a browser walks it. */
  async function signedInAtCognito(name: string, password: string): Promise<{ browser: Browser; script: Script }> {
    const browser = new Browser()
    const ways = await browser.ask(`${stage.console}/api/v1/session/ways`)
    const { issuer } = JSON.parse(ways.text)
    expect(issuer.name).toBe('Acme')
    const page = await browser.follow(await browser.ask(`${stage.console}${issuer.url}`))
    expect(new URL(page.url).port).toBe(String(stage.port + 4))
    const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(page.text) ?? []
    const email = `${name}@acme.test`
    const typed = await browser.form(page.url, { username: email, password, _csrf: csrf })
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

  test('an agent of Cognito helps a user, and both their messages went through Invoke: the function’s own lines say so', async () => {
    const { browser: desk, script: ana } = await signedInAtCognito('ana', 'ana-demo-pass-1')
    expect((await ana.call('GET', '/session')).body).toMatchObject({
      name: 'Ana Robles',
      roles: ['agent:technical', 'agent:succession'],
    })
    const id = await play.proved(ana, marta)
    const [own] = (await play.lettersTo(ana.email)).filter(({ codes }) => codes.length > 0)
    await play.must(ana.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
    const { sayFirst } = await play.must(ana.call('POST', `/assistances/${id}/consent-code`, {}), 202)
    const letter = await play.newLetter(marta, 0, ({ codes }) => codes.length > 0)
    expect(letter.text).toContain(String(sayFirst))
    await play.must(ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] }), 200)
    const home = await play.launched(ana, id, desk)
    expect([home.status, home.url]).toEqual([200, play.webHome])
    for (const part of ['Marta Ruiz', 'Ana Robles', 'Clínica Sol']) expect(home.text).toContain(part)
    const ended = await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
    expect(ended).toMatchObject({ status: 200, body: { state: 'closed', because: 'finished' } })
    expect((await desk.ask(play.webHome)).status).toBe(401)

    const log = () => readFile(join(stage.folder, 'aws/functions.log'), 'utf8')
    await expect.poll(log).toMatch(/^deliver \{"did":"delivered".*"sms"/m)
    const lines = await log()
    const delivered = [...lines.matchAll(/^deliver (\{"did":"delivered".*\})$/gm)].map(([, line = '']) =>
      JSON.parse(line),
    )
    console.log(`the function's own lines:\n${delivered.map((one) => JSON.stringify(one)).join('\n')}`)
    for (const one of [own, letter])
      expect(delivered).toContainEqual(
        expect.objectContaining({ channel: 'email', fate: 'sent', ref: one?.id.replace(/@.*$/, '') }),
      )
    expect(delivered).toContainEqual(expect.objectContaining({ channel: 'sms', fate: 'sent' }))
    for (const code of [own?.codes[0], letter.codes[0]]) expect(lines).not.toContain(code)
    expect(lines).not.toContain(marta)
  })

  test('who signs out of the desk is asked again who they are', async () => {
    const { browser, script: ben } = await signedInAtCognito('ben', 'ben-demo-pass-1')
    expect((await ben.call('DELETE', '/session')).status).toBe(200)
    const ways = JSON.parse((await browser.ask(`${stage.console}/api/v1/session/ways`)).text)
    const back = await browser.follow(await browser.ask(`${stage.console}${ways.issuer.signOut}`))
    expect(back.url).toBe(`${stage.console}/`)
    const again = await browser.follow(await browser.ask(`${stage.console}${ways.issuer.url}`))
    expect(again.text).toContain('Sign in with your user pool')
  })
})

describe('while the function', () => {
  type Way = Awaited<ReturnType<typeof overLambda>>
  let fresh: FreshDatabase
  let way: Way
  let stage: Stage
  let play: Play
  beforeAll(async () => {
    fresh = await emptyDatabase()
    way = await overLambda()
    stage = await staged({ databaseUrl: fresh.url, env: { AMPARO_DELIVER_FUNCTION: 'deliver' } })
    play = await playing(stage, async () => way.inbox.entries())
  }, 120_000)
  afterAll(async () => {
    await stage.stop()
    await stage.remove()
    await way.close()
    await fresh.close()
  })

  test.each([
    ['is throttled', (host: Way['host']) => host.plan({ kind: 'throttled' }, Number.POSITIVE_INFINITY), 'throttled'],
    ['is slow', (host: Way['host']) => host.plan({ kind: 'slow', ms: 20_000 }, Number.POSITIVE_INFINITY), 'no_answer'],
    ['is broken', (host: Way['host']) => host.plan({ kind: 'broken' }, Number.POSITIVE_INFINITY), 'busy'],
    ['loses its answers', (host: Way['host']) => host.plan({ kind: 'cut' }, Number.POSITIVE_INFINITY), 'no_answer'],
    [
      'answers nonsense',
      (host: Way['host']) =>
        host.plan({ kind: 'says', reply: { status: 200, body: 'null' } }, Number.POSITIVE_INFINITY),
      'function_failed',
    ],
  ] as const)(
    '%s the agent reads it within five seconds, and every message arrives once',
    async (_what, breaking, word) => {
      const agent = play.scriptOf('dev06')
      const id = await play.proved(agent, marta)
      await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
      const asked = async () => (await play.lettersTo(marta)).filter(({ codes }) => codes.length > 0).length
      const before = await asked()
      breaking(way.host)
      await play.must(agent.call('POST', `/assistances/${id}/consent-code`, {}), 202)
      const began = performance.now()
      const consent = async (): Promise<readonly { status: string; error?: string }[]> =>
        (await agent.call('GET', `/assistances/${id}`)).body.messages.filter(
          ({ purpose }: { purpose: string }) => purpose === 'consent',
        )
      const seen = await until(consent, (all) => all.some(({ error }) => error !== undefined), 'what went wrong')
      const ms = Math.round(performance.now() - began)
      console.log(`on the agent's screen after ${ms} ms: ${seen.map(({ error }) => error ?? '–')}`)
      expect(ms).toBeLessThan(5000)
      expect(seen.map(({ error }) => error).filter(Boolean)).toContain(word)
      way.host.clear()
      await until(consent, (all) => all.every(({ status }) => status === 'sent'), 'both messages')
      expect((await asked()) - before).toBe(1)
      await agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })
    },
  )

  test('an agent whose code cannot come proves themself by their app meanwhile', async () => {
    const cleo = play.scriptOf('cleo')
    const id = await play.opened(cleo, marta)
    way.host.plan({ kind: 'throttled' }, 20)
    await play.must(cleo.call('POST', `/assistances/${id}/agent-code`), 202)
    const secret = play.people.agents.find(({ email }) => email === cleo.email)?.totpSecret ?? ''
    const proof = await cleo.call('PUT', `/assistances/${id}/agent-proof`, { method: 'totp', code: codeOf(secret) })
    expect(proof).toMatchObject({ status: 200, body: { state: 'user_lookup' } })
    way.host.clear()
  })
})
