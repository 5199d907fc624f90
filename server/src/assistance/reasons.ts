/** Why people call: the vendor's list, or six of our own. And where the vendor's tickets are. */
import { type Bilingual, reasonCode } from '@amparo/contract/words'
import { z } from 'zod'

/** The vendor's list, in its order. */
export type Reasons = readonly { readonly code: string; readonly name: Bilingual }[]

/** What agents choose from where the vendor names no list of their own. */
export const defaultReasons: Reasons = [
  { code: 'question', name: { en: 'A question', es: 'Una pregunta' } },
  { code: 'fault', name: { en: 'Something does not work', es: 'Algo no funciona' } },
  { code: 'billing', name: { en: 'Billing', es: 'Facturación' } },
  { code: 'access', name: { en: 'Access to the account', es: 'Acceso a la cuenta' } },
  { code: 'succession', name: { en: 'Succession', es: 'Sucesión' } },
  { code: 'other', name: { en: 'Something else', es: 'Otra cosa' } },
]

/** Users read it in a mail and on a phone: one line, and a short one. */
const name = z
  .string()
  .trim()
  .min(1, 'say it in a few words')
  .max(60, 'at most 60 characters')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029<>]*$/u, 'one line of plain text')
const row = z.strictObject({
  code: reasonCode.regex(/./, 'a word such as billing: small letters, digits and _, at most 32'),
  name: z.strictObject({ en: name, es: name }),
})

/** The vendor's list from its file. Throws with every fault, a line each. */
export function reasonsFrom(json: unknown): Reasons {
  const list = z.array(z.unknown()).safeParse(json)
  if (!list.success || list.data.length === 0 || list.data.length > 50)
    throw new Error('a list of 1 to 50 rows is wanted, each { "code": "billing", "name": { "en": "…", "es": "…" } }')
  const parsed = list.data.map((one) => row.safeParse(one))
  const codes = parsed.map((one) => one.data?.code)
  const faults = parsed.flatMap((one, index) => [
    ...(one.error?.issues ?? []).map((issue) => `row ${index + 1}, ${issue.path.join('.') || 'row'}: ${issue.message}`),
    ...(one.data && codes.indexOf(one.data.code) < index
      ? [`row ${index + 1}: "${one.data.code}" is there twice`]
      : []),
  ])
  if (faults.length > 0) throw new Error(faults.join('\n  '))
  return parsed.flatMap((one) => (one.data ? [one.data] : []))
}

/** The template of a ticket's address. Throws with a sentence. */
export function ticketUrlFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const fit = url && (url.protocol === 'https:' || url.hostname === 'localhost') && url.username === ''
  if (!fit || text.split('{ticket}').length !== 2 || url.host.includes('ticket}'))
    throw new Error('it must be an https address with {ticket} once, after the host')
  return text
}
