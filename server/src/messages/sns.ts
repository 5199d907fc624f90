/** SMS through Amazon SNS, to the phone itself. */
import { type Client, type ClientSettings, clientSettings, fateOf, type NotSent } from './aws.ts'
import type { Carrier } from './outbox.ts'
import { within } from './within.ts'

interface Attribute {
  readonly DataType: 'String'
  readonly StringValue: string
}

/** What we use of `@aws-sdk/client-sns`. */
export interface SnsClients {
  readonly SNSClient: new (settings: ClientSettings) => Client
  readonly PublishCommand: new (input: {
    readonly PhoneNumber: string
    readonly Message: string
    readonly MessageAttributes: Record<string, Attribute>
  }) => object
  readonly CheckIfPhoneNumberIsOptedOutCommand: new (input: { readonly phoneNumber: string }) => object
}

export interface SnsConfig {
  /** The name that phones show, where a country allows one; up to eleven letters and digits. */
  readonly senderId?: string
  readonly timeoutMs: number
}

const words: Readonly<Record<string, NotSent>> = {
  InvalidParameter: { fate: 'never', error: 'not_an_address' },
  InvalidParameterException: { fate: 'never', error: 'not_an_address' },
  OptedOut: { fate: 'never', error: 'opted_out' },
  OptedOutException: { fate: 'never', error: 'opted_out' },
}

/** SNS knows no idempotency: an answer that was lost is never tried again. */
const lost: NotSent = { fate: 'never', error: 'unclear' }

export function sns(clients: SnsClients, { senderId, timeoutMs }: SnsConfig): Carrier {
  const client = new clients.SNSClient(clientSettings)
  const text = (StringValue: string): Attribute => ({ DataType: 'String', StringValue })
  /** SNS takes an SMS to a phone that opted out, and throws it away. Where it does not say, we send. */
  const optedOut = async (phoneNumber: string, abortSignal: AbortSignal): Promise<boolean> =>
    client.send(new clients.CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }), { abortSignal }).then(
      (answer) => typeof answer === 'object' && answer !== null && 'isOptedOut' in answer && answer.isOptedOut === true,
      () => false,
    )
  return {
    async deliver({ to, content }, signal) {
      const phone = `+${to.replace(/\D/g, '')}`
      if (!/^\+[1-9]\d{6,14}$/.test(phone)) return { fate: 'never', error: 'not_an_address' }
      if (await within(timeoutMs / 4, signal, (over) => optedOut(phone, over)))
        return { fate: 'never', error: 'opted_out' }
      const command = new clients.PublishCommand({
        PhoneNumber: phone,
        Message: content.sms,
        MessageAttributes: {
          'AWS.SNS.SMS.SMSType': text('Transactional'),
          ...(senderId === undefined ? {} : { 'AWS.SNS.SMS.SenderID': text(senderId) }),
        },
      })
      try {
        const sending = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
        return { fate: 'sent', ref: refIn(await within((timeoutMs * 3) / 4, signal, sending)) }
      } catch (error) {
        return fateOf(error, words, lost)
      }
    },
    close: () => client.destroy(),
  }
}

const refIn = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'MessageId' in answer ? String(answer.MessageId) : ''
