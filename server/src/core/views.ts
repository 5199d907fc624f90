/**
 * What the vendor's views of successions must look like, what is wrong with those that are there, and how to write them:
 * two required views, three optional ones, and two functions through which acts go out.
 */
import { type Database, isConnectionTrouble } from '../database/database.ts'
import { rowOf } from '../words.ts'

/** A view did not let itself be read: the sentence says which, and what to do. */
export class SuccessionsUnread extends Error {}

export type Kind = 'text' | 'number' | 'boolean' | 'instant'
interface Column {
  readonly kind: Kind
  readonly optional?: true
}
const must = (kind: Kind): Column => ({ kind })
const may = (kind: Kind): Column => ({ kind, optional: true })

const required = {
  successions: {
    case_ref: must('text'),
    ecosystem_id: must('text'),
    owner_user_id: must('text'),
    successor_user_id: may('text'),
    successor_email: must('text'),
    state: must('text'),
    blocked: must('boolean'),
    attempt: must('number'),
    due_at: may('instant'),
    hold_reason: may('text'),
    opened_at: must('instant'),
    closed_at: may('instant'),
  },
  succession_activity: {
    case_ref: must('text'),
    seq: must('number'),
    occurred_at: must('instant'),
    type: must('text'),
    step_key: may('text'),
    attempt_no: may('number'),
    reason_code: may('text'),
    actor_kind: must('text'),
    actor_id: may('text'),
    note_shareable: may('text'),
    assistance_id: may('text'),
    source_text: must('text'),
    source_ref: must('text'),
  },
} as const
export const optional = {
  succession_checks: {
    case_ref: must('text'),
    seq: must('number'),
    check_key: must('text'),
    result: must('text'),
    observed: must('text'),
    required: must('text'),
    reason_code: may('text'),
  },
  succession_messages: {
    case_ref: must('text'),
    seq: must('number'),
    channel: must('text'),
    masked_to: must('text'),
    state: must('text'),
    at: must('instant'),
  },
  succession_evidence: {
    case_ref: must('text'),
    seq: must('number'),
    kind: must('text'),
    at: must('instant'),
    state: must('text'),
  },
} as const
type Required = keyof typeof required
export type Optional = keyof typeof optional
export type View = Required | Optional
export const columnsOf: Readonly<Record<View, Readonly<Record<string, Column>>>> = { ...required, ...optional }
export const optionals: readonly Optional[] = ['succession_checks', 'succession_messages', 'succession_evidence']

const textual = ['text', 'character varying', 'character', 'citext', 'USER-DEFINED', 'json', 'jsonb']
const types: Readonly<Record<Kind, readonly string[]>> = {
  text: textual,
  number: ['smallint', 'integer', 'bigint'],
  boolean: ['boolean'],
  instant: ['timestamp with time zone'],
}
export const casts: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'bigint',
  boolean: 'boolean',
  instant: 'timestamptz',
}
export const nameOf = (view: View) => `amparo_core.${view}`

export type Found = ReadonlyMap<string, string>

/** What is wrong with one view, a sentence each, with how to write it. */
export function viewFaults(view: View, has: Found): readonly string[] {
  const wanted = Object.entries(columnsOf[view])
  if (has.size === 0) {
    const columns = wanted.filter(([, column]) => !column.optional).map(([name]) => name)
    return [
      `${nameOf(view)} is missing. Write: create view ${nameOf(view)} as select … as ${columns.join(', … as ')} from your own tables;`,
    ]
  }
  return wanted.flatMap(([name, column]) => {
    const type = has.get(name)
    const cast = casts[column.kind]
    if (type === undefined) {
      return column.optional
        ? []
        : [`${nameOf(view)} has no column ${name} (${cast}). Add it to the view: … as ${name}.`]
    }
    return types[column.kind].includes(type)
      ? []
      : [`${nameOf(view)}.${name} is ${type}; it must be ${cast}. Cast it in the view: ${name}::${cast} as ${name}.`]
  })
}

/** How a statement names a column of a view: as `v.name`, or as nothing of its type where the view has none. */
export type ColumnOf = (view: View, name: string) => string

// ── What is there ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What was found when they were last looked at. */
export interface Standing {
  readonly columns: ReadonlyMap<string, Found>
  readonly functions: readonly string[]
  readonly isSetUp: boolean
  readonly off: readonly string[]
  readonly partsOff: Readonly<Partial<Record<Optional, string>>>
}
export const nothingKnown: Standing = {
  columns: new Map(),
  functions: [],
  isSetUp: true,
  off: ['The succession views have not been looked at yet. Try again in a moment.'],
  partsOff: {},
}

/** Compares the views with what they must be; of a database that does not answer it says so. */
export async function looked(db: Database): Promise<Standing> {
  try {
    const rows = await db.query<{ table_name: string; column_name: string; data_type: string }>(
      `select table_name, column_name, data_type from information_schema.columns where table_schema = 'amparo_core'`,
    )
    const columns = new Map<string, Map<string, string>>()
    for (const row of rows) {
      const of = columns.get(row.table_name) ?? new Map<string, string>()
      columns.set(row.table_name, of.set(row.column_name, row.data_type))
    }
    const faults = (view: View) => viewFaults(view, columns.get(view) ?? new Map())
    const functions = await db.query<{ proname: string }>(functionsThere)
    return {
      columns,
      functions: functions.map((row) => row.proname),
      isSetUp: Object.keys(required).some((view) => columns.has(view)),
      off: [...faults('successions'), ...faults('succession_activity')],
      partsOff: Object.fromEntries(
        optionals.flatMap((view) => {
          // An optional view that is not there is a choice, not a fault.
          const [fault] = columns.has(view) ? faults(view) : []
          return fault === undefined
            ? columns.has(view)
              ? []
              : [[view, `${nameOf(view)} is not provided.`]]
            : [[view, fault]]
        }),
      ),
    }
  } catch (error) {
    const what = isConnectionTrouble(error) ? 'the database did not answer' : faultOf(error)
    return { ...nothingKnown, off: [`The succession views could not be looked at: ${what}.`] }
  }
}

/** Functions of the right shape: five texts in, jsonb out, and ours to execute. */
const functionsThere = `
select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'amparo_core' and p.proname in ('release_succession', 'resend_message')
   and oidvectortypes(p.proargtypes) = 'text, text, text, text, text' and p.prorettype = 'jsonb'::regtype
   and has_function_privilege(p.oid, 'execute')`

/** What is wrong, by PostgreSQL's own code: its message may hold a value of the vendor's, and agents read this. */
export function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Readonly<Record<string, string>> = {
    '42501': 'permission denied: grant select',
    '42P01': 'a table behind it is missing',
    '42703': 'a column behind it is missing',
    '22P02': 'a value does not have the type of its column',
    '22012': 'a division by zero in it',
  }
  return rowOf(known, code) ?? (code === '' ? 'no reason was given' : `SQLSTATE ${code}`)
}
