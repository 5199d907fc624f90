/** Who may be helped, in which products, and what takes more than usual: the rules by themselves, each at its edges. */
import { describe, expect, test } from 'vitest'
import {
  allowedOf,
  changedContactsOf,
  changedLately,
  contactsChangedAt,
  isTooWeak,
  isTooWeakToRelease,
  isWorkingTime,
  type Membership,
  needsPage,
  offered,
  opensIn,
  type Person,
  presets,
  type Surface,
  supportAccesses,
  supportAccessOf,
  wantsSeats,
  whyNot,
  whyNotThemself,
  whyTwo,
} from './policy.ts'

const { standard, strict } = presets
const now = new Date('2026-11-27T12:00:00Z')
const ago = (hours: number, ms = 0) => new Date(now.getTime() - hours * 3_600_000 + ms)
const name = { en: 'A product', es: 'Un producto' }
const web: Surface = { id: 'web', name, offeredTo: ['owner', 'member'], whenSuspended: false, powers: ['look', 'act'] }
const store: Surface = { ...web, id: 'store', offeredTo: ['owner'], whenSuspended: true, powers: ['look'] }
const beta: Surface = { ...web, id: 'beta', requires: { feature: 'beta' } }
const open: Surface = { ...web, id: 'open', whenSuspended: true, requires: {} }
const seated: Surface = { ...web, id: 'seated', requires: { seat: 'pro' } }
const both: Surface = { ...web, id: 'both', requires: { feature: 'beta', seat: 'pro' } }
const surfaces = [web, store, beta, open, seated, both]
const membership = (more: Partial<Membership> = {}): Membership => ({
  ecosystemId: 'e_1',
  name: 'Clínica Sol',
  role: 'owner',
  status: 'active',
  features: [],
  ...more,
})
const marta: Person = {
  id: 'u_1',
  name: 'Marta Ruiz',
  email: 'marta@clinica-sol.test',
  locale: 'es',
  active: true,
  staff: false,
}

describe('the products that are offered', () => {
  test.each([
    ['an owner', {}, ['web', 'store', 'open']],
    ['a member', { role: 'member' }, ['web', 'open']],
    ['an owner of a suspended ecosystem', { status: 'suspended' }, ['store', 'open']],
    ['a member of a suspended ecosystem', { role: 'member', status: 'suspended' }, []],
    ['whoever has the feature', { features: ['other', 'beta'] }, ['web', 'store', 'beta', 'open']],
    ['whoever has the seat', { seats: ['other', 'pro'] }, ['web', 'store', 'open', 'seated']],
    ['a member who has it', { role: 'member', seats: ['pro'] }, ['web', 'open', 'seated']],
    ['whoever has another seat', { seats: ['other'] }, ['web', 'store', 'open']],
    ['whoever has both', { features: ['beta'], seats: ['pro'] }, ['web', 'store', 'beta', 'open', 'seated', 'both']],
    ['whoever has another feature', { features: ['other'] }, ['web', 'store', 'open']],
    ['an ecosystem that wants to be asked', { support: 'approve' }, ['web', 'store', 'open']],
    ['an ecosystem that wants no support', { support: 'off' }, []],
  ] as const)('to %s', (_who, more, ids) => {
    expect(offered(surfaces, membership(more)).map(({ id }) => id)).toEqual(ids)
  })

  test('open in a tab, and on a phone only where the product is a public client', () => {
    const client = { id: 'c', redirectUris: [], initiateLoginUri: 'https://p.test', statusCheck: true }
    expect(opensIn({})).toBe('tab')
    expect(opensIn({ client })).toBe('tab')
    expect(opensIn({ client: { ...client, clientAuth: 'none' } })).toBe('phone')
  })

  test('are those on the policy’s list, and all where it has none', () => {
    const idOf = ({ id }: Surface) => id
    expect(allowedOf(null, surfaces, idOf)).toEqual(surfaces)
    expect(wantsSeats(surfaces)).toBe(true)
    expect(wantsSeats([web, beta, open])).toBe(false)
    expect(allowedOf(['store', 'gone'], surfaces, idOf)).toEqual([store])
    expect(allowedOf([], surfaces, idOf)).toEqual([])
  })
})

describe('a person', () => {
  const off = membership({ support: 'off' })
  const suspended = membership({ role: 'member', status: 'suspended' })
  test.each([
    ['one of our own people, whatever else holds', { ...marta, staff: true, active: false }, [], 'staff'],
    ['somebody inactive', { ...marta, active: false }, [membership()], 'inactive'],
    ['somebody without an ecosystem', marta, [], 'no_ecosystem'],
    ['somebody whose ecosystems all want no support', marta, [off, off], 'support_off'],
    ['somebody with nothing to open', marta, [suspended], 'nothing_offered'],
    ['somebody with nothing to open beside no support', marta, [off, suspended], 'nothing_offered'],
    ['somebody with one ecosystem that may be helped', marta, [off, suspended, membership()], undefined],
  ] as const)('is helped or told why not: %s', (_who, person, memberships, why) => {
    expect(whyNot(surfaces, person, memberships)).toBe(why)
  })

  test('in their own right is refused as staff or as inactive, and not for what they own', () => {
    expect(whyNotThemself({ ...marta, staff: true })).toBe('staff')
    expect(whyNotThemself({ ...marta, active: false })).toBe('inactive')
    expect(whyNotThemself(marta)).toBeUndefined()
  })

  test('is not helped against an owner’s word, also where the word is none of ours', () => {
    expect(supportAccessOf(null)).toBe('allowed')
    for (const word of supportAccesses) expect(supportAccessOf(word)).toBe(word)
    for (const word of ['', 'ALLOWED', 'yes', 'allowed ']) expect(supportAccessOf(word)).toBe('off')
  })
})

describe('a contact that changed', () => {
  const changed = { ...marta, emailChangedAt: ago(30), phoneChangedAt: ago(2) }

  test('is known by the latest change of any, and by none where nobody told of one', () => {
    expect(contactsChangedAt(changed)).toEqual(ago(2))
    expect(contactsChangedAt({ ...changed, emailChangedAt: ago(1) })).toEqual(ago(1))
    expect(contactsChangedAt({ ...marta, emailChangedAt: ago(30) })).toEqual(ago(30))
    expect(contactsChangedAt(marta)).toBeUndefined()
  })

  test('counts as changed lately for so many hours and not a moment longer, and never where the policy has none', () => {
    const policy = { changedContacts: { hours: 24, answer: 'allow' as const } }
    expect(changedLately(policy, ago(24, 1), now)).toBe(true)
    expect(changedLately(policy, ago(24), now)).toBe(false)
    expect(changedLately(policy, undefined, now)).toBe(false)
    const none = { changedContacts: { hours: null, answer: 'allow' as const } }
    for (const at of [now, ago(-1)]) expect(changedLately(none, at, now)).toBe(false)
  })

  test('is told apart: the mail address, the telephone, both or neither', () => {
    const policy = { changedContacts: { hours: 24, answer: 'allow' as const } }
    expect(changedContactsOf(policy, changed, now)).toEqual(['sms'])
    expect(changedContactsOf(policy, { ...marta, emailChangedAt: ago(1) }, now)).toEqual(['email'])
    expect(changedContactsOf(policy, { ...changed, emailChangedAt: ago(1) }, now)).toEqual(['email', 'sms'])
    expect(changedContactsOf(policy, marta, now)).toEqual([])
  })

  test('takes a second person only where the policy answers so', () => {
    const at = { now, contactsChangedAt: ago(1) }
    for (const answer of ['allow', 'refuse'] as const)
      expect(whyTwo({ ...standard, changedContacts: { hours: 24, answer } }, at)).toEqual([])
    expect(whyTwo({ ...standard, changedContacts: { hours: 24, answer: 'second_person' } }, at)).toEqual([
      'changed_contacts',
    ])
  })
})

describe('a proof by a code alone', () => {
  const look = { surfaces: ['web'], powers: 'look' } as const
  const inTheStore = { surfaces: ['web', 'store'], powers: 'look' } as const
  const change = { surfaces: ['web'], powers: 'act' } as const
  const member = membership({ role: 'member' })

  test.each([
    ['an owner’s Web', membership(), look, false],
    ['an owner’s Store', membership(), inTheStore, true],
    ['a member’s Store', member, inTheStore, false],
    ['a power of anybody', member, change, true],
  ] as const)('is too weak or not for %s, where the policy is strict', (_what, whose, wanted, weak) => {
    expect(isTooWeak(strict, 'code', whose, wanted)).toBe(weak)
    expect(isTooWeak(strict, undefined, whose, wanted)).toBe(weak)
    for (const strong of ['passkey', 'totp'] as const) expect(isTooWeak(strict, strong, whose, wanted)).toBe(false)
    expect(isTooWeak(standard, 'code', whose, wanted)).toBe(false)
    expect(needsPage(strict, whose, wanted)).toBe(weak)
    expect(needsPage(standard, whose, wanted)).toBe(false)
  })

  test('is too weak for a release wherever it is for a power', () => {
    expect(isTooWeakToRelease(strict, 'code')).toBe(true)
    expect(isTooWeakToRelease(strict, undefined)).toBe(true)
    for (const strong of ['passkey', 'totp'] as const) expect(isTooWeakToRelease(strict, strong)).toBe(false)
    expect(isTooWeakToRelease(standard, 'code')).toBe(false)
  })
})

describe('a second person', () => {
  const none = { ownersSurfaces: [], powers: false, releaseFrom: null, sameUserFrom: null, proofs: [] }
  const policy = (rule: object) => ({ ...standard, secondPerson: { ...standard.secondPerson, ...none, ...rule } })
  const everything = {
    now,
    membership: membership(),
    surfaces: ['store'],
    powers: 'act',
    release: 3,
    ofUser: 3,
    contactsChangedAt: ago(1000),
  } as const

  test('is asked for by nothing where the policy names nothing', () => {
    expect(whyTwo(policy({}), everything)).toEqual([])
  })

  test.each([
    ['owners_surface', { ownersSurfaces: ['store'] }],
    ['powers', { powers: true }],
    ['release', { releaseFrom: 3 }],
    ['same_user', { sameUserFrom: 3 }],
  ] as const)('is asked for by each rule alone, for its own reason: %s', (reason, rule) => {
    expect(whyTwo(policy(rule), everything)).toEqual([reason])
    expect(whyTwo(policy(rule), { now })).toEqual([])
    expect(whyTwo(policy(rule), { ...everything, surfaces: ['web'], powers: 'look', release: 2, ofUser: 2 })).toEqual(
      [],
    )
  })
})

describe('working hours', () => {
  const hours = { ...standard.hours, timeZone: 'Europe/Madrid' }
  const at = (text: string, more: object = {}) =>
    isWorkingTime({ ...standard, hours: { ...hours, ...more } }, new Date(text))

  test('know midnight by its own name: a day from 00:00 to 24:00 is a whole one', () => {
    // 25 November 2026 is a Wednesday; Madrid is an hour ahead.
    const whole = { days: ['wed'], from: '00:00', to: '24:00' }
    expect(at('2026-11-24T23:00:00Z', whole)).toBe(true)
    expect(at('2026-11-25T22:59:59Z', whole)).toBe(true)
    expect(at('2026-11-25T23:00:00Z', whole)).toBe(false)
    expect(at('2026-11-24T22:59:59Z', whole)).toBe(false)
  })
})
