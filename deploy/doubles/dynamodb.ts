/**
 * A double of Amazon DynamoDB with one table, for what the function `deliver` keeps: it puts, puts only what is not there,
 * and deletes, each of them whole or not at all.
 *
 * What it does not do: other conditions than `attribute_not_exists(id)` and equalities joined by `and`, reading, querying, updating, transactions,
 * expiry of items (nothing is forgotten while it runs), capacity, streams, indexes.
 */
import { isDeepStrictEqual } from 'node:util'
import { json, jsonError, type Reply, type Request, type Service, startService } from './service.ts'

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>

export interface Dynamo extends Service {
  /** By the key `id`. */
  readonly items: Map<string, Item>
}

const target = 'DynamoDB_20120810.'
const says = (status: number, word: string, message: string): Reply =>
  jsonError(status, `com.amazonaws.dynamodb.v20120810#${word}`, message)

const unmet = (more: object = {}): Reply => {
  const word = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'
  return json(400, { __type: word, message: 'The conditional request failed', ...more })
}

/** `#name = :value and …`; undefined for what it does not know, a name among it that does not come by a placeholder. */
function equalities(asked: Record<string, unknown>): readonly (readonly [name: string, value: unknown])[] | undefined {
  const names = Object(asked.ExpressionAttributeNames) as Readonly<Record<string, string>>
  const values = Object(asked.ExpressionAttributeValues) as Readonly<Record<string, unknown>>
  const parts = String(asked.ConditionExpression).split(/ and /i)
  const read = parts.flatMap((part) => {
    const [, name = '', value = ''] = /^ *(#\w+) = (:\w+) *$/.exec(part) ?? []
    const known = names[name]
    return known !== undefined && Object.hasOwn(values, value) ? [[known, values[value]] as const] : []
  })
  return read.length === parts.length ? read : undefined
}

export async function startDynamo({
  port = 0,
  table,
}: {
  readonly port?: number
  readonly table: string
}): Promise<Dynamo> {
  const items = new Map<string, Item>()

  function put({
    Item: item,
    ConditionExpression,
    ReturnValuesOnConditionCheckFailure,
  }: Record<string, unknown>): Reply {
    const id = (item as Item | undefined)?.id?.S
    if (!id) return says(400, 'ValidationException', 'One of the required keys was not given a value')
    if (ConditionExpression !== undefined && ConditionExpression !== 'attribute_not_exists(id)')
      return says(400, 'ValidationException', 'This double knows no such condition')
    const old = items.get(id)
    if (ConditionExpression !== undefined && old)
      return unmet(ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? { Item: old } : {})
    items.set(id, item as Item)
    return json(200, {})
  }

  function remove(asked: Record<string, unknown>): Reply {
    const id = (asked.Key as Item | undefined)?.id?.S ?? ''
    const { ConditionExpression: condition } = asked
    const wanted = condition === undefined ? [] : equalities(asked)
    if (!wanted) return says(400, 'ValidationException', `Invalid ConditionExpression: ${condition}`)
    if (!wanted.every(([name, value]) => isDeepStrictEqual(items.get(id)?.[name], value))) return unmet()
    items.delete(id)
    return json(200, {})
  }

  function answer({ headers, body }: Request): Reply {
    const asked: Record<string, unknown> = JSON.parse(body.toString('utf8'))
    if (asked.TableName !== table) return says(400, 'ResourceNotFoundException', 'Requested resource not found')
    switch (headers['x-amz-target']) {
      case `${target}PutItem`:
        return put(asked)
      case `${target}DeleteItem`:
        return remove(asked)
      default:
        return says(400, 'UnknownOperationException', 'This double does not know it')
    }
  }

  const service = await startService(port, {
    service: 'dynamodb',
    throttled: 'ProvisionedThroughputExceededException',
    says,
    answer,
  })
  return { ...service, items }
}
