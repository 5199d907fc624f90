/**
 * What the Core says now of a help that goes on. The watch reads it every 15 s, of all that is live; and a step that the Core
 * does not allow any more ends the help at once, where that is why.
 */
import { CoreSilent, type Standing } from '../core/core.ts'
import { SuccessionsUnread } from '../core/views.ts'
import { close } from '../desk/endings.ts'
import { type AssistanceId, system } from '../words.ts'
import { read } from './assistance.store.ts'
import type { Active, Assistance, Consenting } from './assistance.ts'
import type { Outside } from './outside.ts'
import { lostBy, wasSuspended } from './standing.ts'

/** Whose help it is, where, and how that stood when it began. */
export interface Helped extends Pick<Active, 'kind' | 'userId' | 'ecosystemId'> {
  readonly wasSuspended: boolean
}

/** Why it ends, if it does. In a succession the person has to be owner or named successor still; a view that cannot be read ends nothing. */
export async function endingOf(
  { successions }: Pick<Outside, 'successions'>,
  helped: Helped,
  now: Standing | undefined,
) {
  const lost = lostBy(now, helped.wasSuspended)
  if (lost || helped.kind === 'technical') return lost
  try {
    const places = await successions.places(helped.userId)
    return places.some(({ ecosystemId }) => ecosystemId === helped.ecosystemId) ? undefined : 'access_withdrawn'
  } catch (error) {
    if (error instanceof SuccessionsUnread) return undefined
    throw error
  }
}

/** Refusals by which a step may have met somebody who was deactivated, suspended or lost their place. */
const signs: ReadonlySet<string> = new Set([
  'user.not_assistable',
  'ecosystem.unknown',
  'ecosystem.support_off',
  'surface.not_offered',
])

/** After a step that was refused: ends the help where the Core says so. One that is silent ends nothing here. */
export async function endWhereLost(
  outside: Pick<Outside, 'db' | 'core' | 'successions'>,
  id: AssistanceId,
  refusal: string,
): Promise<void> {
  if (!signs.has(refusal)) return
  const assistance = (await read(outside.db, id))?.assistance
  if (!assistance || !isLive(assistance)) return
  const { userId, ecosystemId } = assistance
  try {
    const [now] = await outside.core.standings([{ userId, ecosystemId }])
    const because = await endingOf(outside, { ...assistance, wasSuspended: wasSuspended(assistance) }, now)
    if (because) await close(outside.db, id, { because, actor: system('core') })
  } catch (error) {
    if (!(error instanceof CoreSilent)) throw error
  }
}

const isLive = (one: Assistance): one is Consenting | Active => one.state === 'consent' || one.state === 'active'
