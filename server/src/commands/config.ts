/** `amparo config`: every setting, its value as far as it may be shown, where it comes from, and what it means. */
import { meaningOf, settingNames, settings, shown } from '../settings.ts'
import type { Register } from './terminal.ts'

export const configCommand: Register = (program, terminal) => {
  program
    .command('config')
    .description(
      terminal.words({
        en: 'every setting: its value, where it comes from, what it means',
        es: 'cada ajuste: su valor, de dónde viene y qué significa',
      }),
    )
    .option('--json')
    .action(({ json }: { json?: boolean }) => {
      const rows = settingNames.map((name) => {
        const given = process.env[name]?.trim()
        const value = given ? shown(name, given) : settings[name].unset
        const from: keyof typeof sources = given ? 'environment' : value === undefined ? 'unset' : 'default'
        return { name, ...(value === undefined ? {} : { value }), from, means: terminal.words(meaningOf(name)) }
      })
      terminal.answer(json, { settings: rows }, () =>
        rows.flatMap(({ name, value, from, means }) => [
          `${terminal.colours.bold(name)}  ${value ?? '–'}  ${terminal.colours.dim(terminal.words(sources[from]))}`,
          `    ${means}`,
        ]),
      )
    })
}

const sources = {
  environment: { en: '(environment)', es: '(entorno)' },
  default: { en: '(default)', es: '(por omisión)' },
  unset: { en: '(not set)', es: '(sin poner)' },
} as const
