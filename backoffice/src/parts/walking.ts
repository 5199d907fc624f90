/** `j` and `k` walk through a list: from one of what can be opened in it to the next, and no further than its ends. */
import type { RefObject } from 'react'
import { useKey } from './keys.ts'

export function useWalking(place: RefObject<HTMLElement | null>, through: string): void {
  const walk = (step: number) => {
    const all: Element[] = [...(place.current?.querySelectorAll(through) ?? [])]
    const at = document.activeElement ? all.indexOf(document.activeElement) : -1
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)]
    if (next instanceof HTMLElement) next.focus()
  }
  useKey('next', () => walk(1))
  useKey('previous', () => walk(-1))
}
