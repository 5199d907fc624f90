import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { api } from './api.ts'
import type { Asked } from './asked.ts'
import { listening } from './listening.testing.ts'
import { digestOf } from './secrets.ts'

const origin = 'https://app.acme.test'
let server: Server
let issuer = ''
let introspection: Record<string, unknown> = {}
const asked: { path: string; body: string }[] = []
const troubles: string[] = []
const opened: string[] = []

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push({ path: request.url ?? '', body })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.url === '/introspect' ? introspection : {}))
  })
  issuer = await listening(server)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A phone: its key, its token, and what it sends. */
async function phone() {
  const pair = await generateKeyPair('ES256')
  return { ...pair, jwk: await exportJWK(pair.publicKey), token: randomUUID() }
}
type Phone = Awaited<ReturnType<typeof phone>>
let ours: Phone

beforeEach(async () => {
  ours = await phone()
  asked.length = 0
  troubles.length = 0
  opened.length = 0
  introspection = {
    active: true,
    iss: issuer,
    client_id: 'app',
    sub: 'per_marta',
    user_name: 'Marta Ruiz',
    act: { sub: 'ag_ana', name: 'Ana Robles' },
    assistance_id: 'as_1',
    ecosystem_id: 'cli_sol',
    reason: 'Cannot see invoices',
    powers: 'look',
    scope: 'openid support:read',
    sid: randomUUID(),
    ends_at: '2999-01-01T00:00:00Z',
    idle_at: '2999-01-01T00:00:00Z',
    cnf: { jkt: await calculateJwkThumbprint(ours.jwk) },
  }
})

interface Forged {
  readonly method?: string
  readonly path?: string
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: CryptoKey
  readonly at?: number
}

function proofOf({ jwk, privateKey, token }: Phone, forged: Forged = {}): Promise<string> {
  const { method = 'GET', path = '/my/', claims = {}, header = {}, key = privateKey, at = Date.now() } = forged
  return new SignJWT({ jti: randomUUID(), htm: method, htu: origin + path, ath: digestOf(token), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
    .setIssuedAt(Math.floor(at / 1000))
    .sign(key)
}

const request = (headers: Record<string, string>, method = 'GET', url = '/my/'): Asked => ({
  method,
  url,
  header: (name) => headers[name],
  form: async () => new URLSearchParams(),
})
const backEnd = () =>
  api({
    issuer,
    clientId: 'app',
    clientSecret: 'the back end’s own',
    origin,
    acts: { 'POST /my/title': 'act', 'POST /my/phone': 'phone' },
    user: (id) => (id === 'per_marta' ? { language: 'es' } : undefined),
    opened: ({ user, agent }) => opened.push(`${agent.name} for ${user.name}`),
    onTrouble: (what) => troubles.push(what),
  })

async function sent(where: ReturnType<typeof backEnd>, who: Phone, forged: Forged = {}, scheme = 'DPoP') {
  const headers = { authorization: `${scheme} ${who.token}`, dpop: await proofOf(who, forged) }
  return where.enter(request(headers, forged.method, forged.path))
}
const codeOf = async (entered: Awaited<ReturnType<typeof sent>>) =>
  entered.kind === 'answered'
    ? [entered.response.status, entered.response.headers.get('amparo-refusal')]
    : [entered.kind]

test('a phone that shows its key is let in as the user, with both names', async () => {
  const entered = await sent(backEnd(), ours)
  expect(entered.kind).toBe('assisted')
  if (entered.kind !== 'assisted') return
  const { user, agent, language } = entered.visit.assistance
  expect([user.name, agent.name, language]).toEqual(['Marta Ruiz', 'Ana Robles', 'es'])
})

test('whoever brings no token is nobody’s business here, nor is who brings the product’s own', async () => {
  expect(await backEnd().enter(request({ cookie: 'a=b' }))).toEqual({ kind: 'ordinary' })
  expect(await backEnd().enter(request({ authorization: 'Bearer of-the-product-itself' }))).toEqual({
    kind: 'ordinary',
  })
  for (const path of ['/assisted/banner', '/assisted/status']) {
    const entered = await backEnd().enter(request({ authorization: `Bearer ${ours.token}` }, 'GET', path))
    expect(await codeOf(entered)).toEqual([401, 'assisted.unproven'])
  }
  expect(asked).toEqual([])
})

describe('a token without a right proof of its own key opens nothing', () => {
  test('a stolen token, with the proof of another key', async () => {
    const thief = { ...(await phone()), token: ours.token }
    const entered = await sent(backEnd(), thief)
    expect(await codeOf(entered)).toEqual([401, 'assisted.unproven'])
    expect(troubles.join()).toContain('another key')
    expect(troubles.join()).not.toContain(ours.token)
    if (entered.kind === 'answered') expect(entered.response.headers.get('www-authenticate')).toContain('DPoP error=')
  })

  test('as a bearer, or with no proof at all', async () => {
    expect(await codeOf(await sent(backEnd(), ours, {}, 'Bearer'))).toEqual([401, 'assisted.unproven'])
    const bare = await backEnd().enter(request({ authorization: `DPoP ${ours.token}` }))
    expect(await codeOf(bare)).toEqual([401, 'assisted.unproven'])
    expect(asked).toEqual([])
  })

  test('a token that the issuer binds to no key', async () => {
    introspection = { ...introspection, cnf: undefined }
    expect(await codeOf(await sent(backEnd(), ours))).toEqual([401, 'assisted.unproven'])
  })

  test('a proof that the issuer has seen before: each is handed on to it, with the request that it was made for', async () => {
    const where = backEnd()
    await sent(where, ours)
    const told = new URLSearchParams(asked.at(-1)?.body)
    expect(told.get('token')).toBe(ours.token)
    expect(told.get('dpop_proof')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect([told.get('dpop_htm'), told.get('dpop_htu')]).toEqual(['GET', `${origin}/my/`])
    introspection = { active: false }
    expect(await codeOf(await sent(where, ours))).toEqual([401, 'assisted.ended'])
  })

  test.each([
    ['another address', { claims: { htu: `${origin}/my/invoices` } }],
    ['another host', { claims: { htu: 'https://evil.test/my/' } }],
    ['another method', { claims: { htm: 'POST' } }],
    ['another token', { claims: { ath: digestOf('another') } }],
    ['no token', { claims: { ath: undefined } }],
    ['no id', { claims: { jti: undefined } }],
    ['two minutes ago', { at: Date.now() - 120_000 }],
    ['two minutes from now', { at: Date.now() + 120_000 }],
    ['another purpose', { header: { typ: 'jwt' } }],
  ] satisfies [string, Forged][])('a proof made for %s', async (_name, forged) => {
    expect(await codeOf(await sent(backEnd(), ours, forged))).toEqual([401, 'assisted.unproven'])
    expect(asked).toEqual([])
  })

  test('a proof signed by another key than it names', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    expect(await codeOf(await sent(backEnd(), ours, { key: privateKey }))).toEqual([401, 'assisted.unproven'])
  })

  test('a proof that is signed with what everybody knows', async () => {
    const key = new TextEncoder().encode('k'.repeat(32))
    const jwk = { kty: 'oct', k: Buffer.from(key).toString('base64url') }
    const dpop = await new SignJWT({ jti: '1', htm: 'GET', htu: `${origin}/my/`, ath: digestOf(ours.token) })
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(key)
    const entered = await backEnd().enter(request({ authorization: `DPoP ${ours.token}`, dpop }))
    expect(await codeOf(entered)).toEqual([401, 'assisted.unproven'])
  })
})

test('help that has ended, or that nobody confirms, opens nothing', async () => {
  introspection = { active: false }
  expect(await codeOf(await sent(backEnd(), ours))).toEqual([401, 'assisted.ended'])
  introspection = { active: true }
  expect(await codeOf(await sent(backEnd(), ours))).toEqual([503, 'assisted.unconfirmed'])
})

test('somebody who has no account here is not made one', async () => {
  introspection = { ...introspection, sub: 'per_nobody' }
  expect(await codeOf(await sent(backEnd(), ours))).toEqual([403, 'assisted.unknown_user'])
  expect(asked.map(({ path }) => path)).toContain('/revoke')
})

test('the guards hold here as everywhere, and what is done is told with the token’s help', async () => {
  const where = backEnd()
  const post = (path: string) => sent(where, ours, { method: 'POST', path })
  expect(await codeOf(await post('/my/title'))).toEqual([403, 'power.not_granted'])
  expect(await codeOf(await post('/my/undeclared'))).toEqual([403, 'power.not_granted'])
  introspection = { ...introspection, powers: 'act', scope: 'openid support:read support:act' }
  const changed = await post('/my/title')
  expect(await codeOf(await post('/my/phone'))).toEqual([403, 'power.not_granted'])
  if (changed.kind !== 'assisted') throw new Error('refused')
  changed.visit.answered(200, false)
  await where.flush()
  expect(asked.filter(({ path }) => path === '/activity')).toHaveLength(1)
})

test('the banner comes to its holder alone, names both, leads back to the app, and begins the help once', async () => {
  const where = backEnd()
  const banner = () => sent(where, ours, { path: '/assisted/banner' })
  const entered = await banner()
  if (entered.kind !== 'answered') throw new Error('no answer')
  const { html } = (await entered.response.json()) as { html: string }
  for (const part of ['Ana Robles', 'Marta Ruiz', 'Cannot see invoices', 'Volver a la app', 'solo lectura'])
    expect(html).toContain(part)
  expect(html).not.toContain('/assisted/leave')
  await banner()
  expect(opened).toEqual(['Ana Robles for Marta Ruiz'])
  expect(await codeOf(await where.enter(request({}, 'GET', '/assisted/banner')))).toEqual([401, 'assisted.unproven'])
})

test('End now ends at the issuer', async () => {
  const entered = await sent(backEnd(), ours, { method: 'POST', path: '/assisted/end' })
  expect(await codeOf(entered)).toEqual([200, null])
  expect(asked.map(({ path }) => path)).toContain('/end')
})
