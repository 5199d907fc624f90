/**
 * The words that are here. Each language is a file of its own, asked for when it is wanted and until it has come. This
 * module has a script of its own in the page, before the console's, so that the words of the first screen are on their way
 * while the console still loads.
 */

import { addresses } from 'virtual:words'
import type { Language } from '@amparo/contract/words'

/** `late`: it did not come yet, and is asked for again. `gone`: the server has it no more; a newer console is installed. */
export type Coming = 'unasked' | 'asked' | 'late' | 'gone' | 'here'

const sentences: Partial<Record<Language, Readonly<Record<string, string>>>> = {}
const coming: Record<Language, Coming> = { en: 'unasked', es: 'unasked' }
const listeners = new Set<() => void>()
const longestMs = 15_000

export const isComing = (language: Language): Coming => coming[language]

export const wordIn = (language: Language, id: string): string | undefined => sentences[language]?.[id]

/** Hears of every change of `isComing`. */
export function heard(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks for a language, once however often it is wanted, and again after every failure. */
export function want(language: Language): void {
  if (coming[language] !== 'unasked') return
  now(language, 'asked')
  void come(language, 500)
}

async function come(language: Language, waitMs: number): Promise<void> {
  const answer = await ask(addresses[language])
  if (typeof answer === 'object') {
    sentences[language] = answer
    return now(language, 'here')
  }
  now(language, answer)
  await oneOf(waitMs, 'online')
  return come(language, Math.min(waitMs * 2, longestMs))
}

async function ask(address: string): Promise<Readonly<Record<string, string>> | 'late' | 'gone'> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(20_000) })
    if (response.ok) return await response.json()
    return response.status === 404 ? 'gone' : 'late'
  } catch {
    return 'late'
  }
}

/** After a while, or as soon as the window hears of a network. */
const oneOf = (waitMs: number, event: 'online'): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer)
      window.removeEventListener(event, go)
      resolve()
    }
    const timer = setTimeout(go, waitMs)
    window.addEventListener(event, go)
  })

function now(language: Language, how: Coming): void {
  if (coming[language] === how) return
  coming[language] = how
  for (const listener of listeners) listener()
}

// ── Which language ──────────────────────────────────────────────────────────────────────────────────────────────────

const kept = 'amparo.language'
const isLanguage = (text: string | null): text is Language => text === 'en' || text === 'es'

/** The one that was chosen here, else the browser's. */
export function ownLanguage(): Language {
  const remembered = localStorage.getItem(kept)
  if (isLanguage(remembered)) return remembered
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en'
}
export const keepLanguage = (language: Language): void => localStorage.setItem(kept, language)

want(ownLanguage())
