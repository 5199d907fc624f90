import { expect, test } from 'vitest'
import { digitsOf, typeable } from './digits.ts'

test.each(['482913', '482 913', '482-913', ' 482 913\n', 'Your code is 482 913.'])(
  '%j is taken as the code',
  (pasted) => {
    expect(digitsOf(typeable(pasted))).toBe('482913')
  },
)

test('leading zeros are kept, and too many digits are not cut off', () => {
  expect(digitsOf(typeable('004 201'))).toBe('004201')
  expect(digitsOf(typeable('1234 5678'))).toBe('12345678')
})
