/** What an agent sees while the function that delivers is away, slow, throttled or dying, at each step of the main job. */
import { deliverySentence } from '@amparo/contract/delivery'
import type { BrowserContext, Browser as Chromium, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromiumHere, desk, picture } from '../../demo/journeys/chromium.ts'
import { codeOf } from '../../demo/journeys/factors.ts'
import { type Play, playing } from '../../demo/journeys/script.ts'
import { type Stage, staged, until } from '../../demo/journeys/stage.ts'
import { plain } from '../../demo/journeys/worlds.ts'
import { functionPatienceMs } from '../../server/src/carriers.ts'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { vouchForAgent } from '../../server/src/identity/agents.store.ts'
import { overLambda } from './ways.ts'

vi.setConfig({ testTimeout: 120_000 })

const marta = 'marta@clinica-sol.test'
const cleo = 'cleo@acme.test'

describe('while the function', () => {
  type Way = Awaited<ReturnType<typeof overLambda>>
  let fresh: FreshDatabase
  let way: Way
  let stage: Stage
  let play: Play
  let chromium: Chromium
  let context: BrowserContext
  beforeAll(async () => {
    fresh = await emptyDatabase()
    way = await overLambda()
    stage = await staged({ databaseUrl: fresh.url, env: { AMPARO_DELIVER_FUNCTION: 'deliver' } })
    play = await playing(stage, async () => way.inbox.entries())
    chromium = await chromiumHere()
    context = await chromium.newContext({ ...desk, locale: 'en-GB' })
    context.setDefaultTimeout(30_000)
    const first = await context.newPage()
    await plain.atDesk(stage, first, 'cleo')
    await first.close()
  }, 120_000)
  afterAll(async () => {
    await chromium.close()
    await stage.stop()
    await stage.remove()
    await way.close()
    await fresh.close()
  })

  const always = Number.POSITIVE_INFINITY
  const says = (status: number, headers: Record<string, string>, body: string) =>
    ({ kind: 'says', reply: { status, headers: { 'content-type': 'application/json', ...headers }, body } }) as const
  const gone = says(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }, '{"Message":"Function not found"}')
  const dead = says(
    200,
    { 'x-amz-function-error': 'Unhandled' },
    '{"errorType":"Runtime.ExitError","errorMessage":"exit 137"}',
  )

  test.each([
    ['is throttled', { kind: 'throttled' }, 'throttled'],
    ['is slow', { kind: 'slow', ms: 60_000 }, 'no_answer'],
    ['dies at each call', dead, 'function_failed'],
    ['is gone', gone, 'function_failed'],
  ] as const)(
    '%s, the agent reads so on their screen at each step and is shown another way, and every message arrives once',
    async (_what, fault, word) => {
      const sentence = deliverySentence(word).en
      const before = way.inbox.entries().length
      const page = await context.newPage()
      await page.goto(`${stage.console}/assist`)
      /** From the press to the sentence on the screen. How long that takes on this machine is told and not judged. */
      const reads = async (screen: Page, step: string, lines: number, press: () => Promise<void>) => {
        way.host.plan(fault, always)
        const pressed = performance.now()
        await press()
        const told = screen.locator('.delivery li', { hasText: sentence })
        await told.nth(lines - 1).waitFor()
        console.log(`${step}: on the screen after ${Math.round(performance.now() - pressed)} ms`)
        await picture(screen, `aws-${step}-${word}`)
      }
      const mended = async (screen: Page, lines: number) => {
        way.host.clear()
        await play.advance(10_000) // It is tried again by itself, after two seconds or after ten.
        await screen
          .locator('.delivery li.sent')
          .nth(lines - 1)
          .waitFor()
      }
      const codesTo = (to: string) => way.inbox.entries(to).flatMap(({ codes }) => codes)

      await page.getByRole('textbox', { name: 'User email' }).fill(marta)
      await page.getByLabel('Reason').selectOption('fault')
      await page.getByRole('button', { name: 'Start Verification Process' }).click()
      const toCode = page.getByRole('button', { name: 'Send me a code by email' })
      await reads(page, 'code', 1, () => toCode.click())
      await page.getByRole('button', { name: 'Use my authenticator app' }).waitFor()
      await mended(page, 1)
      const [code = ''] = codesTo(cleo)
      await page.getByRole('textbox', { name: 'Your code' }).fill(code)
      await page.getByRole('button', { name: 'Continue' }).click()

      await page.getByRole('radio', { name: /Clínica Sol/ }).check()
      const asks = page.getByRole('button', { name: 'Send the message' })
      await reads(page, 'consent', 2, () => asks.click())
      await page.getByRole('note').filter({ hasText: 'We go on trying by ourselves' }).waitFor()
      await mended(page, 2)
      const [consent = ''] = codesTo(marta)
      await page.getByRole('textbox', { name: /^The user.s code$/ }).fill(consent)
      await page.getByRole('button', { name: 'Confirm the code' }).click()

      const opens = page.getByRole('button', { name: 'Open App' })
      await opens.waitFor()
      const [phone] = await Promise.all([context.waitForEvent('page'), opens.click()])
      const sends = phone.getByRole('button', { name: 'Send the link to my phone' })
      await sends.waitFor()
      await reads(phone, 'link', 2, () => sends.click())
      await phone.getByRole('note').filter({ hasText: 'Scan the code, or type the short one' }).waitFor()
      await mended(phone, 2)
      await phone.close()

      await page.bringToFront()
      way.host.plan(fault)
      await page.getByRole('button', { name: 'End now' }).click()
      await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
      await until(
        async () => way.host.left(),
        (left) => left === 0,
        'the news of the end to meet the fault',
      )
      await page.close()
      // The agent: a code, and the link by mail and SMS. The user: the question by both, and the news of the end.
      const came = () => way.inbox.entries().slice(0, way.inbox.entries().length - before)
      await until(
        async () => came(),
        (all) => all.filter(({ to }) => to === marta).length >= 2 && all.length >= 6,
        'the news of the end',
      )
      // Nothing is on its way any more, and nothing waits to be.
      await until(
        () => fresh.db.query(`select from outbox where state = 'queued'`),
        (queued) => queued.length === 0,
        'the outbox to be empty',
      )
      const texts = came().map(({ to, channel, subject, text }) => [to, channel, subject, text].join('\n'))
      expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([])
    },
  )

  test('is slow, its time leaves the screen, which looks each second, room within five', () => {
    expect(functionPatienceMs + 2 * 1000).toBeLessThan(5000)
  })

  test.each([
    {
      locale: 'en-GB',
      name: 'ben',
      says: /You have no other way yet\. Ask your administrator to vouch for you.* in your settings.* ask your supervisor/,
      settings: 'Open my settings',
      add: 'Set up an app',
      again: 'Use my authenticator app',
    },
    {
      locale: 'es-ES',
      name: 'ana',
      says: /Todavía no tienes otra forma\. Pide a tu administrador que responda por ti.* en tus ajustes.* pide a tu supervisor/,
      settings: 'Abrir mis ajustes',
      add: 'Configurar una aplicación',
      again: 'Usar mi aplicación de códigos',
    },
  ])(
    'dies and an agent has nothing but its code, they read what to do and whom to ask; an app that they add once somebody vouched for them counts at once ($locale)',
    async ({ locale, name, says, settings, add, again }) => {
      const own = await chromium.newContext({ ...desk, locale })
      own.setDefaultTimeout(30_000)
      const page = await own.newPage()
      await page.goto(`${stage.console}/assist`)
      await page.locator('input[name=email]').fill(`${name}@acme.test`)
      await page.locator('input[name=password]').fill(`${name}-demo-pass-1`)
      await page.locator('button[type=submit]').click()
      await page.locator('select[name=reason]').selectOption('fault')
      await page.locator('main input[name=email]').fill(marta)
      // Their code is sent as it starts.
      way.host.plan(dead, always)
      await page.locator('main button[type=submit]').click()
      await page.waitForURL(/\/assist\/as_/)
      const id = /as_[0-9a-z]+/.exec(page.url())?.[0] ?? ''
      const note = page.getByRole('note').filter({ hasText: says })
      await note.waitFor()
      await picture(page, `aws-only-code-${locale}`)

      const [agent] = await fresh.db.query<{ id: string }>('select id from agent where email = $1', [
        `${name}@acme.test`,
      ])
      expect(await vouchForAgent(fresh.db, agent?.id ?? '')).toBe('vouched')
      await note.getByRole('link', { name: settings }).click()
      await page.getByRole('button', { name: add }).click()
      // They signed in a moment ago, and somebody vouched for them: that is proof enough for this.
      const secret = ((await page.locator('code.key').textContent()) ?? '').replaceAll(' ', '')
      await page.locator('.code-field input').fill(codeOf(secret))
      await page.locator('.code-form button[type=submit]').click()
      await page.locator('code.key').waitFor({ state: 'detached' })
      await page.goto(`${stage.console}/assist/${id}`)
      await page.getByRole('button', { name: again }).click()
      await page.locator('.code-field input').fill(codeOf(secret, 1))
      await page.locator('.code-form button[type=submit]').click()
      await page.getByText('Marta Ruiz').first().waitFor()
      way.host.clear()
      await play.must(play.scriptOf(name).call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
      await own.close()
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
