/** Who sits here. Nobody is not an error: it is the sign-in screen. */
import type { Me } from '@amparo/contract/people'
import type { Role } from '@amparo/contract/words'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { queries, wire } from '../wire.ts'

export const useSession = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: async (): Promise<Me | null> => {
      const outcome = await wire.call('whoAmI')
      if (outcome.ok) return outcome.value
      if (outcome.problem.status === 401) return null
      throw new Error(outcome.problem.code)
    },
    staleTime: 60_000,
    retry: true,
    retryDelay: 2_000,
  })

/** Whoever comes or goes, nothing of the one before stays in this tab. */
function sitsHere(me: Me | null): void {
  queries.setQueryData(['me'], me)
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
}

export const signedIn = (me: Me): void => sitsHere(me)

export function signedOut(): void {
  sessionStorage.clear()
  sitsHere(null)
}

export const MeContext = createContext<Me | undefined>(undefined)

export function useMe(): Me {
  const me = use(MeContext)
  if (!me) throw new Error('Nobody is signed in here.')
  return me
}

export const has = (me: Me, ...roles: readonly Role[]) => roles.some((role) => me.roles.includes(role))
