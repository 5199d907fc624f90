/** A policy file: a preset's name and what differs from it. Every fault in it is named: where, seen, wanted, an example. */
import type { Bilingual } from '@amparo/contract/words'
import { type Field, isField, type Policy, policyRows, policyTable, policyWith, presetNames, valueAt } from './table.ts'

export type PolicyRead = { readonly policy: Policy } | { readonly faults: readonly Bilingual[] }

/** The policy of a file's JSON, or every fault in it. A name that no row has is one: nothing in it is overlooked. */
export function readPolicy(json: unknown): PolicyRead {
  if (!isObject(json)) return { faults: [fault('', json, thePreset, '{"preset": "standard"}')] }
  const preset = presetNames.find((name) => name === json.preset)
  const given = flat(json)
  const faults = [
    ...(preset ? [] : [fault('preset', json.preset, thePreset, '"standard"')]),
    ...[...given.keys()].filter((path) => !known.has(path)).map(strange),
    ...[...given].flatMap(([path, value]) => {
      const field = known.get(path)
      return !field || field.fits(value) ? [] : [fault(path, value, field.wanted, field.example)]
    }),
  ]
  if (!preset || faults.length > 0) return { faults }
  const policy = policyWith((path, field) => (given.has(path) ? given.get(path) : field[preset]))
  const wrong = together(policy)
  return wrong.length > 0 ? { faults: wrong } : { policy }
}

/** The same without any quota that the file does not set: for a demo, where scripts open and look up at will. */
export function readDemoPolicy(json: unknown): PolicyRead {
  const read = readPolicy(json)
  if ('faults' in read || !isObject(json)) return read
  const given = flat(json)
  const off = (path: string) => path.startsWith('quotas.') && !given.has(path)
  return { policy: policyWith((path) => (off(path) ? null : JSON.parse(valueAt(read.policy, path)))) }
}

const known: ReadonlyMap<string, Field<unknown>> = new Map(policyRows.map(({ path, field }) => [path, field]))
const thePreset: Bilingual = {
  en: 'a file {"preset": "standard"} or {"preset": "strict"}, with what differs from it',
  es: 'un archivo {"preset": "standard"} o {"preset": "strict"}, con lo que difiera',
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a file gives, by path. A group that is none stands under its own name, and is found strange there. */
function flat(json: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(json)
      .filter(([name]) => name !== 'preset')
      .flatMap(([name, value]): readonly (readonly [string, unknown])[] =>
        isGroup(name) && isObject(value)
          ? Object.entries(value).map(([inner, one]) => [`${name}.${inner}`, one] as const)
          : [[name, value] as const],
      ),
  )
}

const isGroup = (name: string): boolean =>
  Object.entries(policyTable).some(([group, value]) => group === name && !isField(value))

function strange(path: string): Bilingual {
  const [group = ''] = path.split('.')
  const all = isGroup(group) ? policyRows.filter((row) => row.path.startsWith(`${group}.`)) : policyRows
  const names = [...new Set(all.map((row) => (isGroup(group) ? row.path : (row.path.split('.')[0] ?? ''))))]
  const list = names.join(', ')
  return isGroup(path)
    ? said(
        path,
        { en: 'no group', es: 'ningún grupo' },
        { en: `a group {…} of ${list}`, es: `un grupo {…} de ${list}` },
        '{}',
      )
    : said(
        path,
        { en: 'a name that is none of ours', es: 'un nombre que no es nuestro' },
        { en: `one of ${list}`, es: `uno de ${list}` },
        names[0] ?? '',
      )
}

const fault = (path: string, seen: unknown, wanted: Bilingual, example: string): Bilingual => {
  const text = seen === undefined ? undefined : JSON.stringify(seen).slice(0, 80)
  return said(path, { en: text ?? 'nothing', es: text ?? 'nada' }, wanted, example)
}

const said = (path: string, seen: Bilingual, wanted: Bilingual, example: string): Bilingual => ({
  en: `${path || 'file'}  seen: ${seen.en}  wanted: ${wanted.en}  e.g. ${example}`,
  es: `${path || 'archivo'}  visto: ${seen.es}  se espera: ${wanted.es}  p. ej. ${example}`,
})

/** What is right by itself and wrong together. */
function together(policy: Policy): readonly Bilingual[] {
  const { from, to } = policy.hours
  return from < to ? [] : [fault('hours.to', to, { en: `later than ${from}`, es: `más tarde que ${from}` }, '"20:00"')]
}
