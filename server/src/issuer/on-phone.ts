/**
 * An app's sign-in on a phone, as the issuer leads it: from the handle that the phone came with, over the page with the two
 * digits, to the code. The library knows the rest of it as any other sign-in.
 */
import type { IncomingMessage } from 'node:http'
import type { Refusal } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'
import type { Provider } from 'oidc-provider'
import { handleDigest, handleIn } from '../codes/handle.ts'
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { type Buckets, buckets, type Lately, lately } from '../http/limits.ts'
import { languageOf } from '../http/problem.ts'
import { browserWords } from '../identity/browser.ts'
import { type Secrets, tokenDigest } from '../secrets.ts'
import type { LiveToken } from '../surfaces/liveness.ts'
import {
  declineOnPhone,
  onPhone,
  type Phone,
  type PhoneOutside,
  redeemPhone,
  stateOnPhone,
} from '../surfaces/phone.flow.ts'
import { launchByHandle } from '../surfaces/phone.store.ts'
import { system } from '../words.ts'
import type { Client } from './clients.ts'
import { digitsHeaders, digitsPage } from './pages.ts'

export interface PhoneDesk extends PhoneOutside {
  readonly provider: Provider
  reasonText(reason: LiveToken['reason'], locale: Language): string
  wake?(): void
}

export type Details = Awaited<ReturnType<Provider['interactionDetails']>>

// ── Before anything is kept ─────────────────────────────────────────────────────────────────────────────────────────

export interface Guesses {
  readonly each: Buckets
  readonly all: Buckets
  readonly told: Buckets
  readonly known: Lately
}

const weekMs = 7 * 24 * 3_600_000

/**
 * Typed codes that do not exist: what one address may try, and all of them together, who could guess from many addresses. Where
 * a code was right within a week its address counts by itself alone: strangers take nothing from it.
 */
export const guesses = (now?: () => number): Guesses => ({
  each: buckets(10, 1 / 6, now),
  all: buckets(200, 5, now),
  told: buckets(1, 1 / 60, now),
  known: lately(weekMs, now),
})

export interface Knock {
  /** As it came, before it was hidden. */
  readonly hint: string
  readonly handleDigest: Uint8Array
  readonly keyThumbprint: string
  /** What limits by address count by. */
  readonly from: string
}

/** Why this phone may not even begin; undefined where it may. A code that somebody types is paid for before it is looked at. */
export async function mayNotBegin(
  db: Database,
  tries: Guesses,
  knock: Knock,
): Promise<readonly [Refusal, string?] | undefined> {
  const asked = handleIn(knock.hint)
  if (!asked) return ['launch.unknown']
  if (!/^[\w-]{43}$/.test(knock.keyThumbprint)) return ['launch.no_key']
  if (asked.typed) return mayNotType(db, tries, knock)
  return (await launchByHandle(db, knock.handleDigest)) ? undefined : ['launch.unknown']
}

/** A right code costs nothing. That all have used up what all have is written down once a minute, from however many addresses. */
async function mayNotType(
  db: Database,
  { each, all, told, known }: Guesses,
  { from, handleDigest: digest }: Knock,
): Promise<readonly [Refusal, string?] | undefined> {
  const own = each.take(from).ok
  const isKnown = known.has(from)
  if (!own || !(isKnown || all.take('all').ok)) {
    if (own) each.giveBack(from)
    if (told.take(own ? 'all' : from).ok) await noteGuess(db, 'guessing')
    return ['launch.guessing']
  }
  const found = await launchByHandle(db, digest)
  if (!found) {
    await noteGuess(db, 'typed')
    return ['launch.unknown', 'typed']
  }
  if (!found.begun || found.over) return undefined
  each.giveBack(from)
  if (!isKnown) all.giveBack('all')
  known.add(from)
  return undefined
}

const noteGuess = (db: Database, why: 'typed' | 'guessing'): Promise<void> =>
  noteLoose(db, { type: 'launch.refused', actor: system('phone'), data: { why } })

/** What the library sees, keeps and logs of a hint: a digest, keyed where the hint is short enough to be guessed. */
export function hiddenHint(secrets: Secrets, hint: string): string {
  const asked = handleIn(hint)
  return (asked ? handleDigest(secrets, asked.handle) : tokenDigest(hint)).toString('base64url')
}

// ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What became of a phone that asks: a page is shown, it may go on, or it is refused. */
export type OnPhone =
  | { readonly answer: 'page'; readonly html: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly answer: 'go'; readonly sessionId: string }
  | { readonly answer: 'refused'; readonly refusal: Refusal }

/** The phone's sign-in: its page until the digits were typed, and then the way on. */
export async function shown(
  desk: PhoneDesk,
  request: IncomingMessage,
  details: Details,
  client: Client,
): Promise<OnPhone> {
  const phone = phoneIn(details, client, request)
  const outcome = await onPhone(desk, phone)
  desk.wake?.()
  if (!outcome.ok) return { answer: 'refused', refusal: outcome.refusal }
  const view = outcome.value
  if (view.state === 'matched') {
    const redeemed = await redeemPhone(desk, phone)
    return redeemed.ok
      ? { answer: 'go', sessionId: redeemed.value.sessionId }
      : { answer: 'refused', refusal: redeemed.refusal }
  }
  const language = languageOf(request.headers['accept-language'])
  const { reason } = view.assistance
  const found = 'found' in view.assistance ? view.assistance.found : undefined
  const page = {
    language,
    agent: view.agentName,
    user: found?.user.name ?? '',
    reason: desk.reasonText({ code: reason.code, name: reason.name, line: reason.line }, language),
    app: client.surface.name[language],
    device: phone.deviceName,
    digits: view.digits,
    until: view.until,
    at: view.launch.now,
    decline: `/interaction/${details.uid}/decline`,
    state: `/interaction/${details.uid}/state`,
  }
  return { answer: 'page', html: digitsPage(page), headers: digitsHeaders(client.client.redirectUris) }
}

/** What the page asks each second, while it waits. */
export const stateOf = (desk: PhoneDesk, details: Details, client: Client) =>
  stateOnPhone(desk, phoneIn(details, client))

/** *Not me*. */
export async function declined(desk: PhoneDesk, details: Details, client: Client): Promise<boolean> {
  const done = await declineOnPhone(desk, phoneIn(details, client))
  desk.wake?.()
  return done
}

const phoneIn = ({ uid, params }: Details, { surface }: Client, request?: IncomingMessage): Phone => ({
  handleDigest: Buffer.from(String(params.login_hint ?? ''), 'base64url'),
  phoneDigest: tokenDigest(uid),
  keyThumbprint: String(params.dpop_jkt ?? ''),
  deviceName: deviceIn(params.device_name) ?? (browserWords(request?.headers['user-agent']) || '?'),
  surface: surface.id,
})

/** What the phone calls itself, as one short line that cannot be taken for anything else. */
export function deviceIn(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const line = text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N} .,'()+_-]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  return line === '' ? undefined : [...line].slice(0, 40).join('')
}
