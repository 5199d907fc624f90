/**
 * Values for a JSON Schema, as an OpenAPI document has them: such as it asks for, such as it nearly asks for, and such as
 * people send who mean harm.
 */
import fc from 'fast-check'

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly default?: unknown
}
export type Schemas = Readonly<Record<string, Schema>>

/** Texts that mean harm, or that only look odd. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\r\nX-Injected: 1',
  "' or 1=1 --",
  '"; drop table event; --',
  '$1',
  '%00',
  '%s%n',
  '../../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '\u202etxt.exe',
  '\u0000\uffff',
  '٣٤٥٦٧٨',
  '１２３４５６',
  '🧑‍🤝‍🧑'.repeat(40),
  'a'.repeat(70_000),
  '0'.repeat(400),
  '-1',
  '1e400',
  'NaN',
  'null',
  'true',
  '9007199254740993',
  '99999999999999999999',
  '2026-13-45T99:99:99Z',
]

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...hostileTexts),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    -1e308,
    1.5,
    2 ** 53,
    [],
    {},
    [[[[[]]]]],
    { __proto__: { admin: true } },
    { constructor: { prototype: {} } },
    Array.from({ length: 5000 }, (_, at) => at),
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

export interface Known {
  readonly schemas: Schemas
  /** What stands in the system, by the name of the field that asks for it: so that some of it is found. */
  values(field: string): readonly string[]
}

/** Such as the schema asks for. */
export function fitting(schema: Schema, known: Known, field = '', depth = 0): fc.Arbitrary<unknown> {
  if (depth > 8) return fc.constant(null)
  const down = (one: Schema, name = field) => fitting(one, known, name, depth + 1)
  if (schema.$ref !== undefined) return down(known.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const some = schema.anyOf ?? schema.oneOf
  if (some) return fc.oneof(...some.map((one) => down(one)))
  if (schema.allOf) return fc.tuple(...schema.allOf.map((one) => down(one))).map((parts) => Object.assign({}, ...parts))
  switch (schema.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, down(one, name)])),
        { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true },
      )
    case 'array':
      return fc.array(down(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      })
    case 'string':
      return text(schema, known.values(field))
    case 'integer':
    case 'number':
      return whole(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function whole({ minimum = -1000, maximum = 1000, multipleOf = 1 }: Schema): fc.Arbitrary<number> {
  const [least, most] = [Math.ceil(minimum / multipleOf), Math.floor(Math.min(maximum, 2 ** 31) / multipleOf)]
  return fc.integer({ min: least, max: Math.max(least, most) }).map((one) => one * multipleOf)
}

function text({ pattern, minLength = 0, maxLength = 64 }: Schema, there: readonly string[]): fc.Arbitrary<string> {
  const longest = Math.min(maxLength, 80)
  const made = pattern === undefined ? plain(minLength, longest) : patterned(pattern, minLength, maxLength)
  return there.length === 0
    ? made
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: made })
}
const plain = (minLength: number, maxLength: number) =>
  fc.string({ minLength, maxLength: Math.max(minLength, maxLength), unit: 'grapheme' })

/** Of a pattern that the generator does not understand, plain text does. */
function patterned(pattern: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  try {
    return fc
      .stringMatching(new RegExp(pattern, 'u'), { size: 'small' })
      .map((one) => one.slice(0, maxLength).padEnd(minLength, 'x'))
  } catch {
    return plain(minLength, Math.min(maxLength, 80))
  }
}

/** Such as it nearly asks for: something left out, put in, or put in the place of something else. */
export const nearlyFitting = (schema: Schema, known: Known): fc.Arbitrary<unknown> =>
  fc
    .tuple(fitting(schema, known), fc.nat(), hostile, fc.constantFrom('leave out', 'put in', 'replace', 'wrap'))
    .map(([value, at, other, how]) => spoilt(value, at, other, how))

function spoilt(value: unknown, at: number, other: unknown, how: 'leave out' | 'put in' | 'replace' | 'wrap'): unknown {
  if (how === 'wrap') return at % 2 === 0 ? [value] : { value }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return other
  const keys = Object.keys(value)
  const key = keys[at % Math.max(keys.length, 1)]
  if (how === 'put in' || key === undefined) return { ...value, [at % 3 === 0 ? '__proto__x' : 'unknown']: other }
  const { [key]: inside, ...rest } = value as Record<string, unknown>
  if (how === 'leave out') return rest
  return { ...rest, [key]: at % 2 === 0 && typeof inside === 'object' ? spoilt(inside, at >> 1, other, how) : other }
}

/** What only means harm: bodies that are no JSON, or too much of it. */
export const hostileBodies: fc.Arbitrary<string> = fc.oneof(
  hostile.map((value) => JSON.stringify(value) ?? ''),
  fc.constantFrom(
    '',
    '{',
    '{"a":',
    '[[[[[[',
    'kind=technical',
    '\u0000',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `{"email":"${'a'.repeat(99_000)}"}`,
    `"${'a'.repeat(110_000)}"`,
    '\ufeff{}',
    '{"n":1e400}',
    '{"code":"\\ud800"}',
  ),
  fc.string({ maxLength: 200 }),
)
