import { expect, test } from 'vitest'
import { surfacesFrom } from '../config.surfaces.ts'
import { granted } from './policy.ts'

test('a surface is given no more than the user agreed to, and no more than it is able to hold back', () => {
  expect(granted({ powers: ['look', 'act'] }, 'act')).toBe('act')
  expect(granted({ powers: ['look', 'act'] }, 'look')).toBe('look')
  expect(granted({ powers: ['look'] }, 'act')).toBe('look')
  expect(granted(undefined, 'act')).toBe('look')
})

test('a surface that cannot be merely looked at is refused at the start', () => {
  const row = { id: 'web', name: { en: 'Web', es: 'Web' }, offeredTo: ['owner'] }
  expect(() => surfacesFrom([{ ...row, powers: ['act'] }])).toThrow('looked at')
  expect(surfacesFrom([{ ...row, acts: { 'a.b': { en: 'did', es: 'hizo' } } }])[0]?.acts).toHaveProperty('a.b')
  expect(() => surfacesFrom([{ ...row, acts: { 'A b': { en: 'did', es: 'hizo' } } }])).toThrow()
  expect(() => surfacesFrom([{ ...row, acts: { ab: { en: 'two\nlines', es: 'hizo' } } }])).toThrow()
})
