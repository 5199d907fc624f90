/** For journeys: what stands on a screen as pixels, two readers of QR codes, and a camera that looks at a screen. */
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import reader from 'jsqr'
import type { Browser, Page } from 'playwright-core'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { chromiumHere } from './chromium.ts'

/** It was written for an older kind of module. */
const jsQR = reader.default

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Red, green, blue, alpha. */
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

/** The pixels of a picture file, as this browser draws it, larger or smaller. */
export async function pixelsOf(page: Page, file: Buffer, scale = 1): Promise<Pixels> {
  const seen = await page.evaluate<{ width: number; height: number; data: string }>(
    `(async () => {
      const bytes = Uint8Array.from(atob('${file.toString('base64')}'), (one) => one.charCodeAt(0))
      const picture = await createImageBitmap(new Blob([bytes]))
      const width = Math.round(picture.width * ${scale})
      const height = Math.round(picture.height * ${scale})
      const pen = new OffscreenCanvas(width, height).getContext('2d')
      pen.imageSmoothingQuality = 'high'
      pen.drawImage(picture, 0, 0, width, height)
      const { data } = pen.getImageData(0, 0, width, height)
      let text = ''
      for (let at = 0; at < data.length; at += 30000) text += String.fromCharCode(...data.subarray(at, at + 30000))
      return { width, height, data: btoa(text) }
    })()`,
  )
  return { ...seen, data: new Uint8ClampedArray(Buffer.from(seen.data, 'base64')) }
}

/** What each of two readers of different families makes of it, neither of them trying it inverted. */
export async function readTwice({ width, height, data }: Pixels): Promise<readonly (string | undefined)[]> {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } })
  const image = { width, height, data, colorSpace: 'srgb' as const }
  const [zxing] = await readBarcodes(image, { formats: ['QRCode'], tryInvert: false })
  return [zxing?.text, jsQR(data, width, height, { inversionAttempts: 'dontInvert' })?.data]
}

const frame = { width: 640, height: 480, count: 5 } as const
const wall = 150

/** A film for a browser's camera: somebody holds a phone before a screen that shows this picture. */
export async function film(file: string, { width, height, data }: Pixels): Promise<void> {
  const left = Math.floor((frame.width - width) / 2)
  const top = Math.floor((frame.height - height) / 2)
  const light = Buffer.alloc(frame.width * frame.height, wall)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      light[(top + y) * frame.width + left + x] = 16 + Math.round(((data[(y * width + x) * 4] ?? 0) * 219) / 255)
  const colour = Buffer.alloc((frame.width * frame.height) / 4, 128)
  const head = Buffer.from(`YUV4MPEG2 W${frame.width} H${frame.height} F10:1 Ip A1:1 C420jpeg\n`)
  const one = Buffer.concat([Buffer.from('FRAME\n'), light, colour, colour])
  await writeFile(file, Buffer.concat([head, ...Array.from({ length: frame.count }, () => one)]))
}

/** A browser whose camera shows a film. Whoever wants to use it asks for it, as on a phone. */
export const browserWithCamera = (file: string): Promise<Browser> =>
  chromiumHere(['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`])
