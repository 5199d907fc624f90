/** The user's receipt in a real browser: kept on the phone where they said yes, and checked by anybody, off line. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sequence } from '../../server/src/audit/log.store.ts'
import { aSigner } from '../../server/src/audit/testing.ts'
import { type Put, put, type Served, served } from '../../server/src/companion/companion.testing.ts'
import { type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { note } from '../../server/src/desk/note.ts'
import { known } from '../../server/src/words.ts'
import { chromiumHere, heldBack, phone, picture } from './chromium.ts'

const by = aSigner()
let fresh: FreshDatabase
let site: Served
let browser: Browser
let its: Put
beforeAll(async () => {
  fresh = await freshDatabase()
  browser = await chromiumHere()
  site = await served(fresh.db, 0, { receipts: { ...by, former: [] } })
  its = await put(fresh.db, { state: 'active', line: 'I cannot see my invoices' })
  const consent = { type: 'consent.given', actor: { kind: 'user', id: its.userId } } as const
  await note(fresh.db, known.assistance(its.id), consent)
  await sequence(fresh.db, by)
})
afterAll(async () => {
  await browser.close()
  await site.close()
  await fresh.close()
})

/** The receipt as the phone keeps it. */
async function kept(): Promise<string> {
  const context = await browser.newContext({ ...phone, acceptDownloads: true })
  const [name = '', value = ''] = its.cookie.split('=')
  await context.addCookies([{ name, value, domain: '127.0.0.1', path: '/', secure: true, httpOnly: true }])
  const page = await context.newPage()
  await page.goto(`${site.origin}/c/${its.token}`)
  await picture(page, 'receipt-offered')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Keep a receipt' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('receipt.jwt')
  const text = (await readFile(await file.path(), 'utf8')).trim()
  await context.close()
  return text
}

async function checked(page: Page, receipt: string): Promise<string> {
  await page.getByRole('textbox').fill(receipt)
  await page.locator('button').click()
  await page.locator('#answer .truth').waitFor()
  return page.locator('#answer').innerText()
}

test('a receipt that was kept is checked in the browser, in both languages, and one changed letter makes it worthless', async () => {
  const receipt = await kept()
  const [head = '', body = '', signature = ''] = receipt.split('.')
  for (const [lang, genuine, false_, words] of [
    [
      'en',
      'This receipt is genuine',
      'not a genuine receipt',
      ['Ana Robles (Acme)', 'Clínica Sol', 'Only look', 'My Ecosystem'],
    ],
    ['es', 'Este recibo es auténtico', 'No es un recibo auténtico', ['Marta Ruiz', 'Solo mirar', 'Mi ecosistema']],
  ] as const) {
    const context = await browser.newContext({ ...phone, locale: lang, timezoneId: 'America/Mexico_City' })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
    await page.goto(`${site.origin}/receipt?lang=${lang}`)
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`))
    const said = await checked(page, receipt)
    expect(said).toContain(genuine)
    for (const word of words) expect(said).toContain(word)
    // In hours that are named: the user's page tells in the vendor's.
    expect(said).toMatch(/ (GMT-6|CST)$/m)
    await picture(page, `receipt-${lang}`)
    // Nothing of it leaves the browser: only the keys are asked for.
    expect(new Set(sent)).toEqual(new Set(['GET /receipt-keys.json']))
    const text = Buffer.from(body, 'base64url').toString()
    const more = Buffer.from(text.replace('"look"', '"act"')).toString('base64url')
    const elsewhere = Buffer.from(text.replace('"seq":0', '"seq":1')).toString('base64url')
    for (const bad of [
      `${head}.${more}.${signature}`,
      `${head}.${elsewhere}.${signature}`,
      'hello',
      `${head}.${body}.`,
    ])
      expect(await checked(page, bad)).toContain(false_)
    await picture(page, `receipt-bad-${lang}`)
    expect(wrong).toEqual([])
    await context.close()
  }
})

test('whoever looks at another receipt before the first was looked at is told of the other alone', async () => {
  const receipt = await kept()
  const page = await browser.newPage()
  await page.goto(`${site.origin}/receipt?lang=en`)
  const keys = await heldBack(page, /\/receipt-keys\.json$/)
  await page.evaluate(`window.told = []
    new MutationObserver(() => told.push(document.querySelector('#answer').textContent))
      .observe(document.querySelector('#answer'), { childList: true })`)
  await page.getByRole('textbox').fill(receipt)
  await page.locator('button').click()
  await keys.answered
  expect(await checked(page, 'hello')).toContain('not a genuine receipt')
  const [arrived] = await Promise.all([page.waitForResponse('**/receipt-keys.json'), keys.letThrough()])
  await arrived.finished()
  // Looked at in the same way, and later.
  expect(await checked(page, `${receipt}x`)).toContain('not a genuine receipt')
  expect(await page.evaluate<string[]>('told.filter((one) => one.includes("is genuine"))')).toEqual([])
  await page.close()
})

test('a signed receipt that names another place in the record is not believed', async () => {
  const receipt = await kept()
  const [head = '', body = ''] = receipt.split('.')
  const moved = JSON.parse(Buffer.from(body, 'base64url').toString())
  moved.record.leaf = Buffer.alloc(32, 1).toString('base64')
  const text = `${head}.${Buffer.from(JSON.stringify(moved)).toString('base64url')}`
  const page = await browser.newPage()
  await page.goto(`${site.origin}/receipt?lang=en`)
  const signed = `${text}.${by.sign(Buffer.from(text)).toString('base64url')}`
  expect(await checked(page, signed)).toContain('not a genuine receipt')
  await page.close()
})
