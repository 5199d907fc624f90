/**
 * The `amparo` command. Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 something outside does not
 * answer, 4 refused or not intact. `--json` where a program reads; Spanish where the environment is.
 */
import { Command, CommanderError } from 'commander'
import { commands } from './commands/table.ts'
import { terminalOf, toldOf } from './commands/terminal.ts'
import { version } from './config.ts'

const terminal = terminalOf(process.stdout, process.env)
const isForProgram = process.argv.includes('--json')
/** What is wrong with how the command was typed, as it is found: to a person at once, to a program in its answer. */
let wrongUse = ''
const program = new Command('amparo')
  .version(version)
  .description(
    terminal.words({
      en: 'Help a customer inside their account, with their consent.',
      es: 'Ayuda a un cliente dentro de su cuenta, con su permiso.',
    }),
  )
  .exitOverride()
  .showHelpAfterError(
    terminal.words({ en: 'Add --help to read what it takes.', es: 'Añade --help para leer lo que pide.' }),
  )
  .configureOutput({
    writeErr: (text) => {
      if (isForProgram) wrongUse += text
      else process.stderr.write(text)
    },
  })
for (const register of commands) register(program, terminal)

await program.parseAsync().catch((error: unknown) => {
  // Help is no failure.
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0)
  const { exit, says } = error instanceof CommanderError ? { exit: 2, says: [wrongUse.trim()] } : toldOf(error)
  const words = says.map(terminal.words)
  if (isForProgram) terminal.say(JSON.stringify({ exit, says: words }))
  else if (!(error instanceof CommanderError)) console.error(words.join('\n'))
  process.exit(exit)
})
