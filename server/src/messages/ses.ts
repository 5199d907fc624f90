/** E-mail through Amazon SES, without a mail server between. */
import { type Client, type ClientSettings, clientSettings, fateOf, type NotSent } from './aws.ts'
import { addressed, bytesOf, hostOf, isAddress, mailOf } from './mime.ts'
import type { Carrier } from './outbox.ts'
import { within } from './within.ts'

/** What we use of `@aws-sdk/client-sesv2`. */
export interface SesClients {
  readonly SESv2Client: new (settings: ClientSettings) => Client
  readonly SendEmailCommand: new (input: {
    readonly FromEmailAddress: string
    readonly Destination: { readonly ToAddresses: string[] }
    readonly Content: { readonly Raw: { readonly Data: Uint8Array } }
  }) => object
  readonly GetSuppressedDestinationCommand: new (input: { readonly EmailAddress: string }) => object
  readonly GetAccountCommand: new (input: object) => object
}

export interface SesConfig {
  /** `Acme <help@acme.com>`, of an address or a domain that is verified there. */
  readonly from: string
  readonly timeoutMs: number
}

/** SES's own words, and whether they are for good. */
const words: Readonly<Record<string, NotSent>> = {
  AccountSuspendedException: { fate: 'later', error: 'not_signed_in' },
  MailFromDomainNotVerifiedException: { fate: 'later', error: 'not_signed_in' },
  SendingPausedException: { fate: 'later', error: 'not_signed_in' },
  NotFoundException: { fate: 'later', error: 'not_signed_in' },
  MessageRejected: { fate: 'never', error: 'refused' },
}

/** SES gives a mail an id of its own and knows no idempotency: an answer that was lost is never tried again. */
const lost: NotSent = { fate: 'never', error: 'unclear' }

export function ses(clients: SesClients, { from, timeoutMs }: SesConfig): Carrier {
  const client = new clients.SESv2Client(clientSettings)
  const host = hostOf(from)
  /** SES takes mail to addresses that bounced before, and throws it away. Where it does not say, we send. */
  const cameBack = async (to: string, abortSignal: AbortSignal): Promise<boolean> =>
    client.send(new clients.GetSuppressedDestinationCommand({ EmailAddress: to }), { abortSignal }).then(
      () => true,
      () => false,
    )
  return {
    async deliver({ id, to, content }, signal) {
      if (!isAddress(to)) return { fate: 'never', error: 'not_an_address' }
      if (await within(timeoutMs / 4, signal, (over) => cameBack(to, over))) return { fate: 'never', error: 'bounced' }
      const Data = await bytesOf(addressed(from, to, mailOf(content), `<${id}@${host}>`))
      const command = new clients.SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        Content: { Raw: { Data } },
      })
      try {
        const sending = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
        return { fate: 'sent', ref: refIn(await within((timeoutMs * 3) / 4, signal, sending)) }
      } catch (error) {
        return fateOf(error, words, lost)
      }
    },
    async greets(signal) {
      try {
        const account = await client.send(new clients.GetAccountCommand({}), { abortSignal: signal })
        const sends = typeof account === 'object' && account !== null && 'SendingEnabled' in account
        return sends && account.SendingEnabled === true ? undefined : 'SES: sending is not enabled'
      } catch (error) {
        const { error: word, said } = fateOf(error, words, lost)
        return `SES: ${said ?? word}`
      }
    },
    close: () => client.destroy(),
  }
}

const refIn = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'MessageId' in answer ? String(answer.MessageId) : ''
