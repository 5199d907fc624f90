/** Who may be helped, and which products open for them: data and pure functions, judged on the server every time. */

import type { Opening } from '@amparo/contract/phone'
import type { SensitivePower } from '@amparo/contract/powers'
import type { AgentMethod, Bilingual, Channel, Kind, Power, WhyNot } from '@amparo/contract/words'
import { days, type Policy } from './table.ts'

export { type Policy, type Preset, presets } from './table.ts'

/** A surface as the vendor configured it, in the order of the buttons. Without a client it takes no sessions yet. */
export interface Surface {
  readonly id: string
  readonly name: Bilingual
  readonly offeredTo: readonly ('owner' | 'member')[]
  /** Open to the owner of a suspended ecosystem: billing is what needs help then. */
  readonly whenSuspended: boolean
  /** Looking, acting, and the sensitive powers that it holds back one by one. */
  readonly powers: readonly (Power | SensitivePower)[]
  /** What it reports as done in it, by code, in words for people. */
  readonly acts?: Readonly<Record<string, Bilingual>>
  readonly client?: SurfaceClient
  /** Only where the ecosystem's plan has this feature; only for whoever has this seat in it. */
  readonly requires?: { readonly feature?: string | undefined; readonly seat?: string | undefined }
}

/** One of a product's public keys for ES256 (RFC 7517, RFC 7518 §6.2). */
export interface ClientKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid?: string
  readonly use: 'sig'
  readonly alg: 'ES256'
}
/** The public keys of a product, or where it shows them. */
export type ClientKeys = { readonly jwks: { readonly keys: readonly ClientKey[] } } | { readonly jwksUri: string }

export interface SurfaceClient {
  readonly id: string
  /** By a key of its own, or a public client: an app on a phone, whose token is bound to the phone's key. By a secret unless said. */
  readonly clientAuth?: 'private_key_jwt' | 'none'
  /** What its back end asks the issuer with. An app on a phone may have none. */
  readonly secret?: string
  /** What its back end signs with instead: then nothing that opens anything stands here. */
  readonly keys?: ClientKeys
  /** The secret before that one, until the product knows the new one. */
  readonly former?: { readonly secret: string; readonly until: Date }
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
  /** When the vendor last changed where they are written to, as far as its view tells. */
  readonly emailChangedAt?: Date
  readonly phoneChangedAt?: Date
}

/** When a contact of this person last changed, as far as anybody told. */
export const contactsChangedAt = ({ emailChangedAt, phoneChangedAt }: Person): Date | undefined =>
  [emailChangedAt, phoneChangedAt].flatMap((at) => at ?? []).sort((a, b) => b.getTime() - a.getTime())[0]

/** Contacts of this person that changed lately: a code that goes there may go to whoever changed them. */
export const changedContactsOf = (
  policy: Pick<Policy, 'changedContacts'>,
  person: Person,
  now: Date,
): readonly Channel[] => [
  ...(changedLately(policy, person.emailChangedAt, now) ? (['email'] as const) : []),
  ...(changedLately(policy, person.phoneChangedAt, now) ? (['sms'] as const) : []),
]

/** What an ecosystem's owner says of support in it: allowed, told of each, asked before each, or not at all. */
export const supportAccesses = ['allowed', 'told', 'approve', 'off'] as const
export type SupportAccess = (typeof supportAccesses)[number]

/** As the vendor's view has it: nothing is allowed, and a word that is none of ours is a no. */
export const supportAccessOf = (text: string | null): SupportAccess =>
  text === null ? 'allowed' : (supportAccesses.find((one) => one === text) ?? 'off')

export interface Membership {
  readonly ecosystemId: string
  readonly name: string
  readonly role: 'owner' | 'member'
  readonly status: 'active' | 'suspended'
  readonly features: readonly string[]
  /** What this one person has a seat in there; nothing unless it is said. */
  readonly seats?: readonly string[]
  readonly support?: SupportAccess
  readonly ownerId?: string | undefined
}
export type LookUp =
  | { readonly found: 'nobody' }
  | { readonly found: 'several' }
  | { readonly found: 'one'; readonly person: Person; readonly memberships: readonly Membership[] }

/** A code by message can be talked out of somebody; a passkey or an app is what `strict` asks for. */
const isStrong = (method: AgentMethod | undefined): boolean => method === 'passkey' || method === 'totp'

/** Whether the agent's proof is too weak to ask for a release: it changes something, as every power beyond looking does. */
export const isTooWeakToRelease = ({ strongProof }: Policy, method: AgentMethod | undefined): boolean =>
  strongProof.powers && !isStrong(method)

/** Whether the agent's proof is too weak for opening these products of this membership with that power. */
export function isTooWeak(
  { strongProof }: Policy,
  method: AgentMethod | undefined,
  membership: Membership,
  wanted: { readonly surfaces: readonly string[]; readonly powers: Power },
): boolean {
  return !isStrong(method) && isOf(strongProof, membership, wanted)
}

interface Wanted {
  readonly surfaces: readonly string[]
  readonly powers: Power
}

/** Whether what is wanted of this membership is one of the things that a rule was made for. */
const isOf = (
  rule: { readonly ownersSurfaces: readonly string[]; readonly powers: boolean },
  membership: Pick<Membership, 'role'> | undefined,
  { surfaces, powers }: Wanted,
): boolean =>
  (rule.powers && powers !== 'look') ||
  (membership?.role === 'owner' && surfaces.some((id) => rule.ownersSurfaces.includes(id)))

/** Whether a code read aloud is too weak a consent for this: then it is the page that says yes. */
export const needsPage = ({ pageConsent }: Policy, membership: Pick<Membership, 'role'>, wanted: Wanted): boolean =>
  isOf(pageConsent, membership, wanted)

/** Why a second person has to say yes, in the order in which they are told; empty where nobody has to. */
const secondPersonReasons = [
  'owners_surface',
  'powers',
  'release',
  'same_user',
  'changed_contacts',
] as const satisfies readonly SecondPerson[]
export type SecondPerson = 'owners_surface' | 'powers' | 'release' | 'same_user' | 'changed_contacts'

/** What is about to be asked for. What is left out does not apply. */
export interface Situation extends Partial<Wanted> {
  readonly membership?: Pick<Membership, 'role'> | undefined
  /** The how manieth release of this succession this is. */
  readonly release?: number
  /** The how manieth assistance of this user within a day this is, over all agents. */
  readonly ofUser?: number
  readonly contactsChangedAt?: Date | undefined
  readonly now: Date
}

/** Why this takes a second person under this policy. */
export function whyTwo({ secondPerson: rule, ...policy }: Policy, at: Situation): readonly SecondPerson[] {
  const surfaces = at.surfaces ?? []
  const from = (least: number | null, count: number | undefined) =>
    least !== null && count !== undefined && count >= least
  const holds: Readonly<Record<SecondPerson, boolean>> = {
    owners_surface: isOf({ ...rule, powers: false }, at.membership, { surfaces, powers: 'look' }),
    powers: rule.powers && at.powers !== undefined && at.powers !== 'look',
    release: from(rule.releaseFrom, at.release),
    same_user: from(rule.sameUserFrom, at.ofUser),
    changed_contacts:
      policy.changedContacts.answer === 'second_person' && changedLately(policy, at.contactsChangedAt, at.now),
  }
  return secondPersonReasons.filter((reason) => holds[reason])
}

/** Whether a contact that changed then counts as changed lately. */
export const changedLately = (
  { changedContacts }: Pick<Policy, 'changedContacts'>,
  changedAt: Date | undefined,
  now: Date,
): boolean =>
  changedContacts.hours !== null &&
  changedAt !== undefined &&
  now.getTime() - changedAt.getTime() < changedContacts.hours * 3_600_000

/** A format is dear to make and cheap to keep: an installation has one zone. */
const clocks = new Map<string, Intl.DateTimeFormat>()
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const made =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  clocks.set(timeZone, made)
  return made
}

/** Whether this is within the working hours. */
export function isWorkingTime({ hours }: Policy, now: Date): boolean {
  const parts = clockOf(hours.timeZone).formatToParts(now)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  const day = days.find((one) => one === part('weekday').toLowerCase().slice(0, 3))
  const time = `${part('hour')}:${part('minute')}`
  return day !== undefined && hours.days.includes(day) && hours.from <= time && time < hours.to
}

/** What a list of the policy leaves of everything that there is; null leaves all. */
export const allowedOf = <T>(names: readonly string[] | null, all: readonly T[], nameOf: (one: T) => string) =>
  names === null ? all : all.filter((one) => names.includes(nameOf(one)))

/** The products offered for `membership`, in the order of the buttons. */
export function offered(surfaces: readonly Surface[], membership: Membership): readonly Surface[] {
  return surfaces.filter(
    (surface) =>
      membership.support !== 'off' &&
      surface.offeredTo.includes(membership.role) &&
      (membership.status === 'active' || (surface.whenSuspended && membership.role === 'owner')) &&
      hasWhatIsRequired(surface.requires, membership),
  )
}

const hasWhatIsRequired = (
  { feature, seat }: NonNullable<Surface['requires']> = {},
  { features, seats = [] }: Membership,
) => (feature === undefined || features.includes(feature)) && (seat === undefined || seats.includes(seat))

/** Whether any of these products is for those alone who have a seat: then the Core is asked who has which. */
export const wantsSeats = (surfaces: readonly Pick<Surface, 'requires'>[]): boolean =>
  surfaces.some(({ requires }) => requires?.seat !== undefined)

/** Whether what is done in a product sets the fifteen minutes back too; in a succession no product opens. */
export const doActsCount = ({ activity }: Pick<Policy, 'activity'>, kind: Kind): boolean =>
  activity === 'user+surface' && kind === 'technical'

/** How a surface opens: what is a public client opens on a phone, everything else in a tab of the agent's browser. */
export const opensIn = ({ client }: Pick<Surface, 'client'>): Opening =>
  client?.clientAuth === 'none' ? 'phone' : 'tab'

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
  if (memberships.every(({ support }) => support === 'off')) return 'support_off'
  if (memberships.every((membership) => offered(surfaces, membership).length === 0)) return 'nothing_offered'
  return undefined
}
