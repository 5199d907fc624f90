/** `amparo serve`: the server with the settings of the environment, until it is told to stop. */
import { version } from '../config.ts'
import { configured } from './settings.ts'
import type { Register } from './terminal.ts'

export const serveCommand: Register = (program, terminal) => {
  program
    .command('serve')
    .description(
      terminal.words({
        en: 'run the server with the settings of the environment',
        es: 'pone en marcha el servidor con los ajustes del entorno',
      }),
    )
    .action(async () => {
      const config = await configured()
      const { serve } = await import('../main.ts')
      const running = await serve(config)
      terminal.say(`Amparo ${version} is ready: ${config.consoleOrigin}`)
      const leave = () => void running.stop().then(() => process.exit(0))
      process.once('SIGINT', leave)
      process.once('SIGTERM', leave)
    })
}
