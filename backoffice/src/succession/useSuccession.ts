/** The succession as the server tells it now; asked again after each act of ours, and when somebody comes back to the tab. */
import type { DetailsSeen, TimelineSeen } from '@amparo/contract/succession'
import type { Language } from '@amparo/contract/words'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type Failure, queries, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
type Answer<T> = { readonly value: T } | { readonly failure: Failure }

const keyOf = (id: string) => ['succession', id]
/** The succession on the screen: of which assistance, which one, and how its user speaks. */
export interface OnScreen {
  readonly id: string
  readonly caseRef: string | undefined
  readonly locale: Language
}
/** Which succession is meant: the one on the screen, also where another has begun meanwhile. */
export const caseOf = (caseRef: string | undefined) => (caseRef === undefined ? {} : { case: caseRef })
export const readAgain = (id: string) => queries.invalidateQueries({ queryKey: keyOf(id) })

export function useTimeline(id: string, caseRef: string | undefined): UseQueryResult<Answer<TimelineSeen>> {
  const { language: lang } = useWords()
  return useQuery({
    queryKey: [...keyOf(id), 'timeline', lang, caseRef],
    queryFn: async ({ signal }): Promise<Answer<TimelineSeen>> => {
      const query = { lang, timeZone: timeZone(), ...caseOf(caseRef) }
      const outcome = await wire.call('succession', { params: { id }, query, signal })
      return outcome.ok ? { value: outcome.value } : { failure: { problem: outcome.problem } }
    },
    refetchInterval: 15_000,
    staleTime: 30_000,
    // Another language is the same list: what is open stays open.
    placeholderData: (before) => before,
  })
}

export function useDetails(
  id: string,
  stepId: string,
  caseRef: string | undefined,
): UseQueryResult<Answer<DetailsSeen>> {
  const { language: lang } = useWords()
  return useQuery({
    queryKey: [...keyOf(id), 'details', stepId, lang, caseRef],
    queryFn: async ({ signal }): Promise<Answer<DetailsSeen>> => {
      const query = { lang, timeZone: timeZone(), ...caseOf(caseRef) }
      const outcome = await wire.call('successionStep', { params: { id, stepId }, query, signal })
      return outcome.ok ? { value: outcome.value } : { failure: { problem: outcome.problem } }
    },
    staleTime: 30_000,
    placeholderData: (before) => before,
  })
}
