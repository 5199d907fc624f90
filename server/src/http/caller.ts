/**
 * Who asks: the other end of the connection, or whom a proxy of ours says that it speaks for. `X-Forwarded-For` is read
 * from its end, where the nearest proxy wrote, and only as far as proxies wrote it that the operator named. What a client
 * puts there by itself is never believed; and without such a name nothing of it is.
 */
import { BlockList, isIP, SocketAddress } from 'node:net'

/** How many proxies stand in front of us, or where they are. */
export type Proxies = { readonly hops: number } | { readonly ranges: BlockList }

const mostHops = 9
/** Whoever means a range that is wider means everybody. */
const widest = 8

/** A number, or addresses and ranges with commas between them; undefined where it is neither. */
export function proxiesFrom(text: string): Proxies | undefined {
  if (/^\d+$/.test(text)) return /^[1-9]$/.test(text) && Number(text) <= mostHops ? { hops: Number(text) } : undefined
  const ranges = new BlockList()
  return text.split(',').every((one) => added(ranges, one.trim())) ? { ranges } : undefined
}

function added(ranges: BlockList, text: string): boolean {
  const [, address = '', prefix] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const length = Number(prefix ?? (version === 6 ? 128 : 32))
  if (version === 0 || length < widest || length > (version === 6 ? 128 : 32)) return false
  ranges.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
  return true
}

/**
 * Whose request this is, as an address. `peer` is the other end of the connection. Where a proxy of ours wrote nothing
 * that could be an address, it is the last that could: people are then told apart less well, and nobody is believed more.
 */
export function callerOf(peer: string | undefined, forwardedFor: string | undefined, proxies?: Proxies): string {
  let at = addressIn(peer ?? '')
  let rest = forwardedFor ?? ''
  for (let hop = 0; at !== undefined && rest !== '' && proxies && isOurs(proxies, at, hop); hop += 1) {
    const comma = rest.lastIndexOf(',')
    const before = addressIn(rest.slice(comma + 1))
    if (before === undefined) break
    at = before
    rest = rest.slice(0, Math.max(0, comma))
  }
  return at ?? 'nowhere'
}

const isOurs = (proxies: Proxies, address: string, hop: number): boolean =>
  'hops' in proxies ? hop < proxies.hops : proxies.ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const longestAddress = 64

/** An address as we write it, without the port that some proxies add; undefined where it is none. */
function addressIn(text: string): string | undefined {
  const bare = text.trim()
  if (bare.length > longestAddress) return undefined
  const [, inside = bare] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(bare) ?? /^([\d.]+):\d{1,5}$/.exec(bare) ?? []
  const [address = ''] = inside.split('%')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : undefined
  // One spelling of each, and IPv4 as what it is wherever it came through a socket of IPv6.
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '')
}

/**
 * What limits by address count by. Whoever has one address of IPv6 has the whole of its /64: they would never run out of
 * new ones.
 */
export const neighbourhoodOf = (address: string): string =>
  isIP(address) === 6 ? `${beginningOf(address, 4)}::/64` : address

/**
 * The network that somebody works from: it stays while their address changes within it, as a provider's or an office's do.
 * This machine is one, by whichever of its names.
 */
export function networkOf(address: string): string {
  if (/^127\.|^::1$/.test(address)) return 'this machine'
  if (isIP(address) === 6) return `${beginningOf(address, 3)}::/48`
  return isIP(address) === 4 ? `${address.split('.').slice(0, 3).join('.')}.0/24` : address
}

/** What a stranger's guesses count by. For IPv6 it is the /48 that many are given: whoever has one has 65,536 of those /64. */
export const siteOf = (address: string): string => (isIP(address) === 6 ? networkOf(address) : address)

/** The first groups of an address of IPv6. */
function beginningOf(address: string, groups: number): string {
  const [before = [], after] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = after ? Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0') : []
  return [...before, ...zeros, ...(after ?? [])].slice(0, groups).join(':')
}
