/** A list that comes in pages: loading, failed, empty, rows, and more of them. */
import type { Problem } from '@amparo/contract/api'
import type { Outcome } from '@amparo/contract/client'
import type { ReactNode } from 'react'
import { Waiting } from '../frame/Shell.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useWords } from '../words/words.tsx'

class RefusedPage extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

/** A page, or an error that carries the refusal. */
export async function pageOf<T>(ask: () => Promise<Outcome<T>>): Promise<T> {
  const outcome = await ask()
  if (!outcome.ok) throw new RefusedPage(outcome.problem)
  return outcome.value
}

interface Props {
  readonly query: {
    readonly isPending: boolean
    readonly error: Error | null
    readonly hasNextPage?: boolean
    readonly isFetchingNextPage?: boolean
    refetch(): unknown
    fetchNextPage?(): unknown
  }
  readonly empty: boolean
  readonly none: ReactNode
  readonly children: ReactNode
}

export function Pages({ query, empty, none, children }: Props) {
  const { t } = useWords()
  if (query.isPending) return <Waiting />
  return (
    <>
      {query.error && (
        <Refused failure={query.error instanceof RefusedPage ? { problem: query.error.problem } : 'unreachable'}>
          <Press variant="default" onPress={query.refetch}>
            {t('app.retry')}
          </Press>
        </Refused>
      )}
      {empty ? !query.error && <div className="empty">{none}</div> : children}
      {query.hasNextPage === true && (
        <div className="acts">
          <Press variant="default" busy={query.isFetchingNextPage === true} onPress={() => query.fetchNextPage?.()}>
            {t('app.more')}
          </Press>
        </div>
      )}
    </>
  )
}
