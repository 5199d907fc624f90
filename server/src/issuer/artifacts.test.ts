import { randomBytes } from 'node:crypto'
import type { Adapter, AdapterPayload } from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { until } from '../database/processes.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close } from '../desk/endings.ts'
import { newToken, secretsFrom, tokenDigest } from '../secrets.ts'
import { liveByGrant } from '../surfaces/liveness.ts'
import { redeem, takeTicket } from '../surfaces/surfaces.flow.ts'
import { closeSession } from '../surfaces/surfaces.store.ts'
import { anAgent, anAssistance } from '../surfaces/testing.ts'
import { type AssistanceId, system } from '../words.ts'
import { artifacts, forgetExpired } from './artifacts.ts'

let fresh: FreshDatabase
let id: AssistanceId
let grantId: string
const replays: string[] = []
const adapterOf = (kind: string): Adapter =>
  artifacts(fresh.db, {
    grantBy: async (grant) => {
      const live = await liveByGrant(fresh.db, tokenDigest(grant))
      return live && { accountId: live.subject, clientId: live.surface, openid: { scope: 'openid' }, seconds: 3600 }
    },
    found: () => undefined,
    replayed: async (grant) => {
      replays.push(grant)
    },
    again: () => new Error('again'),
  })(kind)

beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  ;({ id, grantId } = await aSession())
})

/** A session of the Web that was just redeemed, and has no token yet. */
async function aSession(): Promise<{ readonly id: AssistanceId; readonly grantId: string }> {
  const { db } = fresh
  const id = await anAssistance(db, secretsFrom(randomBytes(32)), await anAgent(db))
  const ticket = newToken()
  await db.query(
    `insert into launch (id, assistance_id, surface, ticket_digest, created_at, expires_at)
     values ($1, $2, 'web', $3, app_now(), app_now() + interval '60 seconds')`,
    [newToken(), id, tokenDigest(ticket)],
  )
  const taken = await takeTicket({ db }, ticket)
  if (!taken.ok) throw new Error(taken.refusal)
  const { hint, browser } = taken.value
  const opened = await redeem({ db }, { hintDigest: tokenDigest(hint), browser: () => browser, surface: 'web' })
  if (!opened.ok) throw new Error(opened.refusal)
  return { id, grantId: opened.value.live.sessionId }
}

const stop = () => close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
async function kept(kind: string, seconds = 60, of = grantId): Promise<{ adapter: Adapter; value: string }> {
  const adapter = adapterOf(kind)
  const value = newToken()
  const payload: AdapterPayload = { kind, jti: value, grantId: of }
  await adapter.upsert(value, payload, seconds)
  return { adapter, value }
}

test.each(['AuthorizationCode', 'AccessToken'])(
  'a %s is found as it was kept while the session lives, and not a moment longer',
  async (kind) => {
    const { adapter, value } = await kept(kind, 24 * 3600)
    expect(await adapter.find(value)).toEqual({ kind, jti: value, grantId })
    expect(await adapter.find(newToken())).toBeUndefined()
    await stop()
    expect(await adapter.find(value)).toBeUndefined()
  },
)

test('what has expired by the database’s clock is neither found nor consumed, and is forgotten a day later', async () => {
  const { adapter, value } = await kept('AuthorizationCode', 60)
  await fresh.advance(60_000)
  expect(await adapter.find(value)).toBeUndefined()
  await expect(adapter.consume(value)).rejects.toMatchObject({ error: 'invalid_grant' })
  await fresh.advance(25 * 3_600_000)
  expect(await forgetExpired(fresh.db)).toBeGreaterThanOrEqual(1)
})

test('a code is consumed by one of twenty', async () => {
  const { adapter, value } = await kept('AuthorizationCode')
  const tried = await Promise.allSettled(Array.from({ length: 20 }, () => adapter.consume(value)))
  expect(tried.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  for (const one of tried) if (one.status === 'rejected') expect(one.reason).toMatchObject({ error: 'invalid_grant' })
})

test('a code is used up by the token that it is exchanged for', async () => {
  const { adapter, value } = await kept('AuthorizationCode')
  await kept('AccessToken')
  expect(await adapter.find(value)).toBeUndefined()
  await fresh.advance(5_000)
  expect(await adapter.find(value)).toMatchObject({ consumed: true })
})

test('a product’s double request is no replay; a code that comes back later is', async () => {
  const { adapter, value } = await kept('AuthorizationCode')
  await adapter.consume(value)
  expect(await adapter.find(value)).toBeUndefined()
  await fresh.advance(5_000)
  expect(await adapter.find(value)).toMatchObject({ consumed: true })
  await adapter.revokeByGrantId(grantId)
  await adapterOf('AccessToken').revokeByGrantId(grantId)
  expect(replays).toEqual([grantId])
})

test('a grant is what its session is, and is kept nowhere', async () => {
  const adapter = adapterOf('Grant')
  await adapter.upsert(grantId, { kind: 'Grant', jti: grantId }, 60)
  expect(await adapter.find(grantId)).toMatchObject({ kind: 'Grant', jti: grantId, clientId: 'web', openid: {} })
  expect(await fresh.db.query(`select from artifact where kind = 'Grant'`)).toHaveLength(0)
  await stop()
  expect(await adapter.find(grantId)).toBeUndefined()
})

test('a session gets one token, of twenty at the same time, and one notice of its ending', async () => {
  const given = await Promise.allSettled(Array.from({ length: 20 }, () => kept('AccessToken')))
  expect(given.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  await expect(kept('AccessToken')).rejects.toMatchObject({ error: 'invalid_grant' })
  const [count] = await fresh.db.query(
    `select (select count(*)::int from artifact r where r.grant_digest = s.grant_digest and r.kind = 'AccessToken') as tokens,
            (select count(*)::int from notice n where n.surface_session_id = s.id) as notices
       from surface_session s where s.id = $1`,
    [grantId],
  )
  expect(count).toEqual({ tokens: 1, notices: 1 })
})

test('a session that has ended gets no token', async () => {
  await stop()
  await expect(kept('AccessToken')).rejects.toMatchObject({ error: 'invalid_grant' })
})

const closedAlone = (db: Database, id: AssistanceId, session: string) =>
  closeSession(db, id, session, { type: 'surface.closed', actor: system('test'), data: { surface: 'web', session } })
/** Sessions that were closed alone and have a token: given afterwards, or of whose end nobody would be told now. */
const givenTooLate = () =>
  fresh.db.query(
    `select from surface_session s left join notice n on n.surface_session_id = s.id
      where s.closed_alone_at is not null and s.token_digest is not null
        and (s.token_at > s.closed_alone_at or n.surface_session_id is null or n.next_at > app_now())`,
  )

test('a session that is closed alone gets no token from somebody who waited for that', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id, grantId: session } = await aSession()
    const token = await fresh.db.transaction(async (tx) => {
      const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      expect(await closedAlone(tx, id, session)).toBe(true)
      const given = kept('AccessToken', 60, session).then(
        () => 'given',
        (error) => error.error ?? error,
      )
      const waits = async () =>
        (await fresh.db.query('select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [pid])).length > 0
      await Promise.race([given, until(waits, 10_000)])
      return { given }
    })
    expect(await token.given).toBe('invalid_grant')
  }
  expect(await givenTooLate()).toEqual([])
})

test('twenty sessions that are closed alone as their tokens are given: each product is told, or has no token', async () => {
  const sessions = await Promise.all(Array.from({ length: 20 }, aSession))
  const given = await Promise.allSettled(
    sessions.flatMap(({ id, grantId: session }) => [
      closedAlone(fresh.db, id, session),
      kept('AccessToken', 60, session),
    ]),
  )
  expect(given.filter((one) => one.status === 'fulfilled' && one.value === true)).toHaveLength(20)
  expect(await givenTooLate()).toEqual([])
})

test('an interaction comes back whole, and neither its id nor its address is kept', async () => {
  const adapter = adapterOf('Interaction')
  const uid = newToken()
  const payload = { kind: 'Interaction', returnTo: `http://issuer.test/authorize/${uid}`, params: { login_hint: 'x' } }
  await adapter.upsert(uid, { jti: uid, ...payload }, 60)
  expect(await adapter.find(uid)).toEqual({ jti: uid, ...payload })
  const rows = await fresh.db.query<{ row: string }>('select t::text as row from artifact t')
  expect(rows.some(({ row }) => row.includes(uid))).toBe(false)
  await expect(adapter.upsert(uid, { jti: uid, ...payload, uid }, 60)).rejects.toThrow('in clear')
  await adapter.destroy(uid)
  expect(await adapter.find(uid)).toBeUndefined()
})

test.each(['Session', 'RefreshToken', 'Client', 'DeviceCode'])('a %s is never kept', async (kind) => {
  const { adapter, value } = await kept(kind)
  expect(await adapter.find(value)).toBeUndefined()
  expect(await adapter.findByUid(value)).toBeUndefined()
  expect(await fresh.db.query('select from artifact where kind = $1', [kind])).toHaveLength(0)
})
