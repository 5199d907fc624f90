/** Messages over SMTP: real mail, and for the demo's inbox SMS in the dress of a mail. */
import type { DeliveryError } from '@amparo/contract/delivery'
import { createTransport } from 'nodemailer'
import { addressed, hostOf, isAddress, type Mail, mailOf } from './mime.ts'
import { type Carrier, type Fate, type Letter, lanes } from './outbox.ts'
import { within } from './within.ts'

export interface SmtpConfig {
  /** `smtp://` (STARTTLS where offered; `?requireTLS=true` insists) or `smtps://`, with name and password where needed. */
  readonly url: string
  /** `Acme <help@acme.com>` or an address alone. */
  readonly from: string
  readonly timeoutMs: number
}

export interface Smtp extends Carrier {
  /** Asks the server whether it would take mail from us; the answer is what is wrong, or undefined. Sends nothing. */
  verify(): Promise<string | undefined>
  close(): void
}

/** E-mail. `Message-ID` is the message's own id, so that a message handed over twice is one message. */
export function smtp(config: SmtpConfig): Smtp {
  return over(config, ({ to, content }) => (isAddress(to) ? { to, mail: mailOf(content) } : undefined))
}

/** SMS for the demo's inbox: to `<digits>@sms.invalid`, an address that no real server delivers to. */
export function smsOverSmtp(config: SmtpConfig): Smtp {
  return over(config, ({ to, content }) => {
    const digits = to.replace(/\D/g, '')
    if (digits === '') return undefined
    const headers = { 'X-Amparo-Channel': 'sms' }
    return { to: `${digits}@sms.invalid`, mail: { subject: 'SMS', text: content.sms, headers } }
  })
}

interface Envelope {
  readonly to: string
  readonly mail: Mail
}

const messagesAConnection = 100
const idleMs = 60_000

function over({ url, from, timeoutMs }: SmtpConfig, envelope: (letter: Letter) => Envelope | undefined): Smtp {
  const host = hostOf(from)
  // A connection is kept for a while and carries what comes next: shaking hands costs more than a letter.
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: lanes,
    maxMessages: messagesAConnection,
    maxRequeues: 1, // Where the server had hung up before a byte of the letter: once, on another connection.
    idleTimeout: idleMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async deliver(letter, signal) {
      const ready = envelope(letter)
      if (!ready) return { fate: 'never', error: 'not_an_address' }
      const messageId = `<${letter.id}@${host}>`
      const sending = transport
        .sendMail(addressed(from, ready.to, ready.mail, messageId))
        .then((): Fate => ({ fate: 'sent', ref: messageId }), fateOf)
      return within(timeoutMs, signal, (over) => Promise.race([sending, tooLate(over)]))
    },
    async verify() {
      return transport.verify().then(
        () => undefined,
        (error: unknown) => inWords(fateOf(error)),
      )
    },
    close: () => transport.close(),
  }
}

const tooLate = (over: AbortSignal): Promise<Fate> =>
  new Promise((resolve) => {
    const say = () => resolve({ fate: 'later', error: 'no_answer' })
    if (over.aborted) say()
    else over.addEventListener('abort', say, { once: true })
  })

/** What nodemailer says of a failure, as far as it says it. */
interface Trouble {
  readonly code?: unknown
  readonly responseCode?: unknown
  readonly response?: unknown
}

/**
 * Final is only what the server says of this message (5xx to sender, recipient or text); a server that does not know us,
 * does not answer or is busy may take it later.
 */
function fateOf(error: unknown): Exclude<Fate, { fate: 'sent' }> {
  const { code, responseCode, response }: Trouble = typeof error === 'object' ? { ...error } : {}
  const status = typeof responseCode === 'number' ? responseCode : undefined
  const said = status === undefined ? {} : { said: [status, enhanced(response)].filter(Boolean).join(', ') }
  if (code === 'EAUTH' || signInWanted.has(status)) return { fate: 'later', error: 'not_signed_in', ...said }
  if (code === 'EENVELOPE' && status === undefined) return { fate: 'never', error: 'not_an_address' }
  if ((code === 'EENVELOPE' || code === 'EMESSAGE') && status !== undefined && status >= 500)
    return { fate: 'never', error: refusalOf(enhanced(response)), ...said }
  if (status !== undefined) return { fate: 'later', error: 'busy', ...said }
  return { fate: 'later', error: code === 'ETIMEDOUT' ? 'no_answer' : 'unreachable' }
}

/** RFC 3463: x.1.1 and x.1.10 are about a mailbox that is not there, x.2.2 about one that is full, x.6.7 about letters that nobody there can read. */
const refusalOf = (enhanced: string | undefined): DeliveryError => {
  if (/^5\.1\.(1|2|10)$/.test(enhanced ?? '')) return 'no_such_address'
  if (enhanced === '5.2.2') return 'mailbox_full'
  return enhanced === '5.6.7' ? 'not_an_address' : 'refused'
}

/** For the operator, who asks a server whether it would take mail. */
const inWords = ({ error, said }: Exclude<Fate, { fate: 'sent' }>): string => {
  const words: Partial<Record<DeliveryError, string>> = {
    not_signed_in: 'the mail server did not accept our sign-in',
    no_answer: 'the mail server did not answer in time',
    unreachable: 'the mail server cannot be reached',
  }
  return `${words[error] ?? 'the mail server cannot take messages now'}${said === undefined ? '' : ` (${said})`}`
}

/** RFC 4954: about our sign-in, whatever command it is said to. */
const signInWanted: ReadonlySet<number | undefined> = new Set([530, 534, 535, 538])

/** The server's own class of failure (RFC 3463), a number without anybody's address in it. */
function enhanced(response: unknown): string | undefined {
  return typeof response === 'string' ? /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] : undefined
}
