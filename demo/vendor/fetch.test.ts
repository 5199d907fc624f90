/** The package in front of a plain function from Request to Response, and how much of it a product carries along. */
import { gzipSync } from 'node:zlib'
import { assistedFetch } from '@amparo/relying-party/fetch'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuerStandIn } from './issuer.testing.ts'

const origin = 'http://notes.test'
let known = 'per_marta'
let issuer: Awaited<ReturnType<typeof issuerStandIn>>
let answer: ReturnType<typeof assistedFetch>
beforeAll(async () => {
  issuer = await issuerStandIn(origin)
  answer = assistedFetch({
    issuer: issuer.issuer,
    clientId: 'web',
    clientSecret: 'web-secret',
    origin,
    console: 'http://desk.test',
    user: (id) => (id === known ? { language: 'en' } : undefined),
    acts: { 'POST /note': 'act' },
  })
})
afterAll(async () => {
  answer.close()
  await issuer.close()
})

/** A browser with a jar, and the application behind the package. */
function browser() {
  const jar = new Map<string, string>()
  const seen: (string | null)[] = []
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await answer(new Request(new URL(path, origin), { ...init, headers }), (request, assistance) => {
      seen.push(request.headers.get('if-none-match'))
      const page = `<!doctype html><title>Notes</title><body><h1>Note of ${assistance?.user.id ?? 'nobody'}</h1></body>`
      return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', etag: '"1"' } })
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  return {
    ask,
    seen,
    async launch() {
      const begun = await ask(issuer.loginUrl())
      const back = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' })
      return ask(back.headers.get('location') ?? '')
    },
  }
}

test('in front of a plain function: whoever is not helped passes untouched, and a launch lands in the banner', async () => {
  const plain = browser()
  const ordinary = await plain.ask('/', { headers: { 'if-none-match': '"1"' } })
  expect([ordinary.headers.get('etag'), plain.seen]).toEqual(['"1"', ['"1"']])
  expect(await ordinary.text()).toContain('Note of nobody')

  const ana = browser()
  expect((await ana.launch()).status).toBe(303)
  const page = await ana.ask('/', { headers: { 'if-none-match': '"1"' } })
  expect([page.headers.get('cache-control'), page.headers.get('etag')]).toEqual(['no-store', null])
  expect(ana.seen).toEqual([null])
  const html = await page.text()
  for (const part of ['Note of per_marta', 'Ana Robles', '/assisted/banner.js']) expect(html).toContain(part)
})

test('somebody whom the product does not know gets nothing, and nobody is told that it is open', async () => {
  known = 'per_another'
  const ana = browser()
  const landed = await ana.launch()
  expect([landed.status, await landed.text()]).toEqual([403, expect.stringContaining('has no account here')])
  expect([issuer.left.length, issuer.ended]).toEqual([1, []])
  expect(await (await ana.ask('/')).text()).toContain('Note of nobody')
  known = 'per_marta'
})

test('what was not agreed to is refused, and the ending covers it', async () => {
  const ana = browser()
  await ana.launch()
  const change = await ana.ask('/note', { method: 'POST', headers: { origin } })
  expect([change.status, change.headers.get('amparo-refusal')]).toEqual([403, 'power.not_granted'])
  const logout = await ana.ask('/assisted/logout', {
    method: 'POST',
    body: new URLSearchParams({ logout_token: await issuer.logoutToken() }),
  })
  expect(logout.status).toBe(200)
  expect(await (await ana.ask('/')).text()).not.toContain('Note of per_marta')
})

test('a page is told as opened, whatever the request says that it is for', async () => {
  const ana = browser()
  await ana.launch()
  await answer.flush()
  issuer.reported.length = 0
  await ana.ask('/', { headers: { 'sec-fetch-dest': 'image' } })
  await answer.flush()
  expect(issuer.reported.flatMap(({ acts }) => acts)).toHaveLength(1)
})

test('the part that asks, remembers and hears of endings is at most 5 kB, without jose', async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL('../../relying-party/src/index.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['jose'],
    write: false,
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '').length
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThanOrEqual(5 * 1024)
})
