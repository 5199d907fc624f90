/** For tests only: an assistance in any state, written as rows, and the user's origin served over real HTTP. */
import { serve } from '@hono/node-server'
import { read } from '../assistance/assistance.store.ts'
import { type Terms, termsOf, termsText } from '../assistance/assistance.ts'
import { boundText } from '../codes/code.ts'
import { consentMac } from '../codes/consent.ts'
import { linkDigest, linkToken } from '../codes/link.ts'
import type { Database } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { newId, newToken, type Secrets, secretsFrom, tokenDigest } from '../secrets.ts'
import { known } from '../words.ts'
import type { Outside } from './companion.flow.ts'
import { companion } from './companion.routes.ts'
import type { ActReported } from './companion.store.ts'
import type { SurfaceState } from './companion.ts'

export interface Situation {
  readonly state?: 'agent_verification' | 'user_lookup' | 'consent' | 'active' | 'closed'
  readonly because?: string
  readonly closedIn?: 'agent_verification' | 'user_lookup' | 'consent' | 'active'
  readonly locale?: 'en' | 'es'
  readonly powers?: 'look' | 'act'
  readonly line?: string
  readonly surfaces?: readonly string[]
  /** Minutes ago; 0 where nothing is said. */
  readonly seenMinutesAgo?: number
  readonly openMinutes?: number
  readonly lengthMinutes?: number
  /** The consent message: sent and living, of other terms, expired, or none. */
  readonly message?: 'living' | 'changed' | 'expired' | 'none'
  /** For `active`: how the consent was proved; on the page, this is its browser. */
  readonly provedBy?: 'page' | 'read_aloud'
}
export interface Put {
  readonly id: string
  readonly token: string
  readonly cookie: string
  readonly browser: string
  readonly userId: string
}

export const testSecrets: Secrets = secretsFrom(Buffer.alloc(32, 7))
const agentName = 'Ana Robles'

/** Writes one assistance with everything that its state needs. */
export async function put(db: Database, situation: Situation = {}): Promise<Put> {
  const { state = 'consent', message = 'living', powers = 'look', line = 'I cannot see my invoices' } = situation
  const { locale = 'en', surfaces = ['web', 'store'], lengthMinutes = 60, seenMinutesAgo = 0 } = situation
  const { openMinutes = Math.max(4, seenMinutesAgo), provedBy = 'page' } = situation
  const [agent, session, id, userId] = [newId('ag'), newId('se'), newId('as'), `u-${newId('rq').slice(3, 11)}`]
  const token = linkToken(testSecrets, id)
  const closed = state === 'closed'
  const stage = closed ? (situation.closedIn ?? 'active') : state
  const found = stage === 'consent' || stage === 'active'
  const consented = stage === 'active'
  await db.query(`insert into agent (id, name, email, roles) values ($1, $2, $3, '{agent:technical}')`, [
    agent,
    agentName,
    `${agent}@acme.test`,
  ])
  await db.query(
    `insert into agent_session (id, agent_id, kind, token_digest, expires_at) values ($1, $2, 'cookie', $3, now() + interval '1 year')`,
    [session, agent, tokenDigest(session)],
  )
  const seen = {
    user: { name: 'Marta Ruiz', status: 'active', email: 'Marta@clinica-sol.test', locale, assistable: true },
    ecosystems: [{ id: 'eco-1', name: 'Clínica Sol', role: 'owner', status: 'active' }],
  }
  await db.query(
    `insert into assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, reason_line, state, opened_at,
       user_seen_at, look_at, link_digest, user_id, seen, ecosystem_id, surfaces, powers, length_minutes, consented_at, max_until,
       because, closed_at, closed_in)
     select $1, 'technical', $2, $3, 'Marta@clinica-sol.test', 'billing', $4, $5, t - $6::int * interval '1 minute',
       t - $7::int * interval '1 minute', t + interval '15 minutes', $8, $9, $10, $11, $12, $13, $14,
       case when $15 then t - $6::int * interval '1 minute' end,
       case when $15 then t + ($14::int - $6::int) * interval '1 minute' end,
       $16, case when $16::text is not null then t end, case when $16::text is not null then $17 end
       from (select app_now() as t) clock`,
    [
      id,
      agent,
      session,
      line,
      state,
      openMinutes,
      seenMinutesAgo,
      linkDigest(testSecrets, token),
      found ? userId : null,
      found ? seen : null,
      found ? 'eco-1' : null,
      found ? surfaces : null,
      powers,
      lengthMinutes,
      consented,
      closed ? (situation.because ?? 'finished') : null,
      stage,
    ],
  )
  const browser = newToken()
  const terms: Terms = {
    kind: 'technical',
    assistance: id,
    agent,
    user: userId,
    reason: 'billing',
    line,
    ecosystem: 'eco-1',
    surfaces,
    powers,
    lengthMinutes,
  }
  if (found && message !== 'none') await putMessage(db, id, userId, terms, message)
  if (state === 'active') await putConsent(db, id, userId, terms, provedBy, browser)
  return { id, token, userId, browser, cookie: `__Host-amparo-${token.slice(0, 8)}=${browser}` }
}

/** The consent code of a message that went out. */
async function putMessage(
  db: Database,
  id: string,
  userId: string,
  terms: Terms,
  message: 'living' | 'changed' | 'expired',
) {
  const asked = message === 'changed' ? { ...terms, ecosystem: 'another' } : terms
  const termsDigest = tokenDigest(termsText(asked))
  const codeId = newId('cd')
  const bound = { codeId, assistanceId: id, purpose: 'consent', person: userId, termsDigest } as const
  await db.query(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at)
     select $1, $2, 'consent', $3, $4, 5, t - interval '11 minutes', t + $5::int * interval '1 minute' from (select app_now() as t) clock`,
    [codeId, id, termsDigest, testSecrets.digest('code', boundText(bound, '482913')), message === 'expired' ? -1 : 9],
  )
  await db.query(`insert into tries (assistance_id, purpose, sends_left) values ($1, 'consent', 4)`, [id])
}

/** What products reported, as it stands in the record; the first is the newest. */
export async function putActs(db: Database, id: string, acts: readonly ActReported[]): Promise<void> {
  const happened = acts.map(({ at, surface, what, count }) => ({
    type: 'act.done' as const,
    actor: { kind: 'surface', id: surface } as const,
    data: { at: at.toISOString(), surface, count },
    words: what,
  }))
  await note(db, known.assistance(id), ...happened.reverse())
}

/** The record of the request as it stands, as asking writes it. */
export async function recordAsked(db: Database, id: string): Promise<void> {
  const { assistance, terms } = await askedNow(db, id)
  const { surfaces = [], powers, lengthMinutes, ecosystemId, userId } = assistance
  await note(db, assistance.id, {
    type: 'consent.asked',
    actor: { kind: 'agent', id: assistance.agentId },
    subject: userId,
    data: { terms: terms.toString('hex'), ecosystem: ecosystemId, surfaces: [...surfaces], powers, lengthMinutes },
  })
}

/** The agent asks for more, while the user reads: other powers, and a message of their own. */
export async function askForMore(db: Database, id: string): Promise<void> {
  await recordAsked(db, id)
  await db.query(`update assistance set powers = 'act' where id = $1`, [id])
  const { terms } = await askedNow(db, id)
  await db.query('update code set terms_digest = $2 where assistance_id = $1', [id, terms])
  await recordAsked(db, id)
}

async function askedNow(db: Database, id: string) {
  const found = await read(db, known.assistance(id))
  if (found?.assistance.state !== 'consent') throw new Error('not asked')
  return { assistance: found.assistance, terms: tokenDigest(termsOf(found.assistance)) }
}

async function putConsent(
  db: Database,
  id: string,
  userId: string,
  terms: Terms,
  provedBy: 'page' | 'read_aloud',
  browser: string,
) {
  const codeId = newId('cd')
  const termsDigest = tokenDigest(termsText(terms))
  const browserDigest = provedBy === 'page' ? tokenDigest(browser) : null
  const bound = { codeId, assistanceId: id, purpose: 'match', person: userId, termsDigest } as const
  await db.query(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, used_at, browser_digest)
     values ($1, $2, 'match', $3, $4, 1, app_now(), app_now() + interval '10 minutes', app_now(), $5)`,
    [codeId, id, termsDigest, testSecrets.digest('code', boundText(bound, '83')), browserDigest],
  )
  await db.query(
    `insert into consent (assistance_id, terms, terms_digest, proved_by, code_id, browser_digest, at, mac)
     values ($1, $2, $3, $4, $5, $6, app_now(), $7)`,
    [
      id,
      termsText(terms),
      termsDigest,
      provedBy,
      codeId,
      browserDigest,
      consentMac(testSecrets, { assistanceId: id, termsDigest, provedBy, codeId }),
    ],
  )
}

export interface Served {
  readonly origin: string
  /** How often the background was woken. */
  woken(): number
  /** What `surfacesOf` answers from now on. */
  surfaces(states: readonly SurfaceState[]): void
  readonly broken: unknown[]
  close(): Promise<void>
}

const surfaceNames: Readonly<Record<string, { en: string; es: string }>> = {
  web: { en: 'My Ecosystem', es: 'Mi ecosistema' },
  store: { en: 'Plans and billing', es: 'Planes y facturas' },
}

/** The user's origin on a port of its own. */
export async function served(db: Database, port = 0, more: Partial<Outside> = {}): Promise<Served> {
  let states: readonly SurfaceState[] = []
  let woken = 0
  const broken: unknown[] = []
  const outside: { -readonly [K in keyof Outside]: Outside[K] } = {
    db,
    secrets: testSecrets,
    vendor: { name: 'Acme', phone: '+1 212 555 0100' },
    companionOrigin: '',
    agentName: async () => agentName,
    reasonName: () => ({ en: 'A question about billing', es: 'Una duda sobre la facturación' }),
    surfaceName: (id) => surfaceNames[id] ?? { en: id, es: id },
    surfacesOf: async () => states,
    wake: () => {
      woken += 1
    },
    broke: (error) => broken.push(error),
    ...more,
  }
  const app = companion(outside)
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info) => {
      outside.companionOrigin = `http://127.0.0.1:${info.port}`
      resolve({
        origin: outside.companionOrigin,
        woken: () => woken,
        surfaces: (next) => {
          states = next
        },
        broken,
        close: () => new Promise((done) => server.close(() => done())),
      })
    })
  })
}
