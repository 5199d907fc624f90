/**
 * The file of surfaces: its rows, parsed once, and what in them is not fit for production. Whatever is wrong is said
 * without any secret.
 */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sensitivePowers } from '@amparo/contract/powers'
import { type Bilingual, bilingual, line, powers } from '@amparo/contract/words'
import { z } from 'zod'
import type { Sentence } from './cannot.ts'
import type { ClientKey, ClientKeys, Policy, Surface, SurfaceClient } from './policy/policy.ts'
import { wrong } from './settings.ts'

/** What was done, in one line that people read. */
const actName = z.strictObject({ en: line(140), es: line(140) })

const clientSecret = z.string().min(32, 'a secret has at least 32 characters')
const inOneWay = (row: { secret?: string | undefined; secretFile?: string | undefined }) =>
  row.secret === undefined || row.secretFile === undefined
const once = { message: 'give secret or secretFile, not both' }
const formerSecret = z
  .strictObject({ secret: clientSecret.optional(), secretFile: z.string().optional(), until: z.iso.datetime() })
  .refine(inOneWay, once)

const address = z.url().refine(namesNobody, 'an address has no name and no password in it')

const coordinate = z.string().regex(/^[\w-]{43}$/, 'a coordinate of a P-256 key, in base64url')
const publicKey = z
  .strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: z.undefined('this is a private key: it stays with the product, and its public half goes here').optional(),
    kid: z.string().min(1).max(128).optional(),
    use: z.literal('sig').optional(),
    alg: z.literal('ES256').optional(),
  })
  .transform(
    ({ kty, crv, x, y, kid }): ClientKey => ({
      kty,
      crv,
      x,
      y,
      ...(kid === undefined ? {} : { kid }),
      use: 'sig',
      alg: 'ES256',
    }),
  )
  .refine(isOnCurve, 'no public key of P-256')

function isOnCurve(key: ClientKey): boolean {
  try {
    return createPublicKey({ key: { ...key }, format: 'jwk' }).asymmetricKeyType === 'ec'
  } catch {
    return false
  }
}

const surfaceRow = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
  name: bilingual,
  offeredTo: z.array(z.enum(['owner', 'member'])).min(1),
  whenSuspended: z.boolean().optional(),
  clientId: z.string().min(1).optional(),
  clientAuth: z.enum(['client_secret_basic', 'private_key_jwt', 'none']).optional(),
  secret: clientSecret.optional(),
  secretFile: z.string().optional(),
  jwks: z.strictObject({ keys: z.array(publicKey).min(1).max(10) }).optional(),
  jwksUri: address.optional(),
  former: formerSecret.optional(),
  redirectUris: z.array(address).min(1).optional(),
  initiateLoginUri: address.optional(),
  backchannelLogoutUri: address.optional(),
  statusCheck: z.boolean().optional(),
  powers: z
    .array(z.union([z.enum(powers), z.enum(sensitivePowers)]))
    .refine((all) => all.includes('look'), 'every product can at least be looked at: "look"')
    .optional(),
  acts: z.record(z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/), actName).optional(),
  requires: z.strictObject({ feature: z.string().min(1).optional(), seat: z.string().min(1).optional() }).optional(),
})
const surfaceRows = z.array(surfaceRow.refine(inOneWay, once)).min(1)

/** Surfaces from their configuration, in the order of the buttons. Throws with the faults in words. */
export function surfacesFrom(json: unknown): readonly Surface[] {
  const parsed = surfaceRows.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  return parsed.data.map(surfaceOf)
}

/** A secret as it stands there, or in the file that is named. */
function secretOf({ secret, secretFile }: { secret?: string | undefined; secretFile?: string | undefined }) {
  if (secretFile === undefined) return secret
  const found = clientSecret.safeParse(readFileSync(secretFile, 'utf8').trim())
  if (!found.success) throw new Error(`${secretFile}: a secret has at least 32 characters.`)
  return found.data
}

/** The secret of before, where the row has one beside the one of now. */
function formerOf({ id, former }: z.infer<typeof surfaceRow>, secret: string | undefined) {
  if (!former) return {}
  const before = secretOf(former)
  if (before === undefined || secret === undefined || before === secret)
    throw new Error(`Surface "${id}": former is the secret (or secretFile) of before, beside another one of now.`)
  return { former: { secret: before, until: new Date(former.until) } }
}

/** A product's public keys, where it has them instead of a secret. */
function clientKeysOf({ id, clientAuth, jwks, jwksUri, ...row }: z.infer<typeof surfaceRow>): ClientKeys | undefined {
  if (jwks === undefined && jwksUri === undefined) return undefined
  if (jwks !== undefined && jwksUri !== undefined) throw new Error(`Surface "${id}": give jwks or jwksUri, not both.`)
  if (row.secret !== undefined || row.secretFile !== undefined || row.former)
    throw new Error(`Surface "${id}": with keys of its own it has no secret. Take the secret out.`)
  if (clientAuth !== 'private_key_jwt' && clientAuth !== 'none')
    throw new Error(`Surface "${id}": with keys of its own its clientAuth is "private_key_jwt".`)
  return jwks ? { jwks } : { jwksUri: jwksUri ?? '' }
}

/** What is missing for a product to prove itself in its way; nothing on a phone, whose app proves a key of its own. */
const proofMissing = (auth: z.infer<typeof surfaceRow>['clientAuth'], secret?: string, keys?: ClientKeys) => {
  if (auth === 'none') return ''
  if (auth === 'private_key_jwt') return keys ? '' : 'jwks (or jwksUri), '
  return secret === undefined ? 'secret (or secretFile), ' : ''
}

function surfaceOf(row: z.infer<typeof surfaceRow>): Surface {
  const secret = secretOf(row)
  const former = formerOf(row, secret)
  const keys = clientKeysOf(row)
  const onPhone = row.clientAuth === 'none'
  const missing = proofMissing(row.clientAuth, secret, keys)
  const client =
    row.clientId !== undefined && missing === '' && row.redirectUris && row.initiateLoginUri !== undefined
      ? {
          id: row.clientId,
          ...(row.clientAuth === undefined || row.clientAuth === 'client_secret_basic'
            ? {}
            : { clientAuth: row.clientAuth }),
          ...(secret === undefined ? {} : { secret, ...former }),
          ...(keys ? { keys } : {}),
          redirectUris: row.redirectUris,
          initiateLoginUri: row.initiateLoginUri,
          statusCheck: row.statusCheck ?? false,
          ...(row.backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri: row.backchannelLogoutUri }),
        }
      : undefined
  if (onPhone && (row.redirectUris ?? []).some((uri) => !/^https?:$/.test(new URL(uri).protocol)))
    throw new Error(
      `Surface "${row.id}": an app on a phone claims https addresses; another app could claim its scheme.`,
    )
  if (row.clientId !== undefined && !client) {
    throw new Error(`Surface "${row.id}" has a clientId; it also needs ${missing}redirectUris and initiateLoginUri.`)
  }
  return {
    id: row.id,
    name: row.name,
    offeredTo: row.offeredTo,
    whenSuspended: row.whenSuspended ?? row.id === 'store',
    powers: row.powers ?? ['look'],
    ...(row.acts ? { acts: row.acts } : {}),
    ...(client ? { client } : {}),
    ...(row.requires ? { requires: row.requires } : {}),
  }
}

/** A name or a password in an address would be shown wherever it is, and `fetch` asks at none that has them. */
export function namesNobody(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.username === '' && url.password === ''
}

/** What in them is not fit for production. `ours`: where we are ourselves. */
export const unfit = (surfaces: readonly Surface[], ours: readonly string[]): readonly Sentence[] => [
  ...surfaces.flatMap(notForProduction).map((seen) => wrong('AMPARO_SURFACES', seen)),
  ...surfaces.flatMap(inTheOpen).map((seen) => wrong('AMPARO_SURFACES', seen, onlyTls)),
  ...unclosable(surfaces).map((id) => wrong('AMPARO_SURFACES', ...noWayToClose(id))),
  ...onHostsOfOurs(surfaces, ours).map((id) => wrong('AMPARO_SURFACES', ...onOurHost(id))),
]

/** The demo's own clients, whose secrets come from keys that a demo made, and secrets that stand in our guide. */
function notForProduction({ client }: Surface): readonly Bilingual[] {
  if (!client) return []
  if (/^demo\b/.test(client.id))
    return [{ en: `the demo's client "${client.id}"`, es: `cliente «${client.id}» de la demostración` }]
  return [client.secret, client.former?.secret].some((secret) => secret?.startsWith('made-up-for-this-'))
    ? [{ en: `the guide's secret of client "${client.id}"`, es: `la clave de la guía en el cliente «${client.id}»` }]
    : []
}

/** Where a browser would carry a code, or what begins a launch, past everybody on the way, or keys come to us. This machine has no way. */
const inTheOpen = ({ id, client }: Surface): readonly string[] =>
  client
    ? [...client.redirectUris, client.initiateLoginUri, ...keysAt(client)]
        .filter((url) => /^http:\/\/(?!127\.0\.0\.1[:/]|\[::1\][:/])/i.test(url))
        .map((url) => `"${id}" at ${url}`)
    : []
const keysAt = ({ keys }: SurfaceClient): readonly string[] => (keys && 'jwksUri' in keys ? [keys.jwksUri] : [])
const onlyTls: Bilingual = {
  en: 'https in redirectUris, initiateLoginUri and jwksUri: over http anybody on the way could take what opens an account',
  es: 'https en redirectUris, initiateLoginUri y jwksUri: por http cualquiera del camino podría llevarse lo que abre una cuenta',
}

/** Surfaces that nobody could close: they neither check the status nor take back-channel logout. */
const unclosable = (surfaces: readonly Surface[]): readonly string[] =>
  surfaces
    .filter(
      (surface) => surface.client && !surface.client.statusCheck && surface.client.backchannelLogoutUri === undefined,
    )
    .map((surface) => surface.id)
const noWayToClose = (id: string) =>
  [
    { en: `"${id}" could never be closed`, es: `«${id}» no se podría cerrar nunca` },
    { en: 'backchannelLogoutUri or statusCheck in it', es: 'backchannelLogoutUri o statusCheck en él' },
  ] as const

/** Products on a host of ours: a browser would show our cookies there, and theirs here. */
const onHostsOfOurs = (surfaces: readonly Surface[], ours: readonly string[]): readonly string[] => {
  const hosts = new Set(ours.filter((one) => one !== '').map(hostOf))
  return surfaces
    .filter(
      ({ client }) => client && [...client.redirectUris, client.initiateLoginUri].some((url) => hosts.has(hostOf(url))),
    )
    .map(({ id }) => id)
}
export const hostOf = (address: string): string => new URL(address).hostname
const onOurHost = (id: string) =>
  [
    { en: `"${id}" is on a host of ours`, es: `«${id}» está en un host nuestro` },
    {
      en: 'a host of its own for each product: cookies ignore ports',
      es: 'un host propio para cada producto: las cookies no miran los puertos',
    },
  ] as const

/** Products with a shared secret where the policy wants a key of each. */
export const withoutKeys = (policy: Policy, surfaces: readonly Surface[]): readonly Sentence[] =>
  policy.clientKeys
    ? surfaces
        .filter(({ client }) => client && client.keys === undefined && client.secret !== undefined)
        .map(({ id }) =>
          wrong(
            'AMPARO_SURFACES',
            {
              en: `"${id}" has a secret, and the policy wants keys (clientKeys)`,
              es: `«${id}» tiene una clave compartida, y la política pide llaves (clientKeys)`,
            },
            {
              en: '"clientAuth": "private_key_jwt" and "jwks" in it (amparo surfaces add --key makes a key)',
              es: '"clientAuth": "private_key_jwt" y "jwks" en él (amparo surfaces add --key hace una llave)',
            },
          ),
        )
    : []
