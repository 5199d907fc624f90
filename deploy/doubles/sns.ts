/**
 * A double of Amazon SNS that takes SMS to phones and hands them on. It refuses what SNS refuses: a number that is none, a
 * text that is too long or empty, a sender's name that no phone could show, too much at once. An SMS to a phone that opted
 * out is taken and thrown away, as SNS does; only who asks is told.
 *
 * What it does not do: topics and subscriptions, the sandbox, the spending limit of a month, which countries allow which
 * sender, delivery reports, other operations than the two here.
 */
import { randomUUID } from 'node:crypto'
import { type Reply, type Request, type Service, startService } from './service.ts'

export interface Texted {
  readonly to: string
  readonly text: string
  readonly ref: string
  readonly sender: string | undefined
}

export interface SnsSettings {
  readonly port?: number
  onward?(sms: Texted): Promise<void>
}

export interface Sns extends Service {
  readonly sent: readonly Texted[]
  readonly optedOut: Set<string>
}

const mostBytes = 1600
const escaped = (text: string) => text.replace(/[<>&]/g, (letter) => `&#${letter.charCodeAt(0)};`)
const xml = (status: number, body: string): Reply => ({ status, headers: { 'content-type': 'text/xml' }, body })
const done = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  )
const says = (status: number, word: string, message: string): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${word}</Code><Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  )

export async function startSns({ port = 0, onward }: SnsSettings = {}): Promise<Sns> {
  const sent: Texted[] = []
  const optedOut = new Set<string>()

  async function publish(asked: URLSearchParams): Promise<Reply> {
    const [to, text] = [asked.get('PhoneNumber') ?? '', asked.get('Message') ?? '']
    const attribute = attributesIn(asked)
    const wrong = (what: string) => says(400, 'InvalidParameter', `Invalid parameter: ${what}`)
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return wrong(`PhoneNumber Reason: ${to} is not valid to publish to`)
    if (text === '') return wrong('Empty message')
    if (Buffer.byteLength(text) > mostBytes) return wrong('Message too long')
    const sender = attribute.get('AWS.SNS.SMS.SenderID')
    if (sender !== undefined && !/^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/.test(sender)) return wrong('SenderID')
    const kind = attribute.get('AWS.SNS.SMS.SMSType')
    if (kind !== undefined && !['Transactional', 'Promotional'].includes(kind)) return wrong('SMSType')
    const one = { to, text, ref: randomUUID(), sender }
    if (!optedOut.has(to)) {
      sent.push(one)
      await onward?.(one).catch(() => undefined) // Lost on the way, which nobody is told at once.
    }
    return done('Publish', `<MessageId>${one.ref}</MessageId>`)
  }

  const asks = ({ body }: Request) => new URLSearchParams(body.toString('utf8'))
  const service = await startService(port, {
    service: 'sns',
    throttled: 'Throttling',
    says,
    spared: (request) => asks(request).get('Action') !== 'Publish',
    answer(request) {
      const asked = asks(request)
      switch (asked.get('Action')) {
        case 'Publish':
          return publish(asked)
        case 'CheckIfPhoneNumberIsOptedOut':
          return done(
            'CheckIfPhoneNumberIsOptedOut',
            `<isOptedOut>${optedOut.has(asked.get('phoneNumber') ?? '')}</isOptedOut>`,
          )
        default:
          return says(400, 'InvalidAction', 'This double does not know it')
      }
    },
  })
  return { ...service, sent, optedOut }
}

function attributesIn(asked: URLSearchParams): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let i = 1; asked.has(`MessageAttributes.entry.${i}.Name`); i += 1) {
    const at = `MessageAttributes.entry.${i}`
    found.set(asked.get(`${at}.Name`) ?? '', asked.get(`${at}.Value.StringValue`) ?? '')
  }
  return found
}
