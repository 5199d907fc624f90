/** One assistance as the server sees it now: told of changes by its stream, asked again every few seconds anyway. */
import type { Problem } from '@amparo/contract/api'
import type { Assistance } from '@amparo/contract/assistance'
import type { Outcome } from '@amparo/contract/client'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { checkConnection } from '../frame/connection.ts'
import { clockAt, type ServerClock } from '../parts/Clock.tsx'
import { hear } from '../parts/hear.ts'
import { type Act, queries, useAct, wire } from '../wire.ts'

export interface Seen {
  readonly it: Assistance
  readonly clock: ServerClock
}

export type Looked = Seen | { readonly problem: Problem } | undefined

const streamedMs = 5_000
const unstreamedMs = 3_000
const patienceMs = 5_000
const burstMs = 50
const keyOf = (id: string) => ['assistance', id]

async function look(id: string, signal: AbortSignal): Promise<Looked> {
  try {
    const ask = { params: { id }, signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) }
    const outcome = await wire.call('get', ask)
    if (outcome.ok) return { it: outcome.value, clock: clockAt(outcome.value.now) }
    // From another place nothing is told until a proof: what was seen before stays under what asks for it.
    if (outcome.problem.status >= 500 || outcome.problem.code === 'agent.other_place')
      throw new Error(outcome.problem.code)
    return { problem: outcome.problem }
  } catch (cause) {
    if (!signal.aborted) void checkConnection()
    throw cause
  }
}

const isOver = (looked: Looked) =>
  looked !== undefined &&
  'it' in looked &&
  looked.it.state === 'closed' &&
  looked.it.surfaces.every((one) => !one.openedAt || one.acknowledgedAt || one.deadAt)

/** `told`: false for a page beside the help, which leaves the stream to that one and asks by itself. */
export function useAssistance(id: string, { told = true }: { readonly told?: boolean } = {}): Looked {
  const [streaming, setStreaming] = useState(false)
  const query = useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => look(id, signal),
    refetchInterval: ({ state }) => (isOver(state.data) ? false : streaming ? streamedMs : unstreamedMs),
    structuralSharing: false,
  })
  const over = isOver(query.data)
  useStream(id, told && !over, setStreaming)
  return query.data
}

/** Looks, and waits until what came can be seen: who follows a query hears of its answer in a turn of their own. */
export async function lookAgain(id: string): Promise<void> {
  await queries.invalidateQueries({ queryKey: keyOf(id) })
  await new Promise((resolve) => setTimeout(resolve))
}

/** Whatever the stream says, we look again: it tells when, the answer tells what. */
function useStream(id: string, wanted: boolean, streaming: (now: boolean) => void): void {
  useEffect(() => {
    if (!wanted) return
    let looking: ReturnType<typeof setTimeout> | undefined
    /** Events come in bursts: one look answers them all. */
    const lookSoon = () => {
      looking ??= setTimeout(() => {
        looking = undefined
        void lookAgain(id)
      }, burstMs)
    }
    const stop = hear(`/api/v1/assistances/${encodeURIComponent(id)}/stream`, {
      events: ['state', 'message', 'surface', 'deadline', 'note'],
      againMs: unstreamedMs,
      onEvent: lookSoon,
      onOpen: () => streaming(true),
      onLost: () => {
        streaming(false)
        void checkConnection()
      },
    })
    return () => {
      clearTimeout(looking)
      stop()
      streaming(false)
    }
  }, [id, wanted, streaming])
}

/**
 * One thing that the agent does in this assistance; afterwards we look again, whatever came of it. Done, it stays busy until
 * we have looked: on a slow line the screen is still the one before, and a second press there would be one too many.
 */
export function useStep(id: string): Act {
  const act = useAct()
  const inner = act.run
  const [looking, setLooking] = useState(false)
  const isLooking = useRef(false)
  const run = useCallback(
    async <T>(work: () => Promise<Outcome<T>>, insist?: 'insist'): Promise<T | undefined> => {
      if (isLooking.current && !insist) return undefined
      const value = await inner(work, insist)
      isLooking.current = value !== undefined
      setLooking(isLooking.current)
      await lookAgain(id)
      isLooking.current = false
      setLooking(false)
      return value
    },
    [id, inner],
  )
  return { ...act, busy: act.busy || looking, run }
}
