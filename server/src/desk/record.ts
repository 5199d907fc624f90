/**
 * Writing the record: the part that every statement with events ends in. `moved(id, n, count, now)` are the rows that
 * the events belong to; `n` is what the assistance counts after them, so the numbers are gapless.
 */
import { draft, type Happening } from '../audit/event.ts'

export const recorded = (drafts: string) => `
  drafts as (select ord::int, d ->> 'id' as id, d -> 'body' as body, d -> 'words' as words
               from jsonb_array_elements(${drafts}) with ordinality as e (d, ord)),
  recorded as (
    insert into event (id, assistance_id, n, body)
    select d.id, m.id, m.n - m.count + d.ord,
           (d.body || jsonb_build_object('assistance', m.id, 'n', m.n - m.count + d.ord, 'at', rfc3339(m.now)))::text
      from moved m, drafts d returning id),
  worded as (
    insert into erasable (event_id, field, text, salt)
    select d.id, w ->> 'field', w ->> 'text', decode(w ->> 'salt', 'hex')
      from recorded r join drafts d on d.id = r.id, jsonb_array_elements(d.words) w)`

/** The same for events without words: one part less to run. `plain` makes their text, and takes no others. */
export const recordedPlain = (drafts: string) => `
  recorded as (
    insert into event (id, assistance_id, n, body)
    select d ->> 'id', m.id, m.n - m.count + ord::int,
           ((d -> 'body') || jsonb_build_object('assistance', m.id, 'n', m.n - m.count + ord::int, 'at', rfc3339(m.now)))::text
      from moved m, jsonb_array_elements(${drafts}) with ordinality as e (d, ord))`

/** Events without words, for `recordedPlain`. */
export const plain = (...happenings: readonly Happening[]): string => JSON.stringify(happenings.map(wordless))

/** One of them, for `recordedEach`. Throws where it has words: they would be lost. */
export function wordless(happening: Happening) {
  const { id, body, words } = draft(happening)
  if (words.length > 0) throw new Error(`words that nobody keeps: ${body.type}`)
  return { id, body }
}

/**
 * The same for acts that belong to no assistance (an account, a factor): the events stand if `acts` has a row. Two CTEs,
 * so that such a statement too is the act and its record, or neither.
 */
export const recordedLoose = (drafts: string, acts: string) => `
  noted as (
    insert into event (id, body)
    select d ->> 'id', ((d -> 'body') || jsonb_build_object('at', rfc3339(app_now())))::text
      from jsonb_array_elements(${drafts}) d where exists (select from ${acts}) returning id),
  noted_words as (
    insert into erasable (event_id, field, text, salt)
    select r.id, w ->> 'field', w ->> 'text', decode(w ->> 'salt', 'hex')
      from noted r join jsonb_array_elements(${drafts}) d on d ->> 'id' = r.id, jsonb_array_elements(d -> 'words') w)`

/**
 * Counts `count` events on the assistances of `acts(assistance_id)`, for statements of other rooms: `moved`, at the time
 * of `t(now)`. Acts without rows count nothing, so no event is written either. `more`: what else of the row they move.
 */
export const counted = (acts: string, count = '1', more = ''): string => `
  moved as (
    update assistance a set n = a.n + ${count}${more} from ${acts} x, t where a.id = x.assistance_id and ${count} > 0
    returning a.id, a.n, ${count} as count, t.now)`

/**
 * Events of many assistances at once, each with its numbers: of `said(assistance_id, ord, draft)`, drafts of `plain` in their
 * order, at the time of `t(now)`. What belongs to no assistance is recorded nowhere, as with `counted`.
 */
export const recordedEach = (said: string) => `
  moved as (
    update assistance a set n = a.n + s.count
      from (select assistance_id, count(*)::int as count from ${said} group by assistance_id) s, t
     where a.id = any (array(select assistance_id from ${said})) and a.id = s.assistance_id
    returning a.id, a.n - s.count as before, t.now),
  recorded as (
    insert into event (id, assistance_id, n, body)
    select s.draft ->> 'id', m.id, m.before + s.place,
           ((s.draft -> 'body') || jsonb_build_object('assistance', m.id, 'n', m.before + s.place, 'at', rfc3339(m.now)))::text
      from moved m join (select *, row_number() over (partition by assistance_id order by ord)::int as place from ${said}) s
                     on s.assistance_id = m.id
     order by s.ord)`

/**
 * The assistances of `$n`, held until the statement is over, and the time after that. In one order; `together`: those that somebody
 * else holds are left out, so that nobody waits for a whole group, nor a group for anybody.
 */
export const heldEach = (ids: string, together: boolean) => `
  held as materialized (
    select id from assistance where id = any(${ids}::text[]) order by id for no key update${together ? ' skip locked' : ''}),
  t as materialized (select app_now() as now from (select count(*) from held) x)`

/** The event of an ending, for rows of `source(id, n, now, user_id, because, closed_at)`; `more` is further data. */
export const closing = (source: string, actor: string, more = `'{}'::jsonb`) => `
  insert into event (id, assistance_id, n, body)
  select ev, s.id, s.n, (jsonb_build_object('v', 1, 'id', ev, 'type', 'assistance.closed', 'actor', ${actor},
         'subject', s.user_id, 'data', jsonb_build_object('because', s.because, 'closedAt', rfc3339(s.closed_at)) || ${more},
         'assistance', s.id, 'n', s.n, 'at', rfc3339(s.now)))::text
    from ${source} s, lateral (select 'ev_' || replace(gen_random_uuid()::text, '-', '') as ev where s.id is not null) e`
