/**
 * Where a process tells its operator what happened: ids and causes, never codes, names or addresses. What may be told is a
 * list; whatever else somebody hands over is left out, and what looks like a secret inside a text is taken out of it.
 */
export interface Log {
  info(what: object, message: string): void
  warn(what: object, message: string): void
  error(what: object, message: string): void
}

/** Everything that may stand in a line beside its message. */
const fields = [
  'requestId',
  'job',
  'route',
  'path',
  'assistance',
  'agent',
  'code',
  'setting',
  'surface',
  'count',
  'why',
  'error',
  'stack',
] as const

/** What a line of the log may say of this. */
export function told(what: object): Record<string, string | number> {
  const line: Record<string, string | number> = {}
  for (const name of fields) {
    const value: unknown = Reflect.get(what, name)
    if (typeof value === 'number') line[name] = value
    if (typeof value === 'string') line[name] = withoutSecrets(shortened(value))
  }
  return line
}

/** Whoever sends a long address, or a long word in what breaks, is not read to its end: no part of a word is left of it. */
const longest = 4000
function shortened(text: string): string {
  if (text.length <= longest) return text
  const head = text.slice(0, longest)
  return `${head.slice(0, Math.max(0, head.lastIndexOf(' '), head.lastIndexOf('\n')))}…`
}

/**
 * What a text of somebody else's may carry along: addresses of people, codes, links, tickets and tokens, the password in an
 * address. Our own ids (`as_…`, `rq_…`) and where in the code something broke stay.
 */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/(\b[a-z][a-z+.-]{0,40}:\/\/)[^\s/@]+@/gi, '$1…@')
    .replace(/[\p{L}\p{N}._%+-]{1,254}@[\p{L}\p{N}-]{1,63}(\.[\p{L}\p{N}-]{1,63})+/gu, '…')
    .replace(/\/(c|o|q)\/[A-Za-z0-9]{6,}/g, '/$1/…')
    .replace(/\b(Bearer|Basic|DPoP)\s+\S+/gi, '$1 …')
    .replace(/\bwhsec_\S+/g, '…')
    .replace(/(?:\+|\b00)\d[\d\s().-]{6,}\d\b/g, '…')
    .replace(/(?<![\w:-]|\d\.)\d{3}[ -]?\d{3}(?![\w:-]|\.\d)/g, '…')
    .replace(/(?<![\w/-])(?!(?:as|ag|se|rq|ev|cd|co|la|ss|ob)_)[A-Za-z0-9_-]{32,}(?![\w/-])/g, '…')

/** Takes lines of the log for a person at a terminal, who reads words and not JSON. */
export const forPeople = (out: { write(text: string): unknown }) => ({
  write: (line: string) => void out.write(`${inWords(line)}\n`),
})

const graveness = [
  [50, '✗'],
  [40, '!'],
  [0, '·'],
] as const

/** `  ! 10:42:07  the doctor did not come: no answer  (requestId rq_1)`, and below it where the code broke. */
export function inWords(line: string): string {
  const { level, time, msg, why, error, stack, ...beside }: Readonly<Record<string, unknown>> = JSON.parse(line)
  const mark = graveness.find(([from]) => Number(level) >= from)?.[1]
  const at = new Date(Number(time)).toISOString().slice(11, 19)
  const says = [msg, why, error].filter((one) => one !== undefined).join(': ')
  const facts = Object.entries(beside).map(([name, value]) => `${name} ${value}`)
  const told = `${mark} ${at}  ${says}${facts.length > 0 ? `  (${facts.join(', ')})` : ''}`
  const where = typeof stack === 'string' ? stack.split('\n').slice(1) : []
  return [told, ...where].map((one) => `  ${withoutControl(one)}`).join('\n')
}

/** What came from outside moves no cursor and begins no line. */
const withoutControl = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
