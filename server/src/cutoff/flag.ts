/**
 * What was switched off from this machine while the database was away: a small file beside the keys, which every process
 * here reads five times a second. It counts at once, at every check; as soon as there is a database it is written there,
 * with its time and its event, and leaves the file.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cutoffScopes } from '@amparo/contract/cutoff'
import { z } from 'zod'
import { type Cut, isSame, touches, type Wanted } from './cutoff.ts'

const shape = z.array(
  z.strictObject({
    scope: z.enum(cutoffScopes),
    target: z.string().optional(),
    why: z.string(),
    at: z.iso.datetime(),
  }),
)
export type Flagged = z.infer<typeof shape>[number]

export interface Flag {
  /** Whether this is switched off by the file, as it was read last. */
  stops(wanted: Wanted): boolean
  waiting(): readonly Flagged[]
  /** It stands in the database now. */
  settled(one: Flagged): void
  close(): void
}

const everyMs = 200

/** Watches the file. One that cannot be read as what it should be switches everything off: somebody meant something. */
export function flagAt(path: string): Flag {
  let seen = ''
  let flags: readonly Flagged[] = []
  const look = () => {
    const mark = markOf(path)
    if (mark === seen) return
    seen = mark
    flags = flagsIn(path)
  }
  look()
  const timer = setInterval(look, everyMs)
  timer.unref()
  return {
    stops: (wanted) => flags.some((one) => touches(one, wanted)),
    waiting: () => flags,
    settled(one) {
      takeDown(path, one)
      look()
    },
    close: () => clearInterval(timer),
  }
}

/** Puts a cut into the file; it replaces an equal one. */
export function raise(path: string, one: Flagged): void {
  write(path, [...flagsIn(path).filter((other) => !isSame(one, other)), one])
}

/** Takes a cut out of the file. */
export function takeDown(path: string, one: Cut): void {
  write(
    path,
    flagsIn(path).filter((other) => !isSame(one, other)),
  )
}

export function flagsIn(path: string): readonly Flagged[] {
  try {
    const parsed = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (parsed.success) return parsed.data
  } catch (error) {
    if (isMissing(error)) return []
  }
  return [{ scope: 'everything', why: 'unreadable', at: new Date().toISOString() }]
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

function markOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch (error) {
    return isMissing(error) ? 'none' : `unreadable ${Date.now()}`
  }
}

/** Whole or not at all: another process may be reading. */
function write(path: string, flags: readonly Flagged[]): void {
  if (flags.length === 0) {
    rmSync(path, { force: true })
    return
  }
  const beside = `${path}.${randomUUID()}`
  writeFileSync(beside, `${JSON.stringify(flags, null, 2)}\n`, { mode: 0o600 })
  renameSync(beside, path)
}
