/** How much waits for a supervisor, for the rail and for the page: numbers that may be asked for again and again. */
import { useQuery } from '@tanstack/react-query'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'

export function useOversight(everyMs: number) {
  const supervises = has(useMe(), 'supervisor')
  const { data } = useQuery({
    queryKey: ['oversight'],
    enabled: supervises,
    queryFn: () => wire.call('oversight'),
    refetchInterval: everyMs,
  })
  return data?.ok ? data.value : undefined
}
