/** The way to the server: one client, one cache, and what is said when it refuses or does not answer. */
import type { Problem } from '@amparo/contract/api'
import { type Client, client, type Outcome } from '@amparo/contract/client'
import { isRefusal, sentenceOf } from '@amparo/contract/refusals'
import { QueryClient, type QueryKey } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { checkConnection, heard, isReachable } from './frame/connection.ts'
import type { Words } from './words/words.tsx'

const plain = client({ base: '' })

/** That nobody sits here, or somebody who was not proven in this place: then it is asked anew who does. */
const nobodyHere: ReadonlySet<string> = new Set(['agent.unknown', 'agent.other_place'])

export const wire: Client = {
  async call(name, ...ask) {
    const outcome = await plain.call(name, ...ask)
    heard(outcome.ok ? undefined : outcome.problem.code)
    if (!outcome.ok && name !== 'whoAmI' && nobodyHere.has(outcome.problem.code))
      void queries.invalidateQueries({ queryKey: ['me'] })
    return outcome
  },
}

export const queries = new QueryClient({
  defaultOptions: { queries: { networkMode: 'always', retry: false, refetchOnWindowFocus: true, staleTime: 1_000 } },
})

/** What a step has just answered: an answer to an earlier question, slow on its way, does not undo it. */
export function isNow<T>(queryKey: QueryKey, value: T): void {
  void queries.cancelQueries({ queryKey, exact: true })
  queries.setQueryData<T>(queryKey, value)
}

/**
 * Why something did not happen: we were told so, nobody answered, nothing was sent because nobody would have, or what it
 * takes is part of a newer console than this one.
 */
export type Failure = { readonly problem: Problem } | 'unreachable' | 'offline' | 'outdated'

export interface Act {
  /**
   * Runs one call; answers its value, or nothing when it failed (then `failure` says why). A second press waits. While
   * the server is known to be silent nothing is sent, unless one insists: an ending is always tried.
   */
  run<T>(work: () => Promise<Outcome<T>>, insist?: 'insist'): Promise<T | undefined>
  fail(failure: Failure | undefined): void
  readonly busy: boolean
  readonly failure: Failure | undefined
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [failure, fail] = useState<Failure>()
  const running = useRef(false)
  const run = useCallback(async <T>(work: () => Promise<Outcome<T>>, insist?: 'insist'): Promise<T | undefined> => {
    if (running.current) return undefined
    if (!isReachable() && !insist) {
      fail('offline')
      return undefined
    }
    running.current = true
    setBusy(true)
    const outcome = await settled(work)
    running.current = false
    setBusy(false)
    fail(outcome.ok ? undefined : outcome.failure)
    return outcome.ok ? outcome.value : undefined
  }, [])
  return { run, fail, busy, failure }
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

async function settled<T>(work: () => Promise<Outcome<T>>): Promise<Settled<T>> {
  try {
    const outcome = await work()
    if (outcome.ok) return outcome
    return { ok: false, failure: { problem: outcome.problem } }
  } catch {
    void checkConnection()
    return { ok: false, failure: 'unreachable' }
  }
}

/**
 * What the agent reads when something failed: always a sentence, with a reference where only we can help. `sentAt` is when the
 * newest of the codes in question went out.
 */
export function sentenceFor(failure: Failure, { t, language, hour }: Words, sentAt?: string): string {
  if (failure === 'unreachable') return t('app.unreachable')
  if (failure === 'offline') return t('app.notSent')
  if (failure === 'outdated') return t('frame.outdated')
  const { problem } = failure
  const extra = (name: string): unknown => problem[name]
  const left = extra('attemptsLeft')
  if (problem.code === 'code.earlier' && sentAt !== undefined) return t('code.earlier', { time: hour(sentAt) })
  if (problem.code === 'code.wrong' && typeof left === 'number') return t('code.wrong', { left })
  if (problem.code === 'match.wrong' && typeof left === 'number') return t('match.wrong', { left })
  const until = extra('until')
  if (problem.code === 'pair.locked' && typeof until === 'string') return t('locked.until', { time: hour(until) })
  const why = extra('why')
  const retryAt = extra('retryAt')
  const asWritten = isRefusal(problem.code) ? sentenceOf(problem.code, why)[language] : problem.detail
  const sentence = typeof retryAt === 'string' ? asWritten.replace('{retryAt}', hour(retryAt)) : asWritten
  if (problem.code === 'succession.off' && typeof why === 'string') return `${sentence} ${why}`
  return problem.status >= 500 ? `${sentence} ${t('app.reference', { id: problem.requestId })}` : sentence
}
