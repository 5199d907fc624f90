/**
 * Pictures small enough for a README, made by the browser that we drive anyway: it encodes WebP, and an animation is its
 * pictures one after the other in a container of a few fields (RFC 9649 §2.7).
 */
import type { Browser, Page } from 'playwright-core'

export interface Frame {
  /** Base64, as the browser gave it. */
  readonly webp: string
  readonly ms: number
}

/** A page that makes WebP of PNG, at `width` pixels. */
export async function darkroom(browser: Browser) {
  const page: Page = await (await browser.newContext()).newPage()
  return {
    async develop(png: Buffer, width: number, quality: number): Promise<string> {
      const made: unknown = await page.evaluate(
        `(async () => {
          const blob = await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob()
          const picture = await createImageBitmap(blob)
          const height = Math.round((picture.height * ${width}) / picture.width)
          const canvas = document.createElement('canvas')
          canvas.width = ${width}
          canvas.height = height
          const pen = canvas.getContext('2d')
          pen.imageSmoothingQuality = 'high'
          pen.drawImage(picture, 0, 0, ${width}, height)
          return canvas.toDataURL('image/webp', ${quality})
        })()`,
      )
      return String(made).slice('data:image/webp;base64,'.length)
    },
    close: () => page.context().close(),
  }
}

const u24 = (value: number) => Buffer.from([value & 255, (value >> 8) & 255, (value >> 16) & 255])
const u32 = (value: number) => Buffer.from([...u24(value), (value >>> 24) & 255])

function chunk(name: string, body: Buffer): Buffer {
  const even = body.length % 2 === 0 ? Buffer.alloc(0) : Buffer.alloc(1)
  return Buffer.concat([Buffer.from(name, 'ascii'), u32(body.length), body, even])
}

/** The part of a still picture that holds its pixels: what follows `RIFF size WEBP`, without an extended header. */
function pixels(webp: Buffer): Buffer {
  for (let at = 12; at + 8 <= webp.length; ) {
    const name = webp.toString('ascii', at, at + 4)
    const length = webp.readUInt32LE(at + 4)
    const end = at + 8 + length + (length % 2)
    if (name === 'VP8 ' || name === 'VP8L') return webp.subarray(at, end)
    at = end
  }
  throw new Error('This is no WebP picture.')
}

/** All frames as one picture that plays for ever. */
export function animation(frames: readonly Frame[], width: number, height: number): Buffer {
  const size = Buffer.concat([u24(width - 1), u24(height - 1)])
  const head = chunk('VP8X', Buffer.concat([Buffer.from([2, 0, 0, 0]), size]))
  const loop = chunk('ANIM', Buffer.concat([u32(0xffffffff), Buffer.from([0, 0])]))
  const parts = frames.map(({ webp, ms }) =>
    chunk(
      'ANMF',
      Buffer.concat([u24(0), u24(0), size, u24(ms), Buffer.from([2]), pixels(Buffer.from(webp, 'base64'))]),
    ),
  )
  const body = Buffer.concat([Buffer.from('WEBP', 'ascii'), head, loop, ...parts])
  return Buffer.concat([Buffer.from('RIFF', 'ascii'), u32(body.length), body])
}
