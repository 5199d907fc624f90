/**
 * The function `deliver`: receives one message by `Invoke` and sends it, mail through SES with the QR picture inside it,
 * SMS through SNS. Its settings are those of its environment; it reads no secret and keeps no address.
 */
import * as dynamo from '@aws-sdk/client-dynamodb'
import * as sesv2 from '@aws-sdk/client-sesv2'
import * as snsClients from '@aws-sdk/client-sns'
import { ses } from '../../server/src/messages/ses.ts'
import { sns } from '../../server/src/messages/sns.ts'
import { deliveriesIn } from './deliveries.ts'
import { delivering } from './delivering.ts'

const setting = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

const senderId = process.env.AMPARO_SMS_SENDER
const timeoutMs = 8000

export const handler = delivering({
  carriers: {
    email: ses(sesv2, { from: setting('AMPARO_MAIL_FROM'), timeoutMs }),
    sms: sns(snsClients, { ...(senderId ? { senderId } : {}), timeoutMs }),
  },
  deliveries: deliveriesIn(dynamo, setting('AMPARO_DELIVERIES')),
  log: (line) => console.log(JSON.stringify(line)),
})
