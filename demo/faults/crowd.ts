/** Agents with a token for scripts and owners with a clinic of their own, as many as a load needs; and help, step by step. */
import type { Database } from '../../server/src/database/database.ts'
import { openSession } from '../../server/src/identity/identity.store.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { until } from '../journeys/stage.ts'

export interface Crowd {
  readonly agents: readonly { readonly email: string; readonly bearer: string }[]
  /** One who has not been helped today. */
  nextUser(): string
}

export async function crowd(db: Database, agents: number, users: number): Promise<Crowd> {
  await db.query(
    `insert into vendor.person (id, name, email, phone, locale)
     select 'crowd' || n, 'User ' || n, 'user' || n || '@crowd.test', '+346010' || lpad(n::text, 5, '0'), 'en'
       from generate_series(0, $1::int - 1) n`,
    [users],
  )
  await db.query(
    `insert into vendor.clinic (id, name, city, owner_id, plan_key)
     select 'crowd' || n, 'Clinic ' || n, 'Here', 'crowd' || n, (select key from vendor.plan limit 1)
       from generate_series(0, $1::int - 1) n`,
    [users],
  )
  const rows = await db.query<{ id: string; email: string }>(
    `insert into amparo.agent (id, name, email, phone, roles)
     select 'ag_crowd' || n, 'Agent ' || n, 'agent' || n || '@crowd.test', '+346020' || lpad(n::text, 5, '0'),
            array['agent:technical'] from generate_series(0, $1::int - 1) n returning id, email`,
    [agents],
  )
  const there = []
  for (const { id, email } of rows) there.push({ email, bearer: (await openSession(db, id, 'bearer')).token })
  let next = 0
  return { agents: there, nextUser: () => `user${next++ % users}@crowd.test` }
}

/** What was asked, and can be asked again with the same key. */
export interface Request {
  readonly step: Step
  readonly method: string
  readonly path: string
  readonly body: object
  readonly key: string
}
export const stepsInOrder = [
  'open',
  'agent-code',
  'agent-proof',
  'consent-code',
  'consent',
  'launches',
  'closure',
] as const
export type Step = (typeof stepsInOrder)[number]

export interface Helping {
  id: string | undefined
  readonly user: string
  /** What the agent had been sent before it. */
  readonly seen: ReadonlySet<string>
  /** Steps that were answered with yes. */
  readonly acknowledged: Step[]
  /** Asked, and not answered when the connection went. */
  pending?: Request
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
  readonly body: any
}

export async function send(desk: string, bearer: string, { method, path, body, key }: Request): Promise<Answer> {
  const answer = await fetch(`${desk}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}

/** The code of the newest letter to somebody that is not among those `seen`; none where it is `over` before one came. */
export const codeFor = (
  inbox: Inbox,
  to: string,
  seen: ReadonlySet<string> = new Set(),
  over = () => false,
): Promise<string> =>
  until(
    async () => inbox.entries(to).find(({ id, codes }) => codes.length > 0 && !seen.has(id))?.codes[0] ?? '',
    (code) => code !== '' || over(),
    `a code for ${to}`,
  )
export const beginning = (inbox: Inbox, agent: string, user: string): Helping => ({
  id: undefined,
  user,
  seen: new Set(inbox.entries(agent).map(({ id }) => id)),
  acknowledged: [],
})

export interface Helper {
  readonly agent: { readonly email: string; readonly bearer: string }
  readonly inbox: Inbox
  ask(request: Request): Promise<Answer>
  /** From then on there is nobody who would answer. */
  over?(): boolean
  readonly surface?: string
}

/** An answer that is no yes. */
export class Refused extends Error {
  readonly status: number
  constructor({ method, path }: Request, { status, body }: Answer) {
    super(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    this.status = status
  }
}

/**
 * Helps one user from the opening to the end; throws where there is no answer, and then says in `helping` what was asked.
 * Where it is over it ends with what was acknowledged.
 */
export async function help(
  { agent, inbox, ask, over = () => false, surface = 'web' }: Helper,
  helping: Helping,
  from: Step = 'open',
): Promise<void> {
  const of = () => `/assistances/${helping.id}`
  const requests: Record<Step, () => Promise<Pick<Request, 'method' | 'path' | 'body'>>> = {
    open: async () => ({
      method: 'POST',
      path: '/assistances',
      body: { kind: 'technical', userEmail: helping.user, reason: { code: 'fault' } },
    }),
    'agent-code': async () => ({ method: 'POST', path: `${of()}/agent-code`, body: {} }),
    'agent-proof': async () => ({
      method: 'PUT',
      path: `${of()}/agent-proof`,
      body: { method: 'code', code: await codeFor(inbox, agent.email, helping.seen, over) },
    }),
    'consent-code': async () => ({ method: 'POST', path: `${of()}/consent-code`, body: {} }),
    consent: async () => ({
      method: 'PUT',
      path: `${of()}/consent`,
      body: { code: await codeFor(inbox, helping.user, undefined, over) },
    }),
    launches: async () => ({ method: 'POST', path: `${of()}/launches`, body: { surface } }),
    closure: async () => ({ method: 'PUT', path: `${of()}/closure`, body: { because: 'finished' } }),
  }
  for (const step of stepsInOrder.slice(stepsInOrder.indexOf(from))) {
    const request = { step, ...(await requests[step]()), key: crypto.randomUUID() }
    if (over()) return
    helping.pending = request
    const answer = await ask(request)
    // 503 says that it is not known whether it was done: to be asked again, as where nothing is said.
    if (answer.status !== 503) delete helping.pending
    if (answer.status >= 300) throw new Refused(request, answer)
    helping.id ??= String(answer.body.id)
    helping.acknowledged.push(step)
  }
}
