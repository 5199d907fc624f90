/** What may be scanned, followed or typed. */

/** The link's secret part, where this text is one of our own links. */
export function linkIn(text: string, origin: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin: of, pathname } = new URL(text)
  return of === origin ? /^\/q\/([0-9A-Za-z]{16})$/.exec(pathname)?.[1] : undefined
}

/** `k7q2 m9xd`, `K7Q2-M9XD`: eight of the characters that short codes are made of, however they were written. */
export function shortCodeIn(typed: string): string | undefined {
  const plain = typed.toUpperCase().replace(/[\s\-–]/g, '')
  return /^[0-9A-Z]{8}$/.test(plain) ? `${plain.slice(0, 4)}-${plain.slice(4)}` : undefined
}
