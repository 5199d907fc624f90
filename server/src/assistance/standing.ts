/** What ends a help that goes on, by what the Core says now of its user and their ecosystem. */
import type { SupportAccess } from '../policy/policy.ts'
import type { Active } from './assistance.ts'

export interface Stands {
  readonly userActive: boolean
  readonly ecosystemActive: boolean
  readonly support: SupportAccess
}

/** Why it ends; `undefined` of `now`: the Core does not know the user. What was suspended when the user was found ends nothing later. */
export function lostBy(now: Stands | undefined, suspendedBefore: boolean) {
  if (!now?.userActive) return 'user_deactivated'
  if (now.support === 'off') return 'access_withdrawn'
  return !now.ecosystemActive && !suspendedBefore ? 'ecosystem_suspended' : undefined
}

export const wasSuspended = ({ found, ecosystemId }: Pick<Active, 'found' | 'ecosystemId'>): boolean =>
  found.ecosystems.some(({ id, status }) => id === ecosystemId && status === 'suspended')
