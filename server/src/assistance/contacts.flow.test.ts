/** A contact that changed lately may be the attacker's own: no code goes there. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { type Policy, presets } from '../policy/policy.ts'
import type { AssistanceId } from '../words.ts'
import { askConsent, askPresence } from './consent.flow.ts'
import type { Outside } from './outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  provedAgent,
  right,
  story,
  testOutside,
  withPeople,
} from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterEach(() => fresh.db.query('update vendor.person set email_changed_at = null, phone_changed_at = null'))
afterAll(() => fresh.close())

const changed = (what: 'email_changed_at' | 'phone_changed_at', ago: string) =>
  fresh.db.query(`update vendor.person set ${what} = app_now() - $1::interval where email = 'leo@clinica-sol.test'`, [
    ago,
  ])
const under = (answer: Policy['changedContacts']['answer']): Outside => ({
  ...outside,
  policy: { ...presets.standard, changedContacts: { hours: 72, answer } },
})
async function asks(world: Outside, supervisor = false) {
  const ana = await agentAtDesk(world)
  const id = await provedAgent(world, ana, 'leo@clinica-sol.test')
  const first = await askConsent(world, ana, id, {})
  // What a supervisor's yes leaves in the database; the yes itself has tests of its own.
  if (supervisor)
    await fresh.db.query(
      `insert into voice (approval_id, voter, decision, proof, event_id, at)
       select id, $2, 'yes', 'totp', 'ev_test', app_now() from approval where assistance_id = $1`,
      [id, (await agentAtDesk(world, ['supervisor'])).agentId],
    )
  const asked = supervisor ? await askConsent(world, ana, id, {}) : first
  const channels = (outcome: typeof asked) =>
    outcome.ok ? right(outcome).channels.map(({ channel }) => channel) : outcome.refusal
  return { id, first: channels(first), later: channels(asked) }
}

test.each([
  ['email_changed_at', 'sms'],
  ['phone_changed_at', 'email'],
] as const)(
  'a contact that changed lately (%s) gets no code: a second person is asked, and the other one gets it',
  async (what, other) => {
    await changed(what, '71 hours')
    const { id, first, later } = await asks(under('second_person'), true)
    expect([first, later]).toEqual(['approval.needed', [other]])
    const sent = await fresh.db.query(`select channel from outbox where assistance_id = $1 and purpose = 'consent'`, [
      id,
    ])
    expect(sent).toEqual([{ channel: other }])
    await changed(what, '73 hours')
    expect((await asks(under('second_person'))).first).toEqual(['email', 'sms'])
  },
)

test('where the policy says so nobody is asked, and the record has the refusal; where it allows, both are', async () => {
  await changed('email_changed_at', '1 hour')
  expect((await asks(under('allow'))).first).toEqual(['email', 'sms'])
  const { id, first } = await asks(under('refuse'))
  expect(first).toBe('contact.changed_lately')
  expect(await story(outside, id)).toContain('step.refused')
  expect(await story(outside, id)).not.toContain('consent.asked')
})

test('whoever is asked after a change hears of it by both channels, once, without a code or a link', async () => {
  const world = under('allow')
  const notices = (id: AssistanceId) =>
    fresh.db.query<{ id: string; channel: string; sealed: Buffer }>(
      `select id, channel, sealed from outbox where assistance_id = $1 and purpose = 'contact_changed' order by channel`,
      [id],
    )
  const ana = await agentAtDesk(world)
  await changed('phone_changed_at', '1 hour')
  const id = await askedUser(world, ana, 'leo@clinica-sol.test')
  right(await askConsent(world, ana, id, { lengthMinutes: 30 }))
  const [mail, sms, ...more] = await notices(id)
  expect([mail?.channel, sms?.channel, more.length]).toEqual(['email', 'sms', 0])
  const { content } = JSON.parse(outside.secrets.unseal(sms?.sealed ?? Buffer.of(), sms?.id ?? ''))
  expect(content.sms).toMatch(/su telefono, y Agent|your phone changed lately, and Agent/)
  expect(JSON.stringify(content)).not.toContain('/c/')
  expect(content.sms).not.toContain(await digitsSent(world, id, 'consent'))

  await changed('phone_changed_at', '73 hours')
  expect(await notices(await askedUser(world, await agentAtDesk(world), 'leo@clinica-sol.test'))).toEqual([])
})

test('whoever can be written to nowhere is asked for nothing: no code is drawn that nobody could read', async () => {
  const nowhere = withPeople(outside, ({ phone: _none, ...person }) => ({ ...person, email: '' }))
  const no = { refusal: 'user.not_assistable', more: { why: 'no_contact' } }
  const codesOf = (id: AssistanceId, purpose: string) =>
    fresh.db.query('select from code where assistance_id = $1 and purpose = $2', [id, purpose])
  const ana = await agentAtDesk(outside)
  const asked = await provedAgent(outside, ana, 'marta@clinica-sol.test')
  expect(await askConsent(nowhere, ana, asked, {})).toMatchObject(no)
  expect(await codesOf(asked, 'consent')).toEqual([])
  const ben = await agentAtDesk(outside)
  const helped = await activeFor(outside, ben, 'leo@clinica-sol.test')
  expect(await askPresence(nowhere, ben, helped)).toMatchObject(no)
  expect(await codesOf(helped, 'presence')).toEqual([])
  right(await askPresence(outside, ben, helped))
})
