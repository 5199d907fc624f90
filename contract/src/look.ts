/**
 * The colours of every face of ours (console, companion page, inbox, mails, banner): this table and no other. Where a
 * style sheet is a file of its own, a test compares it with this one (`docs/look.test.ts`). The vendor's products, and
 * the demo's, have looks of their own.
 */
export const light = {
  ink: '#10202e',
  'ink-soft': '#44515c',
  paper: '#ffffff',
  page: '#f6f8f9',
  hairline: '#c9d2d9',
  'field-line': '#6b7883',
  accent: '#0b6e6e',
  'accent-paper': '#e6f4f4',
  'agent-ink': '#1d4e89',
  'agent-paper': '#e6eef8',
  'user-ink': '#8a4b08',
  'user-paper': '#fdf1e2',
  live: '#1b6e3c',
  'live-paper': '#e7f4ec',
  ended: '#44515c',
  refused: '#a61b1b',
  'refused-paper': '#fbeaea',
} as const

export type Token = keyof typeof light

export const dark: Readonly<Record<Token, string>> = {
  ink: '#e8eef2',
  'ink-soft': '#a9b4bd',
  paper: '#12181d',
  page: '#0b1014',
  hairline: '#34414b',
  'field-line': '#7d8a95',
  accent: '#4fc3c0',
  'accent-paper': '#0f2a2b',
  'agent-ink': '#9cc2f0',
  'agent-paper': '#12233a',
  'user-ink': '#f2be7e',
  'user-paper': '#33210c',
  live: '#6fcf97',
  'live-paper': '#11291b',
  ended: '#a9b4bd',
  refused: '#ff8a80',
  'refused-paper': '#331616',
}

/** The banner of an assisted surface: the same in both themes, and nobody's own colours. */
export const banner = { ink: '#0b0c0c', paper: '#ffdd00' } as const

const declared = (table: Readonly<Record<Token, string>>): string =>
  Object.entries(table)
    .map(([token, colour]) => `--${token}:${colour};`)
    .join('')

/** The table as CSS, for a page that follows the reader's system. */
export const lookCss = (): string =>
  `:root{color-scheme:light dark;${declared(light)}}@media screen and (prefers-color-scheme:dark){:root{${declared(dark)}}}`
