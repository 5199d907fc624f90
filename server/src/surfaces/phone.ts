/** A launch on a phone as it stands at one moment: what its rows mean, and what is shown of it. */
import type { PhoneClosing, PhoneLaunch, PhoneState } from '@amparo/contract/phone'
import { goOnSeconds, grouped, handleAt, matchSeconds, rotatesAfter } from '../codes/handle.ts'
import type { Secrets } from '../secrets.ts'

interface Drawn {
  readonly size: number
  readonly path: string
  readonly svg: string
}

/** Wrong digits that close the product for the whole assistance. */
export const mismatchesInAll = 3

export interface PhoneRow {
  readonly id: string
  readonly surface: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly claimedAt: Date | null
  /** Of the sign-in that claimed it. */
  readonly phoneDigest: Buffer | null
  readonly deviceName: string | null
  readonly keyThumbprint: string | null
  readonly keyKnown: boolean | null
  readonly matchedAt: Date | null
  readonly redeemedAt: Date | null
  readonly voidAt: Date | null
  readonly voidBecause: Exclude<PhoneClosing, 'expired' | 'unanswered' | 'ended'> | null
  readonly sessionId: string | null
  readonly openedAt: Date | null
  readonly closedAloneAt: Date | null
  /** Missing while the assistance lives. */
  readonly endedAt: Date | null
  /** This surface, for everybody: nothing goes on while it is. */
  readonly switchedOff: boolean
  /** Wrong digits in this assistance, this launch among them. */
  readonly mismatches: number
  readonly now: Date
}

interface Standing {
  readonly state: PhoneState
  readonly why?: PhoneClosing
  readonly expiresAt?: Date
  readonly closedAt?: Date
}

/** What a launch on a phone is now. Nothing ends it but time, and what its rows say. */
export function standingOf(row: PhoneRow): Standing {
  const { voidAt, voidBecause, openedAt, closedAloneAt, endedAt, matchedAt, claimedAt } = row
  const ends = (why: PhoneClosing, at: Date): Standing => ({ state: 'closed', why, closedAt: at })
  const until = (state: PhoneState, at: Date, why: PhoneClosing): Standing =>
    row.now < at ? { state, expiresAt: at } : ends(why, at)
  if (voidAt) return ends(voidBecause ?? 'closed', voidAt)
  if (closedAloneAt) return ends('closed', closedAloneAt)
  if (endedAt) return ends('ended', endedAt)
  if (openedAt) return { state: 'open' }
  if (matchedAt) return until('matched', after(row.redeemedAt ?? matchedAt, goOnSeconds), 'unanswered')
  if (claimedAt) return until('claimed', after(claimedAt, matchSeconds), 'unanswered')
  return until('waiting', row.expiresAt, 'expired')
}

/** The same for the agent's screen; `link` is what a code of this surface begins with, `drawn` draws one. */
export function phoneSeen(
  secrets: Secrets,
  row: PhoneRow,
  { link, drawn }: { readonly link: string; drawn(text: string): Drawn },
): PhoneLaunch {
  const { state, why, expiresAt, closedAt } = standingOf(row)
  const age = Math.max(0, (row.now.getTime() - row.createdAt.getTime()) / 1000)
  const text = `${link}/${handleAt(secrets, row.id, 'scanned', age)}`
  return {
    launchId: row.id,
    surface: row.surface,
    state,
    ...(why ? { why } : {}),
    ...(state === 'waiting'
      ? {
          qr: { text, ...drawn(text) },
          shortCode: grouped(handleAt(secrets, row.id, 'typed', age)),
          rotatesAt: after(row.createdAt, rotatesAfter(age)).toISOString(),
        }
      : {}),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    ...(row.claimedAt && row.deviceName !== null
      ? {
          device: { name: row.deviceName, known: row.keyKnown ?? false, claimedAt: row.claimedAt.toISOString() },
        }
      : {}),
    ...(row.openedAt ? { openedAt: row.openedAt.toISOString() } : {}),
    ...(closedAt ? { closedAt: closedAt.toISOString() } : {}),
    triesLeft: Math.max(0, mismatchesInAll - row.mismatches),
    now: row.now.toISOString(),
  }
}

const after = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)
