/** What the steps of an assistance need of the world, and what they derive from it. */

import { createHash } from 'node:crypto'
import type { Bilingual } from '@amparo/contract/words'
import type { News } from '../bell.ts'
import { type Begun, begunUnder, linkToken, sayFirst } from '../codes/link.ts'
import type { Core } from '../core/core.ts'
import type { Successions } from '../core/successions.ts'
import type { Database } from '../database/database.ts'
import type { RelyingParty } from '../identity/passkey.ts'
import type { Vendor } from '../messages/letter.ts'
import type { Policy, Surface } from '../policy/policy.ts'
import { type Secrets, underEveryRoot } from '../secrets.ts'
import { type AssistanceId, spelt } from '../words.ts'
import type { Reason } from './assistance.ts'
import type { Reasons } from './reasons.ts'

/** What an assistance needs of the world. `main.ts` builds the real one. */
export interface Outside {
  readonly db: Database
  readonly secrets: Secrets
  readonly core: Core
  readonly successions: Successions
  readonly surfaces: readonly Surface[]
  readonly policy: Policy
  /** Who asks for agents' passkeys. */
  readonly rp: RelyingParty
  readonly vendor: Vendor
  readonly companionOrigin: string
  readonly reasons: Reasons
  /** Where the vendor's ticket system shows a ticket: an address with `{ticket}` in it. */
  readonly ticketUrl?: string | undefined
  /** Messages that one user may get in a day over all agents; undefined: no limit. */
  readonly messagesPerUserADay: number | undefined
  /** What became of each surface that was opened. */
  surfacesOf(id: AssistanceId): Promise<readonly Standing[]>
  /** Tells whoever watches, and lets the loops run at once that have to do with it; all of them where nothing is said. */
  wake(news?: readonly News[]): void
}

/** One surface over all of its sessions. */
export interface Standing {
  readonly surface: string
  readonly openedAt: Date
  readonly tokenAt: Date | undefined
  /** Missing while any of its sessions lives. */
  readonly closedAt: Date | undefined
  /** Missing while any of its closed sessions has not been acknowledged. What never got a token needs none. */
  readonly ackedAt: Date | undefined
  /** Where it never acknowledged: since when what it held is dead by itself. */
  readonly deadAt?: Date | undefined
  readonly error: string | undefined
  /** What was reported of it, and when the last of that was. */
  readonly acts: number
  readonly lastActAt: Date | undefined
  /** On a phone: what it calls itself. */
  readonly device?: string | undefined
}

/** An agent with an e-mail: who was locked out of helping whom, known or unknown to the Core alike. */
const pairDigest = (secrets: Secrets, email: string): Buffer => secrets.digest('email', spelt(email))

/** The one of now, then those under former roots: another root lets nobody back who was locked out, and forgets no lock. */
export const pairDigests = (secrets: Secrets, email: string): readonly Buffer[] =>
  underEveryRoot(secrets).map((one) => pairDigest(one, email))

export const digest256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A reason in words: as they were when the assistance was opened, whatever the vendor's list says today. */
export const reasonName = (outside: { readonly reasons: Reasons }, { code, name }: Reason): Bilingual =>
  name ?? outside.reasons.find((reason) => reason.code === code)?.name ?? { en: code, es: code }

/** The address of the user's page. */
export const companionLink = (outside: Pick<Outside, 'secrets' | 'companionOrigin'>, begun: Begun): string =>
  `${outside.companionOrigin}/c/${linkToken(begunUnder(outside.secrets, begun), begun.id)}`

/** The number that its agent says first. */
export const numberOf = (outside: Pick<Outside, 'secrets'>, begun: Begun): string =>
  sayFirst(begunUnder(outside.secrets, begun), begun.id)
