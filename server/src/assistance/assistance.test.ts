/** The pure rules of an assistance: what each transition keeps and what it leaves behind, and what may be done next. */
import { describe, expect, test } from 'vitest'
import { known } from '../words.ts'
import {
  type Active,
  type AgentVerification,
  agentProved,
  type Closed,
  type Consenting,
  consentAsked,
  consented,
  ecosystemChosen,
  type Found,
  glassBroken,
  lookedUp,
  lookupsInAll,
  maskEmail,
  maskPhone,
  nextSteps,
  notFound,
  shownOf,
  termsOf,
  termsText,
  told,
  type UserLookup,
} from './assistance.ts'

const at = new Date('2026-11-22T09:41:00Z')
const later = (ms: number) => new Date(at.getTime() + ms)
const ecosystem = (id: string) => ({ id, name: id, role: 'owner' as const, status: 'active' as const })
const foundIn = (...ids: readonly string[]): Found => ({
  userId: known.user('u_1'),
  user: { name: 'Marta Ruiz', status: 'active', email: 'marta@clinica-sol.test', locale: 'es', assistable: true },
  ecosystems: ids.map(ecosystem),
})
const begun: AgentVerification = {
  id: known.assistance('as_1'),
  kind: 'technical',
  version: 3,
  agentId: known.agent('ag_1'),
  agentSessionId: known.session('se_1'),
  emailAsked: 'marta@clinica-sol.test',
  reason: { code: 'fault', line: 'No invoices' },
  openedAt: at,
  linkDigest: Buffer.alloc(32),
  userSeenAt: at,
  lookups: 0,
  powers: 'look',
  lengthMinutes: 45,
  state: 'agent_verification',
}
const looked: UserLookup = agentProved(begun, 'passkey', foundIn('cli_sol', 'cli_north'))
const asked = (): Consenting =>
  consentAsked(looked, foundIn('cli_sol'), known.user('u_1'), known.ecosystem('cli_sol'), {
    surfaces: ['web', 'store'],
    powers: 'act',
    lengthMinutes: 30,
  })
const closed = (more: Partial<Closed> = {}): Closed => ({
  ...begun,
  state: 'closed',
  because: 'cancelled',
  closedAt: at,
  closedIn: 'active',
  ...more,
})

describe('going on', () => {
  test('a proof counts the first look-up and keeps how it was made', () => {
    expect(looked).toMatchObject({
      state: 'user_lookup',
      agentMethod: 'passkey',
      lookups: 1,
      emailAsked: begun.emailAsked,
    })
    expect(looked.ecosystemId).toBeUndefined()
    expect(agentProved(begun, 'code', undefined)).not.toHaveProperty('found')
  })

  test('a single ecosystem is chosen by itself, and what an earlier look-up showed is forgotten', () => {
    const one = lookedUp(looked, 'leo@clinica-sol.test', foundIn('cli_sol'))
    expect(one).toMatchObject({ lookups: 2, emailAsked: 'leo@clinica-sol.test', ecosystemId: 'cli_sol' })
    const nobody = lookedUp(one, 'nobody@x.test', undefined)
    expect(nobody.lookups).toBe(3)
    for (const gone of ['found', 'ecosystemId']) expect(nobody).not.toHaveProperty(gone)
    expect(lookedUp(one, 'x@x.test', foundIn())).not.toHaveProperty('ecosystemId')
    expect(lookedUp(one, 'x@x.test', foundIn('a', 'b'))).not.toHaveProperty('ecosystemId')
  })

  test('the last miss closes it, as of then, with no ecosystem', () => {
    const over = notFound({ ...looked, ecosystemId: known.ecosystem('cli_sol') }, later(5))
    expect(over).toMatchObject({
      state: 'closed',
      because: 'user_not_found',
      closedAt: later(5),
      closedIn: 'user_lookup',
    })
    expect(over).not.toHaveProperty('ecosystemId')
  })

  test('choosing an ecosystem changes that alone', () => {
    expect(ecosystemChosen(looked, known.ecosystem('cli_north'))).toEqual({ ...looked, ecosystemId: 'cli_north' })
  })

  test('a consent runs for what was agreed, from that moment; without the user their clock stands still', () => {
    const active = consented(asked(), later(1000))
    expect(active).toMatchObject({
      state: 'active',
      userSeenAt: later(1000),
      consentedAt: later(1000),
      maxUntil: later(1000 + 30 * 60_000),
    })
    expect(active.brokenBy).toBeUndefined()
    expect(glassBroken(asked(), later(1000), 'ap_1')).toEqual({ ...active, userSeenAt: at, brokenBy: 'ap_1' })
  })
})

describe('what is agreed to', () => {
  test('is everything that was asked, and changes with each part of it', () => {
    const consent = asked()
    expect(JSON.parse(termsOf(consent))).toEqual([
      'amparo/terms/1',
      'as_1',
      'ag_1',
      'u_1',
      'fault',
      'No invoices',
      'cli_sol',
      ['web', 'store'],
      'act',
      30,
    ])
    const { line: _line, ...bare } = consent.reason
    const { surfaces: _surfaces, ...without } = consent
    const all: readonly Consenting[] = [
      consent,
      { ...consent, kind: 'succession' },
      { ...consent, id: known.assistance('as_2') },
      { ...consent, agentId: known.agent('ag_2') },
      { ...consent, userId: known.user('u_2') },
      { ...consent, reason: { ...consent.reason, code: 'billing' } },
      { ...consent, reason: bare },
      { ...consent, ecosystemId: known.ecosystem('cli_north') },
      { ...consent, surfaces: ['web'] },
      without,
      { ...consent, powers: 'look' },
      { ...consent, lengthMinutes: 31 },
    ]
    expect(new Set(all.map(termsOf)).size).toBe(all.length)
    expect(JSON.parse(termsOf({ ...without, reason: bare, kind: 'succession' }))).toEqual([
      'amparo/terms/succession/1',
      'as_1',
      'ag_1',
      'u_1',
      'fault',
      null,
      'cli_sol',
      [],
      'act',
      30,
    ])
    expect(
      termsText({
        kind: 'technical',
        assistance: 'as_1',
        agent: 'ag_1',
        user: 'u_1',
        reason: 'fault',
        line: 'No invoices',
        ecosystem: 'cli_sol',
        surfaces: ['web', 'store'],
        powers: 'act',
        lengthMinutes: 30,
      }),
    ).toBe(termsOf(consent))
    expect(shownOf(consent)).toEqual({ ecosystem: 'cli_sol', surfaces: ['web', 'store'], powers: 'act' })
    expect(shownOf({ ...without })).toMatchObject({ surfaces: [] })
  })
})

describe('what may be done next', () => {
  const active = (): Active => consented(asked(), at)
  const unhelpable: UserLookup = {
    ...looked,
    found: { ...foundIn('cli_sol'), user: { ...foundIn().user, assistable: false } },
  }
  test.each([
    ['before the agent’s proof', () => begun, ['agent-challenge', 'agent-code', 'agent-proof', 'notes', 'closure']],
    ['with a user and no ecosystem', () => looked, ['user', 'ecosystem', 'notes', 'closure']],
    [
      'with both',
      () => ({ ...looked, ecosystemId: known.ecosystem('cli_sol') }),
      ['user', 'ecosystem', 'consent-code', 'notes', 'closure'],
    ],
    ['with nobody', () => agentProved(begun, 'code', undefined), ['user', 'notes', 'closure']],
    [
      'with somebody who cannot be helped',
      () => ({ ...unhelpable, ecosystemId: known.ecosystem('cli_sol') }),
      ['user', 'notes', 'closure'],
    ],
    [
      'after the last look-up but one',
      () => ({ ...looked, lookups: lookupsInAll - 1 }),
      ['user', 'ecosystem', 'notes', 'closure'],
    ],
    ['after the last look-up', () => ({ ...looked, lookups: lookupsInAll }), ['ecosystem', 'notes', 'closure']],
    ['while the user is asked', asked, ['ecosystem', 'consent-code', 'consent', 'notes', 'closure']],
    [
      'while help goes on',
      active,
      ['launches', 'powers', 'presence-code', 'presence', 'hand-over', 'notes', 'closure'],
    ],
    [
      'while a succession is helped',
      () => ({ ...active(), kind: 'succession' as const }),
      ['succession', 'release-code', 'release', 'acts', 'presence-code', 'presence', 'hand-over', 'notes', 'closure'],
    ],
    ['without a consent', () => glassBroken(asked(), at, 'ap_1'), ['launches', 'notes', 'closure']],
    ['after it was ended at once', () => closed(), ['notes', 'closure-reason']],
    ['after it was explained', () => closed({ closureReason: 'user_hung_up' }), ['notes']],
    ['after another ending', () => closed({ because: 'finished' }), ['notes']],
  ] as const)('%s', (_when, assistance, steps) => {
    expect(nextSteps(assistance(), later(1))).toEqual(steps)
  })

  test('a day after the end nothing is left', () => {
    expect(nextSteps(closed(), later(24 * 3_600_000 - 1))).toEqual(['notes', 'closure-reason'])
    expect(nextSteps(closed(), later(24 * 3_600_000))).toEqual([])
  })
})

test('whoever was never asked hears nothing of an end, whoever was asked gets a mail, and whoever was helped an SMS too', () => {
  expect((['agent_verification', 'user_lookup', 'consent', 'active'] as const).map(told)).toEqual([
    [],
    [],
    ['email'],
    ['email', 'sms'],
  ])
})

test.each([
  ['+34600123487', '••• 3487'],
  ['+34 600-12-34-87', '••• 3487'],
  ['12', '••• 12'],
])('of a telephone only the end is shown: %s', (phone, shown) => {
  expect(maskPhone(phone)).toBe(shown)
})

test.each([
  ['marta@clinica-sol.test', 'm•••@c•••.test'],
  ['𝒳ena@mail.example.com', '𝒳•••@m•••.com'],
  ['nobody', 'n•••@•••'],
  ['', '•••@•••'],
  ['@x.test', '•••@x•••.test'],
])('of an address only its letters at the edges are shown: %s', (email, shown) => {
  expect(maskEmail(email)).toBe(shown)
})
