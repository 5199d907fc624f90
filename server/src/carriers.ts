/** By what messages of one installation leave. Only what is chosen is loaded: who sends over SMTP needs no client of AWS. */
import type { Config, MailWay, SmsWay } from './config.ts'
import { clientsOf } from './messages/aws.ts'
import { type LambdaClients, lambda } from './messages/lambda.ts'
import type { Carrier } from './messages/outbox.ts'
import { type SesClients, ses } from './messages/ses.ts'
import { smsOverSmtp, smtp } from './messages/smtp.ts'
import { type SnsClients, sns } from './messages/sns.ts'
import { unreachable } from './outcome.ts'

export interface Carriers {
  readonly email: Carrier
  readonly sms: Carrier | undefined
  close(): void
}

/** What does not answer in this time is told to the agent. The function may be asked again; SES and SNS may not. */
export const functionPatienceMs = 2500
const patienceMs = 4000
const smtpPatienceMs = 10_000

export function carriersOf({ mail, sms, mailFrom }: Config): Carriers {
  const [email, texts] = [mailBy(mail, mailFrom), sms && smsBy(sms, mailFrom)]
  return {
    email,
    sms: texts,
    close: () => {
      email.close?.()
      texts?.close?.()
    },
  }
}

function mailBy(way: MailWay, from: string): Carrier {
  switch (way.by) {
    case 'smtp':
      return smtp({ url: way.url, from, timeoutMs: smtpPatienceMs })
    case 'ses':
      return ses(clientsOf<SesClients>('@aws-sdk/client-sesv2'), { from, timeoutMs: patienceMs })
    case 'lambda':
      return byFunction(way.functionName)
    default:
      return unreachable(way)
  }
}

function smsBy(way: SmsWay, from: string): Carrier {
  switch (way.by) {
    case 'smtp':
      return smsOverSmtp({ url: way.url, from, timeoutMs: smtpPatienceMs })
    case 'sns': {
      const sender = way.senderId === undefined ? {} : { senderId: way.senderId }
      return sns(clientsOf<SnsClients>('@aws-sdk/client-sns'), { ...sender, timeoutMs: patienceMs })
    }
    case 'lambda':
      return byFunction(way.functionName)
    default:
      return unreachable(way)
  }
}

const byFunction = (functionName: string): Carrier =>
  lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), { functionName, timeoutMs: functionPatienceMs })
