/**
 * A part of the record as a PDF: for a file that people read and keep. Tagged, so that a screen reader goes through it in order; each
 * event with the hash under which it stands in the log. It is drawn an event at a time, so that nobody else waits for it.
 */
import { createRequire } from 'node:module'
import { setImmediate as breath } from 'node:timers/promises'
import type { Language } from '@amparo/contract/words'
import type { Kept } from './audit.store.ts'
import type { Signed } from './log.store.ts'
import { inPrint } from './printable.ts'

export interface About {
  readonly language: Language
  /** Whose record it is, as its checkpoints name it. */
  readonly record: string
  readonly search: string
  readonly by: string
  readonly takenAt: string
  readonly checkpoint: Signed | undefined
  readonly key: string
}

const words = {
  en: {
    title: 'Part of the record',
    search: 'What was searched for',
    whole: 'everything',
    by: 'Taken by',
    at: 'Taken at',
    count: 'Events, newest first',
    checkpoint: 'Signed checkpoint',
    none: 'none yet',
    key: 'Key of the record',
    note: 'All times are UTC. This is for reading. What can be verified is the whole record as JSON Lines: there the text of each event stands byte for byte, and its SHA-256 hash (RFC 9162) is the one printed here. Users are named by their id alone.',
    letters:
      'A letter that cannot be printed here stands as its number, as in ⟨U+5C71⟩; the other forms of the record have the letter.',
    event: 'Event {seq}: {type}',
    waiting: 'without a place yet',
    facts: {
      at: 'Time',
      actor: 'Who',
      subject: 'About whom',
      assistance: 'Assistance',
      data: 'What it says',
      hash: 'Hash',
      id: 'Event',
    },
    place: '{id}, its event {n}',
    page: 'Page {n}',
  },
  es: {
    title: 'Parte del registro',
    search: 'Lo que se buscó',
    whole: 'todo',
    by: 'Lo llevó',
    at: 'Llevado el',
    count: 'Sucesos, el más reciente primero',
    checkpoint: 'Punto de control firmado',
    none: 'todavía ninguno',
    key: 'Clave del registro',
    note: 'Todas las horas son UTC. Esto es para leer. Lo que se puede verificar es el registro entero en JSON Lines: allí está el texto de cada suceso byte por byte, y su hash SHA-256 (RFC 9162) es el que figura aquí. Los usuarios figuran solo por su identificador.',
    letters:
      'Una letra que aquí no se puede imprimir figura por su número, como en ⟨U+5C71⟩; las otras formas del registro tienen la letra.',
    event: 'Suceso {seq}: {type}',
    waiting: 'aún sin lugar',
    facts: {
      at: 'Hora',
      actor: 'Quién',
      subject: 'Sobre quién',
      assistance: 'Asistencia',
      data: 'Lo que dice',
      hash: 'Hash',
      id: 'Suceso',
    },
    place: '{id}, su suceso {n}',
    page: 'Página {n}',
  },
} as const satisfies Record<Language, unknown>

const filled = (sentence: string, values: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))

const fonts = (name: string): string => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)

/** The library and its fonts come when somebody wants a PDF: a start needs neither. */
async function sheet(about: About) {
  const { default: PDFDocument } = await import('pdfkit')
  const says = words[about.language]
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: 56, bottom: 64, left: 56, right: 56 },
    pdfVersion: '1.7',
    tagged: true,
    lang: about.language,
    displayTitle: true,
    info: { Title: `${says.title}, ${about.record}`, Author: about.record, CreationDate: new Date(about.takenAt) },
  })
  doc.registerFont('text', fonts('DejaVuSans')).registerFont('strong', fonts('DejaVuSans-Bold'))
  return doc
}
type Sheet = Awaited<ReturnType<typeof sheet>>

/** The file, a piece at a time; `events` are asked for as they are drawn. */
export async function* pdfOf(about: About, events: readonly Kept[]): AsyncGenerator<Uint8Array> {
  const doc = await sheet(about)
  const ready: Uint8Array[] = []
  doc.on('data', (piece: Uint8Array) => ready.push(piece))
  const ended = new Promise((resolve) => doc.once('end', resolve))
  const whole = doc.struct('Document')
  doc.addStructure(whole)
  numbered(doc, about)
  opened(doc, whole, about, events.length)
  for (const event of events) {
    drawn(doc, whole, about, event)
    yield* ready.splice(0)
    await breath()
  }
  whole.end()
  doc.end()
  await ended
  yield* ready
}

type Struct = ReturnType<Sheet['struct']>

/** In pieces: the library looks at a text without a place to break it letter by letter, each time from its beginning. */
function line(doc: Sheet, parent: Struct, kind: 'H1' | 'H2' | 'P', size: number, text: string, gap = 4): void {
  parent.add(
    doc.struct(kind, {}, () => {
      doc.font(kind === 'P' ? 'text' : 'strong').fontSize(size)
      doc.fillColor('#10202e')
      const pieces = inPrint(text).match(/.{1,500}/gsu) ?? []
      for (const [index, piece] of pieces.entries())
        doc.text(piece, { paragraphGap: index === pieces.length - 1 ? gap : 0 })
    }),
  )
}

const fact = (doc: Sheet, parent: Struct, name: string, value: string): void =>
  line(doc, parent, 'P', 9, `${name}: ${value}`, 1)

/** Each page has its number at its foot, which no reader reads aloud. */
function numbered(doc: Sheet, { language }: About): void {
  let n = 0
  const number = () => {
    n += 1
    const { bottom } = doc.page.margins
    const { x, y } = doc
    doc.page.margins.bottom = 0
    doc.markContent('Artifact', { type: 'Pagination' })
    doc.font('text').fontSize(8).fillColor('#44515c')
    doc.text(filled(words[language].page, { n }), 56, doc.page.height - 40, {
      align: 'right',
      lineBreak: false,
      width: doc.page.width - 112,
    })
    doc.endMarkedContent()
    doc.page.margins.bottom = bottom
    doc.x = x
    doc.y = y
  }
  number()
  doc.on('pageAdded', number)
}

function opened(doc: Sheet, parent: Struct, about: About, count: number): void {
  const says = words[about.language]
  line(doc, parent, 'H1', 20, says.title, 8)
  fact(doc, parent, says.search, about.search === '' ? says.whole : about.search)
  fact(doc, parent, says.by, about.by)
  fact(doc, parent, says.at, about.takenAt)
  fact(doc, parent, says.count, String(count))
  fact(
    doc,
    parent,
    says.checkpoint,
    about.checkpoint ? `${about.checkpoint.size}, ${about.checkpoint.root.toString('base64')}` : says.none,
  )
  fact(doc, parent, says.key, about.key)
  doc.moveDown(0.5)
  line(doc, parent, 'P', 9, says.note)
  line(doc, parent, 'P', 9, says.letters)
}

function drawn(doc: Sheet, parent: Struct, { language }: About, event: Kept): void {
  const says = words[language]
  const { actor, assistanceId, n } = event
  const section = doc.struct('Sect')
  parent.add(section)
  doc.moveDown(0.8)
  // A heading does not stand alone at the foot of a page.
  if (doc.y > doc.page.height - 180) doc.addPage()
  line(doc, section, 'H2', 11, filled(says.event, { seq: event.seq ?? says.waiting, type: event.type }), 2)
  fact(doc, section, says.facts.at, event.at)
  fact(doc, section, says.facts.actor, [actor.name, actor.id, actor.kind].filter(Boolean).join(', '))
  if (event.subject !== null) fact(doc, section, says.facts.subject, event.subject)
  if (assistanceId !== null)
    fact(doc, section, says.facts.assistance, filled(says.place, { id: assistanceId, n: n ?? '–' }))
  if (Object.keys(event.data).length > 0) fact(doc, section, says.facts.data, JSON.stringify(event.data))
  fact(doc, section, says.facts.id, event.id)
  fact(doc, section, says.facts.hash, event.hash?.toString('base64') ?? says.waiting)
  section.end()
}
