/**
 * What an act reads does not grow with what there is. Years of help that has ended and thousands of sessions that live are in
 * the database here, and each act of a day is counted by what PostgreSQL says that it read: rows and pages, no time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, proveAgent, sendAgentCode } from './assistance/assistance.flow.ts'
import { askConsent, proveUser } from './assistance/consent.flow.ts'
import { closeByDesk } from './assistance/ending.flow.ts'
import { offered } from './assistance/handover.store.ts'
import type { Outside } from './assistance/outside.ts'
import { agentAtDesk, digitsSent, pageOf, right, testOutside } from './assistance/testing.ts'
import { list, viewOf } from './assistance/view.ts'
import { countOf, events } from './audit/audit.store.ts'
import { figuresOf } from './audit/figures.store.ts'
import { sequence } from './audit/log.store.ts'
import { suggestionsOf } from './audit/suggest.store.ts'
import { aSigner } from './audit/testing.ts'
import { announceEndings, warnQuiet } from './background/announce.ts'
import { askOwners } from './background/owners.ts'
import { look } from './companion/companion.flow.ts'
import { eventsAbout, helpOf } from './companion/history.store.ts'
import { type Database, postgres } from './database/database.ts'
import { closeLiving, settleCut, settleDue } from './desk/endings.ts'
import { forgetOld } from './http/idempotency.ts'
import { callerBy } from './identity/identity.store.ts'
import { artifacts } from './issuer/artifacts.ts'
import { aBrowser, aWorld, type World } from './issuer/testing.ts'
import { deliverDue } from './messages/outbox.ts'
import { eventsAbove } from './operations/tally.store.ts'
import { alerts } from './oversight/alerts.store.ts'
import { approvalsWaiting } from './oversight/approvals.store.ts'
import { reviewsFor } from './oversight/review.store.ts'
import { tellSupervisors } from './oversight/tell.ts'
import { telling } from './oversight/testing.ts'
import { timesLookedUp } from './oversight/watch.store.ts'
import { tokenDigest } from './secrets.ts'
import { changedBy, endedSinceThen } from './surfaces/endings.store.ts'
import { find, liveByGrant, livingAmong } from './surfaces/liveness.ts'
import { fillLive, fillPast, sessionOf, tokenOf } from './surfaces/many.testing.ts'
import { closeCutSurfaces } from './surfaces/surfaces.store.ts'
import { ticketFor } from './surfaces/testing.ts'
import { known, system } from './words.ts'

const [past, live] = [4000, 2000]
/** So many endings are written at once here. */
const turn = 100
/** So much an act may read at the most. From end to end the smallest of the tables that grow would be ten times as much. */
const most: Reading = { rows: 200, pages: 1500 }

let world: World
let outside: Outside
/** The one connection on which everything here is asked: what it read is known as soon as it is asked for. */
let one: Database
beforeAll(async () => {
  world = await aWorld()
  const { db, url } = world.fresh
  // Nobody else reads meanwhile.
  for (const { name } of await db.query<{ name: string }>(
    `select relid::regclass::text as name from pg_stat_user_tables where schemaname in ('amparo', 'vendor')`,
  ))
    await db.query(`alter table ${name} set (autovacuum_enabled = off)`)
  await fillPast(db, past)
  await db.query('analyze')
  one = postgres(url, { max: 1 })
  Object.assign(db, { query: one.query, transaction: one.transaction })
  outside = testOutside(world.fresh, { surfaces: world.surfaces, secrets: world.secrets })
  // Plans are kept: those of a quiet night, in which nobody was helped, still serve on the busiest day.
  for (const acts of [await help(), loops, questions, keys, { everythingEnds }])
    for (const act of Object.values(acts)) await act()
  await fillLive(db, live)
  await alone()
})
afterAll(async () => {
  await one.close()
  await world.close()
})

/** What others read is not to be counted with it: the memory of what lives, which looks at some of it each second. */
async function alone(): Promise<void> {
  await one.query('update pg_database set datallowconn = false where datname = current_database()')
  const others = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await one.query(`select pg_terminate_backend(pid) from (${others}) x`)
  while ((await one.query(others)).length > 0) await pause(10)
}

interface Reading {
  readonly rows: number
  readonly pages: number
}

const total = async (): Promise<Reading> => {
  await one.query('select pg_stat_force_next_flush()')
  const [sum] = await one.query<Reading & object>(
    `select (select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int from pg_stat_user_tables where schemaname = 'amparo') as rows,
            (select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))::int
               from pg_statio_user_tables where schemaname = 'amparo') as pages`,
  )
  if (!sum) throw new Error('unreachable: one row')
  return sum
}

async function readBy(work: () => Promise<unknown>): Promise<Reading> {
  const before = await total()
  await work()
  const after = await total()
  return { rows: after.rows - before.rows, pages: after.pages - before.pages }
}

/** The acts that read more than they may, and how much. */
async function tooMuch(
  acts: Readonly<Record<string, () => Promise<unknown>>>,
  most: Reading,
): Promise<Readonly<Record<string, Reading>>> {
  const found: Record<string, Reading> = {}
  for (const [name, act] of Object.entries(acts)) {
    const read = await readBy(act)
    if (process.env.AMPARO_GROWTH) console.log(name, read)
    if (read.rows > most.rows || read.pages > most.pages) found[name] = read
  }
  return found
}

/** From the opening to the token, and its ending with all that follows. */
async function help() {
  const ana = await agentAtDesk(outside)
  const marta = 'marta@clinica-sol.test'
  const at = { ...outside, issuerOrigin: world.origin }
  const browser = aBrowser()
  let id = known.assistance('as_0')
  const deliver = () => deliverDue({ ...at, carriers: { email: taken, sms: taken } })
  return {
    'help is opened': async () => {
      const asked = { kind: 'technical', userEmail: marta, reason: { code: 'fault' } } as const
      id = known.assistance(right(await open(outside, ana, asked)).id)
    },
    'its agent is proved': async () => {
      right(await sendAgentCode(outside, ana, id))
      const digits = await digitsSent(outside, id, 'agent')
      await deliver()
      right(await proveAgent(outside, ana, id, digits))
    },
    'its user consents': async () => {
      right(await askConsent(outside, ana, id, {}))
      const digits = await digitsSent(outside, id, 'consent')
      await deliver()
      right(await proveUser(outside, ana, id, { code: digits }))
    },
    'its product is opened': async () => {
      const { ticket } = right(await ticketFor(at, ana, id, 'web'))
      const arrived = await browser.post(`${world.origin}/launch`, { ticket }, { stopAt: '/login/' })
      const page = await browser.visit(arrived.url)
      expect(JSON.parse(page.body).claims).toMatchObject({ act: { sub: ana.agentId } })
    },
    'the agent sees it': () => viewOf(outside, id),
    'the user sees it': async () => {
      const { world: page, linked } = await pageOf(outside, id)
      await look(page, linked)
    },
    'it is closed': async () => right(await closeByDesk(outside, ana, id, { because: 'finished', outcome: 'solved' })),
    'its product is told': async () => expect((await world.issuer.notify()).acknowledged).toBe(1),
    'its user is told': async () => expect(await announceEndings(outside)).toBe(1),
    'its mail goes out': deliver,
    'its events take their places': () => sequence(one, aSigner()),
    'its user looks at all the help they had': () => helpOf(one, known.user('per_marta')),
  }
}
const taken = { deliver: async () => ({ fate: 'sent', ref: 'r' }) as const }

/** What goes round and round, where nothing is due. */
const loops = {
  'endings are looked for': () => settleDue(one, turn),
  'cuts are looked for': () => settleCut(one),
  'what is open in a product that is cut is looked for': () => closeCutSurfaces(one),
  'endings to announce are looked for': () => announceEndings(outside),
  'silences to warn of are looked for': () => warnQuiet(outside),
  'notices that are due are looked for': () => world.issuer.notify(),
  'questions to owners are looked for': () => askOwners(outside),
  'alerts are looked for': () => tellSupervisors(telling(outside)),
  'messages that are due are looked for': () => deliverDue({ ...outside, carriers: { email: taken, sms: taken } }),
  'events without a place are looked for': () => sequence(one, aSigner()),
  'old answers are forgotten': () => forgetOld(one),
  'what the issuer keeps no longer is forgotten': () => world.issuer.forgetExpired(),
}

const everythingEnds = () => closeLiving(one, 'audit_unavailable', system('test'))

/** What people look for, in what has ended and in what lives. */
const lists = {
  'what lives, newest first': () => list(outside, known.agent('ag_live7'), { state: 'live', limit: 50 }),
  'what lives, of the last hours': () =>
    list(outside, known.agent('ag_live7'), { state: 'live', openedWithinHours: 6, limit: 50 }),
  'what is active': () => list(outside, known.agent('ag_live7'), { state: 'active', limit: 50 }),
  'all of an agent': () => list(outside, known.agent('ag_past7'), { agent: 'ag_past7', limit: 50 }),
  'all with a user, by e-mail': () => list(outside, known.agent('ag_past7'), { user: 'past7@bench.test', limit: 50 }),
  'all with a user, by id': () => list(outside, known.agent('ag_past7'), { user: 'past7', limit: 50 }),
  'a later page': () =>
    list(outside, known.agent('ag_live7'), { cursor: `as_p${String(past / 2).padStart(23, '0')}`, limit: 50 }),
  'what may be taken over': async () => offered(one, await agentAtDesk(outside)),
  'the record': () => events(one, { limit: 50 }),
  'the record of an assistance': () => events(one, { assistance: sessionOf(7).assistance, limit: 50 }),
  'the record of an agent, by name': () => events(one, { agent: 'Past 17', limit: 50 }),
  'the record of an agent, by e-mail': () => events(one, { agent: 'agpast7@bench.test', limit: 50 }),
  'the record of an agent who did nothing': () => events(one, { agent: 'aglive7@bench.test', limit: 50 }),
  'the record of a user, by e-mail': () => events(one, { user: 'past7@bench.test', limit: 50 }),
  'the record of nobody': () => events(one, { user: 'nobody@bench.test', limit: 50 }),
  'the record of one kind': () => events(one, { type: 'consent.given', limit: 50 }),
  'the record of a kind that never was': () => events(one, { type: 'glass.broken', limit: 50 }),
  'the record of one ending': () => events(one, { because: 'finished', limit: 50 }),
  'the record after a day': () => events(one, { after: daysAgo(2), limit: 50 }),
  'the record of a user, of one kind': () =>
    events(one, { user: 'past7@bench.test', type: 'consent.given', limit: 50 }),
  'how many there are of one kind, up to so many': () => countOf(one, { type: 'consent.given' }, 500),
  'how many there are of a user, up to so many': () => countOf(one, { user: 'past7@bench.test' }, 500),
  'who could be searched for, where nothing was typed': () => suggestionsOf(one, 'agent', ''),
  'agents whose name begins so': () => suggestionsOf(one, 'agent', 'past'),
  'users who were helped last': () => suggestionsOf(one, 'user', ''),
  'users whose address begins so': () => suggestionsOf(one, 'user', 'past1'),
  'kinds of events': () => suggestionsOf(one, 'type', 'c'),
  'endings that there were': () => suggestionsOf(one, 'because', ''),
  'assistances that begin so': () => suggestionsOf(one, 'assistance', 'as_p'),
  alerts: () => alerts(one, 'nobody'),
  'questions that wait': () => approvalsWaiting(one),
  reviews: () => reviewsFor(one, 'ag_live7'),
  'the help that a user had': () => helpOf(one, known.user('past7')),
  "a user's events": async () => {
    for await (const _some of eventsAbout(one, known.user('past7')));
  },
}
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()

/** What memory asks where it is not sure. */
const questions = {
  'who calls': () => callerBy(one, 'nobody'),
  'a check that memory cannot answer': () => find(one, tokenDigest(tokenOf(7)), 'portal'),
  'which of some tokens live': () => livingAmong(one, [tokenDigest(tokenOf(7)), tokenDigest(tokenOf(8))]),
  'what ended lately in a product': () => endedSinceThen(one, 'portal', new Date(Date.now() - 60_000)),
  'what is concerned by changes': () => changedBy(one, [sessionOf(7).assistance, 'ag_live8', 'se_live9'], ['portal']),
  'what happened a moment ago': async () => {
    const [{ ord = 0 } = {}] = await one.query<{ ord: number }>('select max(ord) as ord from event')
    await eventsAbove(one, ord - 10, [])
  },
}

/** What the issuer asks on its way to an answer. Each of these is a few keys looked up, and may read no more than that. */
const keys = {
  'a token that is asked about': () => find(one, tokenDigest(tokenOf(7)), 'portal'),
  'how often a user was looked up': () => timesLookedUp(one, 'past7', 24),
  'what the issuer keeps of a token': () => tokens().find(tokenOf(7)),
  'what a session grants': () => liveByGrant(one, tokenDigest('grant-of-session-7')),
}
const tokens = () =>
  artifacts(one, {
    grantBy: async () => undefined,
    found: () => undefined,
    replayed: async () => undefined,
    again: () => new Error(),
  })('AccessToken')

/** A plan is made by what is known of the tables: nothing in the first days, later what was counted. */
const analyzed = () => one.query('analyze')

test('help from its opening to its ending reads the same, however much has been and lives', async () => {
  expect(await tooMuch(await help(), most)).toEqual({})
})

test('the loops read what is due, and nothing of what has been or lives', async () => {
  expect(await tooMuch(loops, most)).toEqual({})
  await analyzed()
  expect(await tooMuch(await help(), most)).toEqual({})
  expect(await tooMuch(loops, most)).toEqual({})
})

test('a page of any list and of the record is found without going through the rest', async () => {
  expect(await tooMuch(lists, { rows: 1500, pages: 3000 })).toEqual({})
  // What is open stands in front of what has ended: it is passed, and nothing is asked about it.
  const ended = { 'what has ended': () => list(outside, known.agent('ag_live7'), { state: 'closed', limit: 50 }) }
  expect(await tooMuch(ended, { rows: live + 500, pages: 1000 })).toEqual({})
  // Figures are three questions about their days and a day on either side, and about no other.
  const figures = { 'an hour in figures': () => figuresOf(one, { after: daysAgo(1 / 24), timeZone: 'Europe/Madrid' }) }
  expect(await tooMuch(figures, { rows: 3 * 25 * 60 * 10 * 1.1, pages: 4000 })).toEqual({})
  // What was written within a day of it is gone through, and no more: a minute is ten events here.
  const past = { 'before a day': () => events(one, { before: daysAgo(2), limit: 50 }) }
  expect(await tooMuch(past, { rows: 24 * 60 * 10 * 1.1, pages: 3000 })).toEqual({})
})

test('what memory asks is found by its key', async () => {
  expect(await tooMuch(questions, most)).toEqual({})
})

test('a check that memory cannot answer, and the issuer beside it, look up a few keys', async () => {
  // Since the tables were counted each plan is made anew, and to make one is to read the ends of indexes.
  for (const key of Object.values(keys)) await key()
  const found = Object.entries(keys).map(([name, key]) => {
    const one = async () => expect([name, await key()]).not.toContain(undefined)
    return [name, one] as const
  })
  expect(await tooMuch(Object.fromEntries(found), { rows: 20, pages: 60 })).toEqual({})
})

test('of thousands that are only to be looked at again, a turn reads those that it takes, and says that there are more', async () => {
  await one.query(`update assistance set look_at = app_now() - interval '1 second' where closed_at is null`)
  const again = async () => expect(await settleDue(one)).toEqual({ ended: [], isMore: true })
  expect(await tooMuch({ again }, { rows: turn * 30, pages: turn * 120 })).toEqual({})
  let turns = 1
  while ((await settleDue(one)).isMore) turns += 1
  expect(turns).toBe(live / turn)
})

test('of thousands that are due at once, a turn of each loop reads those that it takes', async () => {
  await world.fresh.advance(15 * 60_000)
  const ended = async () => expect((await settleDue(one, turn)).ended).toHaveLength(turn)
  expect(await tooMuch({ ended }, { rows: turn * 30, pages: turn * 120 })).toEqual({})
  for (let left = live - turn; left > turn; left -= turn) expect((await settleDue(one, turn)).ended).toHaveLength(turn)
  await analyzed()
  const everything = async () => expect(await everythingEnds()).toHaveLength(turn)
  expect(await tooMuch({ everything }, { rows: turn * 30, pages: turn * 150 })).toEqual({})

  const told = async () => expect(await world.issuer.notify()).toEqual({ acknowledged: 0, isMore: true })
  const announced = () => announceEndings(outside)
  expect(await tooMuch({ told, announced }, { rows: 200 * 30, pages: 200 * 120 })).toEqual({})

  await one.query(
    `insert into outbox (id, assistance_id, purpose, channel, masked_to, sealed, created_at, next_at)
     select 'ob_due' || n, 'as_' || lpad(n::text, 24, '0'), 'ended', 'email', '', '', now, now
       from generate_series(0, $1::int - 1) n, (select app_now() - interval '1 second' as now) t`,
    [live],
  )
  const go = (limit: number) => deliverDue({ ...outside, carriers: { email: taken, sms: taken }, limit })
  const delivered = () => go(8)
  expect(await tooMuch({ delivered }, { rows: 8 * 30, pages: 8 * 150 })).toEqual({})
  // Nor what has left before.
  const most = 200
  for (let left = live - 16; left > 0; left -= most) expect(await go(Math.min(left, most))).toBe(Math.min(left, most))
  expect(await tooMuch({ delivered }, { rows: 8 * 30, pages: 8 * 150 })).toEqual({})
})
