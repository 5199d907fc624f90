/** The policy, by a table: what a file may say, what is said of one that may not, and what follows from it. */
import { expect, test } from 'vitest'
import { readDemoPolicy, readPolicy } from './file.ts'
import { changedLately, isWorkingTime, needsPage, presets, whyTwo } from './policy.ts'
import { type Policy, policyRows } from './table.ts'

const policyOf = (json: unknown): Policy => {
  const read = readPolicy(json)
  if ('faults' in read) throw new Error(read.faults.map(({ en }) => en).join('\n'))
  return read.policy
}
const faultsOf = (json: unknown) => {
  const read = readPolicy(json)
  return 'faults' in read ? read.faults.map(({ en }) => en) : []
}

test('every row takes its own example and what the presets say, and nothing of another kind', () => {
  for (const { path, field } of policyRows) {
    for (const value of [field.standard, field.strict, JSON.parse(field.example)])
      expect([path, field.fits(value)]).toEqual([path, true])
    for (const value of [undefined, '', {}, -1, 1.5, 'nothing of the kind', ['', ''], [{}], Number.NaN])
      expect([path, value, field.fits(value)]).toEqual([path, value, false])
  }
  expect(policyRows.length).toBeGreaterThan(25)
})

test('a preset and what differs from it: the rest is the preset’s', () => {
  const policy = policyOf({ preset: 'strict', quotas: { lookUpsPerAgentADay: null }, canaries: ['u_1'] })
  expect(policy).toEqual({
    ...presets.strict,
    quotas: { ...presets.strict.quotas, lookUpsPerAgentADay: null },
    canaries: ['u_1'],
  })
  expect(policyOf({ preset: 'standard' })).toEqual(presets.standard)
})

test('every fault of a file is named at once: where, what was seen, what is wanted, an example', () => {
  const said = faultsOf({
    preset: 'lax',
    quotas: { lookUpsPerAgentADay: 'many', lookUps: 4 },
    breakGlass: { minutes: 45, roles: ['supervisor'] },
    hours: { timeZone: 'Mars/Olympus', days: ['mon', 'mon'], from: '8', outside: 'shout' },
    secondPerson: { proofs: [] },
    canaries: 'u_1',
    alerts: null,
    polices: true,
  })
  expect(said.map((one) => one.split('  ')[0]).sort()).toEqual(
    [
      'alerts',
      'breakGlass.minutes',
      'breakGlass.roles',
      'canaries',
      'hours.days',
      'hours.from',
      'hours.outside',
      'hours.timeZone',
      'polices',
      'preset',
      'quotas.lookUps',
      'quotas.lookUpsPerAgentADay',
      'secondPerson.proofs',
    ].sort(),
  )
  expect(said).toContain('breakGlass.minutes  seen: 45  wanted: a whole number from 5 to 30  e.g. 30')
  expect(said.every((one) => one.includes('  seen: ') && one.includes('  wanted: ') && one.includes('  e.g. '))).toBe(
    true,
  )
  expect(faultsOf({ preset: 'standard', hours: { from: '20:00', to: '08:00' } })).toEqual([
    'hours.to  seen: "08:00"  wanted: later than 20:00  e.g. "20:00"',
  ])
})

test.each([
  [null],
  [[]],
  ['standard'],
  [7],
  [{}],
  [{ preset: ['standard'] }],
  [JSON.parse('{"preset":"standard","__proto__":{"canaries":[]}}')],
])('what is no policy is none: %j', (json) => {
  expect(faultsOf(json).length).toBeGreaterThan(0)
})

test('nothing is given that was not named: nobody breaks the glass, and canaries are nobody', () => {
  for (const policy of Object.values(presets)) {
    expect([policy.breakGlass.roles, policy.canaries]).toEqual([[], []])
    expect(Object.values(policy.quotas).every((most) => most !== null)).toBe(true)
  }
})

test('a demo has the quotas of its file and no other', () => {
  const read = readDemoPolicy({ preset: 'strict', quotas: { lookUpsPerAgentADay: 3 } })
  expect(read).toMatchObject({
    policy: {
      secondPerson: { ownersSurfaces: ['store'] },
      quotas: { lookUpsPerAgentADay: 3, assistancesPerAgentADay: null, messagesPerUserADay: null },
    },
  })
})

const owner = { role: 'owner' } as const
const member = { role: 'member' } as const
const now = new Date('2026-11-27T12:00:00Z')
const { strict, standard } = presets
const all = policyOf({
  preset: 'strict',
  secondPerson: { powers: true, sameUserFrom: 3, releaseFrom: 3 },
  changedContacts: { hours: 24, answer: 'second_person' },
})

test.each([
  ['an owner’s Store', strict, { membership: owner, surfaces: ['store'], powers: 'look' as const }, ['owners_surface']],
  ['an owner’s Web', strict, { membership: owner, surfaces: ['web'], powers: 'look' as const }, []],
  ['a member’s Store', strict, { membership: member, surfaces: ['store'], powers: 'look' as const }, []],
  [
    'a power, where the file asks for two',
    all,
    { membership: member, surfaces: ['web'], powers: 'act' as const },
    ['powers'],
  ],
  ['the second release', all, { release: 2 }, []],
  ['the third release', all, { release: 3 }, ['release']],
  ['the same user for the third time', all, { ofUser: 3 }, ['same_user']],
  ['a contact changed yesterday', all, { contactsChangedAt: new Date('2026-11-26T12:00:01Z') }, ['changed_contacts']],
  ['a contact changed before that', all, { contactsChangedAt: new Date('2026-11-26T12:00:00Z') }, []],
  [
    'everything at once',
    all,
    { membership: owner, surfaces: ['store'], powers: 'act' as const, ofUser: 9, release: 3 },
    ['owners_surface', 'powers', 'release', 'same_user'],
  ],
  ['the standard', standard, { membership: owner, surfaces: ['store'], powers: 'act' as const, ofUser: 99 }, []],
] as const)('a second person is asked for: %s', (_name, policy, at, wanted) => {
  expect(whyTwo(policy, { ...at, now })).toEqual(wanted)
})

test('a code read aloud is not enough where the page is asked for', () => {
  expect(needsPage(strict, owner, { surfaces: ['web', 'store'], powers: 'look' })).toBe(true)
  expect(needsPage(strict, member, { surfaces: ['web'], powers: 'act' })).toBe(true)
  expect(needsPage(strict, member, { surfaces: ['web'], powers: 'look' })).toBe(false)
  expect(needsPage(standard, owner, { surfaces: ['store'], powers: 'act' })).toBe(false)
})

test('contacts that changed lately are told from those that did not; without hours none are', () => {
  expect(changedLately(standard, new Date('2026-11-25T12:00:00Z'), now)).toBe(true)
  expect(changedLately(standard, undefined, now)).toBe(false)
  expect(changedLately({ changedContacts: { hours: null, answer: 'refuse' } }, now, now)).toBe(false)
})

test('working hours are counted where the vendor is, by its own days', () => {
  const policy = policyOf({
    preset: 'standard',
    hours: { timeZone: 'America/New_York', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' },
  })
  const at = (text: string) => isWorkingTime(policy, new Date(text))
  expect(
    ['2026-11-27T12:59:59Z', '2026-11-27T13:00:00Z', '2026-11-27T22:59:59Z', '2026-11-27T23:00:00Z'].map(at),
  ).toEqual([false, true, true, false])
  expect(at('2026-11-28T15:00:00Z')).toBe(false)
  expect(isWorkingTime(presets.standard, now)).toBe(true)
})
