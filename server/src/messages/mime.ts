/**
 * A letter as a mail, byte for byte: its words, its HTML, and the picture inside it. The library writes what people and
 * words stand in, headers and quoted-printable; the parts are put together here, in one go and not as a stream of each.
 */
import { randomUUID } from 'node:crypto'
import MimeNode from 'nodemailer/lib/mime-node'
import { encode, wrap } from 'nodemailer/lib/qp'
import { qrPng } from '../codes/qr.ts'
import { qrPlace } from './letter.ts'

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** What the picture says that the HTML shows. */
  readonly qr?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Between whom a mail travels, and the name that it has on its way. */
export interface Cover {
  readonly from: string
  readonly to: string
  readonly messageId: string
}

/** The mail as it travels. */
export function bytesOf({ from, to, messageId }: Cover, mail: Mail): Buffer {
  const { type, headers, content } = bodyOf(mail)
  const head = new MimeNode(type).setHeader({
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    ...mail.headers,
    from,
    to: { name: '', address: to },
    'message-id': messageId,
    subject: mail.subject,
    ...headers,
  })
  return Buffer.from(`${head.buildHeaders()}${newline}${newline}${content}`)
}

const newline = '\r\n'

interface Part {
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
  readonly content: string
}

function bodyOf({ text, html, qr }: Mail): Part {
  const plain = wordsOf('text/plain', text)
  if (html === undefined) return plain
  const page = wordsOf('text/html', html)
  return several('alternative', [
    plain,
    qr === undefined ? page : several('related; type="text/html"', [page, pictureOf(qr)]),
  ])
}

const wordsOf = (type: string, words: string): Part => ({
  type: `${type}; charset=utf-8`,
  headers: { 'Content-Transfer-Encoding': 'quoted-printable' },
  content: wrap(encode(words.replace(/\r?\n/g, newline))),
})

/** Inside the mail and beside its HTML: shown also where pictures from elsewhere are not. */
const pictureOf = (text: string): Part => ({
  type: 'image/png; name=qr.png',
  headers: {
    'Content-ID': `<${qrPlace}>`,
    'Content-Disposition': 'inline; filename=qr.png',
    'Content-Transfer-Encoding': 'base64',
  },
  content: qrPng(text).toString('base64').replace(/.{76}/g, `$&${newline}`),
})

function several(kind: string, parts: readonly Part[]): Part {
  const boundary = randomUUID()
  const content = [...parts.map((part) => `--${boundary}${newline}${partOf(part)}`), `--${boundary}--`, ''].join(
    newline,
  )
  return { type: `multipart/${kind}; boundary="${boundary}"`, headers: {}, content }
}

const partOf = ({ type, headers, content }: Part): string =>
  [
    `Content-Type: ${type.replaceAll('; ', `;${newline} `)}`,
    ...Object.entries(headers).map((header) => header.join(': ')),
    '',
    content,
  ].join(newline)

/** The host of the sender, which a message's own id ends with. */
export function hostOf(from: string): string {
  const host = /@([^\s<>@]+?)>?\s*$/.exec(from)?.[1]
  if (!host) throw new Error(`"${from}" is not an address to send from, such as "Acme <help@acme.com>".`)
  return host
}

/** One address and nothing else: no list, no name, no quoting, no line break, and no longer than addresses may be. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u.test(text)
