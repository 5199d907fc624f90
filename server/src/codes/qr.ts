/**
 * QR codes as pictures: black on white whatever is around them, four modules of margin, error level Q. What was measured
 * says why: without the margin on a dark page, inverted or in pale colours, a decoder fails.
 */
import { crc32, deflateSync } from 'node:zlib'
import { encode } from 'uqr'

const margin = 4
/** Pixels of one module in a picture file: whole ones, so that no edge is grey. */
const scale = 8

/**
 * One of the eight masks for every picture: a reader is told which. Looking for the one that is best by the standard's score
 * costs eight times the drawing, and what is random all over is read no better by it.
 */
const maskPattern = 0

const modulesOf = (text: string): readonly (readonly boolean[])[] =>
  encode(text, { ecc: 'Q', border: margin, maskPattern }).data

export interface Drawn {
  /** Modules along a side, margin included. */
  readonly size: number
  /** The dark ones, in that square. */
  readonly path: string
  /** A document of its own: that path on white. */
  readonly svg: string
}

/** For a screen: sharp at every size. */
export function qrDrawn(text: string): Drawn {
  const rows = modulesOf(text)
  const size = rows.length
  const path = rows.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`
  return { size, path, svg }
}

/** As PNG, one bit a pixel. */
export function qrPng(text: string): Buffer {
  const rows = modulesOf(text)
  const side = rows.length * scale
  const lines = rows.flatMap((row) => {
    const line = Buffer.alloc(1 + Math.ceil(side / 8), 0xff)
    line[0] = 0 // no filter
    for (let x = 0; x < side; x += 1) {
      if (row[Math.floor(x / scale)]) line[1 + (x >> 3)] = (line[1 + (x >> 3)] ?? 0) & ~(0x80 >> (x & 7))
    }
    return Array.from({ length: scale }, () => line)
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header[8] = 1 // one bit of grey
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Where a row is dark: where each run begins, and how long it is. */
function runsOf(row: readonly boolean[]): readonly (readonly [x: number, length: number])[] {
  const runs: [number, number][] = []
  row.forEach((dark, x) => {
    const last = runs.at(-1)
    if (!dark) return
    if (last && last[0] + last[1] === x) last[1] += 1
    else runs.push([x, 1])
  })
  return runs
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
