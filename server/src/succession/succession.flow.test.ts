import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { open, proveAgent, sendAgentCode } from '../assistance/assistance.flow.ts'
import { read } from '../assistance/assistance.store.ts'
import { askConsent, proveUser } from '../assistance/consent.flow.ts'
import {
  activeFor,
  agentAtDesk,
  digitsSent,
  pageOf,
  right,
  story,
  testOutside,
  withPeople,
  wrongFor,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { linkToken } from '../codes/link.ts'
import { allowRelease, follow, look as lookAtPage, refuseRelease } from '../companion/companion.flow.ts'
import type { View } from '../companion/companion.ts'
import { ownerSays, questionOf } from '../companion/owner.ts'
import { successions } from '../core/successions.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { approvalsOf } from '../oversight/approvals.store.ts'
import { says, supervisorAtDesk } from '../oversight/testing.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { type AssistanceId, known } from '../words.ts'
import { handOverDue } from './handover.ts'
import { act, askRelease, details, look, type Outside, release } from './succession.flow.ts'
import { teller } from './told.ts'

let fresh: FreshDatabase
let outside: Outside
let agent: Caller

beforeEach(async () => {
  fresh = await freshDatabase()
  const theirs = successions(fresh.db)
  await theirs.check()
  outside = {
    ...testOutside(fresh, { successions: theirs }),
    consoleOrigin: 'https://desk.acme.test',
    webhook: undefined,
    helpTitle: (topic) => topic,
  }
  agent = await agentAtDesk(outside, ['agent:succession'])
})
afterEach(() => fresh.close())

async function proved(caller: Caller, userEmail: string): Promise<AssistanceId> {
  const { id: text } = right(
    await open(outside, caller, { kind: 'succession', userEmail, reason: { code: 'succession' } }),
  )
  const id = known.assistance(text)
  right(await sendAgentCode(outside, caller, id))
  right(await proveAgent(outside, caller, id, await digitsSent(outside, id, 'agent')))
  return id
}
async function helping(caller: Caller, userEmail: string): Promise<AssistanceId> {
  const id = await proved(caller, userEmail)
  right(await askConsent(outside, caller, id, {}))
  right(await proveUser(outside, caller, id, { code: await digitsSent(outside, id, 'consent') }))
  return id
}
/** The user's own page of this help, and what it shows now. */
async function atPage(id: AssistanceId) {
  const { world, linked } = await pageOf(outside, id)
  const shows = async (browser?: string) => {
    const now = await follow(world, linkToken(outside.secrets, id))
    if (!now) throw new Error('no page')
    return lookAtPage(world, now, browser)
  }
  const termsOf = (shown: View) => (shown.page === 'on' ? shown.release?.terms : undefined)
  return { world, linked, shows, termsOf }
}
const byPage = (match: string) =>
  ({ match, reason: 'support.user_asked', note: 'They paid and signed in today.' }) as const
const given = (code: string) =>
  ({ code, reason: 'support.user_asked', note: 'They paid and signed in today.' }) as const
/** Everything that a release would change at the vendor's. */
const vendors = async () =>
  JSON.stringify([
    await fresh.db.query('select * from vendor.succession order by ref'),
    await fresh.db.query('select * from vendor.succession_log order by ref, seq'),
  ])
const refusals = async (id: AssistanceId) =>
  (
    await fresh.db.query<{ word: string }>(
      `select body::jsonb #>> '{data,refusal}' as word from event where assistance_id = $1 and type = 'step.refused' order by n`,
      [id],
    )
  ).map(({ word }) => word)

describe('the same two proofs', () => {
  test('after both proofs the successor’s succession is there; before, there is nothing', async () => {
    const id = await proved(agent, 'successor@rejected.test')
    expect(await look(outside, agent, id, {})).toMatchObject({ refusal: 'assistance.out_of_order' })
    right(await askConsent(outside, agent, id, {}))
    right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
    const seen = right(await look(outside, agent, id, { lang: 'es' }))
    expect(seen.user).toEqual({ name: 'Regina Luna', email: 'successor@rejected.test', role: 'successor' })
    expect(seen.standing.sentence).toBe(
      'El proceso de validación del sucesor fue rechazado por Acme. Continúa cuando se desbloquee.',
    )
    expect(seen.release).toEqual({ possible: true, entryId: 'e9' })
    expect(await viewOf(outside, id)).toMatchObject({ kind: 'succession', state: 'active', surfaces: [] })
    expect(await story(outside, id)).toContain('succession.read')
  })

  test.each([
    ['leo@clinica-sol.test', 'not_in_succession'],
    ['nobody@bounced.test', 'successor_without_user'],
    ['arthur@harbour-quay.test', 'inactive'],
  ])('%s cannot be helped here, and the screen is told why: %s', async (email, why) => {
    const id = await proved(agent, email)
    expect((await viewOf(outside, id))?.user).toMatchObject({ assistable: false, why })
    expect(await askConsent(outside, agent, id, {})).toMatchObject({ ok: false })
  })

  test('the consent says what this kind shows: the steps, and that no product opens', async () => {
    const id = await proved(agent, 'successor@twice.test')
    right(await askConsent(outside, agent, id, {}))
    const [row] = await fresh.db.query<{ id: string; sealed: Buffer }>(
      `select id, sealed from outbox where assistance_id = $1 and purpose = 'consent' and channel = 'email'`,
      [id],
    )
    const { content } = JSON.parse(outside.secrets.unseal(row?.sealed ?? Buffer.alloc(0), row?.id ?? ''))
    expect(content.text).toMatch(/asking to see the steps of your succession/)
    expect(content.text).toMatch(/No product of yours is opened/)
    expect(content.text).not.toMatch(/User store|App/)
  })
})

describe('two kinds, two permissions', () => {
  test('Technical Assistance reads no succession and Ecosystem Admin launches no surface, each refused by name and recorded', async () => {
    const both = await agentAtDesk(outside, ['agent:technical', 'agent:succession'])
    const technical = await activeFor(outside, both, 'leo@clinica-sol.test')
    for (const call of [
      look(outside, both, technical, {}),
      details(outside, both, technical, 'e1', {}),
      askRelease(outside, both, technical),
      release(outside, both, technical, given('482913')),
      act(outside, both, technical, { act: 'add_note', note: 'They paid today' }),
    ])
      expect(await call).toMatchObject({ refusal: 'succession.not_here' })
    expect((await refusals(technical)).filter((word) => word === 'succession.not_here')).toHaveLength(5)

    const id = await helping(agent, 'owner@rejected.test')
    const world = { ...outside, issuerOrigin: 'https://assist.acme.test' }
    expect(await launch(world, agent, id, 'web')).toMatchObject({ refusal: 'surface.not_here' })
    expect(await refusals(id)).toEqual(['surface.not_here'])
  })

  test('an agent with only the one role opens only the one kind', async () => {
    const technical = await agentAtDesk(outside, ['agent:technical'])
    const asked = { userEmail: 'successor@rejected.test', reason: { code: 'succession' } } as const
    expect(await open(outside, technical, { kind: 'succession', ...asked })).toMatchObject({
      refusal: 'agent.not_allowed',
    })
    expect(await open(outside, agent, { kind: 'technical', ...asked })).toMatchObject({ refusal: 'agent.not_allowed' })
  })

  test.each(['approve', 'reject', 'upload_evidence', 'shorten_window', 'apply_transfer', 'read_document'] as const)(
    'support can never %s: refused with a code, recorded, nothing changed at the vendor’s',
    async (wanted) => {
      const id = await helping(agent, 'successor@review.test')
      const before = await vendors()
      expect(await act(outside, agent, id, { act: wanted, note: 'Because they asked me to' })).toMatchObject({
        refusal: 'succession.never',
      })
      expect(await refusals(id)).toEqual(['succession.never'])
      expect(await vendors()).toBe(before)
    },
  )
})

describe('release', () => {
  test('with the user’s third code the vendor goes on at the rejected step, attempt two; the entry names the agent, the rejection keeps its details, the owner is told', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const sent = right(await askRelease(outside, agent, id))
    expect(sent.stillFails).toHaveLength(2)
    const done = right(await release(outside, agent, id, given(await digitsSent(outside, id, 'release'))))
    expect(done).toMatchObject({ caseRef: 'SUC-REJECTED', result: 'done' })

    const seen = right(await look(outside, agent, id, {}))
    expect(seen.attempts.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(seen.attempts[1]?.entries[0]).toMatchObject({ word: 'Released', who: `${agent.name} (Support)` })
    expect(seen.standing.sentence).toBe('The request is being reviewed.')
    const rejection = right(await details(outside, agent, id, 'e9', {}))
    expect(rejection.checks).toHaveLength(5)
    expect(rejection.support[0]).toMatchObject({ note: 'They paid and signed in today.' })
    expect(rejection.forUser).toMatch(/Su proceso de validación fue rechazado por Acme/)
    expect(await story(outside, id)).toEqual(
      expect.arrayContaining(['release.asked', 'release.requested', 'release.done']),
    )
    const told = await fresh.db.query<{ user_id: string }>(
      `select distinct user_id from outbox where purpose = 'released' order by 1`,
    )
    expect(told.map((row) => row.user_id)).toEqual(['per_owner_rejected', 'per_successor_rejected'])
  })

  test('the user says yes on their page: the two digits that it shows release it once, and the code of the message nothing more', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const page = await atPage(id)
    expect(await page.shows()).toMatchObject({ page: 'on', release: undefined })
    right(await askRelease(outside, agent, id))
    const shown = await page.shows()
    const sayFirst = (await viewOf(outside, id))?.sayFirst
    expect(shown).toMatchObject({ release: { sayFirst, triesLeft: 3, digits: undefined, may: true } })
    const yes = right(await allowRelease(page.world, page.linked, undefined, page.termsOf(shown)))
    expect(await page.shows(yes.browserToken)).toMatchObject({ release: { digits: yes.digits } })
    expect(await page.shows()).toMatchObject({ release: { digits: undefined } })
    expect((await viewOf(outside, id))?.release).toMatchObject({
      saidYesAt: expect.any(String),
      refused: false,
      triesLeft: 2,
    })
    const code = await digitsSent(outside, id, 'release')
    const done = await Promise.all(Array.from({ length: 20 }, () => release(outside, agent, id, byPage(yes.digits))))
    expect(done.filter((one) => one.ok)).toHaveLength(1)
    expect(await release(outside, agent, id, given(code))).toMatchObject({ ok: false })
    expect(await fresh.db.query(`select from succession_act where act = 'release'`)).toHaveLength(1)
    expect((await viewOf(outside, id))?.release).toBeUndefined()
    expect(await page.shows()).toMatchObject({ release: undefined })
  })

  test('who said yes reads on their page within a second or two what came of it, and a quiet page asks the vendor every ten seconds', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    let at = 0
    const told = teller(outside, () => at)
    const now = async () => {
      const found = await read(fresh.db, id)
      if (found?.assistance.state !== 'active') throw new Error('not under way')
      return told(found.assistance, found.now)
    }
    const sentence = async () => (await now())?.es.standing.sentence
    const before = await sentence()
    right(await askRelease(outside, agent, id, {}))
    right(await release(outside, agent, id, given(await digitsSent(outside, id, 'release'))))
    at = 1_001
    expect([before, await sentence()]).toEqual([
      expect.stringContaining('fue rechazado'),
      expect.stringContaining('Se está revisando la solicitud'),
    ])
    await fresh.advance(60_000)
    const quiet = await now()
    at = 11_000
    expect(await now()).toBe(quiet)
    at = 11_002
    expect(await now()).not.toBe(quiet)
  })

  test('the user refuses it on their page: neither its code nor its digits release anything, the help goes on, and the agent hears of it', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const page = await atPage(id)
    const before = await vendors()
    right(await askRelease(outside, agent, id))
    const yes = right(await allowRelease(page.world, page.linked, undefined, undefined))
    const code = await digitsSent(outside, id, 'release')
    right(await refuseRelease(page.world, page.linked, undefined))
    expect(await release(outside, agent, id, byPage(yes.digits))).toMatchObject({ ok: false })
    expect(await release(outside, agent, id, given(code))).toMatchObject({ ok: false })
    expect(await vendors()).toBe(before)
    expect(await viewOf(outside, id)).toMatchObject({ state: 'active', release: { refused: true } })
    expect(await page.shows()).toMatchObject({ page: 'on', release: undefined })
    expect(await story(outside, id)).toContain('release.declined')
    expect(await refuseRelease(page.world, page.linked, undefined)).toMatchObject({ refusal: 'link.out_of_order' })
    right(await askRelease(outside, agent, id))
    expect((await viewOf(outside, id))?.release).toMatchObject({ refused: false })
  })

  test('wrong digits, the digits of a yes to something else and those of an earlier release release nothing; three times at most', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const page = await atPage(id)
    const before = await vendors()
    expect(await release(outside, agent, id, byPage('47'))).toMatchObject({ refusal: 'match.not_asked' })
    expect(await allowRelease(page.world, page.linked, undefined, undefined)).toMatchObject({
      refusal: 'link.out_of_order',
    })
    right(await askRelease(outside, agent, id))
    const old = page.termsOf(await page.shows())
    const drawn: string[] = []
    for (const left of [2, 1, 0]) {
      const { digits } = right(await allowRelease(page.world, page.linked, undefined, old))
      drawn.push(digits)
      // Digits of an earlier yes are recognised: what is wrong is none of them.
      const wrong = ['11', '22', '33', '44'].find((one) => !drawn.includes(one)) ?? ''
      expect(await release(outside, agent, id, byPage(wrong))).toMatchObject({
        refusal: 'match.wrong',
        more: { attemptsLeft: left },
      })
      expect(await release(outside, agent, id, byPage(digits))).toMatchObject({ ok: false })
    }
    expect(await allowRelease(page.world, page.linked, undefined, old)).toMatchObject({
      more: { why: 'no_tries_left' },
    })
    expect(await vendors()).toBe(before)
    expect(right(await release(outside, agent, id, given(await digitsSent(outside, id, 'release')))).result).toBe(
      'done',
    )
  })

  test('a contact that changed in the middle gets no code of a release: the other one does, or nobody where the policy says so', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const refusing = {
      ...outside,
      policy: { ...outside.policy, changedContacts: { hours: 72, answer: 'refuse' as const } },
    }
    const changes = (world: Outside): Outside =>
      withPeople(world, (person) => ({ ...person, phone: '+34600000099', phoneChangedAt: new Date() }))
    expect(await askRelease(changes(refusing), agent, id)).toMatchObject({
      refusal: 'contact.changed_lately',
      more: { why: 'sms' },
    })
    const asked = await askRelease(changes(outside), agent, id)
    expect(asked).toMatchObject({ refusal: 'approval.needed', more: { why: 'changed_contacts' } })
    right(await says(outside, await supervisorAtDesk(outside), id, 'yes'))
    expect(right(await askRelease(changes(outside), agent, id)).channels.map(({ channel }) => channel)).toEqual([
      'email',
    ])
  })

  test('twenty at once with the right code: one release', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    const code = await digitsSent(outside, id, 'release')
    const all = await Promise.all(Array.from({ length: 20 }, () => release(outside, agent, id, given(code))))
    expect(all.filter((one) => one.ok)).toHaveLength(1)
    expect(
      await fresh.db.query(
        `select from vendor.succession_log where ref = 'SUC-REJECTED' and type = 'support.released'`,
      ),
    ).toHaveLength(1)
    expect(await fresh.db.query(`select from succession_act where act = 'release'`)).toHaveLength(1)
  })

  test('neither the consent’s code, nor another case’s, nor a wrong one, nor one after fifteen idle minutes releases anything; each is recorded', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const before = await vendors()
    const refused = async (code: string, word: string) => {
      expect(await release(outside, agent, id, given(code))).toMatchObject({ ok: false, refusal: word })
    }
    await refused('482913', 'code.not_sent')
    right(await askRelease(outside, agent, id))
    const ours = await digitsSent(outside, id, 'release')
    const [consent] = await fresh.db.query<{ id: string; sealed: Buffer }>(
      `select id, sealed from outbox where assistance_id = $1 and purpose = 'consent' and sealed is not null limit 1`,
      [id],
    )
    const consentCode =
      consent && /(\d{3}) (\d{3})/.exec(JSON.parse(outside.secrets.unseal(consent.sealed, consent.id)).content.sms)
    if (consentCode && `${consentCode[1]}${consentCode[2]}` !== ours)
      await refused(`${consentCode[1]}${consentCode[2]}`, 'code.wrong')

    const other = await agentAtDesk(outside, ['agent:succession'])
    const elsewhere = await helping(other, 'successor@twice.test')
    right(await askRelease(outside, other, elsewhere))
    const theirs = await digitsSent(outside, elsewhere, 'release')
    await refused(theirs === ours ? wrongFor(ours) : theirs, 'code.wrong')
    expect(await release(outside, other, id, given(ours))).toMatchObject({ refusal: 'assistance.unknown' })

    await fresh.advance(15 * 60_000)
    await refused(ours, 'assistance.closed')
    expect(await vendors()).toBe(before)
    expect(await refusals(id)).toContain('code.not_sent')
    expect(await story(outside, id)).toContain('code.wrong')
  })

  test('an owner who said no in the middle is obeyed: no code, no release, no message, and the help is over', async () => {
    let id = await helping(agent, 'successor@rejected.test')
    const says = (word: string | null) =>
      fresh.db.query(
        'update vendor.clinic set support_access = $2 where id = (select ecosystem_id from assistance where id = $1)',
        [id, word],
      )
    const over = { state: 'closed', because: 'access_withdrawn' }
    const off = { refusal: 'ecosystem.support_off' }
    const before = await vendors()
    await says('off')
    expect(await askRelease(outside, agent, id)).toMatchObject(off)
    expect(await fresh.db.query(`select from outbox where assistance_id = $1 and purpose = 'release'`, [id])).toEqual(
      [],
    )
    expect(await viewOf(outside, id)).toMatchObject(over)
    await says(null)
    id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    const code = await digitsSent(outside, id, 'release')
    await says('off')
    expect(await release(outside, agent, id, given(code))).toMatchObject(off)
    expect(await vendors()).toBe(before)
    expect(await viewOf(outside, id)).toMatchObject(over)
    await says(null)
    expect(await release(outside, agent, id, given(code))).toMatchObject({ refusal: 'assistance.closed' })

    for (const one of ['resend_message', 'send_help_link'] as const) {
      const other = await agentAtDesk(outside, ['agent:succession'])
      id = await helping(other, 'successor@invited.test')
      await says('off')
      const untouched = await vendors()
      expect(await act(outside, other, id, { act: one, stepId: 'e3', note: 'They ask for it' })).toMatchObject(off)
      expect(await vendors()).toBe(untouched)
      expect(await refusals(id)).toEqual(['ecosystem.support_off'])
      expect(await viewOf(outside, id)).toMatchObject(over)
      await says(null)
    }
  })

  test('a code is bound to the rejection that it was sent for', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    await fresh.db.query(`insert into vendor.succession_log (ref, seq, at, type, step, attempt, reason, actor, words)
      values ('SUC-REJECTED', 10, now(), 'step.rejected', 'validation_review', 2, 'review.rejected', 'reviewer', 'otra vez')`)
    const before = await vendors()
    expect(await release(outside, agent, id, given(await digitsSent(outside, id, 'release')))).toMatchObject({
      refusal: 'code.not_sent',
    })
    expect(await vendors()).toBe(before)
  })

  test.each([
    ['successor@hold.test', 'release.on_hold'],
    ['successor@review.test', 'release.not_blocked'],
    ['successor@suspected.test', 'release.final'],
    ['owner@objected.test', 'release.not_blocked'],
  ])('%s: no code is sent, and the reason is said: %s', async (email, word) => {
    const id = await helping(agent, email)
    const seen = right(await look(outside, agent, id, {}))
    expect(seen.release.possible).toBe(false)
    expect(seen.release.why).toMatch(/\S/)
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: word })
    expect(await refusals(id)).toEqual([word])
  })

  test('the third release of a succession takes a second person: no code before their yes, and none without it', async () => {
    const id = await helping(agent, 'successor@thrice.test')
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'approval.needed', more: { why: 'release' } })
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'approval.needed' })
    right(await says(outside, await supervisorAtDesk(outside), id, 'yes'))
    right(await askRelease(outside, agent, id))
  })

  test('a suspicion shows as neutral words: no code, no note, no check of it, to the agent and in what is copied for the user', async () => {
    const id = await helping(agent, 'successor@suspected.test')
    const seen = right(await look(outside, agent, id, {}))
    const all = [seen, right(await details(outside, agent, id, 'e9', {}))]
    expect(JSON.stringify(all)).not.toMatch(/forged|false document|INTERNAL|registry|stamp|presuntamente/i)
    expect(JSON.stringify(all)).toMatch(/The review team is looking into this/)
  })

  test('where the vendor has no such function the release is absent, and the help says why', async () => {
    await fresh.db.query('drop function amparo_core.release_succession')
    await outside.successions.check()
    const id = await helping(agent, 'successor@rejected.test')
    expect(right(await look(outside, agent, id, {})).release).toMatchObject({
      possible: false,
      why: expect.stringMatching(/neither the function nor/),
    })
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'release.not_offered' })
  })

  test('a vendor who is silent is asked again with the same request until they answer, also after the assistance ended', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    const real = outside.successions.call
    const silent: Outside = {
      ...outside,
      successions: { ...outside.successions, call: async () => ({ answer: 'silent', why: 'down' }) },
    }
    const code = await digitsSent(outside, id, 'release')
    expect(right(await release(silent, agent, id, given(code)))).toMatchObject({ result: 'pending' })
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'release.pending' })
    await fresh.advance(16 * 60_000)
    expect(await handOverDue({ ...outside, successions: { ...outside.successions, call: real } })).toBe(1)
    expect(await handOverDue(outside)).toBe(0)
    expect(
      await fresh.db.query(
        `select from vendor.succession_log where ref = 'SUC-REJECTED' and type = 'support.released'`,
      ),
    ).toHaveLength(1)
    expect(await story(outside, id)).toContain('release.done')
  })
})

describe('the other acts', () => {
  test('a message is sent again by the vendor, help goes to the user, a note stays with agents, a supervisor is told', async () => {
    await agentAtDesk(outside, ['supervisor'])
    const id = await helping(agent, 'successor@invited.test')
    const note = 'They cannot find the message'
    expect(right(await act(outside, agent, id, { act: 'resend_message', stepId: 'e3', note })).result).toBe('done')
    expect(right(await act(outside, agent, id, { act: 'send_help_link', stepId: 'e3', note })).result).toBe('done')
    expect(right(await act(outside, agent, id, { act: 'add_note', note })).result).toBe('done')
    expect(right(await act(outside, agent, id, { act: 'escalate', note })).result).toBe('done')
    const sent = await fresh.db.query<{ purpose: string }>(
      `select distinct purpose from outbox where assistance_id = $1 order by 1`,
      [id],
    )
    expect(sent.map(({ purpose }) => purpose)).toEqual(['agent', 'consent', 'escalated', 'help_link'])
    const words = right(await look(outside, agent, id, {})).attempts.flatMap(({ entries }) =>
      entries.map(({ word }) => word),
    )
    expect(words).toEqual(expect.arrayContaining(['Reminder', 'Help sent', 'Note', 'Escalated']))
    expect(await act(outside, agent, id, { act: 'resend_message', stepId: 'e1', note })).toMatchObject({
      refusal: 'succession.act_not_offered',
    })
    expect(await act(outside, agent, id, { act: 'add_note', stepId: 'e99', note })).toMatchObject({
      refusal: 'succession.unknown_step',
    })
  })
})

describe('the customer’s own control', () => {
  const chooses = (word: string) =>
    fresh.db.query(
      `update vendor.clinic set support_access = $1 where id = (select clinic_id from vendor.succession where ref = 'SUC-REJECTED')`,
      [word],
    )
  const toldOwner = async (id: AssistanceId) =>
    (
      await fresh.db.query<{ purpose: string }>(
        `select distinct o.purpose from outbox o join vendor.succession s on s.owner_id = o.user_id
          where o.assistance_id = $1 and s.ref = 'SUC-REJECTED' order by 1`,
        [id],
      )
    ).map(({ purpose }) => purpose)

  test('an owner who wants to be asked is asked before the successor is, and reads what Ecosystem Admin shows', async () => {
    await chooses('approve')
    const id = await proved(agent, 'successor@rejected.test')
    expect(await askConsent(outside, agent, id, {})).toMatchObject({
      refusal: 'approval.needed',
      more: { why: 'owner' },
    })
    expect(await story(outside, id)).not.toContain('consent.asked')
    const [approval] = await approvalsOf(fresh.db, id)
    const question = await questionOf(fresh.db, outside.secrets, linkToken(outside.secrets, approval?.id ?? ''))
    if (!question) throw new Error('no question')
    right(await ownerSays(fresh.db, question, 'yes'))
    right(await askConsent(outside, agent, id, {}))
    right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
    expect(await toldOwner(id)).toEqual(['owner_told'])
  })

  test('an owner who wants to be told of each hears of Ecosystem Admin too, and not of their own', async () => {
    await chooses('told')
    expect(await toldOwner(await helping(agent, 'successor@rejected.test'))).toEqual(['owner_told'])
    const other = await agentAtDesk(outside, ['agent:succession'])
    const [owner] = await fresh.db.query<{ email: string }>(
      `select p.email from vendor.person p join vendor.succession s on s.owner_id = p.id where s.ref = 'SUC-REJECTED'`,
    )
    expect(await toldOwner(await helping(other, owner?.email ?? ''))).not.toContain('owner_told')
  })
})
