/**
 * A surface tells what was done in it as the user. Each act becomes part of the record, with both names. Nothing of it moves
 * the user's clock unless the vendor's policy says so (`activity`), and nothing of it keeps anything else alive but the agent's
 * own session at the desk, which does not go idle while they work.
 */
import type { Database } from '../database/database.ts'
import { type Alarm, raise } from '../desk/alarm.ts'
import { note, noteOnce } from '../desk/note.ts'
import { accept, refuse } from '../outcome.ts'
import type { Policy, Surface } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { type Act, addChecks, type Owner, ownerOf, report, type Silent, type Standing } from './activity.store.ts'
import { type Batch, isOften, isUnasked, type Mismatch, type Reported } from './activity.ts'
import type { Checks } from './checks.ts'

export interface Outside {
  readonly db: Database
  readonly surfaces: readonly Surface[]
  readonly policy: Pick<Policy, 'activity'>
  /** The agent of this session at the desk is at work in a product. */
  readonly isAtWork: (deskSessionId: string) => Promise<void>
}

/** What is true after a batch. `missing`: how many numbers below `count` never came. */
export type Noted =
  | { readonly active: false }
  | { readonly active: true; readonly count: number; readonly missing: number }

/**
 * Takes a batch of `surface` down. What comes after the end is taken down too, as late, and answered like anything that
 * is dead. The token of another surface is nobody's business here: it is refused, and that is recorded.
 */
export async function noteActivity(outside: Outside, surface: string, { token, acts }: Batch) {
  const { db } = outside
  const owner = await ownerOf(db, tokenDigest(token))
  if (!owner) return accept<Noted>({ active: false })
  if (owner.surface !== surface) {
    await note(db, owner.assistanceId, {
      type: 'activity.refused',
      actor: { kind: 'surface', id: surface },
      subject: owner.userId,
      data: { surface: owner.surface, session: owner.sessionId, why: 'other_surface', acts: acts.length },
    })
    return refuse('surface.not_open')
  }
  const standing = await report(
    db,
    owner,
    acts.map((act) => ({ ...act, event: eventOf(owner, act) })) satisfies readonly Act[],
    { gap: mismatch(owner, 'gap'), beyond: mismatch(owner, 'after_end') },
    alarm(owner),
    outside.policy.activity === 'user+surface',
  )
  if (standing) await nameUnasked(outside, owner, standing)
  if (!standing?.alive) return accept<Noted>({ active: false })
  if (owner.isDeskQuiet) await outside.isAtWork(owner.deskSessionId)
  return accept<Noted>({ active: true, count: standing.count, missing: standing.count - standing.acts })
}

/** The agent did it, to what is the user's; the surface only says so. */
const eventOf = ({ agentId, userId, surface, sessionId }: Owner, { count, what, code }: Reported) =>
  ({
    type: 'act.done',
    actor: { kind: 'agent', id: agentId },
    subject: userId,
    data: { surface, session: sessionId, count, ...(code === undefined ? {} : { code }) },
    words: { ...what },
  }) as const

// ── What it tells, held against what we saw ─────────────────────────────────────────────────────────────────────────

const mismatch = ({ userId, surface, sessionId }: Owner, why: Mismatch, more: { readonly checks?: number } = {}) =>
  ({
    type: 'activity.mismatch',
    actor: { kind: 'surface', id: surface },
    subject: userId,
    data: { surface, session: sessionId, why, ...more },
  }) as const

/** Acts after the end, or in a session that it never asked about: it may show what is the user's when it must not. */
const alarm = ({ assistanceId, sessionId, agentId, userId }: Owner, count?: number): Alarm => ({
  kind: 'activity',
  about: sessionId,
  agentId,
  userId,
  assistanceId,
  count,
  hours: 24,
})

/** Where this breaks off, its product tells the batch again, and it is done then. */
async function nameUnasked(
  { db, surfaces }: Pick<Outside, 'db' | 'surfaces'>,
  owner: Owner,
  standing: Standing,
): Promise<void> {
  const promised = surfaces.find(({ id }) => id === owner.surface)?.client?.statusCheck ?? false
  if (!promised || !isUnasked(standing)) return
  await noteOnce(db, owner.assistanceId, `unasked/${owner.sessionId}`, mismatch(owner, 'unasked'))
  await raise(db, alarm(owner, standing.acts))
}

const checksAtOnce = 500

/**
 * Writes down how often products asked, and names those who asked again and again and told nothing. What cannot be written
 * is counted on: a product on the line asks once, and nobody may call it one that never asked.
 */
export async function noteChecks({ db }: { readonly db: Database }, checks: Checks): Promise<number> {
  const counted = [...checks.take()]
  const troubles: unknown[] = []
  for (let from = 0; from < counted.length; from += checksAtOnce) {
    const some = new Map(counted.slice(from, from + checksAtOnce))
    const { left, silent } = await addChecks(db, some, isOften).catch((error: unknown) => {
      troubles.push(error)
      return { left: [...some.keys()], silent: [] }
    })
    for (const sessionId of left) checks.add(sessionId, some.get(sessionId))
    for (const one of silent) await nameSilent(db, one).catch((error: unknown) => troubles.push(error))
  }
  if (troubles.length > 0) throw troubles[0]
  return 0
}

const nameSilent = (db: Database, silent: Silent): Promise<void> =>
  noteOnce(db, silent.assistanceId, `silent/${silent.sessionId}`, mismatch(silent, 'silent', { checks: silent.checks }))
