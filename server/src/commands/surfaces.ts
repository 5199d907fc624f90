/** `amparo surfaces`: the products that can be opened, as the settings have them, and as they are when they run. */
import { configured } from './settings.ts'
import { surfacesAddCommand } from './surfaces.add.ts'
import { surfacesCheckCommand } from './surfaces.check.ts'
import { surfacesKeyCommand } from './surfaces.key.ts'
import { surfacesSecretCommand } from './surfaces.secret.ts'
import type { Register } from './terminal.ts'

export const surfacesCommand: Register = (program, terminal) => {
  const surfaces = program
    .command('surfaces')
    .description(terminal.words({ en: 'the products that can be opened', es: 'los productos que se pueden abrir' }))
  surfaces
    .command('list')
    .description(terminal.words({ en: 'what the settings say of them', es: 'lo que dicen de ellos los ajustes' }))
    .option('--json')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = (await configured()).surfaces.map(({ id, name, offeredTo, powers, client }) => ({
        id,
        name,
        offeredTo,
        powers,
        ready: client !== undefined,
        ...(client
          ? { client: client.id, initiateLoginUri: client.initiateLoginUri, statusCheck: client.statusCheck }
          : {}),
      }))
      terminal.answer(json, { surfaces: rows }, () =>
        rows.map(
          (row) =>
            `${row.id}  ${row.name[terminal.language]}  ${row.offeredTo.join(', ')}  ${row.initiateLoginUri ?? '–'}`,
        ),
      )
    })
  surfacesAddCommand(surfaces, terminal)
  surfacesCheckCommand(surfaces, terminal)
  surfacesSecretCommand(surfaces, terminal)
  surfacesKeyCommand(surfaces, terminal)
}
