/**
 * The kill switch: assisted access is switched off for everything, for one product or for one ecosystem, and on again.
 * Off needs a supervisor and a fresh proof, and waits for nothing; on is an act of its own, with its record or not at all.
 */
import type { CutoffInput } from '@amparo/contract/cutoff'
import type { FreshProof } from '@amparo/contract/factors'
import type { Database } from '../database/database.ts'
import { settleAllCut, settleCut } from '../desk/endings.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { showsAgain } from '../identity/fresh.ts'
import type { Outside as IdentityOutside } from '../identity/outside.ts'
import { accept, refuse } from '../outcome.ts'
import { system } from '../words.ts'
import { liftCut, makeCut, recordOwed } from './cutoff.store.ts'
import { mayCut } from './cutoff.ts'
import type { Flag } from './flag.ts'

export interface Outside {
  readonly db: Database
  readonly identity: IdentityOutside
  /** Ends what is open in products that are switched off. */
  endCutSurfaces(): Promise<number>
  wake(): void
}

/** Switches off. From the commit of its row on nothing of it is alive; what had been open is written and told after that. */
export async function cutOff(outside: Outside, caller: Caller, { fresh, why, ...asked }: CutoffInput) {
  const shown = await mayAndShows(outside, caller, fresh, 'cutoffs')
  if (!shown.ok) return shown
  const cut = { scope: asked.scope, target: 'target' in asked ? asked.target : undefined }
  if (!(await makeCut(outside.db, { ...cut, why, by: actorOf(caller) }))) return refuse('cutoff.standing')
  await endWhatIsCut(outside)
  return accept({})
}

/** Switches on again. What was ended stays ended: all of it is written before. */
export async function lift(
  outside: Outside,
  caller: Caller,
  id: string,
  given: { readonly why: string; readonly fresh: FreshProof },
) {
  const shown = await mayAndShows(outside, caller, given.fresh, 'cutoffs/lifting')
  if (!shown.ok) return shown
  const { ended, isLeft } = await settleAllCut(outside.db)
  if (ended > 0) outside.wake()
  if (isLeft) return refuse('cutoff.held')
  for (let more = 1; more > 0; ) more = await endWhatIsCut(outside)
  return (await liftCut(outside.db, id, actorOf(caller), given.why)) ? accept({}) : refuse('cutoff.unknown')
}

async function mayAndShows(outside: Outside, caller: Caller, fresh: FreshProof, step: string) {
  if (mayCut(caller.roles)) return showsAgain(outside.identity, caller, fresh)
  const data = { step, refusal: 'agent.not_allowed' }
  await noteLoose(outside.db, { type: 'step.refused', actor: actorOf(caller), data })
  return refuse('agent.not_allowed')
}

/** Writes and tells all that a cut has ended; the number of endings. */
async function endWhatIsCut(outside: Pick<Outside, 'db' | 'endCutSurfaces' | 'wake'>): Promise<number> {
  const ended = (await settleCut(outside.db)).length + (await outside.endCutSurfaces())
  if (ended > 0) outside.wake()
  return ended
}

/** The loop: takes in what this machine was told while the database was away, and ends whatever is switched off. */
export async function carryOut(outside: Pick<Outside, 'db' | 'endCutSurfaces' | 'wake'>, flag: Flag): Promise<number> {
  for (const { at, why, scope, target } of flag.waiting()) {
    await makeCut(outside.db, { scope, target, why, by: system('operator'), at: new Date(at) })
    flag.settled({ at, why, scope, ...(target === undefined ? {} : { target }) })
  }
  await recordOwed(outside.db)
  return endWhatIsCut(outside)
}
