/** The door of the kill switch. Everybody at the desk sees what is off; supervisors and administrators switch. */
import type { CutoffSeen } from '@amparo/contract/cutoff'
import type { Door } from '../door.ts'
import { accept } from '../outcome.ts'
import { cutOff, lift, type Outside } from './cutoff.flow.ts'
import { cutsStanding, type Standing } from './cutoff.store.ts'

export function cutoffRoutes(door: Door, outside: Outside): void {
  const seen = async () =>
    accept({ cutoffs: (await cutsStanding(outside.db)).map(shown), now: new Date().toISOString() })
  door('cutoffs', seen)
  door('cutOff', async ({ caller, body }) => {
    const outcome = await cutOff(outside, caller, body)
    return outcome.ok ? seen() : outcome
  })
  door('liftCutoff', async ({ caller, params, body }) => {
    const outcome = await lift(outside, caller, params.cutoffId ?? '', body)
    return outcome.ok ? seen() : outcome
  })
}

const shown = ({ id, scope, target, why, madeAt, by, name }: Standing): CutoffSeen => ({
  id,
  scope,
  ...(target === undefined ? {} : { target }),
  ...(why === null ? {} : { why }),
  madeAt: madeAt.toISOString(),
  by: { kind: by.kind, id: by.id, ...(name === null ? {} : { name }) },
})
