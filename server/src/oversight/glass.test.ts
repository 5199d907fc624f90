/** Without a consent: two others by fresh proofs, looking only, half an hour, everybody told at once, and reviewed after. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askConsent, askPresence, chooseEcosystem } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import { askGlass, breakGlass } from '../assistance/glass.flow.ts'
import { offer } from '../assistance/handover.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { askPower, grantPower } from '../assistance/power.flow.ts'
import { agentAtDesk, pageOf, provedAgent, right, story, testOutside, testSurfaces } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { warnQuiet } from '../background/announce.ts'
import { end } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleDue } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { openWeb } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { alerts } from './alerts.store.ts'
import { closeReview, reviewFor } from './review.store.ts'
import { says, supervisorAtDesk } from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh, {
    policy: { ...presets.standard, breakGlass: { roles: ['agent:technical'], minutes: 30 } },
  })
})
afterAll(() => fresh.close())

const surfaces = () => ({ ...outside, issuerOrigin: 'https://assist.acme.test' })
const leo = 'leo@clinica-sol.test'

async function asked(agent: Caller): Promise<AssistanceId> {
  const id = await provedAgent(outside, agent, leo)
  right(await chooseEcosystem(outside, agent, id, 'cli_sol'))
  right(await askGlass(outside, agent, id, { note: 'They do not answer, their clinic is locked out' }))
  return id
}
const closes = (id: AssistanceId, by: Caller) =>
  closeReview(fresh.db, id, by.agentId, 'justified', {
    type: 'review.closed',
    actor: { kind: 'agent', id: by.agentId },
  })

test('two others, each by a fresh proof, let an agent look; one alone does not, and no agent lets themself in', async () => {
  const [agent, one, two] = [
    await agentAtDesk(outside, ['agent:technical', 'supervisor']),
    await supervisorAtDesk(outside),
    await supervisorAtDesk(outside),
  ]
  const id = await asked(agent)
  const refused = { refusal: 'approval.needed' }
  expect(await breakGlass(outside, agent, id)).toMatchObject(refused)
  expect(await says(outside, agent, id, 'yes')).toMatchObject({ refusal: 'approval.own' })
  right(await says(outside, one, id, 'yes'))
  expect(await says(outside, one, id, 'yes')).toMatchObject({ refusal: 'approval.answered' })
  expect(await breakGlass(outside, agent, id)).toMatchObject(refused)
  right(await says(outside, two, id, 'yes'))
  right(await breakGlass(outside, agent, id))

  // Marta owns the clinic, Leo is a member: both are told, by mail and SMS, in the statement in which it begins.
  const told = await fresh.db.query<{ user_id: string; channel: string }>(
    `select user_id, channel from outbox where assistance_id = $1 and purpose = 'break_glass' order by 1, 2`,
    [id],
  )
  expect(told.map(({ user_id, channel }) => `${user_id}/${channel}`)).toEqual([
    'per_leo/email',
    'per_leo/sms',
    'per_marta/email',
    'per_marta/sms',
  ])
  expect(await viewOf(outside, id)).toMatchObject({
    state: 'active',
    powers: 'look',
    consentedBy: 'break_glass',
    next: ['launches', 'notes', 'closure'],
  })
  expect((await story(outside, id)).filter((type) => type === 'glass.broken')).toHaveLength(1)
  expect(
    (await alerts(fresh.db, 'nobody')).filter((one) => one.kind === 'break_glass' && one.assistanceId === id),
  ).toHaveLength(1)
  right(await launch(surfaces(), agent, id, 'web'))

  // It is reviewed by somebody who had no part in it, once it is over.
  const reviewer = await supervisorAtDesk(outside)
  expect(await closes(id, reviewer)).toBe(false)
  right(await closeByDesk(outside, agent, id, { because: 'finished' }))
  for (const nobody of [agent, one, two]) expect(await closes(id, nobody)).toBe(false)
  expect(await reviewFor(fresh.db, id, reviewer.agentId)).toMatchObject({
    mine: true,
    approvers: [{ id: one.agentId }, { id: two.agentId }],
  })
  // Until then its agent cannot do it again.
  const next = await provedAgent(outside, agent, leo)
  right(await chooseEcosystem(outside, agent, next, 'cli_sol'))
  expect(await askGlass(outside, agent, next, { note: 'Again' })).toMatchObject({ refusal: 'glass.review_open' })
  expect(await closes(id, reviewer)).toBe(true)
  expect(await closes(id, reviewer)).toBe(false)
  right(await askGlass(outside, agent, next, { note: 'Again' }))
  right(await closeByDesk(outside, agent, next, { because: 'cancelled' }))
})

test('it is for looking and nothing else: no power, no presence that would make it longer, no colleague, no message more', async () => {
  const open = testSurfaces.map((one) =>
    one.id === 'web' ? { ...one, powers: ['look', 'act', 'payment_method'] as const } : one,
  )
  const wide = { ...outside, surfaces: open }
  const agent = await agentAtDesk(wide)
  const id = await asked(agent)
  for (let i = 0; i < 2; i += 1) right(await says(wide, await supervisorAtDesk(wide), id, 'yes'))
  right(await breakGlass(wide, agent, id))
  await openWeb(fresh.db, id)
  const sent = () => fresh.db.query('select from outbox where assistance_id = $1', [id])
  const before = (await sent()).length
  const refused = { refusal: 'assistance.out_of_order' }
  expect(await askPower(wide, agent, id, 'payment_method')).toMatchObject(refused)
  expect(await grantPower(wide, agent, id, 'payment_method', { code: '482913' })).toMatchObject({ ok: false })
  expect(await askPresence(wide, agent, id)).toMatchObject(refused)
  expect(await offer(wide, agent, id, true)).toMatchObject(refused)
  expect(await askConsent(wide, agent, id, { powers: 'act' })).toMatchObject(refused)
  expect(await sent()).toHaveLength(before)
  expect(await viewOf(wide, id)).toMatchObject({ powers: 'look', next: ['launches', 'notes', 'closure'] })
  right(await closeByDesk(wide, agent, id, { because: 'finished' }))
  await closes(id, await supervisorAtDesk(wide))
})

test('it ends by itself at thirty minutes and not before, whoever is silent; nobody is warned of a silence', async () => {
  const agent = await agentAtDesk(outside)
  const id = await asked(agent)
  for (let i = 0; i < 2; i += 1) right(await says(outside, await supervisorAtDesk(outside), id, 'yes'))
  await fresh.advance(10 * 60_000)
  right(await breakGlass(outside, agent, id))
  await fresh.advance(29 * 60_000)
  await warnQuiet(outside)
  expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
  expect(await story(outside, id)).not.toContain('user.warned')
  await fresh.advance(60_000)
  await settleDue(fresh.db)
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'break_glass_over' })
  expect(await launch(surfaces(), agent, id, 'web')).toMatchObject({ ok: false })
  await closes(id, await supervisorAtDesk(outside))
})

test('the user who is told stops it with one tap', async () => {
  const agent = await agentAtDesk(outside)
  const id = await asked(agent)
  for (let i = 0; i < 2; i += 1) right(await says(outside, await supervisorAtDesk(outside), id, 'yes'))
  right(await breakGlass(outside, agent, id))
  const { world, linked } = await pageOf(outside, id)
  right(await end(world, linked, 'stop'))
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'stopped_by_user' })
  await closes(id, await supervisorAtDesk(outside))
})

test('one of the two who leaves takes their yes along: nothing more opens', async () => {
  const agent = await agentAtDesk(outside)
  const [one, two] = [await supervisorAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await asked(agent)
  right(await says(outside, one, id, 'yes'))
  right(await says(outside, two, id, 'yes'))
  await fresh.db.query('update agent set deactivated_at = app_now() where id = $1', [two.agentId])
  expect(await breakGlass(outside, agent, id)).toMatchObject({ refusal: 'approval.needed' })
  await fresh.db.query('update agent set deactivated_at = null where id = $1', [two.agentId])
  right(await breakGlass(outside, agent, id))
  await fresh.db.query(`update agent set roles = '{agent:technical}' where id = $1`, [one.agentId])
  expect(await launch(surfaces(), agent, id, 'web')).toMatchObject({ refusal: 'approval.needed' })
  right(await closeByDesk(outside, agent, id, { because: 'finished' }))
})

test('nobody may ask unless a file says who, and a no of either ends it', async () => {
  const agent = await agentAtDesk(outside)
  const id = await provedAgent(outside, agent, leo)
  right(await chooseEcosystem(outside, agent, id, 'cli_sol'))
  const unnamed = { ...outside, policy: presets.standard }
  expect(await askGlass(unnamed, agent, id, { note: 'Please' })).toMatchObject({ refusal: 'glass.not_allowed' })
  right(await askGlass(outside, agent, id, { note: 'Please' }))
  right(await says(outside, await supervisorAtDesk(outside), id, 'yes'))
  right(await says(outside, await supervisorAtDesk(outside), id, 'no'))
  expect(await breakGlass(outside, agent, id)).toMatchObject({ refusal: 'approval.refused' })
  expect(await askGlass(outside, agent, id, { note: 'Please' })).toMatchObject({ refusal: 'approval.refused' })
  right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
})

test('a consent of two written by hand in SQL opens nothing', async () => {
  const agent = await agentAtDesk(outside)
  const id = await asked(agent)
  await fresh.db.query(
    `insert into consent (assistance_id, terms, terms_digest, proved_by, approval_id, mac, at)
     select $1, 'x', '\\x00', 'break_glass', p.id, '\\x00', app_now() from approval p where p.assistance_id = $1`,
    [id],
  )
  await fresh.db.query(
    `update assistance set state = 'active', consented_at = app_now(), max_until = app_now() + interval '1 hour',
            broken_by = (select id from approval where assistance_id = $1) where id = $1`,
    [id],
  )
  expect(await launch(surfaces(), agent, id, 'web')).toMatchObject({ refusal: 'surface.not_offered' })
})
