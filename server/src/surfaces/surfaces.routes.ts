/** The door of surfaces: what there is, open one as the user, close one. */
import type { OutputOf } from '@amparo/contract/api'
import { surfaceId } from '@amparo/contract/assistance'
import type { Refusal } from '@amparo/contract/refusals'
import type { Caller, Door } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type AssistanceId, assistanceId } from '../words.ts'
import { closePhone, matchPhone, phoneLaunch, sendPhoneLink } from './phone.flow.ts'
import { surfacesSetUp } from './setup.store.ts'
import { closeSurface, launch, type Outside } from './surfaces.flow.ts'

/** `view` answers with the whole truth about the assistance, as the caller may see it. */
export interface Showing {
  wake(): void
  view(id: AssistanceId, caller: Caller): Promise<Outcome<OutputOf<'closeSurface'>, Refusal>>
}

export function surfacesRoutes(door: Door, outside: Outside & Showing): void {
  /** What changed here is news to phones, screens and the outbox. */
  const rung = async <T>(work: Promise<T>): Promise<T> => {
    const done = await work
    outside.wake()
    return done
  }
  door('launch', async ({ caller, params, body }) => {
    const id = assistanceId(params.id ?? '')
    return id ? launch(outside, caller, id, body.surface) : refuse('assistance.unknown')
  })
  door('phoneLaunch', async ({ caller, params: { id: text = '', launchId = '' } }) => {
    const id = assistanceId(text)
    return id ? phoneLaunch(outside, caller, id, launchId) : refuse('assistance.unknown')
  })
  door('matchPhone', async ({ caller, params: { id: text = '', launchId = '' }, body }) => {
    const id = assistanceId(text)
    return id ? rung(matchPhone(outside, caller, id, launchId, body.digits)) : refuse('assistance.unknown')
  })
  door('closePhone', async ({ caller, params: { id: text = '', launchId = '' } }) => {
    const id = assistanceId(text)
    return id ? rung(closePhone(outside, caller, id, launchId)) : refuse('assistance.unknown')
  })
  door('sendPhoneLink', async ({ caller, params: { id: text = '', launchId = '' } }) => {
    const id = assistanceId(text)
    return id ? rung(sendPhoneLink(outside, caller, id, launchId)) : refuse('assistance.unknown')
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
