import { expect, test } from 'vitest'
import { defaultReasons, reasonsFrom, ticketUrlFrom } from './reasons.ts'

const row = (code: string, en = 'Invoices', es = 'Facturas') => ({ code, name: { en, es } })
const faultsOf = (json: unknown): string => {
  try {
    reasonsFrom(json)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

test("the vendor's list is taken as it is, in its order", () => {
  expect(reasonsFrom([row('invoices'), row('other', 'Else', 'Otra')]).map(({ code }) => code)).toEqual([
    'invoices',
    'other',
  ])
  expect(reasonsFrom(defaultReasons)).toEqual(defaultReasons)
})

test('every fault of the list is told at once, by its row', () => {
  const said = faultsOf([
    row('Invoices'),
    { code: 'x', name: { en: 'X' } },
    row('twice'),
    row('twice'),
    row('lines', 'two\nlines'),
    row('long', 'x'.repeat(61)),
    row('empty', ' '),
    { ...row('more'), colour: 'red' },
    7,
  ])
  for (const part of [
    'row 1, code',
    'row 2, name.es',
    'row 4: "twice"',
    'row 5, name.en',
    'row 6, name.en',
    'row 7, name.en',
    'row 8',
    'row 9',
  ])
    expect(said).toContain(part)
})

test.each([null, {}, [], 'x', Array.from({ length: 51 }, (_, i) => row(`r${i}`))])('%j is no list', (json) => {
  expect(faultsOf(json)).toContain('a list of 1 to 50 rows')
})

test("a ticket's address is https, with one place for the ticket, after the host", () => {
  expect(ticketUrlFrom('https://tickets.acme.com/t/{ticket}?x=1')).toContain('{ticket}')
  for (const text of [
    'http://tickets.acme.com/{ticket}',
    'https://{ticket}.acme.com/',
    'https://acme.com/',
    'https://acme.com/{ticket}/{ticket}',
    'javascript:alert({ticket})',
    'https://user:word@acme.com/{ticket}',
    'tickets/{ticket}',
  ])
    expect(() => ticketUrlFrom(text)).toThrow('an https address with {ticket} once, after the host')
})
