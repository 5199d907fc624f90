import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { eventResults } from '../../../contract/src/audit.ts'
import { refusals, sentenceOf } from '../../../contract/src/refusals.ts'
import { becauses, roles } from '../../../contract/src/words.ts'
import { words as banner } from '../../../relying-party/src/words.ts'
import { eventTypes } from '../../../server/src/audit/event.ts'
import { keyIds } from '../parts/keys.ts'
import { aloudWords } from './aloud.ts'
import { oversightWords } from './oversight.ts'
import { phoneWords } from './phone.ts'
import { recordWords } from './record.ts'
import { successionWords } from './succession.ts'
import { fileOf, inOne } from './tables.ts'

const allIn = (language: 'en' | 'es') => ({
  ...fileOf(language),
  ...inOne({ ...aloudWords, ...oversightWords, ...phoneWords, ...recordWords, ...successionWords }, language),
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

test('one word for one thing: what ends, who owns, who supervises and what is read out are each called the same everywhere', () => {
  const refused = refusals.map((code) => [code, sentenceOf(code).es] as const)
  for (const [id, text] of [...Object.entries(spanish), ...refused])
    expect(text, id).not.toMatch(/terminar ya|propietari|dueñ|responsable|dígito/i)
  for (const language of ['en', 'es'] as const) {
    const inBanner = banner(language)('endNow')
    expect([sentence(language, 'endNow.go'), sentence(language, 'keys.endNow')]).toEqual([inBanner, inBanner])
  }
})

test('whoever writes in their own words is asked for no patient’s name', () => {
  const hints = ['caller.lineHint', 'caller.lineHintOther', 'caller.nameHint', 'notes.hint', 'reason.noteHint']
  for (const id of [...hints, 'notice.hint', 'suc.act.noteHint', 'glass.noteHint', 'cut.whyHint'])
    expect(`${sentence('en', id)} ${sentence('es', id)}`, id).toMatch(
      /No patients’ names\..*Sin nombres de pacientes\./,
    )
})

test('every event that can be recorded, every ending, key and role has its words', () => {
  const wanted = [
    ...eventTypes.map((type) => `event.${type}`),
    ...becauses.map((because) => `ended.${because}`),
    ...eventResults.map((result) => `result.${result}`),
    ...keyIds.map((key) => `keys.${key}`),
    ...roles.map((role) => `role.${role}`),
  ]
  expect(wanted.filter((id) => !sentenceIds.some((one) => one === id))).toEqual([])
})
