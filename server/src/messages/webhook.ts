/**
 * A signed POST to the vendor (Standard Webhooks, https://www.standardwebhooks.com): the one signer of everything that
 * goes out this way. The id of what is told stays the same however often it is told, so that it counts once there.
 */
import { createHmac } from 'node:crypto'

/** Where it is posted, and the secret that signs it (`whsec_` and base64); two, while they change, and each signs. */
export interface Webhook {
  readonly url: string
  readonly secret: string
}

export interface Posting {
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What came back, or why nothing did. `said` is the answer's JSON, undefined where it is none. */
export type Posted = { readonly status: number; readonly said: unknown } | { readonly silent: string }

const patienceMs = 5_000
/** No answer has to be longer. */
const longestAnswer = 64 * 1024

/** Posts it, once. A redirect is not followed: the signature is for the address that was configured. */
export async function post({ url, secret }: Webhook, { id, type, data }: Posting): Promise<Posted> {
  const now = new Date()
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data })
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatureOf(secret, id, timestamp, body),
      },
      body,
    })
    return { status: response.status, said: await saidIn(response) }
  } catch (error) {
    return { silent: error instanceof Error ? error.message : String(error) }
  }
}

/** For each secret `v1,` and the HMAC-SHA256 of `id.timestamp.body`, in base64: a receiver takes it by the one it knows. */
export const signatureOf = (secrets: string, id: string, timestamp: string, body: string): string =>
  secrets
    .split(' ')
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')

async function saidIn(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = []
  let length = 0
  // Leaving the loop early lets go of the connection.
  for await (const part of response.body ?? []) {
    length += part.byteLength
    if (length > longestAnswer) return undefined
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return undefined
  }
}
