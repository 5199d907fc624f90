/** The flush: everything that one step wants kept, as one statement with a version check. */
import type { Assistance } from '../assistance/assistance.ts'
import { codeMinutes, guessesInAll, matchTries, sendsInAll } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import type { AssistanceId } from '../words.ts'
import { alarmed, alarmRows } from './alarm.ts'
import type { NewAct, NewLaunch, PowerChange, Writes } from './desk.ts'
import { byClock } from './endings.ts'
import { closing, recorded } from './record.ts'

const hex = (bytes: Uint8Array | undefined): string | null => (bytes ? Buffer.from(bytes).toString('hex') : null)

/** The columns that a state is kept in. What is left out (undefined) stays as it is in the row. */
function columns(next: Assistance) {
  const chosen = 'ecosystemId' in next ? (next.ecosystemId ?? null) : null
  const found = 'found' in next ? next.found : undefined
  return {
    state: next.state,
    email_asked: next.emailAsked,
    user_seen_at: next.userSeenAt,
    agent_method: next.agentMethod ?? null,
    lookups: next.lookups,
    user_id: found?.userId ?? null,
    seen: found ? { user: found.user, ecosystems: found.ecosystems } : null,
    ecosystem_id: chosen,
    surfaces: next.surfaces ?? null,
    powers: next.powers,
    length_minutes: next.lengthMinutes,
    warned_for: next.warnedFor,
    ...(next.state === 'active'
      ? { consented_at: next.consentedAt, max_until: next.maxUntil, broken_by: next.brokenBy ?? null }
      : {}),
    ...(next.state === 'closed' ? { because: next.because, closed_at: next.closedAt, closed_in: next.closedIn } : {}),
  }
}

const actRow = ({ caseRef, stepKey, agentId, codeId, ...act }: NewAct) => ({
  ...act,
  case_ref: caseRef,
  step_key: stepKey,
  agent_id: agentId,
  code_id: codeId,
})

const launchRow = ({ id, surface, ticketDigest, lastsSeconds }: NewLaunch) => ({
  id,
  surface,
  ticket_digest: hex(ticketDigest),
  lasts: lastsSeconds,
})

/**
 * One look-up more, of those of a day. An agent has one live assistance, and this statement holds it: what they looked up
 * in others is written already, so the sum is exact however many steps run beside one another.
 */
const withinLimit = (limit: string, which: string): string => `and (${limit}::int is null or ${limit}::int > (
         select coalesce(sum(o.lookups), 0) from assistance o
          where o.agent_id = held.agent_id and o.opened_at > t.now - interval '24 hours' and ${which}))`

const powerRow = (change: PowerChange) => {
  if ('refused' in change) return { id: change.id }
  if ('granted' in change) {
    const { provedBy, codeId, mac } = change.granted
    return { id: change.id, proved_by: provedBy, by_code: codeId, mac: hex(mac) }
  }
  const { id, power, surfaces, termsDigest, codeId } = change
  return { id, power, surfaces, terms_digest: hex(termsDigest), code_id: codeId }
}

const flushed = statement(
  'desk.flush',
  `
with held as materialized (
       select * from assistance where id = $1 and version = $2 and state <> 'closed' for update),
  t as materialized (select app_now() as now from held),
  gone as materialized (
    select 1 from held, t, lateral lapse(held, t.now)
    union all
    select 1 from held join code c on c.assistance_id = held.id
     where c.id = any($7::text[]) and (c.used_at is not null or c.void_at is not null)),
  -- A newer consent wins: the other assistance that is active for this user and ecosystem ends here, unless it has
  -- lapsed already; then that is recorded, at its time.
  rival as materialized (
    select o.* from assistance o, held
     where $3::jsonb ->> 'state' = 'active' and not exists (select from gone)
       and o.user_id = held.user_id and o.ecosystem_id = held.ecosystem_id and o.state = 'active' and o.id <> held.id
       for update of o),
  other as (
    update assistance o set state = 'closed', closed_in = o.state, 
           because = coalesce(l.because, case when o.id = (select handed_from from held) then 'handed_over' else 'superseded' end),
           closed_at = coalesce(l.at, t.now), version = o.version + 1, n = o.n + 1
      from t cross join rival left join lateral lapse(rival, t.now) l on true
     where o.id = rival.id
    returning o.id, o.n, o.user_id, o.because, o.closed_at, l.because is not null as lapsed, t.now),
  ended as (${closing('other', byClock(`jsonb_build_object('kind', 'user', 'id', s.user_id)`), `case when s.lapsed then '{}' else jsonb_build_object('by', $1::text) end`)}),
  -- One of the user's messages of the day: the row is locked and counted as it is now, so that senders beside one another
  -- get exactly as many as there are.
  taken as (
    insert into user_messages as m (user_id, sent_at)
    select $11, array[t.now] from held, t where $11::text is not null and not exists (select from gone)
    on conflict (user_id) do update
       set sent_at = array(select at from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') || excluded.sent_at
     where (select count(*) from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') < $12::int
    returning m.user_id),
  moved as (
    update assistance a
       set (state, email_asked, user_seen_at, agent_method, lookups, user_id, seen, ecosystem_id, surfaces, powers, length_minutes,
            consented_at, max_until, broken_by, warned_for, because, closed_at, closed_in, look_at) =
           (select r.state, r.email_asked, r.user_seen_at, r.agent_method, r.lookups, r.user_id, r.seen, r.ecosystem_id, r.surfaces,
                   r.powers, r.length_minutes, r.consented_at, r.max_until, r.broken_by, r.warned_for, r.because, r.closed_at, r.closed_in,
                   least(r.look_at, r.max_until)
              from jsonb_populate_record(a, $3::jsonb) r),
           version = a.version + 1,
           n = a.n + jsonb_array_length($4::jsonb)
      from held, t, (select count(*) from other) settled_first
     where a.id = held.id and not exists (select from gone) and ($11::text is null or exists (select from taken))
       ${withinLimit('$14', 'true')}
       ${withinLimit('$15', 'o.consented_at is null')}
    returning a.id, a.n, jsonb_array_length($4::jsonb) as count, t.now),
  ${recorded('$4::jsonb')},
  ${alarmed('$16::jsonb', 'moved')},
  voided as (
    update code c set void_at = m.now from moved m
     where c.assistance_id = m.id and c.purpose = any($5::text[]) and c.used_at is null and c.void_at is null
    returning c.id),
  sends as (
    insert into tries (assistance_id, purpose, sends_left, guesses_left)
    select m.id, c.purpose, (case when c.purpose in ('match', 'power_match') then ${matchTries} else ${sendsInAll} end) - 1, ${guessesInAll}
      from moved m, jsonb_to_recordset($6::jsonb) as c (purpose text)
    on conflict (assistance_id, purpose) do update set sends_left = tries.sends_left - 1),
  coded as (
    insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, browser_digest, sent_at, expires_at)
    select c.id, m.id, c.purpose, decode(c.terms_digest, 'hex'), decode(c.digest, 'hex'), c.guess_limit,
           decode(c.browser_digest, 'hex'), m.now, m.now + interval '${codeMinutes} minutes'
      from moved m, jsonb_to_recordset($6::jsonb) as c (id text, purpose text, terms_digest text, digest text,
           guess_limit int, browser_digest text), (select count(*) from voided) voided_first),
  used as (update code c set used_at = m.now from moved m where c.id = any($7::text[])),
  queued as (
    insert into outbox (id, assistance_id, user_id, purpose, code_id, channel, masked_to, sealed, created_at, next_at)
    select o.id, m.id, o.user_id, o.purpose, o.code_id, o.channel, o.masked_to, decode(o.sealed, 'hex'), m.now, m.now
      from moved m, jsonb_to_recordset($8::jsonb) as o (id text, user_id text, purpose text, code_id text, channel text,
           masked_to text, sealed text)),
  agreed as (
    insert into consent (assistance_id, terms, terms_digest, proved_by, code_id, approval_id, browser_digest, mac, at)
    select m.id, c.terms, decode(c.terms_digest, 'hex'), c.proved_by, c.code_id, c.approval_id, decode(c.browser_digest, 'hex'),
           decode(c.mac, 'hex'), m.now
      from moved m, jsonb_to_recordset($9::jsonb) as c (terms text, terms_digest text, proved_by text, code_id text,
           approval_id text, browser_digest text, mac text)),
  reviewed as (insert into review (assistance_id, opened_at) select m.id, m.now from moved m where $18::boolean),
  minted as (
    insert into launch (id, assistance_id, surface, ticket_digest, created_at, expires_at)
    select l.id, m.id, l.surface, decode(l.ticket_digest, 'hex'), m.now, m.now + make_interval(secs => l.lasts)
      from moved m, jsonb_to_recordset($10::jsonb -> 'launches') as l (id text, surface text, ticket_digest text, lasts int)
    returning id, assistance_id, surface, ticket_digest),
  -- A new code on the screen: phones that come with an older one, or wait on it, are too late.
  replaced as (
    update launch o set void_at = m.now, void_because = 'replaced' from minted l, moved m
     where l.ticket_digest is null and o.assistance_id = l.assistance_id and o.surface = l.surface
       and o.ticket_digest is null and o.redeemed_at is null and o.void_at is null),
  handed as (
    insert into handle (digest, launch_id, kind, valid_from, valid_until)
    select decode(h.digest, 'hex'), h.launch_id, h.kind, m.now + make_interval(secs => h."from"), m.now + make_interval(secs => h.until)
      from moved m, jsonb_to_recordset($10::jsonb -> 'handles') as h (digest text, launch_id text, kind text, "from" int, until int)),
  acted as (
    insert into succession_act (id, assistance_id, case_ref, act, step_key, entry, reason, note, agent_id, code_id, asked_at, next_at,
           result, answered_at)
    select s.id, m.id, s.case_ref, s.act, s.step_key, s.entry, s.reason, s.note, s.agent_id, s.code_id, m.now,
           -- The step itself hands it over; the loop takes what its process could not.
           case when s.pending then m.now + interval '5 seconds' end, case when s.pending then 'pending' else 'done' end, case when not s.pending then m.now end
      from moved m, jsonb_to_recordset($13::jsonb) as s (id text, case_ref text, act text, step_key text, entry text, reason text,
           note text, agent_id text, code_id text, pending boolean)),
  empowered as (
    insert into power (id, assistance_id, power, surfaces, terms_digest, code_id, asked_at)
    select p.id, m.id, p.power, p.surfaces, decode(p.terms_digest, 'hex'), p.code_id, m.now
      from moved m, jsonb_to_recordset($17::jsonb) as p (id text, power text, surfaces text[], terms_digest text, code_id text)
     where p.power is not null),
  answered as (
    update power w set granted_at = case when p.mac is not null then m.now else w.granted_at end,
           proved_by = coalesce(p.proved_by, w.proved_by), by_code = coalesce(p.by_code, w.by_code),
           mac = coalesce(decode(p.mac, 'hex'), w.mac), refused_at = case when p.mac is null then m.now end
      from moved m, jsonb_to_recordset($17::jsonb) as p (id text, power text, proved_by text, by_code text, mac text)
     where w.id = p.id and w.assistance_id = m.id and p.power is null and w.refused_at is null)
select m.n, m.now from moved m`,
)

/**
 * Writes what the step said, if the assistance is still as it was read (`version`) and still alive by the database's
 * clock, and the user may still be written to. False: something changed meanwhile, nothing was written, read again. A unique violation is thrown.
 * A living code whose purpose gets a new one is voided before the new one is kept.
 */
export async function flush(db: Database, id: AssistanceId, version: number, writes: Writes): Promise<boolean> {
  const rows = await db.query(flushed, [
    id,
    version,
    JSON.stringify(writes.next ? columns(writes.next) : {}),
    JSON.stringify(writes.events),
    writes.voids,
    JSON.stringify(
      writes.codes.map((code) => ({
        id: code.id,
        purpose: code.purpose,
        terms_digest: hex(code.termsDigest),
        digest: hex(code.digest),
        guess_limit: code.guessLimit,
        browser_digest: hex(code.browserDigest),
      })),
    ),
    writes.used,
    JSON.stringify(
      writes.messages.map((message) => ({
        id: message.id,
        user_id: message.userId ?? null,
        purpose: message.purpose,
        code_id: message.codeId ?? null,
        channel: message.channel,
        masked_to: message.maskedTo,
        sealed: hex(message.sealed),
      })),
    ),
    JSON.stringify(
      writes.consent
        ? [
            {
              terms: writes.consent.terms,
              terms_digest: hex(writes.consent.termsDigest),
              proved_by: writes.consent.provedBy,
              code_id: writes.consent.codeId ?? null,
              approval_id: writes.consent.approvalId ?? null,
              browser_digest: hex(writes.consent.browserDigest),
              mac: hex(writes.consent.mac),
            },
          ]
        : [],
    ),
    JSON.stringify({
      launches: writes.launch ? [launchRow(writes.launch)] : [],
      handles: writes.handles.map(({ launchId, digest, ...when }) => ({
        launch_id: launchId,
        digest: hex(digest),
        ...when,
      })),
    }),
    writes.disturbs?.userId ?? null,
    writes.disturbs?.aDay ?? null,
    JSON.stringify(writes.act ? [actRow(writes.act)] : []),
    writes.lookUps?.aDay ?? null,
    writes.lookUps?.withoutConsent ?? null,
    alarmRows(writes.alarms.map((alarm) => ({ ...alarm, assistanceId: id }))),
    JSON.stringify(writes.power ? [powerRow(writes.power)] : []),
    writes.review ?? false,
  ])
  return rows.length === 1
}
