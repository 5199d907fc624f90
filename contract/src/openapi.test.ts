import { expect, test } from 'vitest'
import { api, type Call } from './api.ts'
import { openapi } from './openapi.ts'
import { refusals } from './refusals.ts'

type Json = Record<string, unknown>
const document = openapi({ title: 'Amparo', version: '0.0.0', servers: [{ url: 'http://localhost:4000' }] })
const at = (path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document)

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  )
}

test('every call of the table is in the document', () => {
  for (const [name, call] of Object.entries<Call>(api)) {
    const operation = at(['paths', call.path, call.method.toLowerCase()]) as Json
    expect(operation?.operationId, name).toBe(name)
    expect(Object.keys(operation.responses as Json), name).toContain(String(call.status))
    expect(operation.requestBody !== undefined, name).toBe(call.input !== undefined)
    expect(JSON.stringify(operation).includes('IdempotencyKey'), name).toBe(['POST', 'PUT'].includes(call.method))
    const parts = [...call.path.matchAll(/\{(\w+)\}/g)].map((found) => found[1])
    const told = ((operation.parameters ?? []) as Json[]).filter((one) => one.in === 'path').map((one) => one.name)
    expect(told, name).toEqual(parts)
  }
})

test('no reference in the document leads nowhere', () => {
  const references = referencesIn(document)
  expect(references.length).toBeGreaterThan(20)
  for (const reference of references) {
    expect(reference.startsWith('#/'), reference).toBe(true)
    expect(at(reference.slice(2).split('/')), reference).toBeTypeOf('object')
  }
})

test('every refusal word is in the document', () => {
  expect(at(['components', 'schemas', 'RefusalWord', 'enum'])).toEqual(refusals)
})

test('a body is described as it is sent, not as it is read', () => {
  const code = at(['components', 'schemas', 'ProvePresenceBody', 'properties', 'code']) as Json
  expect(code.maxLength).toBe(64)
})

test('the document is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})
