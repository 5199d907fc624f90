/** The vendor's reasons by their names. */
import type { Assistance } from '@amparo/contract/assistance'
import type { Bilingual } from '@amparo/contract/words'
import { useQuery } from '@tanstack/react-query'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

export type Reasons = NonNullable<ReturnType<typeof useReasons>>

export const useReasons = () => {
  const query = useQuery({
    queryKey: ['reasons'],
    queryFn: () => wire.call('reasons'),
    staleTime: 600_000,
    retry: true,
  })
  return query.data?.ok ? query.data.value.reasons : undefined
}

/** "Billing: cannot see invoices"; just the name where there is no line. */
export const reasonText = (reason: Assistance['reason'], name: (both: Bilingual) => string): string =>
  reason.line === undefined ? name(reason.name) : `${name(reason.name)}: ${reason.line}`

export function useReasonNames(): (reason: Assistance['reason']) => string {
  const { name } = useWords()
  return (reason) => reasonText(reason, name)
}
