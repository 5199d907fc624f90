/** Where one can go, in the order of the rail, and who may: what one's role does not include is not offered. */
import type { Role } from '@amparo/contract/words'
import {
  ClipboardList,
  Headset,
  type LucideIcon,
  Network,
  PanelsTopLeft,
  Radio,
  ScrollText,
  Settings2,
  UsersRound,
} from 'lucide-react'
import type { KeyId } from '../parts/keys.ts'

export interface Place {
  readonly key: KeyId
  readonly to: '/assist' | '/ecosystem' | '/mine' | '/live' | '/oversight' | '/audit' | '/surfaces' | '/settings'
  readonly icon: LucideIcon
  readonly name:
    | 'nav.assist'
    | 'nav.succession'
    | 'nav.mine'
    | 'nav.live'
    | 'nav.oversight'
    | 'nav.audit'
    | 'nav.surfaces'
    | 'nav.settings'
  /** Whose place it is; everybody's where nobody is named. */
  readonly roles: readonly Role[]
}

/** The module, under its own name: it has these two parts and no third. */
export const support: readonly Place[] = [
  { key: 'assist', to: '/assist', icon: Headset, name: 'nav.assist', roles: ['agent:technical'] },
  { key: 'succession', to: '/ecosystem', icon: Network, name: 'nav.succession', roles: ['agent:succession'] },
]

export const beside: readonly Place[] = [
  {
    key: 'mine',
    to: '/mine',
    icon: ClipboardList,
    name: 'nav.mine',
    roles: ['agent:technical', 'agent:succession', 'supervisor'],
  },
  { key: 'live', to: '/live', icon: Radio, name: 'nav.live', roles: ['supervisor'] },
  { key: 'oversight', to: '/oversight', icon: UsersRound, name: 'nav.oversight', roles: ['supervisor'] },
  { key: 'audit', to: '/audit', icon: ScrollText, name: 'nav.audit', roles: ['auditor'] },
  { key: 'surfaces', to: '/surfaces', icon: PanelsTopLeft, name: 'nav.surfaces', roles: [] },
  { key: 'settings', to: '/settings', icon: Settings2, name: 'nav.settings', roles: [] },
]

export const openTo = (roles: readonly Role[]) => (place: Place) =>
  place.roles.length === 0 || place.roles.some((role) => roles.includes(role))

/** Where this person's work begins. */
export const homeOf = (roles: readonly Role[]): Place['to'] =>
  [...support, ...beside].find((place) => place.roles.length > 0 && openTo(roles)(place))?.to ?? '/settings'
