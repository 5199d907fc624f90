/**
 * "Is this ours?": whoever has a message, a call or a link asks, a stranger or an agent. The answer is yes or no and
 * nothing else: it is the same, and takes the same reading, for what was never ours and for what is too old.
 */
import { randomBytes } from 'node:crypto'
import type { Ours } from '@amparo/contract/words'
import { linkDigest, referenceDigest } from '../codes/link.ts'
import { type Database, statement } from '../database/database.ts'
import { type Secrets, underEveryRoot } from '../secrets.ts'

export interface Checking {
  readonly db: Database
  readonly secrets: Secrets
  readonly vendor: { readonly phone: string }
  /** The sender of our mails. */
  readonly mailFrom: string
}

const known = statement(
  'reference.known',
  `
select exists (
    select from assistance a
     where (a.reference_digest = any($1) or a.link_digest = any($2)) and (a.closed_at is null or a.closed_at > app_now() - interval '30 days')
       and exists (select from outbox o where o.assistance_id = a.id and o.purpose in ('consent', 'break_glass')))
  or exists (select from approval p where p.link_digest = any($2) and p.asked_at > app_now() - interval '30 days') as known`,
)

/** What this text is of ours: a reference or a link in one of our messages, our number, or the sender of our mails. */
export async function whatIsOurs({ db, secrets, vendor, mailFrom }: Checking, typed: string): Promise<Ours> {
  const text = typed.trim().slice(0, 300)
  const token = /\/[co]\/([A-Za-z0-9]+)/.exec(text)?.[1] ?? text
  // Digests of nothing where the text fits neither, so that every question is read for in the same way.
  const nothing = randomBytes(32)
  const roots = underEveryRoot(secrets)
  const [row] = await db.query<{ known: boolean }>(known, [
    roots.map((one) => referenceDigest(one, text) ?? nothing),
    roots.map((one) => linkDigest(one, token.toUpperCase()) ?? nothing),
  ])
  if (row?.known) return 'message'
  if (digitsOf(text) === digitsOf(vendor.phone) && /^[+\d\s().-]+$/.test(text)) return 'number'
  return text.toLowerCase() === addressIn(mailFrom) ? 'sender' : 'unknown'
}

const digitsOf = (text: string): string => text.replace(/\D/g, '').replace(/^00/, '')
const addressIn = (sender: string): string => (/<([^>]+)>/.exec(sender)?.[1] ?? sender).trim().toLowerCase()
