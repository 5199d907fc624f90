/** The vendor's reasons by their names. */
import type { Assistance, AssistanceLine } from '@amparo/contract/assistance'
import { useQuery } from '@tanstack/react-query'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

export const useReasons = () => {
  const query = useQuery({
    queryKey: ['reasons'],
    queryFn: () => wire.call('reasons'),
    staleTime: 600_000,
    retry: true,
  })
  return query.data?.ok ? query.data.value.reasons : []
}

/** "Billing: cannot see invoices"; just the line where the code says nothing. */
export function useReasonName({ reason }: Pick<Assistance | AssistanceLine, 'reason'>): string {
  return useReasonNames()(reason)
}

export function useReasonNames(): (reason: Assistance['reason']) => string {
  const { name } = useWords()
  const reasons = useReasons()
  return (reason) => {
    const known = reasons.find((one) => one.code === reason.code)
    const title = known ? name(known.name) : reason.code
    return reason.line === undefined ? title : `${title}: ${reason.line}`
  }
}
