/** A product that proves itself by a key of its own: what arrives at the issuer, when it is made anew, what is refused. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { api } from './api.ts'
import type { Asked } from './asked.ts'
import { callback, login, openidClient } from './entry.ts'
import { type AssistedConfig, assisted } from './index.ts'
import { listening } from './listening.testing.ts'
import { assistedNext } from './next.ts'
import { assistedSessions } from './sessions.ts'
import { surface } from './surface.ts'

const origin = 'https://web.acme.test'
/** As long as a slow machine needs. */
const checkTimeoutMs = 30_000
const keyPair = async (kid?: string) => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const clientKey: JWK = { ...(await exportJWK(pair.privateKey)), ...(kid !== undefined && { kid }) }
  return { clientKey, publicKey: pair.publicKey }
}
const { clientKey, publicKey } = await keyPair('web-1')
const issuerKeys = await generateKeyPair('ES256')

let server: Server
let issuer = ''
let nonce = ''
/** What the issuer says of a bearer's assertion. */
let takes: (assertion: string) => boolean = () => true
const seen: { readonly path: string; readonly assertion: string; readonly form: URLSearchParams }[] = []
const assertions = (path = '/introspect') => seen.filter((one) => one.path === path).map((one) => one.assertion)

const alive = () => ({
  active: true,
  iss: issuer,
  client_id: 'web',
  sub: 'per_marta',
  act: { sub: 'ag_ana', name: 'Ana Robles' },
  assistance_id: 'as_1',
  ecosystem_id: 'cli_sol',
  reason: 'Cannot see invoices',
  powers: 'look',
  scope: 'openid support:read',
  sid: 'sid-1',
  ends_at: '2999-01-01T00:00:00Z',
  idle_at: '2999-01-01T00:00:00Z',
})
const idToken = () =>
  new SignJWT({ sub: 'per_marta', sid: 'sid-1', act: { sub: 'ag_ana' }, nonce })
    .setProtectedHeader({ alg: 'ES256', kid: 'i' })
    .setIssuer(issuer)
    .setAudience('web')
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(issuerKeys.privateKey)

async function answerOf(path: string): Promise<object> {
  if (path === '/jwks') return { keys: [{ ...(await exportJWK(issuerKeys.publicKey)), kid: 'i', alg: 'ES256' }] }
  if (path === '/token') return { access_token: 'at', token_type: 'Bearer', id_token: await idToken() }
  if (path === '/bridge/ticket') return { active: true, ticket: 't', reference: 'r', sub: 'per_marta' }
  if (path === '/introspect') return alive()
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const path = request.url ?? ''
  const form = new URLSearchParams(body)
  const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const assertion = bearer ?? form.get('client_assertion') ?? ''
  seen.push({ path, assertion, form })
  const open = path === '/jwks' || path.startsWith('/.well-known')
  response.setHeader('content-type', 'application/json')
  if (!open && !takes(assertion)) return void response.writeHead(401).end('{"error":"invalid_client"}')
  if (path === '/endings') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('\n\n')
  response.end(JSON.stringify(await answerOf(path)))
}

beforeAll(async () => {
  server = createServer(answer)
  issuer = await listening(server)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

let now = 0
const troubles: string[] = []
beforeEach(() => {
  now = Date.parse('2026-11-29T18:00:00.600Z')
  takes = () => true
  seen.length = 0
  troubles.length = 0
})
const product = (more: Partial<AssistedConfig> = {}) =>
  assisted({
    issuer,
    clientId: 'web',
    now: () => now,
    onTrouble: (what) => troubles.push(what),
    checkTimeoutMs,
    ...({ clientKey, ...more } as { clientKey: JWK }),
  })

describe('by a key', () => {
  test('what arrives is signed by it, names the product and the issuer, lives a minute, and says nothing else', async () => {
    await product().check('at')
    const [assertion = ''] = assertions()
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, { currentDate: new Date(now) })
    const iat = Math.floor(now / 1000)
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'web-1' })
    expect(payload).toEqual({
      iss: 'web',
      sub: 'web',
      aud: issuer,
      iat,
      exp: iat + 60,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    })
  })

  test('a key without a name is not given one', async () => {
    const nameless = await keyPair()
    await product({ clientKey: nameless.clientKey }).check('at')
    expect(decodeProtectedHeader(assertions()[0] ?? '')).toEqual({ alg: 'ES256' })
  })

  test('every address of the issuer but the token’s is shown the same one, and no secret', async () => {
    const one = product({ line: true })
    await one.check('at')
    await one.bridgeTicket('at')
    await one.activity({ token: 'at', acts: [], count: 0 })
    await one.leave('at')
    await one.end('at')
    const paths = ['/introspect', '/bridge/ticket', '/activity', '/revoke', '/end', '/endings']
    await expect.poll(() => seen.map(({ path }) => path).sort(), { timeout: 10_000 }).toEqual(paths.sort())
    one.close()
    expect(new Set(seen.map(({ assertion }) => assertion)).size).toBe(1)
    expect(seen.flatMap(({ form }) => [...form.keys()]).filter((name) => name.startsWith('client_'))).toEqual([])
  })

  test('it is shown again for thirty seconds and then made anew, also by a clock that was set back', async () => {
    const one = product()
    for (const later of [0, 30_000, 1, 30_000, -30_001]) {
      now += later
      await one.check('at')
    }
    const [first, second, third, fourth, fifth] = assertions()
    expect([second, fourth]).toEqual([first, third])
    expect(new Set([first, third, fifth]).size).toBe(3)
  })

  test('of twenty checks at once one signs', async () => {
    const one = product()
    for (const round of [1, 2]) {
      await Promise.all(Array.from({ length: 20 }, () => one.check('at')))
      expect([seen.length, new Set(assertions()).size]).toEqual([20 * round, round])
      now += 30_001
    }
  })

  test('where the issuer did not take it, a new one is tried once, and twenty at once try the same', async () => {
    const one = product()
    await one.check('at')
    const [stale] = assertions()
    takes = (assertion) => assertion !== stale
    const checked = await Promise.all(Array.from({ length: 20 }, () => one.check('at')))
    expect(checked.every((assistance) => typeof assistance === 'object')).toBe(true)
    expect([new Set(assertions()).size, troubles]).toEqual([2, []])
  })

  test('where it takes none, help is not confirmed, nothing signs without end, and the operator reads what to look at', async () => {
    const one = product()
    takes = () => false
    for (let times = 0; times < 20; times += 1) expect(await one.check('at')).toBe('unknown')
    expect([seen.length, new Set(assertions()).size]).toEqual([21, 2])
    expect(troubles[0]).toContain(
      'look whether the public half of clientKey is in its row there, and at this machine’s clock',
    )
    for (const [at] of assertions().map((assertion) => assertion.split('.', 1)))
      expect(troubles.join()).not.toContain(at)
    takes = () => true
    expect(await one.check('at')).toMatchObject({ sid: 'sid-1' })
  })

  test('a clock that stands wrong is told by how much', async () => {
    takes = () => false
    now = Date.now() + 7200_000
    await product().check('at')
    expect(troubles[0]).toMatch(/it is \d{4} s ahead of the issuer’s/)
    now = Date.now() - 7200_000
    await product().check('at')
    expect(troubles.join()).toMatch(/it is \d{4} s behind the issuer’s/)
  })
})

// ── Sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const asking = (url: string, headers: Readonly<Record<string, string>> = {}): Asked => ({
  method: 'GET',
  url,
  header: (name) => headers[name],
  form: async () => new URLSearchParams(),
})
async function signIn() {
  const onTrouble = (what: string) => troubles.push(what)
  const openid = openidClient({ issuer, clientId: 'web', clientKey, onTrouble })
  const outside = { issuer: product(), openid, origin, trouble: onTrouble }
  const begun = await login(asking(`/assisted/login?${new URLSearchParams({ iss: issuer })}`), outside)
  if (!begun.ok) throw new Error(begun.refusal)
  const sent = new URL(begun.value.to).searchParams
  nonce = sent.get('nonce') ?? ''
  const back = new URLSearchParams({ code: 'c', state: sent.get('state') ?? '', iss: issuer })
  const cookie = begun.value.cookies.map((one) => one.split(';', 1)[0]).join('; ')
  return (await callback(asking(`/assisted/callback?${back}`, { cookie }), outside)).step
}

test('a code is exchanged by a stock library’s private_key_jwt, another for each code', async () => {
  now = Date.now()
  for (const _code of [1, 2]) expect(await signIn()).toMatchObject({ ok: true, value: { token: 'at' } })
  const asked = seen.filter(({ path }) => path === '/token')
  expect(new Set(asked.map(({ assertion }) => assertion)).size).toBe(2)
  for (const { form, assertion } of asked) {
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, { issuer: 'web', subject: 'web' })
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'web-1' })
    expect([payload.aud, typeof payload.jti]).toEqual([issuer, 'string'])
  }
})

test('a product that the issuer does not take is told what to look at with the first launch', async () => {
  takes = () => false
  expect(await signIn()).toEqual({ ok: false, refusal: 'spent' })
  expect(troubles[0]).toContain('look whether the public half of clientKey is in its row there')
})

// ── What is no proof ────────────────────────────────────────────────────────────────────────────────────────────────

const other = await keyPair()
const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey)
const p384 = await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey)
const { d, ...publicJwk } = clientKey
const noProof: Readonly<Record<string, object>> = {
  neither: {},
  'neither but an empty secret': { clientSecret: '' },
  both: { clientSecret: 'a secret that is not told', clientKey },
  'a public key': { clientKey: publicJwk },
  'the private half of another': { clientKey: { ...clientKey, d: other.clientKey.d } },
  'another curve': { clientKey: p384 },
  'another kind of key': { clientKey: rsa },
  'no point of the curve': { clientKey: { ...clientKey, x: other.clientKey.x } },
  'the text of a key': { clientKey: JSON.stringify(clientKey) },
  'a name that is no text': { clientKey: { ...clientKey, kid: 7 } },
}
const page = { checkTimeoutMs, origin, console: 'https://desk.acme.test', acts: {}, user: () => undefined }
test.each(Object.entries(noProof))(
  '%s does not start, whatever stands in front, and no word of it is quoted',
  (_name, proof) => {
    const options = { issuer, clientId: 'web', ...page, ...proof } as AssistedConfig & typeof page
    const next = () => new Response()
    for (const start of [
      () => assisted(options),
      () => surface(options),
      () => api(options),
      () => openidClient(options),
      () => assistedNext({ ...options, next }),
    ]) {
      expect(start).toThrow(/clientSecret or clientKey|clientKey must be a private key on P-256 as a JWK/)
      try {
        start()
      } catch (error) {
        const said = String(error instanceof Error && error.stack) + JSON.stringify(error)
        for (const secret of [d, clientKey.x, other.clientKey.d, p384.d, rsa.d, 'a secret that is not told'])
          expect(said).not.toContain(secret)
      }
    }
  },
)

test('the compiler refuses both, and neither', () => {
  const base = { issuer, clientId: 'web' }
  const secret = 's'
  // @ts-expect-error: there are both.
  expect(() => assisted({ ...base, clientSecret: secret, clientKey })).toThrow()
  // @ts-expect-error: there is neither.
  expect(() => assisted(base)).toThrow()
  // @ts-expect-error: there are both.
  expect(() => surface({ ...base, ...page, clientSecret: secret, clientKey })).toThrow()
  // @ts-expect-error: there is neither.
  expect(() => api({ ...base, ...page })).toThrow()
  assisted({ ...base, clientSecret: secret, clientKey: undefined })
})

// ── Next ────────────────────────────────────────────────────────────────────────────────────────────────────────────

test('by a key, Next’s pages believe what a proxy with the same key says, and nobody else', async () => {
  now = Date.now()
  const onwards = new WeakMap<Response, Headers>()
  const next = ({ request }: { readonly request: { readonly headers: Headers } }) => {
    const response = new Response()
    onwards.set(response, request.headers)
    return response
  }
  const sessions = assistedSessions()
  const opened = sessions.open({ sid: 'sid-1', userId: 'per_marta', token: 'at', language: 'en' })
  if (opened === 'ended') throw new Error('nothing had begun')
  const helped = (key: JWK) => assistedNext({ issuer, clientId: 'web', clientKey: key, ...page, sessions, next })
  const ours = helped(clientKey)
  const proxied = await ours.proxy(new Request(origin, { headers: { cookie: `__Host-assisted=${opened.cookie}` } }))
  const headers = onwards.get(proxied) ?? new Headers()
  expect(ours.assistance(headers)?.user.id).toBe('per_marta')
  // A page is another instance of the same product; it has the same key, whatever its name is there.
  expect(helped({ ...clientKey, kid: 'else' }).assistance(headers)?.user.id).toBe('per_marta')
  expect(helped(other.clientKey).assistance(headers)).toBeUndefined()
  // What everybody may know seals nothing.
  for (const known of [String(clientKey.x), 'web'])
    expect(
      assistedNext({ issuer, clientId: 'web', clientSecret: known, ...page, next }).assistance(headers),
    ).toBeUndefined()
})
