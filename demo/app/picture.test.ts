/** The pictures of codes, read by two decoders that nobody here wrote, as a camera far away would see them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import { qrDrawn, qrPng } from '@amparo/server/codes/qr'
import { phoneLinkMessage } from '@amparo/server/messages/agent'
import { consentMessage } from '@amparo/server/messages/message'
import { smtp } from '@amparo/server/messages/smtp'
import jsqr from 'jsqr'
import { beforeAll, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { startInbox } from '../inbox/inbox.ts'

/** Its module is the function itself; its types say that the function is inside. */
const jsQR: typeof jsqr.default = Reflect.get(jsqr, 'default') ?? jsqr

/** A picture of greys, square. */
interface Picture {
  readonly side: number
  readonly grey: Uint8ClampedArray
}

beforeAll(() => {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } })
})

const link = 'https://app.acme.com/q/7M3XAB0DFGHJKNPQ'
const vendor = { name: 'Acme', phone: '+34 910 555 014' }

/** The modules of a path, drawn with so many pixels each. */
function painted({ size, path }: { size: number; path: string }, pixels = 8): Picture {
  const side = size * pixels
  const grey = new Uint8ClampedArray(side * side).fill(255)
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = Number(y) * pixels; row < (Number(y) + 1) * pixels; row += 1) {
      grey.fill(0, row * side + Number(x) * pixels, row * side + (Number(x) + Number(length)) * pixels)
    }
  }
  return { side, grey }
}

/** A PNG of one bit a pixel, unfiltered, as ours are. */
function unpacked(png: Buffer): Picture {
  const side = png.readUInt32BE(16)
  const data: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  const lines = inflateSync(Buffer.concat(data))
  const stride = 1 + Math.ceil(side / 8)
  const grey = new Uint8ClampedArray(side * side)
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      grey[y * side + x] = ((lines[y * stride + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? 255 : 0
    }
  return { side, grey }
}

/** Smaller, each pixel the mean of those it covers: edges turn grey, as in a camera. */
function shrunk({ side, grey }: Picture, scale: number): Picture {
  const small = Math.round(side * scale)
  const out = new Uint8ClampedArray(small * small)
  for (let y = 0; y < small; y += 1)
    for (let x = 0; x < small; x += 1) {
      let sum = 0
      let count = 0
      for (let v = Math.floor(y / scale); v < Math.min(side, (y + 1) / scale); v += 1)
        for (let u = Math.floor(x / scale); u < Math.min(side, (x + 1) / scale); u += 1) {
          sum += grey[v * side + u] ?? 255
          count += 1
        }
      out[y * small + x] = sum / count
    }
  return { side: small, grey: out }
}

/** The picture in the middle of a page of one shade: the dark theme is a dark page. */
function onPage({ side, grey }: Picture, shade: number): Picture {
  const whole = side + 80
  const out = new Uint8ClampedArray(whole * whole).fill(shade)
  for (let y = 0; y < side; y += 1) out.set(grey.subarray(y * side, (y + 1) * side), (y + 40) * whole + 40)
  return { side: whole, grey: out }
}

/** What both decoders read, neither of them allowed to invert the picture. */
async function read({ side, grey }: Picture): Promise<readonly (string | undefined)[]> {
  const data = new Uint8ClampedArray(side * side * 4)
  for (const [at, value] of grey.entries()) data.set([value, value, value, 255], at * 4)
  const image = { data, width: side, height: side, colorSpace: 'srgb' as const }
  const [found] = await readBarcodes(image as Parameters<typeof readBarcodes>[0], {
    formats: ['QRCode'],
    tryInvert: false,
  })
  return [jsQR(data, side, side, { inversionAttempts: 'dontInvert' })?.data, found?.text]
}

test.each([
  ['a light page', 246],
  ['a dark page', 16],
])('on %s both decoders read the code, also at a third of its size', async (_page, shade) => {
  const picture = painted(qrDrawn(link))
  for (const scale of [1, 0.35]) expect(await read(onPage(shrunk(picture, scale), shade))).toEqual([link, link])
})

test('a link of 43 characters makes 33 modules, with four of white around them, in black and white and nothing else', () => {
  const { size, path, svg } = qrDrawn('https://app.acme.es:8443/q/7M3XAB0DFGHJKNPQ')
  expect(size).toBe(33 + 8)
  const { grey, side } = painted({ size, path }, 1)
  const margin = Array.from(grey).filter((_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)]
    return Math.min(x, y, side - 1 - x, side - 1 - y) < 4
  })
  expect(new Set(margin)).toEqual(new Set([255]))
  expect([...svg.matchAll(/fill="([^"]+)"/g)].map(([, fill]) => fill)).toEqual(['#fff', '#000'])
  expect(svg).not.toMatch(/href|style|script|opacity|stroke/)
  expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`)
  expect(svg).toContain(path)
})

test('as a file it is the same picture', async () => {
  const picture = unpacked(qrPng(link))
  expect([...picture.grey]).toEqual([...painted(qrDrawn(link)).grey])
  expect(await read(shrunk(picture, 0.35))).toEqual([link, link])
})

test.each(['en', 'es'] as const)(
  'in %s the mails that ask somebody for something carry their link as a picture inside them, beside link and digits',
  async (locale) => {
    const page = 'https://help.acme.com/c/BCDFGHJKMNPQR'
    const asked = consentMessage(vendor, {
      locale,
      agentName: 'Ana Robles',
      userName: 'Marta Ruiz',
      digits: '482913',
      sayFirst: '83',
      link: page,
      reason: { en: 'Something does not work', es: 'Algo no funciona' },
      ecosystemName: 'Clínica Sol',
      surfaces: [{ en: 'App', es: 'App' }],
      powers: 'look',
      lengthMinutes: 30,
    })
    const own = phoneLinkMessage(vendor, { locale, app: { en: 'App', es: 'App' }, link, code: 'K7Q2-M9XD' })
    const inbox = await startInbox()
    const carrier = smtp({ url: inbox.smtpUrl, from: 'Acme <help@acme.test>', timeoutMs: 20_000 })
    try {
      for (const [content, says, beside] of [
        [asked, page, '482 913'],
        [own, link, 'K7Q2-M9XD'],
      ] as const) {
        const letter = {
          id: `ob_${beside.replace(' ', '')}`,
          to: `${beside.replace(' ', '')}@x.test`,
          channel: 'email',
          content,
        } as const
        expect(await carrier.deliver(letter, AbortSignal.timeout(20_000))).toMatchObject({ fate: 'sent' })
        const [entry] = inbox.entries(letter.to)
        expect(entry?.html.match(/<img/g)).toHaveLength(1)
        expect(entry?.html).toContain('<img src="cid:qr@amparo"')
        for (const part of [says, beside]) expect(entry?.text).toContain(part)
        // As a mail program shows it that loads nothing from anywhere: what the picture stands for came with the mail.
        const shown = await (await inbox.app.request(`/inbox/mail?id=${encodeURIComponent(entry?.id ?? '')}`)).text()
        const png = /<img src="data:image\/png;base64,([^"]+)"/.exec(shown)?.[1] ?? ''
        expect(await read(shrunk(unpacked(Buffer.from(png, 'base64')), 0.35))).toEqual([says, says])
        expect(content.sms).toContain(says.replace('https://', ''))
      }
    } finally {
      carrier.close()
      await inbox.close()
    }
  },
)
