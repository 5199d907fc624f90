/** For tests only: agents and active assistances as the flows would have left them, and a Core that says what a test wants. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Power } from '@amparo/contract/words'
import { termsText } from '../assistance/assistance.ts'
import { consentMac } from '../codes/consent.ts'
import { CoreSilent } from '../core/core.ts'
import { type Database, postgres } from '../database/database.ts'
import type { FreshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import type { LookUp, Membership, Person, Surface } from '../policy/policy.ts'
import { newId, newToken, type Secrets, tokenDigest } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import { check, type Found, type Liveness } from './liveness.ts'
import { type Remembered, remembered } from './remembered.ts'
import { launch, type Outside } from './surfaces.flow.ts'
import { tokened } from './surfaces.store.ts'

/** Gives a living session its one token, as the issuer does with the token's own row. False: it has one, or has ended. */
export const giveToken = async (db: Database, grantDigest: Uint8Array, digest: Uint8Array): Promise<boolean> =>
  (await db.query(`with ${tokened('$1', '$2')} select from tokened`, [grantDigest, digest])).length === 1

/** An agent who is signed in. */
export async function anAgent(db: Database, name = 'Eva Ríos'): Promise<Caller> {
  const agentId = known.agent(newId('ag'))
  const sessionId = known.session(newId('se'))
  const email = `${agentId}@support.test`
  await db.query('insert into agent (id, name, email, roles) values ($1, $2, $3, $4)', [
    agentId,
    name,
    email,
    ['agent:technical'],
  ])
  await db.query(
    `insert into agent_session (id, agent_id, kind, token_digest, expires_at)
     values ($1, $2, 'cookie', $3, clock_timestamp() + interval '8 hours')`,
    [sessionId, agentId, tokenDigest(newToken())],
  )
  return {
    agentId,
    sessionId,
    kind: 'cookie',
    name,
    email,
    phone: undefined,
    locale: 'en',
    roles: ['agent:technical'],
    expiresAt: new Date(Date.now() + 8 * 3_600_000),
  }
}

export interface Agreed {
  readonly user?: string
  readonly ecosystem?: string
  readonly surfaces?: readonly string[]
  readonly powers?: Power
  readonly state?: 'active' | 'consent'
}

/** An assistance of this agent to which the user has consented, genuinely. */
export async function anAssistance(
  db: Database,
  secrets: Secrets,
  agent: Caller,
  {
    user = `user_${randomBytes(6).toString('hex')}`,
    ecosystem = 'eco_sol',
    surfaces = ['store', 'web'],
    powers = 'look',
    state = 'active',
  }: Agreed = {},
): Promise<AssistanceId> {
  const id = known.assistance(newId('as'))
  await db.query(
    `insert into assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, reason_line, state, opened_at,
       user_seen_at, look_at, user_id, seen, ecosystem_id, surfaces, powers, link_digest, agent_method, consented_at, max_until)
     select $1, 'technical', $2, $3, $4, 'fault', 'The invoice will not open', $5, now, now, now + idle_limit(), $6, $7, $8,
            $9, $10, $11, 'code', now, now + interval '60 minutes' from (select app_now() as now) t`,
    [
      id,
      agent.agentId,
      agent.sessionId,
      `${user}@clinic.test`,
      state,
      user,
      {
        user: {
          name: `Name of ${user}`,
          status: 'active',
          email: `${user}@clinic.test`,
          locale: 'es',
          assistable: true,
        },
        ecosystems: [{ id: ecosystem, name: `Name of ${ecosystem}`, role: 'owner', status: 'active' }],
      },
      ecosystem,
      surfaces,
      powers,
      tokenDigest(newToken()),
    ],
  )
  const terms = termsText({
    kind: 'technical',
    assistance: id,
    agent: agent.agentId,
    user,
    reason: 'fault',
    line: 'The invoice will not open',
    ecosystem,
    surfaces,
    powers,
    lengthMinutes: 60,
  })
  const codeId = newId('cd')
  const facts = { assistanceId: id, termsDigest: tokenDigest(terms), provedBy: 'read_aloud', codeId } as const
  await db.query(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, used_at)
     values ($1, $2, 'consent', $3, $3, 5, app_now(), app_now() + interval '10 minutes', app_now())`,
    [codeId, id, facts.termsDigest],
  )
  await db.query(
    `insert into consent (assistance_id, terms, terms_digest, proved_by, code_id, at, mac)
     values ($1, $2, $3, $4, $5, app_now(), $6)`,
    [id, terms, facts.termsDigest, facts.provedBy, codeId, consentMac(secrets, facts)],
  )
  return id
}

/** The button of a surface that opens in a tab. */
export async function ticketFor(outside: Outside, by: Caller, id: AssistanceId, surface: string) {
  const minted = await launch(outside, by, id, surface)
  if (!minted.ok) return refuse(minted.refusal)
  if (!('ticket' in minted.value)) throw new Error(`${surface} opens on a phone`)
  return accept(minted.value)
}

/** A session of the Web with its token, as a redeemed launch leaves it. */
export async function openWeb(db: Database, id: AssistanceId): Promise<string> {
  const [token, launchId] = [newToken(), newId('la')]
  await db.query(
    `insert into launch (id, assistance_id, surface, ticket_digest, created_at, expires_at) values ($1, $2, 'web', $3, app_now(), app_now())`,
    [launchId, id, tokenDigest(launchId)],
  )
  await db.query(
    `insert into artifact (kind, id_digest, payload) values ('AccessToken', $1, '{"clientId":"test-web","scope":"openid support:read","iat":1,"exp":2}')`,
    [tokenDigest(token)],
  )
  await db.query(
    `insert into surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, token_digest, opened_at, token_at)
     values ($1, $2, $3, 'web', 'browser', 'per_leo', $1, $4, app_now(), app_now())`,
    [newId('ss'), launchId, id, tokenDigest(token)],
  )
  return token
}

/**
 * What is alive, from memory and from the database, held against each other at each check: memory has heard what was
 * committed before the question, calls nothing alive that was dead then, and nothing dead that is alive afterwards.
 */
export async function bothWays({ url }: FreshDatabase): Promise<Liveness & Pick<Remembered, 'follow' | 'close'>> {
  const db = postgres(url, { max: 5 })
  const memory = await remembered({ db, ears: db, log: (message, about) => console.error(message, about) })
  return {
    async check(digest, clientId) {
      const before = await check(db, digest, clientId)
      await heardBy(memory)
      const live = await memory.check(digest, clientId)
      if (live && !before) throw new Error('memory says alive, and it was dead before it was asked')
      const after = live ? undefined : await check(db, digest, clientId)
      if (!live && after) throw new Error('memory says dead, and it is alive')
      return live
    },
    follow: memory.follow,
    async close() {
      await memory.close()
      await db.close()
    },
  }
}

/** Until memory has heard what was committed before this, however busy the machine is. */
export async function heardBy(memory: Remembered): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) if (await memory.caughtUp()) return
  throw new Error('the database was not heard')
}

export const aVendor = { name: 'Acme', phone: '+34 910 555 014' }

export interface TestCore {
  person(userId: string): Promise<LookUp>
  /** What is different from an owner in order, from now on. */
  now: { person?: Partial<Person>; membership?: Partial<Membership>; silent?: boolean; gone?: boolean }
}

/** A Core in which everybody is the owner of `eco_sol` and `eco_luna`, unless `now` says otherwise. */
export function aCore(): TestCore {
  const core: TestCore = {
    now: {},
    async person(userId) {
      const { person, membership, silent, gone } = core.now
      if (silent) throw new CoreSilent('The Core did not answer.')
      if (gone) return { found: 'nobody' }
      return {
        found: 'one',
        person: { id: userId, name: 'N', email: 'e@x.test', locale: 'es', active: true, staff: false, ...person },
        memberships: ['eco_sol', 'eco_luna'].map((ecosystemId) => ({
          ecosystemId,
          name: ecosystemId,
          role: 'owner',
          status: 'active',
          features: [],
          ...membership,
        })),
      }
    },
  }
  return core
}

/** A surface of the configuration, without a client unless one is given. */
export const aSurface = (id: string, more: Partial<Surface> = {}): Surface => ({
  id,
  name: { en: id, es: id },
  offeredTo: id === 'store' ? ['owner'] : ['owner', 'member'],
  whenSuspended: id === 'store',
  powers: ['look', 'act'],
  ...more,
})

/** The events of one assistance: type and data, in their order. */
export async function eventsOf(db: Database, id: AssistanceId): Promise<{ type: string; data: unknown; n: number }[]> {
  return db.query(`select type, n, body::jsonb -> 'data' as data from event where assistance_id = $1 order by n`, [id])
}

/** A session as it is found, with ids as long as ours, and names as people have them. */
export function aFound(): Found {
  const id = (kind: string) => `${kind}_${randomBytes(12).toString('hex')}`
  const [assistanceId, agentId, ecosystemId] = [known.assistance(id('as')), id('ag'), id('eco')]
  const now = new Date()
  return {
    tokenDigest: randomBytes(32),
    clientId: 'web',
    until: now.getTime(),
    subjects: [assistanceId, agentId, id('se'), 'surface:web', `ecosystem:${ecosystemId}`],
    live: {
      sessionId: id('ss'),
      sid: randomUUID(),
      surface: 'web',
      holder: 'browser',
      keyThumbprint: undefined,
      subject: id('per'),
      agent: { id: agentId, name: 'Ana Robles Fernández' },
      assistanceId,
      ecosystemId,
      ecosystemName: 'Clínica Sol de Levante',
      userName: 'Marta Ruiz Zambrano',
      locale: 'es',
      reason: { code: 'fault', name: undefined, line: 'No encuentra su última factura' },
      powers: 'look',
      grants: [],
      acr: 'urn:amparo:assisted:passkey:page',
      amr: ['pop', 'user', 'mfa'],
      endsAt: now,
      idleAt: now,
      now,
      scope: 'openid support:read',
      iat: 1,
      exp: 2,
    },
  }
}
