/**
 * Alarms: what a supervisor is to hear of, once in a window about the same person. The window is claimed in the statement
 * that writes the alert, so any number of steps beside one another give one.
 */
import type { AlertKind } from '@amparo/contract/oversight'
import { type Database, statement } from '../database/database.ts'
import { newId } from '../secrets.ts'

export interface Alarm {
  readonly kind: AlertKind
  /** Whom the window is counted for. */
  readonly about: string
  readonly agentId?: string | undefined
  readonly userId?: string | undefined
  readonly assistanceId?: string | undefined
  readonly count?: number | undefined
  readonly hours: number
}

/** Writes the alarms of a parameter, if `base(now)` has a row. */
export const alarmed = (alarms: string, base: string) => `
  alarms as materialized (
    select x.*, b.now from ${base} b, jsonb_to_recordset(${alarms}) as x
           (id text, kind text, about text, agent_id text, user_id text, assistance_id text, count int, hours int)),
  claimed as (
    insert into alert_window as w (kind, about, until)
    select kind, about, now + hours * interval '1 hour' from alarms
    on conflict (kind, about) do update set until = excluded.until where w.until <= (select min(now) from alarms)
    returning w.kind, w.about),
  alerted as (
    insert into alert (id, kind, about, agent_id, user_id, assistance_id, count, at)
    select a.id, a.kind, a.about, a.agent_id, a.user_id, a.assistance_id, a.count, a.now
      from alarms a join claimed using (kind, about) returning id)`

/** What `alarmed` takes. */
export const alarmRows = (alarms: readonly Alarm[]): string =>
  JSON.stringify(
    alarms.map(({ kind, about, agentId, userId, assistanceId, count, hours }) => ({
      id: newId('al'),
      kind,
      about,
      agent_id: agentId,
      user_id: userId,
      assistance_id: assistanceId,
      count,
      hours,
    })),
  )

const raised = statement(
  'desk.raise',
  `
with t as materialized (select app_now() as now), ${alarmed('$1::jsonb', 't')}
select id from alerted`,
)

/** Gives an alert that no step writes: of a refusal, or of an ending. False: it was given in this window. */
export const raise = async (db: Database, alarm: Alarm): Promise<boolean> =>
  (await db.query(raised, [alarmRows([alarm])])).length > 0
