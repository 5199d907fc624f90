/** Who sits here. Nobody is not an error: it is the sign-in screen. */
import type { FreshProof } from '@amparo/contract/factors'
import type { Me, MeElsewhere, SignedIn } from '@amparo/contract/people'
import type { Role } from '@amparo/contract/words'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { isNow, queries, wire } from '../wire.ts'

export const useSession = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: async (): Promise<Me | MeElsewhere | null> => {
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
  isNow(['me'], me)
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
}

const freshMs = 9 * 60_000
let fresh: { readonly proof: string; readonly until: number } | undefined

/** Shows for some minutes that the sign-in just happened. It lives in this page only: a reload forgets it. */
export const justSignedIn = (): FreshProof | undefined =>
  fresh && performance.now() < fresh.until ? { method: 'sign_in', fresh: fresh.proof } : undefined

export function signedIn({ fresh: proof, ...me }: SignedIn): void {
  fresh = { proof, until: performance.now() + freshMs }
  sitsHere(me)
}

/** What the server now says of whoever sits here. */
export const changed = (me: Me): void => isNow(['me'], me)

/** It was shown that it is them who sit here: they are back where they were, and all is asked for again. */
export function shownHere(me: Me): void {
  isNow(['me'], me)
  void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
}

export function signedOut(): void {
  fresh = undefined
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
