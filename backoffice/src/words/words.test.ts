import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { en, type WordId } from './en.ts'
import { es } from './es.ts'

const ids = Object.keys(en) as WordId[]
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
  for (const id of ids) expect(placesIn(es[id]), id).toEqual(placesIn(en[id]))
})

test('the agent is addressed as tú, and nobody is shouted at', () => {
  const toTheUser = ['consent.spoken', 'consent.spokenYes', 'presence.spoken']
  for (const id of ids) {
    if (!toTheUser.includes(id)) expect(es[id], id).not.toMatch(/\busted\b|\bsu código\b/i)
    expect(`${en[id]}${es[id]}`, id).not.toMatch(/[!¡]|\bsorry\b|impersonat/i)
  }
})
