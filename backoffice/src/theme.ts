/** Mantine's theme, made of the one table of colours. */
// By its path, because the build's own configuration reads this file before any package is bundled.

import {
  type CSSVariablesResolver,
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from '@mantine/core'
import { dark, light, type Token } from '../../contract/src/look.ts'

/** The table's tokens as custom properties: `--ink`, `--paper`, … */
const asVariables = (table: Readonly<Record<Token, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([token, colour]) => [`--${token}`, colour]))

const teal: MantineColorsTuple = [
  '#e6f4f4',
  '#cbe7e6',
  '#9ad6d4',
  '#6fcbc8',
  '#4fc3c0',
  '#2ba3a1',
  '#16807f',
  '#0b6e6e',
  '#095a5a',
  '#064545',
]
const red: MantineColorsTuple = [
  '#fbeaea',
  '#f5d0d0',
  '#ffb3ac',
  '#ff9c93',
  '#ff8a80',
  '#f27067',
  '#bd2b2b',
  '#a61b1b',
  '#8a1414',
  '#6e0f0f',
]

const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'

export const theme = createTheme({
  colors: { teal, red },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  white: light.paper,
  black: light.ink,
  fontFamily: fonts,
  headings: { fontFamily: fonts, fontWeight: '650' },
  defaultRadius: '10px',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '16px', sm: '16px', md: '16px', lg: '18px', xl: '20px' },
  lineHeights: { xs: '1.5', sm: '1.5', md: '1.5', lg: '1.5', xl: '1.5' },
  components: {
    Button: { defaultProps: { size: 'md', variant: 'filled' } },
    TextInput: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
    NativeSelect: { defaultProps: { size: 'md' } },
  },
})

/** What Mantine's own defaults get wrong against the table: pale hints, pale errors, pale borders. */
const overMantine = {
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-dimmed': 'var(--ink-soft)',
  '--mantine-color-placeholder': 'var(--ink-soft)',
  '--mantine-color-error': 'var(--refused)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--paper)',
  '--mantine-color-default-hover': 'var(--page)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--field-line)',
}

const tokens: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...asVariables(light), ...overMantine },
  dark: { ...asVariables(dark), ...overMantine },
})

/** Paper is white, whatever the screen was. */
const onPaper = `@media print{:root[data-mantine-color-scheme='dark']{${Object.entries(asVariables(light))
  .map(([name, colour]) => `${name}:${colour};`)
  .join('')}}}`

/** The whole theme as CSS: Mantine's variables first, then ours over them. */
export function themeCss(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  return [convertCssVariables(defaultCssVariablesResolver(whole)), convertCssVariables(tokens(whole)), onPaper].join(
    '\n',
  )
}
