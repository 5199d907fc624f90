/** Quotas stop exactly where they say, however many ask at once; and what is unusual is told to supervisors once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { correctUser, open } from '../assistance/assistance.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  opened,
  pageOf,
  provedAgent,
  right,
  story,
  testOutside,
} from '../assistance/testing.ts'
import { announceEndings } from '../background/announce.ts'
import { end } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { openSession } from '../identity/identity.store.ts'
import { signed } from '../identity/sign-in.flow.ts'
import { identityOutside, strangerFrom } from '../identity/testing.ts'
import { type Policy, presets } from '../policy/policy.ts'
import { alerts } from './alerts.store.ts'
import { tellSupervisors } from './tell.ts'
import { answering, supervisorAtDesk, telling } from './testing.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const none = {
  lookUpsPerAgentADay: null,
  lookUpsWithoutConsentADay: null,
  assistancesPerAgentADay: null,
  messagesPerUserADay: null,
}
const quiet = { ...presets.standard.alerts, lookUpsWithoutConsent: null, refusedConsents: null, sameUser: null }
const world = (changes: Partial<Policy>): Outside =>
  testOutside(fresh, { policy: { ...presets.standard, quotas: none, alerts: quiet, ...changes } })
const alertsAbout = async (caller: Caller) =>
  (await alerts(fresh.db, 'nobody')).filter(({ agent }) => agent?.id === caller.agentId).map(({ kind }) => kind)
const lookUpsOf = async (caller: Caller) =>
  (
    await fresh.db.query<{ n: number }>(
      'select coalesce(sum(lookups), 0)::int as n from assistance where agent_id = $1',
      [caller.agentId],
    )
  )[0]?.n

/** Subjects of the mails that wait for this agent. */
async function mailsTo({ secrets }: Outside, { agentId }: Caller): Promise<readonly string[]> {
  const rows = await fresh.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where agent_id = $1 and sealed is not null',
    [agentId],
  )
  return rows.map(({ id, sealed }) => JSON.parse(secrets.unseal(sealed, id)).content.subject)
}

/** Opens, proves and looks up as often as it is let, by a script that never asks anybody. */
async function harvest(outside: Outside, agent: Caller, times: number) {
  let [seen, refusals] = [0, 0]
  for (let i = 0; seen + refusals < times; i += 1) {
    try {
      const id = await provedAgent(outside, agent, `nobody${i}@nowhere.test`)
      seen += 1
      for (let more = 0; more < 3 && seen + refusals < times; more += 1) {
        const next = await correctUser(outside, agent, id, `nobody${i}x${more}@nowhere.test`)
        if (next.ok) seen += 1
        else refusals += 1
      }
      await closeByDesk(outside, agent, id, { because: 'cancelled' })
    } catch (error) {
      expect(String(error)).toContain('rate.limited')
      refusals += 1
    }
  }
  return { seen, refusals }
}

test('fifty scripted look-ups stop at the budget, with one alert, and each of them is in the record', async () => {
  const outside = world({ quotas: { ...none, lookUpsPerAgentADay: 12 } })
  const agent = await agentAtDesk(outside)
  const supervisor = await supervisorAtDesk(outside)
  expect(await harvest(outside, agent, 50)).toEqual({ seen: 12, refusals: 38 })
  expect([await lookUpsOf(agent), await alertsAbout(agent)]).toEqual([12, ['quota']])
  const [{ events } = { events: 0 }] = await fresh.db.query<{ events: number }>(
    `select count(*)::int as events from event where actor_id = $1 and type = 'user.not_found'`,
    [agent.agentId],
  )
  expect(events).toBe(12)
  for (let i = 0; i < 3; i += 1) await tellSupervisors(telling(outside))
  const mails = await fresh.db.query('select id from outbox where agent_id = $1', [supervisor.agentId])
  expect(mails).toHaveLength(1)
  // The next day is another: the window of the alert is over as well.
  await fresh.advance(24 * 3_600_000 + 60_000)
  expect(await harvest(outside, agent, 13)).toEqual({ seen: 12, refusals: 1 })
  expect(await alertsAbout(agent)).toEqual(['quota', 'quota'])
})

test('twenty look-ups at the same moment never pass a budget of which three are left', async () => {
  const outside = world({ quotas: { ...none, lookUpsWithoutConsentADay: 4 } })
  const agent = await agentAtDesk(outside)
  const id = await provedAgent(outside, agent, 'nobody@nowhere.test')
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, i) => correctUser(outside, agent, id, `nobody${i}@nowhere.test`)),
  )
  expect(all.filter(({ ok }) => ok).length).toBeLessThanOrEqual(3)
  expect(await lookUpsOf(agent)).toBeLessThanOrEqual(4)
  while ((await correctUser(outside, agent, id, 'again@nowhere.test')).ok);
  expect(await lookUpsOf(agent)).toBe(4)
  expect(await correctUser(outside, agent, id, 'again@nowhere.test')).toMatchObject({
    refusal: 'rate.limited',
    more: { why: 'look_ups_without_consent' },
  })
  expect(await alertsAbout(agent)).toEqual(['quota'])
})

test('look-ups that a consent followed take nothing from those without one', async () => {
  const outside = world({ quotas: { ...none, lookUpsWithoutConsentADay: 2 } })
  const agent = await agentAtDesk(outside)
  for (let i = 0; i < 4; i += 1) {
    const id = await activeFor(outside, agent, 'leo@clinica-sol.test')
    right(await closeByDesk(outside, agent, id, { because: 'finished' }))
  }
  expect(await lookUpsOf(agent)).toBe(4)
})

test('an agent opens as many as a day allows, also when twenty are asked for at once', async () => {
  const outside = world({ quotas: { ...none, assistancesPerAgentADay: 3 } })
  const agent = await agentAtDesk(outside)
  const asked = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } } as const
  let openings = 0
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => open(outside, agent, asked)))
    const done = answers.filter(({ ok }) => ok)
    openings += done.length
    expect(done.length).toBe(round < 3 ? 1 : 0)
    for (const answer of done)
      if (answer.ok) right(await closeByDesk(outside, agent, answer.value.id, { because: 'cancelled' }))
  }
  expect(openings).toBe(3)
  expect(await open(outside, agent, asked)).toMatchObject({
    refusal: 'rate.limited',
    more: { why: 'assistances_a_day' },
  })
})

test('without quotas nothing is stopped and nothing is told', async () => {
  const outside = world({})
  const agent = await agentAtDesk(outside)
  expect(await harvest(outside, agent, 15)).toEqual({ seen: 15, refusals: 0 })
  expect(await alertsAbout(agent)).toEqual([])
})

test('a canary is told of at once, once for each agent who looks, and the agent learns nothing of it', async () => {
  const outside = world({ canaries: ['per_leo'] })
  const [agent, other] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  for (let i = 0; i < 2; i += 1) {
    const id = await provedAgent(outside, agent, 'leo@clinica-sol.test')
    expect(await story(outside, id)).not.toContain('alert.raised')
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
  }
  await provedAgent(outside, other, 'leo@clinica-sol.test')
  expect([await alertsAbout(agent), await alertsAbout(other)]).toEqual([['canary'], ['canary']])
})

test('the same user again and again is told of, over all agents', async () => {
  const outside = world({ alerts: { ...quiet, sameUser: 3 } })
  const agents = [
    await agentAtDesk(outside),
    await agentAtDesk(outside),
    await agentAtDesk(outside),
    await agentAtDesk(outside),
  ]
  for (const agent of agents) await provedAgent(outside, agent, 'grace@northside.test')
  const kinds = await Promise.all(agents.map(alertsAbout))
  expect(kinds).toEqual([[], [], ['same_user'], []])
})

test('look-ups of whom nobody agrees are told of when there are many', async () => {
  const outside = world({ alerts: { ...quiet, lookUpsWithoutConsent: 5 } })
  const agent = await agentAtDesk(outside)
  await harvest(outside, agent, 4)
  expect(await alertsAbout(agent)).toEqual([])
  await harvest(outside, agent, 6)
  expect(await alertsAbout(agent)).toEqual(['look_ups_without_consent'])
})

test('users who refuse are counted; one who never asked is told of at once', async () => {
  const outside = world({ alerts: { ...quiet, refusedConsents: 2 } })
  const agent = await agentAtDesk(outside)
  const ending = async (how: 'decline' | 'not-me', email: string) => {
    const id = await askedUser(outside, agent, email, 'cli_sol')
    await fresh.db.query(`update outbox set state = 'sent', sealed = null, tries = 1 where assistance_id = $1`, [id])
    const { world: page, linked } = await pageOf(outside, id)
    right(await end(page, linked, how))
    await announceEndings(outside)
  }
  await ending('decline', 'leo@clinica-sol.test')
  expect(await alertsAbout(agent)).toEqual([])
  await ending('not-me', 'inaki@clinica-sol.test')
  expect([...(await alertsAbout(agent))].sort()).toEqual(['refused_consents', 'reported'])
})

test('outside of working hours is told of, or refused, as the vendor says', async () => {
  const never = { ...presets.standard.hours, from: '03:00', to: '03:01' }
  const now = (await fresh.advance(0)).toISOString().slice(11, 16)
  if (now === '03:00') await fresh.advance(120_000)
  const telling = world({ hours: { ...never, outside: 'alert' } })
  const agent = await agentAtDesk(telling)
  const id = await opened(telling, agent, 'leo@clinica-sol.test')
  expect(await alertsAbout(agent)).toEqual(['outside_hours'])
  right(await closeByDesk(telling, agent, id, { because: 'cancelled' }))
  const refusing = world({ hours: { ...never, outside: 'refuse' } })
  const other = await agentAtDesk(refusing)
  await expect(opened(refusing, other, 'leo@clinica-sol.test')).rejects.toThrow('agent.outside_hours')
})

test('twenty steps that would tell the same tell it once, and whom it is about gets no mail of it', async () => {
  const outside = world({ quotas: { ...none, assistancesPerAgentADay: 1 } })
  while ((await tellSupervisors(telling(outside))) > 0);
  const both = await agentAtDesk(outside, ['supervisor', 'agent:technical'])
  const asked = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } } as const
  const first = right(await open(outside, both, asked))
  right(await closeByDesk(outside, both, first.id, { because: 'cancelled' }))
  await Promise.all(Array.from({ length: 20 }, () => open(outside, both, asked)))
  expect(await alertsAbout(both)).toEqual(['quota'])
  await Promise.all(Array.from({ length: 5 }, () => tellSupervisors(telling(outside))))
  expect(await fresh.db.query('select id from outbox where agent_id = $1', [both.agentId])).toHaveLength(0)
  const [{ raised } = { raised: 0 }] = await fresh.db.query<{ raised: number }>(
    `select count(*)::int as raised from event where type = 'alert.raised' and (body::jsonb) #>> '{data,agent}' = $1`,
    [both.agentId],
  )
  expect(raised).toBe(1)
})

test('an agent’s sign-in from a new browser is told to every supervisor but them, once in an hour, and the first browser is none', async () => {
  const outside = world({})
  while ((await tellSupervisors(telling(outside))) > 0);
  const agent = await agentAtDesk(outside, ['supervisor', 'agent:technical'])
  const supervisor = await supervisorAtDesk(outside)
  const signIn = async (device: string | undefined) => {
    const opened = await openSession(fresh.db, agent.agentId, 'cookie')
    return (await signed(identityOutside(outside), opened, { ...strangerFrom, device })).device
  }
  const known = await signIn(undefined)
  await signIn(known)
  expect(await alertsAbout(agent)).toEqual([])
  await Promise.all(Array.from({ length: 20 }, () => signIn(undefined)))
  expect(await alertsAbout(agent)).toEqual(['new_browser'])
  await tellSupervisors(telling(outside))
  const subjects = await mailsTo(outside, supervisor)
  expect(subjects).toEqual([expect.stringContaining('signed in from a new browser')])
  const own = await mailsTo(outside, agent)
  expect(own.filter((subject) => subject.startsWith('Alert'))).toEqual([])
  await fresh.advance(3_600_000 + 60_000)
  await signIn(undefined)
  expect(await alertsAbout(agent)).toEqual(['new_browser', 'new_browser'])
})

test('an alert is neither shown to whom it concerns nor cleared by them, whatever asks with their session: another supervisor does', async () => {
  const outside = world({})
  const [sara, marc] = [await supervisorAtDesk(outside, ['agent:technical']), await supervisorAtDesk(outside)]
  await fresh.db.query('update alert set seen_at = app_now(), seen_by = $1 where seen_at is null', [marc.agentId])
  const now = { caller: sara, token: 't', fresh: 'f' }
  for (const device of [undefined, undefined]) await signed(identityOutside(outside), now, { ...strangerFrom, device })
  const theirs = answering(outside, sara)
  const others = answering(outside, marc)
  const listed = right(await others('alerts')).items.filter(({ agent }) => agent?.id === sara.agentId)
  expect(listed).toMatchObject([{ kind: 'new_browser' }])
  const alertId = listed[0]?.id ?? ''
  expect(right(await theirs('alerts')).items.filter(({ agent }) => agent?.id === sara.agentId)).toEqual([])
  expect(right(await theirs('oversight')).alerts).toBe(0)
  const tries = await Promise.all(Array.from({ length: 20 }, () => theirs('seeAlert', { alertId })))
  expect(new Set(tries.map((one) => (one.ok ? 'seen' : one.refusal)))).toEqual(new Set(['alert.unknown']))
  expect(right(await others('oversight')).alerts).toBe(1)
  expect(right(await others('seeAlert', { alertId })).seen?.by.id).toBe(marc.agentId)
  expect(right(await others('oversight')).alerts).toBe(0)
  const seen = `select from event where type = 'alert.seen' and actor_id = $1`
  expect(await fresh.db.query(seen, [sara.agentId])).toEqual([])
  expect(await fresh.db.query(seen, [marc.agentId])).toHaveLength(1)
})
