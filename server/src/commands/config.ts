/**
 * `amparo config`: every setting, its value as far as it may be shown, where it comes from, and what it means; then what
 * the policy says. A policy file with faults is told as a start would tell it.
 */
import { readFileSync } from 'node:fs'
import { CannotStart, policyFrom } from '../config.ts'
import { presets } from '../policy/policy.ts'
import { type Policy, policyRows, valueAt } from '../policy/table.ts'
import { environment, meaningOf, settingNames, settings, shown } from '../settings.ts'
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
        const given = environment()[name]?.trim()
        const value = given ? shown(name, given) : settings[name].unset
        const file = process.env[`${name}_FILE`]?.trim()
        const set: keyof typeof sources = file ? 'file' : 'environment'
        const from: keyof typeof sources = given ? set : value === undefined ? 'unset' : 'default'
        return {
          name,
          ...(value === undefined ? {} : { value }),
          from,
          ...(file ? { file } : {}),
          means: terminal.words(meaningOf(name)),
        }
      })
      const policy = policyOf(environment().AMPARO_POLICY?.trim())
      const said = policyRows.map(({ path, field }) => ({
        path,
        value: JSON.parse(valueAt(policy, path)) as unknown,
        means: terminal.words(field.means),
      }))
      const { bold, dim } = terminal.colours
      terminal.answer(json, { settings: rows, policy: said }, () => [
        ...rows.flatMap(({ name, value, from, file, means }) => [
          `${bold(name)}  ${value ?? '–'}  ${dim(terminal.words(sources[from]))}${file ? dim(` ${file}`) : ''}`,
          `    ${means}`,
        ]),
        '',
        bold(terminal.words({ en: 'What the policy says', es: 'Lo que dice la política' })),
        ...said.flatMap(({ path, value, means }) => [`${bold(path)}  ${JSON.stringify(value)}`, `    ${means}`]),
      ])
    })
}

function policyOf(file: string | undefined): Policy {
  if (!file) return presets.standard
  try {
    return policyFrom(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof CannotStart) throw error
    const why = { en: 'there is no such file, or it is not JSON', es: 'no existe ese archivo o no es JSON' }
    throw new CannotStart([{ en: `AMPARO_POLICY  ${file}: ${why.en}`, es: `AMPARO_POLICY  ${file}: ${why.es}` }])
  }
}

const sources = {
  file: { en: '(file)', es: '(archivo)' },
  environment: { en: '(environment)', es: '(entorno)' },
  default: { en: '(default)', es: '(por omisión)' },
  unset: { en: '(not set)', es: '(sin poner)' },
} as const
