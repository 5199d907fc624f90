/** What `doctor` tells of the vendor's views of successions: what is there, how full, how much of it in words of ours. */
import type { Database } from '../database/database.ts'
import type { Definition } from '../succession/definition.ts'
import { isMapped } from '../succession/succession.ts'
import { type EntryRow, entriesOf, instant, joined, short } from './cases.ts'
import {
  type ColumnOf,
  columnsOf,
  type Found,
  nameOf,
  optionals,
  type Standing,
  type View,
  viewFaults,
} from './views.ts'

/** What an operator wants to know of the views: what is there, how full, how much of it in words of ours. */
export interface Report {
  readonly off: readonly string[]
  readonly partsOff: readonly string[]
  readonly functions: readonly string[]
  readonly views: readonly ViewReport[]
  /** The newest successions, as lists that would be shown. */
  readonly samples: readonly Sample[]
}
export interface ViewReport {
  readonly view: string
  readonly rows: number
  readonly columns: number
  /** Columns that may be absent, and are. */
  readonly absent: readonly string[]
  readonly newest?: Date
  /** Entries in words that are none of ours: shown as notes. The commonest first. */
  readonly unknown?: { readonly rows: number; readonly wordings: readonly { text: string; rows: number }[] }
}
export interface Sample {
  readonly caseRef: string
  readonly state: string
  readonly blocked: boolean
  readonly entries: readonly { readonly at: Date; readonly type: string; readonly stepKey: string | undefined }[]
}

export async function reported(
  db: Database,
  known: Standing,
  column: ColumnOf,
  definition: Definition,
): Promise<Report> {
  const there = views.filter((view) => known.columns.has(view) && viewFaults(view, found(known, view)).length === 0)
  const reports: ViewReport[] = []
  for (const view of there) reports.push(await viewReport(db, known, view, column, definition))
  return {
    off: known.off,
    partsOff: Object.values(known.partsOff),
    functions: known.functions,
    views: reports,
    samples: known.off.length === 0 ? await samplesOf(db, column, definition) : [],
  }
}

const views: readonly View[] = ['successions', 'succession_activity', ...optionals]
const found = (known: Standing, view: View): Found => known.columns.get(view) ?? new Map()

async function viewReport(db: Database, known: Standing, view: View, column: ColumnOf, definition: Definition) {
  const names = Object.keys(columnsOf[view])
  const absent = names.filter((name) => !found(known, view).has(name))
  const [row] = await db.query<{ rows: number; newest: Date | null }>(
    `select count(*)::bigint as rows, max(${instant(newestBy[view] === null ? 'null::timestamptz' : `v.${newestBy[view]}`)}) as newest from ${nameOf(view)} v`,
  )
  return {
    view: nameOf(view),
    rows: Number(row?.rows ?? 0),
    columns: names.length - absent.length,
    absent,
    ...(row?.newest ? { newest: row.newest } : {}),
    ...(view === 'succession_activity' ? { unknown: await unknownWordings(db, column, definition) } : {}),
  }
}
const newestBy: Readonly<Record<View, string | null>> = {
  successions: 'opened_at',
  succession_activity: 'occurred_at',
  succession_checks: null,
  succession_messages: 'at',
  succession_evidence: 'at',
}

/** Entries whose words are none of ours: shown as notes, and counted here, with the commonest wordings. */
async function unknownWordings(db: Database, column: ColumnOf, definition: Definition) {
  const of = (name: string) => column('succession_activity', name)
  const rows = await db.query<{
    type: string
    step_key: string | null
    reason_code: string | null
    actor_kind: string
    text: string
    rows: number
  }>(`
select coalesce(v.type::text, '') as type, ${of('step_key')}::text as step_key, ${of('reason_code')}::text as reason_code,
       coalesce(v.actor_kind::text, '') as actor_kind, coalesce(min(left(v.source_text::text, 80)), '') as text, count(*)::bigint as rows
  from amparo_core.succession_activity v group by 1, 2, 3, 4, md5(v.source_text::text) order by count(*) desc`)
  const unmapped = rows.filter(
    (row) =>
      !isMapped(
        { type: row.type, stepKey: row.step_key, reason: row.reason_code, actorKind: row.actor_kind },
        definition,
      ),
  )
  return {
    rows: unmapped.reduce((sum, row) => sum + Number(row.rows), 0),
    wordings: unmapped.slice(0, 5).map((row) => ({ text: row.text, rows: Number(row.rows) })),
  }
}

/** The three newest successions, as far as their lists go: of people nothing but the case. */
async function samplesOf(db: Database, column: ColumnOf, definition: Definition): Promise<readonly Sample[]> {
  const heads = await db.query<{ case_ref: string; state: string; blocked: boolean | null }>(
    `select v.case_ref::text as case_ref, ${short('v.state')} as state, v.blocked from amparo_core.successions v
      order by v.opened_at desc nulls last, 1 limit 3`,
  )
  return Promise.all(
    heads.map(async ({ case_ref, state, blocked }) => {
      const rows = await db.query<EntryRow>(entriesOf(column), [case_ref])
      const fit = rows.flatMap((row) => (row.occurred_at === null ? [] : [{ ...row, occurred_at: row.occurred_at }]))
      return {
        caseRef: case_ref,
        state,
        blocked: blocked ?? false,
        entries: joined(definition, fit, [], [], []).map(({ at, type, stepKey }) => ({ at, type, stepKey })),
      }
    }),
  )
}
