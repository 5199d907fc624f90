/** Where in a search somebody types, and what could stand there: no rule of the record, only text. */
import { type Qualifier, qualifiers } from '@amparo/contract/search'

/** The word around the cursor: still a qualifier, or the beginning of what it is given. */
export interface Place {
  readonly from: number
  readonly to: number
  readonly qualifier: Qualifier | undefined
  readonly text: string
}

/** A word, or a qualifier with a value; in quotation marks a value goes on over its spaces. */
const word = /[^\s:"]+:"[^"]*"?|\S+/gu

export function placeIn(line: string, cursor: number): Place {
  for (const match of line.matchAll(word)) {
    const [from, to] = [match.index, match.index + match[0].length]
    if (cursor < from) break
    if (cursor > to) continue
    const [, name, value = ''] = /^([^\s:"]+):"?([^"]*)/u.exec(match[0]) ?? []
    const qualifier = qualifiers.find((one) => one === name?.toLowerCase())
    return { from, to, qualifier, text: qualifier === undefined ? match[0] : value }
  }
  return { from: cursor, to: cursor, qualifier: undefined, text: '' }
}

/** Qualifiers that begin so and are not there yet; for any other word, those that a name can be given to. */
export function qualifiersFor({ text }: Place, taken: readonly Qualifier[]): readonly string[] {
  const free = qualifiers.filter((one) => !taken.includes(one))
  const begun = free.filter((one) => one.startsWith(text.toLowerCase()))
  if (begun.length > 0 || text === '') return begun.map((one) => `${one}:`)
  return free.filter((one) => one === 'agent' || one === 'user').map((one) => `${one}:${text}`)
}

/** The days that people search from or until, as the search takes them: midnight of UTC begins them. */
export function daysFor(text: string, now: Date): readonly string[] {
  const day = (back: number) => new Date(now.getTime() - back * 86_400_000).toISOString().slice(0, 10)
  const first = `${now.toISOString().slice(0, 7)}-01`
  return [...new Set([day(0), day(1), day(7), day(30), first])].filter((one) => one.startsWith(text))
}

/** The line with this in the place, and where the cursor stands then: behind a value there is room for the next word. */
export function put(
  line: string,
  { from, to }: Place,
  piece: string,
): { readonly line: string; readonly cursor: number } {
  const open = piece.endsWith(':')
  const rest = line.slice(to)
  const gap = open || rest.startsWith(' ') ? '' : ' '
  const before = line.slice(0, from) + piece + gap
  return { line: before + rest, cursor: before.length + (!open && gap === '' ? 1 : 0) }
}
