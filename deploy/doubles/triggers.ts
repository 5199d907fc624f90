/**
 * The triggers of a user pool: how Cognito calls a function of Lambda, by a real `Invoke`, and what it takes of the answer.
 * It waits five seconds, calls three times at the most where no answer came, and never again where the function failed.
 *
 * What it does not do: other triggers than the three of custom challenges and *Pre token generation*, the latter's first and
 * third version, looking whether the function's policy lets the pool call it, and most of what a real pool checks in an answer.
 */
import { clientsOf } from '../../server/src/messages/aws.ts'
import { within } from '../../server/src/messages/within.ts'

export interface TriggerSettings {
  /** Where the host of Lambda functions is, and which function each trigger is. */
  readonly lambdaUrl: string
  readonly functions: Readonly<Partial<Record<TriggerName, string>>>
  /** Five seconds, as at AWS, unless said. */
  readonly patienceMs?: number
}
export type TriggerName =
  | 'DefineAuthChallenge'
  | 'CreateAuthChallenge'
  | 'VerifyAuthChallengeResponse'
  | 'PreTokenGeneration'

/** A call of the pool's API that is refused, in Cognito's words. */
export class Refused extends Error {
  readonly word: string
  constructor(word: string, message: string) {
    super(message)
    this.word = word
  }
}

export interface Asked {
  readonly source: string
  readonly version: '1' | '2'
  readonly userName: string
  readonly clientId: string
  readonly request: object
}
export interface Triggers {
  /** These are called three times at once, as a pool may that is in doubt; the last answer counts. */
  readonly restless: Set<TriggerName>
  readonly called: readonly { readonly name: TriggerName; readonly event: object }[]
  has(name: TriggerName): boolean
  /** The `response` of the event that the function answered with. Throws Refused as Cognito does. */
  call(name: TriggerName, asked: Asked): Promise<Readonly<Record<string, unknown>>>
  close(): void
}

interface LambdaSdk {
  readonly LambdaClient: new (
    settings: object,
  ) => { send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<Invoked>; destroy(): void }
  readonly InvokeCommand: new (input: object) => object
}
interface Invoked {
  readonly FunctionError?: string
  readonly Payload?: Uint8Array
}

const usualPatienceMs = 5000
const callsAtMost = 3

export function triggersAt(poolId: string, settings: TriggerSettings | undefined): Triggers {
  const { functions = {}, patienceMs = usualPatienceMs } = settings ?? {}
  const restless = new Set<TriggerName>()
  const called: { name: TriggerName; event: object }[] = []
  const sdk = settings && clientsOf<LambdaSdk>('@aws-sdk/client-lambda')
  const client =
    sdk &&
    new sdk.LambdaClient({
      endpoint: settings.lambdaUrl,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIADOUBLE', secretAccessKey: 'of-a-double' },
      maxAttempts: 1,
    })

  async function invoked(name: TriggerName, event: object, left = callsAtMost): Promise<Invoked> {
    if (!sdk || !client) throw new Error('there is no host of functions')
    called.push({ name, event })
    const command = new sdk.InvokeCommand({
      FunctionName: functions[name],
      Payload: Buffer.from(JSON.stringify(event)),
    })
    try {
      return await within(patienceMs, undefined, (abortSignal) => client.send(command, { abortSignal }))
    } catch (error) {
      const { $metadata } = Object(error) as { readonly $metadata?: { readonly httpStatusCode?: number } }
      const answered = ($metadata?.httpStatusCode ?? 0) >= 400
      if (answered || left === 1) throw new Refused('UnexpectedLambdaException', `${name} failed.`)
      return invoked(name, event, left - 1)
    }
  }

  return {
    restless,
    called,
    has: (name) => functions[name] !== undefined,
    async call(name, { source, version, userName, clientId, request }) {
      if (functions[name] === undefined)
        throw new Refused('InvalidParameterException', 'Custom auth lambda trigger is not configured.')
      const event = {
        version,
        triggerSource: source,
        region: 'eu-west-1',
        userPoolId: poolId,
        userName,
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
        request,
        response: {},
      }
      const times = restless.has(name) ? callsAtMost : 1
      const answers = await Promise.all(Array.from({ length: times }, () => invoked(name, event)))
      const { FunctionError, Payload } = answers.at(-1) ?? {}
      const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null')
      if (FunctionError !== undefined) {
        const { errorMessage } = Object(answer) as { readonly errorMessage?: string }
        throw new Refused('UserLambdaValidationException', `${name} failed with error ${errorMessage}.`)
      }
      const { response } = Object(answer) as { readonly response?: unknown }
      if (typeof response !== 'object' || response === null)
        throw new Refused('InvalidLambdaResponseException', 'Unrecognizable lambda output')
      return { ...response }
    },
    close: () => client?.destroy(),
  }
}

/** Claims that no trigger changes. */
const own: ReadonlySet<string> = new Set(
  'acr amr at_hash aud auth_time azp client_id cognito:username device_key event_id exp iat identities iss jti nbf nonce origin_jti scope sub token_use username version'.split(
    ' ',
  ),
)

interface Change {
  readonly claimsToAddOrOverride?: Readonly<Record<string, unknown>>
  readonly claimsToSuppress?: readonly string[]
  readonly scopesToAdd?: readonly string[]
  readonly scopesToSuppress?: readonly string[]
}
export interface Changes {
  claims(which: 'id' | 'access', claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
  scopes(scope: string): string
}

/** What the answer of *Pre token generation* V2 does to the tokens. Without one it does nothing. */
export function changesIn(response: Readonly<Record<string, unknown>> | undefined): Changes {
  const details = Object(response?.claimsAndScopeOverrideDetails) as Readonly<Record<string, Change | undefined>>
  const { scopesToAdd = [], scopesToSuppress = [] } = details.accessTokenGeneration ?? {}
  if ([...scopesToAdd, ...scopesToSuppress].some((one) => typeof one !== 'string' || /\s/.test(one) || one === ''))
    throw new Refused('InvalidLambdaResponseException', 'Invalid scope in the lambda output')
  return {
    claims(which, claims) {
      const { claimsToAddOrOverride = {}, claimsToSuppress = [] } = details[`${which}TokenGeneration`] ?? {}
      const allowed = (name: string) => !own.has(name) && !/^(cognito|dev|aws):/.test(name)
      const kept = Object.entries(claims).filter(([name]) => !(claimsToSuppress.includes(name) && allowed(name)))
      return Object.fromEntries([...kept, ...Object.entries(claimsToAddOrOverride).filter(([name]) => allowed(name))])
    },
    scopes: (scope) =>
      [...new Set([...scope.split(' '), ...scopesToAdd])]
        .filter((one) => one !== '' && !scopesToSuppress.includes(one))
        .join(' '),
  }
}
