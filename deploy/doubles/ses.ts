/**
 * A double of Amazon SES v2 that takes mail as bytes and hands it on. It refuses what SES refuses: a sender that is not
 * verified, more than fifty recipients, a mail that is none or too large, a paused account, too much at once. It gives
 * each mail an id of its own in place of the sender's, and takes mail to suppressed addresses and throws it away, as SES does.
 *
 * What it does not do: `Simple` and `Template` content, configuration sets and their events, bounces that come later, DKIM,
 * the sandbox, quotas of a day, attachments of types that SES forbids, tags, tenants, other operations than the three here.
 */
import { randomBytes } from 'node:crypto'
import { json, jsonError, type Reply, type Request, type Service, startService } from './service.ts'

export interface Sent {
  readonly to: string
  readonly from: string
  readonly ref: string
  readonly raw: Buffer
}

export interface SesSettings {
  readonly port?: number
  /** Addresses and domains that may send. */
  readonly verified: readonly string[]
  /** What becomes of a mail that was taken. */
  onward?(mail: Sent): Promise<void>
}

export interface Ses extends Service {
  readonly sent: readonly Sent[]
  readonly suppressed: Set<string>
  /** As an operator pauses an account. */
  pause(paused: boolean): void
}

const mostBytes = 40 * 1024 * 1024
const mostRecipients = 50

export async function startSes({ port = 0, verified, onward }: SesSettings): Promise<Ses> {
  const sent: Sent[] = []
  const suppressed = new Set<string>()
  let paused = false

  async function send({ body }: Request): Promise<Reply> {
    const { FromEmailAddress = '', Destination = {}, Content = {} } = parsed(body)
    const recipients = ['ToAddresses', 'CcAddresses', 'BccAddresses'].flatMap((name) => Destination[name] ?? [])
    const from = addressIn(FromEmailAddress)
    if (paused) return jsonError(400, 'SendingPausedException', 'Email sending is disabled for this account')
    if (recipients.length === 0 || recipients.length > mostRecipients)
      return jsonError(400, 'BadRequestException', 'Recipient count is out of bounds')
    if (!recipients.every((one: string) => /^[\x21-\x7e]+@[\x21-\x7e]+\.[\x21-\x7e]+$/.test(addressIn(one))))
      return jsonError(400, 'BadRequestException', "Missing final '@domain', or local part contains non-ASCII")
    if (!verified.some((one) => from === one || from.endsWith(`@${one}`)))
      return jsonError(
        400,
        'MessageRejected',
        `Email address is not verified. The following identities failed the check: ${from}`,
      )
    const raw = Buffer.from(Content.Raw?.Data ?? '', 'base64')
    if (raw.length > mostBytes) return jsonError(400, 'MessageRejected', 'Message length is too long')
    const headers = raw.subarray(0, raw.indexOf('\r\n\r\n')).toString()
    if (!/^From:/im.test(headers)) return jsonError(400, 'BadRequestException', "Missing required header 'From'.")
    const ref = `0102${randomBytes(16).toString('hex')}-${randomBytes(4).toString('hex')}-000000`
    // The id that a sender gave is replaced: nobody can tell by it that a mail came twice.
    const own = headers.replace(/^Message-ID:.*(\r\n[ \t].*)*/im, `Message-ID: <${ref}@eu-west-1.amazonses.com>`)
    const mail = Buffer.concat([Buffer.from(own), raw.subarray(headers.length)])
    for (const to of recipients.map(addressIn)) {
      if (suppressed.has(to)) continue
      const one = { to, from, ref, raw: mail }
      sent.push(one)
      // What the other side refuses for good is known here from then on; the sender hears of it the next time.
      await onward?.(one).catch(({ responseCode = 0 }: { responseCode?: number }) => {
        if (responseCode >= 500) suppressed.add(to)
      })
    }
    return json(200, { MessageId: ref })
  }

  const suppressionPath = '/v2/email/suppression/addresses/'
  const service = await startService(port, {
    service: 'ses',
    throttled: 'TooManyRequestsException',
    says: jsonError,
    spared: ({ method }) => method === 'GET',
    answer(request) {
      const path = request.path.split('?')[0] ?? ''
      if (request.method === 'POST' && path === '/v2/email/outbound-emails') return send(request)
      if (request.method === 'GET' && path === '/v2/email/account')
        return json(200, { SendingEnabled: !paused, ProductionAccessEnabled: true })
      if (request.method === 'GET' && path.startsWith(suppressionPath)) {
        const address = decodeURIComponent(path.slice(suppressionPath.length)).toLowerCase()
        return suppressed.has(address)
          ? json(200, { SuppressedDestination: { EmailAddress: address, Reason: 'BOUNCE', LastUpdateTime: 0 } })
          : jsonError(404, 'NotFoundException', `Email address ${address} does not exist on your suppression list.`)
      }
      return jsonError(404, 'UnknownOperationException', 'This double does not know it')
    },
  })
  const pause = (now: boolean) => {
    paused = now
  }
  return { ...service, sent, suppressed, pause }
}

const addressIn = (text: string): string => (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim().toLowerCase()

interface Asked {
  readonly FromEmailAddress?: string
  readonly Destination?: Readonly<Record<string, readonly string[]>>
  readonly Content?: { readonly Raw?: { readonly Data?: string } }
}
function parsed(body: Buffer): Asked {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return {}
  }
}
