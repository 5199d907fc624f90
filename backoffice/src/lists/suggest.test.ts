import { expect, test } from 'vitest'
import { daysFor, placeIn, put, qualifiersFor } from './suggest.ts'

const at = (marked: string) => placeIn(marked.replace('|', ''), marked.indexOf('|'))

test('what is suggested belongs to the word in which the cursor stands, also inside of quotation marks', () => {
  expect(at('|')).toMatchObject({ from: 0, to: 0, qualifier: undefined, text: '' })
  expect(at('ag|')).toMatchObject({ from: 0, to: 2, qualifier: undefined, text: 'ag' })
  expect(at('agent:an|')).toMatchObject({ from: 0, to: 8, qualifier: 'agent', text: 'an' })
  expect(at('AGENT:"Ana R|')).toMatchObject({ from: 0, to: 12, qualifier: 'agent', text: 'Ana R' })
  expect(at('agent:"Ana Ríos" |')).toMatchObject({ from: 17, to: 17, qualifier: undefined, text: '' })
  expect(at('agent:an| type:code.wrong')).toMatchObject({ from: 0, to: 8, qualifier: 'agent' })
  expect(at('agent:ana type:c|')).toMatchObject({ from: 10, to: 16, qualifier: 'type', text: 'c' })
  expect(at('who:an|')).toMatchObject({ qualifier: undefined, text: 'who:an' })
})

test('a qualifier is suggested once, and a word that is none can be a name', () => {
  expect(qualifiersFor(at('a|'), [])).toEqual(['agent:', 'assistance:', 'after:'])
  expect(qualifiersFor(at('a|'), ['agent'])).toEqual(['assistance:', 'after:'])
  expect(qualifiersFor(at('marta|'), [])).toEqual(['agent:marta', 'user:marta'])
})

test('what is taken replaces that word alone, and the next can be typed behind it', () => {
  expect(put('ag', at('ag|'), 'agent:')).toEqual({ line: 'agent:', cursor: 6 })
  expect(put('agent:an', at('agent:an|'), 'agent:"Ana R"')).toEqual({ line: 'agent:"Ana R" ', cursor: 14 })
  const line = 'agent:an type:x.y'
  expect(put(line, at('agent:an| type:x.y'), 'agent:ana')).toEqual({ line: 'agent:ana type:x.y', cursor: 10 })
})

test('days are those of the search, UTC, each once', () => {
  const now = new Date('2026-11-01T23:30:00-05:00')
  expect(daysFor('', now)).toEqual(['2026-11-02', '2026-11-01', '2026-10-26', '2026-10-03'])
  expect(daysFor('2026-10', now)).toEqual(['2026-10-26', '2026-10-03'])
})
