/**
 * A whole record as a file: JSON Lines, the first of which says what it is; then entries and checkpoints in the order in
 * which they came about. An entry's text stands in it byte for byte as it was hashed.
 */
import type { Entry, Examiner } from './examine.ts'
import { hashBytes } from './tree.ts'

export const format = 1

/** `part` where it is not the whole record: such a file can be read, and not verified. */
export const headLine = (origin: string, part = false): string =>
  JSON.stringify({ record: origin, format, ...(part ? { part } : {}) })

export const entryLine = ({ seq, id, body, hash }: Entry): string =>
  JSON.stringify({ seq, id, hash: hash.toString('base64'), body })

export const checkpointLine = (note: string): string => JSON.stringify({ checkpoint: note })

/** The file is no export of a record; the number of the line counts from 1. */
export class Unreadable extends Error {
  readonly line: number
  constructor(line: number) {
    super(`line ${line} is not a line of a record`)
    this.line = line
  }
}

/** The file holds some entries of a record: there is no tree to verify. */
export class OnlyPart extends Error {
  constructor() {
    super('this is a part of a record')
  }
}

/** Feeds an export to an examiner, line by line. Throws `Unreadable` at a line that is none, and `OnlyPart`. */
export async function readExport(lines: AsyncIterable<string>, examine: Examiner): Promise<void> {
  let line = 0
  for await (const text of lines) {
    line += 1
    const value = parsed(text)
    if (line === 1) {
      if (typeof value.record !== 'string' || value.format !== format) throw new Unreadable(line)
      if (value.part === true) throw new OnlyPart()
    } else if (typeof value.checkpoint === 'string') examine.checkpoint(value.checkpoint)
    else examine.entry(entryIn(value, line))
  }
  if (line === 0) throw new Unreadable(1)
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}

function entryIn({ seq, id, body, hash }: Record<string, unknown>, line: number): Entry {
  const bytes = Buffer.from(typeof hash === 'string' ? hash : '', 'base64')
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0 || bytes.length !== hashBytes)
    throw new Unreadable(line)
  return {
    seq,
    hash: bytes,
    body: typeof body === 'string' ? body : undefined,
    id: typeof id === 'string' ? id : undefined,
  }
}
