/** The places of a session in SQL: strange ones told of once, proven ones kept, and what its agent can show at a new one. */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import type { Caller, Place } from '../door.ts'
import { tokenDigest } from '../secrets.ts'
import { totpFailuresInAll } from './factors.store.ts'

const texts = (event: Happening): string => JSON.stringify([draft(event)])

/** As many proven places as a session remembers; the oldest is forgotten. And as many strange ones as are told of. */
export const mostPlaces = 8
export const mostStrangers = 8

const noticed = statement(
  'place.notice',
  `
with noticed as (
    update agent_session set strangers = strangers || $2::bytea
     where id = $1 and num_nulls(ended_at) = 1 and cardinality(strangers) < ${mostStrangers} and not strangers && $3::bytea[]
    returning id),
  ${recordedLoose('$4::jsonb', 'noticed')}
select id from noticed`,
)
/** Notices a place where this session was not proven: true the first time, for so many of them. */
export const noticeStranger = async (db: Database, { sessionId }: Caller, place: Place, event: Happening) =>
  (await db.query(noticed, [sessionId, place[0], place, texts(event)])).length === 1

const shown = statement(
  'place.show',
  `
with shown as (
    update agent_session
       set token_digest = $2, places = (array_prepend($3::bytea, array_remove(places, $3::bytea)))[1:${mostPlaces}],
           seen_at = clock_timestamp(), shown_at = app_now()
     where id = $1 and num_nulls(ended_at) = 1 and expires_at > clock_timestamp() returning id),
  ${recordedLoose('$4::jsonb', 'shown')}
select id from shown`,
)
/** Keeps a place as proven, and gives the session a new token: the one before opens nothing any more. False once it has ended. */
export const keepPlace = async (db: Database, { sessionId }: Caller, token: string, place: Place, event: Happening) =>
  (await db.query(shown, [sessionId, tokenDigest(token), place[0], texts(event)])).length === 1

// ── By what it is shown ─────────────────────────────────────────────────────────────────────────────────────────────

const has = statement(
  'place.ways',
  `
select exists (select from passkey where agent_id = $1) as passkey,
       exists (select from totp where agent_id = $1) as app,
       exists (select from totp where agent_id = $1 and failures < ${totpFailuresInAll}) as totp`,
)
export type PlaceWay = 'passkey' | 'totp' | 'code'

/** What this agent can show at a new place: whoever has something stronger than a message shows that. */
export async function waysOf(db: Database, { agentId }: Caller): Promise<readonly PlaceWay[]> {
  const [row] = await db.query<{ passkey: boolean; app: boolean; totp: boolean }>(has, [agentId])
  const strong = [...(row?.passkey ? (['passkey'] as const) : []), ...(row?.totp ? (['totp'] as const) : [])]
  return row?.passkey || row?.app ? strong : ['code']
}
