/** One sensitive power: what the user agrees to, canonically, and the keyed seal on their yes. */
import { type Secrets, same, underEveryRoot } from '../secrets.ts'

export interface PowerTerms {
  readonly assistanceId: string
  readonly agentId: string
  readonly userId: string
  readonly ecosystemId: string
  readonly power: string
  readonly surfaces: readonly string[]
}

/** The canonical text: what is digested, what a code and a yes are bound to. */
export const powerText = (terms: PowerTerms): string =>
  JSON.stringify([
    'amparo/power/1',
    terms.assistanceId,
    terms.agentId,
    terms.userId,
    terms.ecosystemId,
    terms.power,
    terms.surfaces,
  ])

export interface GrantFacts {
  readonly id: string
  readonly assistanceId: string
  readonly power: string
  readonly surfaces: readonly string[]
  readonly termsDigest: Uint8Array
  readonly provedBy: 'page' | 'read_aloud'
  readonly codeId: string
}

/** The MAC that a grant is kept with. */
export const powerMac = (secrets: Secrets, grant: GrantFacts): Buffer =>
  secrets.digest(
    'consent',
    JSON.stringify([
      'power',
      grant.id,
      grant.assistanceId,
      grant.power,
      grant.surfaces,
      Buffer.from(grant.termsDigest).toString('hex'),
      grant.provedBy,
      grant.codeId,
    ]),
  )

export const isGenuineGrant = (secrets: Secrets, grant: GrantFacts, mac: Uint8Array): boolean =>
  underEveryRoot(secrets).some((one) => same(powerMac(one, grant), mac))
