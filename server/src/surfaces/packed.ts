/**
 * A session as it lies in memory: a million of them have to fit. What many share is kept once, the rest is the bytes of one
 * record (`shelf.ts`); it is taken apart when somebody asks.
 */
import { known } from '../words.ts'
import type { Found, Grant, LiveToken } from './liveness.ts'
import { digestLength, longestRecord } from './shelf.ts'

/** What the sessions of one product, language and way of consent have in common. */
type Shared = Pick<LiveToken, 'surface' | 'holder' | 'locale' | 'powers' | 'acr' | 'amr' | 'scope'> & {
  readonly clientId: string
  readonly code: LiveToken['reason']['code']
  readonly name: LiveToken['reason']['name']
}

export interface Packing {
  /** Its record, to be copied before the next is packed; undefined where no record is as long. */
  pack(found: Found, readIn: number): Uint8Array | undefined
  clientId(page: Buffer, from: number): string
  /** Whose changes would concern it. */
  subjects(page: Buffer, from: number): readonly string[]
  /** What was packed, as of this time. */
  unpack(page: Buffer, from: number, now: number): LiveToken
}

// The digest; then what has one length; then all letters of ids and all other letters; then a byte for each text.
const untilAt = digestLength
const readInAt = untilAt + 8
const endsAtAt = readInAt + 8
const idleAtAt = endsAtAt + 8
const iatAt = idleAtAt + 8
const expAt = iatAt + 4
const sharedAt = expAt + 4
const idsLengthAt = sharedAt + 4
const wordsLengthAt = idsLengthAt + 2
const lettersAt = wordsLengthAt + 2
/** What a text's byte says: its length, or that this comes in the next two; that it is an id; that there is none. */
const long = 0x7f
const isId = 0x80
const none = 0xff
/** Ids are letters of base64url, as it happens, whatever they mean: four of them go into three bytes. */
const idLike = /^[\w-]{1,126}$/

/** When it ends by itself. */
export const untilOf = (page: Buffer, from: number): number => page.readDoubleLE(from + untilAt)
/** The moment in which it was asked for. */
export const readInOf = (page: Buffer, from: number): number => page.readDoubleLE(from + readInAt)

/** `atMost` kinds are shared, numbered from 1; what comes after that has its own beside it. */
export function packing(atMost = 10_000): Packing {
  const kinds: Shared[] = []
  const numbers = new Map<string, number>()
  const scratch = Buffer.alloc(longestRecord)

  function numberOf(kind: Shared, name: string): number {
    if (!numbers.has(name) && kinds.length < atMost) numbers.set(name, kinds.push(kind))
    return numbers.get(name) ?? 0
  }
  const sharedOf = (page: Buffer, from: number): Shared =>
    kinds[page.readUInt32LE(from + sharedAt) - 1] ?? JSON.parse(textsOf(page, from)[13] ?? '')

  return {
    pack(found, readIn) {
      const { live, tokenDigest, until } = found
      const kind = kindOf(found)
      const name = JSON.stringify(kind)
      const shared = numberOf(kind, name)
      scratch.set(tokenDigest)
      scratch.writeDoubleLE(until, untilAt)
      scratch.writeDoubleLE(readIn, readInAt)
      scratch.writeDoubleLE(live.endsAt.getTime(), endsAtAt)
      scratch.writeDoubleLE(live.idleAt.getTime(), idleAtAt)
      scratch.writeUInt32LE(live.iat, iatAt)
      scratch.writeUInt32LE(live.exp, expAt)
      scratch.writeUInt32LE(shared, sharedAt)
      const end = written(scratch, [...textsIn(found), shared === 0 ? name : undefined])
      return end === undefined ? undefined : scratch.subarray(0, end)
    },
    clientId: (page, from) => sharedOf(page, from).clientId,
    subjects(page, from) {
      const [assistanceId = '', agentId = '', agentSessionId = '', ecosystemId] = textsOf(page, from, 4)
      return [
        assistanceId,
        agentId,
        agentSessionId,
        `surface:${sharedOf(page, from).surface}`,
        `ecosystem:${ecosystemId}`,
      ]
    },
    unpack(page, from, now) {
      const { surface, holder, locale, powers, acr, amr, scope, code, name } = sharedOf(page, from)
      const texts = textsOf(page, from)
      const [assistanceId = '', agentId = '', , ecosystemId = '', sessionId = '', sid = '', subject = ''] = texts
      const [agentName = '', ecosystemName = '', userName = '', line, keyThumbprint, grants] = texts.slice(7)
      return {
        sessionId,
        sid,
        surface,
        holder,
        keyThumbprint,
        subject,
        agent: { id: agentId, name: agentName },
        assistanceId: known.assistance(assistanceId),
        ecosystemId,
        ecosystemName,
        userName,
        locale,
        reason: { code, name, line },
        powers,
        grants: grants === undefined ? [] : grantsIn(grants),
        acr,
        amr,
        endsAt: new Date(page.readDoubleLE(from + endsAtAt)),
        idleAt: new Date(page.readDoubleLE(from + idleAtAt)),
        now: new Date(now),
        scope,
        iat: page.readUInt32LE(from + iatAt),
        exp: page.readUInt32LE(from + expAt),
      }
    },
  }
}

const kindOf = ({ live, clientId }: Found): Shared => {
  const { surface, holder, locale, powers, acr, amr, scope, reason } = live
  return { surface, holder, locale, powers, acr, amr, scope, clientId, code: reason.code, name: reason.name }
}

/** In the order in which they are read again; those first by which changes are told. */
const textsIn = ({ live, subjects: [, , agentSessionId = ''] }: Found): readonly (string | undefined)[] => [
  live.assistanceId,
  live.agent.id,
  agentSessionId,
  live.ecosystemId,
  live.sessionId,
  live.sid,
  live.subject,
  live.agent.name,
  live.ecosystemName,
  live.userName,
  live.reason.line,
  live.keyThumbprint,
  live.grants.length === 0 ? undefined : JSON.stringify(live.grants.map(grantIn)),
]
const textCount = 14

/** Writes the texts into a record; where it ends, or undefined where it would be too long. */
function written(record: Buffer, texts: readonly (string | undefined)[]): number | undefined {
  const given = texts.filter((text) => text !== undefined)
  const ids = given.filter((text) => idLike.test(text)).join('')
  const words = given.filter((text) => !idLike.test(text)).join('')
  // No letter takes more than three bytes, nor a length.
  if (lettersAt + ids.length + words.length * 3 + texts.length * 3 > record.length) return undefined
  const idsLength = record.write(ids.padEnd(Math.ceil(ids.length / 4) * 4, '-'), lettersAt, 'base64url')
  const wordsLength = record.write(words, lettersAt + idsLength)
  record.writeUInt16LE(idsLength, idsLengthAt)
  record.writeUInt16LE(wordsLength, wordsLengthAt)
  return texts.reduce((at, text) => putLength(record, text, at), lettersAt + idsLength + wordsLength)
}

function putLength(record: Buffer, text: string | undefined, at: number): number {
  if (text === undefined) return record.writeUInt8(none, at)
  if (idLike.test(text)) return record.writeUInt8(isId | text.length, at)
  return text.length < long
    ? record.writeUInt8(text.length, at)
    : record.writeUInt16LE(text.length, record.writeUInt8(long, at))
}

/** In the order in which they were written. Two strings are made, and the texts are parts of them. */
function textsOf(page: Buffer, from: number, count = textCount): readonly (string | undefined)[] {
  const wordsAt = from + lettersAt + page.readUInt16LE(from + idsLengthAt)
  let at = wordsAt + page.readUInt16LE(from + wordsLengthAt)
  const ids = page.toString('base64url', from + lettersAt, wordsAt)
  const words = page.toString('utf8', wordsAt, at)
  const texts: (string | undefined)[] = []
  let [id, word] = [0, 0]
  while (texts.length < count) {
    const kind = page.readUInt8(at)
    const length = kind === long ? page.readUInt16LE(at + 1) : kind < isId ? kind : kind - isId
    at += kind === long ? 3 : 1
    if (kind === none) texts.push(undefined)
    else if (kind >= isId) {
      texts.push(ids.slice(id, id + length))
      id += length
    } else {
      texts.push(words.slice(word, word + length))
      word += length
    }
  }
  return texts
}

const grantIn = ({ termsDigest, mac, ...grant }: Grant) => ({
  ...grant,
  termsDigest: Buffer.from(termsDigest).toString('base64'),
  mac: mac.toString('base64'),
})
const grantsIn = (text: string): readonly Grant[] =>
  JSON.parse(text).map(({ termsDigest, mac, ...grant }: ReturnType<typeof grantIn>) => ({
    ...grant,
    termsDigest: Buffer.from(termsDigest, 'base64'),
    mac: Buffer.from(mac, 'base64'),
  }))
