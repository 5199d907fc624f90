/** The keyed seal on a consent: a row that somebody made by hand in SQL opens nothing. */
import { type Secrets, same } from '../secrets.ts'

export interface ConsentFacts {
  readonly assistanceId: string
  readonly termsDigest: Uint8Array
  readonly provedBy: 'page' | 'read_aloud'
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
