import { describe, expect, test } from 'vitest'
import { instantOf, parseSearch, qualifierMeans, qualifiers, searchFaultSentence, searchText } from './search.ts'

const found = (text: string) => {
  const parsed = parseSearch(text)
  return parsed.ok ? parsed.search : undefined
}
const faults = (text: string) => {
  const parsed = parseSearch(text)
  return parsed.ok ? [] : parsed.faults.map(({ fault, said }) => [fault, said])
}

test('each qualifier is read, in any order and however it is spaced', () => {
  const text =
    ' before:2026-12-01  agent:ana user:marta@clinica-sol.test type:consent.given assistance:as_1 because:finished after:2026-11-01T09:30:00+01:00 '
  expect(found(text)).toEqual({
    agent: 'ana',
    user: 'marta@clinica-sol.test',
    type: 'consent.given',
    assistance: 'as_1',
    because: 'finished',
    after: '2026-11-01T08:30:00.000Z',
    before: '2026-12-01T00:00:00.000Z',
  })
  expect(found('')).toEqual({})
  expect(found('AGENT:"Ana Robles"')).toEqual({ agent: 'Ana Robles' })
})

describe('what cannot be read is said, all of it at once', () => {
  test.each([
    ['marta', [['free_words', 'marta']]],
    [
      'agent:ana marta ruiz',
      [
        ['free_words', 'marta'],
        ['free_words', 'ruiz'],
      ],
    ],
    ['who:ana', [['unknown_qualifier', 'who:']]],
    ['__proto__:x', [['unknown_qualifier', '__proto__:']]],
    ['agent:', [['no_value', 'agent:']]],
    ['agent:"  "', [['no_value', 'agent:']]],
    ['agent:ana agent:ben', [['twice', 'agent:']]],
    ['agent:"ana', [['open_quote', 'ana']]],
    ['after:yesterday', [['no_instant', 'yesterday']]],
    ['before:2026-02-30', [['no_instant', '2026-02-30']]],
    ['before:2026-11-22T25:00:00Z', [['no_instant', '2026-11-22T25:00:00Z']]],
    ['because:bored', [['no_ending', 'bored']]],
    ["type:x';--", [['no_type', "x';--"]]],
    [
      'marta who:x after:never',
      [
        ['free_words', 'marta'],
        ['unknown_qualifier', 'who:'],
        ['no_instant', 'never'],
      ],
    ],
  ])('%s', (text, wrong) => {
    expect(faults(text)).toEqual(wrong)
  })

  test('every fault has its sentence in both languages, and free words are told the qualifiers', () => {
    const all = ['x', 'who:x', 'agent:', 'agent:a agent:b', 'after:x', 'because:x', 'type:x', 'agent:"x']
    for (const text of all) {
      const parsed = parseSearch(text)
      if (parsed.ok) throw new Error(text)
      for (const fault of parsed.faults) {
        const { en, es } = searchFaultSentence(fault)
        expect(en).not.toBe(es)
        expect(`${en}${es}`).not.toMatch(/undefined|!/)
      }
    }
    const parsed = parseSearch('marta')
    const sentence = parsed.ok ? undefined : parsed.faults.map(searchFaultSentence)[0]
    for (const qualifier of qualifiers) expect(sentence?.en).toContain(`${qualifier}:`)
  })
})

test('a day that the database cannot read, or that sorts before ours as a text, is said: it would break the search, or find nothing', () => {
  const days = [
    '0000-01-01',
    '0001-01-20',
    '0999-12-31',
    '1000-01-01T00:00+14:00',
    '9999-12-31',
    '9999-12-31T23:59-14:00',
  ]
  for (const day of days) expect(faults(`before:${day}`)).toEqual([['no_instant', day]])
  expect(found('after:1000-01-01 before:2999-12-31')).toMatchObject({ before: '2999-12-31T00:00:00.000Z' })
})

test('a chip knows its place in the text, and what is left can be written again', () => {
  const text = 'agent:"Ana Robles"  user:marta'
  const parsed = parseSearch(text)
  expect(parsed.terms.map(({ from, to }) => text.slice(from, to))).toEqual(['agent:"Ana Robles"', 'user:marta'])
  expect(searchText(parsed.terms)).toBe('agent:"Ana Robles" user:marta')
  expect(found(searchText(parsed.terms.slice(1)))).toEqual({ user: 'marta' })
})

test('a long line of nonsense is read in no time', () => {
  const began = performance.now()
  for (const text of ['"'.repeat(400), ':'.repeat(400), 'agent:"'.repeat(57), 'a'.repeat(400)]) parseSearch(text)
  expect(performance.now() - began).toBeLessThan(500)
})

test('a day begins at midnight UTC; an instant says its zone', () => {
  expect(instantOf('2026-11-22')).toBe('2026-11-22T00:00:00.000Z')
  expect(instantOf('2026-11-22T10:42')).toBeUndefined()
  expect(instantOf('2026-11-22T10:42Z')).toBe('2026-11-22T10:42:00.000Z')
  expect(Object.keys(qualifierMeans)).toEqual([...qualifiers])
})
