/**
 * The `amparo` command. Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 something outside does not
 * answer, 4 refused or not intact. `--json` where a program reads; Spanish where the environment is.
 */
import { Command, CommanderError } from 'commander'
import { commands } from './commands/table.ts'
import { terminalOf, toldOf } from './commands/terminal.ts'
import { version } from './config.ts'

const terminal = terminalOf(process.stdout, process.env)
const program = new Command('amparo')
  .version(version)
  .description(
    terminal.words({
      en: 'Help a customer inside their account, with their consent.',
      es: 'Ayuda a un cliente dentro de su cuenta, con su permiso.',
    }),
  )
  .exitOverride()
for (const register of commands) register(program, terminal)

await program.parseAsync().catch((error: unknown) => {
  // Wrong use: commander has said so already. Its help is no failure.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
  const { exit, says } = toldOf(error)
  const words = says.map(terminal.words)
  if (process.argv.includes('--json')) terminal.say(JSON.stringify({ exit, says: words }))
  else console.error(words.join('\n'))
  process.exit(exit)
})
