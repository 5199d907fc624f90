/**
 * Everything that a policy can say, as data: a row for each thing, with what it means, what it takes, and what the two
 * presets say. The type, the check of a file, `amparo config` and the guide are all made from these rows.
 */
import { secondProofs } from '@amparo/contract/oversight'
import { type Bilingual, type Role, roles } from '@amparo/contract/words'

export interface Field<V> {
  readonly means: Bilingual
  readonly wanted: Bilingual
  /** What could stand there, as JSON. */
  readonly example: string
  readonly fits: (value: unknown) => value is V
  readonly standard: V
  readonly strict: V
}
type Presets<V> = { readonly standard: V; readonly strict: V }

const words = (en: string, es: string): Bilingual => ({ en, es })

const yesOrNo = (means: Bilingual, presets: Presets<boolean>): Field<boolean> => ({
  means,
  wanted: words('true or false', 'true o false'),
  example: 'true',
  fits: (value) => typeof value === 'boolean',
  ...presets,
})

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most

const whole = (means: Bilingual, least: number, most: number, presets: Presets<number>): Field<number> => ({
  means,
  wanted: words(`a whole number from ${least} to ${most}`, `un número entero del ${least} al ${most}`),
  example: String(presets.standard),
  fits: (value) => isWhole(value, least, most),
  ...presets,
})

/** A number, or null where there is no limit. */
const limit = (
  means: Bilingual,
  most: number,
  presets: Presets<number | null>,
  example = '40',
): Field<number | null> => ({
  means,
  wanted: words(
    `a whole number from 1 to ${most}, or null for none`,
    `un número entero del 1 al ${most}, o null si ninguno`,
  ),
  example,
  fits: (value) => value === null || isWhole(value, 1, most),
  ...presets,
})

const oneOf = <const V extends string>(means: Bilingual, all: readonly V[], presets: Presets<V>): Field<V> => ({
  means,
  wanted: words(`one of ${quoted(all)}`, `uno de ${quoted(all)}`),
  example: `"${all.at(-1)}"`,
  fits: (value): value is V => all.some((one) => one === value),
  ...presets,
})

const someOf = <const V extends string>(
  means: Bilingual,
  all: readonly V[],
  presets: Presets<readonly V[]>,
  least = 0,
): Field<readonly V[]> => ({
  means,
  wanted: words(`a list of ${quoted(all)}, each once`, `una lista de ${quoted(all)}, cada uno una vez`),
  example: JSON.stringify(all.slice(0, 2)),
  fits: (value): value is readonly V[] =>
    isList(value) && value.length >= least && value.every((one) => all.some((known) => known === one)),
  ...presets,
})

/** Names that the vendor chose: of their products, reasons or people. */
const names = (means: Bilingual, example: string, presets: Presets<readonly string[]>): Field<readonly string[]> => ({
  means,
  wanted: words('a list of names, each once', 'una lista de nombres, cada uno una vez'),
  example,
  fits: isNames,
  ...presets,
})

/** The same, or null for all of them. */
const allOrNames = (means: Bilingual, example: string): Field<readonly string[] | null> => ({
  means,
  wanted: words('a list of names, or null for all', 'una lista de nombres, o null si todos'),
  example,
  fits: (value): value is readonly string[] | null => value === null || (isNames(value) && value.length > 0),
  standard: null,
  strict: null,
})

const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && new Set(value).size === value.length
const isNames = (value: unknown): value is readonly string[] =>
  isList(value) &&
  value.length <= 1000 &&
  value.every((one) => typeof one === 'string' && /^[^\s\p{Cc}]{1,128}$/u.test(one))
const quoted = (all: readonly string[]): string => all.map((one) => `"${one}"`).join(', ')

const time = (means: Bilingual, presets: Presets<string>): Field<string> => ({
  means,
  wanted: words('a time of day from 00:00 to 24:00', 'una hora de 00:00 a 24:00'),
  example: '"08:00"',
  fits: (value): value is string => typeof value === 'string' && /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(value),
  ...presets,
})

const timeZone = (means: Bilingual): Field<string> => ({
  means,
  wanted: words('the name of a time zone', 'el nombre de un huso horario'),
  example: '"America/New_York"',
  fits: (value): value is string => typeof value === 'string' && isTimeZone(value),
  standard: 'UTC',
  strict: 'UTC',
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const helping = roles.filter((role) => role.startsWith('agent:'))

/** The rows, in the order in which they are shown. */
export const policyTable = {
  strongProof: {
    ownersSurfaces: names(
      words(
        'these products of an owner open only for an agent who proved themself by passkey or authenticator app',
        'estos productos de un titular se abren solo a un agente que se identificó con llave de acceso o aplicación',
      ),
      '["store"]',
      { standard: [], strict: ['store'] },
    ),
    powers: yesOrNo(words('and so does any power beyond looking', 'y también cualquier permiso más allá de mirar'), {
      standard: false,
      strict: true,
    }),
  },
  pageConsent: {
    ownersSurfaces: names(
      words(
        'for these products of an owner the code read aloud is not enough: the yes is given on the page',
        'para estos productos de un titular no basta el código leído en voz alta: el sí se da en la página',
      ),
      '["store"]',
      { standard: [], strict: ['store'] },
    ),
    powers: yesOrNo(
      words('and so for any power beyond looking', 'y también para cualquier permiso más allá de mirar'),
      {
        standard: false,
        strict: true,
      },
    ),
  },
  secondPerson: {
    ownersSurfaces: names(
      words(
        'a supervisor has to say yes before these products of an owner are asked for',
        'un supervisor tiene que decir sí antes de pedir estos productos de un titular',
      ),
      '["store"]',
      { standard: [], strict: ['store'] },
    ),
    powers: yesOrNo(words('and before any power beyond looking', 'y antes de cualquier permiso más allá de mirar'), {
      standard: false,
      strict: false,
    }),
    releaseFrom: limit(
      words(
        'from this release of one succession on, the first being 1',
        'desde este desbloqueo de una misma sucesión, siendo 1 el primero',
      ),
      100,
      { standard: 3, strict: 2 },
      '3',
    ),
    sameUserFrom: limit(
      words(
        'from this assistance of one user on within a day, over all agents',
        'desde esta asistencia a un mismo usuario en un día, entre todos los agentes',
      ),
      100,
      { standard: null, strict: 5 },
      '5',
    ),
    proofs: someOf(
      words(
        'how a supervisor shows that it is they who say yes',
        'cómo demuestra un supervisor que es él quien dice sí',
      ),
      secondProofs,
      { standard: ['passkey', 'totp', 'sign_in'], strict: ['passkey', 'totp'] },
      1,
    ),
  },
  changedContacts: {
    hours: limit(
      words(
        "how long after a user's e-mail or phone changed it counts as changed lately",
        'cuánto tiempo tras cambiar el correo o el teléfono de un usuario cuenta como cambio reciente',
      ),
      8760,
      { standard: 72, strict: 168 },
      '72',
    ),
    answer: oneOf(words('what happens then', 'qué pasa entonces'), ['allow', 'second_person', 'refuse'], {
      standard: 'second_person',
      strict: 'refuse',
    }),
  },
  hours: {
    timeZone: timeZone(words('where the working hours are counted', 'dónde se cuentan las horas de trabajo')),
    days: someOf(words('the working days', 'los días de trabajo'), days, { standard: days, strict: days }, 1),
    from: time(words('when work begins', 'cuándo empieza el trabajo'), { standard: '00:00', strict: '00:00' }),
    to: time(words('when it ends', 'cuándo termina'), { standard: '24:00', strict: '24:00' }),
    outside: oneOf(words('what happens outside of them', 'qué pasa fuera de ellas'), ['allow', 'alert', 'refuse'], {
      standard: 'alert',
      strict: 'alert',
    }),
  },
  quotas: {
    lookUpsPerAgentADay: limit(
      words('people that an agent may look up in a day', 'personas que un agente puede buscar al día'),
      10_000,
      { standard: 80, strict: 40 },
    ),
    lookUpsWithoutConsentADay: limit(
      words('of them without a consent that followed', 'de ellas, sin un consentimiento después'),
      10_000,
      { standard: 30, strict: 15 },
      '20',
    ),
    assistancesPerAgentADay: limit(
      words('assistances that an agent may open in a day', 'asistencias que un agente puede abrir al día'),
      10_000,
      { standard: 80, strict: 40 },
    ),
    messagesPerUserADay: limit(
      words(
        'messages with a code that one user may get in a day, over all agents',
        'mensajes con código que un usuario puede recibir al día, entre todos los agentes',
      ),
      1000,
      { standard: 10, strict: 10 },
      '10',
    ),
  },
  alerts: {
    windowHours: whole(
      words(
        'how far back is counted, and how long the same alert is not given again',
        'hasta cuándo se cuenta hacia atrás, y cuánto tarda en repetirse el mismo aviso',
      ),
      1,
      168,
      { standard: 24, strict: 24 },
    ),
    lookUpsWithoutConsent: limit(
      words("an agent's look-ups without a consent", 'búsquedas de un agente sin consentimiento'),
      10_000,
      { standard: 12, strict: 8 },
      '10',
    ),
    refusedConsents: limit(
      words('users who refused an agent', 'usuarios que rechazaron a un agente'),
      1000,
      { standard: 3, strict: 2 },
      '3',
    ),
    sameUser: limit(
      words('look-ups of the same user, over all agents', 'búsquedas del mismo usuario, entre todos los agentes'),
      1000,
      { standard: 6, strict: 4 },
      '5',
    ),
  },
  canaries: names(
    words(
      'users whom nobody has a reason to look up: whoever does is reported',
      'usuarios que nadie tiene motivo para buscar: de quien lo haga se avisa',
    ),
    '["u_4711"]',
    { standard: [], strict: [] },
  ),
  breakGlass: {
    roles: someOf<Role>(
      words(
        'who may ask to look without a consent, with two supervisors; nobody unless set',
        'quién puede pedir mirar sin consentimiento, con dos supervisores; nadie si no se pone',
      ),
      helping,
      { standard: [], strict: [] },
    ),
    minutes: whole(words('how long that lasts', 'cuánto dura'), 5, 30, { standard: 30, strict: 15 }),
  },
  activity: oneOf(
    words(
      'whose acts set the fifteen minutes back: the user’s alone, or also what products report as done in them',
      'qué actos hacen contar de nuevo los quince minutos: los del usuario, o también lo que los productos cuentan que se hizo en ellos',
    ),
    ['user', 'user+surface'],
    { standard: 'user', strict: 'user' },
  ),
  agentPlaces: oneOf(
    words(
      'what tells apart where an agent works: from another such place their session opens nothing before a proof',
      'qué distingue los sitios desde los que trabaja un agente: desde otro, su sesión no abre nada sin una prueba',
    ),
    ['browser_and_network', 'browser'],
    { standard: 'browser_and_network', strict: 'browser_and_network' },
  ),
  reasons: allOrNames(
    words('the reasons that agents may give', 'los motivos que los agentes pueden dar'),
    '["billing"]',
  ),
  clientKeys: yesOrNo(
    words(
      'every product proves itself by a key of its own, none by a secret that is shared with us',
      'cada producto se identifica con una llave propia, ninguno con una clave compartida con nosotros',
    ),
    { standard: false, strict: true },
  ),
  surfaces: allOrNames(words('the products that may be opened', 'los productos que se pueden abrir'), '["web"]'),
} as const

type Values<T> = T extends Field<infer V> ? V : { readonly [K in keyof T]: Values<T[K]> }

/** What a vendor asks for beyond the rules that always hold. */
export type Policy = Values<typeof policyTable>
export const presetNames = ['standard', 'strict'] as const
export type Preset = (typeof presetNames)[number]

export const isField = (value: unknown): value is Field<unknown> =>
  typeof value === 'object' && value !== null && 'fits' in value

/** Every row with its path: `quotas.lookUpsPerAgentADay`. */
export const policyRows: readonly { readonly path: string; readonly field: Field<unknown> }[] = Object.entries(
  policyTable,
).flatMap(([name, value]) =>
  isField(value)
    ? [{ path: name, field: value }]
    : Object.entries(value).map(([inner, field]) => ({ path: `${name}.${inner}`, field: field as Field<unknown> })),
)

/** A policy from what stands at each path. The rows are the type, so this is where it is asserted. */
export function policyWith(at: (path: string, field: Field<unknown>) => unknown): Policy {
  const values: Record<string, unknown> = {}
  for (const { path, field } of policyRows) {
    const [group = '', name] = path.split('.')
    const value = at(path, field)
    values[group] = name === undefined ? value : { ...(values[group] as object | undefined), [name]: value }
  }
  return values as Policy
}

/** What stands at a path of a policy, as JSON. */
export function valueAt(policy: Policy, path: string): string {
  const [group = '', name] = path.split('.')
  const value = (policy as unknown as Readonly<Record<string, unknown>>)[group]
  return JSON.stringify(name === undefined ? value : (value as Readonly<Record<string, unknown>>)[name])
}

export const presets: Readonly<Record<Preset, Policy>> = {
  standard: policyWith((_path, field) => field.standard),
  strict: policyWith((_path, field) => field.strict),
}
