/**
 * What we read of the vendor's Core: three views in schema `amparo_core`, in the vendor's own database or in ours.
 * We never write there. The views are checked at start: one missing or wrong is named, with how to write it.
 */
import { type Database, statement } from '../database/database.ts'
import { type LookUp, type Membership, type Person, type SupportAccess, supportAccessOf } from '../policy/policy.ts'

/** The Core did not answer. Nothing was read, so nothing may be opened. */
export class CoreSilent extends Error {}

/** One pair of a live assistance, as the Core knows it now. */
export interface Standing {
  readonly userId: string
  readonly ecosystemId: string
  readonly userActive: boolean
  readonly ecosystemActive: boolean
  readonly role: 'owner' | 'member' | undefined
  readonly features: readonly string[]
  readonly seats?: readonly string[]
  readonly support: SupportAccess
  readonly ownerId?: string | undefined
}

export interface Core {
  /** Everybody with this e-mail, whatever its capitals. Throws CoreSilent. */
  lookUp(email: string): Promise<LookUp>
  /** One person by their id, as they are now. Throws CoreSilent. */
  person(userId: string): Promise<LookUp>
  /** Several by their ids, in one reading; who is there once. Throws CoreSilent. */
  people(userIds: readonly string[]): Promise<ReadonlyMap<string, Person>>
  /** How these pairs of user and ecosystem stand now, in one reading. Throws CoreSilent. */
  standings(pairs: readonly { userId: string; ecosystemId: string }[]): Promise<readonly Standing[]>
  /** What is wrong with the views, a sentence each; empty when all is well. */
  faults(): Promise<readonly string[]>
  /** What `doctor` prints: each view with its rows. */
  report(): Promise<readonly { view: string; rows: number; note?: string }[]>
}

interface PersonRow {
  user_id: string
  email: string
  phone: string | null
  display_name: string
  locale: string | null
  status: string
  is_staff: boolean
  email_changed_at: Date | null
  phone_changed_at: Date | null
  memberships: {
    id: string
    name: string
    owner: boolean
    status: string
    features: string[] | null
    seats?: string[] | null
    ownerId: string | null
    support: string | null
  }[]
}

/** The seats that their memberships give a person in an ecosystem; whatever is no list of them gives none. */
const seatsOf = (ecosystem: string, person: string): string => `(
             select jsonb_agg(distinct seat) from amparo_core.memberships m, jsonb_array_elements_text(
                      case jsonb_typeof(to_jsonb(m) -> 'seats') when 'array' then to_jsonb(m) -> 'seats' else '[]' end) seat
              where m.ecosystem_id = ${ecosystem} and m.user_id = ${person} and m.active)`

const peopleWhere = (name: string, where: string, seats: boolean) =>
  statement(
    seats ? `${name}_seated` : name,
    `
select u.user_id, coalesce(u.email, '') as email, u.phone, coalesce(u.display_name, u.email, u.user_id) as display_name,
       u.locale, u.status, coalesce(u.is_staff, false) as is_staff,
       -- Optional columns: a view without them tells nothing of it.
       (to_jsonb(u) ->> 'email_changed_at')::timestamptz as email_changed_at,
       (to_jsonb(u) ->> 'phone_changed_at')::timestamptz as phone_changed_at,
       coalesce((
         select json_agg(json_build_object('id', e.ecosystem_id, 'name', coalesce(e.name, e.ecosystem_id), 'owner',
                                           coalesce(e.owner_user_id = u.user_id, false), 'status', e.status,
                                           'ownerId', e.owner_user_id, 'support', to_jsonb(e) ->> 'support_access',
                                           'features', e.features${seats ? `, 'seats', ${seatsOf('e.ecosystem_id', 'u.user_id')}` : ''}
                                           ) order by e.name, e.ecosystem_id)
           from amparo_core.ecosystems e
          where e.ecosystem_id in (
            select o.ecosystem_id from amparo_core.ecosystems o where o.owner_user_id = u.user_id
            union select m.ecosystem_id from amparo_core.memberships m where m.user_id = u.user_id and m.active)), '[]') as memberships
  from amparo_core.users u where ${where}`,
  )

/** What is asked of the Core: with seats only where a product wants one, since each look-up would pay for them. */
const questions = (seats: boolean) => ({
  byEmail: peopleWhere('core.by_email', 'lower(u.email) = lower($1) limit 2', seats),
  byId: peopleWhere('core.by_id', 'u.user_id = $1 limit 2', seats),
  standings: standingsWith(seats),
})

const standingsWith = (seats: boolean) =>
  statement(
    seats ? 'core.standings_seated' : 'core.standings',
    `
select p.user_id, p.ecosystem_id, coalesce(u.status = 'active', false) as user_active,
       coalesce(e.status = 'active', false) as ecosystem_active, e.features, to_jsonb(e) ->> 'support_access' as support, e.owner_user_id as owner_id,
       ${seats ? seatsOf('p.ecosystem_id', 'p.user_id') : 'null'} as seats,
       case when e.owner_user_id = p.user_id then 'owner'
            when exists (select from amparo_core.memberships m
                          where m.ecosystem_id = p.ecosystem_id and m.user_id = p.user_id and m.active) then 'member' end as role
  from unnest($1::text[], $2::text[]) as p (user_id, ecosystem_id)
  left join amparo_core.users u on u.user_id = p.user_id
  left join amparo_core.ecosystems e on e.ecosystem_id = p.ecosystem_id`,
  )
const [seatless, seated] = [questions(false), questions(true)]
const byIds = peopleWhere('core.by_ids', 'u.user_id = any($1)', false)

/**
 * The Core behind a database connection; `support_access` may be missing from the view, and `features` be null from the vendor's
 * view. `seats`: some product is for those alone who have a seat in it.
 */
export function core(db: Database, { seats = false } = {}): Core {
  const { byEmail, byId, standings } = seats ? seated : seatless
  const asked = async <Row extends object>(...query: Parameters<Database['query']>): Promise<Row[]> => {
    try {
      return await db.query<Row>(...query)
    } catch (error) {
      throw new CoreSilent('The Core did not answer.', { cause: error })
    }
  }
  return {
    lookUp: async (email) => lookUpOf(await asked<PersonRow>(byEmail, [email])),
    person: async (userId) => lookUpOf(await asked<PersonRow>(byId, [userId])),
    people: async (userIds) => onceEach(await asked<PersonRow>(byIds, [userIds])),
    standings: async (pairs) =>
      (
        await asked<{
          user_id: string
          ecosystem_id: string
          user_active: boolean
          ecosystem_active: boolean
          features: string[] | null
          seats: string[] | null
          support: string | null
          owner_id: string | null
          role: 'owner' | 'member' | null
        }>(standings, [pairs.map((pair) => pair.userId), pairs.map((pair) => pair.ecosystemId)])
      ).map((row) => ({
        userId: row.user_id,
        ecosystemId: row.ecosystem_id,
        userActive: row.user_active,
        ecosystemActive: row.ecosystem_active,
        role: row.role ?? undefined,
        features: row.features ?? [],
        seats: row.seats ?? [],
        support: supportAccessOf(row.support),
        ownerId: row.owner_id ?? undefined,
      })),
    faults: () => faultsOf(asked, seats),
    report: () => reportOf(asked),
  }
}

/** Like a look-up: whoever is there twice is nobody whom we may write to. */
function onceEach(rows: readonly PersonRow[]): ReadonlyMap<string, Person> {
  const times = new Map<string, number>()
  for (const { user_id } of rows) times.set(user_id, (times.get(user_id) ?? 0) + 1)
  return new Map(rows.filter(({ user_id }) => times.get(user_id) === 1).map((row) => [row.user_id, personOf(row)]))
}

function lookUpOf(rows: readonly PersonRow[]): LookUp {
  const [row, second] = rows
  if (!row) return { found: 'nobody' }
  if (second) return { found: 'several' }
  return { found: 'one', person: personOf(row), memberships: row.memberships.map(membershipOf) }
}

const personOf = (row: PersonRow): Person => ({
  id: row.user_id,
  name: row.display_name,
  email: row.email,
  ...(row.phone === null ? {} : { phone: row.phone }),
  locale: row.locale?.toLowerCase().startsWith('es') ? 'es' : 'en',
  active: row.status === 'active',
  staff: row.is_staff,
  ...(row.email_changed_at === null ? {} : { emailChangedAt: row.email_changed_at }),
  ...(row.phone_changed_at === null ? {} : { phoneChangedAt: row.phone_changed_at }),
})

const membershipOf = (row: PersonRow['memberships'][number]): Membership => ({
  ecosystemId: row.id,
  name: row.name,
  role: row.owner ? 'owner' : 'member',
  status: row.status === 'active' ? 'active' : 'suspended',
  features: row.features ?? [],
  ...(row.seats ? { seats: row.seats } : {}),
  support: supportAccessOf(row.support),
  ...(row.ownerId === null ? {} : { ownerId: row.ownerId }),
})

type Ask = <Row extends object>(...query: Parameters<Database['query']>) => Promise<Row[]>

/** The columns that each view must have; a type is one of PostgreSQL's own names for it. */
const views: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  users: {
    user_id: ['text'],
    email: ['text'],
    phone: ['text'],
    display_name: ['text'],
    locale: ['text'],
    status: ['text'],
    is_staff: ['boolean'],
  },
  ecosystems: {
    ecosystem_id: ['text'],
    name: ['text'],
    owner_user_id: ['text'],
    status: ['text'],
    features: ['ARRAY'],
  },
  memberships: { ecosystem_id: ['text'], user_id: ['text'], role: ['text'], active: ['boolean'] },
}
/** The columns that a view may have, and their types where it has them; seats it must have where a product wants one. */
const optional: typeof views = { memberships: { seats: ['ARRAY'] } }
const textual = ['text', 'character varying', 'character', 'citext', 'USER-DEFINED']

async function faultsOf(ask: Ask, seats: boolean): Promise<readonly string[]> {
  const columns = await ask<{ table_name: string; column_name: string; data_type: string }>(
    `select table_name, column_name, data_type from information_schema.columns where table_schema = 'amparo_core'`,
  )
  return Object.entries(views).flatMap(([view, wanted]) => {
    const has = new Map(columns.filter((c) => c.table_name === view).map((c) => [c.column_name, c.data_type]))
    if (has.size === 0) {
      return [
        `amparo_core.${view} is missing. Write: create view amparo_core.${view} as select … as ${Object.keys(wanted).join(', … as ')} from your own tables;`,
      ]
    }
    const mayHave = Object.entries(optional[view] ?? {}).filter(([column]) => seats || has.has(column))
    return [...Object.entries(wanted), ...mayHave].flatMap(([column, types]) => {
      const type = has.get(column)
      const name = types[0] === 'ARRAY' ? 'text[]' : types[0]
      const allowed = types[0] === 'text' ? textual : types
      if (type === undefined)
        return [
          `amparo_core.${view} has no column ${column} (${name}). Add it to the view; null is allowed where you have no such thing.`,
        ]
      return allowed.includes(type)
        ? []
        : [`amparo_core.${view}.${column} is ${type}; it must be ${name}. Cast it in the view: ${column}::${name}.`]
    })
  })
}

async function reportOf(ask: Ask): Promise<readonly { view: string; rows: number; note?: string }[]> {
  const counts = await Promise.all(
    Object.keys(views).map(async (view) => {
      const [row] = await ask<{ rows: number }>(`select count(*)::int as rows from amparo_core.${view}`)
      return { view: `amparo_core.${view}`, rows: row?.rows ?? 0 }
    }),
  )
  const odd = await ask<{ ecosystem_id: string }>(
    `select m.ecosystem_id from amparo_core.memberships m join amparo_core.ecosystems e using (ecosystem_id)
      where (m.role = 'owner') <> (m.user_id = e.owner_user_id) order by 1 limit 20`,
  )
  return odd.length === 0
    ? counts
    : [
        ...counts,
        {
          view: 'amparo_core.memberships',
          rows: odd.length,
          note: `role disagrees with owner_user_id in: ${odd.map((row) => row.ecosystem_id).join(', ')}`,
        },
      ]
}
