/** The vendor's own tables, as its products read and write them. Amparo knows nothing of them. */
import type { Assistance } from '@amparo/relying-party/surface'
import type { Pool } from 'pg'

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly language: 'en' | 'es'
  readonly active: boolean
}
export interface Clinic {
  readonly id: string
  readonly name: string
  readonly city: string
  readonly isOwner: boolean
  readonly suspended: boolean
  readonly title: string | null
  readonly plan: string
  readonly seats: number
  readonly features: readonly string[]
}
export interface Member {
  readonly name: string
  readonly email: string
  readonly title: string | null
  readonly isOwner: boolean
}
export interface Invoice {
  readonly number: string
  readonly issuedOn: string
  readonly amount: number
  readonly currency: string
  readonly state: 'open' | 'paid' | 'overdue'
}
export interface Activity {
  readonly at: Date
  /** Whose account it is. */
  readonly name: string
  /** The agent's name where it was not the person's own act. */
  readonly agentName: string | null
  readonly what: string
}

/** Whose account it is done in, and by which agent where it is not their own act. */
export interface Doer {
  readonly personId: string
  readonly agent: Assistance['agent'] | null
}
/** For `note` and for every statement that changes something: `$1` the clinic, `$2` to `$4` the doer. */
export const doing = (clinicId: string, { personId, agent }: Doer) =>
  [clinicId, personId, agent?.id ?? null, agent?.name ?? null] as const

const personColumns = `id, name, email, deactivated_at is null as active,
  case when locale like 'es%' then 'es' else 'en' end as language`

const clinicsOf = `
  select clinic.id, clinic.name, clinic.city, clinic.owner_id = $1 as "isOwner", seat.title,
         clinic.suspended_at is not null as suspended, plan.name as plan, plan.seats, plan.features
    from vendor.clinic
    join vendor.plan on plan.key = clinic.plan_key
    left join vendor.seat on seat.clinic_id = clinic.id and seat.person_id = $1 and seat.active
   where clinic.owner_id = $1 or seat.person_id is not null
   order by clinic.owner_id = $1 desc, clinic.name`

const membersOf = `
  select person.name, person.email, seat.title, clinic.owner_id = person.id as "isOwner"
    from vendor.clinic
    join vendor.person on person.deactivated_at is null
    left join vendor.seat on seat.clinic_id = clinic.id and seat.person_id = person.id and seat.active
   where clinic.id = $1 and (clinic.owner_id = person.id or seat.person_id is not null)
   order by clinic.owner_id = person.id desc, person.name`

const invoicesOf = `
  select number, issued_on::text as "issuedOn", amount_cents / 100.0::float8 as amount, currency, state
    from vendor.invoice where clinic_id = $1 order by issued_on desc, number desc`

const activityOf = `
  select activity.at, person.name, activity.what,
         case when activity.acted_by is not null then coalesce(activity.acted_by_name, activity.acted_by) end as "agentName"
    from vendor.activity join vendor.person on person.id = activity.person_id
   where activity.clinic_id = $1 order by activity.at desc, activity.id desc limit 6`

const note = `
  insert into vendor.activity (clinic_id, person_id, acted_by, acted_by_name, what) values ($1, $2, $3, $4, $5)`

export type Records = ReturnType<typeof records>

export function records(pool: Pick<Pool, 'query'>) {
  const all = async <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(text, values)).rows
  const happened = async (text: string, ...values: unknown[]): Promise<boolean> =>
    ((await pool.query(text, values)).rowCount ?? 0) > 0

  return {
    /** For what one product alone has. */
    all,
    happened,
    peopleOf: (email: string) =>
      all<Person>(`select ${personColumns} from vendor.person where lower(email) = lower($1)`, email),
    person: async (id: string) =>
      (await all<Person>(`select ${personColumns} from vendor.person where id = $1`, id)).at(0),
    clinicsOf: (personId: string) => all<Clinic>(clinicsOf, personId),
    membersOf: (clinicId: string) => all<Member>(membersOf, clinicId),
    invoicesOf: (clinicId: string) => all<Invoice>(invoicesOf, clinicId),
    activityOf: (clinicId: string) => all<Activity>(activityOf, clinicId),
    /** A sign-in of the person's own; an assisted one is none. */
    signedIn: (personId: string) =>
      happened(`update vendor.person set last_sign_in_at = now() where id = $1`, personId),
    note: (clinicId: string, doer: Doer, what: string) => happened(note, ...doing(clinicId, doer), what),
  }
}
