/** One QR code and its phone as the server sees them: asked again each second while something may happen. */
import type { Problem } from '@amparo/contract/api'
import type { PhoneLaunch } from '@amparo/contract/phone'
import { useQuery } from '@tanstack/react-query'
import { clockAt, type ServerClock } from '../parts/Clock.tsx'
import { isNow, wire } from '../wire.ts'

export interface PhoneSeen {
  readonly phone: PhoneLaunch
  readonly clock: ServerClock
}
export type PhoneLooked = PhoneSeen | { readonly problem: Problem } | undefined

const everyMs = { waiting: 1_000, claimed: 1_000, matched: 700, open: 2_000, closed: false } as const
const patienceMs = 5_000
const keyOf = (id: string, launchId: string) => ['phone', id, launchId]

export const seenOf = (phone: PhoneLaunch): PhoneSeen => ({ phone, clock: clockAt(phone.now) })

export function usePhone(id: string, launchId: string | undefined): PhoneLooked {
  const query = useQuery({
    queryKey: keyOf(id, launchId ?? ''),
    queryFn: async ({ signal }): Promise<PhoneLooked> => {
      const params = { id, launchId: launchId ?? '' }
      const ask = { params, signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) }
      const outcome = await wire.call('phoneLaunch', ask)
      if (outcome.ok) return seenOf(outcome.value)
      if (outcome.problem.status >= 500) throw new Error(outcome.problem.code)
      return { problem: outcome.problem }
    },
    enabled: launchId !== undefined,
    refetchInterval: ({ state: { data } }) => (data && 'phone' in data ? everyMs[data.phone.state] : false),
    refetchIntervalInBackground: true,
    structuralSharing: false,
  })
  return query.data
}

/** What a step has just answered need not be asked for. */
export const phoneIs = (id: string, phone: PhoneLaunch): void => isNow(keyOf(id, phone.launchId), seenOf(phone))
