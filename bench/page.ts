/** A small chart for a page of text: a bar for each of a few figures, as long as it is large. */

const longest = 40

/** Lines of bars, the largest of them forty places long; fenced, so that Markdown leaves them as they are. */
export function bars(figures: readonly (readonly [name: string, value: number])[], unit: string): string {
  const most = Math.max(...figures.map(([, value]) => value))
  const room = Math.max(...figures.map(([name]) => name.length))
  const lines = figures.map(([name, value]) => {
    const bar = '█'.repeat(Math.max(1, Math.round((value / most) * longest)))
    return `${name.padEnd(room)}  ${bar} ${said(value)} ${unit}`
  })
  return ['```text', ...lines, '```'].join('\n')
}

const said = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1))
