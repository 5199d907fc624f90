/** Memory and the database give the same answer, whatever happens; and where memory cannot know, it asks or refuses. */
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Database, postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close, closeLiving, settleCut, settleDue } from '../desk/endings.ts'
import { newId, secretsFrom, tokenDigest } from '../secrets.ts'
import { type AssistanceId, system } from '../words.ts'
import { check } from './liveness.ts'
import { type Remembered, remembered } from './remembered.ts'
import { closeAlone, closeCutSurfaces } from './surfaces.store.ts'
import { anAgent, anAssistance, heardBy, openWeb } from './testing.ts'

let fresh: FreshDatabase
const secrets = secretsFrom(randomBytes(32))
const open: { close(): Promise<void> }[] = []
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
  await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
})
afterAll(() => fresh.close())

const minute = 60_000
const logged: string[] = []

/** A process of its own, as far as the database can tell. */
async function node(more: Partial<Parameters<typeof remembered>[0]> = {}): Promise<Remembered> {
  const db = postgres(fresh.url, { max: 3 })
  const one = await remembered({ db, ears: db, log: (message) => logged.push(message), ...more })
  open.push(db, one)
  return one
}

interface Session {
  readonly id: AssistanceId
  readonly agentId: string
  readonly agentSessionId: string
  readonly token: Buffer
}
async function aSession(): Promise<Session> {
  const agent = await anAgent(fresh.db)
  const id = await anAssistance(fresh.db, secrets, agent)
  return {
    id,
    agentId: agent.agentId,
    agentSessionId: agent.sessionId,
    token: tokenDigest(await openWeb(fresh.db, id)),
  }
}
const alive = async (one: Remembered, { token }: Session) => (await one.check(token, 'test-web')) !== undefined
const ended = (id: AssistanceId) => close(fresh.db, id, { because: 'cancelled', actor: system('clock') })

/** A database whose answers to one statement can be held back, and whose ear can be deafened. */
function world() {
  let held: Promise<void> | undefined
  let deaf = false
  let away = false
  const asked: string[] = []
  const gone = () => Promise.reject(Object.assign(new Error('the network is cut'), { code: 'ECONNREFUSED' }))
  const db: Database = {
    ...fresh.db,
    async query(what, values) {
      const name = typeof what === 'string' ? what : what.name
      asked.push(name)
      if (away) return gone()
      const rows = await fresh.db.query(what, values)
      if (name === 'liveness.by_token') await held
      return rows as never
    },
    listen: (channel, onPayload, onBack, onLost) =>
      fresh.db.listen(
        channel,
        (payload) => {
          if (!deaf) onPayload(payload)
        },
        onBack,
        onLost,
      ),
  }
  return {
    db,
    asked,
    /** Holds answers until the returned function is called. */
    hold() {
      let let_go = () => {}
      held = new Promise((resolve) => {
        let_go = resolve
      })
      return () => {
        held = undefined
        let_go()
      }
    },
    deafen(yes: boolean) {
      deaf = yes
    },
    cut(yes: boolean) {
      away = yes
    },
  }
}

/** Clocks that we hold, ahead of the real ones. */
function clocks() {
  const ahead = { monotonic: 0, wall: 0 }
  return {
    ahead,
    clocks: { monotonic: () => performance.now() + ahead.monotonic, wall: () => Date.now() + ahead.wall },
  }
}

test('a session that was asked about once costs no question more', async () => {
  const { db, asked } = world()
  const session = await aSession()
  const one = await node({ db })
  expect(await alive(one, session)).toBe(true)
  await heardBy(one)
  asked.length = 0
  for (let times = 0; times < 1000; times += 1) expect(await alive(one, session)).toBe(true)
  expect(asked.filter((name) => name === 'liveness.by_token')).toEqual([])
  expect(await one.check(session.token, 'test-store')).toBeUndefined()
  expect(await alive(one, session)).toBe(true)
})

test('a process that starts reads what is alive, and is asked about none of it', async () => {
  const sessions = await Promise.all(Array.from({ length: 20 }, aSession))
  const { db, asked } = world()
  const one = await node({ db })
  await expect.poll(() => one.standing().sessions, { timeout: 20_000 }).toBeGreaterThanOrEqual(20)
  await heardBy(one)
  for (const session of sessions) expect(await alive(one, session)).toBe(true)
  expect(asked.filter((name) => name === 'liveness.by_token')).toEqual([])
})

test('an ending that is heard while its session is being read is not overlooked', async () => {
  const { db, hold } = world()
  const session = await aSession()
  const one = await node({ db })
  await heardBy(one)
  const letGo = hold()
  const reading = alive(one, session)
  await ended(session.id)
  await heardBy(one)
  letGo()
  expect(await reading).toBe(true) // It was, when it was read.
  expect(await alive(one, session)).toBe(false)
})

test('twenty times at once: an ending beside twenty readings leaves nothing alive in memory', async () => {
  const one = await node()
  const sessions = await Promise.all(Array.from({ length: 20 }, aSession))
  await Promise.all(
    sessions.map(async (session) => {
      await Promise.all([
        ...Array.from({ length: 10 }, () => alive(one, session)),
        ended(session.id),
        ...Array.from({ length: 10 }, () => alive(one, session)),
      ])
      await heardBy(one)
      expect(await alive(one, session)).toBe(false)
    }),
  )
})

test('who is told here that help has ended finds it ended here at once, before the channel says so', async () => {
  const sessions = await Promise.all(Array.from({ length: 20 }, aSession))
  const one = await node()
  await heardBy(one)
  await Promise.all(
    sessions.map(async (session) => {
      expect(await alive(one, session)).toBe(true)
      await ended(session.id)
      one.doubt()
      expect(await alive(one, session)).toBe(false)
    }),
  )
})

test('what ends on one process has ended on all of them', async () => {
  const nodes = await Promise.all([node(), node(), node()])
  const session = await aSession()
  for (const one of nodes) expect(await alive(one, session)).toBe(true)
  await ended(session.id)
  for (const one of nodes) {
    await heardBy(one)
    expect(await alive(one, session)).toBe(false)
  }
})

test('a channel that is silent for a second and a half is not believed: each check asks, and refuses where nobody answers', async () => {
  const { db, asked, deafen, cut } = world()
  const time = clocks()
  const session = await aSession()
  const one = await node({ db, ears: db, clocks: time.clocks })
  await heardBy(one)
  expect(await alive(one, session)).toBe(true)
  deafen(true)
  await ended(session.id)
  time.ahead.monotonic += 1501
  time.ahead.wall += 1501
  asked.length = 0
  expect(await alive(one, session)).toBe(false)
  expect(asked.filter((name) => name === 'liveness.by_token')).toHaveLength(1)
  cut(true)
  await expect(alive(one, session)).rejects.toThrow('the network is cut')
})

test('a machine that was suspended believes nothing that it remembers', async () => {
  const { db, asked, deafen } = world()
  const time = clocks()
  const session = await aSession()
  const one = await node({ db, ears: db, clocks: time.clocks })
  await heardBy(one)
  expect(await alive(one, session)).toBe(true)
  deafen(true)
  time.ahead.wall += 3600_000 // The monotonic clock stands still meanwhile.
  asked.length = 0
  await alive(one, session)
  expect(asked.filter((name) => name === 'liveness.by_token')).toHaveLength(1)
})

test('a connection that is lost takes belief with it, and what was said meanwhile is asked about', async () => {
  const session = await aSession()
  const one = await node()
  await heardBy(one)
  expect(await alive(one, session)).toBe(true)
  await fresh.db.transaction(async (tx) => {
    await tx.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    )
    await tx.query(
      `update assistance set state = 'closed', closed_in = 'active', because = 'cancelled', closed_at = app_now() where id = $1`,
      [session.id],
    )
  })
  await heardBy(one)
  expect(await alive(one, session)).toBe(false)
})

test('a clock that is moved is known before anything is believed again', async () => {
  const session = await aSession()
  const one = await node()
  await heardBy(one)
  expect(await alive(one, session)).toBe(true)
  await fresh.advance(15 * minute)
  await heardBy(one)
  expect(await alive(one, session)).toBe(false)
})

test('what ends by time ends by the time that was remembered, whoever sleeps', async () => {
  const { db, asked } = world()
  const session = await aSession()
  await fresh.db.query(
    `update assistance set user_seen_at = app_now() - idle_limit() + interval '700 milliseconds' where id = $1`,
    [session.id],
  )
  const time = clocks()
  const one = await node({ db, clocks: time.clocks })
  await heardBy(one)
  await alive(one, session)
  time.ahead.monotonic += 700
  time.ahead.wall += 700
  asked.length = 0
  // Not believed past its time: the database is asked, and its clock judges.
  await alive(one, session)
  expect(asked.filter((name) => name === 'liveness.by_token')).toHaveLength(1)
})

test('an ending that nobody tells of is found all the same, and ends belief in everything', async () => {
  const [session, other] = [await aSession(), await aSession()]
  const one = await node()
  await heardBy(one)
  expect(await alive(one, session)).toBe(true)
  expect(await alive(one, other)).toBe(true)
  await fresh.db.query('alter table assistance disable trigger assistance_tells')
  await ended(session.id)
  await fresh.db.query('alter table assistance enable trigger assistance_tells')
  logged.length = 0
  await expect.poll(() => one.tidy().then(() => logged), { timeout: 20_000 }).toContain('liveness.unheard')
  expect(await alive(one, session)).toBe(false)
  const { asked } = one.standing()
  expect(await alive(one, other)).toBe(true)
  expect(one.standing().asked).toBe(asked + 1)
})

test('whatever a change is told by, is looked at by each update that writes it', async () => {
  const triggers = await fresh.db.query<{ name: string; text: string; of: string[] }>(
    `select t.tgname as name, pg_get_triggerdef(t.oid) as text, array_agg(a.attname::text) as of
       from pg_trigger t join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = any (t.tgattr)
      where t.tgrelid in ('assistance'::regclass, 'surface_session'::regclass) group by t.oid, t.tgname`,
  )
  const unseen = triggers.map(({ name, text, of }) => {
    const spoken = [...text.matchAll(/\bnew\.(\w+)/g)].map(([, column]) => String(column))
    return [name, spoken.length > 0, spoken.filter((column) => !of.includes(column))]
  })
  expect(unseen.sort()).toEqual([
    ['assistance_has_ended', true, []],
    ['assistance_tells', true, []],
    ['surface_session_tells', true, []],
  ])
})

test('memory keeps what is alive and nothing else', async () => {
  await closeLiving(fresh.db, 'restored', system('beat'))
  const sessions = await Promise.all(Array.from({ length: 10 }, aSession))
  const one = await node()
  await heardBy(one)
  for (const session of sessions) await alive(one, session)
  for (const { id } of sessions.slice(3)) await ended(id)
  await heardBy(one)
  await expect.poll(() => one.tidy().then(() => one.standing().sessions), { timeout: 20_000 }).toBe(3)
})

// ── Random histories ────────────────────────────────────────────────────────────────────────────────────────────────

function dice(seed: number) {
  let state = seed
  const roll = (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  return { roll, pick: <T>(from: readonly T[]): T => from[roll(from.length)] as T }
}

const sql = (text: string, ...values: unknown[]) => fresh.db.query(text, values)
const cut = (scope: string, target: string | null, at = 'app_now()') =>
  sql(
    `insert into cutoff (id, scope, target, made_at, made_by, recorded_at) values ($1, $2, $3, ${at}, '{"kind":"system","id":"operator"}', app_now())
     on conflict do nothing`,
    `co_${randomUUID()}`,
    scope,
    target,
  )
async function lift() {
  await settleCut(fresh.db)
  await closeCutSurfaces(fresh.db)
  await sql(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
}
async function grant({ id }: Session) {
  const codeId = newId('cd')
  await sql(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, used_at)
     values ($1, $2, 'power', $3, $3, 5, app_now(), app_now(), app_now())`,
    codeId,
    id,
    tokenDigest(codeId),
  )
  await sql(
    `insert into power (id, assistance_id, power, surfaces, terms_digest, code_id, asked_at) values ($1, $2, 'export', '{web}', $3, $4, app_now())`,
    newId('pw'),
    id,
    tokenDigest(codeId),
    codeId,
  )
  await sql(
    `update power set granted_at = app_now(), proved_by = 'page', by_code = code_id, mac = terms_digest where code_id = $1`,
    codeId,
  )
}

/** Whatever can happen to a session, by the way it happens in or by hand. */
const happenings: Readonly<Record<string, (session: Session, roll: (below: number) => number) => Promise<unknown>>> = {
  'it is ended': ({ id }) => ended(id),
  'its product is closed alone': ({ id }) =>
    closeAlone(fresh.db, id, 'web', {
      type: 'surface.closed',
      actor: system('core'),
      data: { surface: 'web', why: 'x' },
    }),
  'its user does something': ({ id }) =>
    sql(
      `update assistance a set user_seen_at = app_now() where id = $1 and state = 'active' and not exists (select from lapse(a, app_now()))`,
      id,
    ),
  'time passes': (_session, roll) => fresh.advance((1 + roll(6)) * minute),
  'much time passes': () => fresh.advance(16 * minute),
  'lapses are recorded': () => settleDue(fresh.db),
  'its agent leaves': ({ agentId }) => sql('update agent set deactivated_at = app_now() where id = $1', agentId),
  'its agent leaves in a minute': ({ agentId }) =>
    sql(`update agent set deactivated_at = app_now() + interval '1 minute' where id = $1`, agentId),
  'its agent may no longer help': ({ agentId }) =>
    sql(`update agent set roles = '{supervisor}' where id = $1`, agentId),
  'its agent has another name': ({ agentId }, roll) =>
    sql('update agent set name = $2 where id = $1', agentId, `Name ${roll(99)}`),
  'its agent signs out': ({ agentSessionId }) =>
    sql('update agent_session set ended_at = clock_timestamp() where id = $1', agentSessionId),
  'its sign-in runs out': ({ agentSessionId }) =>
    sql(`update agent_session set expires_at = clock_timestamp() where id = $1`, agentSessionId),
  'everything is switched off': () => cut('everything', null),
  'its product is switched off': () => cut('surface', 'web'),
  'its ecosystem is switched off': () => cut('ecosystem', 'eco_sol'),
  'its ecosystem is switched off by a clock that is ahead': () =>
    cut('ecosystem', 'eco_sol', `app_now() + interval '2 minutes'`),
  'it is switched on again': lift,
  'an ending stands beside its row': ({ id }) =>
    sql(
      `update ending set assistance_id = $1, because = 'cancelled', actor = '{"kind":"system","id":"clock"}', at = app_now()
        where slot = (select min(slot) from ending where assistance_id is null) and not exists (select from ending where assistance_id = $1)
          and exists (select from assistance where id = $1 and state = 'active')`,
      id,
    ),
  'what stands beside is written': () => settleCut(fresh.db),
  'a power is granted': grant,
  'powers are taken back': ({ id }) => sql('update power set refused_at = app_now() where assistance_id = $1', id),
  'its length is cut': ({ id }) =>
    sql(`update assistance set max_until = least(max_until, app_now() + interval '2 minutes') where id = $1`, id),
  'its user was seen earlier than that': ({ id }) =>
    sql(`update assistance set user_seen_at = user_seen_at - interval '5 minutes' where id = $1`, id),
  'its user is erased': ({ id }) =>
    sql(`update assistance set seen = jsonb_set(seen, '{user,name}', '""') where id = $1`, id),
  'another cluster is there': () => closeLiving(fresh.db, 'restored', system('beat')),
  'the ears are cut off': () =>
    sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    ),
}

test.each(Array.from({ length: 6 }, (_, at) => at + Number(process.env.AMPARO_SEED ?? 1)))(
  'two processes and the database agree on every session after whatever happens (history %i)',
  async (seed) => {
    const { roll, pick } = dice(seed)
    const nodes = [await node(), await node()]
    const told: string[] = []
    let sessions = await Promise.all(Array.from({ length: 4 }, aSession))
    const harmless = [
      'its user does something',
      'its agent has another name',
      'a power is granted',
      'powers are taken back',
      'lapses are recorded',
      'its user is erased',
    ]
    const all = Object.keys(happenings)
    const some = all.filter((what) => what !== 'another cluster is there' && what !== 'everything is switched off')
    for (let step = 0; step < 40; step += 1) {
      const what = pick(step % 10 === 9 ? all : step % 2 === 0 ? some : harmless)
      const session = pick(sessions)
      told.push(`${what} (${sessions.indexOf(session)})`)
      // What is asked about meanwhile is read before, between and after.
      await Promise.all([happenings[what]?.(session, roll), ...nodes.map((one) => alive(one, pick(sessions)))])
      for (const one of nodes) {
        await heardBy(one)
        for (const each of sessions) {
          const { now: _now, ...by } = (await check(fresh.db, each.token, 'test-web')) ?? { now: undefined }
          const { now: _then, ...memory } = (await one.check(each.token, 'test-web')) ?? { now: undefined }
          expect(memory, `${told.join(', ')}: session ${sessions.indexOf(each)}`).toEqual(by)
        }
      }
      if (step % 10 === 9) {
        await lift()
        sessions = [...sessions.slice(2), await aSession(), await aSession()]
      }
    }
    for (const one of nodes) expect(one.standing().remembered).toBeGreaterThan(10)
  },
  120_000,
)
