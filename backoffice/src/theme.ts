/** The look, in one place: the tokens of `ux.md` §1, and Mantine's theme made of them. */
import {
  type CSSVariablesResolver,
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from '@mantine/core'

const light = {
  '--ink': '#10202e',
  '--ink-soft': '#44515c',
  '--paper': '#ffffff',
  '--page': '#f6f8f9',
  '--hairline': '#c9d2d9',
  '--field-line': '#6b7883',
  '--accent': '#0b6e6e',
  '--agent-ink': '#1d4e89',
  '--agent-paper': '#e6eef8',
  '--user-ink': '#8a4b08',
  '--user-paper': '#fdf1e2',
  '--live': '#1b6e3c',
  '--ended': '#44515c',
  '--refused': '#a61b1b',
  '--refused-paper': '#fbeaea',
}

const dark: typeof light = {
  '--ink': '#e8eef2',
  '--ink-soft': '#a9b4bd',
  '--paper': '#12181d',
  '--page': '#0b1014',
  '--hairline': '#34414b',
  '--field-line': '#7d8a95',
  '--accent': '#4fc3c0',
  '--agent-ink': '#9cc2f0',
  '--agent-paper': '#12233a',
  '--user-ink': '#f2be7e',
  '--user-paper': '#33210c',
  '--live': '#6fcf97',
  '--ended': '#a9b4bd',
  '--refused': '#ff8a80',
  '--refused-paper': '#331616',
}

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
  white: '#ffffff',
  black: '#10202e',
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
  light: { ...light, ...overMantine },
  dark: { ...dark, ...overMantine },
})

/** The whole theme as CSS: Mantine's variables first, then ours over them. */
export function themeCss(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  return `${convertCssVariables(defaultCssVariablesResolver(whole))}\n${convertCssVariables(tokens(whole))}`
}
