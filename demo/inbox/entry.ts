/** What the inbox makes of a message: to whom, over which channel, and what a person would look for in it. */
import PostalMime, { type Attachment } from 'postal-mime'

export interface Entry {
  /** The message's own id: the same message, received again, is the same entry. */
  readonly id: string
  readonly to: string
  readonly channel: 'email' | 'sms'
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: readonly string[]
  /** The six-digit codes that the message gives, without the space they are shown with. */
  readonly codes: readonly string[]
  readonly from: string
  readonly at: string
}

/** An entry with the message as it came over the wire. */
export interface Kept {
  readonly entry: Entry
  readonly source: string
  /** Its HTML with the pictures that came inside it. */
  readonly shown: string
}

/** SMS travel to the inbox as mail to `<digits>@sms.invalid`. */
const smsHost = '@sms.invalid'

/** The address as a person would say it: a phone number for SMS. */
export const plainAddress = (address: string): string => {
  const small = address.trim().toLowerCase()
  return small.endsWith(smsHost) ? `+${small.slice(0, -smsHost.length)}` : small
}

export async function keptFrom(raw: Buffer, envelope: { from: string; to: string }, fallbackId: string): Promise<Kept> {
  const mail = await PostalMime.parse(raw)
  const channel = envelope.to.toLowerCase().endsWith(smsHost) ? 'sms' : 'email'
  const text = (mail.text ?? '').replace(/\r\n/g, '\n').trimEnd()
  return {
    source: raw.toString('utf8'),
    shown: withPictures(mail.html ?? '', mail.attachments),
    entry: {
      id: mail.messageId?.replace(/^<|>$/g, '') ?? fallbackId,
      to: plainAddress(envelope.to),
      channel,
      subject: channel === 'sms' ? '' : (mail.subject ?? ''),
      text,
      html: channel === 'sms' ? '' : (mail.html ?? ''),
      links: linksIn(text),
      codes: codesIn(text, channel),
      from: envelope.from,
      at: new Date().toISOString(),
    },
  }
}

/** The pictures that came inside the mail, where its HTML shows them. */
const withPictures = (html: string, attachments: readonly Attachment[]): string =>
  attachments
    .filter(({ contentId, mimeType }) => contentId !== undefined && /^image\/(png|jpeg|gif)$/.test(mimeType))
    .reduce(
      (body, { contentId = '', mimeType, content }) =>
        body.replaceAll(
          `cid:${contentId.replace(/^<|>$/g, '')}`,
          `data:${mimeType};base64,${Buffer.from(content as ArrayBuffer).toString('base64')}`,
        ),
      html,
    )

/** Those of one recipient: an e-mail address, or a phone number however it is written. */
export function sentTo(kept: readonly Kept[], to: string | undefined): readonly Kept[] {
  if (to === undefined || to.trim() === '') return kept
  return kept.filter(({ entry }) => sameRecipient(entry.to, to))
}

export function sameRecipient(one: string, other: string): boolean {
  const [a, b] = [plainAddress(one), plainAddress(other)]
  return a === b || (!b.includes('@') && !a.includes('@') && a.replace(/\D/g, '') === b.replace(/\D/g, ''))
}

/**
 * A code stands where nothing else can: alone on its line in a mail, at the very beginning of an SMS. A telephone number,
 * a number in somebody's name or in the reason that an agent typed is no code, however it is grouped.
 */
export function codesIn(text: string, channel: Entry['channel']): string[] {
  const found = channel === 'sms' ? /^\d{3} \d{3}(?=[:, ]+\p{L}|[.:]?$)/u.exec(text) : null
  const codes = found ? [found[0]] : channel === 'email' ? (text.match(/^[ \t]*\d{3} \d{3}[ \t]*$/gm) ?? []) : []
  return [...new Set(codes.map((code) => code.replace(/\s/g, '')))]
}

/** Addresses to open, as a telephone would find them: with their scheme, or as `help.acme.com/c/…`. */
export function linksIn(text: string): string[] {
  const found = text.match(/https?:\/\/[^\s<>"]+|(?<![\w/.:@-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?\/[^\s<>"]+/gi) ?? []
  const whole = found
    .map((link) => link.replace(/[.,;:!?)\]]+$/, ''))
    .map((link) => (/^https?:/i.test(link) ? link : `https://${link}`))
  return [...new Set(whole)]
}

const gsm7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà\f^{}\\[~\]|€]*$/

/** How many SMS a text is: counted here on its own, so that a mistake of the sender's count is seen. */
export function segments(text: string): { readonly places: number; readonly of: number; readonly count: number } {
  const narrow = gsm7.test(text)
  const places = narrow ? text.length + (text.match(/[\f^{}\\[~\]|€]/g)?.length ?? 0) : text.length
  const [one, many] = narrow ? [160, 153] : [70, 67]
  const count = places <= one ? 1 : Math.ceil(places / many)
  return { places, of: count === 1 ? one : many * count, count }
}
