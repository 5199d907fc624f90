import { generateKeyPairSync, sign } from 'node:crypto'
import { openNote } from '@amparo/verifier/checkpoint'
import { isIncluded } from '@amparo/verifier/tree'
import { compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sequence } from '../audit/log.store.ts'
import { aSigner } from '../audit/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { note } from '../desk/note.ts'
import { known } from '../words.ts'
import { type Put, put, type Served, served } from './companion.testing.ts'

const by = aSigner()
const before = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const former = [{ name: by.key.name, raw: Buffer.from(before.x ?? '', 'base64url') }]

let fresh: FreshDatabase
let page: Served
beforeAll(async () => {
  fresh = await freshDatabase()
  page = await served(fresh.db, 0, { receipts: { ...by, former } })
})
afterAll(async () => {
  await page.close()
  await fresh.close()
})

async function consented(situation: Parameters<typeof put>[1] = {}): Promise<Put> {
  const one = await put(fresh.db, { state: 'active', ...situation })
  await note(fresh.db, known.assistance(one.id), {
    type: 'consent.given',
    actor: { kind: 'user', id: one.userId },
    subject: one.userId,
  })
  await sequence(fresh.db, by)
  return one
}
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(page.origin + path, { headers: { accept: 'application/json', ...headers } })

test('the receipt says who, whom, why, what and how it was proven, and any JOSE library verifies it', async () => {
  const { id, token, cookie } = await consented({ powers: 'act' })
  const { receipt } = (await (await get(`/c/${token}/receipt`, { cookie })).json()) as { receipt: string }
  const { keys } = (await (await get('/receipt-keys.json')).json()) as { keys: (JWK & { kid: string })[] }
  expect(keys).toHaveLength(2)
  const { payload, protectedHeader } = await compactVerify(receipt, async ({ kid }) =>
    importJWK(keys.find((one) => one.kid === kid) ?? {}, 'EdDSA'),
  )
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'consent-receipt+jwt' })
  const said = JSON.parse(Buffer.from(payload).toString())
  expect(said).toMatchObject({
    iss: page.origin,
    jti: id,
    company: { name: 'Acme' },
    agent: { name: 'Ana Robles' },
    user: { name: 'Marta Ruiz' },
    kind: 'technical',
    reason: { en: 'A question about billing', line: 'I cannot see my invoices' },
    ecosystem: 'Clínica Sol',
    surfaces: [{ es: 'Mi ecosistema' }, { es: 'Planes y facturas' }],
    powers: 'act',
    lengthMinutes: 60,
    consent: { provedBy: 'page', terms: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  expect(said.ended).toBeUndefined()
  const opened = openNote(said.record.checkpoint, [by.key])
  if (!opened.ok) throw new Error(opened.why)
  const [leaf, ...path] = [said.record.leaf, ...said.record.path].map((text: string) => Buffer.from(text, 'base64'))
  const { size, root } = opened.checkpoint
  expect(isIncluded(leaf ?? Buffer.alloc(0), said.record.seq, size, path, root)).toBe(true)
})

test('a link alone, another browser and a code that was read aloud get no receipt, and the page offers none', async () => {
  const one = await consented()
  const other = await consented()
  const aloud = await consented({ provedBy: 'read_aloud' })
  const name = one.cookie.split('=')[0]
  for (const [token, cookie] of [
    [one.token, ''],
    [one.token, `${name}=${other.browser}`],
    [aloud.token, aloud.cookie],
  ] as const) {
    const answer = await get(`/c/${token}/receipt`, { cookie })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'link.elsewhere' })
    expect(await (await get(`/c/${token}`, { cookie, accept: 'text/html' })).text()).not.toContain('/receipt"')
  }
  const html = await (await get(`/c/${one.token}`, { cookie: one.cookie, accept: 'text/html' })).text()
  expect(html).toContain(`href="/c/${one.token}/receipt"`)
  const file = await get(`/c/${one.token}/receipt`, { cookie: one.cookie, accept: 'text/html' })
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="receipt.jwt"')
  expect(file.headers.get('cache-control')).toBe('no-store')
})

test('before a yes there is no receipt, and looking at one changes nothing', async () => {
  const asked = await put(fresh.db, { state: 'consent' })
  expect((await get(`/c/${asked.token}/receipt`, { cookie: asked.cookie })).status).toBe(409)
  const one = await consented()
  const events = () => fresh.db.query('select from event')
  const there = (await events()).length
  for (let time = 0; time < 5; time += 1) await get(`/c/${one.token}/receipt`, { cookie: one.cookie })
  expect(await events()).toHaveLength(there)
})

test('a receipt whose text was changed, or that somebody else signed, is not verified by the published keys', async () => {
  const { token, cookie } = await consented()
  const { receipt } = (await (await get(`/c/${token}/receipt`, { cookie })).json()) as { receipt: string }
  const [head = '', body = '', signature = ''] = receipt.split('.')
  const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"look"', '"act!"')).toString(
    'base64url',
  )
  const theirs = sign(null, Buffer.from(`${head}.${body}`), generateKeyPairSync('ed25519').privateKey)
  const { keys } = (await (await get('/receipt-keys.json')).json()) as { keys: JWK[] }
  const key = await importJWK(keys[0] ?? {}, 'EdDSA')
  await expect(compactVerify(receipt, key)).resolves.toBeDefined()
  for (const wrong of [`${head}.${changed}.${signature}`, `${head}.${body}.${theirs.toString('base64url')}`])
    await expect(compactVerify(wrong, key)).rejects.toThrow()
})
