/** What is switched off: everything, one product or one ecosystem; and whether that touches what somebody wants to do. */
import type { CutoffScope } from '@amparo/contract/cutoff'
import type { Role } from '@amparo/contract/words'

/** What to switch off. */
export interface Cut {
  readonly scope: CutoffScope
  /** The product or the ecosystem; nothing for everything. */
  readonly target?: string | undefined
}

/** What somebody wants to do, as far as it is known. */
export interface Wanted {
  readonly surface?: string | undefined
  readonly ecosystemId?: string | undefined
}

export const touches = ({ scope, target }: Cut, { surface, ecosystemId }: Wanted): boolean =>
  scope === 'everything' || (scope === 'surface' ? target === surface : target === ecosystemId)

export const isSame = (one: Cut, other: Cut): boolean => one.scope === other.scope && one.target === other.target

/** Who may switch off, and on again. */
export const mayCut = (roles: readonly Role[]): boolean => roles.includes('supervisor') || roles.includes('admin')
