/** What the doctor sees of the vendor's successions: each view, how much of it is in words of ours, and three lists. */
import type { Bilingual } from '@amparo/contract/words'
import type { Sample, ViewReport } from '../core/report.ts'
import { successions } from '../core/successions.ts'
import type { Database } from '../database/database.ts'
import { ownLine } from '../messages/letter.ts'
import { definitionWith, packs } from '../succession/definition.ts'
import { type Finding, pass, warn } from './doctor.finding.ts'

/** Nothing here keeps the product from starting: what is missing switches Ecosystem Admin, or a part of it, off. */
export async function ofSuccessions(db: Database, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const definition = definitionWith(packs.filter((name) => name === env.AMPARO_SUCCESSION_PACKS))
  const theirs = successions(db, undefined, definition)
  await theirs.check()
  const { off, partsOff, functions, views, samples } = await theirs.report()
  const isSetUp = theirs.isSetUp()
  return [
    ...(isSetUp ? off.map((says) => warn('ecosystem admin', says)) : [pass('ecosystem admin', notSetUp)]),
    ...(isSetUp ? partsOff.map((says) => warn('ecosystem admin', says)) : []),
    ...views.map(viewFinding),
    ...(off.length > 0 ? [] : [waysFinding(functions, Boolean(env.AMPARO_RELEASE_WEBHOOK))]),
    ...samples.map(sampleFinding),
  ]
}

const notSetUp: Bilingual = {
  en: 'not set up: amparo_core.successions and amparo_core.succession_activity are not there',
  es: 'sin configurar: no existen amparo_core.successions ni amparo_core.succession_activity',
}

function viewFinding({ view, rows, columns, absent, newest, unknown }: ViewReport): Finding {
  const without = absent.join(', ')
  const day = newest?.toISOString().slice(0, 10)
  const en = [
    `${columns} columns of the right types`,
    ...(absent.length > 0 ? [`without ${without}`] : []),
    `${rows} rows`,
    ...(day === undefined ? [] : [`newest ${day}`]),
  ]
  const es = [
    `${columns} columnas del tipo debido`,
    ...(absent.length > 0 ? [`sin ${without}`] : []),
    `${rows} filas`,
    ...(day === undefined ? [] : [`la última del ${day}`]),
  ]
  if (!unknown) return pass(view, { en: en.join(', '), es: es.join(', ') })
  if (unknown.rows === 0)
    return pass(view, {
      en: [...en, 'every wording is known'].join(', '),
      es: [...es, 'se conocen todas las palabras'].join(', '),
    })
  const share = `${unknown.rows} (${((100 * unknown.rows) / rows).toFixed(1)} %)`
  const wordings = unknown.wordings.map((one) => `“${ownLine(one.text, 80)}” (${one.rows})`).join(', ')
  return warn(view, {
    en: `${[...en, `${share} in words that are none of ours, shown as notes`].join(', ')}: ${wordings}`,
    es: `${[...es, `${share} en palabras que no son nuestras, mostradas como notas`].join(', ')}: ${wordings}`,
  })
}

function waysFinding(functions: readonly string[], hasWebhook: boolean): Finding {
  const ways = [
    ...functions.map((name) => `amparo_core.${name}`),
    ...(hasWebhook && !functions.includes('release_succession') ? ['AMPARO_RELEASE_WEBHOOK'] : []),
  ].join(', ')
  return ways === ''
    ? pass('releases', {
        en: 'no function and no webhook: successions are shown, nothing can be released',
        es: 'sin función ni webhook: las sucesiones se muestran, nada se puede desbloquear',
      })
    : pass('releases', { en: `handed to ${ways}`, es: `se entregan a ${ways}` })
}

/** `SUC-1  claim, blocked: 9 entries, 2026-06-01 step.done successor_named … 2026-11-19 step.rejected validation_review`. */
function sampleFinding({ caseRef, state, blocked, entries }: Sample): Finding {
  const line = (one: Sample['entries'][number] | undefined) =>
    one === undefined ? '–' : [one.at.toISOString().slice(0, 10), one.type, one.stepKey ?? ''].join(' ').trim()
  const ends = entries.length < 2 ? line(entries[0]) : `${line(entries[0])} … ${line(entries.at(-1))}`
  const stands = ownLine(state, 40)
  return pass(ownLine(caseRef, 40), {
    en: `${stands}${blocked ? ', blocked' : ''}: ${entries.length} entries, ${ends}`,
    es: `${stands}${blocked ? ', bloqueada' : ''}: ${entries.length} entradas, ${ends}`,
  })
}
