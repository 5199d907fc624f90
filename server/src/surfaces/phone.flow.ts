/**
 * Opening a product on a phone: the code on the screen, the phone that scans it, the two digits that cross from the phone
 * to the console, and the phone that goes on. The agent is proved long before; here a phone is.
 */
import type { PhoneLaunch } from '@amparo/contract/phone'
import { hold, read, refused } from '../assistance/assistance.store.ts'
import type { Assistance } from '../assistance/assistance.ts'
import { contacts } from '../assistance/people.ts'
import type { Json } from '../audit/event.ts'
import { handleDigest, matchSeconds, type NewHandle, sentHandle, sentSeconds } from '../codes/handle.ts'
import { matchDigits } from '../codes/link.ts'
import { qrDrawn } from '../codes/qr.ts'
import type { Database } from '../database/database.ts'
import { settleOne } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accountMessage } from '../messages/account.ts'
import { phoneLinkMessage } from '../messages/agent.ts'
import type { Vendor } from '../messages/letter.ts'
import { enqueueToAgent, sealed } from '../messages/outbox.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import type { Surface } from '../policy/policy.ts'
import { newId, newToken, type Secrets, same, tokenDigest } from '../secrets.ts'
import { type AssistanceId, system } from '../words.ts'
import {
  agentAddress,
  claimLaunch,
  declineLaunch,
  type Handled,
  launchByHandle,
  linksSent,
  phoneRow,
  redeemOnPhone,
  settleMatch,
  voidLaunch,
} from './phone.store.ts'
import { mismatchesInAll, type PhoneRow, phoneSeen, standingOf } from './phone.ts'
import { closeAlone, closeSession } from './surfaces.store.ts'

/** What launches on phones need of the world. */
export interface PhoneOutside {
  readonly db: Database
  readonly secrets: Secrets
  readonly surfaces: readonly Surface[]
  readonly vendor: Vendor
}

// ── The agent's screen ──────────────────────────────────────────────────────────────────────────────────────────────

type AtTheDesk = 'assistance.unknown' | 'launch.unknown'

/** One code and its phone as they are now; of an assistance that has ended too. */
export async function phoneLaunch(
  outside: PhoneOutside,
  caller: Caller,
  id: AssistanceId,
  launchId: string,
): Promise<Outcome<PhoneLaunch, AtTheDesk>> {
  const own = await ownRow(outside, caller, id, launchId)
  return own.ok ? accept(seen(outside, own.value.row)) : own
}

/** The two digits that the agent reads off the phone: one try. Wrong ones close this code, this phone, and a third time the product. */
export async function matchPhone(
  outside: PhoneOutside,
  caller: Caller,
  id: AssistanceId,
  launchId: string,
  digits: string,
) {
  const own = await ownRow(outside, caller, id, launchId)
  if (!own.ok) return own
  const { row, assistance } = own.value
  if (assistance.state === 'closed') return over(outside, assistance)
  if (row.switchedOff) return no(outside, caller, id, 'launches/match', 'access.switched_off')
  const { state } = standingOf(row)
  if (state === 'waiting') return no(outside, caller, id, 'launches/match', 'launch.not_scanned')
  const right = row.phoneDigest !== null && digits === digitsOf(outside.secrets, row.id, row.phoneDigest)
  const tried =
    state === 'claimed' &&
    (await settleMatch(outside.db, id, launchId, right, {
      type: right ? 'launch.matched' : 'launch.mismatched',
      actor: actorOf(caller),
      ...('userId' in assistance ? { subject: assistance.userId } : {}),
      data: { launch: launchId, surface: row.surface },
    }))
  if (!tried) return no(outside, caller, id, 'launches/match', 'launch.closed')
  if (right) return phoneLaunch(outside, caller, id, launchId)
  const attemptsLeft = Math.max(0, mismatchesInAll - row.mismatches - 1)
  if (attemptsLeft === 0) await closeAll(outside, id, row.surface)
  return refuse('match.wrong', { attemptsLeft, why: attemptsLeft === 0 ? 'phone_last' : 'phone' })
}

/** *Close this code*: what waits is void, what is open ends; the assistance goes on. */
export async function closePhone(outside: PhoneOutside, caller: Caller, id: AssistanceId, launchId: string) {
  const own = await ownRow(outside, caller, id, launchId)
  if (!own.ok) return own
  const { surface } = own.value.row
  const actor = actorOf(caller)
  await voidLaunch(outside.db, id, launchId, { type: 'launch.closed', actor, data: { launch: launchId, surface } })
  // Whatever was redeemed meanwhile has a session by now.
  const session = (await phoneRow(outside.db, id, launchId))?.sessionId
  if (session) {
    await closeSession(outside.db, id, session, { type: 'surface.closed', actor, data: { surface, session } })
  }
  return phoneLaunch(outside, caller, id, launchId)
}

const sendsInAll = 5
const resendSeconds = 60

/** Sends the link to the agent's own number, and by mail with the picture in it. Nobody else's address is ever taken. */
export async function sendPhoneLink(outside: PhoneOutside, caller: Caller, id: AssistanceId, launchId: string) {
  const own = await ownRow(outside, caller, id, launchId)
  if (!own.ok) return own
  return hold<
    {
      messages: { channel: 'email' | 'sms'; maskedTo: string; status: 'queued' }[]
      expiresAt: string
      resendAt: string
    },
    'assistance.unknown' | 'launch.closed' | 'launch.no_number' | 'launch.sent' | 'launch.unknown' | 'surface.not_ready'
  >(outside.db, id, actorOf(caller), 'launches/link', async (_assistance, desk) => {
    const row = await phoneRow(outside.db, id, launchId)
    if (!row) return refuse('launch.unknown')
    if (standingOf(row).state !== 'waiting') return refuse('launch.closed')
    const link = linkOf(outside, row.surface)
    if (link === undefined) return refuse('surface.not_ready')
    const targets = contacts(caller)
    if (!targets.some((to) => to.channel === 'sms')) return refuse('launch.no_number')
    const { count, lastAt } = await linksSent(outside.db, id)
    const resendAt = new Date((lastAt?.getTime() ?? 0) + resendSeconds * 1000)
    if (count >= sendsInAll || desk.now < resendAt) return refuse('launch.sent', { resendAt: resendAt.toISOString() })

    const handle = sentHandle(outside.secrets, launchId, count)
    desk.handles(sentRow(outside.secrets, launchId, handle))
    const { name } = outside.surfaces.find((one) => one.id === row.surface) ?? { name: { en: '', es: '' } }
    const content = phoneLinkMessage(outside.vendor, {
      locale: caller.locale,
      app: name,
      link: `${link}/${handle}`,
      code: seen(outside, row).shortCode ?? '',
    })
    for (const to of targets) desk.send(sealed(outside.secrets, { purpose: 'phone_link', ...to, content }))
    desk.happened({
      type: 'launch.link_sent',
      actor: actorOf(caller),
      data: { launch: launchId, surface: row.surface, channels: targets.map((to) => to.channel) },
    })
    const later = (seconds: number) => new Date(desk.now.getTime() + seconds * 1000).toISOString()
    return accept({
      messages: targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const })),
      expiresAt: later(sentSeconds),
      resendAt: later(resendSeconds),
    })
  })
}

const sentRow = (secrets: Secrets, launchId: string, handle: string): NewHandle => ({
  launchId,
  kind: 'sent',
  digest: handleDigest(secrets, handle),
  from: 0,
  until: sentSeconds,
})

async function ownRow({ db }: PhoneOutside, caller: Caller, id: AssistanceId, launchId: string) {
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const row = await phoneRow(db, id, launchId)
  return row ? accept({ row, assistance: found.assistance }) : refuse('launch.unknown')
}

/** What a code of this surface begins with. */
const linkOf = ({ surfaces }: Pick<PhoneOutside, 'surfaces'>, surface: string): string | undefined =>
  surfaces.find(({ id }) => id === surface)?.client?.initiateLoginUri

export const seen = (outside: PhoneOutside, row: PhoneRow): PhoneLaunch =>
  phoneSeen(outside.secrets, row, { link: linkOf(outside, row.surface) ?? '', drawn: qrDrawn })

/** Derived from the launch and the one sign-in that claimed it, so the phone can show them again and nobody keeps them. */
const digitsOf = (secrets: Secrets, launchId: string, phoneDigest: Uint8Array): string =>
  matchDigits(secrets, `phone/${launchId}/${Buffer.from(phoneDigest).toString('hex')}`)

async function over({ db }: PhoneOutside, { id, ...closed }: Extract<Assistance, { state: 'closed' }>) {
  await settleOne(db, id)
  return refuse('assistance.closed', { because: closed.because })
}

async function no<R extends 'access.switched_off' | 'launch.not_scanned' | 'launch.closed'>(
  { db }: PhoneOutside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  refusal: R,
) {
  await note(db, id, refused(actorOf(caller), step, refusal))
  return refuse(refusal)
}

async function closeAll({ db }: PhoneOutside, id: AssistanceId, surface: string): Promise<void> {
  const data = { surface, why: 'wrong_digits' }
  await closeAlone(db, id, surface, { type: 'surface.closed', actor: system('issuer'), data })
}

// ── The phone ───────────────────────────────────────────────────────────────────────────────────────────────────────

type OnPhoneRefusal =
  | 'access.switched_off'
  | 'assistance.closed'
  | 'launch.unknown'
  | 'launch.taken'
  | 'launch.replaced'
  | 'launch.too_old'
  | 'launch.expired'
  | 'launch.closed'
  | 'launch.declined'
  | 'launch.mismatched'
  | 'launch.spent'

/** One sign-in of one phone: what it came with, and what it is known by from then on. */
export interface Phone {
  readonly handleDigest: Uint8Array
  readonly phoneDigest: Uint8Array
  readonly keyThumbprint: string
  readonly deviceName: string
  readonly surface: string
}

/** What the phone's page shows, or that it may go on. */
export type PhoneView =
  | {
      readonly state: 'claimed'
      readonly digits: string
      readonly launch: Handled
      readonly assistance: Assistance
      readonly agentName: string
      readonly until: Date
    }
  | { readonly state: 'matched'; readonly launch: Handled }

/** A phone comes with a handle: the launch becomes its own, once, and its page shows the digits until they were typed. */
export async function onPhone(outside: PhoneOutside, phone: Phone): Promise<Outcome<PhoneView, OnPhoneRefusal>> {
  const launch = await launchByHandle(outside.db, phone.handleDigest)
  if (launch?.surface !== phone.surface) return refuse('launch.unknown')
  if (launch.switchedOff) return refuseOnPhone(outside.db, launch, 'access.switched_off')
  if (isTheirs(launch, phone)) return view(outside, launch, phone)
  const won = await claimLaunch(outside.db, launch, phone, {
    type: 'launch.claimed',
    actor: { kind: 'agent', id: launch.agentId },
    data: { launch: launch.id, surface: launch.surface, key: phone.keyThumbprint },
    words: { device: phone.deviceName },
  })
  const now = (await launchByHandle(outside.db, phone.handleDigest)) ?? launch
  return won ? view(outside, now, phone) : refuseOnPhone(outside.db, now, whyNot(now))
}

/** Where one phone stands that has claimed a launch: looked at by its page while it waits, and changing nothing. */
export async function stateOnPhone({ db }: PhoneOutside, phone: Phone): Promise<'claimed' | 'matched' | 'closed'> {
  const launch = await launchByHandle(db, phone.handleDigest)
  if (!launch || !isTheirs(launch, phone)) return 'closed'
  const { state } = standingOf(launch)
  return state === 'claimed' || (state === 'matched' && !launch.redeemedAt) ? state : 'closed'
}

/** *Not me*: nothing opens, and the agent's screen says so. */
export async function declineOnPhone({ db }: PhoneOutside, phone: Phone): Promise<boolean> {
  const launch = await launchByHandle(db, phone.handleDigest)
  if (!launch || !isTheirs(launch, phone)) return false
  return declineLaunch(db, launch, phone.phoneDigest, {
    type: 'launch.declined',
    actor: system('phone'),
    data: { launch: launch.id, surface: launch.surface },
  })
}

/** The digits were typed: the phone goes on, once. */
export async function redeemPhone(
  outside: PhoneOutside,
  phone: Phone,
): Promise<Outcome<{ readonly sessionId: string; readonly launch: Handled }, OnPhoneRefusal>> {
  const launch = await launchByHandle(outside.db, phone.handleDigest)
  if (!launch || !isTheirs(launch, phone)) return refuse('launch.unknown')
  const sessionId = newId('ss')
  const opened = await redeemOnPhone(
    outside.db,
    launch,
    { phoneDigest: phone.phoneDigest, sessionId, sid: newToken(), grantDigest: tokenDigest(sessionId) },
    {
      type: 'surface.opened',
      actor: { kind: 'agent', id: launch.agentId },
      data: {
        launch: launch.id,
        surface: launch.surface,
        session: sessionId,
        holder: launch.keyKnown ? 'agent_device' : 'phone',
        key: phone.keyThumbprint,
      },
      words: { device: phone.deviceName },
    },
  )
  if (!opened) return refuseOnPhone(outside.db, launch, 'launch.spent')
  if (!launch.keyKnown) await tellOfPhone(outside, launch.agentId, phone.deviceName)
  return accept({ sessionId, launch })
}

/** A phone that is new to us: the agent hears of it at their own address, in case that it is not theirs. */
async function tellOfPhone({ db, secrets, vendor }: PhoneOutside, agentId: string, name: string): Promise<void> {
  const to = await agentAddress(db, agentId)
  if (!to) return
  const mail = accountMessage(vendor, { news: 'new_phone', name }, { locale: to.locale, at: to.now })
  await enqueueToAgent(db, secrets, { agentId, to: to.email, content: { ...mail, sms: '' } })
}

const isTheirs = (launch: PhoneRow, { phoneDigest, keyThumbprint }: Phone): boolean =>
  launch.phoneDigest !== null && same(launch.phoneDigest, phoneDigest) && launch.keyThumbprint === keyThumbprint

async function view(outside: PhoneOutside, launch: Handled, phone: Phone): Promise<Outcome<PhoneView, OnPhoneRefusal>> {
  const { state, why, expiresAt } = standingOf(launch)
  if (state === 'matched' && !launch.redeemedAt) return accept({ state, launch })
  const found = state === 'claimed' ? await read(outside.db, launch.assistanceId) : undefined
  if (state === 'claimed' && found) {
    const digits = digitsOf(outside.secrets, launch.id, phone.phoneDigest)
    const until = expiresAt ?? new Date(launch.now.getTime() + matchSeconds * 1000)
    return accept({ state, digits, launch, assistance: found.assistance, agentName: found.agentName, until })
  }
  const words: Partial<Record<NonNullable<typeof why>, OnPhoneRefusal>> = {
    declined: 'launch.declined',
    wrong_digits: 'launch.mismatched',
    replaced: 'launch.replaced',
    closed: 'launch.closed',
    ended: 'assistance.closed',
    unanswered: 'launch.expired',
  }
  return refuse((why && words[why]) ?? 'launch.spent')
}

/** Why a launch is not to be had by a phone that comes with one of its handles. */
function whyNot(launch: Handled): OnPhoneRefusal {
  if (launch.endedAt) return 'assistance.closed'
  if (launch.voidAt) return launch.voidBecause === 'replaced' ? 'launch.replaced' : 'launch.closed'
  if (launch.claimedAt) return 'launch.taken'
  return launch.begun ? 'launch.too_old' : 'launch.unknown'
}

/** Records why a phone got nothing, so that the agent can be told, and refuses it. A lapse is recorded before. */
async function refuseOnPhone<R extends string>(db: Database, launch: Handled, word: R) {
  if (launch.endedAt) await settleOne(db, launch.assistanceId)
  const data: Record<string, Json> = { launch: launch.id, surface: launch.surface, why: word }
  await note(db, launch.assistanceId, { type: 'launch.refused', actor: system('phone'), data })
  return refuse(word)
}
