/** The door of surfaces: what there is, open one as the user, close one. */
import type { OutputOf } from '@amparo/contract/api'
import { surfaceId } from '@amparo/contract/assistance'
import type { Refusal } from '@amparo/contract/refusals'
import type { Caller, Door } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type AssistanceId, assistanceId } from '../words.ts'
import { surfacesSetUp } from './setup.store.ts'
import { closeSurface, launch, type Outside, phoneLaunch } from './surfaces.flow.ts'

/** `view` answers with the whole truth about the assistance, as the caller may see it. */
export interface Showing {
  view(id: AssistanceId, caller: Caller): Promise<Outcome<OutputOf<'closeSurface'>, Refusal>>
}

export function surfacesRoutes(door: Door, outside: Outside & Showing): void {
  door('launch', async ({ caller, params, body }) => {
    const id = assistanceId(params.id ?? '')
    return id ? launch(outside, caller, id, body.surface) : refuse('assistance.unknown')
  })
  for (const name of ['phoneLaunch', 'matchPhone', 'closePhone', 'sendPhoneLink'] as const)
    door(name, async ({ caller, params }) => {
      const id = assistanceId(params.id ?? '')
      return id ? phoneLaunch(outside, caller, id) : refuse('assistance.unknown')
    })
  door('closeSurface', async ({ caller, params }) => {
    const id = assistanceId(params.id ?? '')
    const surface = surfaceId.safeParse(params.surface)
    if (!id) return refuse('assistance.unknown')
    if (!surface.success) return refuse('surface.not_open')
    const outcome = await closeSurface(outside, caller, id, surface.data)
    return outcome.ok ? outside.view(id, caller) : outcome
  })
  door('surfaces', async () => accept({ surfaces: await surfacesSetUp(outside.db, outside.surfaces) }))
}
