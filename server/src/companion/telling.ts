/** How the page tells things: sentences filled in, hours, lengths and lists as people say them, and in which language. */
import type { Language } from '@amparo/contract/words'

/** `11 minutes`, `1 minute`, and at the very end `20 seconds`, `10 seconds`: rounded up, as people say it. */
export function duration(ms: number, language: Language): string {
  const seconds = Math.max(10, Math.ceil(ms / 10_000) * 10)
  const [count, unit] = ms <= 20_000 ? ([seconds, 'second'] as const) : ([Math.ceil(ms / 60_000), 'minute'] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** How long ago, in whole minutes: `less than a minute` at first. */
export const elapsed = (ms: number, language: Language): string =>
  ms < 60_000
    ? { en: 'less than a minute', es: 'menos de un minuto' }[language]
    : new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(
        Math.floor(ms / 60_000),
      )

const localeOf = (language: Language): string => ({ en: 'en-GB', es: 'es-ES' })[language]

export const hour = (at: Date, language: Language, timeZone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeStyle: 'short', timeZone }).format(at)

export const date = (at: Date, language: Language, timeZone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at)

/** The time zone as people call it, told once on a page. */
export const zone = (at: Date, language: Language, timeZone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeZone, timeZoneName: 'long' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value ?? timeZone

export const list = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(localeOf(language), { type: 'conjunction' }).format(names)

/** The user's own language where we know it, else the browser's first that we speak; `?lang=` wins over both. */
export function languageOf(
  asked: string | undefined,
  known: Language | undefined,
  acceptLanguage: string | undefined,
): Language {
  if (asked === 'en' || asked === 'es') return asked
  if (known) return known
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...more] = part.trim().toLowerCase().split(';')
      const q = more.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find((found) => found !== undefined)
      return { language: tag.split('-')[0], q: q === undefined ? 1 : Number(q) }
    })
    .filter((one) => one.q > 0)
    .sort((a, b) => b.q - a.q)
    .find((one) => one.language === 'en' || one.language === 'es')
  return wanted?.language === 'es' ? 'es' : 'en'
}
