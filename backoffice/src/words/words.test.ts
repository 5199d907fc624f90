import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { becauses, roles } from '../../../contract/src/words.ts'
import { eventTypes } from '../../../server/src/audit/event.ts'
import { keyIds } from '../parts/keys.ts'
import { aloudWords } from './aloud.ts'
import { oversightWords } from './oversight.ts'
import { phoneWords } from './phone.ts'
import { successionWords } from './succession.ts'
import { fileOf, inOne } from './tables.ts'

const allIn = (language: 'en' | 'es') => ({
  ...fileOf(language),
  ...inOne({ ...aloudWords, ...oversightWords, ...phoneWords, ...successionWords }, language),
})
const [english, spanish] = [allIn('en'), allIn('es')]
const sentenceIds = Object.keys(english)
const sentence = (language: 'en' | 'es', id: string): string => (language === 'en' ? english : spanish)[id] ?? ''

test('both languages have the same sentences, and none is empty', () => {
  expect(Object.keys(spanish)).toEqual(sentenceIds)
  for (const id of sentenceIds) expect([sentence('en', id), sentence('es', id)], id).not.toContain('')
})

const plain = { type: 0, pound: 7 }
const placesIn = (text: string): string[] => {
  const walk = (parts: ReturnType<IntlMessageFormat['getAst']>): string[] =>
    parts.flatMap((part) => {
      if (part.type === plain.type || part.type === plain.pound || !('value' in part)) return []
      const inner = 'options' in part ? Object.values(part.options).flatMap((option) => walk(option.value)) : []
      return [String(part.value), ...inner]
    })
  return [...new Set(walk(new IntlMessageFormat(text, 'en').getAst()))].sort()
}

test('every sentence says the same things in both languages', () => {
  for (const id of sentenceIds) expect(placesIn(sentence('es', id)), id).toEqual(placesIn(sentence('en', id)))
})

test('the agent is addressed as tú, and nobody is shouted at', () => {
  for (const id of sentenceIds) {
    if (!id.startsWith('say.')) expect(sentence('es', id), id).not.toMatch(/\busted\b|\bsu código\b/i)
    expect(`${sentence('en', id)}${sentence('es', id)}`, id).not.toMatch(/[!¡]|\bsorry\b|impersonat/i)
  }
})

test('every event that can be recorded, every ending, key and role has its words', () => {
  const wanted = [
    ...eventTypes.map((type) => `event.${type}`),
    ...becauses.map((because) => `ended.${because}`),
    ...keyIds.map((key) => `keys.${key}`),
    ...roles.map((role) => `role.${role}`),
  ]
  expect(wanted.filter((id) => !sentenceIds.some((one) => one === id))).toEqual([])
})
