/**
 * Who asks the issuer about a token, and how they prove that they may: a product's back end by its secret, a phone by the
 * key that its token is bound to. A token alone is nobody.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Database } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { tokenDigest } from '../secrets.ts'
import { boundTo } from '../surfaces/liveness.ts'
import { system } from '../words.ts'
import type { Client } from './clients.ts'
import { proved } from './dpop.ts'

/** A product's back end, or one phone with the token that it holds. */
export type Asker = { readonly client: Client; readonly phone?: { readonly token: string; readonly sessionId: string } }

export interface Askers {
  readonly db: Database
  readonly issuerOrigin: string
  readonly clients: ReadonlyMap<string, Client>
  /** A product's back end, by its secret. */
  readonly backEnd: (request: IncomingMessage) => Client | undefined | Promise<Client | undefined>
}

/** Who asks; undefined where the answer has been given: 401. */
export async function askerOf(
  { db, issuerOrigin, clients, backEnd }: Askers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Asker | undefined> {
  const token = tokenOf(request)
  if (token === undefined) {
    const client = await backEnd(request)
    if (client) return { client }
    return refuse(response, `Basic realm="${issuerOrigin}"`, { error: 'invalid_client' })
  }
  const url = new URL(request.url ?? '', issuerOrigin)
  const bound = await boundTo(db, tokenDigest(token))
  const client = bound && clients.get(bound.clientId)
  if (!bound || !client) return refuse(response, 'DPoP error="invalid_token"', { error: 'invalid_token' })
  const about = { method: request.method ?? '', url: `${issuerOrigin}${url.pathname}`, token }
  if (await proved(db, String(request.headers.dpop ?? ''), about, bound.key))
    return { client, phone: { token, sessionId: bound.sessionId } }
  await proofRefused(db, bound, url.pathname)
  return refuse(response, 'DPoP error="invalid_dpop_proof"', notItsKey)
}

const notItsKey = {
  error: 'invalid_dpop_proof',
  error_description: 'this token is bound to a key, and that key did not sign this request, or not for the first time',
}

/**
 * Whether a product's back end got this token with a proof of its key, made for that back end's own address. A token that
 * is bound to no key needs none.
 */
export async function cameWithItsKey(db: Database, form: ReadonlyMap<string, string>, token: string): Promise<boolean> {
  const bound = await boundTo(db, tokenDigest(token))
  if (!bound) return true
  const about = { method: form.get('dpop_htm') ?? '', url: form.get('dpop_htu') ?? '', token }
  if (await proved(db, form.get('dpop_proof') ?? '', about, bound.key)) return true
  await proofRefused(db, bound, '/introspect')
  return false
}

/** A bound token came without its key: whoever has it may not be the phone that it was given to. */
export const proofRefused = (db: Database, bound: Awaited<ReturnType<typeof boundTo>>, at: string): Promise<void> =>
  bound
    ? note(db, bound.assistanceId, {
        type: 'proof.refused',
        actor: system('issuer'),
        data: { surface: bound.surface, session: bound.sessionId, at },
      })
    : Promise.resolve()

/** The token of a request that is made with the DPoP scheme. */
export const tokenOf = ({ headers: { authorization = '' } }: IncomingMessage): string | undefined =>
  /^DPoP +([\w~+/.-]+=*)$/i.exec(authorization)?.[1]

function refuse(response: ServerResponse, challenge: string, body: object): undefined {
  response.setHeader('www-authenticate', challenge)
  response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  return undefined
}
