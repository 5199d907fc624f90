/** Typed text, kept in this tab for whoever typed it: a reload, a lost connection or signing in again loses nothing. */
import { useCallback, useState } from 'react'
import { useMe } from '../session/session.ts'

const place = (agent: string, key: string) => `amparo.${agent}.${key}`

/** What an agent left in this tab, if it still looks like what was kept. */
export function readKept(agent: string, key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(place(agent, key)) ?? 'null')
  } catch {
    return null
  }
}

export function keep(agent: string, key: string, value: unknown): void {
  if (value === undefined || value === '') sessionStorage.removeItem(place(agent, key))
  else sessionStorage.setItem(place(agent, key), JSON.stringify(value))
}

/** A text that survives. Under another key it is another text, also where the screen stays. */
export function useKept(key: string, empty: string): readonly [string, (text: string) => void] {
  const { id } = useMe()
  const [typed, set] = useState<{ readonly key: string; readonly text: string }>()
  const write = useCallback(
    (text: string) => {
      keep(id, key, text)
      set({ key, text })
    },
    [id, key],
  )
  if (typed?.key === key) return [typed.text, write]
  const kept = readKept(id, key)
  return [typeof kept === 'string' ? kept : empty, write]
}
