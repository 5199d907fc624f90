/**
 * What the carriers over AWS share. Its clients are no dependency of ours: whoever sends through AWS installs them, and
 * they are loaded when such a carrier is built. Region, credentials and addresses come as every client of AWS takes them.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DeliveryError } from '@amparo/contract/delivery'
import { Cannot } from '../cannot.ts'
import type { Fate } from './outbox.ts'

export interface Client {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<unknown>
  destroy(): void
}

/** How every client of ours is set up: one try each, since the outbox is what tries again, and a call may have counted. */
export interface ClientSettings {
  readonly maxAttempts: 1
  readonly requestHandler: { readonly connectionTimeout: number }
}
export const clientSettings: ClientSettings = { maxAttempts: 1, requestHandler: { connectionTimeout: 2000 } }

/** Where the clients stand: beside us, or where `npm ci --prefix deploy/clients` puts them. */
const places = [import.meta.filename, join(import.meta.dirname, '../../../deploy/clients/package.json')]

/** One of AWS's clients. Throws words for the operator where it is not installed. */
export function clientsOf<Sdk>(name: `@aws-sdk/client-${string}`): Sdk {
  for (const place of places) {
    const load = createRequire(place)
    try {
      load.resolve(name)
    } catch {
      continue
    }
    return load(name)
  }
  throw new Cannot(2, [
    {
      en: `Sending through AWS needs its clients (${name}). Install them once: npm ci --prefix deploy/clients`,
      es: `Enviar por AWS necesita sus clientes (${name}). Instálalos una vez: npm ci --prefix deploy/clients`,
    },
  ])
}

export type NotSent = Exclude<Fate, { fate: 'sent' }>

/** What AWS said of a call that failed, as far as it said anything. */
interface Trouble {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
}

const notOurs: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
])
const tooMuch: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'RequestLimitExceeded',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
])
const beforeItBegan: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

const later = (error: DeliveryError, said?: string): NotSent => ({
  fate: 'later',
  error,
  ...(said === undefined ? {} : { said }),
})

/**
 * What became of a letter whose call failed. `own` are the words of this service for what it will never take, or not
 * now. `lost` is what an answer means that never came: the call may have counted.
 */
export function fateOf(error: unknown, own: Readonly<Record<string, NotSent>>, lost: NotSent): NotSent {
  const trouble: Trouble = typeof error === 'object' && error !== null ? error : {}
  const name = typeof trouble.name === 'string' ? trouble.name : 'Error'
  const status = trouble.$metadata?.httpStatusCode
  const known = own[name]
  if (known) return { ...known, said: name }
  if (notOurs.has(name)) return later('not_signed_in', name)
  if (tooMuch.has(name) || status === 429) return later('throttled', name)
  if (typeof status === 'number')
    return status >= 500 ? later('busy', name) : { fate: 'never', error: 'refused', said: name }
  return neverReached(trouble) ? later('unreachable') : lost
}

const neverReached = ({ code, message }: Trouble): boolean =>
  beforeItBegan.has(code) || (typeof message === 'string' && message.includes('without establishing a connection'))
