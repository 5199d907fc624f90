/**
 * What only a demo has, on the console's origin: the inbox, the clock that can be moved, and who the people are. Only
 * for this machine: another Host, or another site's page, is refused.
 */

import type { SamplePeople } from '@amparo/contract/people'
import { advanceClock } from '@amparo/server/database/clock'
import { type Database, statement } from '@amparo/server/database/database'
import { noteLoose } from '@amparo/server/desk/note'
import { problemResponse } from '@amparo/server/http/problem'
import { newId } from '@amparo/server/secrets'
import { system } from '@amparo/server/words'
import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { agents } from './people.ts'

export interface DevOutside {
  readonly db: Database
  /** Runs the background until nothing is left to do. */
  settle(): Promise<void>
  readonly inbox: Hono
  /** A script's token for each agent, by e-mail. */
  readonly bearers: ReadonlyMap<string, string>
  readonly hosts: readonly string[]
  readonly consoleOrigin: string
}

export function devRoutes(outside: DevOutside): Hono {
  const app = new Hono()
  const refuse = (
    refusal: 'request.cross_site' | 'request.invalid' | 'request.too_large',
    errors?: readonly unknown[],
  ) => problemResponse(refusal, errors ? { errors } : {}, { requestId: newId('rq'), language: 'en' })
  const ofThisMachine: MiddlewareHandler = async (c, next) => {
    const origin = c.req.header('origin')
    const ours =
      outside.hosts.includes(c.req.header('host') ?? '') && (origin === undefined || origin === outside.consoleOrigin)
    return ours ? next() : refuse('request.cross_site')
  }
  for (const path of ['/dev/*', '/inbox/*']) app.use(path, ofThisMachine)
  app.use('/dev/*', bodyLimit({ maxSize: 4096, onError: () => refuse('request.too_large') }))
  app.post('/dev/clock', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined)
    const advanceMs = typeof body === 'object' && body !== null && 'advanceMs' in body ? body.advanceMs : undefined
    if (
      typeof advanceMs !== 'number' ||
      !Number.isInteger(advanceMs) ||
      advanceMs < 0 ||
      advanceMs > 366 * 24 * 3_600_000
    ) {
      return refuse('request.invalid', [
        { path: 'advanceMs', message: 'A whole number of milliseconds, forward, at most a year.' },
      ])
    }
    const now = await advanceClock(outside.db, advanceMs)
    await noteLoose(outside.db, { type: 'clock.advanced', actor: system('dev'), data: { advanceMs } })
    await outside.settle()
    return c.json({ now: now.toISOString() })
  })
  app.get('/dev/people.json', async (c) => c.json(await people(outside)))
  app.route('/', outside.inbox)
  return app
}

const users = statement(
  'dev.users',
  `
select u.display_name as name, u.email, u.phone, u.locale, u.status,
       coalesce((select json_agg(json_build_object('id', e.ecosystem_id, 'name', e.name, 'status', e.status,
                   'role', case when e.owner_user_id = u.user_id then 'owner' else 'member' end) order by e.name)
                   from amparo_core.ecosystems e
                  where e.owner_user_id = u.user_id
                     or exists (select from amparo_core.memberships m
                                 where m.ecosystem_id = e.ecosystem_id and m.user_id = u.user_id and m.active)), '[]') as ecosystems
  from amparo_core.users u where not u.is_staff order by u.user_id`,
)

async function people({ db, bearers }: DevOutside): Promise<SamplePeople> {
  return {
    agents: agents.map((agent) => ({
      name: agent.name,
      email: agent.email,
      phone: agent.phone,
      roles: [...agent.roles],
      bearer: bearers.get(agent.email) ?? '',
      signIn: { email: agent.email, password: agent.password },
      ...(agent.totpSecret === undefined ? {} : { totpSecret: agent.totpSecret }),
    })),
    users: await db.query<SamplePeople['users'][number]>(users),
  }
}
