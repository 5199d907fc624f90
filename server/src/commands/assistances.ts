/** `amparo assistances`: what is under way, and ending one from where the server is. Ids, never names. */
import { setTimeout as pause } from 'node:timers/promises'
import { read } from '../assistance/assistance.store.ts'
import { Cannot } from '../cannot.ts'
import type { Database } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { surfacesOf } from '../surfaces/surfaces.store.ts'
import { assistanceId, system } from '../words.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

interface Row {
  readonly id: string
  readonly state: string
  readonly because: string | null
  readonly agent: string
  readonly openedAt: Date
  readonly closedAt: Date | null
}

export const assistancesCommand: Register = (program, terminal) => {
  const assistances = program
    .command('assistances')
    .description(
      terminal.words({
        en: 'the last hundred, or what is under way',
        es: 'las últimas cien, o las que están en curso',
      }),
    )
    .option('--open', terminal.words({ en: 'only those under way', es: 'solo las que están en curso' }))
    .option('--json')
    .action(async ({ open, json }: { open?: boolean; json?: boolean }) => {
      const rows = await onDatabase((db) =>
        db.query<Row>(
          `select id, state, because, agent_id as agent, opened_at as "openedAt", closed_at as "closedAt"
             from assistance ${open ? 'where closed_at is null' : ''} order by opened_at desc, id limit 100`,
        ),
      )
      terminal.answer(json, { assistances: rows }, () =>
        rows.length === 0
          ? [{ en: 'None.', es: 'Ninguna.' }]
          : rows.map((row) => `${row.id}  ${row.openedAt.toISOString()}  ${row.agent}  ${row.because ?? row.state}`),
      )
    })
  assistances
    .command('end <id>')
    .description(terminal.words({ en: 'end one now, everywhere', es: 'termina una ahora, en todas partes' }))
    .option('--json')
    .action(async (text: string, _options: unknown, command: { optsWithGlobals(): { json?: boolean } }) => {
      const { json } = command.optsWithGlobals()
      const ended = await onDatabase((db) => end(db, text))
      terminal.answer(json, ended, () => [
        { en: `${ended.id} is closed (${ended.because}).`, es: `${ended.id} está cerrada (${ended.because}).` },
        ...ended.surfaces.map(({ surface, seconds }) =>
          seconds === undefined
            ? {
                en: `${surface}: not acknowledged yet; its access is dead all the same.`,
                es: `${surface}: aún sin confirmar; su acceso está muerto de todos modos.`,
              }
            : { en: `${surface}: acknowledged after ${seconds} s.`, es: `${surface}: confirmada a los ${seconds} s.` },
        ),
      ])
    })
}

const patienceMs = 3000

/** Ends it, and waits a moment for the acknowledgements that a running server gathers. */
async function end(db: Database, text: string) {
  const id = assistanceId(text)
  const found = id && (await read(db, id))
  if (!id || !found)
    throw new Cannot(2, [{ en: `There is no assistance ${text}.`, es: `No existe la asistencia ${text}.` }])
  await close(db, id, { because: 'closed_by_supervisor', actor: system('operator') })
  const until = performance.now() + patienceMs
  let surfaces = (await surfacesOf(db, id)).filter((one) => one.tokenAt)
  while (performance.now() < until && surfaces.some((one) => !one.ackedAt)) {
    await pause(100)
    surfaces = (await surfacesOf(db, id)).filter((one) => one.tokenAt)
  }
  const now = await read(db, id)
  const closed = now?.assistance.state === 'closed' ? now.assistance : undefined
  return {
    id,
    because: closed?.because,
    closedAt: closed?.closedAt,
    surfaces: surfaces.map(({ surface, ackedAt }) => ({
      surface,
      ...(ackedAt && closed ? { seconds: Math.max(0, (ackedAt.getTime() - closed.closedAt.getTime()) / 1000) } : {}),
    })),
  }
}
