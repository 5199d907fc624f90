/**
 * Many short records outside JavaScript's heap, each found by the 32 bytes of a digest with which it begins. A million of
 * them are a few thousand pages and two arrays for the collector, and finding one allocates nothing.
 *
 * A page holds records of about one length. A place is a page and a slot of it; a record stays where it was put until it is
 * removed, so that whoever walks past all places meets each record that was there when the walk began.
 */
export interface Shelf {
  /** The place of the record with this digest; 0 where there is none. */
  find(digest: Uint8Array): number
  /** In place of the one with its digest, if there is one. False: it is too long to be kept. */
  put(record: Uint8Array): boolean
  remove(place: number): void
  /** Where a place's record stands: in this page, from here. Until the next `put` or `remove`. */
  page(place: number): Buffer
  from(place: number): number
  /** Every place with a record, also of those that are put down meanwhile. */
  places(): Generator<number, void>
  readonly size: () => number
  /** So much memory it takes. */
  readonly bytes: () => number
}

export const digestLength = 32
const pageLength = 64 * 1024
const step = 16
/** Before each record stands its length; 0 is an empty slot, and then comes the next empty one of that size. */
const headLength = 4
/** No record is longer. */
export const longestRecord = pageLength - headLength
/** A page has fewer than 2,048 slots: the last 11 bits of a place. There is no page 0, and so no place 0. */
const slotBits = 11
const slotMask = (1 << slotBits) - 1

export function shelf(): Shelf {
  const pages: Buffer[] = [Buffer.alloc(0)]
  /** How long the slots of each page are. */
  const lengths: number[] = [0]
  /** The first empty slot of each length. */
  const empty = new Uint32Array(pageLength / step + 1)
  let index = finder(1024)
  let size = 0

  const page = (place: number): Buffer => pages[place >>> slotBits] as Buffer
  const slot = (place: number): number => (place & slotMask) * (lengths[place >>> slotBits] as number)
  function isOf(place: number, digest: Uint8Array): boolean {
    const [held, from] = [page(place), slot(place) + headLength]
    for (let at = 0; at < digestLength; at += 1) if (held[from + at] !== digest[at]) return false
    return true
  }

  function newPage(length: number): void {
    const number = pages.length
    const slots = Math.floor(pageLength / length)
    const added = Buffer.alloc(pageLength)
    for (let at = 0; at < slots - 1; at += 1)
      added.writeUInt32LE(((number << slotBits) | (at + 1)) >>> 0, at * length + 4)
    pages.push(added)
    lengths.push(length)
    empty[length / step] = (number << slotBits) >>> 0
  }

  function emptySlot(length: number): number {
    if (empty[length / step] === 0) newPage(length)
    const place = empty[length / step] as number
    empty[length / step] = page(place).readUInt32LE(slot(place) + 4)
    return place
  }

  function remove(place: number): void {
    const [from, length] = [slot(place), lengths[place >>> slotBits] as number]
    index.remove(index.find(page(place).subarray(from + headLength, from + headLength + digestLength), isOf))
    page(place).fill(0, from, from + length)
    page(place).writeUInt32LE(empty[length / step] as number, from + 4)
    empty[length / step] = place
    size -= 1
  }

  return {
    find: (digest) => index.at(index.find(digest, isOf)),
    put(record) {
      const before = index.at(index.find(record, isOf))
      if (before !== 0) remove(before)
      if (record.length > longestRecord) return false
      const length = Math.ceil((headLength + record.length) / step) * step
      const place = emptySlot(length)
      page(place).writeUInt32LE(record.length, slot(place))
      page(place).set(record, slot(place) + headLength)
      if (size * 2 >= index.length) index = index.twice()
      index.put(index.gap(tagOf(record)), tagOf(record), place)
      size += 1
      return true
    },
    remove,
    page,
    from: (place) => slot(place) + headLength,
    *places() {
      for (let number = 1; number < pages.length; number += 1) {
        const [length, held] = [lengths[number] as number, pages[number] as Buffer]
        for (let at = 0; at < Math.floor(pageLength / length); at += 1)
          if (held.readUInt32LE(at * length) > 0) yield ((number << slotBits) | at) >>> 0
      }
    },
    size: () => size,
    bytes: () => (pages.length - 1) * pageLength + index.length * (4 + 4),
  }
}

/** Four bytes of a digest: where to begin to look for it, and what to compare before anything is fetched. */
const tagOf = (digest: Uint8Array): number =>
  ((digest[0] as number) |
    ((digest[1] as number) << 8) |
    ((digest[2] as number) << 16) |
    ((digest[3] as number) << 24)) >>>
  0

interface Finder {
  readonly length: number
  /** Where this digest stands, or where it would. */
  find(digest: Uint8Array, isOf: (place: number, digest: Uint8Array) => boolean): number
  /** Where one stands that is not there yet. */
  gap(tag: number): number
  at(at: number): number
  put(at: number, tag: number, place: number): void
  remove(at: number): void
  twice(): Finder
}

/** Open addressing with linear probing, at most half full; whoever is removed leaves no gap before those behind them. */
function finder(length: number): Finder {
  const tags = new Uint32Array(length)
  const places = new Uint32Array(length)
  const mask = length - 1
  const put = (at: number, tag: number, place: number): void => {
    tags[at] = tag
    places[at] = place
  }
  return {
    length,
    gap(tag) {
      let at = tag & mask
      while (places[at] !== 0) at = (at + 1) & mask
      return at
    },
    at: (at) => places[at] as number,
    find(digest, isOf) {
      const tag = tagOf(digest)
      let at = tag & mask
      while (places[at] !== 0 && !(tags[at] === tag && isOf(places[at] as number, digest))) at = (at + 1) & mask
      return at
    },
    put,
    remove(at) {
      let gap = at
      for (let next = (at + 1) & mask; places[next] !== 0; next = (next + 1) & mask) {
        const home = (tags[next] as number) & mask
        if (((next - home) & mask) < ((next - gap) & mask)) continue
        put(gap, tags[next] as number, places[next] as number)
        gap = next
      }
      places[gap] = 0
    },
    twice() {
      const larger = finder(length * 2)
      for (let at = 0; at < length; at += 1) {
        const [tag, place] = [tags[at] as number, places[at] as number]
        if (place !== 0) larger.put(larger.gap(tag), tag, place)
      }
      return larger
    },
  }
}
