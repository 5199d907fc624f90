/** The sensitive powers that were asked for in one assistance, newest first. */
import type { SensitivePower } from '@amparo/contract/powers'
import { type Database, statement } from '../database/database.ts'
import type { AssistanceId } from '../words.ts'

export interface PowerRow {
  readonly id: string
  readonly power: SensitivePower
  readonly surfaces: readonly string[]
  readonly termsDigest: Buffer
  readonly codeId: string
  readonly askedAt: Date
  readonly grantedAt: Date | null
  readonly provedBy: 'page' | 'read_aloud' | null
  readonly refusedAt: Date | null
  /** Of those surfaces, the ones in which it holds: sessions that were open when it was granted, and still are. */
  readonly heldIn: readonly string[]
  /** Of those surfaces, the ones that are open at all. */
  readonly openIn: readonly string[]
}

const asked = statement(
  'assistance.powers',
  `
select p.id, p.power, p.surfaces, p.terms_digest as "termsDigest", p.code_id as "codeId", p.asked_at as "askedAt",
       p.granted_at as "grantedAt", p.proved_by as "provedBy", p.refused_at as "refusedAt",
       array(select distinct s.surface from surface_session s where s.assistance_id = p.assistance_id and s.token_at is not null
               and s.surface = any(p.surfaces) and s.closed_alone_at is null and s.opened_at <= p.granted_at) as "heldIn",
       array(select distinct s.surface from surface_session s where s.assistance_id = p.assistance_id and s.token_at is not null
               and s.surface = any(p.surfaces) and s.closed_alone_at is null) as "openIn"
  from power p where p.assistance_id = $1 order by p.asked_at desc, p.id`,
)

export const powersOf = (db: Database, id: AssistanceId): Promise<readonly PowerRow[]> =>
  db.query<PowerRow>(asked, [id])

/** The one that waits for an answer: the newest, if it has none. Whether its code still lives is the code's affair. */
export const powerWaiting = (rows: readonly PowerRow[]): PowerRow | undefined =>
  rows.find((row, at) => at === 0 && row.grantedAt === null && row.refusedAt === null)

/** Those that hold now. */
export const powersHeld = (rows: readonly PowerRow[]): readonly PowerRow[] =>
  rows.filter((row) => row.grantedAt !== null && row.refusedAt === null && row.heldIn.length > 0)
