/**
 * Messages through a function of AWS Lambda, `deliver`, by ordinary calls of `Invoke`. The function keeps what it did
 * under the message's own id, so asking again is safe: whatever was not answered is asked again by the outbox.
 */
import { type DeliveryError, deliveryErrors } from '@amparo/contract/delivery'
import { type Client, type ClientSettings, clientSettings, fateOf, type NotSent } from './aws.ts'
import type { Carrier, Fate, Letter } from './outbox.ts'
import { within } from './within.ts'

/** What we use of `@aws-sdk/client-lambda`. */
export interface LambdaClients {
  readonly LambdaClient: new (settings: ClientSettings) => Client
  readonly InvokeCommand: new (input: {
    readonly FunctionName: string
    readonly InvocationType: 'RequestResponse' | 'DryRun'
    readonly Payload?: Uint8Array
  }) => object
}

export interface LambdaConfig {
  /** Name or ARN, with an alias or a version where wanted. */
  readonly functionName: string
  readonly timeoutMs: number
}

/** What the function is called with. */
export interface DeliverEvent {
  readonly version: 1
  readonly letter: Letter
}

const failed: NotSent = { fate: 'later', error: 'function_failed' }
const words: Readonly<Record<string, NotSent>> = {
  ResourceNotFoundException: failed,
  ResourceNotReadyException: failed,
  ResourceConflictException: failed,
  InvalidRuntimeException: failed,
  KMSAccessDeniedException: failed,
  KMSDisabledException: failed,
  EC2AccessDeniedException: failed,
  EC2ThrottledException: { fate: 'later', error: 'throttled' },
  ServiceException: failed,
  // What we send is too large or unreadable for it: the same the next time.
  RequestTooLargeException: { fate: 'never', error: 'refused' },
  InvalidRequestContentException: { fate: 'never', error: 'refused' },
}

export function lambda(clients: LambdaClients, { functionName, timeoutMs }: LambdaConfig): Carrier {
  const client = new clients.LambdaClient(clientSettings)
  return {
    async deliver(letter, signal) {
      const event: DeliverEvent = { version: 1, letter }
      const command = new clients.InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(event)),
      })
      try {
        return answered(await within(timeoutMs, signal, (abortSignal) => client.send(command, { abortSignal })))
      } catch (error) {
        return fateOf(error, words, { fate: 'later', error: 'no_answer' })
      }
    },
    async greets(signal) {
      const command = new clients.InvokeCommand({ FunctionName: functionName, InvocationType: 'DryRun' })
      return client.send(command, { abortSignal: signal }).then(
        () => undefined,
        (error: unknown) => {
          const { error: word, said } = fateOf(error, words, failed)
          return `${functionName}: ${said ?? word}`
        },
      )
    },
    close: () => client.destroy(),
  }
}

/** What the function said, or that it broke: then nobody knows how far it came, and it is asked again. */
function answered(answer: unknown): Fate {
  const { FunctionError, Payload } = answer as { readonly FunctionError?: string; readonly Payload?: Uint8Array }
  if (FunctionError !== undefined) return { ...failed, said: FunctionError }
  try {
    return fateIn(JSON.parse(Buffer.from(Payload ?? []).toString('utf8'))) ?? failed
  } catch {
    return failed
  }
}

/** Parsed, not trusted: a function that says something else has failed. */
function fateIn(said: unknown): Fate | undefined {
  if (typeof said !== 'object' || said === null) return undefined
  const { fate, ref, error, said: detail } = said as Readonly<Record<string, unknown>>
  if (fate === 'sent') return typeof ref === 'string' ? { fate, ref } : undefined
  if ((fate !== 'later' && fate !== 'never') || !isError(error)) return undefined
  return { fate, error, ...(typeof detail === 'string' ? { said: detail.slice(0, 80) } : {}) }
}

const isError = (word: unknown): word is DeliveryError => deliveryErrors.some((one) => one === word)
