/** What the inbox's own page makes happen to the next messages of somebody: a fault that the mail server really answers. */
import { plainAddress } from './entry.ts'
import type { Fault } from './faults.ts'

export const fateNames = ['delivered', 'refused', 'expired'] as const
export type Fate = (typeof fateNames)[number]
export const fateOf = (text: unknown): Fate | undefined => fateNames.find((name) => name === text)

const faults: Readonly<Record<Exclude<Fate, 'delivered'>, Fault>> = {
  refused: { code: 550, message: 'Refused, as chosen in the inbox' },
  expired: { code: 451, message: 'Try later, as chosen in the inbox' },
}

export interface Fates {
  of(to: string): Fate
  set(to: string, fate: Fate): void
  /** Those who do not simply get what is sent. */
  readonly all: () => readonly { readonly to: string; readonly fate: Fate }[]
}

export function fatesOver(fail: (to: string, fault: Fault) => () => void): Fates {
  const chosen = new Map<string, { readonly fate: Fate; readonly takeBack: () => void }>()
  return {
    of: (to) => chosen.get(plainAddress(to))?.fate ?? 'delivered',
    set(to, fate) {
      const key = plainAddress(to)
      chosen.get(key)?.takeBack()
      chosen.delete(key)
      if (fate !== 'delivered') chosen.set(key, { fate, takeBack: fail(key, faults[fate]) })
    },
    all: () => [...chosen].map(([to, { fate }]) => ({ to, fate })),
  }
}
