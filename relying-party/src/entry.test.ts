import { expect, test } from 'vitest'
import { landing } from './entry.ts'

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/invoices?page=2', '/invoices?page=2'],
  ['http://web.test/members', '/members'],
  ['https://web.test/members', '/'],
  ['http://web.test.evil.test/', '/'],
  ['//evil.test/', '/'],
  ['http://web.test@evil.test/', '/'],
  ['\\\\evil.test', '/'],
  ['javascript:alert(1)', '/'],
  ['http://web.test//evil.test', '//evil.test'],
  ['/assisted/login?iss=x', '/'],
  ['http://', '/'],
])('a launch that wants to land on %s lands on our own %s', (target, path) => {
  expect(landing('http://web.test', target)).toBe(`http://web.test${path}`)
})
