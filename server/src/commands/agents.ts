/** `amparo agents`: the people at the desk. */
import { CannotStart } from '../config.ts'
import { openSession } from '../identity/identity.store.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

export const agentsCommand: Register = (program, terminal) => {
  const agents = program
    .command('agents')
    .description(terminal.words({ en: 'the people at the desk', es: 'quienes atienden' }))
  agents
    .command('token <email>')
    .description(
      terminal.words({
        en: 'a token for a script; in production it can only read',
        es: 'una llave para un programa; en producción solo puede leer',
      }),
    )
    .option('--json')
    .action(async (email: string, { json }: { json?: boolean }) => {
      const token = await onDatabase(async (db) => {
        const [agent] = await db.query<{ id: string }>(
          'select id from agent where lower(email) = lower($1) and deactivated_at is null',
          [email],
        )
        if (!agent)
          throw new CannotStart([
            { en: `No active agent has the e-mail ${email}.`, es: `Ningún agente activo tiene el correo ${email}.` },
          ])
        return (await openSession(db, agent.id, 'bearer')).token
      })
      terminal.answer(json, { token }, () => [token])
    })
}
