import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, proveAgent, sendAgentCode } from '../assistance/assistance.flow.ts'
import { askConsent, askPresence, proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  provedAgent,
  right,
  story,
  testOutside,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { bell } from '../bell.ts'
import { type Core, CoreSilent } from '../core/core.ts'
import { successions } from '../core/successions.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { deliverDue } from '../messages/outbox.ts'
import { closeAlone } from '../surfaces/surfaces.store.ts'
import { type AssistanceId, known, system } from '../words.ts'
import { announceEndings, warnQuiet } from './announce.ts'
import { background } from './background.ts'
import { watchCore } from './watch.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const minutes = (count: number) => fresh.advance(count * 60_000)
const told = async (id: AssistanceId, purpose: string) =>
  (
    await fresh.db.query<{ channel: string }>(
      'select channel from outbox where assistance_id = $1 and purpose = $2 order by channel',
      [id, purpose],
    )
  ).map((row) => row.channel)
const closeSurface = async (id: string, surface: string, why: string) =>
  (await closeAlone(fresh.db, known.assistance(id), surface, {
    type: 'surface.closed',
    actor: system('core'),
    data: { surface, why },
  })) !== 'nothing'

/** What the carriers do, without any. */
const carried = (id: AssistanceId, fate = `state = 'sent', sealed = null, tries = 1`) =>
  fresh.db.query(`update outbox set ${fate} where assistance_id = $1 and state = 'queued'`, [id])
/** A world in which nobody can hold a lock from one statement to the next. */
const withoutTransactions = (): Outside => ({
  ...outside,
  db: { ...outside.db, transaction: () => Promise.reject(new Error('a lock would be held across a round trip')) },
})

test('an ending is told once, to whom it concerns: nobody before the message, a mail after it, mail and SMS once somebody was inside', async () => {
  const ana = await agentAtDesk(outside)
  const before = await opened(outside, ana, 'marta@clinica-sol.test')
  right(await closeByDesk(outside, ana, before, { because: 'cancelled' }))
  const asked = await askedUser(outside, ana, 'marta@clinica-sol.test')
  await carried(asked)
  right(await closeByDesk(outside, ana, asked, { because: 'cancelled' }))
  const inside = await activeFor(outside, ana, 'marta@clinica-sol.test')
  right(await closeByDesk(outside, ana, inside, { because: 'finished' }))
  await Promise.all([announceEndings(outside), announceEndings(outside), announceEndings(outside)])
  await announceEndings(outside)
  expect(await told(before, 'ended')).toEqual([])
  expect(await told(asked, 'ended')).toEqual(['email'])
  expect(await told(inside, 'ended')).toEqual(['email', 'sms'])
})

test('no agent and no limit keeps the news of an ending from its user: neither a way that was left out nor a day that is used up', async () => {
  const one = { ...outside, messagesPerUserADay: 1 }
  const ana = await agentAtDesk(one)
  const id = await provedAgent(one, ana, 'inaki@clinica-sol.test')
  right(await askConsent(one, ana, id, { channels: ['email'] }))
  expect(await told(id, 'consent')).toEqual(['email'])
  right(await proveUser(one, ana, id, { code: await digitsSent(one, id, 'consent') }))
  expect(await askPresence(one, ana, id)).toMatchObject({ ok: false, refusal: 'rate.limited' })
  right(await closeByDesk(one, ana, id, { because: 'finished' }))
  await announceEndings(one)
  expect(await told(id, 'ended')).toEqual(['email', 'sms'])
})

test('who was asked by a message that never went out is not told of its end; one that may have arrived is', async () => {
  const ana = await agentAtDesk(outside)
  const ended = async (fate?: string) => {
    const id = await askedUser(outside, ana, 'marta@clinica-sol.test')
    if (fate) await carried(id, fate)
    right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
    await announceEndings(outside)
    return id
  }
  const waiting = await ended()
  const dropped = await ended(`state = 'dropped', sealed = null`)
  const unsure = await ended(`tries = 1, error = 'no answer'`)
  expect(await told(waiting, 'ended')).toEqual([])
  await deliverDue({ db: fresh.db, secrets: outside.secrets, carriers: { email: undefined, sms: undefined } })
  await announceEndings(outside)
  expect([await told(waiting, 'ended'), await told(dropped, 'ended')]).toEqual([[], []])
  expect(await told(unsure, 'ended')).toEqual(['email'])
  expect(await fresh.db.query(`select from assistance where state = 'closed' and announced_at is null`)).toEqual([])
})

test('while the Core is silent an ending waits to be told for an hour, and is then told to nobody', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'marta@clinica-sol.test')
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
  const people = () => Promise.reject(new CoreSilent('no answer'))
  const silent = { ...outside, core: { ...outside.core, people } }
  expect(await announceEndings(silent)).toBe(0)
  const before = await opened(outside, ana, 'marta@clinica-sol.test')
  right(await closeByDesk(outside, ana, before, { because: 'cancelled' }))
  // This one concerns nobody who would have to be found.
  expect(await announceEndings(silent)).toBe(1)
  await minutes(61)
  expect(await announceEndings(silent)).toBe(1)
  expect(await told(id, 'ended')).toEqual([])
})

test('a warning and the fate of a message hold no lock that a stop would have to wait for', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  await minutes(13)
  expect(await warnQuiet(withoutTransactions())).toBe(1)
  const { db, secrets } = withoutTransactions()
  expect(await deliverDue({ db, secrets, carriers: { email: undefined, sms: undefined } })).toBeGreaterThan(0)
  expect(await story(outside, id)).toEqual(expect.arrayContaining(['user.warned', 'message.failed']))
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test('at 13:00 without the user they are warned by SMS, once for each silence', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  await minutes(12.9)
  expect(await warnQuiet(outside)).toBe(0)
  await minutes(0.1)
  await Promise.all([warnQuiet(outside), warnQuiet(outside)])
  expect(await warnQuiet(outside)).toBe(0)
  expect(await told(id, 'warning')).toEqual(['sms'])
  await fresh.db.query('update assistance set user_seen_at = app_now(), look_at = app_now() where id = $1', [id])
  await minutes(13)
  await warnQuiet(outside)
  expect(await told(id, 'warning')).toEqual(['sms', 'sms'])
  expect((await story(outside, id)).filter((type) => type === 'user.warned')).toHaveLength(2)
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test('a user whom the vendor deactivates loses what is live; so does a newly suspended ecosystem', async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const watch = watchCore(outside, closeSurface, () => 0)
  const one = await activeFor(outside, ana, 'nuria@clinica-sol.test')
  const two = await askedUser(outside, ben, 'ximena@nandu.test', 'cli_nandu')
  expect(await watch.run()).toBe(0)
  await fresh.db.query(`update vendor.person set deactivated_at = now() where email = 'nuria@clinica-sol.test'`)
  await fresh.db.query(`update vendor.clinic set suspended_at = now() where id = 'cli_nandu'`)
  expect(await watch.run()).toBe(2)
  expect(await viewOf(outside, one)).toMatchObject({ because: 'user_deactivated' })
  expect(await viewOf(outside, two)).toMatchObject({ because: 'ecosystem_suspended' })
  await fresh.db.query(`update vendor.clinic set suspended_at = null where id = 'cli_nandu'`)
})

test('whoever was deactivated or suspended meanwhile is helped by no step any more: it is refused, and ends the help before the watch does', async () => {
  const nuria = 'nuria@clinica-sol.test'
  const person = (at: string) =>
    fresh.db.query(`update vendor.person set deactivated_at = ${at} where email = '${nuria}'`)
  const clinic = (at: string) => fresh.db.query(`update vendor.clinic set suspended_at = ${at} where id = 'cli_nandu'`)
  const ends = async (id: AssistanceId, because: string, step: () => Promise<unknown>) => {
    expect(await step()).toMatchObject({ refusal: 'user.not_assistable' })
    expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because })
    expect((await story(outside, id)).slice(-2)).toEqual(['step.refused', 'assistance.closed'])
    await person('null')
    await clinic('null')
  }
  await person('null')
  const ana = await agentAtDesk(outside)

  const again = await askedUser(outside, ana, nuria)
  await minutes(1.1)
  await person('now()')
  await ends(again, 'user_deactivated', () => askConsent(outside, ana, again, {}))

  const yes = await askedUser(outside, ana, nuria)
  const code = await digitsSent(outside, yes, 'consent')
  await person('now()')
  await ends(yes, 'user_deactivated', () => proveUser(outside, ana, yes, { code }))

  const there = await activeFor(outside, ana, nuria)
  await person('now()')
  await ends(there, 'user_deactivated', () => askPresence(outside, ana, there))

  // Its owner is still offered the Store there, in a help that begins after it.
  const owner = await activeFor(outside, ana, 'ximena@nandu.test', 'cli_nandu')
  await clinic('now()')
  await ends(owner, 'ecosystem_suspended', () => askPresence(outside, ana, owner))
  await clinic('now()')
  const after = await activeFor(outside, ana, 'ximena@nandu.test', 'cli_nandu')
  right(await askPresence(outside, ana, after))
  right(await closeByDesk(outside, ana, after, { because: 'finished' }))
  await clinic('null')
})

test('a newly suspended ecosystem ends what is live of its succession too, and one that was suspended before does not', async () => {
  const theirs = successions(fresh.db)
  await theirs.check()
  const world = { ...outside, successions: theirs }
  const helps = async () => {
    const caller = await agentAtDesk(world, ['agent:succession'])
    const asked = { kind: 'succession', userEmail: 'successor@rejected.test', reason: { code: 'succession' } } as const
    const id = known.assistance(right(await open(world, caller, asked)).id)
    right(await sendAgentCode(world, caller, id))
    right(await proveAgent(world, caller, id, await digitsSent(world, id, 'agent')))
    right(await askConsent(world, caller, id, {}))
    right(await proveUser(world, caller, id, { code: await digitsSent(world, id, 'consent') }))
    return [caller, id] as const
  }
  const suspends = (at: string, id: AssistanceId) =>
    fresh.db.query(
      `update vendor.clinic set suspended_at = ${at} where id = (select ecosystem_id from assistance where id = $1)`,
      [id],
    )
  const watch = watchCore(world, closeSurface, () => 0)
  const [, id] = await helps()
  expect(await watch.run()).toBe(0)
  await suspends('now()', id)
  expect(await watch.run()).toBe(1)
  expect(await viewOf(world, id)).toMatchObject({ because: 'ecosystem_suspended' })
  const [caller, again] = await helps()
  expect(await watch.run()).toBe(0)
  right(await closeByDesk(world, caller, again, { because: 'finished' }))
  await suspends('null', id)
})

test('an ecosystem that was suspended when the user agreed does not end for that', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'pilar@lumbre.test', 'cli_lumbre')
  expect((await viewOf(outside, id))?.surfaces.map((one) => one.surface)).toEqual(['store'])
  await watchCore(outside, closeSurface, () => 0).run()
  expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

/** As after a minute in which no process could read the Core. */
const nobodyHasRead = () => fresh.db.query('update beat set core_read_at = null')

test('a Core that is silent for a minute closes what is live, and lets nothing new begin', async () => {
  await nobodyHasRead()
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const silence = async (): Promise<never> => {
    throw new CoreSilent('no answer')
  }
  const silent: Core = { ...outside.core, lookUp: silence, person: silence, people: silence, standings: silence }
  let elapsed = 0
  const watch = watchCore({ ...outside, core: silent }, closeSurface, () => elapsed)
  expect(await watch.run()).toBe(0)
  elapsed = 59_999
  expect(await watch.run()).toBe(0)
  elapsed = 60_000
  expect(await watch.run()).toBe(1)
  expect(await viewOf(outside, id)).toMatchObject({ because: 'core_unavailable' })
})

test('a Core that one process cannot reach ends nothing while another reads it', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const standings = async (): Promise<never> => {
    throw new CoreSilent('no answer')
  }
  let elapsed = 0
  const cutOff = watchCore({ ...outside, core: { ...outside.core, standings } }, closeSurface, () => elapsed)
  const well = watchCore(outside, closeSurface, () => elapsed)
  expect(await cutOff.run()).toBe(0)
  await well.run()
  elapsed = 60_000
  expect(await cutOff.run()).toBe(0)
  expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
  // The other one is gone as well.
  await nobodyHasRead()
  expect(await cutOff.run()).toBe(1)
  expect(await viewOf(outside, id)).toMatchObject({ because: 'core_unavailable' })
})

test('a Core that is silent closes what is live, and were it more than anybody could ask about at once', async () => {
  for (const rows of [
    `insert into agent (id, name, email, roles)
     select 'ag_many' || n, 'Agent', 'many' || n || '@support.test', '{agent:technical}' from generate_series(1, 600) n`,
    `insert into agent_session (id, agent_id, kind, token_digest, expires_at)
     select 'se_many' || n, 'ag_many' || n, 'cookie', sha256(convert_to('many' || n, 'utf8')), clock_timestamp() + interval '8 hours'
       from generate_series(1, 600) n`,
    `insert into assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, state, opened_at, user_seen_at, look_at,
       user_id, ecosystem_id, surfaces, link_digest, agent_method, consented_at, max_until)
     select 'as_' || lpad(n::text, 24, '0'), 'technical', 'ag_many' || n, 'se_many' || n, 'x@x.test', 'fault', 'active', now, now,
            now + idle_limit(), 'many' || n, 'eco_many', '{web}', sha256(convert_to('link' || n, 'utf8')), 'code', now, now + interval '1 hour'
       from generate_series(1, 600) n, (select app_now() as now) t`,
  ])
    await fresh.db.query(rows)
  const silence = async (): Promise<never> => {
    throw new CoreSilent('no answer')
  }
  const silent: Core = { ...outside.core, lookUp: silence, person: silence, people: silence, standings: silence }
  await nobodyHasRead()
  let elapsed = 0
  const watch = watchCore({ ...outside, core: silent }, closeSurface, () => elapsed)
  await watch.run()
  elapsed = 60_000
  expect(await watch.run()).toBeGreaterThanOrEqual(600)
  expect(await fresh.db.query(`select from assistance where state = 'active'`)).toEqual([])
})

test('the Core is asked about a page at a time; where it answers for one page and not for the next, the next is closed', async () => {
  const agents = await Promise.all(Array.from({ length: 3 }, () => agentAtDesk(outside)))
  const users = ['leo@clinica-sol.test', 'nuria@clinica-sol.test', 'marta@clinica-sol.test']
  await fresh.db.query('update vendor.person set deactivated_at = null')
  for (const [at, agent] of agents.entries()) await activeFor(outside, agent, users[at] ?? '')
  const live = async () =>
    (
      await fresh.db.query<{ user_id: string }>(
        `select user_id from assistance where state = 'active' order by agent_id`,
      )
    ).map((row) => row.user_id)
  const [first, second, third] = await live()
  const asked: string[][] = []
  let silentAbout: string | undefined
  const standings: Core['standings'] = async (pairs) => {
    asked.push(pairs.map(({ userId }) => userId))
    if (pairs.some(({ userId }) => userId === silentAbout)) throw new CoreSilent('no answer')
    return outside.core.standings(pairs)
  }
  let elapsed = 0
  const watch = watchCore({ ...outside, core: { ...outside.core, standings } }, closeSurface, () => elapsed, 1)
  expect(await watch.run()).toBe(0)
  expect(asked.splice(0)).toEqual([[first], [second], [third]])
  silentAbout = second
  expect(await watch.run()).toBe(0)
  elapsed = 59_999
  expect(await watch.run()).toBe(0)
  elapsed = 60_000
  expect(await watch.run()).toBe(2)
  expect(await live()).toEqual([first])
  silentAbout = undefined
  await fresh.db.query('update vendor.person set deactivated_at = now() where id = $1', [first])
  expect(await watch.run()).toBe(1)
  await fresh.db.query('update vendor.person set deactivated_at = null')
})

test('what could not be ended keeps nobody else from being judged', async () => {
  await fresh.db.query('update vendor.person set deactivated_at = null')
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const hers = await activeFor(outside, ana, 'leo@clinica-sol.test')
  const his = await activeFor(outside, ben, 'nuria@clinica-sol.test')
  const standings: Core['standings'] = async (pairs) =>
    (await outside.core.standings(pairs)).map((one) => ({ ...one, role: undefined }))
  const tried: string[] = []
  const broken = async (id: string): Promise<boolean> => {
    tried.push(id)
    throw new Error('not now')
  }
  const watch = watchCore({ ...outside, core: { ...outside.core, standings } }, broken, () => 0)
  await expect(watch.run()).rejects.toThrow('not now')
  expect([tried.includes(hers), tried.includes(his)]).toEqual([true, true])
  right(await closeByDesk(outside, ana, hers, { because: 'finished' }))
  right(await closeByDesk(outside, ben, his, { because: 'finished' }))
})

test('a silence of the Core that nobody was there to notice does not count against the next one', async () => {
  const ana = await agentAtDesk(outside)
  let quiet = false
  let elapsed = 0
  const standings: Core['standings'] = (pairs) =>
    quiet ? Promise.reject(new CoreSilent('no answer')) : outside.core.standings(pairs)
  const watch = watchCore({ ...outside, core: { ...outside.core, standings } }, closeSurface, () => elapsed)
  const first = await activeFor(outside, ana, 'leo@clinica-sol.test')
  quiet = true
  expect(await watch.run()).toBe(0)
  right(await closeByDesk(outside, ana, first, { because: 'finished' }))
  await watch.run()
  elapsed = 200_000
  quiet = false
  const second = await activeFor(outside, ana, 'leo@clinica-sol.test')
  quiet = true
  expect(await watch.run()).toBe(0)
  expect(await viewOf(outside, second)).toMatchObject({ state: 'active' })
  right(await closeByDesk(outside, ana, second, { because: 'finished' }))
})

test('a dump taken while messages wait holds no code, link or number in clear, and the keys are not in it', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, 'marta@clinica-sol.test')
  const code = await digitsSent(outside, id, 'consent')
  const textOf = async (purpose: string) => {
    const [row] = await fresh.db.query<{ id: string; sealed: Buffer }>(
      `select id, sealed from outbox where assistance_id = $1 and purpose = $2 and sealed is not null`,
      [id, purpose],
    )
    return row ? String(JSON.parse(outside.secrets.unseal(row.sealed, row.id)).content.text) : ''
  }
  const mine = await textOf('agent')
  const link = /\/c\/([\w-]{13,})/.exec(await textOf('consent'))?.[1]
  if (!link) throw new Error('the message holds no link')
  const dump = await wholeDatabase()
  const spaced = `${code.slice(0, 3)} ${code.slice(3)}`
  for (const secret of [code, spaced, /\d{3} \d{3}/.exec(mine)?.[0] ?? spaced]) {
    // Standing alone: as a part of a digest, an id or a moment's microseconds, six digits come up by chance.
    expect(dump).not.toMatch(new RegExp(`(?<![\\w.])${secret}(?!\\w)`))
    expect(dump.includes(Buffer.from(secret).toString('hex'))).toBe(false)
  }
  // The link's own secret: the three characters before it come up by chance in whatever is written in base 64.
  expect(dump).not.toContain(link)
  right(await proveUser(outside, ana, id, { code }))
})

/** Every row of every table of ours, as text. */
async function wholeDatabase(): Promise<string> {
  const tables = await fresh.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'amparo' and table_type = 'BASE TABLE'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => fresh.db.query<{ row: string }>(`select x::text as row from amparo.${name} x`)),
  )
  return rows
    .flat()
    .map((one) => one.row)
    .join('\n')
}

test('nothing is settled while a loop still has in hand what it took', async () => {
  const order: string[] = []
  let due = 1
  let taken = () => {}
  let open = () => {}
  const inHand = new Promise<void>((resolve) => {
    taken = resolve
  })
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const deliver = async () => {
    if (due === 0) return 0
    due = 0
    taken()
    await gate
    return 1
  }
  const quiet = { warn: () => {}, error: () => {}, info: () => {} }
  const loops = background([{ name: 'deliver', everyMs: 60_000, run: deliver }], bell(), quiet)
  await inHand
  const settled = loops.settle().then(() => order.push('settled'))
  await new Promise((resolve) => setImmediate(resolve))
  order.push('handed over')
  open()
  await settled
  expect(order).toEqual(['handed over', 'settled'])
  await loops.stop()
})
