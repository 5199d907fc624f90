/** Whether the record is whole, told beside a backup that was written or brought back: where the keys are at hand that tell it. */
import type { NamedKey } from '@amparo/verifier/checkpoint'
import type { Verdict } from '@amparo/verifier/examine'
import { type Sentence, verdictSaid } from '@amparo/verifier/words'
import { verifyRecord } from '../audit/verify.store.ts'
import type { Database } from '../database/database.ts'
import { readKeys } from '../keys.ts'
import { environment } from '../settings.ts'
import { inWords, keyFile } from './keys.ts'

/** All that ever signed it. */
export async function recordKeys(): Promise<readonly NamedKey[]> {
  const path = keyFile(undefined)
  const { record } = await inWords(path, readKeys(path))
  return [record.key, ...record.former]
}

export interface Seen {
  readonly verdict: Verdict
  readonly seconds: number
}

export async function seenWith(db: Database, keys: readonly NamedKey[], witnesses?: readonly string[]): Promise<Seen> {
  const began = performance.now()
  const verdict = await verifyRecord(db, keys, witnesses)
  return { verdict, seconds: Math.round((performance.now() - began) / 100) / 10 }
}

/** The same where there are keys; asked for before anything is begun, so that a key file that is none stops it. */
export async function seeingRecord(): Promise<(db: Database) => Promise<Seen | undefined>> {
  const keys = environment().AMPARO_KEYS ? await recordKeys() : undefined
  return async (db) => keys && seenWith(db, keys)
}

export const seenSaid = (seen: Seen | undefined): readonly Sentence[] =>
  seen
    ? verdictSaid(seen.verdict, seen.seconds)
    : [
        {
          en: 'Whether the record in it is whole was not looked at: that takes AMPARO_KEYS. Type: amparo audit verify',
          es: 'No se miró si el registro que lleva está íntegro: para eso hace falta AMPARO_KEYS. Escribe: amparo audit verify',
        },
      ]

export const seenJson = (seen: Seen | undefined): { readonly entries: number; readonly faults: number } | null =>
  seen ? { entries: seen.verdict.entries, faults: seen.verdict.count } : null

export const isBroken = (seen: Seen | undefined): boolean => seen !== undefined && seen.verdict.count > 0
