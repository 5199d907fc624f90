/** `amparo serve` with production settings: a script's token can read and nothing else, and the demo's doors are not there. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { api, type CallName } from '@amparo/contract/api'
import { expect, test } from 'vitest'
import { emptyDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { keepAgent, openSession } from '../../server/src/identity/identity.store.ts'
import { makeKeys } from '../../server/src/keys.ts'
import { freeBlock } from './stage.ts'

const program = join(import.meta.dirname, '../../server/bin/amparo.mjs')
const isCall = (name: string): name is CallName => Object.hasOwn(api, name)

test("in production a script's token reads and changes nothing, a cookie is only for https, and no test door is open", async () => {
  const [ours, core] = await Promise.all([emptyDatabase(), freshDatabase()])
  const folder = await mkdtemp(join(tmpdir(), 'amparo-production-'))
  const [keys, surfaces] = [join(folder, 'keys.json'), join(folder, 'surfaces.json')]
  await makeKeys(keys)
  const web = { id: 'web', name: { en: 'Web', es: 'Web' }, offeredTo: ['owner'] }
  await writeFile(surfaces, JSON.stringify([web]))
  const port = await freeBlock()
  const child = spawn(process.execPath, [program, 'serve'], {
    env: {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      DATABASE_URL: ours.url,
      AMPARO_CORE_URL: core.url,
      AMPARO_PORT: String(port),
      AMPARO_CONSOLE_URL: 'https://desk.acme.test',
      AMPARO_ISSUER_URL: 'https://assist.acme.test',
      AMPARO_COMPANION_URL: 'https://help.acme.test',
      AMPARO_SURFACES: surfaces,
      AMPARO_KEYS: keys,
      AMPARO_VENDOR_NAME: 'Acme',
      AMPARO_VENDOR_PHONE: '+1 212 555 0100',
      AMPARO_SMTP_URL: 'smtp://127.0.0.1:1',
      AMPARO_MAIL_FROM: 'Acme Support <help@acme.test>',
    },
  })
  let said = ''
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('"event":"ready"')) resolve()
      })
  })
  try {
    await Promise.race([
      ready,
      once(child, 'exit').then(() => Promise.reject(new Error(`it does not start:\n${said}`))),
    ])
    const ana = { name: 'Ana Robles', email: 'ana@acme.test', phone: '+34600000901', locale: 'en' } as const
    const agent = await keepAgent(ours.db, { ...ana, roles: ['agent:technical'], password: 'planted-password' })
    const { token } = await openSession(ours.db, agent, 'bearer')
    const ask = (method: string, path: string, headers: Record<string, string>, body?: object, at = port) =>
      fetch(`http://127.0.0.1:${at}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })

    const bearer = { authorization: `Bearer ${token}` }
    expect((await ask('GET', '/api/v1/session', bearer)).status).toBe(200)
    for (const name of Object.keys(api).filter(isCall)) {
      const { method, path } = api[name]
      if (method === 'GET') continue
      const answer = await ask(
        method,
        path.replace('{id}', `as_${'0'.repeat(24)}`).replace('{surface}', 'web'),
        bearer,
        {},
      )
      expect([name, answer.status, await answer.json()]).toMatchObject([name, 403, { code: 'agent.not_allowed' }])
    }
    expect((await ask('GET', '/api/v1/session', bearer)).status).toBe(200)

    const desk = { origin: 'https://desk.acme.test' }
    const signedIn = await ask('POST', '/api/v1/session', desk, { email: ana.email, password: 'planted-password' })
    expect(signedIn.status).toBe(201)
    expect(signedIn.headers.get('strict-transport-security')).toContain('max-age=31536000')
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const opened = await ask(
      'POST',
      '/api/v1/assistances',
      { ...desk, cookie },
      {
        kind: 'technical',
        userEmail: 'leo@clinica-sol.test',
        reason: { code: 'fault' },
      },
    )
    expect(opened.status).toBe(201)
    // No proxy is named: whoever asks is who they are connected as, whatever their request says.
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, count) =>
        ask('POST', '/ours', { 'x-forwarded-for': `198.51.100.${count}` }, { text: 'AM-0000' }, port + 2),
      ),
    )
    expect(asked.filter(({ status }) => status === 429).length).toBeGreaterThan(20)
    await headersHold(port)
    for (const path of ['/dev/inbox.json', '/dev/people.json', '/inbox'])
      expect([path, (await ask('GET', path, bearer)).status]).toEqual([path, 404])
    for (const secret of [token, cookie.split('=')[1] ?? '', 'planted-password']) expect(said).not.toContain(secret)

    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    expect((await gone)[0]).toBe(0)
  } finally {
    child.kill('SIGKILL')
    await Promise.all([ours.close(), core.close(), rm(folder, { recursive: true, force: true })])
  }
}, 120_000)

/** Every call of the contract, and what else the three origins have. */
const addresses: Readonly<Record<number, readonly string[]>> = {
  0: [
    ...Object.keys(api)
      .filter(isCall)
      .map((name) => `${api[name].method} ${api[name].path.replace(/\{\w+\}/g, 'none')}`),
    ...['/', '/assist', '/api/v1/nothing', '/api/v1/openapi.json', '/livez', '/readyz', '/metrics', '/nothing.js'].map(
      (path) => `GET ${path}`,
    ),
    'OPTIONS /api/v1/session',
    'DELETE /',
  ],
  1: [
    ...['/.well-known/openid-configuration', '/jwks', '/authorize', '/userinfo', '/nothing', '/interaction/x'].map(
      (path) => `GET ${path}`,
    ),
    ...['/token', '/introspect', '/launch', '/end', '/activity', '/revoke', '/interaction/x/decline'].map(
      (path) => `POST ${path}`,
    ),
    'OPTIONS /token',
    'DELETE /token',
  ],
  2: [
    ...[
      '/',
      '/c/aaaaaaaaaaaaa',
      '/c/aaaaaaaaaaaaa/history',
      '/c/aaaaaaaaaaaaa/receipt',
      '/o/x',
      '/ours',
      '/receipt',
      '/receipt-keys.json',
      '/help/en/none',
      '/favicon.ico',
    ].map((path) => `GET ${path}`),
    ...[
      'yes',
      'decline',
      'not-me',
      'still-here',
      'stop',
      'history',
      'history-code',
      'history-copy',
      'objection',
      'seen',
    ].map((act) => `POST /c/aaaaaaaaaaaaa/${act}`),
    'POST /ours',
    'DELETE /c/aaaaaaaaaaaaa',
  ],
}

/** What a security engineer looks for on each answer, whatever it is: also on refusals, unknown paths and methods. */
async function headersHold(port: number): Promise<void> {
  for (const [offset, all] of Object.entries(addresses))
    for (const address of all) {
      const [method = '', path = ''] = address.split(' ')
      const answer = await fetch(`http://127.0.0.1:${port + Number(offset)}${path}`, { method, redirect: 'manual' })
      const stated = (name: string) => answer.headers.get(name) ?? ''
      const policy = stated('content-security-policy')
      const said = {
        address: `${offset} ${address}`,
        policy: ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"].every((part) =>
          policy.includes(part),
        ),
        loose: /unsafe-|\*|data:|blob:/.test(policy),
        sniff: stated('x-content-type-options'),
        opener: stated('cross-origin-opener-policy'),
        resource: stated('cross-origin-resource-policy'),
        referrer: /^(no-referrer|strict-origin)$/.test(stated('referrer-policy')),
        tls: stated('strict-transport-security'),
        kept: /no-store|no-cache|immutable/.test(stated('cache-control')),
        names: stated('server') + stated('x-powered-by') + stated('via'),
        // The issuer's own library lets any page read what only a bearer token or a code opens; never with a cookie.
        open: Number(offset) === 1 ? '' : stated('access-control-allow-origin'),
        credentials: stated('access-control-allow-credentials'),
        cookies: answer.headers
          .getSetCookie()
          .filter(
            (one) =>
              !/^__Host-[^;]+;.*\bSecure\b/i.test(one) ||
              !/HttpOnly/i.test(one) ||
              !/SameSite/i.test(one) ||
              /Domain=/i.test(one),
          ),
      }
      await answer.body?.cancel()
      expect(said).toEqual({
        address: `${offset} ${address}`,
        policy: true,
        loose: false,
        sniff: 'nosniff',
        opener: 'same-origin',
        resource: 'same-origin',
        referrer: true,
        tls: 'max-age=31536000; includeSubDomains',
        kept: true,
        names: '',
        open: '',
        credentials: '',
        cookies: [],
      })
    }
}
