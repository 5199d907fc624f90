/** A second person's yes in SQL: asked for once about exactly one thing, given by whoever may, counted as it stands now. */
import type { ApprovalPurpose, ApprovalSeen, ApprovalWaiting, ApprovalWhy, Decision } from '@amparo/contract/oversight'
import type { SensitivePower } from '@amparo/contract/powers'
import type { Bilingual, Kind, Power } from '@amparo/contract/words'
import { lapsedNow } from '../assistance/reading.ts'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import { type AssistanceId, spelt } from '../words.ts'

export interface Question {
  readonly id: string
  readonly assistanceId: AssistanceId
  readonly purpose: ApprovalPurpose
  /** Digest of exactly what is asked for. */
  readonly about: Uint8Array
  readonly whys: readonly ApprovalWhy[]
  readonly needed: number
  readonly askedBy: string
  readonly ownerId?: string | undefined
  readonly linkDigest?: Uint8Array | undefined
  readonly shown?: Shown | undefined
}

/** What a question shows of what its digest is bound to, as it was when it was asked. */
export interface Shown {
  readonly ecosystem: string
  readonly surfaces: readonly string[]
  readonly powers: Power
  /** The one sensitive power that is asked for. */
  readonly power?: SensitivePower
}

/** In an hour of one help: whoever asks for a little else each time fills neither the list of what others wait for, nor mailboxes. */
const questionsAnHour = 20

const asked = statement(
  'oversight.ask',
  `
with t as materialized (select app_now() as now),
  asked as (
    insert into approval (id, assistance_id, purpose, about, whys, needed, asked_at, asked_by, owner_id, link_digest, shown)
    select $1, $2, $3, $4, $5::text[], $6, t.now, $7, $8, $10, $11::jsonb from t
     where (select count(*) from approval where assistance_id = $2 and asked_at > t.now - interval '1 hour') < ${questionsAnHour}
    on conflict (assistance_id, purpose, about) do nothing returning assistance_id),
  ${counted('asked')},
  ${recorded('$9::jsonb')}
select from asked`,
)

/** Asks, once. False: exactly this was asked before, or too much was in this hour of this help. */
export async function ask(db: Database, q: Question, event: Happening): Promise<boolean> {
  const rows = await db.query(asked, [
    q.id,
    q.assistanceId,
    q.purpose,
    q.about,
    q.whys,
    q.needed,
    q.askedBy,
    q.ownerId ?? null,
    JSON.stringify([draft(event)]),
    q.linkDigest ?? null,
    q.shown ? JSON.stringify(q.shown) : null,
  ])
  return rows.length === 1
}

const roomAgain = statement(
  'oversight.room_again',
  `select coalesce(min(asked_at) + interval '1 hour', app_now()) as at from (
     select asked_at from approval where assistance_id = $1 order by asked_at desc limit ${questionsAnHour}) latest`,
)

/** From when something else can be asked in this help: an hour after the first of the latest twenty. */
export async function roomAgainAt(db: Database, assistanceId: AssistanceId): Promise<Date> {
  const [row] = await db.query<{ at: Date }>(roomAgain, [assistanceId])
  if (!row) throw new Error('no clock')
  return row.at
}

/**
 * The voices that count: of supervisors who are that still, and of the owner who was asked. Whoever helps in it has none,
 * however their row came to be.
 */
const counting = `
  select v.* from voice v join approval p on p.id = v.approval_id join assistance h on h.id = p.assistance_id
    left join agent g on g.id = v.voter
   where case when p.purpose = 'owner' then v.voter = p.owner_id
              else v.voter <> h.agent_id and v.voter <> p.asked_by and 'supervisor' = any (g.roles) and g.deactivated_at is null end`
/** How approval `p` stands. */
const state = `
  case when exists (select from (${counting}) c where c.approval_id = p.id and c.decision = 'no') then 'no'
       when (select count(*) from (${counting}) c where c.approval_id = p.id and c.decision = 'yes') >= p.needed then 'yes'
       else 'waiting' end`

const standing = statement(
  'oversight.standing',
  `select p.id, ${state} as state from approval p where p.assistance_id = $1 and p.purpose = $2 and p.about = $3`,
)

export interface Standing {
  readonly id: string
  readonly state: ApprovalSeen['state']
}

/** How exactly this stands; undefined where nobody was asked. */
export async function standingOf(
  db: Database,
  assistanceId: AssistanceId,
  purpose: ApprovalPurpose,
  about: Uint8Array,
): Promise<Standing | undefined> {
  return (await db.query<Standing>(standing, [assistanceId, purpose, about]))[0]
}

const answered = statement(
  'oversight.answer',
  `
with held as materialized (
    select a.* from approval p join assistance a on a.id = p.assistance_id
     where p.id = $1 and a.state <> 'closed' for update of a),
  t as materialized (select app_now() as now from held),
  counted as (
    update approval p set answers = p.answers + 1 from held, t
     where p.id = $1 and p.answers = $7 and not exists (select from lapse(held, t.now))
       and case when p.purpose = 'owner' then p.owner_id = $2 else $2 <> p.asked_by and $2 <> held.agent_id end
    returning p.id, p.assistance_id),
  answered as (
    insert into voice (approval_id, voter, decision, proof, event_id, at)
    select c.id, $2, $3, $4, $5, t.now from counted c, t),
  ${counted('counted')},
  ${recorded('$6::jsonb')}
select from moved`,
)

/** One voice, while its assistance lives and nobody has answered since it was read. False: nothing was said; read again. */
export async function answer(
  db: Database,
  { id, answers }: Pick<ApprovalRow, 'id' | 'answers'>,
  voter: string,
  decision: Decision,
  proof: string,
  event: Happening,
): Promise<boolean> {
  const written = draft(event)
  return (
    (await db.query(answered, [id, voter, decision, proof, written.id, JSON.stringify([written]), answers])).length ===
    1
  )
}

// ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface ApprovalRow {
  id: string
  assistance_id: string
  purpose: ApprovalPurpose
  whys: ApprovalWhy[]
  needed: number
  answers: number
  asked_at: Date
  asked_by: string
  owner_id: string | null
  state: ApprovalSeen['state']
  alive: boolean
  agent_id: string
  agent_name: string
  user_email: string | null
  kind: Kind
  reason_name: Bilingual | null
  reason_code: string
  reason_line: string | null
  user_name: string | null
  ecosystem_name: string | null
  surfaces: string[] | null
  powers: Power
  power: SensitivePower | null
  note: string | null
  voices: { by: string; name: string | null; decision: Decision; at: string; note: string | null }[]
}

const approvalsWhere = (name: string, where: string) =>
  statement(
    name,
    `
select p.id, p.assistance_id, p.purpose, p.whys, p.needed, p.answers, p.asked_at, p.asked_by, p.owner_id, ${state} as state,
       a.state <> 'closed' and ${lapsedNow('a')} is null as alive, a.agent_id, g.name as agent_name,
       a.seen #>> '{user,email}' as user_email, a.kind, a.reason_name, a.reason_code, a.reason_line,
       a.seen #>> '{user,name}' as user_name, e ->> 'name' as ecosystem_name,
       case when p.shown is null then a.surfaces else array(select jsonb_array_elements_text(p.shown -> 'surfaces')) end as surfaces,
       coalesce(p.shown ->> 'powers', a.powers) as powers, p.shown ->> 'power' as power,
       (select w.text from event n join erasable w on w.event_id = n.id and w.field = 'note'
         where n.assistance_id = p.assistance_id and n.type = 'approval.asked' and (n.body::jsonb) #>> '{data,approval}' = p.id) as note,
       coalesce((select json_agg(json_build_object('by', v.voter, 'name', (select name from agent where id = v.voter),
                   'decision', v.decision, 'at', rfc3339(v.at), 'note',
                   (select text from erasable where event_id = v.event_id and field = 'note')) order by v.at)
                   from voice v where v.approval_id = p.id), '[]') as voices
  from approval p join assistance a on a.id = p.assistance_id join agent g on g.id = a.agent_id
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') e on e ->> 'id' = coalesce(p.shown ->> 'ecosystem', a.ecosystem_id)
 where ${where} order by p.asked_at, p.id limit 200`,
  )
const ofAssistance = approvalsWhere('oversight.approvals_of', 'p.assistance_id = $1')
const byId = approvalsWhere('oversight.approval', 'p.id = $1')
const byLink = approvalsWhere('oversight.approval_by_link', 'p.link_digest = any($1)')
const waiting = approvalsWhere(
  'oversight.approvals_waiting',
  `a.state <> 'closed' and p.purpose <> 'owner' and ${state} = 'waiting' and ${lapsedNow('a')} is null`,
)

export const approvalsOf = (db: Database, id: AssistanceId) => db.query<ApprovalRow>(ofAssistance, [id])
export const approvalsWaiting = (db: Database) => db.query<ApprovalRow>(waiting)
export const approvalBy = async (db: Database, id: string) => (await db.query<ApprovalRow>(byId, [id]))[0]

/** By the digests that its link may be kept under. */
export const approvalByLink = async (db: Database, digests: readonly Uint8Array[]) =>
  (await db.query<ApprovalRow>(byLink, [digests]))[0]

/** As `reader` sees it; undefined reads it for nobody who could answer. */
export const approvalSeenBy = (row: ApprovalRow, reader: Reader | undefined): ApprovalSeen => ({
  id: row.id,
  purpose: row.purpose,
  whys: row.whys,
  askedAt: row.asked_at.toISOString(),
  needed: row.needed,
  state: row.state,
  voices: row.voices.map(({ by, name, decision, at, note }) => ({
    ...(name === null ? {} : { by: { id: by, name } }),
    decision,
    at,
    ...(note === null ? {} : { note }),
  })),
  mine: reader !== undefined && row.alive && row.state === 'waiting' && mayAnswer(row, reader),
})

export interface Reader {
  readonly agentId: string
  readonly email: string
  readonly supervises: boolean
}

/** A supervisor, who is neither its agent nor the user, and has not answered yet. */
export const mayAnswer = (row: ApprovalRow, { agentId, email, supervises }: Reader): boolean =>
  supervises &&
  row.purpose !== 'owner' &&
  !isOwn(row, { agentId, email }) &&
  !row.voices.some(({ by }) => by === agentId)

export const isOwn = (row: ApprovalRow, { agentId, email }: Pick<Reader, 'agentId' | 'email'>): boolean =>
  row.agent_id === agentId || row.asked_by === agentId || spelt(row.user_email ?? '') === spelt(email)

export const waitingSeenBy = (
  row: ApprovalRow,
  reader: Reader,
  reasonName: (row: ApprovalRow) => Bilingual,
): ApprovalWaiting => ({
  ...approvalSeenBy(row, reader),
  assistanceId: row.assistance_id,
  kind: row.kind,
  agent: { id: row.agent_id, name: row.agent_name },
  reason: { name: reasonName(row), ...(row.reason_line === null ? {} : { line: row.reason_line }) },
  ...(row.note === null ? {} : { note: row.note }),
  ...(row.user_name ? { userName: row.user_name } : {}),
  ...(row.ecosystem_name === null ? {} : { ecosystemName: row.ecosystem_name }),
  surfaces: row.surfaces ?? [],
  powers: row.powers,
  ...(row.power === null ? {} : { power: row.power }),
})

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const untold = statement(
  'oversight.untold_approvals',
  `
select p.id, p.purpose, p.assistance_id, p.asked_by, g.name as agent_name
  from approval p join assistance a on a.id = p.assistance_id join agent g on g.id = a.agent_id
 where p.told_at is null and p.purpose <> 'owner' and a.state <> 'closed' order by p.asked_at limit 50`,
)
const told = statement(
  'oversight.told_approval',
  'update approval set told_at = app_now() where id = $1 and told_at is null returning id',
)

export const untoldApprovals = (db: Database) =>
  db.query<{
    id: string
    purpose: Exclude<ApprovalPurpose, 'owner'>
    assistance_id: string
    asked_by: string
    agent_name: string
  }>(untold)
const untoldOwners = statement(
  'oversight.untold_owners',
  `
select p.id, p.link_digest, p.assistance_id, p.owner_id, g.name as agent_name, a.reason_code, a.reason_name, a.seen #>> '{user,name}' as user_name,
       coalesce(e ->> 'name', '') as ecosystem_name
  from approval p join assistance a on a.id = p.assistance_id join agent g on g.id = a.agent_id
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') e on e ->> 'id' = a.ecosystem_id
 where p.told_at is null and p.purpose = 'owner' and a.state <> 'closed' order by p.asked_at limit 50`,
)
export const untoldToOwners = (db: Database) =>
  db.query<{
    id: string
    link_digest: Buffer
    assistance_id: string
    owner_id: string
    agent_name: string
    reason_code: string
    reason_name: Bilingual | null
    user_name: string
    ecosystem_name: string
  }>(untoldOwners)

const askedOf = statement(
  'oversight.asked_of_owner',
  `select count(*)::int as times from approval where owner_id = $1 and asked_at > app_now() - interval '24 hours'`,
)
/** How many questions an owner has had in a day. */
export const timesAsked = async (db: Database, ownerId: string): Promise<number> =>
  (await db.query<{ times: number }>(askedOf, [ownerId]))[0]?.times ?? 0

/** True for the one who tells of it. */
export const takeApproval = async (db: Database, id: string): Promise<boolean> =>
  (await db.query(told, [id])).length === 1
