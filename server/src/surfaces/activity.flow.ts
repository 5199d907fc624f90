/**
 * A surface tells what was done in it as the user. Each act becomes part of the record, with both names; nothing of it
 * moves the user's clock, and nothing of it keeps anything alive.
 */
import type { Database } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { accept, refuse } from '../outcome.ts'
import { tokenDigest } from '../secrets.ts'
import { type Act, type Owner, ownerOf, report } from './activity.store.ts'
import type { Batch, Reported } from './activity.ts'

/** What is true after a batch. `missing`: how many numbers below `count` never came. */
export type Noted =
  | { readonly active: false }
  | { readonly active: true; readonly count: number; readonly missing: number }

/**
 * Takes a batch of `surface` down. What comes after the end is taken down too, as late, and answered like anything that
 * is dead. The token of another surface is nobody's business here: it is refused, and that is recorded.
 */
export async function noteActivity({ db }: { db: Database }, surface: string, { token, acts }: Batch) {
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
  )
  if (!standing?.alive) return accept<Noted>({ active: false })
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
