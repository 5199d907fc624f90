/** A second person says yes to exactly what is asked for; nobody to their own; and nothing goes on without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askConsent, chooseEcosystem, proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import {
  agentAtDesk,
  digitsSent,
  provedAgent,
  right,
  saidYes,
  story,
  testOutside,
  testSurfaces,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { identityOutside, shownBy, withApp } from '../identity/testing.ts'
import { type Policy, presets } from '../policy/policy.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import type { AssistanceId } from '../words.ts'
import { approvalsOf, approvalsWaiting } from './approvals.store.ts'
import { tellSupervisors } from './tell.ts'
import { says, supervisorAtDesk, telling } from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
const storeTakesTwo: Policy = {
  ...presets.standard,
  secondPerson: { ...presets.standard.secondPerson, ownersSurfaces: ['store'] },
}
beforeAll(async () => {
  fresh = await freshDatabase()
  const client = testSurfaces.find(({ id }) => id === 'web')?.client
  outside = testOutside(fresh, {
    policy: storeTakesTwo,
    surfaces: testSurfaces.map((one) =>
      client && one.id === 'store' ? { ...one, client: { ...client, id: 'store' } } : one,
    ),
  })
})
afterAll(() => fresh.close())

const marta = 'marta@clinica-sol.test'
const surfaces = () => ({ ...outside, issuerOrigin: 'https://assist.acme.test' })
const stateOf = async (id: AssistanceId) => (await approvalsOf(outside.db, id)).map((one) => one.state)

/** An agent who looked up Marta, an owner. */
async function lookedUp(agent: Caller): Promise<AssistanceId> {
  const id = await provedAgent(outside, agent, marta)
  right(await chooseEcosystem(outside, agent, id, 'cli_sol'))
  return id
}

test('who is asked for a yes reads exactly what it is for, and again when the agent asks for something else', async () => {
  const agent = await agentAtDesk(outside)
  const id = await lookedUp(agent)
  for (const wanted of [
    { surfaces: ['store', 'web'], powers: 'act' },
    { surfaces: ['store'], powers: 'look' },
  ] as const) {
    expect(await askConsent(outside, agent, id, { ...wanted, surfaces: [...wanted.surfaces] })).toMatchObject({
      refusal: 'approval.needed',
    })
    const waiting = (await approvalsWaiting(fresh.db)).filter((row) => row.assistance_id === id)
    expect(waiting.at(-1)).toMatchObject(wanted)
  }
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

test('a question goes on showing what its yes is bound to, whatever its agent asks for afterwards', async () => {
  const agent = await agentAtDesk(outside)
  const id = await lookedUp(agent)
  const whole = { surfaces: ['store', 'web'], powers: 'act' } as const
  await askConsent(outside, agent, id, { ...whole, surfaces: [...whole.surfaces] })
  const shown = async () => (await approvalsWaiting(fresh.db)).find((row) => row.assistance_id === id)
  expect(await shown()).toMatchObject(whole)
  // Less, which has to be asked for too, and less still, which goes on at once.
  await askConsent(outside, agent, id, { surfaces: ['store'], powers: 'look' })
  expect(await shown()).toMatchObject(whole)
  right(await askConsent(outside, agent, id, { surfaces: ['web'], powers: 'look' }))
  expect(await shown()).toMatchObject(whole)
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

test('an agent who asks for a little else each time is stopped at twenty questions an hour, told from when there is room, and what was asked for can be asked for again', async () => {
  const agent = await agentAtDesk(outside)
  const id = await lookedUp(agent)
  const ask = (lengthMinutes: number) => askConsent(outside, agent, id, { surfaces: ['store'], lengthMinutes })
  for (let minutes = 5; minutes < 25; minutes += 1)
    expect(await ask(minutes)).toMatchObject({ refusal: 'approval.needed' })
  const asked = await fresh.db.query<{ at: Date }>(
    `select min(asked_at) + interval '1 hour' as at from approval where assistance_id = $1`,
    [id],
  )
  const retryAt = asked[0]?.at.toISOString()
  const tooMany = { refusal: 'rate.limited', more: { why: 'questions', retryAt } }
  for (let minutes = 25; minutes < 28; minutes += 1) expect(await ask(minutes)).toMatchObject(tooMany)
  expect(await stateOf(id)).toHaveLength(20)
  expect((await story(outside, id)).filter((type) => type === 'approval.asked')).toHaveLength(20)
  expect(await ask(7)).toMatchObject({ refusal: 'approval.needed' })
  // In an hour others are asked again, where the user kept the help alive until then.
  await fresh.advance(3_600_000)
  await fresh.db.query('update assistance set user_seen_at = app_now() where id = $1', [id])
  expect(await ask(30)).toMatchObject({ refusal: 'approval.needed' })
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

test('before a second person’s yes nothing is sent; with it the message goes out and the Store opens', async () => {
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await lookedUp(agent)
  for (let i = 0; i < 3; i += 1)
    expect(await askConsent(outside, agent, id, {})).toMatchObject({
      refusal: 'approval.needed',
      more: { why: 'owners_surface' },
    })
  expect(await stateOf(id)).toEqual(['waiting'])
  expect(await fresh.db.query(`select id from outbox where assistance_id = $1 and purpose = 'consent'`, [id])).toEqual(
    [],
  )
  const seen = await viewOf(outside, id)
  expect(seen).toMatchObject({ state: 'user_lookup', approvals: [{ state: 'waiting', whys: ['owners_surface'] }] })
  right(await says(outside, supervisor, id, 'yes'))
  right(await askConsent(outside, agent, id, {}))
  right(await proveUser(outside, agent, id, { match: await saidYes(outside, id) }))
  right(await launch(surfaces(), agent, id, 'store'))
  expect((await story(outside, id)).filter((type) => type.startsWith('approval.'))).toEqual([
    'approval.asked',
    'approval.decided',
  ])
  right(await closeByDesk(outside, agent, id, { because: 'finished' }))
})

test('what needs no second person goes on at once, and changed terms are another question', async () => {
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await lookedUp(agent)
  right(await askConsent(outside, agent, id, { surfaces: ['web'] }))
  expect(await askConsent(outside, agent, id, {})).toMatchObject({ refusal: 'approval.needed' })
  right(await says(outside, supervisor, id, 'yes'))
  expect(await askConsent(outside, agent, id, { lengthMinutes: 30 })).toMatchObject({ refusal: 'approval.needed' })
  right(await askConsent(outside, agent, id, {}))
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

test('a no is a no: the same is not asked again, and less may be', async () => {
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await lookedUp(agent)
  await askConsent(outside, agent, id, {})
  right(await says(outside, supervisor, id, 'no'))
  expect(await askConsent(outside, agent, id, {})).toMatchObject({ refusal: 'approval.refused' })
  expect(await says(outside, await supervisorAtDesk(outside), id, 'yes')).toMatchObject({
    refusal: 'approval.answered',
  })
  right(await askConsent(outside, agent, id, { surfaces: ['web', 'app'] }))
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

describe('nobody decides who may not', () => {
  test('its own agent, a colleague without the role, and whoever shows nothing', async () => {
    const both = await agentAtDesk(outside, ['agent:technical', 'supervisor'])
    const id = await lookedUp(both)
    await askConsent(outside, both, id, {})
    expect(await says(outside, both, id, 'yes')).toMatchObject({ refusal: 'approval.own' })
    expect(await says(outside, await agentAtDesk(outside), id, 'yes')).toMatchObject({ refusal: 'assistance.unknown' })
    const supervisor = await supervisorAtDesk(outside)
    const wrong = { method: 'sign_in', fresh: 'x'.repeat(43) } as const
    expect(await says(outside, supervisor, id, 'yes', undefined, wrong)).toMatchObject({ refusal: 'fresh.expired' })
    const password = { method: 'password', password: 'not used here' } as const
    expect(await says(outside, supervisor, id, 'yes', undefined, password)).toMatchObject({ refusal: 'approval.weak' })
    expect(await stateOf(id)).toEqual(['waiting'])
    expect(await askConsent(outside, both, id, {})).toMatchObject({ refusal: 'approval.needed' })
  })

  test('a voice written by hand in SQL for its own agent counts for nothing', async () => {
    const both = await agentAtDesk(outside, ['agent:technical', 'supervisor'])
    const id = await lookedUp(both)
    await askConsent(outside, both, id, {})
    const [approval] = await approvalsOf(outside.db, id)
    await fresh.db.query(
      `insert into voice (approval_id, voter, decision, proof, event_id, at) values ($1, $2, 'yes', 'passkey', 'ev', app_now())`,
      [approval?.id, both.agentId],
    )
    expect(await askConsent(outside, both, id, {})).toMatchObject({ refusal: 'approval.needed' })
  })

  test('somebody with the user’s own e-mail', async () => {
    const agent = await agentAtDesk(outside)
    const id = await lookedUp(agent)
    await askConsent(outside, agent, id, {})
    const supervisor = await supervisorAtDesk(outside)
    await fresh.db.query('update agent set email = $2 where id = $1', [supervisor.agentId, 'Marta@clinica-sol.test'])
    expect(await says(outside, supervisor, id, 'yes')).toMatchObject({ refusal: 'approval.own' })
    await fresh.db.query('update agent set email = $2 where id = $1', [
      supervisor.agentId,
      `${supervisor.agentId}@desk.test`,
    ])
  })
})

test('a yes dies with whoever gave it: one who no longer supervises, or has left, opens nothing', async () => {
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await lookedUp(agent)
  await askConsent(outside, agent, id, {})
  right(await says(outside, supervisor, id, 'yes'))
  right(await askConsent(outside, agent, id, {}))
  right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
  await fresh.db.query(`update agent set roles = '{auditor}' where id = $1`, [supervisor.agentId])
  expect(await launch(surfaces(), agent, id, 'store')).toMatchObject({ refusal: 'approval.needed' })
  await fresh.db.query(`update agent set roles = '{supervisor}' where id = $1`, [supervisor.agentId])
  right(await launch(surfaces(), agent, id, 'store'))
  right(await closeByDesk(outside, agent, id, { because: 'finished' }))
  expect(await says(outside, await supervisorAtDesk(outside), id, 'no')).toMatchObject({ refusal: 'approval.unknown' })
})

test('twenty supervisors answer at the same moment: one voice stands', async () => {
  const agent = await agentAtDesk(outside)
  const id = await lookedUp(agent)
  await askConsent(outside, agent, id, {})
  const supervisors: Caller[] = []
  for (let i = 0; i < 20; i += 1) supervisors.push(await supervisorAtDesk(outside))
  const answers = await Promise.all(supervisors.map((one, i) => says(outside, one, id, i % 2 ? 'yes' : 'no')))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  expect((await approvalsOf(outside.db, id)).flatMap(({ voices }) => voices)).toHaveLength(1)
})

test('where the vendor asks for more, an authenticator app is a proof and a sign-in is none; each code counts once', async () => {
  const strict: Outside = {
    ...outside,
    policy: { ...storeTakesTwo, secondPerson: { ...storeTakesTwo.secondPerson, proofs: ['passkey', 'totp'] } },
  }
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const secret = await withApp(identityOutside(outside), supervisor)
  const id = await lookedUp(agent)
  await askConsent(strict, agent, id, {})
  expect(await says(strict, supervisor, id, 'yes')).toMatchObject({ refusal: 'approval.weak' })
  const proof = { method: 'totp', code: shownBy(secret, 1) } as const
  right(await says(strict, supervisor, id, 'yes', undefined, proof))
  await askConsent(strict, agent, id, { lengthMinutes: 10 })
  expect(await says(strict, supervisor, id, 'yes', undefined, proof)).toMatchObject({ refusal: 'fresh.wrong' })
})

test('supervisors are told once by mail, and see what waits with everything that has to be known', async () => {
  while ((await tellSupervisors(telling(outside))) > 0);
  const [agent, supervisor] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await lookedUp(agent)
  await askConsent(outside, agent, id, {})
  await Promise.all(Array.from({ length: 5 }, () => tellSupervisors(telling(outside))))
  expect(await fresh.db.query('select id from outbox where agent_id = $1', [supervisor.agentId])).toHaveLength(1)
  const row = (await approvalsWaiting(outside.db)).find(({ assistance_id }) => assistance_id === id)
  expect(row).toMatchObject({
    agent_id: agent.agentId,
    user_name: 'Marta Ruiz',
    ecosystem_name: 'Clínica Sol',
    powers: 'look',
  })
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
  expect((await approvalsWaiting(outside.db)).map(({ assistance_id }) => assistance_id)).not.toContain(id)
})

test('where the page’s yes is asked for, a code read aloud opens nothing and is not used up by the refusal', async () => {
  const pages: Outside = {
    ...outside,
    policy: { ...presets.standard, pageConsent: { ownersSurfaces: ['store'], powers: true } },
  }
  const agent = await agentAtDesk(pages)
  const id = await lookedUp(agent)
  right(await askConsent(pages, agent, id, {}))
  expect(await proveUser(pages, agent, id, { code: await digitsSent(pages, id, 'consent') })).toMatchObject({
    refusal: 'code.page_only',
  })
  right(await proveUser(pages, agent, id, { match: await saidYes(pages, id) }))
  right(await closeByDesk(pages, agent, id, { because: 'finished' }))
})
