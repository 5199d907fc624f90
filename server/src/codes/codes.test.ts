/** The pure rules of codes, links, handles and seals: what each is bound to, and what none of them can be taken for. */
import { describe, expect, test } from 'vitest'
import { type Secrets, secretsFrom } from '../secrets.ts'
import { boundText, type CodeBinding, isMatch, spoken } from './code.ts'
import { type ConsentFacts, consentMac, isGenuine } from './consent.ts'
import {
  grouped,
  handleAt,
  handleDigest,
  handleIn,
  handlesOf,
  rotatesAfter,
  sentHandle,
  shownSeconds,
} from './handle.ts'
import {
  begunUnder,
  drawCode,
  isLinkOf,
  linkDigest,
  linkDigests,
  linkToken,
  matchDigits,
  referenceDigest,
  referenceOf,
  sayFirst,
} from './link.ts'
import { type GrantFacts, isGenuineGrant, type PowerTerms, powerMac, powerText } from './power.ts'

const secrets = secretsFrom(Buffer.alloc(32, 7))
const others = secretsFrom(Buffer.alloc(32, 8))
const many = Array.from({ length: 2000 }, (_, index) => `as_${index}`)

/** Each part of a thing replaced by another, one at a time. */
function changed<T extends object>(thing: T, ...others: readonly Partial<T>[]): readonly T[] {
  return others.map((other) => ({ ...thing, ...other }))
}
const allDiffer = (texts: readonly string[]) => expect(new Set(texts).size).toBe(texts.length)

describe('a code', () => {
  const code: CodeBinding = {
    codeId: 'cd_1',
    assistanceId: 'as_1',
    purpose: 'consent',
    person: 'u_1',
    termsDigest: Buffer.from('01', 'hex'),
  }

  test('is bound to itself, its assistance, its purpose, its person, its terms and its digits, and to nothing less', () => {
    const all = [
      code,
      ...changed(
        code,
        { codeId: 'cd_2' },
        { assistanceId: 'as_2' },
        { purpose: 'presence' },
        { person: 'u_2' },
        { termsDigest: Buffer.from('02', 'hex') },
      ),
    ]
    allDiffer([...all.map((one) => boundText(one, '482913')), boundText(code, '482914')])
    // Joined so that nothing can slip from one part into the next.
    expect(boundText({ ...code, codeId: 'a', assistanceId: 'bc' }, '1')).not.toBe(
      boundText({ ...code, codeId: 'ab', assistanceId: 'c' }, '1'),
    )
    expect(JSON.parse(boundText(code, '482913'))).toEqual(['cd_1', 'as_1', 'consent', 'u_1', '01', '482913'])
  })

  test('is said in two halves, and only the two digits of a page are a match', () => {
    expect(spoken('482913')).toBe('482 913')
    expect((['match', 'power_match', 'consent', 'agent', 'history'] as const).map(isMatch)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    for (let draw = 0; draw < 200; draw += 1) expect(drawCode()).toMatch(/^\d{6}$/)
  })
})

describe('a link', () => {
  test('has thirteen letters that nobody confuses, is always the same, and another for every assistance and every key', () => {
    for (const id of many.slice(0, 200)) {
      expect(linkToken(secrets, id)).toMatch(/^[BCDFGHJKMNPQRSTVWXYZ2-9]{13}$/)
      expect(linkToken(secrets, id)).toBe(linkToken(secrets, id))
      expect(linkToken(others, id)).not.toBe(linkToken(secrets, id))
    }
    allDiffer(many.map((id) => linkToken(secrets, id)))
    // All letters come up in all places.
    for (let place = 0; place < 13; place += 1)
      expect(new Set(many.map((id) => linkToken(secrets, id)[place])).size).toBe(28)
  })

  test('is looked up by a keyed digest, and what cannot be one is not looked up at all', () => {
    const token = linkToken(secrets, 'as_1')
    expect(linkDigest(secrets, token)).toEqual(linkDigest(secrets, token))
    expect(linkDigest(others, token)).not.toEqual(linkDigest(secrets, token))
    for (const no of [
      '',
      token.slice(1),
      `${token}B`,
      ` ${token}`,
      token.toLowerCase(),
      `A${token.slice(1)}`,
      `0${token.slice(1)}`,
    ])
      expect(linkDigest(secrets, no), no).toBeUndefined()
  })

  test('gives nothing away by its reference, which is found however it was typed', () => {
    const reference = referenceOf(secrets, 'as_1')
    expect(reference).toMatch(/^[BCDFGHJKMNPQRSTVWXYZ2-9]{5}-[BCDFGHJKMNPQRSTVWXYZ2-9]{5}$/)
    const digest = referenceDigest(secrets, reference)
    expect(digest).toBeDefined()
    for (const typed of [reference.toLowerCase(), reference.replace('-', ''), ` ${reference.replace('-', ' ')} `])
      expect(referenceDigest(secrets, typed)).toEqual(digest)
    for (const no of ['', reference.slice(1), `${reference}B`, reference.replace(/^./, '0')])
      expect(referenceDigest(secrets, no)).toBeUndefined()
    expect(linkToken(secrets, 'as_1')).not.toContain(reference.slice(0, 5))
    allDiffer(many.map((id) => referenceOf(secrets, id)))
    expect(referenceDigest(secrets, reference)).not.toEqual(
      linkDigest(secrets, reference.replace('-', '').padEnd(13, 'B')),
    )
  })

  test('comes with a number to say first and digits to read out, each from 10 to 99, of keys of their own', () => {
    const [say, match] = [many.map((id) => sayFirst(secrets, id)), many.map((id) => matchDigits(secrets, id))]
    for (const numbers of [say, match])
      expect([...new Set(numbers)].sort()).toEqual(Array.from({ length: 90 }, (_, index) => String(10 + index)))
    expect(say).not.toEqual(match)
    expect(many.map((id) => sayFirst(others, id))).not.toEqual(say)
  })
})

describe('a handle for a phone', () => {
  test('is replaced every half minute on the screen and every minute where it is typed, for five minutes', () => {
    const at = (kind: 'scanned' | 'typed') => (age: number) => handleAt(secrets, 'la_1', kind, age)
    const [scanned, typed] = [at('scanned'), at('typed')]
    expect(scanned(0)).toBe(scanned(29.9))
    expect(scanned(30)).not.toBe(scanned(29.9))
    expect(typed(0)).toBe(typed(59.9))
    expect(typed(60)).not.toBe(typed(59.9))
    expect(scanned(0)).toMatch(/^[A-HJKMNP-TV-Z0-9]{16}$/)
    expect(typed(0)).toMatch(/^[BCDFGHJKMNPQRSTVWXYZ2-9]{8}$/)
    expect([0, 29.9, 30, 59, 269, 270, 299, 300, 400].map(rotatesAfter)).toEqual([
      30, 30, 60, 60, 270, 300, 300, 300, 300,
    ])
    allDiffer(Array.from({ length: 10 }, (_, slot) => scanned(slot * 30)))
    expect(handleAt(others, 'la_1', 'scanned', 0)).not.toBe(scanned(0))
    expect(handleAt(secrets, 'la_2', 'scanned', 0)).not.toBe(scanned(0))
  })

  test('is known beforehand, with the time in which each counts, and none outlives the screen', () => {
    const all = handlesOf(secrets, 'la_1')
    expect(all.map(({ kind, from, until }) => [kind, from, until])).toEqual([
      ...Array.from({ length: 10 }, (_, slot) => ['scanned', slot * 30, Math.min(300, slot * 30 + 60)]),
      ...Array.from({ length: 5 }, (_, slot) => ['typed', slot * 60, Math.min(300, slot * 60 + 120)]),
    ])
    for (const { kind, from, digest, launchId } of all) {
      expect(launchId).toBe('la_1')
      if (kind !== 'sent') expect(digest).toEqual(handleDigest(secrets, handleAt(secrets, 'la_1', kind, from)))
    }
    expect(shownSeconds).toBe(300)
  })

  test('that was sent is none of those on the screen, and another each time', () => {
    const sent = [0, 1, 2].map((n) => sentHandle(secrets, 'la_1', n))
    const shown = Array.from({ length: 3 }, (_, slot) => handleAt(secrets, 'la_1', 'scanned', slot * 30))
    allDiffer([...sent, ...shown])
    for (const one of sent) expect(one).toMatch(/^[A-HJKMNP-TV-Z0-9]{16}$/)
  })

  test.each([
    ['K7Q2-M9XD', { handle: 'K7Q2M9XD', typed: true }],
    [' k7q2 m9xd ', { handle: 'K7Q2M9XD', typed: true }],
    ['abcdefghjkmnpqrs', { handle: 'ABCDEFGHJKMNPQRS', typed: false }],
    ['K7Q2M9X', undefined],
    ['K7Q2M9XDD', undefined],
    ['K7Q2M9XO', undefined],
    ['ABCDEFGHJKMNPQR', undefined],
    ['ABCDEFGHJKMNPQRST', undefined],
    ['ABCDEFGHJKMNPQRI', undefined],
    ['', undefined],
  ])('%j is read as what it is', (text, read) => {
    expect(handleIn(text)).toEqual(read)
  })

  test('is grouped as people read it', () => {
    expect(grouped('K7Q2M9XD')).toBe('K7Q2-M9XD')
  })
})

describe('a seal', () => {
  const consent: ConsentFacts = {
    assistanceId: 'as_1',
    termsDigest: Buffer.from('01', 'hex'),
    provedBy: 'page',
    codeId: 'cd_1',
  }
  const terms: PowerTerms = {
    assistanceId: 'as_1',
    agentId: 'ag_1',
    userId: 'u_1',
    ecosystemId: 'e_1',
    power: 'export',
    surfaces: ['web'],
  }
  const grant: GrantFacts = {
    id: 'pw_1',
    assistanceId: 'as_1',
    power: 'export',
    surfaces: ['web'],
    termsDigest: Buffer.from('01', 'hex'),
    provedBy: 'page',
    codeId: 'cd_1',
  }

  test('of a consent breaks with each part of it, and under another key', () => {
    const mac = consentMac(secrets, consent)
    expect(isGenuine(secrets, consent, mac)).toBe(true)
    expect(isGenuine(others, consent, mac)).toBe(false)
    for (const other of changed(
      consent,
      { assistanceId: 'as_2' },
      { termsDigest: Buffer.from('02', 'hex') },
      { provedBy: 'read_aloud' },
      { codeId: 'cd_2' },
    ))
      expect(isGenuine(secrets, other, mac)).toBe(false)
    expect(isGenuine(secrets, consent, mac.subarray(1))).toBe(false)
  })

  test('of a power breaks with each part of it, and is never one of a consent', () => {
    const mac = powerMac(secrets, grant)
    expect(isGenuineGrant(secrets, grant, mac)).toBe(true)
    expect(isGenuineGrant(others, grant, mac)).toBe(false)
    for (const other of changed(
      grant,
      { id: 'pw_2' },
      { assistanceId: 'as_2' },
      { power: 'delete' },
      { surfaces: ['web', 'store'] },
      { termsDigest: Buffer.from('02', 'hex') },
      { provedBy: 'read_aloud' },
      { codeId: 'cd_2' },
    ))
      expect(isGenuineGrant(secrets, other, mac)).toBe(false)
    expect(mac).not.toEqual(consentMac(secrets, consent))
    expect(JSON.parse(powerText(terms))).toEqual(['amparo/power/1', 'as_1', 'ag_1', 'u_1', 'e_1', 'export', ['web']])
    expect(powerMac(secrets, { ...grant, id: 'x' })).toEqual(
      secrets.digest('consent', JSON.stringify(['power', 'x', 'as_1', 'export', ['web'], '01', 'page', 'cd_1'])),
    )
  })
})

test('what was sent, shown and sealed before an update is the same after it', () => {
  const begin = (digest: Uint8Array | undefined) => digest && Buffer.from(digest).toString('hex').slice(0, 16)
  const sealed = {
    assistanceId: 'as_1',
    termsDigest: Buffer.from('01', 'hex'),
    provedBy: 'page',
    codeId: 'cd_1',
  } as const
  expect({
    link: linkToken(secrets, 'as_1'),
    lookedUpBy: begin(linkDigest(secrets, '3V9VKTKFZ363D')),
    reference: referenceOf(secrets, 'as_1'),
    knownBy: begin(referenceDigest(secrets, 'C4FB8-9JF74')),
    sayFirst: sayFirst(secrets, 'as_1'),
    match: matchDigits(secrets, 'cd_1'),
    scanned: handleAt(secrets, 'la_1', 'scanned', 31),
    typed: handleAt(secrets, 'la_1', 'typed', 61),
    sent: sentHandle(secrets, 'la_1', 2),
    takenBy: begin(handleDigest(secrets, 'TGNPTZTD')),
    consent: begin(consentMac(secrets, sealed)),
    power: begin(powerMac(secrets, { ...sealed, id: 'pw_1', power: 'export', surfaces: ['web'] })),
  }).toEqual({
    link: '3V9VKTKFZ363D',
    lookedUpBy: '40eafaa7310edf3d',
    reference: 'C4FB8-9JF74',
    knownBy: '2bb43780272fea44',
    sayFirst: '76',
    match: '32',
    scanned: 'SEG9H0N36W07V25F',
    typed: 'TGNPTZTD',
    sent: 'BNJ0M25ZX5854741',
    takenBy: '6685dcb13b7b3820',
    consent: 'd68f89047f7f789d',
    power: 'b63fb7bb7e7294a2',
  })
})

test('what was begun under a root that was exchanged is found and told apart by its link, until that root is over', () => {
  const [root, next, until] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), new Date('2026-12-01T00:00:00Z')]
  let now = until.getTime() - 1
  const then = secretsFrom(root)
  const today = secretsFrom(next, undefined, [{ key: root, until }], () => now)
  const begun = (secrets: Secrets, id: string) => {
    const digest = linkDigest(secrets, linkToken(secrets, id))
    if (!digest) throw new Error('no link')
    return { id, linkDigest: digest }
  }
  const [old, fresh] = [begun(then, 'as_1'), begun(today, 'as_1')]
  expect([isLinkOf(then, old), isLinkOf(today, old), isLinkOf(today, fresh)]).toEqual([true, false, true])
  expect(linkToken(begunUnder(today, old), 'as_1')).toBe(linkToken(then, 'as_1'))
  expect(begunUnder(today, fresh)).toBe(today)
  const token = linkToken(then, 'as_1')
  expect(linkDigests(today, token)).toEqual([linkDigest(today, token), linkDigest(then, token)])
  expect(linkDigests(today, 'no link')).toEqual([])
  now += 1
  expect([today.former(), linkDigests(today, token), begunUnder(today, old)]).toEqual([
    [],
    [linkDigest(today, token)],
    today,
  ])
})
