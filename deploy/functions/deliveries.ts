/**
 * What the function did, kept under the message's own id in a table of DynamoDB: whoever asks again is told, and nothing
 * goes out twice. Between *taken* and *sent* stands one call; whoever died in it leaves a letter of which nobody knows.
 */
import type { Fate } from '../../server/src/messages/outbox.ts'
import { within } from '../../server/src/messages/within.ts'

export interface Deliveries {
  /** Takes this letter, once; or what is known of it: that it went out, is under way, or was lost under way. */
  take(id: string, by: string, untilMs: number): Promise<'taken' | Fate>
  sent(id: string, ref: string): Promise<void>
  /** It did not go out: whoever asks again may take it. Nothing happens to what somebody else has taken since. */
  giveBack(id: string, by: string): Promise<void>
}

/** What we use of `@aws-sdk/client-dynamodb`. */
export interface DynamoClients {
  readonly DynamoDBClient: new (
    settings: object,
  ) => {
    send(command: object, options?: { readonly abortSignal: AbortSignal }): Promise<unknown>
  }
  readonly PutItemCommand: new (input: {
    readonly TableName: string
    readonly Item: Record<string, { readonly S: string } | { readonly N: string }>
    readonly ConditionExpression?: string
    readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD'
  }) => object
  readonly DeleteItemCommand: new (input: {
    readonly TableName: string
    readonly Key: Record<string, { readonly S: string }>
    readonly ConditionExpression: string
    readonly ExpressionAttributeNames: Record<string, string>
    readonly ExpressionAttributeValues: Record<string, { readonly S: string }>
  }) => object
}

/** The table is as the condition would not have it. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException'

/** Longer than the outbox asks again. */
const keptSeconds = 24 * 3600

interface Kept {
  readonly Item?: Readonly<Record<string, { readonly S?: string; readonly N?: string }>>
}

export function deliveriesIn(clients: DynamoClients, table: string): Deliveries {
  const client = new clients.DynamoDBClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000 } })
  const expires = () => ({ N: String(Math.floor(Date.now() / 1000) + keptSeconds) })
  const asked = (command: object) => within(2000, undefined, (abortSignal) => client.send(command, { abortSignal }))
  return {
    async take(id, by, untilMs) {
      const put = new clients.PutItemCommand({
        TableName: table,
        Item: {
          id: { S: id },
          state: { S: 'taken' },
          by: { S: by },
          until: { N: String(untilMs) },
          expires: expires(),
        },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      try {
        await asked(put)
        return 'taken'
      } catch (error) {
        const old = isRefused(error) ? (error as Kept).Item : undefined
        if (!old) throw error
        if (old.by?.S === by && old.state?.S === 'taken') return 'taken' // Our own, whose answer was lost and which was asked again.
        if (old.state?.S === 'sent') return { fate: 'sent', ref: old.ref?.S ?? '' }
        return Number(old.until?.N ?? 0) > Date.now()
          ? { fate: 'later', error: 'no_answer' }
          : { fate: 'never', error: 'unclear' }
      }
    },
    async sent(id, ref) {
      const Item = { id: { S: id }, state: { S: 'sent' }, ref: { S: ref }, expires: expires() }
      await asked(new clients.PutItemCommand({ TableName: table, Item }))
    },
    async giveBack(id, by) {
      const command = new clients.DeleteItemCommand({
        TableName: table,
        Key: { id: { S: id } },
        // The client asks twice where an answer was lost: by then it may be somebody else's.
        ConditionExpression: '#by = :by and #state = :taken',
        ExpressionAttributeNames: { '#by': 'by', '#state': 'state' },
        ExpressionAttributeValues: { ':by': { S: by }, ':taken': { S: 'taken' } },
      })
      await asked(command).catch((error: unknown) => {
        if (!isRefused(error)) throw error
      })
    },
  }
}
