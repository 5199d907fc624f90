/** Alerts in SQL: what supervisors see of them, and the telling of each, once. */
import type { AlertKind, AlertSeen } from '@amparo/contract/oversight'
import type { Language } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'

interface Row {
  id: string
  kind: AlertKind
  at: Date
  agent_id: string | null
  agent_name: string | null
  user_name: string | null
  assistance_id: string | null
  count: number | null
  seen_at: Date | null
  seen_by: string | null
  seen_name: string | null
}

const alertsWhere = (name: string, where: string) =>
  statement(
    name,
    `
select l.id, l.kind, l.at, l.agent_id, g.name as agent_name, a.seen #>> '{user,name}' as user_name, l.assistance_id, l.count,
       l.seen_at, l.seen_by, s.name as seen_name
  from alert l left join agent g on g.id = l.agent_id left join agent s on s.id = l.seen_by
  left join assistance a on a.id = l.assistance_id
 where ${where} order by l.at desc, l.id desc limit 100`,
  )
/** Whom it concerns is not told that they were noticed, nor may they say that there is nothing to it: others look at that. */
const othersAlone = (reader: string) => `(l.agent_id is null or l.agent_id <> ${reader})`
const recent = alertsWhere('oversight.alerts', `l.at > app_now() - interval '30 days' and ${othersAlone('$1')}`)
const one = alertsWhere('oversight.alert', `l.id = $2 and ${othersAlone('$1')}`)

const seenOf = (row: Row): AlertSeen => ({
  id: row.id,
  kind: row.kind,
  at: row.at.toISOString(),
  ...(row.agent_id === null ? {} : { agent: { id: row.agent_id, name: row.agent_name ?? '' } }),
  ...(row.user_name ? { userName: row.user_name } : {}),
  ...(row.assistance_id === null ? {} : { assistanceId: row.assistance_id }),
  ...(row.count === null ? {} : { count: row.count }),
  ...(row.seen_at === null
    ? {}
    : { seen: { at: row.seen_at.toISOString(), by: { id: row.seen_by ?? '', name: row.seen_name ?? '' } } }),
})

/** The newest hundred of the last thirty days that concern others than this reader. */
export const alerts = async (db: Database, reader: string): Promise<readonly AlertSeen[]> =>
  (await db.query<Row>(recent, [reader])).map(seenOf)

export async function alertBy(db: Database, id: string, reader: string): Promise<AlertSeen | undefined> {
  return (await db.query<Row>(one, [reader, id])).map(seenOf)[0]
}

const seen = statement(
  'oversight.see',
  `
with acted as (
    update alert l set seen_at = app_now(), seen_by = $2 where l.id = $1 and l.seen_at is null and ${othersAlone('$2')} returning l.id),
  ${recordedLoose('$3::jsonb', 'acted')}
select id from acted`,
)

/** A supervisor has seen what concerns others; the first who says so stands beside it. */
export const see = async (db: Database, id: string, agentId: string, event: Happening): Promise<boolean> =>
  (await db.query(seen, [id, agentId, JSON.stringify([draft(event)])])).length === 1

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Untold {
  id: string
  kind: AlertKind
  agent_id: string | null
  agent_name: string | null
  user_id: string | null
  assistance_id: string | null
  count: number | null
}

const untold = statement(
  'oversight.untold_alerts',
  `
select l.id, l.kind, l.agent_id, g.name as agent_name, l.user_id, l.assistance_id, l.count
  from alert l left join agent g on g.id = l.agent_id where l.told_at is null order by l.at limit 50`,
)
const told = statement(
  'oversight.told_alert',
  'update alert set told_at = app_now() where id = $1 and told_at is null returning id',
)

export const untoldAlerts = (db: Database) => db.query<Untold>(untold)
/** True for the one who tells of it. */
export const takeAlert = async (db: Database, id: string): Promise<boolean> => (await db.query(told, [id])).length === 1

export interface Supervisor {
  id: string
  email: string
  locale: Language
}

const supervising = statement(
  'oversight.supervisors',
  `
select id, email, locale from agent
 where 'supervisor' = any (roles) and deactivated_at is null and id is distinct from $1 order by id`,
)

/** Everybody who supervises, but for this one. */
export const supervisorsBut = (db: Database, agentId: string | null) => db.query<Supervisor>(supervising, [agentId])
