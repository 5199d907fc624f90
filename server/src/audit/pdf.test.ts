import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import PDFDocument from 'pdfkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentAtDesk, opened, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import { takeAway } from './audit.routes.ts'
import { countOf, events } from './audit.store.ts'
import { fewOf } from './export.store.ts'
import { type About, pdfOf } from './pdf.ts'
import { inPrint, printedLetters } from './printable.ts'
import { aSigner } from './testing.ts'

const by = aSigner()
let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
  const outside = testOutside(fresh)
  await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  for (const line of ['Łukasz Ñandú', '山田', 'שלום']) await noted(line)
})
afterAll(() => fresh.close())
const noted = (line: string) =>
  noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'agent', id: 'ag_1' }, data: { line } })

const about: About = {
  language: 'es',
  record: by.key.name,
  search: 'type:record.read',
  by: 'Zoë Žižek',
  takenAt: '2026-11-22T10:42:00.000Z',
  checkpoint: undefined,
  key: 'key',
}
async function fileOf(chunks: AsyncGenerator<string | Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of chunks) pieces.push(Buffer.from(piece as Uint8Array))
  return Buffer.concat(pieces)
}

/** The text of a file in the order in which it is drawn, read by its own tables of letters. */
function textOf(file: Buffer): string {
  const raw = file.toString('latin1')
  const streams = [...raw.matchAll(/(\d+) 0 obj\n(<<(?:(?!endobj)[\s\S])*?>>)\nstream\n/g)].map((match) => {
    const [whole, id = '', dict = ''] = match
    const from = match.index + whole.length
    const length = Number(/\/Length (\d+)/.exec(dict)?.[1])
    const bytes = file.subarray(from, from + length)
    return { id, text: (dict.includes('FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1') }
  })
  const content = (id: string | undefined) => streams.find((stream) => stream.id === id)?.text ?? ''
  const letters = new Map<string, Map<number, string>>()
  for (const [, name = '', font] of raw.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const object = new RegExp(`\\n${font} 0 obj\\n([\\s\\S]*?)endobj`).exec(raw)?.[1] ?? ''
    letters.set(name, tableOf(content(/\/ToUnicode (\d+) 0 R/.exec(object)?.[1])))
  }
  return streams
    .filter(({ text }) => text.includes(' Tf'))
    .map(({ text }) => drawnBy(text, letters))
    .join('\n')
}
function tableOf(cmap: string): Map<number, string> {
  const table = new Map<number, string>()
  for (const [, first = '', , list = ''] of cmap.matchAll(/<(\w+)> <(\w+)> \[([^\]]*)\]/g))
    for (const [index, [, hex = '']] of [...list.matchAll(/<([\w ]+)>/g)].entries())
      table.set(
        Number.parseInt(first, 16) + index,
        Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
      )
  return table
}
function drawnBy(text: string, letters: ReadonlyMap<string, ReadonlyMap<number, string>>): string {
  let font = ''
  return text
    .split('\n')
    .map((line) => {
      font = /\/(F\d+) [\d.]+ Tf/.exec(line)?.[1] ?? font
      if (!line.endsWith('TJ')) return ''
      return [...line.matchAll(/<(\w+)>/g)]
        .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
        .map((code) => letters.get(font)?.get(Number.parseInt(code, 16)) ?? '?')
        .join('')
    })
    .join('')
}

/** Every piece of content as a screen reader goes along it, by the tree of tags: on which page it stands, and as which of its pieces. */
function readingOrder(raw: string): readonly (readonly [page: number, piece: number])[] {
  const objects = new Map(
    [...raw.matchAll(/\n(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(([, id, text = '']) => [id, text]),
  )
  const all = [...objects.values()]
  const pages = [...(/\/Type \/Pages[\s\S]*?\/Kids \[(.*?)\]/.exec(raw)?.[1] ?? '').matchAll(/(\d+) 0 R/g)].map(
    ([, id]) => id,
  )
  const along = (element: string): (readonly [number, number])[] => {
    const on = pages.indexOf(/\/Pg (\d+) 0 R/.exec(element)?.[1])
    const [, kids = ''] = /\/K \[([\s\S]*)\]/.exec(element) ?? []
    return [...kids.matchAll(/<<[\s\S]*?\/Pg (\d+) 0 R[\s\S]*?\/MCID (\d+)[\s\S]*?>>|(\d+) 0 R|(\d+)/g)].flatMap(
      ([, page, mcid, child, piece]): (readonly [number, number])[] => {
        if (child !== undefined) return along(objects.get(child) ?? '')
        return [mcid === undefined ? [on, Number(piece)] : [pages.indexOf(page), Number(mcid)]]
      },
    )
  }
  return along(all.find((text) => text.includes('/S /Document')) ?? '')
}

test('a PDF is read by its tags in the order in which it is drawn, over all its pages', async () => {
  const [one] = (await fewOf(fresh.db, by, {}, 1000)) ?? []
  const many = Array.from({ length: 30 }, () => one).flatMap((each) => each ?? [])
  const order = readingOrder((await fileOf(pdfOf(about, many))).toString('latin1'))
  const last = order.at(-1)?.[0] ?? 0
  expect(last).toBeGreaterThan(1)
  const pieces = Array.from({ length: last + 1 }, (_, page) => order.filter(([on]) => on === page).length)
  expect(order).toEqual(pieces.flatMap((count, page) => Array.from({ length: count }, (_, piece) => [page, piece])))
  // Three headings of a page and more, and the lines below each.
  expect(order.length).toBeGreaterThan(30 * 6)
})

test('a PDF says title and language, is tagged in reading order, and prints of each event the hash under which it stands', async () => {
  const few = (await fewOf(fresh.db, by, {}, 1000)) ?? []
  const file = await fileOf(pdfOf(about, few))
  const raw = file.toString('latin1')
  expect(raw.startsWith('%PDF-1.7')).toBe(true)
  expect(raw).toMatch(/\/Lang \(es\)/)
  expect(raw).toMatch(/\/DisplayDocTitle true/)
  expect(raw).toMatch(/\/Marked true/)
  const kinds = [...raw.matchAll(/\/S \/(\w+)/g)].map(([, kind]) => kind)
  expect(kinds.filter((kind) => kind === 'H1')).toHaveLength(1)
  expect(kinds.filter((kind) => kind === 'H2')).toHaveLength(few.length)
  const text = textOf(file)
  for (const { id, hash } of few) {
    expect(text).toContain(id)
    expect(text).toContain(hash?.toString('base64') ?? 'no hash')
  }
  expect(text.indexOf(few[0]?.id ?? '')).toBeLessThan(text.indexOf(few.at(-1)?.id ?? ''))
})

test('accents and other alphabets are printed, and a letter that cannot be is seen by its number', async () => {
  const text = textOf(await fileOf(pdfOf(about, (await fewOf(fresh.db, by, {}, 1000)) ?? [])))
  for (const seen of ['Zoë Žižek', 'Łukasz Ñandú', '⟨U+5C71⟩⟨U+7530⟩', '⟨U+05E9⟩']) expect(text).toContain(seen)
  expect(inPrint('e\u0301\u202eab\n\u{1f600}')).toBe('é⟨U+202E⟩ab⟨U+000A⟩⟨U+1F600⟩')
  expect(inPrint('Ωμέγα Щукин')).toBe('Ωμέγα Щукин')
})

test('a text without any place to break it is drawn whole, and holds up nobody, however long it is', async () => {
  const [one] = (await fewOf(fresh.db, by, { type: 'record.read' }, 1000)) ?? []
  if (!one) throw new Error('nothing')
  const long = 'x'.repeat(60_000)
  const text = textOf(await fileOf(pdfOf(about, [{ ...one, data: { long } }])))
  expect(text.match(/x{100,}/g)?.join('').length).toBe(long.length)
}, 30_000)

test('every letter that is said to be printed is one that both fonts have', () => {
  const doc = new PDFDocument()
  for (const name of ['DejaVuSans', 'DejaVuSans-Bold']) {
    doc.font(createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`))
    const { font } = (doc as unknown as { _font: { font: { hasGlyphForCodePoint(letter: number): boolean } } })._font
    const missing = printedLetters().filter((letter) => !font.hasGlyphForCodePoint(letter))
    expect(missing.map((letter) => letter.toString(16))).toEqual([])
  }
})

test('what one PDF cannot hold is refused in words before anything is begun, and counted no further than it has to be', async () => {
  const auditor = { ...(await agentAtDesk(testOutside(fresh))), roles: ['auditor'] as const }
  const outside = { db: fresh.db, record: { ...by, former: [] } }
  const exported = async () =>
    (await events(fresh.db, { type: 'record.exported', limit: 50 })).items.map(({ data }) => data)
  const taken = await takeAway(outside, auditor, { format: 'pdf', q: 'type:record.read', lang: undefined })
  if (!taken.ok) throw new Error(taken.refusal)
  await fileOf(taken.value.chunks)
  expect(await exported()).toEqual([
    { format: 'pdf', state: 'done', rows: 3 },
    { format: 'pdf', state: 'begun' },
  ])
  await fresh.db.query(
    `insert into event (id, body) select 'ev_many' || i, json_build_object('v', 1, 'type', 'message.sent', 'at', rfc3339(app_now()),
       'actor', json_build_object('kind', 'system', 'id', 'x'))::text from generate_series(1, 1001) i`,
  )
  expect(await takeAway(outside, auditor, { format: 'pdf', q: 'type:message.sent', lang: undefined })).toMatchObject({
    ok: false,
    refusal: 'export.too_large',
  })
  expect(await exported()).toHaveLength(2)
  expect(await countOf(fresh.db, { type: 'message.sent' }, 10_000)).toEqual({ events: 1001, more: false })
  expect(await countOf(fresh.db, { type: 'message.sent' }, 500)).toEqual({ events: 500, more: true })
  expect(await countOf(fresh.db, { user: 'marta' }, 500)).toMatchObject({
    events: (await events(fresh.db, { user: 'marta', limit: 200 })).items.length,
  })
}, 60_000)

test('while a thousand events are drawn nobody waits for long', async () => {
  const [one] = (await fewOf(fresh.db, by, { type: 'record.read' }, 1000)) ?? []
  if (!one) throw new Error('nothing')
  let turns = 0
  let goesOn = true
  const tick = () => {
    turns += 1
    if (goesOn) setImmediate(tick)
  }
  setImmediate(tick)
  await fileOf(
    pdfOf(
      about,
      Array.from({ length: 1000 }, () => one),
    ),
  )
  goesOn = false
  // A turn for each event at least: how long one takes depends on the machine.
  expect(turns).toBeGreaterThan(900)
}, 60_000)
