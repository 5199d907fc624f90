/**
 * What stays the same for a whole assistance: the companion link and the number that the agent must say first. Both
 * are derived from the assistance's id with a key outside the database, so neither is stored anywhere.
 */
import { drawDigits, type Secrets, same, underEveryRoot } from '../secrets.ts'

const letters = 'BCDFGHJKMNPQRSTVWXYZ23456789' // no vowels (no words), no 0 O 1 I L
const linkLength = 13

/** 13 characters, 62 bits and more: the last part of `/c/{token}`. */
export const linkToken = (secrets: Secrets, assistanceId: string): string =>
  lettersOf(secrets.digest('link', assistanceId), linkLength)

function lettersOf(bytes: Buffer, length: number): string {
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let token = ''
  for (let i = 0; i < length; i += 1) {
    token += letters[Number(number % BigInt(letters.length))]
    number /= BigInt(letters.length)
  }
  return token
}

const referenceLength = 10

/** `K7QFR-2M9XT`, 48 bits: what a message is known by to whoever wants to know whether it is ours. It opens nothing. */
export function referenceOf(secrets: Secrets, assistanceId: string): string {
  const text = lettersOf(secrets.digest('link', `reference/${assistanceId}`), referenceLength)
  return `${text.slice(0, 5)}-${text.slice(5)}`
}

/** The digest under which a reference is looked up, however it was typed; undefined when it cannot be one of ours. */
export function referenceDigest(secrets: Secrets, typed: string): Buffer | undefined {
  const text = typed.toUpperCase().replace(/[\s-]/g, '')
  return new RegExp(`^[${letters}]{${referenceLength}}$`).test(text)
    ? secrets.digest('link', `known by/${text}`)
    : undefined
}

/** The digest under which a link is looked up; undefined when the text cannot be one of our links. */
export function linkDigest(secrets: Secrets, token: string): Buffer | undefined {
  return new RegExp(`^[${letters}]{${linkLength}}$`).test(token) ? secrets.digest('link', `token/${token}`) : undefined
}

/** The digests under which a link may be kept: under the root of now, and under former ones that still count. */
export const linkDigests = (secrets: Secrets, token: string): readonly Buffer[] =>
  underEveryRoot(secrets).flatMap((one) => linkDigest(one, token) ?? [])

/** What has a link: an assistance, or a question to an owner. */
export interface Begun {
  readonly id: string
  readonly linkDigest: Uint8Array
}

/**
 * The secrets of the root that this was begun under, as its link tells: its link, its number and its digits stay what they
 * were when another root takes the place of that one.
 */
export const begunUnder = (secrets: Secrets, begun: Begun): Secrets =>
  secrets.former().find((one) => isLinkOf(one, begun)) ?? secrets

/** Whether this was begun under this root. */
export function isLinkOf(secrets: Secrets, { id, linkDigest: kept }: Begun): boolean {
  const made = linkDigest(secrets, linkToken(secrets, id))
  return made !== undefined && same(made, kept)
}

/** Two digits, 10 to 99: said by the agent before anything else. */
export const sayFirst = (secrets: Secrets, assistanceId: string): string =>
  String(10 + (secrets.digest('say', assistanceId).readUInt32BE(0) % 90))

/** The two digits of one *yes* on the page, 10 to 99: derived, so that the page can show them again. */
export const matchDigits = (secrets: Secrets, codeId: string): string =>
  String(10 + (secrets.digest('match', codeId).readUInt32BE(0) % 90))

/** Six fresh digits. */
export const drawCode = (): string => drawDigits(6)
