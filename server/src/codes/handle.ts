/**
 * What a phone takes a launch by: a link of 16 letters that is scanned or was sent, or a code of eight that is typed. All of
 * them are derived from the launch with a key outside the database, so the picture on the screen changes without anybody
 * writing anything, and only their keyed digests are kept.
 */
import type { Secrets } from '../secrets.ts'

export type HandleKind = 'scanned' | 'typed' | 'sent'

/** How long a code is shown, all its pictures together. */
export const shownSeconds = 300
/** How often a handle is replaced by the next, and how long each counts: whoever began with one may finish. */
const clocks = {
  scanned: { everySeconds: 30, livesSeconds: 60 },
  typed: { everySeconds: 60, livesSeconds: 120 },
} as const satisfies Partial<Record<HandleKind, { everySeconds: number; livesSeconds: number }>>
/** A message takes its time. */
export const sentSeconds = 120
/** How long the agent has to type the two digits, and the phone to go on afterwards. */
export const matchSeconds = 120
export const goOnSeconds = 60

export interface NewHandle {
  readonly launchId: string
  readonly kind: HandleKind
  readonly digest: Uint8Array
  /** Seconds from now. */
  readonly from: number
  readonly until: number
}

/** 32 letters: five bits each, none that looks like another. */
const linkLetters = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'
/** No vowels (no words), no 0 O 1 I L: what somebody reads off a screen and types. */
const typedLetters = 'BCDFGHJKMNPQRSTVWXYZ23456789'

/** The handle of this kind that is shown `ageSeconds` after the launch was made. */
export const handleAt = (secrets: Secrets, launchId: string, kind: 'scanned' | 'typed', ageSeconds: number): string =>
  derived(secrets, launchId, kind, Math.floor(ageSeconds / clocks[kind].everySeconds))

/** Seconds from the making of the launch to the next picture. */
export const rotatesAfter = (ageSeconds: number): number => {
  const every = clocks.scanned.everySeconds
  return Math.min(shownSeconds, (Math.floor(ageSeconds / every) + 1) * every)
}

/** The handle of the `n`th message that was sent for this launch. */
export const sentHandle = (secrets: Secrets, launchId: string, n: number): string =>
  derived(secrets, launchId, 'sent', n)

/** Every handle that a new launch will ever show, with the time in which it counts. */
export function handlesOf(secrets: Secrets, launchId: string): readonly NewHandle[] {
  return (['scanned', 'typed'] as const).flatMap((kind) => {
    const { everySeconds, livesSeconds } = clocks[kind]
    return Array.from({ length: shownSeconds / everySeconds }, (_, slot) => ({
      launchId,
      kind,
      digest: handleDigest(secrets, derived(secrets, launchId, kind, slot)),
      from: slot * everySeconds,
      until: Math.min(shownSeconds, slot * everySeconds + livesSeconds),
    }))
  })
}

/** The digest under which a handle is looked up. */
export const handleDigest = (secrets: Secrets, handle: string): Buffer => secrets.digest('handle', `is/${handle}`)

/** What somebody scanned or typed, as we wrote it; undefined where it cannot be one of ours. */
export function handleIn(text: string): { readonly handle: string; readonly typed: boolean } | undefined {
  const handle = text.toUpperCase().replace(/[\s-]/g, '')
  if (new RegExp(`^[${linkLetters}]{16}$`).test(handle)) return { handle, typed: false }
  return new RegExp(`^[${typedLetters}]{8}$`).test(handle) ? { handle, typed: true } : undefined
}

/** `K7Q2M9XD` as people read it: `K7Q2-M9XD`. */
export const grouped = (handle: string): string => `${handle.slice(0, 4)}-${handle.slice(4)}`

function derived(secrets: Secrets, launchId: string, kind: HandleKind, slot: number): string {
  const letters = kind === 'typed' ? typedLetters : linkLetters
  let number = BigInt(`0x${secrets.digest('handle', `of/${launchId}/${kind}/${slot}`).toString('hex')}`)
  let handle = ''
  for (let i = 0; i < (kind === 'typed' ? 8 : 16); i += 1) {
    handle += letters[Number(number % BigInt(letters.length))]
    number /= BigInt(letters.length)
  }
  return handle
}
