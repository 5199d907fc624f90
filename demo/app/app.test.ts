import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Standing, standing } from '../vendor/testing.ts'
import { startApp } from './app.ts'
import { linkIn, shortCodeIn } from './client/codes.ts'

let here: Standing
beforeAll(async () => {
  here = await standing(startApp)
})
afterAll(() => here.close())

const textOf = async (path: string) => (await here.browser().ask(path)).text()

test('a person signs in with their own password and sees their own day, team and invoices, in their language', async () => {
  const marta = here.browser()
  const answer = await marta.signIn('marta@clinica-sol.test')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${here.origin}/my/`])
  const home = await (await marta.ask('/my/')).text()
  for (const part of ['lang="es"', 'Marta Ruiz', 'Clínica Sol', 'Titular', 'por pagar']) expect(home).toContain(part)
  expect(await (await marta.ask('/my/invoices')).text()).toContain('SOL-2026-005')
  expect(home).not.toContain('amparo-banner')
  expect((await marta.ask('/')).headers.get('location')).toBe('/my/')
})

test('what they change is their own act, and what another page would send changes nothing', async () => {
  const leo = here.browser()
  await leo.signIn('leo@clinica-sol.test')
  expect((await leo.post('/my/title', { title: 'Head of desk' })).status).toBe(403)
  const saved = await leo.post('/my/title', { csrf: await leo.csrf('/my/me'), title: 'Head of desk' })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, '/my/me?said=saved'])
  expect(await here.rows(`select person_id, acted_by from vendor.activity where what = 'title.changed'`)).toEqual([
    { person_id: 'per_leo', acted_by: null },
  ])
})

test('without a session there is the start page, with both ways in for an agent', async () => {
  const start = await textOf('/')
  for (const part of ['Sign in', 'Scan QR code', 'Enter code']) expect(start).toContain(part)
  expect((await here.browser().ask('/my/')).headers.get('location')).toBe(`${here.origin}/sign-in`)
})

describe('nothing of help can stay behind on a phone', () => {
  test('the service worker keeps three things, all of them everybody’s, and reaches no page of help', async () => {
    const worker = await here.browser().ask('/my/worker.js')
    const text = await worker.text()
    expect(worker.headers.has('service-worker-allowed')).toBe(false)
    expect([...text.matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path).sort()).toEqual([
      '/my/offline',
      '/static/mark.svg',
      '/static/style.css',
    ])
    for (const path of ['/help', '/q', '/q/7M3XABCDEFGHJKMN', '/assisted/callback']) {
      const answer = await here.browser().ask(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-security-policy')).toContain("worker-src 'none'")
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('the page of help may ask its own server and the issuer, and run the decoder; nothing else', async () => {
    const policy = (await here.browser().ask('/help')).headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`connect-src 'self' ${here.issuer.issuer}`)
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
    expect(policy).not.toContain("'unsafe-inline'")
    expect(await textOf('/help')).not.toMatch(/<style|<script(?! type="module" src=)|\sstyle=|\son[a-z]+=/)
  })

  test('a link that a mail scanner opens shows a page and does nothing', async () => {
    const page = await textOf('/q/7M3XABCDEFGHJKMN')
    expect(page).not.toContain('7M3XABCDEFGHJKMN')
    expect(here.issuer.asked).toHaveLength(0)
  })
})

test('the decoder comes from our own server', async () => {
  const answer = await here.browser().ask('/static/zxing_reader.wasm')
  expect(answer.headers.get('content-type')).toBe('application/wasm')
  expect(new Uint8Array(await answer.arrayBuffer()).slice(0, 4)).toEqual(new Uint8Array([0, 0x61, 0x73, 0x6d]))
})

test('only links of this very app are taken from a camera', () => {
  const ours = 'https://app.acme.test'
  expect(linkIn(`${ours}/q/7M3XABCDEFGHJKMN`, ours)).toBe('7M3XABCDEFGHJKMN')
  for (const other of [
    'https://evil.test/q/7M3XABCDEFGHJKMN',
    `${ours}.evil.test/q/7M3XABCDEFGHJKMN`,
    'http://app.acme.test/q/7M3XABCDEFGHJKMN',
    `${ours}/q/short`,
    `${ours}/assisted/callback?code=1`,
    'javascript:alert(1)',
    'WIFI:S:cafe;;',
  ])
    expect([other, linkIn(other, ours)]).toEqual([other, undefined])
})

test('a short code is taken however it was typed', () => {
  for (const typed of ['K7Q2-M9XD', 'k7q2 m9xd', ' K7Q2M9XD ', 'k7q2–m9xd'])
    expect(shortCodeIn(typed)).toBe('K7Q2-M9XD')
  for (const typed of ['', 'K7Q2', 'K7Q2-M9XD-1', 'K7Q2-M9X!']) expect(shortCodeIn(typed)).toBeUndefined()
})
