import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configFrom, surfacesFrom } from './config.ts'
import { opensIn } from './policy/policy.ts'
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

test('an app comes back to an address that it claims, never to a scheme that another app could claim', () => {
  expect(() => surfacesFrom([{ ...app, redirectUris: ['acme-app://callback'] }])).toThrow('claims https addresses')
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
