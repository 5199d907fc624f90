/** The door of the record: auditors only, and reading it, verifying it and taking it away are events too. */
import { exportFormats, mostCounted, mostInPdf } from '@amparo/contract/audit'
import { longestSearch, parseSearch, searchFaultSentence } from '@amparo/contract/search'
import { type Language, languages } from '@amparo/contract/words'
import { keyText } from '@amparo/verifier/checkpoint'
import { faultSaid } from '@amparo/verifier/words'
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller, type Door } from '../door.ts'
import { accept, noCursor, type Outcome, refuse } from '../outcome.ts'
import { countOf, events } from './audit.store.ts'
import type { Happening } from './event.ts'
import { exportOf, fewOf, nowOf, type Search } from './export.store.ts'
import { figuresOf } from './figures.store.ts'
import {
  checkpointAt,
  consistencyOf,
  inclusionOf,
  newestCheckpoint,
  type RecordKeys,
  type Signed,
  verifyingKeys,
} from './log.store.ts'
import { pdfOf } from './pdf.ts'
import { suggestionsOf } from './suggest.store.ts'
import { verifyTimed } from './verify.store.ts'

export interface Outside {
  readonly db: Database
  readonly record: RecordKeys
}

export function auditRoutes(door: Door, { db, record }: Outside): void {
  door('auditEvents', async ({ caller, query: { q = '', ...fields } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    if (fields.cursor !== undefined && !/^[0-9]{1,18}$/.test(fields.cursor)) return refuse('request.invalid', noCursor)
    const search = searchIn(q)
    if (!search.ok) return search
    const page = await events(db, { ...fields, ...search.value })
    await readingNoted(db, caller, { what: 'events', rows: page.items.length }, q)
    return accept(page)
  })
  door('auditCount', async ({ caller, query: { q = '' } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const search = searchIn(q)
    if (!search.ok) return search
    const counted = await countOf(db, search.value, mostCounted)
    await readingNoted(db, caller, { what: 'count', rows: counted.events }, q)
    return accept(counted)
  })
  door('auditFigures', async ({ caller, query: { q = '', timeZone } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const search = searchIn(q)
    if (!search.ok) return search
    const { after, before } = search.value
    const counted = await figuresOf(db, { after, before, timeZone })
    if (!counted.ok) return counted
    await readingNoted(db, caller, { what: 'figures', days: counted.value.days.length }, q)
    return counted
  })
  door('auditSuggestions', async ({ caller, query: { of, text } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const items = await suggestionsOf(db, of, text.trim())
    if (of !== 'type' && of !== 'because')
      await readingNoted(db, caller, { what: 'suggestions', of, rows: items.length }, text)
    return accept({ items })
  })
  const seen = ({ size, root, note }: Signed) => ({
    size,
    root: root.toString('base64'),
    note,
    key: keyText(record.key),
  })
  door('auditCheckpoint', async ({ caller, query: { since } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const newest = await newestCheckpoint(db)
    if (!newest) return refuse('record.not_reached')
    if (since === undefined) return accept(seen(newest))
    if (!(await checkpointAt(db, since))) return refuse('record.not_reached')
    const path = await consistencyOf(db, since, newest.size)
    return accept({ ...seen(newest), consistency: path.map((hash) => hash.toString('base64')) })
  })
  door('auditProof', async ({ caller, params: { seq = '' } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const proof = /^\d{1,15}$/.test(seq) ? await inclusionOf(db, Number(seq)) : undefined
    if (!proof) return refuse('record.not_reached')
    return accept({
      seq: proof.seq,
      leaf: proof.leaf.toString('base64'),
      path: proof.path.map((hash) => hash.toString('base64')),
      checkpoint: seen(proof.checkpoint),
    })
  })
  door('verifyRecord', async ({ caller, body: { witnesses } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    const newest = await newestCheckpoint(db)
    const { verdict: found, seconds } = await verifyTimed(db, verifyingKeys(record), witnesses)
    const { root: _, faults, ...verdict } = found
    await noteLoose(db, {
      type: 'record.verified',
      actor: actorOf(caller),
      data: { entries: verdict.entries, faults: verdict.count, witnesses: verdict.witnesses },
    })
    return accept({
      ...verdict,
      seconds,
      signed: newest ? { size: newest.size, at: newest.at } : null,
      faults: faults.map((fault) => ({
        fault: fault.fault,
        ...('seq' in fault && fault.seq !== undefined ? { seq: fault.seq } : {}),
        ...('id' in fault && fault.id !== undefined ? { id: fault.id } : {}),
        says: faultSaid(fault),
      })),
    })
  })
}

/** Whoever reads the record leaves in it that they did, what it was, and what they searched for. */
const readingNoted = (
  db: Database,
  caller: Caller,
  data: NonNullable<Happening['data']>,
  searched: string,
): Promise<void> =>
  noteLoose(db, {
    type: 'record.read',
    actor: actorOf(caller),
    data,
    words: { search: searched.trim() || undefined },
  })

function searchIn(q: string): Outcome<Search, 'search.invalid'> {
  const parsed = parseSearch(q)
  if (parsed.ok) return accept(parsed.search)
  const [en, es] = (['en', 'es'] as const).map((language) =>
    parsed.faults.map((fault) => searchFaultSentence(fault)[language]).join(' '),
  )
  return refuse('search.invalid', { en, es })
}

export interface Taken {
  readonly type: string
  readonly name: string
  readonly chunks: AsyncGenerator<string | Uint8Array>
}

interface AskedFor {
  readonly format: string | undefined
  readonly q: string | undefined
  readonly lang: string | undefined
}

const types = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  pdf: 'application/pdf',
} as const

/**
 * What an auditor takes away, a chunk at a time. That it was begun is recorded before the first byte leaves, and how much it
 * was when the last one has.
 */
export async function takeAway(
  { db, record }: Outside,
  caller: Caller,
  asked: AskedFor,
): Promise<Outcome<Taken, 'agent.not_allowed' | 'request.invalid' | 'search.invalid' | 'export.too_large'>> {
  if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
  const format = exportFormats.find((one) => one === (asked.format ?? 'jsonl'))
  const q = asked.q ?? ''
  if (!format) return refuse('request.invalid', { path: 'format', message: `One of ${exportFormats.join(', ')}.` })
  if (q.length > longestSearch)
    return refuse('request.invalid', { path: 'q', message: `At most ${longestSearch} characters.` })
  const lang = languages.find((one) => one === (asked.lang ?? caller.locale))
  if (!lang) return refuse('request.invalid', { path: 'lang', message: `One of ${languages.join(', ')}.` })
  const search = searchIn(q)
  if (!search.ok) return search
  const said = (data: { readonly state: string; readonly rows?: number }) =>
    noteLoose(db, {
      type: 'record.exported',
      actor: actorOf(caller),
      data: { format, ...data },
      words: { search: q.trim() || undefined },
    })
  const source =
    format === 'pdf'
      ? await drawn({ db, record }, caller, search.value, { lang, q })
      : exportOf(db, record, format, search.value)
  if (!source) return refuse('export.too_large')
  await said({ state: 'begun' })
  const { chunks, rows } = source
  const told = async function* () {
    yield* chunks
    await said({ state: 'done', rows: rows() })
  }
  return accept({ type: types[format], name: `record.${format}`, chunks: told() })
}

/** As a PDF: for people, and so no longer than people read. */
async function drawn(
  { db, record }: Outside,
  caller: Caller,
  search: Search,
  { lang, q }: { lang: Language; q: string },
) {
  const few = await fewOf(db, record, search, mostInPdf)
  if (!few) return undefined
  const about = {
    language: lang,
    record: record.key.name,
    search: q.trim(),
    by: caller.name,
    takenAt: await nowOf(db),
    checkpoint: await newestCheckpoint(db),
    key: keyText(record.key),
  }
  return { chunks: pdfOf(about, few), rows: () => few.length }
}
