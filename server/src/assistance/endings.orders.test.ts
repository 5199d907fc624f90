/**
 * Whatever both sides do, in any order and from any state: a model of the states says after each command where the
 * assistance stands, what was not allowed there did not pass, and each refusal has a word and stands in the record.
 */
import { isRefusal } from '@amparo/contract/refusals'
import type { Because } from '@amparo/contract/words'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allowPower, end, refusePower, sayYes, stillHere } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close, closeLiving } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { tokenDigest } from '../secrets.ts'
import { check } from '../surfaces/liveness.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { openWeb } from '../surfaces/testing.ts'
import { type AssistanceId, system } from '../words.ts'
import { correctUser, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { askConsent, askPresence, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import { askGlass } from './glass.flow.ts'
import { offer } from './handover.flow.ts'
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
  story,
  testOutside,
  testSurfaces,
  wrongFor,
} from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh, {
    surfaces: testSurfaces.map((one) =>
      one.id === 'web' ? { ...one, powers: ['look', 'act', 'payment_method'] as const } : one,
    ),
  })
})
afterAll(() => fresh.close())

const leo = 'leo@clinica-sol.test'
const starts = { agent_verification: opened, user_lookup: provedAgent, consent: askedUser, active: activeFor } as const
type Living = keyof typeof starts
const living = Object.keys(starts) as Living[]
type Standing = Living | 'closed'

interface Here {
  readonly id: AssistanceId
  readonly agent: Caller
}
type Answer = { readonly ok: boolean; readonly refusal?: string } | undefined
interface Command {
  /** Where it may pass; anywhere else it must not. */
  readonly from: readonly Living[]
  /** Where it leads when it has passed; it stays where it is unless this says otherwise. */
  readonly to?: Standing
  readonly because?: Because | ((state: Standing) => Because)
  /** What was answered; nothing where nobody was asked (time, the clock, somebody else's act, or a page that nobody can have). */
  act(here: Here): Promise<Answer>
}

const sent = ({ id }: Here, purpose: string) => digitsSent(outside, id, purpose).catch(() => '000000')
const wrong = async (here: Here, purpose: string) => wrongFor(await sent(here, purpose))
const opening = () => ({ ...outside, issuerOrigin: 'https://assist.acme.test' })
/** An act on the user's page; a page that nobody can have yet answers nothing. */
type Page = Awaited<ReturnType<typeof pageOf>>
const onPage =
  (act: (page: Page) => Promise<Answer>) =>
  async ({ id }: Here) => {
    const page = await pageOf(outside, id).catch(() => undefined)
    return page && act(page)
  }
/** What happens to it, whoever is asked. */
const befalls = (happen: (here: Here) => Promise<unknown>) => async (here: Here) => {
  await happen(here)
  return undefined
}
const ends = (
  because: NonNullable<Command['because']>,
  act: Command['act'],
  from: readonly Living[] = living,
): Command => ({
  from,
  to: 'closed',
  because,
  act,
})

const commands: Readonly<Record<string, Command>> = {
  'the agent asks for their code': {
    from: ['agent_verification'],
    act: ({ id, agent }) => sendAgentCode(outside, agent, id),
  },
  'the agent types their code': {
    from: ['agent_verification'],
    to: 'user_lookup',
    act: async (here) => proveAgent(outside, here.agent, here.id, await sent(here, 'agent')),
  },
  'the agent mistypes their code': {
    from: [],
    act: async (here) => proveAgent(outside, here.agent, here.id, await wrong(here, 'agent')),
  },
  'the e-mail is corrected': { from: ['user_lookup'], act: ({ id, agent }) => correctUser(outside, agent, id, leo) },
  'an ecosystem is chosen': {
    from: ['user_lookup', 'consent'],
    act: ({ id, agent }) => chooseEcosystem(outside, agent, id, 'cli_sol'),
  },
  'the user is asked': {
    from: ['user_lookup', 'consent'],
    to: 'consent',
    act: ({ id, agent }) => askConsent(outside, agent, id, {}),
  },
  "the user's code is typed": {
    from: ['consent'],
    to: 'active',
    act: async (here) => proveUser(outside, here.agent, here.id, { code: await sent(here, 'consent') }),
  },
  "the user's code is mistyped": {
    from: [],
    act: async (here) => proveUser(outside, here.agent, here.id, { code: await wrong(here, 'consent') }),
  },
  'the user says yes on the page': {
    from: ['consent'],
    act: onPage(({ world, linked }) => sayYes(world, linked, undefined)),
  },
  'the user says that they are still here': {
    from: ['active'],
    act: onPage(({ world, linked }) => stillHere(world, linked, undefined)),
  },
  'the user is asked whether they are there': {
    from: ['active'],
    act: ({ id, agent }) => askPresence(outside, agent, id),
  },
  'their presence is typed': {
    from: ['active'],
    act: async (here) => provePresence(outside, here.agent, here.id, await sent(here, 'presence')),
  },
  'a product is launched': { from: ['active'], act: ({ id, agent }) => launch(opening(), agent, id, 'web') },
  'one power is asked for': {
    from: ['active'],
    act: ({ id, agent }) => askPower(outside, agent, id, 'payment_method'),
  },
  'the code of the power is typed': {
    from: ['active'],
    act: async (here) =>
      grantPower(outside, here.agent, here.id, 'payment_method', { code: await sent(here, 'power') }),
  },
  'the user says yes to the power': {
    from: ['active'],
    act: onPage(({ world, linked }) => allowPower(world, linked, undefined)),
  },
  'the user says no to the power': {
    from: ['active'],
    act: onPage(({ world, linked }) => refusePower(world, linked, 'power-no', undefined)),
  },
  'the user takes the power back': {
    from: ['active'],
    act: onPage(({ world, linked }) => refusePower(world, linked, 'power-back', undefined)),
  },
  'it is offered to colleagues': { from: ['active'], act: ({ id, agent }) => offer(outside, agent, id, true) },
  'a look without consent is asked for': {
    from: [],
    act: ({ id, agent }) => askGlass(outside, agent, id, { note: 'They do not answer' }),
  },
  'a minute passes': { from: living, act: befalls(() => fresh.advance(60_000)) },
  'fifteen minutes pass': ends(
    'expired_idle',
    befalls(() => fresh.advance(15 * 60_000)),
  ),
  'its agent finishes': ends('finished', ({ id, agent }) => closeByDesk(outside, agent, id, { because: 'finished' }), [
    'active',
  ]),
  'its agent cancels': ends('cancelled', ({ id, agent }) => closeByDesk(outside, agent, id, { because: 'cancelled' })),
  'its agent closes it as a supervisor': {
    from: [],
    act: ({ id, agent }) => closeByDesk(outside, agent, id, { because: 'closed_by_supervisor' }),
  },
  'a supervisor closes': ends('closed_by_supervisor', async ({ id }) =>
    closeByDesk(outside, await agentAtDesk(outside, ['supervisor']), id, { because: 'closed_by_supervisor' }),
  ),
  // A page may be older than what stands: whichever of the two it still offers, it is named for what it ended.
  'the user refuses': ends(
    (state) => (state === 'consent' ? 'declined_by_user' : 'stopped_by_user'),
    onPage(({ world, linked }) => end(world, linked, 'decline')),
    ['consent', 'active'],
  ),
  'the user stops': ends(
    (state) => (state === 'consent' ? 'declined_by_user' : 'stopped_by_user'),
    onPage(({ world, linked }) => end(world, linked, 'stop')),
    ['consent', 'active'],
  ),
  'the user says that it was not them': ends(
    'reported_by_user',
    onPage(({ world, linked }) => end(world, linked, 'not-me')),
    ['consent', 'active'],
  ),
  'its agent signs out': ends(
    'agent_signed_out',
    befalls(({ agent }) =>
      fresh.db.query('update agent_session set ended_at = coalesce(ended_at, app_now()) where id = $1', [
        agent.sessionId,
      ]),
    ),
  ),
  'the record is not well': ends(
    'audit_unavailable',
    befalls(() => closeLiving(fresh.db, 'audit_unavailable', system('beat'))),
  ),
}

test('whatever both sides do, in any order: nothing passes where it may not, each refusal is on record, and the end is the end', {
  timeout: 240_000,
}, async () => {
  const passed = new Set<string>()
  const order = fc.array(fc.constantFrom(...Object.keys(commands)), { minLength: 4, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...living), order, async (start, names) => {
      const agent = await agentAtDesk(outside)
      const here = { id: await starts[start](outside, agent, leo), agent }
      const token = start === 'active' ? await openWeb(fresh.db, here.id) : undefined
      const model: Model = { state: start }
      try {
        for (const name of names) {
          if (await agrees(here, model, name)) passed.add(name)
          const open = token !== undefined && (await check(fresh.db, tokenDigest(token), 'test-web')) !== undefined
          expect(open, `${name}: the token`).toBe(token !== undefined && model.state === 'active')
        }
      } finally {
        await close(fresh.db, here.id, { because: 'cancelled', actor: system('test') })
      }
    }),
    { numRuns: 30 },
  )
  // It would prove nothing if nothing had ever passed.
  expect(passed.size).toBeGreaterThan(8)
})

interface Model {
  state: Standing
  because?: Because
}

/** One command, and whether it passed: the model goes where the table says, and what really stands has to be there. */
async function agrees(here: Here, model: Model, name: string): Promise<boolean> {
  const command = commands[name]
  if (!command) throw new Error(name)
  const before = await story(outside, here.id)
  const allowed = model.state !== 'closed' && command.from.includes(model.state)
  // Where the user can have no page yet, nothing was asked of anybody and nothing may have happened.
  const answer = await command.act(here)
  const happened = answer === undefined ? allowed : answer.ok
  if (answer && !answer.ok) {
    expect(isRefusal(answer.refusal ?? ''), `${name}: ${answer.refusal}`).toBe(true)
    // What is refused because it is over has its record in the ending itself.
    const onRecord = (await story(outside, here.id)).length - before.length
    if (model.state !== 'closed') expect(onRecord, `${name}: ${answer.refusal}`).toBeGreaterThan(0)
    else expect(answer.refusal).toBe('assistance.closed')
  }
  if (happened) {
    expect([name, model.state, allowed]).toEqual([name, model.state, true])
    if (command.because)
      model.because = typeof command.because === 'function' ? command.because(model.state) : command.because
    model.state = command.to ?? model.state
  }
  const seen = await viewOf(outside, here.id)
  expect([name, seen?.state, seen?.because]).toEqual([name, model.state, model.because])
  if (model.state === 'closed')
    expect(seen?.next.filter((step) => !['notes', 'closure-reason'].includes(step))).toEqual([])
  return happened
}
