/** As whom a trigger asks Amparo: as the product that its secret names, by that product’s secret or by its key. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { aWorld, type World } from '../../server/src/issuer/testing.ts'
import { bridgeFrom } from './amparo.ts'

let world: World
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Secrets Manager, as far as it is asked: it answers with this. */
function asking(held: () => unknown) {
  vi.stubEnv('AMPARO_BRIDGE_CLIENTS', 'pool=client-vault')
  vi.stubEnv('AMPARO_BRIDGE_SECRET', 'amparo-bridge')
  vi.stubEnv('AMPARO_ISSUER_URL', world.origin)
  const { amparo } = bridgeFrom(async () => ({
    SecretsManagerClient: class {
      send = async () => ({ SecretString: JSON.stringify(held()) })
    },
    GetSecretValueCommand: class {},
  }))
  const nothing = { reference: 'of no ticket', sub: 'per_marta' }
  return (product: string) => amparo.claims(product, nothing, AbortSignal.timeout(30_000))
}
const another = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

test('a product is known by its key or by its secret, and one that was exchanged is found when the old one is refused', async () => {
  const web = world.surfaces.find(({ id }) => id === 'web')?.client
  let key = another()
  const ask = asking(() => ({ 'client-vault': key, [String(web?.id)]: web?.secret }))
  await expect(ask('client-vault')).rejects.toThrow('Amparo answered 401')
  key = world.vaultKey.export({ format: 'jwk' })
  expect(await ask('client-vault')).toEqual({ active: false })
  expect(await ask('client-web')).toEqual({ active: false })
})

test.each([
  ['nothing', undefined],
  ['a public key', { kty: 'EC', crv: 'P-256', x: 'planted', y: 'planted' }],
  ['a number', 7],
])('%s in the place of a key proves nobody, and is not quoted', async (_what, held) => {
  const asked = asking(() => ({ 'client-vault': held }))('client-vault')
  await expect(asked).rejects.toThrow(/no secret for this product|clientKey must be/)
  await expect(asked).rejects.not.toThrow('planted')
})
