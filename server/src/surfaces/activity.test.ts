import { describe, expect, test } from 'vitest'
import { actsInABatch, actsInASession, batchOf, whatLength } from './activity.ts'

const surface = { acts: { 'invoice.opened': { en: 'opened an invoice', es: 'abrió una factura' } } }
const at = '2026-11-22T10:42:07.123Z'
const whole = { token: 't', acts: [{ at, what: 'invoice.opened' }], count: 1 }
const words = (what: unknown) => {
  const batch = batchOf({ ...whole, acts: [{ at, what }] }, surface)
  return batch.ok ? batch.value.acts[0]?.what : undefined
}
const why = (json: unknown) => {
  const batch = batchOf(json, surface)
  return batch.ok ? undefined : batch.more?.why
}

describe('what was done', () => {
  test('is a code of the surface, in the words of its configuration', () => {
    expect(words('invoice.opened')).toEqual({ en: 'opened an invoice', es: 'abrió una factura' })
    expect(batchOf(whole, surface)).toMatchObject({ value: { acts: [{ code: 'invoice.opened', count: 1 }] } })
  })
  test('is a sentence in both languages, or one that both read', () => {
    expect(words({ en: 'paused', es: 'pausó' })).toEqual({ en: 'paused', es: 'pausó' })
    expect(words(' opened plan details ')).toEqual({ en: 'opened plan details', es: 'opened plan details' })
    expect(words('constructor')).toEqual({ en: 'constructor', es: 'constructor' })
    expect(words('😀'.repeat(whatLength))).toBeDefined()
  })
  test.each([
    'two\nlines',
    'two\u2028lines',
    'two\u2029lines',
    'two\u0085lines',
    'turned \u202ednuora',
    'a\u0000b',
    'half \ud800 of a character',
    '',
    '   ',
    '\u2028',
    'x'.repeat(whatLength + 1),
    7,
    null,
    {},
    { en: 'one language' },
    { en: 'a', es: 'b', fr: 'c' },
    { en: 'a', es: 'b\nc' },
    ['a', 'b'],
  ])('is one line that people can read: %j is refused', (what) => {
    expect(words(what)).toBeUndefined()
  })
})

test('acts are numbered by the running count, the last by the count itself', () => {
  const batch = batchOf({ ...whole, acts: [whole.acts[0], whole.acts[0], whole.acts[0]], count: 12 }, surface)
  expect(batch.ok && batch.value.acts.map(({ count }) => count)).toEqual([10, 11, 12])
})

test.each([
  ['nothing', null],
  ['a list', [whole]],
  ['no token', { ...whole, token: undefined }],
  ['an empty token', { ...whole, token: '' }],
  ['a token that is none', { ...whole, token: 'x'.repeat(257) }],
  ['no acts', { ...whole, acts: [] }],
  ['acts that are no list', { ...whole, acts: { 0: whole.acts[0], length: 1 } }],
  ['too many acts', { ...whole, acts: Array.from({ length: actsInABatch + 1 }, () => whole.acts[0]), count: 500 }],
  ['fewer in all than in the batch', { ...whole, acts: [whole.acts[0], whole.acts[0]], count: 1 }],
  ['a count that is no number of things', { ...whole, count: 1.5 }],
  ['a count below nothing', { ...whole, count: -1 }],
  ['a count of nothing', { ...whole, count: 0 }],
  ['a count as text', { ...whole, count: '1' }],
  ['more than a session has', { ...whole, count: actsInASession + 1 }],
  ['a field of its own', { ...whole, user: 'marta@clinica-sol.test' }],
  ['an act with a field of its own', { ...whole, acts: [{ at, what: 'x', url: '/patients/7' }] }],
  ['no instant', { ...whole, acts: [{ what: 'x' }] }],
  ['a day', { ...whole, acts: [{ at: '2026-11-22', what: 'x' }] }],
  ['a day that is none', { ...whole, acts: [{ at: '2026-13-42T10:00:00Z', what: 'x' }] }],
  ['another age', { ...whole, acts: [{ at: '0001-01-01T00:00:00Z', what: 'x' }] }],
])('%s is refused with a sentence', (_what, json) => {
  expect(why(json)).toMatch(/^[a-z].{10,}/)
})
