import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { surfacesFrom, withoutKeys } from './config.surfaces.ts'
import { configFrom } from './config.ts'
import { opensIn, presets } from './policy/policy.ts'
import { settingNames, withFiles } from './settings.ts'

const app = {
  id: 'app',
  name: { en: 'App', es: 'App' },
  offeredTo: ['owner', 'member'],
  clientId: 'acme-app',
  clientAuth: 'none',
  redirectUris: ['https://app.acme.com/assisted/callback'],
  initiateLoginUri: 'https://app.acme.com/q',
  statusCheck: true,
}

test('a public client opens on a phone and needs no secret; every other client has one', () => {
  const [surface] = surfacesFrom([app])
  expect(surface?.client).toEqual({
    id: 'acme-app',
    clientAuth: 'none',
    redirectUris: app.redirectUris,
    initiateLoginUri: app.initiateLoginUri,
    statusCheck: true,
  })
  expect(surface && opensIn(surface)).toBe('phone')
  expect(() => surfacesFrom([{ ...app, clientAuth: 'client_secret_basic' }])).toThrow('secret')
})

test('a secret stands in one place and has its length; the one of before stands beside it with its time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-config-'))
  const [file, empty] = [join(folder, 'secret'), join(folder, 'empty')]
  await writeFile(file, `${'f'.repeat(32)}\n`)
  await writeFile(empty, '\n')
  const web = { ...app, id: 'web', clientAuth: 'client_secret_basic', redirectUris: ['https://web.acme.com/cb'] }
  const [secret, before, until] = ['n'.repeat(32), 'b'.repeat(32), '2026-12-01T00:00:00Z']
  const clientOf = (more: object) => surfacesFrom([{ ...web, ...more }])[0]?.client
  expect(clientOf({ secretFile: file, former: { secret: before, until } })).toMatchObject({
    secret: 'f'.repeat(32),
    former: { secret: before, until: new Date(until) },
  })
  expect(clientOf({ secret, former: { secretFile: file, until } })?.former?.secret).toBe('f'.repeat(32))
  for (const [more, words] of [
    [{ secretFile: empty }, '32 characters'],
    [{ secret, secretFile: file }, 'not both'],
    [{ secret: 'short' }, '32 characters'],
    [{ secret, former: { until } }, 'of before'],
    [{ secret, former: { secret, until } }, 'another one'],
    [{ secret, former: { secret: before } }, 'until'],
    [{ secret, former: { secret: before, until: 'soon' } }, 'until'],
    [{ secret, former: { secretFile: empty, until } }, '32 characters'],
  ] as const)
    expect(() => clientOf(more)).toThrow(words)
  await rm(folder, { recursive: true })
})

test('a product with keys of its own has no secret, and never its private half: what is wrong is told without a word of it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [shown, kept] = [publicKey.export({ format: 'jwk' }), privateKey.export({ format: 'jwk' })]
  const web = { ...app, id: 'web', clientAuth: 'private_key_jwt' }
  const clientOf = (more: object) => surfacesFrom([{ ...web, ...more }])[0]?.client
  expect(clientOf({ jwks: { keys: [{ ...shown, kid: 'one' }] } })).toMatchObject({
    clientAuth: 'private_key_jwt',
    keys: { jwks: { keys: [{ ...shown, kid: 'one', use: 'sig', alg: 'ES256' }] } },
  })
  const jwksUri = 'https://web.acme.com/keys'
  expect(clientOf({ jwksUri })?.keys).toEqual({ jwksUri })
  expect(clientOf({ jwksUri, clientAuth: 'none' })?.keys).toEqual({ jwksUri })
  const jwks = { keys: [shown] }
  for (const [more, words] of [
    [{}, 'jwks (or jwksUri)'],
    [{ jwks, jwksUri }, 'not both'],
    [{ jwks, secret: 's'.repeat(32) }, 'no secret'],
    [{ jwks, clientAuth: 'client_secret_basic' }, '"private_key_jwt"'],
    [{ jwks, clientAuth: undefined }, '"private_key_jwt"'],
    [{ jwks: { keys: [] } }, 'keys'],
    [{ jwks: { keys: [kept] } }, 'private key'],
    [{ jwks: { keys: [{ ...shown, x: shown.y }] } }, 'no public key'],
    [{ jwks: { keys: [{ ...shown, crv: 'P-384' }] } }, 'crv'],
    [{ jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, 'kty'],
    [{ jwksUri: 'https://a:planted@web.acme.com/keys' }, 'no name and no password'],
  ] as const) {
    expect(() => clientOf(more)).toThrow(words)
    expect(() => clientOf(more)).not.toThrow(String(kept.d))
  }
})

test('the strict preset takes no product with a shared secret', () => {
  const secret = 's'.repeat(32)
  const surfaces = surfacesFrom([
    { ...app, id: 'web', clientAuth: 'client_secret_basic', secret },
    { ...app, id: 'notes', clientAuth: 'private_key_jwt', jwksUri: 'https://notes.acme.com/keys' },
    app,
    { ...app, id: 'other-app', secret },
  ])
  const told = JSON.stringify(withoutKeys(presets.strict, surfaces))
  expect(told).toContain('web')
  expect(told).toContain('other-app')
  expect(told).not.toContain('notes')
  expect(told).not.toContain(secret)
  expect(withoutKeys(presets.standard, surfaces)).toEqual([])
})

test('an app comes back to an address that it claims, never to a scheme that another app could claim', () => {
  expect(() => surfacesFrom([{ ...app, redirectUris: ['acme-app://callback'] }])).toThrow('claims https addresses')
})

test('an address of a product has no password in it: the operator would read it wherever the address is told', () => {
  const named = 'https://a:planted-password@app.acme.com/q'
  for (const more of [{ redirectUris: [named] }, { initiateLoginUri: named }, { backchannelLogoutUri: named }])
    expect(() => surfacesFrom([{ ...app, ...more }])).toThrow(/^(?!.*planted).*no name and no password/s)
})

test('every setting can stand in a file that is named, and a file that cannot be read is told without its content', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-config-'))
  const file = join(folder, 'secret')
  await writeFile(file, 'postgres://amparo:s3cret@db/amparo\n')
  for (const name of settingNames) {
    const { env, faults } = withFiles({ [`${name}_FILE`]: file })
    expect([env[name], env[`${name}_FILE`], faults]).toEqual(['postgres://amparo:s3cret@db/amparo', undefined, []])
  }
  const both = await configFrom({
    DATABASE_URL: 'postgres://x/y',
    DATABASE_URL_FILE: file,
    AMPARO_KEYS_FILE: join(folder, 'none'),
  })
  const said = JSON.stringify(both)
  expect(said).toContain('DATABASE_URL and DATABASE_URL_FILE are both set')
  expect(said).toContain('AMPARO_KEYS_FILE  seen')
  expect(said).not.toContain('s3cret')
  await rm(folder, { recursive: true })
})

test.each(['0.0.0.0/0', 'all', '127.0.0.1:80'])(
  'proxies that are named "%s" are a fault, with what was seen and what is wanted',
  async (text) => {
    const found = await configFrom({ AMPARO_PROXIES: text })
    const faults = 'faults' in found ? found.faults.filter((one) => JSON.stringify(one).includes('AMPARO_PROXIES')) : []
    expect(faults).toEqual([
      {
        en: `AMPARO_PROXIES  seen: "${text}"  wanted: a number from 1 to 9, or addresses and ranges with commas between them, none of them wider than /8  e.g. 10.40.0.0/24, 10.40.1.0/24`,
        es: expect.stringContaining('ninguno más amplio que /8'),
      },
    ])
  },
)

test('in production a browser brings a code to a product over https, or nothing starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-config-'))
  const file = join(folder, 'surfaces.json')
  const saidOf = async (product: string) => {
    const row = { ...app, redirectUris: [`${product}/cb`], initiateLoginUri: `${product}/q` }
    await writeFile(file, JSON.stringify([{ ...row, backchannelLogoutUri: 'http://app.internal/logout' }]))
    const config = await configFrom({ AMPARO_SURFACES: file })
    const faults = 'faults' in config ? config.faults.map((one) => (typeof one === 'string' ? one : one.en)) : []
    return faults.flatMap((fault) => /seen: ("app" at \S+) {2}wanted: https in redirectUris/.exec(fault)?.[1] ?? [])
  }
  expect(await saidOf('https://app.acme.com')).toEqual([])
  expect(await saidOf('http://127.0.0.1:4020')).toEqual([])
  for (const host of ['app.acme.com', '127.0.0.1.evil.test'])
    expect(await saidOf(`http://${host}`)).toEqual([`"app" at http://${host}/cb`, `"app" at http://${host}/q`])
  await rm(folder, { recursive: true })
})

test('console, issuer, page and products are on hosts of their own, whatever their ports, or nothing starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-config-'))
  const file = join(folder, 'surfaces.json')
  const saidOf = async (console: string, product: string) => {
    const redirectUris = [`${product}/assisted/callback`]
    await writeFile(file, JSON.stringify([{ ...app, redirectUris, initiateLoginUri: `${product}/q` }]))
    const config = await configFrom({
      AMPARO_CONSOLE_URL: console,
      AMPARO_ISSUER_URL: 'https://assist.acme.com',
      AMPARO_COMPANION_URL: 'https://help.acme.com',
      AMPARO_SURFACES: file,
    })
    return 'faults' in config ? config.faults.map((one) => (typeof one === 'string' ? one : one.en)).join('\n') : ''
  }
  const [desk, product] = ['https://desk.acme.com', 'https://app.acme.com']
  const [ours, theirs] = ['must be three different hosts', '"app" is on a host of ours']
  const apart = await saidOf(desk, product)
  expect([apart.includes(ours), apart.includes(theirs)]).toEqual([false, false])
  expect(await saidOf('https://help.acme.com:8443', product)).toContain(ours)
  for (const host of ['https://desk.acme.com', 'https://assist.acme.com:8443', 'https://help.acme.com'])
    expect(await saidOf(desk, host)).toContain(theirs)
  await rm(folder, { recursive: true })
})
