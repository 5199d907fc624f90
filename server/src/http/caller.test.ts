/** Who asks is told by the connection and by proxies that the operator named, and never by whoever asks. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callerOf, neighbourhoodOf, type Proxies, proxiesFrom, siteOf } from './caller.ts'

const named = (text: string): Proxies => {
  const proxies = proxiesFrom(text)
  if (!proxies) throw new Error(`${text} is nonsense`)
  return proxies
}
const proxy = '10.40.0.7'
const inside = named('10.40.0.0/24, 10.40.1.0/24')

test.each([
  ['without a setting nothing is believed', undefined, proxy, '203.0.113.9', proxy],
  ['with one proxy, it is whom that proxy saw', named('1'), proxy, '203.0.113.9', '203.0.113.9'],
  [
    'what the client wrote in front of it is not',
    named('1'),
    proxy,
    '10.0.0.1, 198.51.100.1, 203.0.113.9',
    '203.0.113.9',
  ],
  ['with two, it is whom the first of them saw', named('2'), proxy, 'evil, 203.0.113.9, 198.51.100.7', '203.0.113.9'],
  ['with two and one that wrote, it is whom that one saw', named('2'), proxy, '203.0.113.9', '203.0.113.9'],
  ['nobody wrote anything', named('2'), proxy, undefined, proxy],
  ['a proxy in a named range is believed', inside, proxy, '192.0.2.1, 203.0.113.9', '203.0.113.9'],
  ['a chain of them too, to the first that is none', inside, proxy, '192.0.2.1, 203.0.113.9, 10.40.1.3', '203.0.113.9'],
  ['whoever comes to us by themself is who they are', inside, '203.0.113.9', '192.0.2.1', '203.0.113.9'],
  ['all of them are ours: the farthest', inside, proxy, '10.40.1.3, 10.40.0.9', '10.40.1.3'],
  ['a proxy on this machine', named('127.0.0.1,::1'), '::1', '203.0.113.9', '203.0.113.9'],
  ['a socket of IPv6 that IPv4 came through', inside, '::ffff:10.40.0.7', '203.0.113.9', '203.0.113.9'],
  ['IPv6, in one spelling', named('1'), proxy, '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['a range of IPv6', named('fd00::/8'), 'fd12::7', '2001:db8::1', '2001:db8::1'],
  ['a port behind an address', named('1'), proxy, '203.0.113.9:51234', '203.0.113.9'],
  ['a port behind one of IPv6', named('1'), proxy, '[2001:db8::1]:443', '2001:db8::1'],
  ['brackets alone, a zone, blanks', named('1'), proxy, '  [fe80::1%eth0]  ', 'fe80::1'],
  ['a word where an address should be', named('1'), proxy, 'unknown', proxy],
  ['a word in the middle of a chain', inside, proxy, '203.0.113.9, _hidden, 10.40.1.3', '10.40.1.3'],
  ['nothing between two commas', named('2'), proxy, '203.0.113.9,,', proxy],
  ['an address that is none', named('1'), proxy, '203.0.113.999', proxy],
  ['a line break in it', named('1'), proxy, '203.0.113.9\r\nx: y', proxy],
  ['no connection to ask', inside, undefined, '203.0.113.9', 'nowhere'],
] as const)('%s', (_what, proxies, peer, header, seen) => {
  expect(callerOf(peer, header, proxies)).toBe(seen)
})

test('whatever a client writes in front of what a proxy wrote changes nothing', () => {
  const written = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom(proxy, '10.40.1.3', ',', ', ,', '127.0.0.1'),
  )
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), fc.constantFrom(inside, named('1')), (forged, proxies) => {
      const header = [...forged, '203.0.113.9'].join(', ')
      expect(callerOf(proxy, header, proxies)).toBe('203.0.113.9')
      expect(callerOf('203.0.113.9', header, inside)).toBe('203.0.113.9')
      expect(callerOf(proxy, header, undefined)).toBe(proxy)
    }),
  )
})

test('the longest header that a server takes is read from its end, and no farther than it has to be', () => {
  const longest = `${'10.40.0.9, '.repeat(1400)}203.0.113.9`
  expect(callerOf(proxy, longest, inside)).toBe('203.0.113.9')
  expect(callerOf(proxy, 'x'.repeat(16_384), inside)).toBe(proxy)
  expect(callerOf(proxy, ','.repeat(16_384), named('9'))).toBe(proxy)
})

test.each([
  '0',
  '10',
  '-1',
  '1.5',
  '01',
  'all',
  'true',
  'proxy.acme.test',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/7',
  '10.0.0.0/33',
  'fd00::/7',
  'fd00::/129',
  '10.0.0/8',
  '10.0.0.1-10.0.0.9',
  '10.40.0.0/24,',
  ',',
  '10.40.0.0/24;10.40.1.0/24',
  '127.0.0.1:80',
])('"%s" names no proxies', (text) => {
  expect(proxiesFrom(text)).toBeUndefined()
})

test('whoever has a network of IPv6 is limited as one, and one address of IPv4 as itself', () => {
  expect(neighbourhoodOf('203.0.113.9')).toBe('203.0.113.9')
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2:3::'])
    expect(neighbourhoodOf(address)).toBe('2001:db8:1:2::/64')
  expect(neighbourhoodOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(neighbourhoodOf('::1')).toBe('0:0:0:0::/64')
  expect(neighbourhoodOf('nowhere')).toBe('nowhere')
})

test('guesses count by the network of IPv6 that somebody is given whole, and by one address of IPv4', () => {
  expect(siteOf('203.0.113.9')).toBe('203.0.113.9')
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:ffff::9']) expect(siteOf(address)).toBe('2001:db8:1::/48')
  expect(siteOf('2001:db8:2::1')).not.toBe(siteOf('2001:db8:1::1'))
  expect(siteOf('nowhere')).toBe('nowhere')
})
