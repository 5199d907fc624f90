/** Quotas, and what supervisors are alerted to: judged where it happens, by the vendor's policy. */
import type { Because } from '@amparo/contract/words'
import type { Database } from '../database/database.ts'
import { type Alarm, raise } from '../desk/alarm.ts'
import type { Desk } from '../desk/desk.ts'
import type { Caller } from '../door.ts'
import { refuse } from '../outcome.ts'
import { isWorkingTime, type Policy } from '../policy/policy.ts'
import { openReported } from './review.store.ts'
import { type Lately, latelyHours, latelyOf, timesLookedUp, timesRefused } from './watch.store.ts'

/** What oversight needs to judge by. */
export interface Watching {
  readonly db: Database
  readonly policy: Policy
}

/** Whether this agent may open another assistance now. What the quota of look-ups would stop is stopped here too. */
export async function mayNotOpen({ db, policy }: Watching, caller: Caller) {
  const lately = await latelyOf(db, caller.agentId)
  if (!isWorkingTime(policy, lately.now)) {
    if (policy.hours.outside === 'refuse') return refuse('agent.outside_hours')
    if (policy.hours.outside === 'alert') await raise(db, alarmOf(policy, 'outside_hours', caller.agentId))
  }
  const { assistancesPerAgentADay: most } = policy.quotas
  return isSpent(most, lately.opened)
    ? full({ db, policy }, caller, 'assistances_a_day', lately.freeAt)
    : lookUpsSpent({ db, policy }, caller, async () => lately)
}

/** This agent's last day, when it is asked for. */
type LastDay = () => Promise<Lately>

/** Whether this agent may look somebody up. The desk judges it exactly: this is for the sentence and the alert. */
export async function mayNotLookUp(outside: Watching, desk: Desk, caller: Caller, lastDay: LastDay) {
  const { lookUpsPerAgentADay: aDay, lookUpsWithoutConsentADay: withoutConsent } = outside.policy.quotas
  desk.lookUp({ aDay: aDay ?? undefined, withoutConsent: withoutConsent ?? undefined })
  return lookUpsSpent(outside, caller, lastDay)
}

async function lookUpsSpent(outside: Watching, caller: Caller, lastDay: LastDay) {
  const { lookUpsPerAgentADay: aDay, lookUpsWithoutConsentADay: without } = outside.policy.quotas
  if (aDay === null && without === null) return undefined
  const lately = await lastDay()
  if (isSpent(aDay, lately.lookUps)) return full(outside, caller, 'look_ups_a_day', lately.freeAt)
  return isSpent(without, lately.withoutConsent)
    ? full(outside, caller, 'look_ups_without_consent', lately.freeAt)
    : undefined
}

const isSpent = (most: number | null, count: number): boolean => most !== null && count >= most

async function full({ db, policy }: Watching, caller: Caller, why: string, retryAt: Date) {
  await raise(db, alarmOf(policy, 'quota', caller.agentId))
  return refuse('rate.limited', { why, retryAt: retryAt.toISOString() })
}

const alarmOf = ({ alerts }: Policy, kind: Alarm['kind'], agentId: string): Alarm => ({
  kind,
  about: agentId,
  agentId,
  hours: alerts.windowHours,
})

/** A look-up that is about to be kept: whoever is looked up too often, by whom nobody agrees to, or whom nobody should. */
export async function watchLookUp(
  { db, policy }: Watching,
  desk: Desk,
  caller: Caller,
  userId: string | undefined,
  lastDay: LastDay,
) {
  const { alerts, canaries } = policy
  const alarm = (kind: Alarm['kind'], about: string, count?: number) =>
    desk.alarm({ ...alarmOf(policy, kind, caller.agentId), about, userId, count })
  if (userId !== undefined && canaries.includes(userId)) alarm('canary', `${caller.agentId}/${userId}`)
  if (alerts.lookUpsWithoutConsent !== null) {
    const { windowHours: hours } = alerts
    const { withoutConsent } = hours === latelyHours ? await lastDay() : await latelyOf(db, caller.agentId, hours)
    if (withoutConsent + 1 >= alerts.lookUpsWithoutConsent)
      alarm('look_ups_without_consent', caller.agentId, withoutConsent + 1)
  }
  if (userId !== undefined && alerts.sameUser !== null) {
    const times = await timesLookedUp(db, userId, alerts.windowHours)
    if (times + 1 >= alerts.sameUser) alarm('same_user', userId, times + 1)
  }
}

/** A user refused, or said that they never asked. */
export async function watchEnding(
  { db, policy }: Watching,
  ended: { readonly id: string; readonly agentId: string; readonly userId: string | null; readonly because: Because },
): Promise<void> {
  const { id: assistanceId, agentId, because } = ended
  if (because !== 'declined_by_user' && because !== 'reported_by_user') return
  const about = { agentId, assistanceId, userId: ended.userId ?? undefined, hours: policy.alerts.windowHours }
  if (because === 'reported_by_user') {
    await raise(db, { ...about, kind: 'reported', about: assistanceId })
    await openReported(db, assistanceId, about.userId)
  }
  const most = policy.alerts.refusedConsents
  const count = most === null ? 0 : await timesRefused(db, agentId, policy.alerts.windowHours)
  if (most !== null && count >= most) await raise(db, { ...about, kind: 'refused_consents', about: agentId, count })
}
