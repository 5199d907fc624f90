/** My open assistance: an agent has at most one. */
import type { AssistanceLine } from '@amparo/contract/assistance'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'

export function useRunning(): AssistanceLine | undefined {
  const me = useMe()
  const here = useLocation({ select: ({ pathname }) => pathname })
  const query = useQuery({
    queryKey: ['list', 'live', me.id, here],
    queryFn: () => wire.call('list', { query: { state: 'live', agent: me.id, limit: 5 } }),
    enabled: has(me, 'agent:technical', 'agent:succession'),
    refetchInterval: 15_000,
    placeholderData: (before) => before,
  })
  return query.data?.ok ? query.data.value.items.find((one) => one.agent.id === me.id) : undefined
}
