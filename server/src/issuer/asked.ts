/** Requests that the issuer answers itself: parsed once here, trusted behind. */
import type { IncomingMessage } from 'node:http'
import { isNoText } from '../words.ts'

/** A request that is refused before anybody looks into it. `status` is the answer's. */
export class Unreadable extends Error {
  readonly status: 400 | 413 | 415
  constructor(status: 400 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

const bodyLimit = 64 * 1024
/** A hundred acts of 140 characters in two languages, in whatever writing. */
const jsonLimit = 256 * 1024

type Form = ReadonlyMap<string, string>
const forms = new WeakMap<IncomingMessage, Promise<Form>>()

/** The form of a POST. Throws Unreadable for anything else, for a parameter given twice, and beyond 64 kB. */
export const formOf = (request: IncomingMessage): Promise<Form> => forms.get(request) ?? formIn(request)

/** The same, kept for whoever asks for it afterwards: a body can be read once. Most requests say in a header who asks. */
export function formKept(request: IncomingMessage): Promise<Form> {
  const read = formOf(request)
  forms.set(request, read)
  return read
}

async function formIn(request: IncomingMessage): Promise<Form> {
  const text = await textOf(request, aForm, bodyLimit)
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) throw new Unreadable(400, 'a parameter is given twice')
    if (isNoText(value)) throw new Unreadable(400, 'a parameter holds characters that are none')
    form.set(name, value)
  }
  return form
}

/** The JSON of a POST. Throws Unreadable for anything else, and beyond 256 kB. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const text = await textOf(request, 'application/json', jsonLimit)
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreadable(400, 'this is not JSON')
  }
}

/** What a body says that it is. */
export const typeOf = ({ headers }: IncomingMessage): string => {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase()
}
export const aForm = 'application/x-www-form-urlencoded'

async function textOf(request: IncomingMessage, wanted: string, limit: number): Promise<string> {
  if (typeOf(request) !== wanted) throw new Unreadable(415, `send ${wanted}`)
  return (await bytesOf(request, limit)).toString('utf8')
}

/** The whole body, read as it comes: an iterator over it costs more than everything else that a check does. */
const bytesOf = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = (act: () => void): void => {
      request.off('data', take).off('end', whole).off('error', broken).off('close', broken)
      act()
    }
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
      length += chunk.length
      if (length <= limit) return
      request.pause()
      settle(() => reject(new Unreadable(413, `the body is larger than ${limit / 1024} kB`)))
    }
    const whole = (): void =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    const broken = (): void => settle(() => reject(new Unreadable(400, 'unreadable body')))
    request.on('data', take).on('end', whole).on('error', broken).on('close', broken)
  })

/** One cookie of a request; a name that is there twice counts as none. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined
}
