/** What the user's page reads of codes and consent; it writes nothing of its own. */
import { type Database, statement } from '../database/database.ts'

export interface Proofs {
  /** The latest digits that a *yes* drew. */
  readonly match?: {
    readonly id: string
    readonly browserDigest: Uint8Array
    readonly termsDigest: Uint8Array
    readonly living: boolean
    /** Somebody typed other digits. */
    readonly missed: boolean
  }
  readonly consent?: { readonly provedBy: 'page' | 'read_aloud'; readonly browserDigest?: Uint8Array }
}
interface Row {
  id: string | null
  browser_digest: Buffer | null
  terms_digest: Buffer
  living: boolean
  missed: boolean
  proved_by: 'page' | 'read_aloud' | null
  consent_browser: Buffer | null
}

const proofs = statement(
  'companion.proofs',
  `
select m.*, k.proved_by, k.browser_digest as consent_browser
  from (values ($1)) as one (assistance_id)
  left join consent k on k.assistance_id = one.assistance_id
  left join lateral (
    select c.id, c.browser_digest, c.terms_digest, c.used_at is null and c.void_at is null and c.guesses >= c.guess_limit as missed,
           c.used_at is null and c.void_at is null and c.guesses < c.guess_limit and c.expires_at > app_now() as living
      from code c where c.assistance_id = one.assistance_id and c.purpose = 'match'
     order by c.sent_at desc, c.void_at desc nulls first limit 1) m on true`,
)

/** The digits on the page and the consent of one assistance, as they stand now. */
export async function proofsOf(db: Database, assistanceId: string): Promise<Proofs> {
  const [row] = await db.query<Row>(proofs, [assistanceId])
  if (!row) return {}
  const { id, browser_digest, terms_digest, living, missed, proved_by, consent_browser } = row
  return {
    ...(id && browser_digest
      ? { match: { id, browserDigest: browser_digest, termsDigest: terms_digest, living, missed } }
      : {}),
    ...(proved_by
      ? { consent: { provedBy: proved_by, ...(consent_browser ? { browserDigest: consent_browser } : {}) } }
      : {}),
  }
}
