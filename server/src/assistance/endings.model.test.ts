/** Every ending from every state: what was open is dead at once, and nothing that is asked afterwards passes or is unrecorded. */
import { randomUUID } from 'node:crypto'
import { isRefusal } from '@amparo/contract/refusals'
import type { Because } from '@amparo/contract/words'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { end } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close, closeLiving, settleCut, settleDue } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { says, supervisorAtDesk } from '../oversight/testing.ts'
import { presets } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { check } from '../surfaces/liveness.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { openWeb } from '../surfaces/testing.ts'
import { type AssistanceId, known, system } from '../words.ts'
import { correctUser, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { askConsent, askPresence, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import { askGlass, breakGlass } from './glass.flow.ts'
import { offer, takeOver } from './handover.flow.ts'
import type { Outside } from './outside.ts'
import { askPower, grantPower } from './power.flow.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  pageOf,
  provedAgent,
  right,
  story,
  testOutside,
} from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh, {
    policy: { ...presets.standard, breakGlass: { roles: ['agent:technical'], minutes: 30 } },
  })
})
afterAll(() => fresh.close())

const leo = 'leo@clinica-sol.test'
const states = {
  agent_verification: opened,
  user_lookup: provedAgent,
  consent: askedUser,
  active: activeFor,
  /** Active too, by two people and without the user. */
  glass: openedByTwo,
} as const
type Live = keyof typeof states
const isOn = (state: Live) => state === 'active' || state === 'glass'

interface Here {
  readonly id: AssistanceId
  readonly agent: Caller
}
const minute = 60_000
/** Each cause as it comes in real life; whichever state it is given, the ending is called what it is. */
const causes: Readonly<Record<string, { readonly of: readonly Live[]; bring(here: Here): Promise<unknown> }>> = {
  finished: {
    of: ['active', 'glass'],
    bring: ({ id, agent }) => closeByDesk(outside, agent, id, { because: 'finished' }),
  },
  cancelled: all(({ id, agent }) => closeByDesk(outside, agent, id, { because: 'cancelled' })),
  closed_by_supervisor: all(async ({ id }) =>
    closeByDesk(outside, await agentAtDesk(outside, ['supervisor']), id, { because: 'closed_by_supervisor' }),
  ),
  declined_by_user: { of: ['consent'], bring: ({ id }) => onPage(id, 'decline') },
  stopped_by_user: { of: ['active', 'glass'], bring: ({ id }) => onPage(id, 'stop') },
  reported_by_user: { of: ['consent', 'active', 'glass'], bring: ({ id }) => onPage(id, 'not-me') },
  // Whoever is not there has no silence: what two people opened ends by its half hour alone.
  expired_idle: {
    of: ['agent_verification', 'user_lookup', 'consent', 'active'],
    bring: () => fresh.advance(15 * minute),
  },
  break_glass_over: { of: ['glass'], bring: () => fresh.advance(30 * minute) },
  user_not_found: {
    of: ['user_lookup'],
    async bring({ id, agent }) {
      for (let left = 4; left > 0; left -= 1) right(await correctUser(outside, agent, id, 'nobody@example.test'))
    },
  },
  superseded: { of: ['active', 'glass'], bring: async () => activeFor(outside, await agentAtDesk(outside), leo) },
  handed_over: { of: ['active'], bring: takenOver },
  expired_max: {
    of: ['active'],
    bring: ({ id }) => fresh.db.query('update assistance set max_until = app_now() where id = $1', [id]),
  },
  agent_signed_out: all(({ agent }) =>
    fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [agent.sessionId]),
  ),
  agent_deactivated: all(({ agent }) =>
    fresh.db.query('update agent set deactivated_at = app_now() where id = $1', [agent.agentId]),
  ),
  killed: all(() =>
    fresh.db.query(
      `insert into cutoff (id, scope, made_at, made_by, recorded_at) values ($1, 'everything', app_now(), '{"kind":"system","id":"operator"}', app_now())`,
      [`co_${randomUUID()}`],
    ),
  ),
  audit_unavailable: all(() => closeLiving(fresh.db, 'audit_unavailable', system('beat'))),
  restored: all(() => closeLiving(fresh.db, 'restored', system('beat'))),
  ...Object.fromEntries(
    (
      ['user_deactivated', 'ecosystem_suspended', 'core_unavailable', 'access_withdrawn', 'too_many_attempts'] as const
    ).map((because) => [because, all(({ id }) => close(fresh.db, id, { because, actor: system('core') }))]),
  ),
}
function all(bring: (here: Here) => Promise<unknown>) {
  return { of: Object.keys(states) as Live[], bring }
}
const onPage = async (id: AssistanceId, act: 'decline' | 'stop' | 'not-me') => {
  const { world, linked } = await pageOf(outside, id)
  return end(world, linked, act)
}

/** Two supervisors say yes, and it is open without the user. */
async function openedByTwo(world: Outside, agent: Caller, email: string): Promise<AssistanceId> {
  const id = await provedAgent(world, agent, email)
  right(await chooseEcosystem(world, agent, id, 'cli_sol'))
  right(await askGlass(world, agent, id, { note: 'They do not answer, their clinic is locked out' }))
  for (let voters = 2; voters > 0; voters -= 1) right(await says(world, await supervisorAtDesk(world), id, 'yes'))
  right(await breakGlass(world, agent, id))
  return id
}

/** A colleague takes it, and the user says yes to them. */
async function takenOver({ id, agent }: Here): Promise<void> {
  const colleague = await agentAtDesk(outside)
  right(await offer(outside, agent, id, true))
  const next = known.assistance(right(await takeOver(outside, colleague, id)).id)
  right(await sendAgentCode(outside, colleague, next))
  right(await proveAgent(outside, colleague, next, await digitsSent(outside, next, 'agent')))
  right(await askConsent(outside, colleague, next, {}))
  right(await proveUser(outside, colleague, next, { code: await digitsSent(outside, next, 'consent') }))
}

/** Everything that an agent could still try. */
const commands = (agent: Caller, id: AssistanceId) => {
  const code = { code: '482913' }
  const opening = { ...outside, issuerOrigin: 'https://assist.acme.test' }
  return [
    () => sendAgentCode(outside, agent, id),
    () => proveAgent(outside, agent, id, code.code),
    () => chooseEcosystem(outside, agent, id, 'cli_sol'),
    () => askConsent(outside, agent, id, {}),
    () => proveUser(outside, agent, id, code),
    () => proveUser(outside, agent, id, { match: '47' }),
    () => askPresence(outside, agent, id),
    () => provePresence(outside, agent, id, code.code),
    () => launch(opening, agent, id, 'web'),
    () => askPower(outside, agent, id, 'payment_method'),
    () => grantPower(outside, agent, id, 'payment_method', code),
    () => askGlass(outside, agent, id, { note: 'They do not answer' }),
    () => breakGlass(outside, agent, id),
    () => offer(outside, agent, id, true),
    () => closeByDesk(outside, agent, id, { because: 'cancelled' }),
  ]
}

const cells = Object.entries(causes).flatMap(([because, { of }]) =>
  of.map((state) => [because as Because, state] as const),
)

test.each(cells)(
  '%s from %s: dead at once, ended once, and whatever is tried afterwards is refused with a word',
  async (because, state) => {
    const agent = await agentAtDesk(outside)
    const id = await states[state](outside, agent, leo)
    const token = isOn(state) ? tokenDigest(await openWeb(fresh.db, id)) : undefined
    if (token) expect(await check(fresh.db, token, 'test-web')).toBeDefined()
    await causes[because]?.bring({ id, agent })

    if (token) expect(await check(fresh.db, token, 'test-web')).toBeUndefined()
    expect(await viewOf(outside, id)).toMatchObject({
      state: 'closed',
      because,
      next: expect.not.arrayContaining(['launches']),
    })
    for (const command of commands(agent, id)) {
      const outcome = await command()
      expect(outcome).toMatchObject({ ok: false })
      if (!outcome.ok) expect(isRefusal(outcome.refusal)).toBe(true)
    }
    await Promise.all([settleDue(fresh.db), settleCut(fresh.db), settleDue(fresh.db)])
    await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
    expect((await story(outside, id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
    expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because })
    if (token) expect(await check(fresh.db, token, 'test-web')).toBeUndefined()
  },
)
