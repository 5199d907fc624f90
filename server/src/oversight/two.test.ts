/** What policy gives to two is never reached by one: random people, random roles, random acts, on the real database. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askConsent, chooseEcosystem, proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import { askGlass, breakGlass } from '../assistance/glass.flow.ts'
import { askPower } from '../assistance/power.flow.ts'
import { agentAtDesk, digitsSent, provedAgent, right, testOutside, testSurfaces } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { openWeb } from '../surfaces/testing.ts'
import { approvalsOf } from './approvals.store.ts'
import { closeReview } from './review.store.ts'
import { says } from './testing.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const sets = [
  ['agent:technical'],
  ['supervisor'],
  ['agent:technical', 'supervisor'],
  ['admin', 'supervisor'],
  ['auditor'],
] as const
const acts = [
  'ask',
  'askToAct',
  'askPower',
  'askGlass',
  'yes',
  'no',
  'prove',
  'break',
  'launch',
  'demote',
  'review',
] as const
const step = fc.record({ act: fc.constantFrom(...acts), who: fc.nat(4), which: fc.nat(3) })

test('no path by which one person alone reaches what policy gives to two, and nobody approves or reviews their own', async () => {
  const client = testSurfaces.find(({ id }) => id === 'web')?.client
  const outside = testOutside(fresh, {
    policy: {
      ...presets.standard,
      breakGlass: { roles: ['agent:technical'], minutes: 30 },
      secondPerson: { ...presets.standard.secondPerson, ownersSurfaces: ['store'], powers: true },
    },
    surfaces: testSurfaces.map((one) => {
      if (one.id === 'web') return { ...one, powers: ['look', 'act', 'payment_method'] as const }
      return client && one.id === 'store' ? { ...one, client: { ...client, id: 'store' } } : one
    }),
  })
  const surfaces = { ...outside, issuerOrigin: 'https://assist.acme.test' }
  const reached = { store: 0, acting: 0, power: 0, glass: 0, review: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...sets), { minLength: 4, maxLength: 4 }),
      fc.array(step, { minLength: 8, maxLength: 24 }),
      async (roles, steps) => {
        const agent = await agentAtDesk(outside, ['agent:technical', 'supervisor'])
        const others = await Promise.all(roles.map((some) => agentAtDesk(outside, some)))
        const people: readonly Caller[] = [agent, ...others]
        const supervising = new Set<string>(
          people.filter((one) => one.roles.includes('supervisor')).map((one) => one.agentId),
        )
        const id = await provedAgent(outside, agent, 'marta@clinica-sol.test')
        right(await chooseEcosystem(outside, agent, id, 'cli_sol'))
        for (const { act, who, which } of steps) {
          const person = people[who] ?? agent
          const approvals = await approvalsOf(fresh.db, id)
          const approval = approvals[which % Math.max(1, approvals.length)]?.id
          /** Whoever agreed and counts: supervisors of now, never the agent. */
          const agreed = (purpose: string) =>
            Math.max(
              0,
              ...approvals
                .filter((one) => one.purpose === purpose)
                .map(
                  (one) =>
                    new Set(
                      one.voices
                        .filter(({ by, decision }) => decision === 'yes' && by !== agent.agentId && supervising.has(by))
                        .map(({ by }) => by),
                    ).size,
                ),
            )
          if (act === 'ask') await askConsent(outside, agent, id, {})
          if (act === 'askToAct') await askConsent(outside, agent, id, { surfaces: ['web'], powers: 'act' })
          if (act === 'askPower') {
            const asked = await askPower(outside, agent, id, 'payment_method')
            if (asked.ok) {
              reached.power += 1
              expect(agreed('power')).toBeGreaterThanOrEqual(1)
            }
          }
          if (act === 'askGlass') await askGlass(outside, agent, id, { note: 'Nobody answers' })
          if (act === 'yes' || act === 'no') {
            const said = await says(outside, person, id, act, approval)
            if (said.ok)
              expect([person.agentId === agent.agentId, supervising.has(person.agentId)]).toEqual([false, true])
          }
          if (act === 'prove') {
            const digits = await digitsSent(outside, id, 'consent').catch(() => undefined)
            if (digits) await proveUser(outside, agent, id, { code: digits })
          }
          if (act === 'break') {
            const broken = await breakGlass(outside, agent, id)
            if (broken.ok) {
              reached.glass += 1
              expect(agreed('break_glass')).toBeGreaterThanOrEqual(2)
            }
          }
          if (act === 'launch') {
            const surface = which % 2 === 0 ? 'store' : 'web'
            const opened = await launch(surfaces, agent, id, surface)
            const powers = (await viewOf(outside, id))?.powers
            if (opened.ok && surface === 'web') await openWeb(fresh.db, id)
            if (opened.ok && (surface === 'store' || powers === 'act')) {
              reached[surface === 'store' ? 'store' : 'acting'] += 1
              expect(Math.max(agreed('consent'), agreed('break_glass') - 1)).toBeGreaterThanOrEqual(1)
            }
          }
          if (act === 'demote' && person !== agent) {
            await fresh.db.query(`update agent set roles = '{auditor}' where id = $1`, [person.agentId])
            supervising.delete(person.agentId)
          }
          if (act === 'review') {
            const actor = { kind: 'agent', id: person.agentId } as const
            const done = await closeReview(fresh.db, id, person.agentId, 'justified', { type: 'review.closed', actor })
            if (done) {
              reached.review += 1
              const part = approvals.flatMap(({ purpose, voices }) =>
                purpose === 'break_glass' ? voices.map(({ by }) => by) : [],
              )
              expect([agent.agentId, ...part]).not.toContain(person.agentId)
            }
          }
        }
        await closeByDesk(outside, agent, id, { because: 'cancelled' })
      },
    ),
    {
      numRuns: 12,
      // Two paths that do get there, so that what is held above is held of something.
      examples: [
        [
          [['supervisor'], ['supervisor'], ['supervisor'], ['auditor']],
          [
            { act: 'askGlass', who: 0, which: 0 },
            { act: 'yes', who: 0, which: 0 },
            { act: 'yes', who: 1, which: 0 },
            { act: 'break', who: 0, which: 0 },
            { act: 'yes', who: 4, which: 0 },
            { act: 'yes', who: 2, which: 0 },
            { act: 'break', who: 0, which: 0 },
            { act: 'launch', who: 0, which: 0 },
            { act: 'demote', who: 1, which: 0 },
            { act: 'launch', who: 0, which: 0 },
          ],
        ],
        [
          [['supervisor'], ['auditor'], ['auditor'], ['auditor']],
          [
            { act: 'ask', who: 0, which: 0 },
            { act: 'yes', who: 0, which: 0 },
            { act: 'yes', who: 1, which: 0 },
            { act: 'ask', who: 0, which: 0 },
            { act: 'prove', who: 0, which: 0 },
            { act: 'launch', who: 0, which: 0 },
            { act: 'demote', who: 1, which: 0 },
            { act: 'launch', who: 0, which: 0 },
          ],
        ],
        [
          [['supervisor'], ['auditor'], ['auditor'], ['auditor']],
          [
            { act: 'askToAct', who: 0, which: 0 },
            { act: 'yes', who: 0, which: 0 },
            { act: 'yes', who: 1, which: 0 },
            { act: 'askToAct', who: 0, which: 0 },
            { act: 'prove', who: 0, which: 0 },
            { act: 'launch', who: 0, which: 1 },
            { act: 'askPower', who: 0, which: 0 },
            { act: 'yes', who: 0, which: 1 },
            { act: 'yes', who: 2, which: 1 },
            { act: 'askPower', who: 0, which: 0 },
            { act: 'yes', who: 1, which: 1 },
            { act: 'askPower', who: 0, which: 0 },
          ],
        ],
      ],
    },
  )
  for (const what of ['store', 'acting', 'power', 'glass'] as const)
    expect([what, reached[what] > 0]).toEqual([what, true])
}, 120_000)
