/**
 * Cognito as an administrator of an account calls it: to make pools and people for a suite, and to clear them away. It
 * signs with the region and the credentials that every client of AWS finds, and calls where their variables say.
 */
import { clientsOf } from '../../server/src/messages/aws.ts'

/** What we use of a client of AWS to sign what it has no command for. */
interface Signing {
  readonly config: {
    region(): Promise<string>
    signer(scheme: { readonly signingName: string }): Promise<{ sign(request: object): Promise<Signed> }>
  }
  destroy(): void
}
interface Signed {
  readonly headers: Readonly<Record<string, string>>
}

export class CognitoSaid extends Error {
  readonly word: string
  constructor(operation: string, word: string, message: string) {
    super(`${operation}: ${word}: ${message}`)
    this.word = word
  }
}

export interface CognitoAdmin {
  /** Where this region's Cognito is called. */
  readonly endpoint: string
  /** Throws CognitoSaid. */
  call<Answer>(operation: string, input: object): Promise<Answer>
  close(): void
}

const service = 'cognito-idp'

export async function cognitoAdmin(): Promise<CognitoAdmin> {
  const { LambdaClient } = clientsOf<{ LambdaClient: new (settings: object) => Signing }>('@aws-sdk/client-lambda')
  const client = new LambdaClient({})
  const region = await client.config.region()
  const endpoint =
    process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? `https://${service}.${region}.amazonaws.com`
  const { protocol, hostname, port, host } = new URL(endpoint)

  async function once(operation: string, input: object): Promise<Response> {
    const body = JSON.stringify(input)
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    }
    const signer = await client.config.signer({ signingName: service })
    const where = { method: 'POST', protocol, hostname, ...(port ? { port: Number(port) } : {}), path: '/', query: {} }
    const { host: _ours, ...signed } = (await signer.sign({ ...where, headers, body })).headers
    return fetch(endpoint, { method: 'POST', headers: signed, body, signal: AbortSignal.timeout(20_000) })
  }

  return {
    endpoint,
    async call<Answer>(operation: string, input: object): Promise<Answer> {
      for (let left = 5; ; left -= 1) {
        const answer = await once(operation, input)
        const said = (await answer.json()) as { readonly __type?: string; readonly message?: string }
        if (answer.ok) return said as Answer
        const word = said.__type?.split('#').at(-1) ?? String(answer.status)
        // An account takes a handful of these calls a second.
        if (word !== 'TooManyRequestsException' || left === 0)
          throw new CognitoSaid(operation, word, said.message ?? '')
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    },
    close: () => client.destroy(),
  }
}
