/** Events that change no state: they need no version and may be added to a closed assistance too. */
import { type Draft, draft, type Happening } from '../audit/event.ts'
import { type Database, isConnectionTrouble, isUniqueViolation, statement } from '../database/database.ts'
import { together } from '../database/together.ts'
import type { AssistanceId } from '../words.ts'
import { recorded } from './record.ts'
import { isWritten, surely } from './surely.ts'

const noted = statement(
  'desk.note',
  `
with moved as (
    update assistance a set n = a.n + jsonb_array_length($2::jsonb) where a.id = $1
    returning a.id, a.n, jsonb_array_length($2::jsonb) as count, app_now() as now),
  ${recorded('$2::jsonb')}
select n from moved`,
)

/** Adds events to an assistance, whatever its state. */
export async function note(db: Database, id: AssistanceId, ...happenings: readonly Happening[]): Promise<void> {
  const drafts = happenings.map(draft)
  await surely(db, drafts[0]?.id, () => db.query(noted, [id, JSON.stringify(drafts)]), [])
}

/**
 * The same for what is told of once, whichever process noticed it and however often. It is looked for first: what is as it
 * should be leaves no error in the database's log. Two at the same moment are told apart by the event's id.
 */
export async function noteOnce(db: Database, id: AssistanceId, once: string, happening: Happening): Promise<void> {
  const one = { ...happening, once }
  if (await isWritten(db, draft(one).id)) return
  await note(db, id, one).catch((error: unknown) => {
    if (!isUniqueViolation(error)) throw error
  })
}

const loose = statement(
  'desk.note_loose',
  `
with t as materialized (select app_now() as now),
  recorded as (
    insert into event (id, body)
    select d ->> 'id', ((d -> 'body') || jsonb_build_object('at', rfc3339(t.now)))::text
      from t, jsonb_array_elements($1::jsonb) d returning id)
insert into erasable (event_id, field, text, salt)
select r.id, w ->> 'field', w ->> 'text', decode(w ->> 'salt', 'hex')
  from recorded r join jsonb_array_elements($1::jsonb) d on d ->> 'id' = r.id, jsonb_array_elements(d -> 'words') w`,
)

/** What became of events that stand alone; where the database could not be asked, why. */
interface Noted {
  readonly ord: number
  readonly trouble?: unknown
}

const lines = new WeakMap<Database, (drafts: readonly Draft[]) => Promise<Noted | undefined>>()

/**
 * Group commit for events that stand alone, on one connection or pool. Where one of a group cannot be written, each is written
 * alone; where nobody knows whether the group was, as after a lost connection, all of it is told so.
 */
function lineOf(db: Database) {
  const line =
    lines.get(db) ??
    together<readonly Draft[], Noted>(async (all) => {
      const trouble = await db.query(loose, [JSON.stringify(all.flat())]).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (trouble !== undefined && all.length > 1 && !isConnectionTrouble(trouble)) throw trouble
      return all.map((_, ord) => ({ ord, trouble }))
    })
  lines.set(db, line)
  return line
}

/**
 * Adds events that belong to no assistance: sign-ins, reads of lists, the test clock. They are durable when this resolves; what
 * comes while others are being written goes with the next, all of it in one statement and one commit.
 */
export async function noteLoose(db: Database, ...happenings: readonly Happening[]): Promise<void> {
  const noted = await lineOf(db)(happenings.map(draft))
  if (noted?.trouble !== undefined) throw noted.trouble
}

const probed = statement(
  'desk.probe_record',
  `insert into event (id, body)
   values ('ev_beat' || gen_random_uuid(), '{"type":"step.refused","at":"","actor":{"id":"beat"}}')`,
)

/** Of several pages: a disk that is full still takes one event into a page that is there already. */
const roomProbed = statement(
  'desk.probe_room',
  `insert into event (id, body)
   select 'ev_beat' || gen_random_uuid(),
          '{"type":"step.refused","at":"","actor":{"id":"beat"},"x":"' || repeat(md5(random()::text), 50) || '"}'
     from generate_series(1, 40)`,
)

/** Writes an event and takes it back, inside a transaction; or as many as need new room. Throws where it cannot. */
export async function probeRecord(tx: Database, withRoom = false): Promise<void> {
  await tx.query('savepoint probe')
  await tx.query(withRoom ? roomProbed : probed)
  await tx.query('rollback to savepoint probe')
}
