/**
 * `amparo stop`: assisted access is off at once, on this machine by a file that every process here reads, and everywhere
 * by the database as soon as there is one. `amparo lift` switches on again; that needs the record.
 */
import { Cannot, type Sentence } from '../cannot.ts'
import { stopFileOf } from '../config.ts'
import { cutsStanding, liftCut, makeCut, type Standing } from '../cutoff/cutoff.store.ts'
import type { Cut } from '../cutoff/cutoff.ts'
import { flagsIn, raise, takeDown } from '../cutoff/flag.ts'
import { isConnectionTrouble } from '../database/database.ts'
import { settleAllCut } from '../desk/endings.ts'
import { environment } from '../settings.ts'
import { closeCutSurfaces } from '../surfaces/surfaces.store.ts'
import { system } from '../words.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

interface Options {
  readonly surface?: string
  readonly ecosystem?: string
  readonly why?: string
  readonly list?: boolean
  readonly json?: boolean
}

export const stopCommand: Register = (program, terminal) => {
  program
    .command('stop')
    .description(
      terminal.words({
        en: 'switch assisted access off now, also while the database is away: everything, a product, an ecosystem',
        es: 'corta ya el acceso asistido, también sin base de datos: todo, un producto o un ecosistema',
      }),
    )
    .option('--surface <id>', terminal.words({ en: 'only this product', es: 'solo este producto' }))
    .option('--ecosystem <id>', terminal.words({ en: 'only this ecosystem', es: 'solo este ecosistema' }))
    .option('--why <text>', terminal.words({ en: 'one line, for the record', es: 'una línea, para el registro' }))
    .option('--list', terminal.words({ en: 'what is switched off', es: 'lo que está cortado' }))
    .option('--json')
    .action(async (options: Options) => {
      if (options.list) {
        const standing = await standingNow()
        return terminal.answer(options.json, { cutoffs: standing }, () =>
          standing.length === 0 ? [{ en: 'Nothing is switched off.', es: 'No hay nada cortado.' }] : standing.map(line),
        )
      }
      const stopped = await stop(cutOf(options), options.why ?? 'amparo stop')
      terminal.answer(options.json, stopped, () => toldOf(stopped))
    })
}

export const liftCommand: Register = (program, terminal) => {
  program
    .command('lift <id>')
    .description(
      terminal.words({
        en: 'switch on again what amparo stop --list shows',
        es: 'restablece lo que muestra amparo stop --list',
      }),
    )
    .option('--why <text>', terminal.words({ en: 'one line, for the record', es: 'una línea, para el registro' }))
    .option('--json')
    .action(async (id: string, { why, json }: Options) => {
      const lifted = await onDatabase(async (db) => {
        const { ended, isLeft } = await settleAllCut(db)
        if (isLeft) throw new Cannot(4, [notSwitchedOn])
        for (let more = 1; more > 0; ) more = await closeCutSurfaces(db)
        return { lifted: await liftCut(db, id, system('operator'), why ?? 'amparo lift'), ended }
      })
      if (!lifted.lifted)
        throw new Cannot(4, [
          {
            en: `${id} is not switched off. What is: amparo stop --list`,
            es: `${id} no está cortado. Lo que lo está: amparo stop --list`,
          },
        ])
      terminal.answer(json, lifted, () => [
        { en: 'Switched on again. What had ended stays ended.', es: 'Restablecido. Lo que terminó sigue terminado.' },
      ])
    })
}

const notSwitchedOn: Sentence = {
  en: 'Not switched on: somebody holds help that the cut has ended, and it would live again. Try again in a moment.',
  es: 'No se restablece: alguien retiene una ayuda que el corte terminó, y volvería a vivir. Inténtalo de nuevo en un momento.',
}

const stillHeld: Sentence = {
  en: 'Somebody holds help that this has ended: it is over all the same, and goes into the record once they let go of it.',
  es: 'Alguien retiene una ayuda que esto terminó: ha terminado igualmente, y pasará al registro cuando la suelte.',
}

function cutOf({ surface, ecosystem }: Options): Cut {
  if (surface !== undefined && ecosystem !== undefined)
    throw new Cannot(2, [
      { en: 'Name a product or an ecosystem, not both.', es: 'Nombra un producto o un ecosistema, no ambos.' },
    ])
  if (surface !== undefined) return { scope: 'surface', target: surface }
  return ecosystem === undefined ? { scope: 'everything' } : { scope: 'ecosystem', target: ecosystem }
}

/** Where it took hold: here, by the file; everywhere, by the database. */
interface Stopped {
  readonly here: boolean
  readonly everywhere: boolean
  readonly ended: number
  /** Somebody holds what it has ended: that is over too, and is written once they let go. */
  readonly held: boolean
  readonly file: string
}

/** The file first: it needs nobody. It is taken down once the database has it. */
async function stop(cut: Cut, why: string): Promise<Stopped> {
  const file = stopFileOf(environment())
  const flagged = { ...cut, why, at: new Date().toISOString() }
  const here = raised(file, flagged)
  try {
    const { ended, held } = await onDatabase(async (db) => {
      await makeCut(db, { ...cut, why, by: system('operator') })
      const settled = await settleAllCut(db)
      return { ended: settled.ended + (await closeCutSurfaces(db)), held: settled.isLeft }
    })
    if (here) takeDown(file, flagged)
    return { here, everywhere: true, ended, held, file }
  } catch (error) {
    if (!here || !(error instanceof Cannot || isConnectionTrouble(error))) throw error
    return { here, everywhere: false, ended: 0, held: false, file }
  }
}

function raised(file: string, flagged: Parameters<typeof raise>[1]): boolean {
  try {
    raise(file, flagged)
    return true
  } catch {
    return false
  }
}

const toldOf = ({ everywhere, ended, held, file }: Stopped): readonly Sentence[] =>
  everywhere
    ? [
        {
          en: `Switched off everywhere. ${ended} ended. On again: amparo stop --list, then amparo lift ID`,
          es: `Cortado en todas partes. Terminadas: ${ended}. Para restablecer: amparo stop --list y amparo lift ID`,
        },
        ...(held ? [stillHeld] : []),
      ]
    : [
        {
          en: `The database is away. Switched off on this machine (${file}); it goes into the record when the database is back.`,
          es: `No hay base de datos. Cortado en esta máquina (${file}); pasará al registro cuando vuelva la base de datos.`,
        },
        {
          en: 'Servers on other machines refuse as well while they have no database. Run this there too.',
          es: 'Los servidores de otras máquinas también se niegan mientras no tengan base de datos. Ejecútalo también allí.',
        },
      ]

const line = (one: Listed): Sentence =>
  [one.id, one.scope, one.target, one.since, one.why].filter((part) => part !== undefined && part !== null).join('  ')

interface Listed {
  readonly id: string
  readonly scope: string
  readonly target?: string | undefined
  readonly since: string
  readonly why: string | null
}

async function standingNow(): Promise<readonly Listed[]> {
  const here = flagsIn(stopFileOf(environment())).map(({ at, ...one }) => ({ id: '(file)', since: at, ...one }))
  const listed = ({ id, scope, target, madeAt, why }: Standing) => ({
    id,
    scope,
    target,
    since: madeAt.toISOString(),
    why,
  })
  return [...here, ...(await onDatabase(cutsStanding)).map(listed)]
}
