/** What the function keeps of its deliveries: nobody gives back what somebody else has taken. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type Dynamo, startDynamo } from '../doubles/dynamodb.ts'
import { type Deliveries, type DynamoClients, deliveriesIn } from './deliveries.ts'

const table = 'deliveries-of-this-test'
const minute = () => Date.now() + 60_000
let dynamo: Dynamo
let deliveries: Deliveries
beforeAll(async () => {
  dynamo = await startDynamo({ table })
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIADOUBLE',
    AWS_SECRET_ACCESS_KEY: 'of-a-double',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
  })
  deliveries = deliveriesIn(clientsOf<DynamoClients>('@aws-sdk/client-dynamodb'), table)
})
afterAll(() => dynamo.close())

test('what was given back can be taken; a giving back that comes twice leaves the next one’s alone', async () => {
  expect(await deliveries.take('ob_1', 'first', minute())).toBe('taken')
  await deliveries.giveBack('ob_1', 'first')
  expect(await deliveries.take('ob_1', 'second', minute())).toBe('taken')
  await deliveries.giveBack('ob_1', 'first')
  expect(await deliveries.take('ob_1', 'third', minute())).toEqual({ fate: 'later', error: 'no_answer' })
})

test('what went out is never given back, and whoever asks is told that it went out', async () => {
  expect(await deliveries.take('ob_2', 'first', minute())).toBe('taken')
  await deliveries.sent('ob_2', 'its name at SES')
  await deliveries.giveBack('ob_2', 'first')
  expect(await deliveries.take('ob_2', 'second', minute())).toEqual({ fate: 'sent', ref: 'its name at SES' })
})

test('an answer that was lost is asked for again by the client itself, and changes nothing', async () => {
  dynamo.plan({ kind: 'cut' })
  expect(await deliveries.take('ob_3', 'first', minute())).toBe('taken')
  dynamo.plan({ kind: 'cut' })
  await deliveries.giveBack('ob_3', 'first')
  expect(await deliveries.take('ob_3', 'second', minute())).toBe('taken')
})
