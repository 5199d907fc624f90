import { expect, test } from 'vitest'
import { surfacesFrom } from './config.ts'
import { opensIn } from './policy/policy.ts'

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
