/**
 * What fits into one SMS. A segment holds 160 places of the GSM 7-bit alphabet (3GPP TS 23.038); one letter outside of it
 * turns the whole message into segments of 70, so names are folded into that alphabet first.
 */
import type { Bilingual } from '@amparo/contract/words'
import type { Vendor } from './letter.ts'

export const segmentPlaces = 160

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('\f^{}\\[~]|€')

/** How many of the 160 places a text takes, or undefined where it holds a letter that GSM 7-bit has not. */
export function gsm7Length(text: string): number | undefined {
  let places = 0
  for (const letter of text) {
    if (basic.has(letter)) places += 1
    else if (extended.has(letter)) places += 2
    else return undefined
  }
  return places
}

/**
 * The last line by which a phone offers a code on pages of this host alone (WICG, *Origin-bound one-time codes*); only for
 * codes that whoever gets them types into a page.
 */
export const boundTo = (host: string | undefined, digits: string): string =>
  host === undefined ? '' : `\n@${host} #${digits}`

/** The most that a folded name takes. */
export const longestName = 14

/**
 * A person's name as an SMS can carry it: GSM 7-bit letters only, at most 14, still recognisable (`Łukasz` → `Lukasz`,
 * `María José Gutiérrez` → `Maria José G.`). Nothing in it can be taken for a code or a link. A name in a script that
 * we do not transliterate becomes `otherwise`: the mail and the page show it as it is written.
 */
export function fold(name: string, otherwise = 'your agent'): string {
  const words = gsmLetters(name)
    .replace(/[^\p{L}' .-]/gu, '')
    .replace(/\.(?=[^ ])/g, '')
    .split(' ')
    .map((word) => word.replace(/^[-'.]+|[-']+$/g, ''))
    .filter((word) => word !== '')
  const letters = words.join('').replace(/[^\p{L}]/gu, '').length
  return letters < 2 ? otherwise : shortened(words)
}

/** The vendor's name as an SMS can carry it. Its length is the operator's choice: `checkSms` says where it is too long. */
export const foldCompany = (name: string): string => gsmLetters(name).trim()

/** The longest beginning that fits, with the initial of the last word; never a dangling `de` or `van der`. */
function shortened(words: readonly string[]): string {
  const whole = words.join(' ')
  if (whole.length <= longestName) return whole
  const [first = ''] = words
  const initial = words.length > 1 ? ` ${[...(words.at(-1) ?? '')][0]?.toUpperCase() ?? ''}.` : ''
  for (let count = words.length - 1; count > 0; count -= 1) {
    if (count > 1 && /^\p{Ll}/u.test(words[count - 1] ?? '')) continue
    const short = words.slice(0, count).join(' ') + initial
    if (short.length <= longestName) return short
  }
  return initial === ''
    ? `${first.slice(0, longestName - 1)}.`
    : `${first.slice(0, longestName - initial.length)}${initial}`
}

/** Every letter as itself where GSM 7-bit has it, else as its nearest Latin letters, else not at all. */
function gsmLetters(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s\p{Cc}\p{Z}]+/gu, ' ')
    .trim()
  return [
    ...plain
      .replace(/[‐-―−]/g, '-')
      .replace(/[‘’ʻʼ′`´]/g, "'")
      .replace(/ου/g, 'ou'),
  ]
    .map(gsmLetter)
    .join('')
}

function gsmLetter(letter: string): string {
  if (letter.length === 1 && basic.has(letter) && !/\p{Script=Greek}/u.test(letter)) return letter
  const base = letter.normalize('NFD').replace(/\p{M}/gu, '')
  const small = base.toLowerCase()
  const latin = /^[a-z]$/.test(small) ? small : (nearest[letter.toLowerCase()] ?? nearest[small])
  if (latin === undefined) return ''
  return small === base ? latin : latin.charAt(0).toUpperCase() + latin.slice(1)
}

const pairs = (from: string, to: string): [string, string][] => {
  const sounds = to.split(' ')
  return [...from].map((letter, at) => [letter, sounds[at] ?? ''])
}

const nearest: Readonly<Record<string, string>> = Object.fromEntries([
  ...pairs('łđðþħıŋœĸŧſəƒɓɗɛɔ', 'l d d th h i ng oe k t s e f b d e o'),
  ...pairs('αβγδεζηθικλμνξοπρστυφχψως', 'a v g d e z i th i k l m n x o p r s t y f ch ps o s'),
  ...pairs(
    'абвгдеёжзийклмнопрстуфхцчшщъыьэюя',
    'a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch  y  e yu ya',
  ),
  ...pairs('єіїґђјљњћџўѓќѕәғқңөұүһ', 'ye i yi g dj j lj nj c dz u g k dz a g k n o u u h'),
])

// ── What an assistance's SMS say ─────────────────────────────────────────────────────────────────────────────────────

/** What they name, as an SMS can carry it. */
export interface SmsFacts {
  readonly company: string
  readonly agent: Bilingual
  readonly digits: string
  readonly sayFirst: string
  readonly link: string
}

export function smsFacts(
  vendor: Vendor,
  o: { agentName: string; link: string; digits?: string; sayFirst?: string },
): SmsFacts {
  return {
    company: foldCompany(vendor.name),
    agent: { en: fold(o.agentName, 'your agent'), es: fold(o.agentName, 'su agente') },
    digits: o.digits ?? '',
    sayFirst: o.sayFirst ?? '',
    link: shortLink(o.link),
  }
}

/** A link as an SMS shows it: telephones complete `help.acme.com/c/…` to https by themselves. */
export const shortLink = (link: string): string => link.replace(/^https:\/\//, '')
