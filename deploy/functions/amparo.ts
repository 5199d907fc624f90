/**
 * How a trigger asks Amparo: over HTTPS, as the product whose secret or key it finds in Secrets Manager. Settings of its
 * environment.
 */
import type { BridgeClaims, BridgeRedeemed } from '@amparo/contract/bridge'
import { type Means, meansOf, shownBy } from '@amparo/relying-party/client-proof'
import type { Amparo, Bridge, Clients } from './bridge.ts'

/** What we use of `@aws-sdk/client-secrets-manager`. */
export interface SecretsClients {
  readonly SecretsManagerClient: new (
    settings: object,
  ) => {
    send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<unknown>
  }
  readonly GetSecretValueCommand: new (input: { readonly SecretId: string }) => object
}

export const setting = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

/** `APPCLIENT=product`, with commas between them. */
export const clientsFrom = (text: string): Clients =>
  new Map(text.split(',').map((pair) => pair.trim().split('=') as [string, string]))

/** What was exchanged is found after so long, or when it is refused. */
const secretKeptMs = 5 * 60_000

/** `clients` are loaded at the first sign-in of the bridge: the others, which are most, do not wait for them. */
export function bridgeFrom(clients: () => Promise<SecretsClients>): Bridge {
  return {
    clients: clientsFrom(setting('AMPARO_BRIDGE_CLIENTS')),
    subject: process.env.AMPARO_BRIDGE_SUBJECT || 'sub',
    amparo: amparoAt(
      setting('AMPARO_ISSUER_URL').replace(/\/$/, ''),
      proofsIn(clients, setting('AMPARO_BRIDGE_SECRET')),
    ),
    log: (line) => console.log(JSON.stringify(line)),
  }
}

type Proofs = (product: string, over: AbortSignal, anew?: boolean) => Promise<Means>

/** What each product proves itself by, from one secret that holds them all: `{ "product": "secret" }`, or its key as a JWK. */
function proofsIn(load: () => Promise<SecretsClients>, SecretId: string): Proofs {
  const read = async (abortSignal: AbortSignal) => {
    const { SecretsManagerClient, GetSecretValueCommand } = await load()
    const client = new SecretsManagerClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 2000 } })
    const command = new GetSecretValueCommand({ SecretId })
    const answer = (await client.send(command, { abortSignal })) as { readonly SecretString?: string }
    return secretsOf(answer.SecretString ?? '{}')
  }
  // What the parser says of a text that is none quotes it.
  const secretsOf = (text: string) => {
    try {
      return JSON.parse(text)
    } catch {
      throw new Error('the secret of the bridge is not JSON')
    }
  }
  let kept: { readonly secrets: Readonly<Record<string, unknown>>; readonly until: number } | undefined
  return async (product, over, anew = false) => {
    if (!kept || anew || kept.until < Date.now()) {
      kept = { secrets: await read(over), until: Date.now() + secretKeptMs }
    }
    const given = kept.secrets[product]
    if (given === undefined) throw new Error('no secret for this product')
    return meansOf(typeof given === 'string' ? { clientSecret: given } : { clientKey: given })
  }
}

function amparoAt(issuer: string, proofOf: Proofs): Amparo {
  const shown = async ({ product, over }: Question, anew: boolean) =>
    shownBy(await proofOf(product, over, anew), { issuer, clientId: product, now: Date.now }).header()
  const send = async (question: Question, anew: boolean) =>
    fetch(`${issuer}/bridge/${question.path}`, {
      method: 'POST',
      redirect: 'error',
      headers: { authorization: await shown(question, anew), accept: 'application/json' },
      body: new URLSearchParams(question.form),
      signal: question.over,
    })
  const ask = async (question: Question): Promise<unknown> => {
    const first = await send(question, false)
    // Nobody was asked anything yet: what it proves itself by may have been exchanged.
    const answer = first.status === 401 ? await send(question, true) : first
    if (answer.status !== 200) throw new Error(`Amparo answered ${answer.status}`)
    return answer.json()
  }
  return {
    redeem: async (product, form, over) => (await ask({ path: 'redeem', product, form, over })) as BridgeRedeemed,
    claims: async (product, form, over) => (await ask({ path: 'claims', product, form, over })) as BridgeClaims,
  }
}

interface Question {
  readonly path: 'redeem' | 'claims'
  readonly product: string
  readonly form: Record<string, string>
  readonly over: AbortSignal
}
