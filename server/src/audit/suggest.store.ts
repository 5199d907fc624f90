/**
 * What a search of the record can be given, from what is in it. Each question reads a few hundred rows of an index, however much there
 * is, and finds nobody whom the search itself would not find with the same letters.
 */
import { mostSuggested, type Suggested, type Suggestion } from '@amparo/contract/audit'
import { type Database, type Statement, searched, statement } from '../database/database.ts'

/** So many of the newest are looked through where nothing was typed yet, and of an id's first letters. */
const newest = 300
/** A range of everything that begins so, by an index in the order of bytes. */
const begins = (what: string): string => `${what} ~>=~ lower($1) and ${what} ~<~ (lower($1) || chr(1114111))`

/** By the beginning of a name or of an address; where nothing was typed, whoever did something last. */
const agents = statement(
  'audit.suggest_agents',
  `
with found as (
  (select id, 0 as since from agent where $1 <> '' and ${begins('lower(name)')} order by lower(name) limit ${mostSuggested})
  union
  (select id, 0 from agent where $1 <> '' and lower(email) = lower($1))
  union
  (select id, 0 from agent where $1 <> '' and split_part(lower(email), '@', 1) = lower($1))
  union
  (select id, 0 from agent where id = $1)
  union all
  (select e.actor_id, min(e.place)::int from (select actor_id, row_number() over () as place
     from (select actor_id from event where $1 = '' order by ord desc limit ${newest}) n) e group by e.actor_id))
select a.id, a.name,
       (select count(*) > 1 from (select 1 from agent o where lower(o.name) ~>=~ lower(a.name)
           and lower(o.name) ~<~ (lower(a.name) || chr(1114111)) limit 2) same) as shared
  from (select id, min(since) as since from found group by id order by 2, 1 limit ${3 * mostSuggested}) f join agent a on a.id = f.id
 order by f.since, lower(a.name), a.id limit ${mostSuggested}`,
)

/** By the beginning of the address that was asked for, which the answer does not say; whoever's name is no longer known is left out. */
const users = statement(
  'audit.suggest_users',
  `
with found as (
  (select user_id, opened_at, seen from assistance where $1 <> '' and user_id is not null and ${begins('lower(email_asked)')}
    order by lower(email_asked) using ~<~ limit ${newest})
  union all
  (select user_id, opened_at, seen from assistance where user_id = $1 order by opened_at desc limit 1)
  union all
  (select user_id, opened_at, seen from assistance where $1 = '' order by opened_at desc, id desc limit ${newest}))
select * from (
  select distinct on (user_id) user_id as value, seen #>> '{user,name}' as name, opened_at
    from found where user_id is not null and seen #>> '{user,name}' is not null order by user_id, opened_at desc) one
 order by opened_at desc limit ${mostSuggested}`,
)

/** The newest that begin so, with who helped whom. */
const assistances = statement(
  'audit.suggest_assistances',
  `
select a.id as value, concat_ws(' → ', g.name, a.seen #>> '{user,name}') as name
  from (select * from assistance order by opened_at desc, id desc limit ${newest}) a left join agent g on g.id = a.agent_id
 where starts_with(a.id, $1) order by a.opened_at desc, a.id desc limit ${mostSuggested}`,
)

/** Each kind of event, found by leaping from one to the next along the index of types. */
const types = statement(
  'audit.suggest_types',
  `
with recursive each as (
  (select type from event order by type, ord desc limit 1)
  union all
  select (select e.type from event e where e.type > each.type order by e.type, e.ord desc limit 1) from each where each.type is not null)
select type as value from each where type is not null and strpos(type, lower($1)) > 0 order by strpos(type, lower($1)), type limit ${mostSuggested}`,
)

const because = `((e.body::jsonb) #>> '{data,because}')`
const endings = statement(
  'audit.suggest_endings',
  `
with recursive each as (
  (select ${because} as word from event e where e.type = 'assistance.closed' order by ${because}, e.ord desc limit 1)
  union all
  select (select ${because} from event e where e.type = 'assistance.closed' and ${because} > each.word order by ${because}, e.ord desc limit 1)
    from each where each.word is not null)
select word as value from each where word is not null and strpos(word, lower($1)) > 0 order by strpos(word, lower($1)), word limit ${mostSuggested}`,
)

const asked: Readonly<Record<Exclude<Suggested, 'agent'>, Statement>> = {
  user: users,
  type: types,
  assistance: assistances,
  because: endings,
}

export async function suggestionsOf(db: Database, of: Suggested, text: string): Promise<Suggestion[]> {
  if (of !== 'agent') {
    const rows = await searched<{ value: string; name?: string | null }>(db, asked[of], [text])
    return rows.map(({ value, name }) => ({ value, ...(name ? { name } : {}) }))
  }
  const rows = await searched<{ id: string; name: string; shared: boolean }>(db, agents, [text])
  // A name that others have too, or that no search can quote, would find more than the one who is meant.
  return rows.map(({ id, name, shared }) => ({ value: shared || name.includes('"') ? id : name, name }))
}
