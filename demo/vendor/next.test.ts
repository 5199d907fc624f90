/**
 * The package as the proxy of a Next application: over HTTP, with a host that does what Next does with a proxy's answer. It
 * sends it, or, where it is `NextResponse.next`, goes on with the headers that stand there and adds the answer's own.
 */
import { createServer, type Server } from 'node:http'
import { type AssistedNext, assistedNext } from '@amparo/relying-party/next'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuerStandIn } from './issuer.testing.ts'
import { browser, freePort } from './testing.ts'

let issuer: Awaited<ReturnType<typeof issuerStandIn>>
let help: AssistedNext
let host: Server
let origin: string

const onwards = new WeakMap<Response, Headers>()
function next({ request }: { readonly request: { readonly headers: Headers } }): Response {
  const response = new Response(null)
  onwards.set(response, request.headers)
  return response
}
async function throughProxy(request: Request): Promise<Response> {
  const proxied = await help.proxy(request)
  const headers = onwards.get(proxied)
  if (!headers) return proxied
  const response = await rendered(new Request(request, { headers }))
  for (const [name, value] of proxied.headers) response.headers.set(name, value)
  return response
}

/** What Next renders: a page in the root layout, and a route handler. */
async function rendered({ url, headers }: Request): Promise<Response> {
  const who = help.assistance(headers)?.user.id ?? 'nobody'
  const { pathname } = new URL(url)
  if (pathname === '/api/who')
    return Response.json({ who, condition: headers.get('if-none-match'), told: headers.get('amparo-help') !== null })
  const page = `<!doctype html><html><body>${help.banner(headers)}<h1>Note of ${who}</h1></body></html>`
  return new Response(page, { headers: { 'content-type': 'text/html', 'cache-control': 's-maxage=31536000' } })
}

beforeAll(async () => {
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  issuer = await issuerStandIn(origin)
  help = assistedNext({
    issuer: issuer.issuer,
    clientId: 'web',
    clientSecret: 'web-secret',
    origin,
    console: 'http://desk.test',
    company: 'Acme',
    user: (id) => (id === 'per_marta' ? { language: 'en' } : undefined),
    acts: { 'POST /note': 'act' },
    next,
  })
  host = createServer(getRequestListener(throughProxy)).listen(port, '127.0.0.1')
  await new Promise((resolve) => host.once('listening', resolve))
})
afterAll(async () => {
  await help.flush()
  help.close()
  host.closeAllConnections()
  await new Promise((resolve) => host.close(resolve))
  await issuer.close()
})

async function helped(powers: 'look' | 'act' = 'look') {
  issuer.told.powers = powers
  const ana = browser(origin, issuer.loginUrl())
  await ana.launch()
  return ana
}

test('as a proxy: whoever is not helped passes untouched, and a page of help has its banner and is kept nowhere', async () => {
  const plain = browser(origin, '')
  const ordinary = await plain.ask('/')
  expect(ordinary.headers.get('cache-control')).toBe('s-maxage=31536000')
  expect(await ordinary.text()).toContain('<body><h1>Note of nobody')
  const condition = { headers: { 'if-none-match': '"1"' } }
  expect(await (await plain.ask('/api/who', condition)).json()).toMatchObject({ who: 'nobody', condition: '"1"' })

  const ana = await helped()
  const page = await ana.ask('/')
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const html = await page.text()
  for (const part of [
    '<body><amparo-banner',
    'Note of per_marta',
    'Ana Robles',
    '(Acme support)',
    '/assisted/banner.js',
  ])
    expect(html).toContain(part)
  expect(await (await ana.ask('/api/who', condition)).json()).toMatchObject({ who: 'per_marta', condition: null })
})

test('nobody says by a header of their own that they are helped', async () => {
  const ana = await helped()
  let copied: string | null = null
  await help.proxy(new Request(`${origin}/`, { headers: { cookie: cookiesOf(ana) } })).then((proxied) => {
    copied = onwards.get(proxied)?.get('amparo-help') ?? null
  })
  const genuine = String(copied)
  expect(help.assistance(new Headers({ 'amparo-help': genuine }))?.user.id).toBe('per_marta')

  // Through the proxy not even a genuine one counts; behind it, where a matcher left a path out, only a genuine one.
  const plain = browser(origin, '')
  expect(await (await plain.ask('/api/who', { headers: { 'amparo-help': genuine } })).json()).toMatchObject({
    who: 'nobody',
    told: false,
  })
  const [text = '', seal = ''] = genuine.split('.')
  const other = Buffer.from(Buffer.from(text, 'base64url').toString().replace('per_marta', 'per_lucia')).toString(
    'base64url',
  )
  const old = Buffer.from(
    Buffer.from(text, 'base64url')
      .toString()
      .replace(/"at":\d+/, '"at":0'),
  ).toString('base64url')
  for (const forged of [`${other}.${seal}`, `${old}.${seal}`, `${text}.`, text, '', '.', `.${seal}`, '{}.x'])
    expect([forged, help.assistance(new Headers({ 'amparo-help': forged }))]).toEqual([forged, undefined])
  expect(help.banner(new Headers({ 'amparo-help': `${other}.${seal}` }))).toBe('')
})

const cookiesOf = ({ jar }: ReturnType<typeof browser>) =>
  [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

test('what was not agreed to reaches no page, the banner says so once, and what was let through is told', async () => {
  const ana = await helped()
  const refused = await ana.ask('/note', { method: 'POST', headers: { origin, accept: 'application/json' } })
  expect([refused.status, refused.headers.get('amparo-refusal')]).toEqual([403, 'power.not_granted'])
  expect(await (await ana.ask('/')).text()).toContain('data-refusals="1"')
  const bea = await helped('act')
  expect((await bea.ask('/note', { method: 'POST', headers: { origin: 'http://evil.test' } })).status).toBe(403)
  expect((await bea.ask('/note', { method: 'POST', headers: { origin } })).status).toBe(200)
  await help.flush()
  expect(issuer.reported.flatMap(({ acts }) => acts).map(({ what }) => what)).toContainEqual({
    en: 'changed something',
    es: 'cambió algo',
  })
})

test('a page is told as opened whatever the request says that it is for, and files and pictures of a page are not', async () => {
  const ana = await helped()
  await help.flush()
  issuer.reported.length = 0
  const asImage = (path: string) => ana.ask(path, { headers: { 'sec-fetch-dest': 'image' } })
  for (const path of ['/logo.png', '/_next/static/chunks/main.js', '/_next/image?url=%2Flogo.png&w=64&q=75'])
    await asImage(path)
  await help.flush()
  expect(issuer.reported).toEqual([])
  for (const path of ['/', '/notes/7', '/api/who', '/_next/data/b/notes.json', '/_next/image/../../notes'])
    await asImage(path)
  await help.flush()
  expect(issuer.reported.flatMap(({ acts }) => acts)).toHaveLength(5)
})

test('the ending covers every page, and an issuer that says nothing shows nothing', async () => {
  const ana = await helped()
  issuer.told.introspection = 'silent'
  const unsure = await ana.ask('/', { headers: { accept: 'text/html' } })
  issuer.told.introspection = 'alive'
  expect([unsure.status, (await unsure.text()).includes('per_marta')]).toEqual([503, false])
  const logout = await ana.ask('/assisted/logout', {
    method: 'POST',
    body: new URLSearchParams({ logout_token: await issuer.logoutToken() }),
  })
  expect(logout.status).toBe(200)
  const covered = await ana.ask('/', { headers: { accept: 'text/html' } })
  expect([covered.status, (await covered.text()).includes('per_marta')]).toEqual([401, false])
})
