/** A letter as a mail: its words, its HTML, and the picture inside it. */
import { createTransport, type SendMailOptions } from 'nodemailer'
import { qrPng } from '../codes/qr.ts'
import { qrPlace } from './letter.ts'
import type { Letter } from './outbox.ts'

export type Mail = Pick<SendMailOptions, 'subject' | 'text' | 'html' | 'headers' | 'attachments'>

export const mailOf = ({ subject, text, html, qr }: Letter['content']): Mail => ({
  subject,
  text,
  html,
  ...(qr === undefined ? {} : { attachments: [pictureOf(qr)] }),
})

/** Inside the mail and beside its HTML: shown also where pictures from elsewhere are not. */
const pictureOf = (text: string) => ({
  cid: qrPlace,
  filename: 'qr.png',
  contentType: 'image/png',
  contentDisposition: 'inline' as const,
  content: qrPng(text),
})

/** What every mail of ours says beside its words. */
export const addressed = (from: string, to: string, mail: Mail, messageId: string): SendMailOptions => ({
  ...mail,
  from,
  to: { name: '', address: to },
  messageId,
  textEncoding: 'quoted-printable',
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', ...mail.headers },
  xMailer: false,
})

/** The mail as it travels, byte for byte, for whoever takes it otherwise than over SMTP. */
export async function bytesOf(mail: SendMailOptions): Promise<Buffer> {
  const paper = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message } = await paper.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true })
  if (!Buffer.isBuffer(message)) throw new Error('the mail came as a stream')
  return message
}

/** The host of the sender, which a message's own id ends with. */
export function hostOf(from: string): string {
  const host = /@([^\s<>@]+?)>?\s*$/.exec(from)?.[1]
  if (!host) throw new Error(`"${from}" is not an address to send from, such as "Acme <help@acme.com>".`)
  return host
}

/** One address and nothing else: no list, no name, no quoting, no line break, and no longer than addresses may be. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u.test(text)
