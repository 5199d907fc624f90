import { becauses } from '@amparo/contract/words'
import { describe, expect, it } from 'vitest'
import { duration, languageOf } from './telling.ts'
import { enders, endings, words } from './words.ts'

const all = { ...words, ...endings }
const sentences = Object.entries(all).flatMap(([id, text]) => [
  { id, language: 'en' as const, text: text.en as string },
  { id, language: 'es' as const, text: text.es as string },
])

describe('the words of the user’s page', () => {
  it('has a sentence for every because in both languages, and names who ended it', () => {
    for (const because of becauses) {
      expect(endings[because].en, because).toMatch(/\.$/)
      expect(endings[because].es, because).toMatch(/\.$/)
      expect(endings[because].en).not.toBe(endings[because].es)
      expect(enders[because]).toMatch(/^(agent|user|clock|vendor)$/)
    }
  })

  it('never says how it works inside, who made it, or that it is sorry', () => {
    const forbidden =
      /session|sesión|time-?out|token|\bMFA\b|impersonat|suplant|sorry|lo siento|perdón|error\b(?!:)|!|¡|amparo/i
    for (const { id, language, text } of sentences) expect(text, `${id} ${language}`).not.toMatch(forbidden)
  })

  it('says usted in Spanish, never tú', () => {
    const familiar = /(?<!\p{L})(tú|tu|tus|te|ti|contigo|tienes|puedes|pediste|dijiste|hiciste|dile|léele)(?!\p{L})/iu
    for (const { id, language, text } of sentences) if (language === 'es') expect(text, id).not.toMatch(familiar)
  })

  it('calls six numbers a code: a «clave» is a password to many, and we never ask for one', () => {
    for (const { id, language, text } of sentences) if (language === 'es') expect(text, id).not.toMatch(/\bclaves?\b/i)
  })

  it('fills the same names into both languages', () => {
    const names = (text: string) => new Set(text.match(/\{[a-z]\}/g))
    for (const [id, text] of Object.entries(all)) {
      if (id === 'warn.left') continue // Spanish needs *queda* or *quedan*.
      expect(names(text.es), id).toEqual(names(text.en))
    }
  })

  it('is short: 14 words a sentence on average, in both languages', () => {
    for (const language of ['en', 'es'] as const) {
      const parts = sentences
        .filter((one) => one.language === language)
        .flatMap(({ text }) => text.split(/[.?:](?:\s|$)/))
      const counts = parts.map((part) => part.split(/\s+/).filter(Boolean).length).filter((count) => count > 0)
      expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThanOrEqual(14)
      expect(Math.max(...counts)).toBeLessThanOrEqual(20)
    }
  })

  it('tells the time left as people say it', () => {
    const said = (seconds: number) => duration(seconds * 1000, 'en')
    expect([said(120), said(119), said(60), said(21), said(20), said(4)]).toEqual([
      '2 minutes',
      '2 minutes',
      '1 minute',
      '1 minute',
      '20 seconds',
      '10 seconds',
    ])
    expect(duration(60_000, 'es')).toBe('1 minuto')
  })

  it('speaks the language that was asked for, else the user’s, else the browser’s', () => {
    expect(languageOf('en', 'es', 'es')).toBe('en')
    expect(languageOf('fr', 'es', 'en')).toBe('es')
    expect(languageOf(undefined, undefined, 'fr, es-MX;q=0.8, en;q=0.5')).toBe('es')
    expect(languageOf(undefined, undefined, 'en;q=0.2, es;q=0')).toBe('en')
    expect(languageOf(undefined, undefined, undefined)).toBe('en')
  })
})
