/** Who may be helped, and which products open for them: data and pure functions, judged on the server every time. */
import type { AgentMethod, Bilingual, Power, WhyNot } from '@amparo/contract/words'

/** A surface as the vendor configured it, in the order of the buttons. Without a client it takes no sessions yet. */
export interface Surface {
  readonly id: string
  readonly name: Bilingual
  readonly offeredTo: readonly ('owner' | 'member')[]
  /** Open to the owner of a suspended ecosystem: billing is what needs help then. */
  readonly whenSuspended: boolean
  readonly powers: readonly Power[]
  /** What it reports as done in it, by code, in words for people. */
  readonly acts?: Readonly<Record<string, Bilingual>>
  readonly client?: SurfaceClient
  readonly requires?: { readonly feature?: string | undefined }
}
export interface SurfaceClient {
  readonly id: string
  readonly secret: string
  readonly redirectUris: readonly string[]
  readonly initiateLoginUri: string
  readonly backchannelLogoutUri?: string
  readonly statusCheck: boolean
}

/** A person as the Core knows them, and the ecosystems they are in. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phone?: string
  readonly locale: 'en' | 'es'
  readonly active: boolean
  readonly staff: boolean
}
export interface Membership {
  readonly ecosystemId: string
  readonly name: string
  readonly role: 'owner' | 'member'
  readonly status: 'active' | 'suspended'
  readonly features: readonly string[]
}
export type LookUp =
  | { readonly found: 'nobody' }
  | { readonly found: 'several' }
  | { readonly found: 'one'; readonly person: Person; readonly memberships: readonly Membership[] }

/** What a vendor asks for beyond the rules that always hold. */
export interface Policy {
  /** Where a code by message is no proof enough of the agent: it takes a passkey or an authenticator app. */
  readonly strongProof: {
    /** These products of an owner. */
    readonly ownersSurfaces: readonly string[]
    /** Any power beyond looking. */
    readonly powers: boolean
  }
}

export const presets = {
  standard: { strongProof: { ownersSurfaces: [], powers: false } },
  strict: { strongProof: { ownersSurfaces: ['store'], powers: true } },
} as const satisfies Record<string, Policy>
export type Preset = keyof typeof presets

/** Whether the agent's proof is too weak for opening these products of this membership with that power. */
export function isTooWeak(
  { strongProof }: Policy,
  method: AgentMethod | undefined,
  membership: Membership,
  wanted: { readonly surfaces: readonly string[]; readonly powers: Power },
): boolean {
  if (method === 'passkey' || method === 'totp') return false
  if (strongProof.powers && wanted.powers !== 'look') return true
  return membership.role === 'owner' && wanted.surfaces.some((id) => strongProof.ownersSurfaces.includes(id))
}

/** The products offered for `membership`, in the order of the buttons. */
export function offered(surfaces: readonly Surface[], membership: Membership): readonly Surface[] {
  return surfaces.filter(
    (surface) =>
      surface.offeredTo.includes(membership.role) &&
      (membership.status === 'active' || (surface.whenSuspended && membership.role === 'owner')) &&
      (surface.requires?.feature === undefined || membership.features.includes(surface.requires.feature)),
  )
}

/** What may be done in a surface under a consent: never more than the user agreed to, nor than it is able to hold back. */
export const granted = (surface: Pick<Surface, 'powers'> | undefined, agreed: Power): Power =>
  agreed === 'act' && surface?.powers.includes('act') ? 'act' : 'look'

/** Whoever they belong to: our own people and inactive ones are not helped, in no kind of assistance. */
export function whyNotThemself(person: Person): 'staff' | 'inactive' | undefined {
  if (person.staff) return 'staff'
  return person.active ? undefined : 'inactive'
}

/** Why this person cannot be helped at all, or undefined when they can. */
export function whyNot(
  surfaces: readonly Surface[],
  person: Person,
  memberships: readonly Membership[],
): WhyNot | undefined {
  const themself = whyNotThemself(person)
  if (themself) return themself
  if (memberships.length === 0) return 'no_ecosystem'
  if (memberships.every((membership) => offered(surfaces, membership).length === 0)) return 'nothing_offered'
  return undefined
}
