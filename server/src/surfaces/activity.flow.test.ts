import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actsOf } from '../assistance/acts.store.ts'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { isAtWork } from '../identity/identity.store.ts'
import { presets } from '../policy/policy.ts'
import { newToken, secretsFrom, tokenDigest } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import { type Outside as Noting, noteActivity, noteChecks } from './activity.flow.ts'
import { checks } from './checks.ts'
import { closeSurface, type Outside, redeem, takeTicket } from './surfaces.flow.ts'
import { surfacesOf } from './surfaces.store.ts'
import { aCore, anAgent, anAssistance, aSurface, aVendor, giveToken, ticketFor } from './testing.ts'

const secrets = secretsFrom(randomBytes(32))
const client = {
  id: 'c',
  secret: 's',
  redirectUris: ['http://127.0.0.1:1/cb'],
  initiateLoginUri: 'http://127.0.0.1:1/login',
  statusCheck: true,
}
let fresh: FreshDatabase
let outside: Outside & Noting
let agent: Caller
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  const surfaces = [aSurface('store', { client }), aSurface('web', { client })]
  outside = {
    db: fresh.db,
    secrets,
    core: aCore(),
    vendor: aVendor,
    surfaces,
    policy: presets.standard,
    issuerOrigin: 'http://127.0.0.1:9',
    isAtWork: (deskSessionId) => isAtWork(fresh.db, deskSessionId),
  }
  agent = await anAgent(fresh.db)
})

const assist = () => anAssistance(fresh.db, secrets, agent)
/** A surface that is open, and its token. */
async function opened(id: AssistanceId, surface = 'web'): Promise<string> {
  const minted = await ticketFor(outside, agent, id, surface)
  const taken = minted.ok && (await takeTicket(outside, minted.value.ticket))
  if (!taken || taken.ok === false) throw new Error('not taken')
  const { hint, browser } = taken.value
  const came = await redeem(outside, { hintDigest: tokenDigest(hint), browser: () => browser, surface })
  if (!came.ok) throw new Error(came.refusal)
  const token = newToken()
  await giveToken(fresh.db, tokenDigest(came.value.live.sessionId), tokenDigest(token))
  return token
}

/** Acts number `first` to `last`, done now by the database's clock, or when it is said. */
async function acts(first: number, last: number, at?: Date) {
  const [clock] = await fresh.db.query<{ now: Date }>('select app_now() as now')
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    count: first + index,
    at: at ?? clock?.now ?? new Date(),
    what: { en: `act ${first + index}`, es: `acto ${first + index}` },
  }))
}
const tell = async (
  token: string,
  first: number,
  last = first,
  { surface = 'web', at = undefined as Date | undefined } = {},
) => noteActivity(outside, surface, { token, acts: await acts(first, last, at) })

const recordOf = (id: AssistanceId) =>
  fresh.db.query<{ n: number; type: string; actor: unknown; subject: string; data: Record<string, unknown> }>(
    `select n, type, body::jsonb -> 'actor' as actor, subject_id as subject, body::jsonb -> 'data' as data
       from event where assistance_id = $1 order by n`,
    [id],
  )
const doneIn = async (id: AssistanceId) => (await recordOf(id)).filter(({ type }) => type === 'act.done')
const counts = async (id: AssistanceId) => (await doneIn(id)).map(({ data }) => data.count)
const web = async (id: AssistanceId) => (await surfacesOf(fresh.db, id)).find(({ surface }) => surface === 'web')
const stop = (id: AssistanceId) => close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })

test('what was done stands in the record with both names, in its order, and the list has it newest first', async () => {
  const id = await assist()
  const token = await opened(id)
  expect(await tell(token, 1, 3)).toEqual({ ok: true, value: { active: true, count: 3, missing: 0 } })
  const record = await doneIn(id)
  expect(record.map(({ actor, data }) => ({ actor, count: data.count, surface: data.surface }))).toEqual(
    [1, 2, 3].map((count) => ({ actor: { kind: 'agent', id: agent.agentId }, count, surface: 'web' })),
  )
  expect(record.every(({ subject }) => subject.startsWith('user_'))).toBe(true)
  expect(JSON.stringify(record)).not.toContain('act 1')
  const list = await actsOf(fresh.db, id)
  expect(list.map(({ what }) => what)).toEqual([3, 2, 1].map((n) => ({ en: `act ${n}`, es: `acto ${n}` })))
  expect(await web(id)).toMatchObject({ acts: 3, lastActAt: expect.any(Date) })
  expect(await actsOf(fresh.db, id, 2)).toHaveLength(2)
})

describe('the running count', () => {
  test('counts a batch once in twenty at the same time, and leaves the record without a gap', async () => {
    const id = await assist()
    const token = await opened(id)
    const batch = { token, acts: await acts(1, 5) }
    const answers = await Promise.all(Array.from({ length: 20 }, () => noteActivity(outside, 'web', batch)))
    expect(answers).toEqual(answers.map(() => ({ ok: true, value: { active: true, count: 5, missing: 0 } })))
    expect(await counts(id)).toEqual([1, 2, 3, 4, 5])
    expect((await web(id))?.acts).toBe(5)
    const record = await recordOf(id)
    expect(record.map(({ n }) => n)).toEqual(record.map((_event, index) => index + 1))
  })

  test('tells what never came, and takes it when it comes late; what overlaps counts once', async () => {
    const id = await assist()
    const token = await opened(id)
    await tell(token, 1, 2)
    expect(await tell(token, 5, 6)).toMatchObject({ value: { count: 6, missing: 2 } })
    expect(await tell(token, 2, 5)).toMatchObject({ value: { count: 6, missing: 0 } })
    expect(await tell(token, 1, 6)).toMatchObject({ value: { count: 6, missing: 0 } })
    expect((await counts(id)).sort()).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('is of one session: two surfaces count by themselves', async () => {
    const id = await assist()
    const [one, other] = [await opened(id), await opened(id, 'store')]
    await tell(one, 1, 2)
    expect(await tell(other, 1, 1, { surface: 'store' })).toMatchObject({ value: { active: true, count: 1 } })
    expect(await web(id)).toMatchObject({ acts: 2 })
  })

  test('batches in any order, many at once, are each there once', async () => {
    const id = await assist()
    const token = await opened(id)
    const batches = Array.from({ length: 12 }, (_, index) => index * 4 + 1)
    await Promise.all([...batches.reverse(), ...batches].map((first) => tell(token, first, first + 3)))
    expect((await counts(id)).map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, i) => i + 1))
  })
})

describe('whose it is', () => {
  test('the token of another surface is refused, which the record says, and nothing is taken down', async () => {
    const id = await assist()
    const token = await opened(id)
    expect(await tell(token, 1, 1, { surface: 'store' })).toMatchObject({ ok: false })
    expect(await doneIn(id)).toEqual([])
    expect((await recordOf(id)).at(-1)).toMatchObject({
      type: 'activity.refused',
      actor: { kind: 'surface', id: 'store' },
      data: { surface: 'web', why: 'other_surface' },
    })
  })
  test('a token that nobody has is dead', async () => {
    expect(await tell(newToken(), 1)).toEqual({ ok: true, value: { active: false } })
  })
})

describe('after the end', () => {
  test('a batch is answered like anything dead, revives nothing, and what it tells is kept as late', async () => {
    const id = await assist()
    const token = await opened(id)
    await tell(token, 1)
    const before = new Date()
    await stop(id)
    expect(await tell(token, 2, 2, { at: before })).toEqual({ ok: true, value: { active: false } })
    expect((await doneIn(id)).map(({ data }) => data.late)).toEqual([undefined, true])
    const [end] = await fresh.db.query<{ state: string; because: string; closed_at: Date }>(
      'select state, because, closed_at from assistance where id = $1',
      [id],
    )
    expect(end).toMatchObject({ state: 'closed', because: 'stopped_by_user' })
    expect(Date.parse((await actsOf(fresh.db, id))[0]?.at ?? '')).toBeLessThanOrEqual(end?.closed_at.getTime() ?? 0)
  })

  test('one surface that was closed alone is dead too; a lapse that nobody recorded is an end', async () => {
    const id = await assist()
    const [token, other] = [await opened(id), await opened(id, 'store')]
    await closeSurface(outside, agent, id, 'web')
    expect(await tell(token, 1)).toMatchObject({ value: { active: false } })
    expect(await tell(other, 1, 1, { surface: 'store' })).toMatchObject({ value: { active: true } })
    await fresh.advance(15 * 60_000)
    expect(await tell(other, 2, 2, { surface: 'store' })).toMatchObject({ value: { active: false } })
    expect((await doneIn(id)).at(-1)?.data.late).toBe(true)
  })

  test('a day later nothing is taken down any more', async () => {
    const id = await assist()
    const token = await opened(id)
    await stop(id)
    await fresh.advance(24 * 3_600_000)
    expect(await tell(token, 1)).toMatchObject({ value: { active: false } })
    expect(await doneIn(id)).toEqual([])
  })

  test('beside a stop: alive before it, dead after it, and each act is in the record once', async () => {
    for (let round = 0; round < 10; round += 1) {
      agent = await anAgent(fresh.db)
      const id = await assist()
      const token = await opened(id)
      const ended = stop(id).then(() => performance.now())
      const answers = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const asked = performance.now()
          const answer = await tell(token, index + 1)
          return { asked, alive: answer.ok && answer.value.active }
        }),
      )
      const over = await ended
      expect(answers.filter(({ asked, alive }) => alive && asked > over)).toEqual([])
      expect(await tell(token, 9)).toEqual({ ok: true, value: { active: false } })
      const record = await recordOf(id)
      const closedAt = record.find(({ type }) => type === 'assistance.closed')?.n ?? 0
      const done = record.filter(({ type }) => type === 'act.done')
      expect(done.map(({ data }) => Number(data.count)).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const { n, data } of done)
        expect([n > closedAt, data.late]).toEqual([n > closedAt, n > closedAt || undefined])
      expect(record.map(({ n }) => n)).toEqual(record.map((_event, index) => index + 1))
    }
  })
})

describe('the clock of a surface', () => {
  test.each([
    ['an hour ahead', 3_600_000],
    ['before the surface was opened', -3_600_000],
    ['of another age', -20 * 365 * 24 * 3_600_000],
  ])('%s is written down, and not believed', async (_name, ms) => {
    const id = await assist()
    const token = await opened(id)
    const [clock] = await acts(1, 1)
    const now = clock?.at.getTime() ?? 0
    const at = new Date(now + ms)
    await tell(token, 1, 1, { at })
    const [done] = await doneIn(id)
    expect(done?.data.said).toBe(at.toISOString())
    expect(Math.abs(Date.parse(String(done?.data.at)) - now)).toBeLessThan(60_000)
  })

  test('moves none of ours: without the user it is over after fifteen minutes, whatever is reported', async () => {
    const id = await assist()
    const token = await opened(id)
    for (let minute = 1; minute < 15; minute += 1) {
      await fresh.advance(60_000)
      expect(await tell(token, minute)).toMatchObject({ value: { active: true } })
    }
    await fresh.advance(60_000)
    expect(await tell(token, 15)).toMatchObject({ value: { active: false } })
  })

  test('moves the user’s where the policy says so: fifteen minutes after the last act, by when it was done, and never past the agreed time', async () => {
    outside = { ...outside, policy: { ...presets.standard, activity: 'user+surface' } }
    const id = await assist()
    const token = await opened(id)
    const row = async () =>
      (
        await fresh.db.query<{ seen: Date; version: number }>(
          'select user_seen_at as seen, version from assistance where id = $1',
          [id],
        )
      )[0]
    const ago = async (minutes: number) => {
      const [clock] = await fresh.db.query<{ now: Date }>('select app_now() as now')
      return new Date((clock?.now.getTime() ?? 0) - minutes * 60_000)
    }
    const before = await row()
    await fresh.advance(10 * 60_000)
    const now = await ago(0)
    expect(await tell(token, 1, 1, { at: now })).toMatchObject({ value: { active: true } })
    expect((await row())?.seen).toEqual(now)
    // No step that read it before may write its older time over this one.
    expect((await row())?.version).toBeGreaterThan(before?.version ?? 0)
    // An act of three minutes ago counts from then, and an older one sets nothing back.
    await fresh.advance(4 * 60_000)
    const then = await ago(3)
    await tell(token, 2, 2, { at: then })
    expect((await row())?.seen).toEqual(then)
    await tell(token, 3, 3, { at: await ago(4) })
    expect((await row())?.seen).toEqual(then)
    // Told again, it is no new act.
    await tell(token, 2, 3)
    expect((await row())?.seen).toEqual(then)
    // What comes so late that its time is not believed is on record as of now, and was done long ago all the same.
    await tell(token, 4, 4, { at: await ago(11) })
    expect((await row())?.seen).toEqual(then)
    await fresh.advance(13 * 60_000)
    expect(await tell(token, 5)).toMatchObject({ value: { active: false } })

    agent = await anAgent(fresh.db)
    const long = await assist()
    const other = await opened(long)
    for (let act = 1; act <= 5; act += 1) {
      await fresh.advance(10 * 60_000)
      expect(await tell(other, act)).toMatchObject({ value: { active: true } })
    }
    await fresh.advance(10 * 60_000)
    expect(await tell(other, 6)).toMatchObject({ value: { active: false } })
  })

  test('is not given a clock by it where two people opened it without the user', async () => {
    outside = { ...outside, policy: { ...presets.standard, activity: 'user+surface' } }
    const id = await assist()
    const token = await opened(id)
    await fresh.db.query(
      `insert into approval (id, assistance_id, purpose, about, whys, asked_by, asked_at)
       values ('ap_x', $1, 'break_glass', '', '{}', $2, app_now())`,
      [id, agent.agentId],
    )
    await fresh.db.query(`update assistance set broken_by = 'ap_x' where id = $1`, [id])
    const seen = () => fresh.db.query('select user_seen_at from assistance where id = $1', [id])
    const before = await seen()
    await fresh.advance(60_000)
    expect(await tell(token, 1)).toMatchObject({ value: { active: true } })
    expect(await seen()).toEqual(before)
  })
})

describe('the agent’s session at the desk', () => {
  const quietFor = (minutes: number) =>
    fresh.db.query(`update agent_session set seen_at = clock_timestamp() - make_interval(mins => $2) where id = $1`, [
      agent.sessionId,
      minutes,
    ])
  const isSeen = async () =>
    (
      await fresh.db.query<{ now: boolean }>(
        `select seen_at > clock_timestamp() - interval '1 minute' as now from agent_session where id = $1`,
        [agent.sessionId],
      )
    )[0]?.now

  test('does not go idle while they work in a product', async () => {
    const token = await opened(await assist())
    await quietFor(59)
    expect(await tell(token, 1)).toMatchObject({ value: { active: true } })
    expect(await isSeen()).toBe(true)
  })

  test('is not brought back where it was idle already, nor by what is told after the end', async () => {
    const id = await assist()
    const token = await opened(id)
    await quietFor(61)
    await tell(token, 1)
    expect(await isSeen()).toBe(false)
    await quietFor(30)
    await stop(id)
    await tell(token, 2)
    expect(await isSeen()).toBe(false)
  })
})

describe('what it tells, held against what we saw', () => {
  const oddIn = async (id: AssistanceId) =>
    (await recordOf(id))
      .filter(({ type }) => type === 'activity.mismatch')
      .map(({ data: { session: _session, ...rest } }) => rest)
  const alertsOf = (id: AssistanceId) =>
    fresh.db.query<{ kind: string; count: number }>('select kind, count from alert where assistance_id = $1', [id])
  const sessionOf = async (id: AssistanceId) =>
    (await fresh.db.query<{ id: string }>('select id from surface_session where assistance_id = $1', [id]))[0]?.id ?? ''
  /** Asked so often, at a process of its own, and written down. */
  const asked = async (id: AssistanceId, often: number) => {
    const [session, counted] = [await sessionOf(id), checks()]
    for (let time = 0; time < often; time += 1) counted.add(session)
    await noteChecks(outside, counted)
  }

  test('numbers that are left out are named at once, each once; what comes later is taken', async () => {
    const id = await assist()
    const token = await opened(id)
    await tell(token, 3, 4)
    await tell(token, 8)
    const gaps = [
      { surface: 'web', why: 'gap', from: 1, to: 2 },
      { surface: 'web', why: 'gap', from: 5, to: 7 },
    ]
    expect(await oddIn(id)).toEqual(gaps)
    await tell(token, 3, 4)
    await tell(token, 1, 8)
    expect(await oddIn(id)).toEqual(gaps)
    expect(await tell(token, 9)).toMatchObject({ value: { count: 9, missing: 0 } })
    const record = await recordOf(id)
    expect(record.map(({ n }) => n)).toEqual(record.map((_event, index) => index + 1))
    expect(await alertsOf(id)).toEqual([])
  })

  test('what was done after the end is in the record as that, and supervisors hear of it; a clock a little ahead is not', async () => {
    const id = await assist()
    const token = await opened(id)
    await stop(id)
    const [ended] = await acts(1, 1)
    const after = (seconds: number) => new Date((ended?.at.getTime() ?? 0) + seconds * 1000)
    await fresh.advance(60_000)
    await tell(token, 1, 2, { at: after(2) })
    expect([await oddIn(id), await alertsOf(id)]).toEqual([[], []])
    await tell(token, 3, 5, { at: after(20) })
    expect(await oddIn(id)).toEqual([{ surface: 'web', why: 'after_end', acts: 3 }])
    expect(await alertsOf(id)).toEqual([{ kind: 'activity', count: 3 }])
    expect(await counts(id)).toEqual([1, 2, 3, 4, 5])
  })

  test('one that asks again and again and tells nothing is named once, by however many processes', async () => {
    const id = await assist()
    const token = await opened(id)
    await asked(id, 29)
    expect(await oddIn(id)).toEqual([])
    await Promise.all(Array.from({ length: 20 }, () => asked(id, 1)))
    expect(await oddIn(id)).toEqual([{ surface: 'web', why: 'silent', checks: expect.any(Number) }])
    await asked(id, 1000)
    const [row] = await fresh.db.query('select checks from surface_session where assistance_id = $1', [id])
    expect(row).toEqual({ checks: 100 })
    expect(await oddIn(id)).toHaveLength(1)
    expect(await alertsOf(id)).toEqual([])
    expect(await tell(token, 1)).toMatchObject({ value: { active: true, missing: 0 } })
  })

  test('one that tells is never called silent, however often it asks', async () => {
    const id = await assist()
    await tell(await opened(id), 1)
    await asked(id, 500)
    expect(await oddIn(id)).toEqual([])
  })

  test('one that promised to ask and never did is named once, and supervisors hear of it; no act is lost by it', async () => {
    const id = await assist()
    const token = await opened(id)
    await tell(token, 1, 30)
    expect(await oddIn(id)).toEqual([])
    await fresh.advance(3 * 60_000)
    for (const first of [31, 32])
      expect(await tell(token, first)).toMatchObject({ value: { active: true, missing: 0 } })
    expect(await oddIn(id)).toEqual([{ surface: 'web', why: 'unasked' }])
    expect(await alertsOf(id)).toEqual([{ kind: 'activity', count: 31 }])
    expect((await web(id))?.acts).toBe(32)
  })

  /** The same database, in which the first of these statements breaks off; and which ones were asked for. */
  const breaking = (name: string) => {
    const names: string[] = []
    const db: Database = {
      ...fresh.db,
      query: async (what, values) => {
        const asks = typeof what === 'string' ? '' : what.name
        names.push(asks)
        if (asks === name && names.indexOf(name) === names.length - 1) throw new Error('the database is away')
        return fresh.db.query(what, values)
      },
    }
    return { names, on: { ...outside, db } }
  }
  const openedBy = async (one: Caller) => {
    agent = one
    const id = await assist()
    await opened(id)
    return id
  }
  const checksOf = async (id: AssistanceId) =>
    (await fresh.db.query('select checks from surface_session where assistance_id = $1', [id]))[0]?.checks

  test('what could not be written down is counted on: a moment without a database makes nobody one that never asked', async () => {
    const id = await assist()
    await opened(id)
    const [session, counted] = [await sessionOf(id), checks()]
    counted.add(session)
    const { on } = breaking('activity.checked')
    await expect(noteChecks(on, counted)).rejects.toThrow('away')
    counted.add(session)
    await noteChecks(on, counted)
    expect(await checksOf(id)).toBe(2)
    await noteChecks(on, counted)
    expect(await checksOf(id)).toBe(2)
  })

  test('a session that somebody holds is counted later, and keeps no other one waiting', async () => {
    const [id, other] = [await openedBy(agent), await openedBy(await anAgent(fresh.db))]
    const counted = checks()
    for (const one of [id, other]) counted.add(await sessionOf(one), 5)
    await fresh.db.transaction(async (tx) => {
      await tx.query('select from surface_session where assistance_id = $1 for update', [id])
      await noteChecks(outside, counted)
      expect([await checksOf(id), await checksOf(other)]).toEqual([0, 5])
    })
    await noteChecks(outside, counted)
    expect([await checksOf(id), await checksOf(other)]).toEqual([5, 5])
  })

  test('one that cannot be named keeps no other one from being named', async () => {
    const ids = [await openedBy(agent), await openedBy(await anAgent(fresh.db))]
    const counted = checks()
    for (const id of ids) counted.add(await sessionOf(id), 50)
    await expect(noteChecks(breaking('desk.note').on, counted)).rejects.toThrow('away')
    expect((await Promise.all(ids.map(oddIn))).flat()).toHaveLength(1)
  })

  test('the alert of what was done after the end is written with it, or neither is', async () => {
    const id = await assist()
    const token = await opened(id)
    await stop(id)
    await fresh.advance(60_000)
    const [now] = await acts(1, 1)
    const { on } = breaking('desk.raise')
    await noteActivity(on, 'web', { token, acts: await acts(1, 2, now?.at) })
    expect(await oddIn(id)).toEqual([{ surface: 'web', why: 'after_end', acts: 2 }])
    expect(await alertsOf(id)).toEqual([{ kind: 'activity', count: 2 }])
  })

  test('one that never asks is written down once, and asks the database for nothing that it refuses', async () => {
    const id = await assist()
    const token = await opened(id)
    await fresh.advance(3 * 60_000)
    const { names, on } = breaking('none')
    for (const first of [1, 41]) await noteActivity(on, 'web', { token, acts: await acts(first, first + 39) })
    expect(await oddIn(id)).toEqual([{ surface: 'web', why: 'unasked' }])
    expect(names.filter((name) => name === 'desk.note')).toHaveLength(1)
  })

  test('one that asked once, and then stayed on the line, is not', async () => {
    const id = await assist()
    const token = await opened(id)
    await asked(id, 1)
    await fresh.advance(3 * 60_000)
    await tell(token, 1, 40)
    expect(await oddIn(id)).toEqual([])
  })
})
