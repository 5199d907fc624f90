/** `amparo help WORD`: what a refusal or a setting means, and what to do. */
import { refusals, sentenceOf, statusOf } from '@amparo/contract/refusals'
import { Cannot } from '../cannot.ts'
import { isSetting, meaningOf } from '../settings.ts'
import type { Register } from './terminal.ts'

/** `config.database_url` is a refusal's spelling of `DATABASE_URL`. */
const settingOf = (word: string): string => word.replace(/^config\./, '').toUpperCase()

export const helpCommand: Register = (program, terminal) => {
  program.helpCommand(false)
  program
    .command('help [word]')
    .description(
      terminal.words({
        en: 'what a refusal, a setting or a command means',
        es: 'qué significa un rechazo, un ajuste o una orden',
      }),
    )
    .option('--json')
    .action((word: string | undefined, { json }: { json?: boolean }) => {
      const command = program.commands.find((one) => one.name() === word)
      if (word === undefined || command) return (command ?? program).outputHelp()
      const refusal = refusals.find((one) => one === word)
      if (refusal) {
        const says = terminal.words(sentenceOf(refusal))
        return terminal.answer(json, { refusal, status: statusOf(refusal), says }, () => [
          `${refusal} (${statusOf(refusal)})`,
          says,
        ])
      }
      const name = settingOf(word)
      if (isSetting(name)) {
        const means = terminal.words(meaningOf(name))
        return terminal.answer(json, { setting: name, means }, () => [name, means])
      }
      throw new Cannot(2, [
        {
          en: `${word} is no command, refusal or setting. Refusals look like code.spent, settings like DATABASE_URL.`,
          es: `${word} no es una orden, un rechazo ni un ajuste. Un rechazo es como code.spent, un ajuste como DATABASE_URL.`,
        },
      ])
    })
}
