/**
 * What may be done as the user: looking always, everyday changes only where the user agreed to them, some things never.
 * A surface names in one table what each of its addresses needs; a change that the table does not name is refused.
 */
import { type Asked, otherMethodsOf, pathOf } from './asked.ts'
import type { Assisted } from './check.ts'
import type { Language } from './words.ts'

/**
 * Each of these outlives the help, gives somebody else a way in, takes something away, or cannot be taken back. They are
 * refused, unless the user granted this very one in the middle of this help; the user's own sign-in always.
 */
export const neverUnderAssistance = [
  'password',
  'second_factor',
  'email',
  'phone',
  'payment_method',
  'deletion',
  'export',
  'document',
  'api_keys',
  'connected_apps',
  'sharing',
  'webhooks',
  'invitations',
  'new_devices',
  'successor',
  'own_sign_in',
] as const
export type NeverAct = (typeof neverUnderAssistance)[number]

/** `act`: whatever changes anything and is not on the list above. */
export type Need = 'look' | 'act' | NeverAct

export type Bilingual = Readonly<Record<Language, string>>

/** What an address needs, and what the user and the agent read of it afterwards: a verb with what it was done to. */
export interface Declared {
  readonly needs: Need
  readonly what: Bilingual
}

/**
 * `'POST /orders/:id/note': { needs: 'act', what: { en: 'changed …', es: 'cambió …' } }`, or the need alone. `:id` is
 * any one segment. `GET` and `HEAD` need `look` unless they are named here.
 */
export type Acts = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, Need | Declared>>

/** `change`: everyday, but the user agreed to looking alone. `undeclared`: the surface's table does not name it. */
export type RefusedAct = 'change' | NeverAct | 'undeclared'

const sentences = {
  lookOnly: {
    en: 'The user agreed that support may look, not change anything. Nothing was changed.',
    es: 'El usuario aceptó que soporte mire, no que cambie algo. No se cambió nada.',
  },
  never: {
    en: 'Support cannot do this. Only the user can, after signing in themselves.',
    es: 'Soporte no puede hacer esto. Solo el usuario puede, con su propio acceso.',
  },
  notAsked: {
    en: 'Support cannot do this, unless the user agrees to this very thing: the agent can ask for it at the desk.',
    es: 'Soporte no puede hacer esto, salvo que el usuario acepte justo esto: el agente puede pedirlo en su puesto.',
  },
} as const satisfies Record<string, Bilingual>

export interface GuardRefusal extends Bilingual {
  readonly code: 'power.not_granted'
  readonly act: RefusedAct
}
export type Permission = { readonly ok: true } | { readonly ok: false; readonly refusal: GuardRefusal }

const never: ReadonlySet<string> = new Set(neverUnderAssistance)
const refuse = (act: RefusedAct): Permission => ({
  ok: false,
  refusal: { code: 'power.not_granted', act, ...sentences[sentenceOf(act)] },
})
const sentenceOf = (act: RefusedAct): keyof typeof sentences => {
  if (act === 'change') return 'lookOnly'
  return act === 'own_sign_in' || act === 'undeclared' ? 'never' : 'notAsked'
}
const isNever = (need: string): need is NeverAct => never.has(need)

/** Whose help it is, as far as permissions go. */
export type Powered = Pick<Assisted, 'powers'> & Partial<Pick<Assisted, 'granted'>>

export function mayDo(assisted: Powered, need: Need): Permission {
  if (need === 'look') return { ok: true }
  if (isNever(need)) return need !== 'own_sign_in' && assisted.granted?.includes(need) ? { ok: true } : refuse(need)
  return assisted.powers === 'act' ? { ok: true } : refuse('change')
}

export interface Judged {
  readonly need: Need | 'undeclared'
  readonly what: Bilingual
  readonly permission: Permission
}

const looked: Bilingual = { en: 'opened a page', es: 'abrió una página' }
const changed: Bilingual = { en: 'changed something', es: 'cambió algo' }
const permitted: Bilingual = {
  en: 'did something that the user allowed by itself',
  es: 'hizo algo que el usuario permitió aparte',
}
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Judges requests by a surface's table. Where several rows fit, the strictest counts. */
export function guard(acts: Acts): (request: { method: string; path: string }, who: Powered) => Judged {
  const rows = Object.entries(acts).map(([address, row]) => rowOf(address, row))
  return ({ method, path }, who) => {
    const asked = method === 'HEAD' ? 'GET' : method
    const readings = readingsOf(path)
    const strictestOf = (some: Readings) =>
      rows
        .filter((row) => row.method === asked && some.some((one) => fits(row.segments, one)))
        .sort((a, b) => strictness(b.needs) - strictness(a.needs))
        .at(0)
    const own = strictestOf(readings)
    // What few routers read makes it stricter, and declares nothing.
    const rare = own || safe.has(method) ? strictestOf(rareReadingsOf(readings)) : undefined
    const row = rare && strictness(rare.needs) > strictness(own?.needs ?? 'look') ? rare : own
    if (row) return { need: row.needs, what: row.what, permission: mayDo(who, row.needs) }
    if (safe.has(method)) return { need: 'look', what: looked, permission: mayDo(who, 'look') }
    return { need: 'undeclared', what: changed, permission: refuse('undeclared') }
  }
}

/**
 * The same of a request that may be taken for another behind us: it has to be granted as each of those, and what it did is
 * told in the words of the strictest.
 */
export function judgedAsAny(judge: ReturnType<typeof guard>, asked: Asked, who: Powered): Judged {
  const path = pathOf(asked)
  const own = judge({ method: asked.method, path }, who)
  const others = otherMethodsOf(asked).map((method) => judge({ method, path }, who))
  const refused = [own, ...others].find(({ permission }) => !permission.ok)
  return refused ?? others.reduce((most, one) => (strictness(one.need) > strictness(most.need) ? one : most), own)
}

function rowOf(address: string, row: Need | Declared) {
  const [method = '', path = ''] = address.split(' ')
  const needs = typeof row === 'string' ? row : row.needs
  const what = typeof row === 'string' ? (row === 'look' ? looked : row === 'act' ? changed : permitted) : row.what
  return { method, segments: segmentsOf(path), needs, what }
}

type Readings = readonly (readonly string[])[]

/**
 * Routers differ in what they take as the same address: case, doubled and trailing slashes, and whether an encoded slash
 * parts two segments. Whatever any of them might read counts.
 */
function readingsOf(path: string): Readings {
  const plain = path.split(/[?#]/, 1)[0] ?? ''
  return [segmentsOf(decoded(plain)), segmentsOf(plain).map(decoded)]
}

/** Some end the address, or each segment, at a semicolon, and some go back at each `..` first. */
const rareReadingsOf = (readings: Readings): Readings =>
  readings.flatMap((one) => {
    const cut = one.slice(0, one.findIndex((segment) => segment.includes(';')) + 1 || one.length).map(plainOf)
    return [one, one.map(plainOf), cut].map((each) => each.reduce<readonly string[]>(stepped, []))
  })
const plainOf = (segment: string): string => segment.split(';', 1)[0] ?? ''
const stepped = (walked: readonly string[], segment: string): readonly string[] =>
  segment === '..' ? walked.slice(0, -1) : segment === '.' || segment === '' ? walked : [...walked, segment]

const segmentsOf = (path: string): readonly string[] =>
  path
    .toLowerCase()
    .split(/[/\\]/)
    .filter((segment) => segment !== '')

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const fits = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === segments.length && pattern.every((part, at) => part.startsWith(':') || part === segments[at])

const strictness = (need: Judged['need']): number => (need === 'look' ? 0 : need === 'act' ? 1 : 2)
