/**
 * The keyed seal on a consent: a row that somebody made by hand in SQL opens nothing. It is made and judged under the root
 * that its assistance was begun under (`begunUnder`), and under no other.
 */
import type { ConsentWay } from '@amparo/contract/words'
import { type Secrets, same } from '../secrets.ts'

export interface ConsentFacts {
  readonly assistanceId: string
  readonly termsDigest: Uint8Array
  readonly provedBy: ConsentWay
  /** The code that proved it, or the approval of two in its place. */
  readonly codeId: string
}

/** The MAC that a consent is kept with. */
export const consentMac = (secrets: Secrets, consent: ConsentFacts): Buffer =>
  secrets.digest(
    'consent',
    JSON.stringify([
      consent.assistanceId,
      Buffer.from(consent.termsDigest).toString('hex'),
      consent.provedBy,
      consent.codeId,
    ]),
  )

export const isGenuine = (secrets: Secrets, consent: ConsentFacts, mac: Uint8Array): boolean =>
  same(consentMac(secrets, consent), mac)
