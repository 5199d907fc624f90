/** What accounts, sign-ins and factors need of the world. `main.ts` builds the real one. */
import type { Database } from '../database/database.ts'
import type { Buckets } from '../http/limits.ts'
import type { Vendor } from '../messages/letter.ts'
import type { Secrets } from '../secrets.ts'
import type { RelyingParty } from './passkey.ts'

export interface Outside {
  readonly db: Database
  readonly secrets: Secrets
  readonly vendor: Vendor
  readonly rp: RelyingParty
  /** How often one address may be wrong, over all accounts: whoever guesses fills neither the record nor the line of passwords. */
  readonly guesses: Buckets
  /** The company's identity provider, by its name; then nobody signs in with a password here. */
  readonly issuer?: { readonly name: string; readonly url: string; readonly signOut: string }
  /** Lets the background loops run at once. */
  wake(): void
}
