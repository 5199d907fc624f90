/**
 * The flush: everything that one step wants kept, as one statement with a version check. It is put together of parts, and
 * a step pays for those alone that it said something for: a message costs nothing to a step that sends none.
 */
import type { Assistance } from '../assistance/assistance.ts'
import { codeMinutes, guessesInAll, matches, matchTries, sendsInAll } from '../codes/code.ts'
import type { NewHandle } from '../codes/handle.ts'
import { type Database, statement } from '../database/database.ts'
import type { AssistanceId } from '../words.ts'
import { type Alarm, alarmed, alarmRows } from './alarm.ts'
import type { LookUpLimits, NewAct, NewConsent, NewLaunch, NewMessage, PowerChange, Writes } from './desk.ts'
import { byClock } from './endings.ts'
import { closing, recorded, recordedPlain } from './record.ts'

/**
 * Writes what the step said, if the assistance is still as it was read (`version`) and still alive by the database's
 * clock, and the user may still be written to. Undefined: something changed meanwhile, nothing was written, read again.
 * A unique violation is thrown. `superseded`: another assistance ended with it.
 * A living code whose purpose gets a new one is voided before the new one is kept.
 */
export async function flush(
  db: Database,
  id: AssistanceId,
  version: number,
  writes: Writes,
): Promise<Flushed | undefined> {
  const values: unknown[] = [id, version]
  const parts = partsOf(id, writes, (value) => `$${values.push(value)}`)
  const name = `desk.flush ${parts.map(({ name }) => name).join('.')}`
  const text = `with ${parts.map(({ sql }) => sql).join(',\n')}\nselect ${writes.next?.state === 'active' ? 'exists (select from other)' : 'false'} as superseded from moved`
  return (await db.query<Flushed>(statement(name, text), values))[0]
}

export interface Flushed {
  readonly superseded: boolean
}

/** One part of the statement. Its short name says which of its forms it has: what has one name has one text. */
interface Part {
  readonly name: string
  readonly sql: string
}
/** Takes a value along and says where it stands. */
type Given = (value: unknown) => string

function partsOf(id: AssistanceId, writes: Writes, given: Given): readonly Part[] {
  const {
    next,
    events,
    codes,
    voids,
    used,
    messages,
    handles,
    disturbs,
    lookUps,
    alarms,
    consent,
    review,
    launch,
    act,
    power,
  } = writes
  const active = next?.state === 'active'
  const usedIds = used.length > 0 ? given(used) : undefined
  return [
    held(usedIds),
    ...(active ? [rival] : []),
    ...(disturbs ? [taken(given(disturbs.userId), given(disturbs.aDay))] : []),
    moved(next, events.length, { disturbs: disturbs !== undefined, lookUps }, given),
    ...(events.length > 0 ? [record(events, given)] : []),
    ...(alarms.length > 0 ? [alarm(id, alarms, given)] : []),
    ...(voids.length > 0 ? [voided(given(voids), usedIds)] : []),
    ...(codes.length > 0 ? [coded(codes, given)] : []),
    ...(usedIds ? [spent(usedIds)] : []),
    ...(messages.length > 0 ? [queued(messages, given)] : []),
    ...(consent ? [agreed(consent, given)] : []),
    ...(review ? [reviewed] : []),
    ...(launch ? [minted(launch, given)] : []),
    ...(handles.length > 0 ? [handed(handles, given)] : []),
    ...(act ? [acted(act, given)] : []),
    ...(power ? [empowered(power, given)] : []),
  ]
}

/** Rows of values, each with its type: `(values ($3::text, $4::int), …) as name (a, b)`. */
const rows = (
  as: string,
  types: Readonly<Record<string, string>>,
  all: readonly (readonly unknown[])[],
  given: Given,
): string => {
  const kinds = Object.values(types)
  const row = (values: readonly unknown[]) =>
    `(${values.map((value, at) => `${given(value)}::${kinds[at]}`).join(', ')})`
  return `(values ${all.map(row).join(', ')}) as ${as} (${Object.keys(types).join(', ')})`
}

// ── May it be written? ──────────────────────────────────────────────────────────────────────────────────────────────

/** The row as it was read, locked; the time after the lock; and what forbids the writing by then. */
const held = (usedIds: string | undefined): Part => ({
  name: usedIds ? 'hu' : 'h',
  sql: `
  held as materialized (
       select * from assistance where id = $1 and version = $2 and state <> 'closed' for update),
  t as materialized (select app_now() as now from held),
  gone as materialized (
    select 1 from held, t, lateral lapse(held, t.now)
    ${
      usedIds
        ? `union all
    select 1 from held join code c on c.assistance_id = held.id
     where c.id = any(${usedIds}::text[]) and (c.used_at is not null or c.void_at is not null)`
        : ''
    })`,
})

/**
 * A newer consent wins: the other assistance that is active for this user and ecosystem ends here, unless it has lapsed
 * already; then that is recorded, at its time.
 */
const rival: Part = {
  name: 'r',
  sql: `
  rival as materialized (
    select o.* from assistance o, held
     where not exists (select from gone)
       and o.user_id = held.user_id and o.ecosystem_id = held.ecosystem_id and o.state = 'active' and o.id <> held.id
       for update of o),
  other as (
    update assistance o set state = 'closed', closed_in = o.state, 
           because = coalesce(l.because, case when o.id = (select handed_from from held) then 'handed_over' else 'superseded' end),
           closed_at = coalesce(l.at, t.now), version = o.version + 1, n = o.n + 1
      from t cross join rival left join lateral lapse(rival, t.now) l on true
     where o.id = rival.id
    returning o.id, o.n, o.user_id, o.because, o.closed_at, l.because is not null as lapsed, t.now),
  ended as (${closing('other', byClock(`jsonb_build_object('kind', 'user', 'id', s.user_id)`), `case when s.lapsed then '{}' else jsonb_build_object('by', $1::text) end`)})`,
}

/**
 * One of the user's messages of the day: the row is locked and counted as it is now, so that senders beside one another
 * get exactly as many as there are.
 */
const taken = (userId: string, aDay: string): Part => ({
  name: 't',
  sql: `
  taken as (
    insert into user_messages as m (user_id, sent_at)
    select ${userId}, array[t.now] from held, t where not exists (select from gone)
    on conflict (user_id) do update
       set sent_at = array(select at from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') || excluded.sent_at
     where (select count(*) from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') < ${aDay}::int
    returning m.user_id)`,
})

// ── The assistance itself ───────────────────────────────────────────────────────────────────────────────────────────

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
    seen: found ? JSON.stringify({ user: found.user, ecosystems: found.ecosystems }) : null,
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

/**
 * One look-up more, of those of a day. An agent has one live assistance, and this statement holds it: what they looked up
 * in others is written already, so the sum is exact however many steps run beside one another.
 */
const withinLimit = (limit: string, which: string): string => `and ${limit}::int > (
         select coalesce(sum(o.lookups), 0) from assistance o
          where o.agent_id = held.agent_id and o.opened_at > t.now - interval '24 hours' and ${which})`

/** What else the writing depends on: one of the messages of the day, and look-ups that are left. */
interface Limits {
  readonly disturbs: boolean
  readonly lookUps: LookUpLimits | undefined
}

function moved(next: Assistance | undefined, events: number, { disturbs, lookUps }: Limits, given: Given): Part {
  const kept = Object.entries(next ? columns(next) : {}).filter(([, value]) => value !== undefined)
  const set = kept.map(([column, value]) => {
    const place = given(value)
    return column === 'max_until'
      ? `max_until = ${place}, look_at = least(a.look_at, ${place})`
      : `${column} = ${place}`
  })
  const count = given(events)
  const { aDay, withoutConsent } = lookUps ?? {}
  const limits = [
    ...(disturbs ? ['and exists (select from taken)'] : []),
    ...(aDay === undefined ? [] : [withinLimit(given(aDay), 'true')]),
    ...(withoutConsent === undefined ? [] : [withinLimit(given(withoutConsent), 'o.consented_at is null')]),
  ]
  const ending = next?.state === 'active' ? ', (select count(*) from other) settled_first' : ''
  return {
    name: `m${formOf(next)}${next?.warnedFor ? 'w' : ''}${aDay === undefined ? '' : 1}${withoutConsent === undefined ? '' : 2}`,
    sql: `
  moved as (
    update assistance a set ${[...set, 'version = a.version + 1', `n = a.n + ${count}::int`].join(', ')}
      from held, t${ending}
     where a.id = held.id and not exists (select from gone) ${limits.join(' ')}
    returning a.id, a.n, ${count}::int as count, t.now)`,
  }
}

/** Which columns are written: those of something that ended, of something active, or of what comes before. */
const formOf = (next: Assistance | undefined): string => {
  if (!next) return ''
  return next.state === 'active' || next.state === 'closed' ? (next.state[0] ?? '') : 'k'
}

function record(events: Writes['events'], given: Given): Part {
  const wordy = events.some(({ words }) => words.length > 0)
  const drafts = `${given(JSON.stringify(events))}::jsonb`
  return wordy ? { name: 'w', sql: recorded(drafts) } : { name: 'e', sql: recordedPlain(drafts) }
}

/** What supervisors are to hear of. */
const alarm = (assistanceId: AssistanceId, alarms: readonly Alarm[], given: Given): Part => ({
  name: 'o',
  sql: alarmed(`${given(alarmRows(alarms.map((one) => ({ ...one, assistanceId }))))}::jsonb`, 'moved'),
})

// ── What hangs on it ────────────────────────────────────────────────────────────────────────────────────────────────

/** A code that is used here is used, not voided. */
const voided = (purposes: string, usedIds: string | undefined): Part => ({
  name: 'v',
  sql: `
  voided as (
    update code c set void_at = m.now from moved m
     where c.assistance_id = m.id and c.purpose = any(${purposes}::text[]) and c.used_at is null and c.void_at is null
       ${usedIds ? `and c.id <> all(${usedIds}::text[])` : ''}
    returning c.id)`,
})

function coded(codes: Writes['codes'], given: Given): Part {
  const types = {
    id: 'text',
    purpose: 'text',
    terms_digest: 'bytea',
    digest: 'bytea',
    guess_limit: 'int',
    browser_digest: 'bytea',
  }
  const all = codes.map((code) => [
    code.id,
    code.purpose,
    code.termsDigest,
    code.digest,
    code.guessLimit,
    code.browserDigest ?? null,
  ])
  return {
    name: `c${codes.length}`,
    sql: `
  fresh as (select * from ${rows('c', types, all, given)}),
  sends as (
    insert into tries (assistance_id, purpose, sends_left, guesses_left)
    select m.id, c.purpose, (case when c.purpose in ('${matches.join("', '")}') then ${matchTries} else ${sendsInAll} end) - 1, ${guessesInAll}
      from moved m, fresh c
    on conflict (assistance_id, purpose) do update set sends_left = tries.sends_left - 1),
  coded as (
    insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, browser_digest, sent_at, expires_at)
    select c.id, m.id, c.purpose, c.terms_digest, c.digest, c.guess_limit, c.browser_digest, m.now,
           m.now + interval '${codeMinutes} minutes'
      from moved m, fresh c, (select count(*) from voided) voided_first)`,
  }
}

/** A right code is used, and the try that was paid for it is given back: only a wrong one costs. */
const spent = (usedIds: string): Part => ({
  name: 's',
  sql: `
  spent as (
    update code c set used_at = m.now, guesses = c.guesses - 1 from moved m where c.id = any(${usedIds}::text[])
    returning c.assistance_id, c.purpose),
  spared as (
    update tries set guesses_left = guesses_left + 1 from spent
     where tries.assistance_id = spent.assistance_id and tries.purpose = spent.purpose)`,
})

function queued(messages: readonly NewMessage[], given: Given): Part {
  const types = {
    id: 'text',
    user_id: 'text',
    purpose: 'text',
    code_id: 'text',
    channel: 'text',
    masked_to: 'text',
    sealed: 'bytea',
  }
  const all = messages.map((message) => [
    message.id,
    message.userId ?? null,
    message.purpose,
    message.codeId ?? null,
    message.channel,
    message.maskedTo,
    message.sealed,
  ])
  return {
    name: `q${messages.length}`,
    sql: `
  queued as (
    insert into outbox (id, assistance_id, user_id, purpose, code_id, channel, masked_to, sealed, created_at, next_at)
    select o.id, m.id, o.user_id, o.purpose, o.code_id, o.channel, o.masked_to, o.sealed, m.now, m.now
      from moved m, ${rows('o', types, all, given)})`,
  }
}

const agreed = (consent: NewConsent, given: Given): Part => ({
  name: 'a',
  sql: `
  agreed as (
    insert into consent (assistance_id, terms, terms_digest, proved_by, code_id, approval_id, browser_digest, mac, at)
    select m.id, ${given(consent.terms)}, ${given(consent.termsDigest)}, ${given(consent.provedBy)},
           ${given(consent.codeId ?? null)}, ${given(consent.approvalId ?? null)}, ${given(consent.browserDigest ?? null)}, ${given(consent.mac)}, m.now from moved m)`,
})

/** Somebody who had no part in it has to look at it afterwards. */
const reviewed: Part = {
  name: 'z',
  sql: `
  reviewed as (insert into review (assistance_id, opened_at) select m.id, m.now from moved m)`,
}

/** Without a ticket a phone takes it: those that come with an older code of the screen, or wait on it, are too late. */
const minted = (launch: NewLaunch, given: Given): Part => ({
  name: launch.ticketDigest ? 'l' : 'lp',
  sql: `
  minted as (
    insert into launch (id, assistance_id, surface, ticket_digest, created_at, expires_at)
    select ${given(launch.id)}, m.id, ${given(launch.surface)}, ${given(launch.ticketDigest ?? null)}, m.now,
           m.now + make_interval(secs => ${given(launch.lastsSeconds)}) from moved m
    returning id, assistance_id, surface)${
      launch.ticketDigest
        ? ''
        : `,
  replaced as (
    update launch o set void_at = m.now, void_because = 'replaced' from minted l, moved m
     where o.assistance_id = l.assistance_id and o.surface = l.surface
       and o.ticket_digest is null and o.redeemed_at is null and o.void_at is null)`
    }`,
})

/** What phones may take a launch by. */
function handed(handles: readonly NewHandle[], given: Given): Part {
  const types = { digest: 'bytea', launch_id: 'text', kind: 'text', opens: 'int', closes: 'int' }
  const all = handles.map((handle) => [handle.digest, handle.launchId, handle.kind, handle.from, handle.until])
  return {
    name: `p${handles.length}`,
    sql: `
  handed as (
    insert into handle (digest, launch_id, kind, valid_from, valid_until)
    select h.digest, h.launch_id, h.kind, m.now + make_interval(secs => h.opens), m.now + make_interval(secs => h.closes)
      from moved m, ${rows('h', types, all, given)})`,
  }
}

/** The step itself hands a pending act over; the loop takes what its process could not. */
const acted = (act: NewAct, given: Given): Part => ({
  name: act.pending ? 'xp' : 'x',
  sql: `
  acted as (
    insert into succession_act (id, assistance_id, case_ref, act, step_key, entry, reason, note, agent_id, code_id, asked_at,
                                next_at, result, answered_at)
    select ${given(act.id)}, m.id, ${given(act.caseRef)}, ${given(act.act)}, ${given(act.stepKey ?? null)},
           ${given(act.entry ?? null)}, ${given(act.reason ?? null)}, ${given(act.note)}, ${given(act.agentId)},
           ${given(act.codeId ?? null)}, m.now,
           ${act.pending ? `m.now + interval '5 seconds', 'pending', null` : `null, 'done', m.now`} from moved m)`,
})

/** One sensitive power: asked for, granted, or refused, before or afterwards. */
function empowered(change: PowerChange, given: Given): Part {
  const id = given(change.id)
  const standing = `from moved m where w.id = ${id} and w.assistance_id = m.id and w.refused_at is null)`
  if ('refused' in change)
    return { name: 'wr', sql: `\n  answered as (update power w set refused_at = m.now ${standing}` }
  if ('granted' in change) {
    const { provedBy, codeId, mac } = change.granted
    return {
      name: 'wg',
      sql: `
  answered as (
    update power w set granted_at = m.now, proved_by = ${given(provedBy)}, by_code = ${given(codeId)}, mac = ${given(mac)}
      ${standing}`,
    }
  }
  const { power, surfaces, termsDigest, codeId } = change
  return {
    name: 'wa',
    sql: `
  empowered as (
    insert into power (id, assistance_id, power, surfaces, terms_digest, code_id, asked_at)
    select ${id}, m.id, ${given(power)}, ${given(surfaces)}, ${given(termsDigest)}, ${given(codeId)}, m.now from moved m)`,
  }
}
