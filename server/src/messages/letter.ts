/** How a mail is laid out: the same parts once as plain text and once as HTML, each written for its own reader. */
import type { Bilingual, Language } from '@amparo/contract/words'

export interface Vendor {
  readonly name: string
  readonly phone: string
  /** In which hours are told; UTC where nothing is said. */
  readonly timeZone?: string | undefined
  /** Where codes of SMS are typed, if each is to say so for the phone; whose it is by whom it goes to. */
  readonly typedAt?: { readonly agent: string; readonly user: string } | undefined
}

/** What one message says, in one language. Every part is optional but the title; the order is fixed. */
export interface Parts {
  readonly subject: string
  readonly title: string
  readonly opening: readonly string[]
  readonly link?: {
    readonly label: string
    readonly url: string
    readonly button: string
    /** The link as a QR code too, inside the mail; this says what scanning it does. */
    readonly scan?: string
  }
  readonly number?: { readonly label: string; readonly digits: string; readonly after: string }
  readonly code?: {
    readonly label: string
    readonly digits: string
    readonly after: string
    readonly whose: 'agent' | 'user'
  }
  readonly facts?: readonly (readonly [name: string, text: string])[]
  readonly ending?: readonly string[]
}

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** What the picture says that the HTML shows as `cid:` and `qrPlace`. It travels with the mail: nothing is loaded. */
  readonly qr?: string
}

/** A message as it goes by either channel. */
export interface Content extends Mail {
  readonly sms: string
}

export const qrPlace = 'qr@amparo'

/** `482913` as people read it: `482 913`. */
export const spaced = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`

/**
 * Our own text and the vendor's as part of one line: no line breaks or control characters (so no header and no line of its
 * own), and no marks that turn the reading direction.
 */
export const ownLine = (text: string, longest = 160): string => shortened(plain(text), longest)

/**
 * What people call themselves or wrote, as part of one line. Nobody's name or note is an address: a mail program makes a link
 * of `evil.test/x` too, so it is not left whole.
 */
export const inLine = (text: string, longest = 160): string =>
  shortened(plain(text).replace(dotsOfAddresses, '. '), longest)

/** With the other dots that browsers take for one (UTS 46), and what joins letters without being seen. */
const dotsOfAddresses =
  /(?<=[\p{L}\p{N}\p{M}\p{Join_Control}-])[.\u3002\uff0e\uff61](?=[\p{L}\p{N}\p{M}\p{Join_Control}-]*\p{L}[\p{M}\p{Join_Control}]*\p{L})/gu

const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\p{Cs}]/gu, '')
    .replace(/:\/\//g, ': ')
    .replace(/\s+/g, ' ')
    .trim()

function shortened(text: string, longest: number): string {
  const letters = [...text]
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : text
}

export function written(locale: Language, vendor: Vendor, parts: Parts): Mail {
  return {
    subject: ownLine(parts.subject),
    text: asText(locale, vendor, parts),
    html: asHtml(locale, vendor, parts),
    ...(parts.link?.scan === undefined ? {} : { qr: parts.link.url }),
  }
}

/** The vendor's name and number as parts of one line. */
export const named = (vendor: Vendor): Vendor => ({ name: ownLine(vendor.name), phone: ownLine(vendor.phone) })

/** A message in one language, with the SMS that says the same. */
export const content = (locale: Language, vendor: Vendor, parts: Record<Language, Parts>, sms: Bilingual): Content => ({
  ...written(locale, vendor, parts[locale]),
  sms: sms[locale],
})

/** Who sends it, and whom to call: the last line of every mail. */
const sender = (locale: Language, vendor: Vendor): string =>
  locale === 'es' ? `${vendor.name}. Teléfono: ${vendor.phone}` : `${vendor.name}. Telephone: ${vendor.phone}`

function asText(
  locale: Language,
  vendor: Vendor,
  { title, opening, link, number, code, facts, ending }: Parts,
): string {
  const blocks = [
    title,
    ...opening,
    ...(link ? [`${link.label}\n${link.url}`] : []),
    ...(number ? [`${number.label} ${number.digits}\n${number.after}`] : []),
    ...(code ? [code.label, spaced(code.digits), code.after] : []),
    ...(facts ? [facts.map(([name, text]) => `${name}: ${text}`).join('\n')] : []),
    ...(ending ?? []),
    `-- \n${sender(locale, vendor)}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

const colours = {
  ink: '#10202e',
  page: '#f6f8f9',
  paper: '#ffffff',
  line: '#c9d2d9',
  button: '#0b6e6e',
  agent: { ink: '#1d4e89', paper: '#e6eef8' },
  user: { ink: '#8a4b08', paper: '#fdf1e2' },
} as const

function asHtml(locale: Language, vendor: Vendor, parts: Parts): string {
  const { subject, title, opening, link, number, code, facts, ending } = parts
  const body = [
    `<p style="margin:0 0 16px;padding-bottom:12px;border-bottom:1px solid ${colours.line};font-size:18px;font-weight:700">${escaped(vendor.name)}</p>`,
    `<h1 style="margin:0 0 16px;font-size:24px;line-height:32px">${escaped(title)}</h1>`,
    ...opening.map(paragraph),
    ...(link ? [linkBlock(link)] : []),
    ...(number ? [numberBlock(number)] : []),
    ...(code ? [codeBlock(code)] : []),
    // Whoever reads on the phone itself has to pass it by: what they need first stands before it.
    ...(link?.scan === undefined ? [] : [scanBlock(link.scan)]),
    ...(facts ? [factsBlock(facts)] : []),
    ...(ending ?? []).map((text) => `<p style="margin:0 0 16px">${inHtml(text, vendor)}</p>`),
    `<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid ${colours.line};font-size:16px;line-height:24px">${inHtml(sender(locale, vendor), vendor)}</p>`,
  ]
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>${escaped(ownLine(subject))}</title>
</head>
<body style="margin:0;padding:16px;background:${colours.page};color:${colours.ink};font:18px/28px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:${colours.paper};border:1px solid ${colours.line};border-radius:10px">
${body.join('\n')}
</div>
</body>
</html>
`
}

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escaped(text)}</p>`

const linkBlock = (link: NonNullable<Parts['link']>): string =>
  `<p style="margin:0 0 8px">${escaped(link.label)}</p>
<p style="margin:0 0 24px"><a href="${escaped(link.url)}" style="display:inline-block;margin-bottom:8px;padding:12px 24px;border-radius:10px;background:${colours.button};color:#ffffff;font-weight:600;text-decoration:none">${escaped(link.button)}</a><br>
<span style="font-size:16px;line-height:24px;word-break:break-all">${escaped(link.url)}</span></p>`

/** White around it and no smaller than it can be read, whatever the mail program makes of the page. */
const scanBlock = (scan: string): string => `<p style="margin:0 0 8px">${escaped(scan)}</p>
<p style="margin:0 0 24px"><img src="cid:${qrPlace}" width="232" height="232" alt="QR" style="display:block;width:232px;height:232px;background:#ffffff;border:0"></p>`

const numberBlock = ({ label, digits, after }: NonNullable<Parts['number']>): string =>
  `<div style="margin:0 0 16px;padding:16px;border-radius:10px;background:${colours.user.paper}">
<p style="margin:0">${escaped(label)}</p>
<p style="margin:4px 0;font-size:48px;line-height:56px;font-weight:700;text-align:center;letter-spacing:2px;color:${colours.user.ink}">${escaped(digits)}</p>
<p style="margin:0">${escaped(after)}</p>
</div>`

function codeBlock({ label, digits, after, whose }: NonNullable<Parts['code']>): string {
  const { ink, paper } = colours[whose]
  return `<div style="margin:0 0 24px;padding:16px;border-left:6px solid ${ink};background:${paper}">
<p style="margin:0">${escaped(label)}</p>
<p style="margin:8px 0;font-size:40px;line-height:48px;font-weight:700;color:${ink};white-space:nowrap;font-variant-numeric:tabular-nums">${escaped(spaced(digits))}</p>
<p style="margin:0">${escaped(after)}</p>
</div>`
}

const factsBlock = (facts: NonNullable<Parts['facts']>): string =>
  `<dl style="margin:0 0 24px">${facts
    .map(
      ([name, text]) =>
        `<dt style="margin:0;padding-top:12px;border-top:1px solid ${colours.line};font-size:16px;line-height:24px;font-weight:600">${escaped(name)}</dt><dd style="margin:0;padding-bottom:12px">${escaped(text)}</dd>`,
    )
    .join('')}</dl>`

/** Text in which the vendor's number stays on one line. */
const inHtml = (text: string, { phone }: Vendor): string =>
  escaped(text).replaceAll(escaped(phone), `<span style="white-space:nowrap">${escaped(phone)}</span>`)

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
