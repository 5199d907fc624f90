/** Reading what concerns one user, and whether this browser may. Nothing is written here. */
import type { Because, Bilingual, ConsentWay, Kind, Power } from '@amparo/contract/words'
import { type Database, statement } from '../database/database.ts'
import type { AssistanceId, UserId } from '../words.ts'
import { actsDone } from './companion.store.ts'
import type { Said } from './companion.ts'
import { pageLength, visitMinutes } from './history.ts'

const visit = statement(
  'companion.visit',
  `
select from code where assistance_id = $1 and purpose = 'history' and browser_digest = $2
   and used_at > app_now() - interval '${visitMinutes} minutes' limit 1`,
)
/** Whether a right code was typed in this browser a short while ago. */
export const isVisiting = async (db: Database, id: AssistanceId, browserDigest: Uint8Array): Promise<boolean> =>
  (await db.query(visit, [id, browserDigest])).length > 0

interface Row {
  id: string
  opened_at: Date
  agent_id: string
  agent_name: string
  kind: Kind
  reason_code: string
  reason_name: Bilingual | null
  reason_line: string | null
  mine: boolean
  asked: boolean
  ecosystem_name: string | null
  surfaces: string[] | null
  powers: Power
  consented_at: Date | null
  proved_by: ConsentWay | null
  ended_at: Date | null
  because: Because | null
  said: { about: Said['about']; at: string; reviewed_at: string | null }[]
}

/** Whoever was looked up by mistake and corrected had somebody see their name all the same: that is in it too. */
const helpFor = (name: string, where: string) =>
  statement(
    name,
    `
with t as materialized (select app_now() as now),
  mine as (
    select id from assistance where user_id = $1
    union
    select assistance_id from event where subject_id = $1 and type = 'user.looked_up' and assistance_id is not null)
select a.id, a.opened_at, a.agent_id, (select name from agent where id = a.agent_id) as agent_name, a.kind, a.reason_code, a.reason_name, a.reason_line, a.user_id = $1 as mine,
       a.consented_at is not null or (select true from event e where e.assistance_id = a.id and e.type = 'consent.asked' limit 1) is true as asked,
       eco ->> 'name' as ecosystem_name, a.surfaces, a.powers, a.consented_at,
       (select proved_by from consent where assistance_id = a.id) as proved_by,
       coalesce(a.closed_at, l.at) as ended_at, coalesce(a.because, l.because) as because,
       coalesce((select json_agg(json_build_object('about', r.about, 'at', r.opened_at, 'reviewed_at', r.closed_at) order by r.opened_at)
                   from review r where r.assistance_id = a.id and r.about <> 'break_glass'), '[]') as said
  from t cross join assistance a left join lateral lapse(a, t.now) l on true
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') eco on eco ->> 'id' = a.ecosystem_id
 where a.id = any (array(select id from mine)) and ${where}`,
  )
const page = helpFor(
  'companion.history',
  // Theirs are few, and put in order: by themselves, and not by going along all that was ever opened.
  `(a.opened_at + interval '0', a.id) < ($2, $3) order by a.opened_at + interval '0' desc, a.id desc limit $4`,
)
const one = helpFor('companion.history_one', 'a.id = $2')

/** One assistance by the ids of what was opened in it; names come from whoever asks. */
export interface Kept extends Omit<Row, 'said'> {
  readonly said: readonly Said[]
  readonly acts: Awaited<ReturnType<typeof actsDone>>
}

const said = statement(
  'companion.said',
  `select about, opened_at as at, closed_at as "reviewedAt" from review where assistance_id = $1 and about <> 'break_glass' order by opened_at`,
)
/** What the user said of one assistance. */
export const saidOf = async (db: Database, id: string): Promise<readonly Said[]> =>
  (await db.query<Said & { reviewedAt: Date | null }>(said, [id])).map(({ reviewedAt, ...one }) => ({
    ...one,
    ...(reviewedAt ? { reviewedAt } : {}),
  }))

async function keptOf(db: Database, { said, ...row }: Row): Promise<Kept> {
  return {
    ...row,
    acts: row.mine && row.consented_at ? await actsDone(db, row.id) : [],
    said: said.map(({ about, at, reviewed_at }) => ({
      about,
      at: new Date(at),
      reviewedAt: reviewed_at === null ? undefined : new Date(reviewed_at),
    })),
  }
}

const first = { at: new Date('9999-12-31T00:00:00Z'), id: '' }

/** What concerns this user, newest first, from `before` on; one more than a page where there is more. */
export async function helpOf(
  db: Database,
  userId: UserId,
  before: { readonly at: Date; readonly id: string } = first,
): Promise<readonly Kept[]> {
  const rows = await db.query<Row>(page, [userId, before.at, before.id, pageLength + 1])
  return Promise.all(rows.map((row) => keptOf(db, row)))
}

/** One of them; undefined where it does not concern this user. */
export async function oneHelpOf(db: Database, userId: UserId, id: AssistanceId): Promise<Kept | undefined> {
  const [row] = await db.query<Row>(one, [userId, id])
  return row && keptOf(db, row)
}

const events = statement(
  'companion.history_events',
  `
with theirs as (
    (select ord from event where subject_id = $1 and ord > $2 order by ord limit 500)
    union
    select e.ord from assistance a join event e on e.assistance_id = a.id where a.user_id = $1 and e.type = 'act.done' and e.ord > $2)
select e.ord, e.body, l.seq, l.hash
  from (select ord from theirs order by ord limit 500) x join event e on e.ord = x.ord left join log_leaf l on l.event_id = e.id
 order by e.ord`,
)
/** An event of the record that concerns them: its text, exact to the byte, and its place where it has one. */
export interface KeptEvent {
  ord: number
  body: string
  seq: number | null
  hash: Buffer | null
}

/** The events that concern this user, in their order, a batch at a time. */
export async function* eventsAbout(db: Database, userId: UserId): AsyncGenerator<readonly KeptEvent[]> {
  for (let after = 0; ; ) {
    const rows = await db.query<KeptEvent>(events, [userId, after])
    if (rows.length === 0) return
    yield rows
    after = rows.at(-1)?.ord ?? after
  }
}
