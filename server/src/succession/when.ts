/** An instant as people read it: written out with its zone, and in words from now. */
import type { WhenSeen } from '@amparo/contract/succession'
import type { Language } from '@amparo/contract/words'

const locales = { en: 'en-GB', es: 'es-ES' } as const

export function when(at: Date, now: Date, language: Language, timeZone: string): WhenSeen {
  return { at: at.toISOString(), text: written(at, language, timeZone), relative: relative(at, now, language) }
}

/** Formats are dear to make and cheap to keep: one for each language and zone. */
const mostFormats = 200
const formats = new Map<string, Intl.DateTimeFormat>()
function format(style: 'written' | 'day', language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${style} ${language} ${timeZone}`
  const known = formats.get(key)
  if (known) return known
  const date = { day: 'numeric', month: 'short', year: 'numeric', timeZone } as const
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const
  if (formats.size >= mostFormats) formats.clear()
  const made = new Intl.DateTimeFormat(locales[language], style === 'day' ? date : { ...date, ...time })
  formats.set(key, made)
  return made
}

/** `22 Nov 2026, 10:42 CET`. */
const written = (at: Date, language: Language, timeZone: string): string =>
  format('written', language, timeZone).format(at)

/** `3 Nov 2026`. */
export const day = (at: Date, language: Language, timeZone: string): string =>
  format('day', language, timeZone).format(at)

/** `in 3 h 12 min`, `47 days ago`; `dentro de 3 h 12 min`, `hace 47 días`. */
export function relative(at: Date, now: Date, language: Language): string {
  const ms = at.getTime() - now.getTime()
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  if (minutes === 0) return { en: 'now', es: 'ahora mismo' }[language]
  const length = lengthOf(minutes, language)
  if (ms > 0) return language === 'es' ? `dentro de ${length}` : `in ${length}`
  return language === 'es' ? `hace ${length}` : `${length} ago`
}

function lengthOf(minutes: number, language: Language): string {
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return inDays(Math.floor(hours / 24), language)
  const rest = minutes % 60
  if (hours === 0) return `${rest} min`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

const lengths = {
  en: new Intl.NumberFormat('en', { style: 'unit', unit: 'day', unitDisplay: 'long' }),
  es: new Intl.NumberFormat('es', { style: 'unit', unit: 'day', unitDisplay: 'long' }),
} as const
const inDays = (count: number, language: Language): string => lengths[language].format(count)

/** A time zone that this machine knows, or UTC. */
export function zoneNamed(name: string | undefined): string {
  if (name === undefined) return 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}
