/** The vendor's own tables, as this product reads and writes them. Amparo knows nothing of them. */
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
export const whats = ['clinic.edited', 'email.changed', 'member.invited', 'assisted.opened'] as const
export type What = (typeof whats)[number]
export interface Activity {
  readonly at: Date
  /** Whose account it is. */
  readonly name: string
  /** The agent where it was not the person's own act; their name while this process knows it. */
  readonly agent: { readonly id: string; readonly name: string | undefined } | null
  readonly what: string
}

interface ActivityRow extends Omit<Activity, 'agent'> {
  readonly actedBy: string | null
}

/** Whose account it is done in, and by which agent where it is not their own act. */
export interface Doer {
  readonly personId: string
  readonly agent: { readonly id: string; readonly name: string } | null
}

const personColumns = `id, name, email, deactivated_at is null as active,
  case when locale like 'es%' then 'es' else 'en' end as language`

const clinicsOf = `
  select clinic.id, clinic.name, clinic.city, clinic.owner_id = $1 as "isOwner", seat.title,
         clinic.suspended_at is not null as suspended, plan.name as plan, plan.features
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
  select activity.at, person.name, activity.acted_by as "actedBy", activity.what
    from vendor.activity join vendor.person on person.id = activity.person_id
   where activity.clinic_id = $1 order by activity.at desc, activity.id desc limit 6`

const note = `insert into vendor.activity (clinic_id, person_id, acted_by, what) values ($1, $2, $3, $4)`

const editClinic = `
  with edited as (
    update vendor.clinic set name = $4, city = $5
     where id = $1 and owner_id = $2 and suspended_at is null returning id
  )
  insert into vendor.activity (clinic_id, person_id, acted_by, what)
  select id, $2, $3, 'clinic.edited' from edited`

/** Never under assistance, so it is always the person's own act. */
const changeEmail = `
  with changed as (
    update vendor.person set email = $3, email_changed_at = now() where id = $2 returning id
  )
  insert into vendor.activity (clinic_id, person_id, what) select $1, id, 'email.changed' from changed`

export type Vendor = ReturnType<typeof vendor>

export function vendor(pool: Pick<Pool, 'query'>) {
  const all = async <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(text, values)).rows
  const happened = async (text: string, ...values: unknown[]): Promise<boolean> =>
    ((await pool.query(text, values)).rowCount ?? 0) > 0

  /** The vendor's tables keep an agent's id only. Their names are those that the issuer told since we started. */
  const agentNames = new Map<string, string>()
  const agentIdOf = ({ agent }: Doer): string | null => {
    if (agent) agentNames.set(agent.id, agent.name)
    return agent?.id ?? null
  }

  return {
    peopleOf: (email: string) =>
      all<Person>(`select ${personColumns} from vendor.person where lower(email) = lower($1)`, email),
    person: async (id: string) =>
      (await all<Person>(`select ${personColumns} from vendor.person where id = $1`, id)).at(0),
    clinicsOf: (personId: string) => all<Clinic>(clinicsOf, personId),
    membersOf: (clinicId: string) => all<Member>(membersOf, clinicId),
    invoicesOf: (clinicId: string) => all<Invoice>(invoicesOf, clinicId),
    activityOf: async (clinicId: string): Promise<Activity[]> =>
      (await all<ActivityRow>(activityOf, clinicId)).map(({ actedBy, ...row }) => ({
        ...row,
        agent: actedBy === null ? null : { id: actedBy, name: agentNames.get(actedBy) },
      })),
    /** A sign-in of the person's own; an assisted one is none. */
    signedIn: (personId: string) =>
      happened(`update vendor.person set last_sign_in_at = now() where id = $1`, personId),
    note: (clinicId: string, doer: Doer, what: What) => happened(note, clinicId, doer.personId, agentIdOf(doer), what),
    editClinic: (clinicId: string, doer: Doer, to: { name: string; city: string }) =>
      happened(editClinic, clinicId, doer.personId, agentIdOf(doer), to.name, to.city),
    changeEmail: (clinicId: string, personId: string, email: string) =>
      happened(changeEmail, clinicId, personId, email),
  }
}
