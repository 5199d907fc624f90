/** What a page of results is made of. */
import { loadavg } from 'node:os'
import { machine } from './machine.ts'

/** When, on what, and by which words after `npm run bench --`; and under which load, where times by the clock are told. */
export function measuredBy(words: string, isByTheClock = true): string {
  const load = isByTheClock ? `, under a load of ${loadavg()[0]?.toFixed(0)} by other work` : ''
  return `Measured on ${today()}: ${machine()}${load}. \`npm run bench -- ${words}\``
}

export const today = (): string => new Date().toISOString().slice(0, 10)

export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** A figure with as many digits as are worth reading. */
export const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1))

const longest = 40

/** A small chart: lines of bars, the largest of them forty places long; fenced, so that Markdown leaves them as they are. */
export function bars(figures: readonly (readonly [name: string, value: number])[], unit: string): string {
  const most = Math.max(...figures.map(([, value]) => value))
  const room = Math.max(...figures.map(([name]) => name.length))
  const lines = figures.map(([name, value]) => {
    const bar = '█'.repeat(Math.max(1, Math.round((value / most) * longest)))
    return `${name.padEnd(room)}  ${bar} ${short(value)} ${unit}`
  })
  return ['```text', ...lines, '```'].join('\n')
}
