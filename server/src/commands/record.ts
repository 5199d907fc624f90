/** Whether the record is whole, told beside a backup that was written or brought back: where the keys are at hand that tell it. */
import type { NamedKey } from '@amparo/verifier/checkpoint'
import { type Sentence, verdictSaid } from '@amparo/verifier/words'
import { verifyingKeys } from '../audit/log.store.ts'
import { verifyTimed } from '../audit/verify.store.ts'
import type { Database } from '../database/database.ts'
import { readKeys } from '../keys.ts'
import { environment } from '../settings.ts'
import { inWords, keyFile } from './keys.ts'

/** What the key file has for the record. */
export async function ourKeys() {
  const path = keyFile(undefined)
  return (await inWords(path, readKeys(path))).record
}

/** All that ever signed it. */
export const recordKeys = async (): Promise<readonly NamedKey[]> => verifyingKeys(await ourKeys())

type Seen = Awaited<ReturnType<typeof verifyTimed>>

/** Looks where there are keys; asked for before anything is begun, so that a key file that is none stops it. */
export async function seeingRecord(): Promise<(db: Database) => Promise<Seen | undefined>> {
  const keys = environment().AMPARO_KEYS ? await recordKeys() : undefined
  return async (db) => keys && verifyTimed(db, keys)
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
