import { expect, test } from 'vitest'
import { isToday } from './today.ts'

test('an hour of tomorrow is not taken for one of today, however near', () => {
  const now = new Date(2026, 10, 29, 23, 59)
  expect(isToday(new Date(2026, 10, 29, 0, 1).toISOString(), now)).toBe(true)
  expect(isToday(new Date(2026, 10, 30, 0, 1).toISOString(), now)).toBe(false)
  expect(isToday(new Date(2026, 10, 30, 23, 59).toISOString(), now)).toBe(false)
})
