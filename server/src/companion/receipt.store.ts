/** What a receipt needs of the consent and of the record; nothing is written. */
import { type Inclusion, inclusionOf } from '../audit/log.store.ts'
import { type Database, statement } from '../database/database.ts'

export interface Given {
  readonly at: Date
  readonly provedBy: 'page' | 'read_aloud'
  readonly terms: Buffer
  /** Undefined for the moment until the consent has its place in the record. */
  readonly place: Inclusion | undefined
}

const given = statement(
  'companion.given',
  `
select k.at, k.proved_by as "provedBy", k.terms_digest as terms,
       (select l.seq from event e join log_leaf l on l.event_id = e.id
         where e.assistance_id = k.assistance_id and e.type = 'consent.given' order by e.n limit 1) as seq
  from consent k where k.assistance_id = $1 and k.proved_by <> 'break_glass'`,
)

/** The consent of this assistance, and the proof that it is in the record. */
export async function consentGiven(db: Database, id: string): Promise<Given | undefined> {
  const [row] = await db.query<Omit<Given, 'place'> & { seq: number | null }>(given, [id])
  if (!row) return undefined
  const { seq, ...consent } = row
  return { ...consent, place: seq === null ? undefined : await inclusionOf(db, seq) }
}
