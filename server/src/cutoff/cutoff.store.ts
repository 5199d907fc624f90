/** What is switched off, in SQL. It acts by join (`lapse()`, `isCutNow()`) from the commit of its row on. */
import type { CutoffScope } from '@amparo/contract/cutoff'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { newId } from '../secrets.ts'
import type { Actor } from '../words.ts'
import { type Cut, touches, type Wanted } from './cutoff.ts'

export interface Standing extends Cut {
  readonly id: string
  readonly why: string | null
  readonly madeAt: Date
  readonly by: Actor
  readonly name: string | null
}

const standing = statement(
  'cutoff.standing',
  `select k.id, k.scope, k.target, k.why, k.made_at as "madeAt", k.made_by as by, g.name
     from cutoff k left join agent g on k.made_by ->> 'kind' = 'agent' and g.id = k.made_by ->> 'id'
    where k.lifted_at is null order by k.made_at, k.id`,
)
interface Row extends Omit<Standing, 'scope' | 'target'> {
  readonly scope: CutoffScope
  readonly target: string | null
}

/** What is switched off now, the oldest first. */
export async function cutsStanding(db: Database): Promise<readonly Standing[]> {
  return (await db.query<Row>(standing)).map(({ target, ...row }) => ({ ...row, target: target ?? undefined }))
}

/** Whether something is switched off for what is wanted. */
export async function isCut(db: Database, wanted: Wanted): Promise<boolean> {
  return (await cutsStanding(db)).some((cut) => touches(cut, wanted))
}

/** Whether the product of this name is switched off, inside another statement and planned with it. */
export const isCutNow = (surface: string): string =>
  `exists (select from cutoff k where k.lifted_at is null and k.scope = 'surface' and k.target = ${surface})`

/** Whether everything is switched off, in the same way. */
export const isAllCutNow = `exists (select from cutoff k where k.lifted_at is null and k.scope = 'everything')`

/** The same as a column of another reading, for `cutIn`. */
export const cutsColumn = `
       (select json_agg(json_build_object('scope', k.scope, 'target', k.target)) from cutoff k where k.lifted_at is null) as cuts`

export type CutsColumn = readonly Pick<Row, 'scope' | 'target'>[] | null

/** Whether something was switched off for what is wanted, as it was read. */
export const cutIn = (cuts: CutsColumn, wanted: Wanted): boolean =>
  (cuts ?? []).some(({ scope, target }) => touches({ scope, target: target ?? undefined }, wanted))

const columns = 'id, scope, target, why, made_at, made_by, recorded_at'
const values = '$1, $2, $3, $4, coalesce($5, app_now()), $6::jsonb'
const made = statement(
  'cutoff.make',
  `
with made as (
    insert into cutoff (${columns}) values (${values}, app_now()) on conflict do nothing returning id),
  ${recordedLoose('$7::jsonb', 'made')}
select id from made`,
)
const madeBare = statement(
  'cutoff.make_unrecorded',
  `insert into cutoff (${columns}) values (${values}, null) on conflict do nothing returning id`,
)

export interface Making extends Cut {
  readonly why: string
  readonly by: Actor
  /** When it was made, where that was before it could be written; now where nothing is said. */
  readonly at?: Date | undefined
}

const madeEvent = (id: string, { scope, target, why, by }: Making): Happening => ({
  type: 'cutoff.made',
  actor: by,
  data: { cutoff: id, scope, ...(target === undefined ? {} : { target }) },
  words: { why },
})

/** Switches off. False: it was off already. Where nothing can be recorded it acts all the same, and is recorded later. */
export async function makeCut(db: Database, making: Making): Promise<boolean> {
  const id = newId('co')
  const row = [id, making.scope, making.target ?? null, making.why, making.at ?? null, JSON.stringify(making.by)]
  try {
    return (await db.query(made, [...row, JSON.stringify([draft(madeEvent(id, making))])])).length === 1
  } catch {
    return (await db.query(madeBare, row)).length === 1
  }
}

const unrecorded = statement(
  'cutoff.unrecorded',
  `select id, scope, target, why, made_by as by from cutoff where recorded_at is null`,
)
const recordedNow = statement(
  'cutoff.record',
  `
with owed as (update cutoff set recorded_at = app_now() where id = $1 and recorded_at is null returning id),
  ${recordedLoose('$2::jsonb', 'owed')}
select id from owed`,
)

/** Records what was switched off while nothing could be recorded. */
export async function recordOwed(db: Database): Promise<void> {
  for (const { id, target, ...row } of await db.query<Making & { id: string }>(unrecorded)) {
    const event = madeEvent(id, { ...row, target: target ?? undefined, why: row.why ?? '' })
    await db.query(recordedNow, [id, JSON.stringify([draft(event)])])
  }
}

const lifted = statement(
  'cutoff.lift',
  `
with lifted as (
    update cutoff set lifted_at = app_now(), lifted_by = $2::jsonb where id = $1 and lifted_at is null and recorded_at is not null
    returning id),
  ${recordedLoose('$3::jsonb', 'lifted')}
select id from lifted`,
)

/** Switches on again, with its record or not at all. False: it is not off, or its making is not recorded yet. */
export async function liftCut(db: Database, id: string, by: Actor, why: string): Promise<boolean> {
  const event: Happening = { type: 'cutoff.lifted', actor: by, data: { cutoff: id }, words: { why } }
  return (await db.query(lifted, [id, JSON.stringify(by), JSON.stringify([draft(event)])])).length === 1
}
