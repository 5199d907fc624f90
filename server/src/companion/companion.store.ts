/** What the user's page reads of codes, consent and earlier requests, and the one thing that it writes: that it was looked at. */
import type { Bilingual, ConsentWay, Power } from '@amparo/contract/words'
import { draft } from '../audit/event.ts'
import type { Match } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import type { AssistanceId, UserId } from '../words.ts'
import type { ActShown, Asked } from './companion.ts'

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
  readonly consent?: { readonly provedBy: ConsentWay; readonly browserDigest?: Uint8Array }
}
interface Row {
  id: string | null
  browser_digest: Buffer | null
  terms_digest: Buffer
  living: boolean
  missed: boolean
  proved_by: ConsentWay | null
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
      from code c where c.assistance_id = one.assistance_id and c.purpose = $2
     order by c.sent_at desc, c.void_at desc nulls first limit 1) m on true`,
)

/** The digits on the page and the consent of one assistance, as they stand now. */
export async function proofsOf(db: Database, assistanceId: string, purpose: Match = 'match'): Promise<Proofs> {
  const [row] = await db.query<Row>(proofs, [assistanceId, purpose])
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

const before = statement(
  'companion.asked_before',
  `
select e.body::jsonb -> 'data' as data from event e
 where e.assistance_id = $1 and e.type = 'consent.asked' and e.body::jsonb #>> '{data,terms}' = $2
 order by e.n desc limit 1`,
)
interface AskedBefore {
  data: { ecosystem: string; surfaces: string[]; powers: Power; lengthMinutes: number }
}

/** The request that these terms named, as it was asked for; undefined where it never was. */
export async function askedBefore(db: Database, id: AssistanceId, termsHex: string): Promise<Asked | undefined> {
  const [row] = await db.query<AskedBefore>(before, [id, termsHex])
  if (!row) return undefined
  const { ecosystem, surfaces, powers, lengthMinutes } = row.data
  return { ecosystemId: ecosystem, surfaces, powers, lengthMinutes }
}

const opening = statement(
  'companion.opened',
  `
with t as materialized (select app_now() as now),
  first as (
    insert into page_opening (assistance_id, at)
    select a.id, t.now from assistance a, t where a.id = $1 and a.state in ('consent', 'active')
    on conflict (assistance_id) do nothing returning assistance_id),
  ${counted('first')},
  ${recorded('$2::jsonb')}
select assistance_id from first`,
)

/** Somebody's browser shows the page: kept once, with its event. True for the first time. */
export async function keepOpening(db: Database, id: AssistanceId, userId: UserId): Promise<boolean> {
  const event = draft({ type: 'page.opened', actor: { kind: 'user', id: userId }, subject: userId })
  return (await db.query(opening, [id, JSON.stringify([event])])).length === 1
}

const acts = statement(
  'companion.acts',
  `
select d ->> 'surface' as surface, (d ->> 'at')::timestamptz as at, (d ->> 'count')::int as count,
       (select text from erasable where event_id = e.id and field = 'en') as en,
       (select text from erasable where event_id = e.id and field = 'es') as es
  from (select id, n, body::jsonb -> 'data' as d from event
         where assistance_id = $1 and type = 'act.done' order by n desc limit 50) e order by e.n desc`,
)
interface ActRow {
  surface: string
  at: Date
  count: number
  en: string | null
  es: string | null
}

/** One act as it was reported, by the product's id. */
export type ActReported = Omit<ActShown, 'surface'> & { readonly surface: string }

/** What was erased from beside the record is still there as something that was. */
const erased: Bilingual = {
  en: 'Something was done; the words were erased',
  es: 'Se hizo algo; las palabras se borraron',
}

/** What was done as the user, newest first, as the products reported it; the last fifty. */
export async function actsDone(db: Database, id: string): Promise<readonly ActReported[]> {
  const rows = await db.query<ActRow>(acts, [id])
  return rows.map(({ en, es, ...act }) => ({ ...act, what: en === null || es === null ? erased : { en, es } }))
}
