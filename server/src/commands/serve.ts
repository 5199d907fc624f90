/** `amparo serve`: the server with the settings of the environment, until it is told to stop. */
import { InvalidArgumentError } from 'commander'
import { type Config, version } from '../config.ts'
import { screenOf } from './screen.ts'
import { configured } from './settings.ts'
import type { Register } from './terminal.ts'
import { untilTold } from './until-told.ts'

export const serveCommand: Register = (program, terminal) => {
  program
    .command('serve')
    .description(
      terminal.words({
        en: 'run the server with the settings of the environment',
        es: 'pone en marcha el servidor con los ajustes del entorno',
      }),
    )
    .option(
      '--wait <seconds>',
      terminal.words({
        en: 'how long to wait for a database that is away',
        es: 'cuánto esperar a una base de datos que no está',
      }),
      seconds,
      60,
    )
    .action(async ({ wait }: { wait: number }) => {
      const config = await configured()
      const screen = screenOf(process.stdout, process.env)
      await untilTold(async () => {
        screen.began({ en: 'production', es: 'producción' })
        const { serve } = await import('../main.ts')
        const running = await serve(config, { screen, patienceMs: wait * 1000 })
        screen.ready(linesOf(config), factsOf(config))
        return running
      })
    })
}

function seconds(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('A whole number of seconds.')
  return Number(text)
}

const linesOf = ({ consoleOrigin, issuerOrigin, companionOrigin, listen, surfaces }: Config) => {
  const { host, console, issuer, companion } = listen
  return [
    `  ${consoleOrigin}  ←  ${host}:${console}`,
    `  ${issuerOrigin}  ←  ${host}:${issuer}`,
    `  ${companionOrigin}  ←  ${host}:${companion}`,
    `  ${surfaces.map((one) => one.name.en).join(' · ')}`,
  ]
}

const factsOf = ({ consoleOrigin, issuerOrigin, companionOrigin, listen, surfaces }: Config) => ({
  amparo: version,
  console: consoleOrigin,
  issuer: issuerOrigin,
  companion: companionOrigin,
  listen,
  surfaces: surfaces.map((one) => one.id),
})
