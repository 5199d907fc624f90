/**
 * The outbox: a message is written with the act that causes it and leaves afterwards. Its body is encrypted, opens only
 * under its own id, and is erased once it was handed over. A message may be handed over twice when we die between the
 * carrier's yes and our note of it; it carries its id, so that whoever receives it shows it once.
 */
import type { DeliveryError } from '@amparo/contract/delivery'
import type { Channel, Purpose } from '@amparo/contract/words'
import type { EventType, Happening } from '../audit/event.ts'
import { sentSeconds } from '../codes/handle.ts'
import { type Database, isHeldUp, statement } from '../database/database.ts'
import type { NewMessage } from '../desk/desk.ts'
import { fates, settling } from '../desk/fates.ts'
import { counted, heldEach, plain, recordedEach, recordedPlain, wordless } from '../desk/record.ts'
import { newId, type Secrets } from '../secrets.ts'
import { type AssistanceId, keepable, system } from '../words.ts'
import type { Content } from './letter.ts'
import { within } from './within.ts'

export type MessagePurpose =
  | Purpose
  | 'owner_asked'
  | 'owner_told'
  | 'break_glass'
  | 'contact_changed'
  | 'warning'
  | 'ended'
  | 'account'
  | 'released'
  | 'help_link'
  | 'escalated'
  | 'phone_link'
  | 'history'

export interface Letter {
  readonly id: string
  readonly to: string
  readonly channel: Channel
  readonly content: Content
}

/** How handing over went: `said` are the other side's own numbers, never its words, which may hold an address. */
export type Fate =
  | { readonly fate: 'sent'; readonly ref: string }
  | { readonly fate: 'later' | 'never'; readonly error: DeliveryError; readonly said?: string }

export interface Carrier {
  /** Hands a letter over, or says why not; stops waiting when `signal` fires. */
  deliver(letter: Letter, signal: AbortSignal): Promise<Fate>
  /** Whether it would take letters now: undefined, or what is wrong. Sends nothing. */
  greets?(signal: AbortSignal): Promise<string | undefined>
  close?(): void
}

export interface Sealable {
  readonly purpose: MessagePurpose
  readonly codeId?: string
  readonly userId?: string
  readonly channel: Channel
  readonly to: string
  readonly maskedTo: string
  readonly content: Content
}

/**
 * A message ready for the desk: address and words are readable only with the key, and only under this id. An SMS keeps its own
 * words alone, which are a fiftieth of the mail's.
 */
export function sealed(secrets: Secrets, { to, content: all, ...open }: Sealable): NewMessage {
  const id = newId('ob')
  const content: Content = open.channel === 'sms' ? { subject: '', text: '', html: '', sms: all.sms } : all
  return { ...open, id, sealed: secrets.seal(JSON.stringify({ to, content }), id) }
}

const enqueued = statement(
  'outbox.enqueue',
  `
insert into outbox (id, assistance_id, user_id, purpose, code_id, channel, masked_to, sealed, created_at, next_at)
select m.*, t.now, t.now from (select app_now() as now) t,
       unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[]) m`,
)

/** Queues messages that the background makes, not a step. */
export async function enqueue(
  db: Database,
  queued: readonly { readonly assistanceId: AssistanceId; readonly message: NewMessage }[],
): Promise<void> {
  if (queued.length === 0) return
  const column = <T>(of: (one: (typeof queued)[number]) => T) => queued.map(of)
  await db.query(enqueued, [
    column(({ message }) => message.id),
    column(({ assistanceId }) => assistanceId),
    column(({ message }) => message.userId ?? null),
    column(({ message }) => message.purpose),
    column(({ message }) => message.codeId ?? null),
    column(({ message }) => message.channel),
    column(({ message }) => message.maskedTo),
    column(({ message }) => Buffer.from(message.sealed)),
  ])
}

const enqueuedToAgent = statement(
  'outbox.enqueue_to_agent',
  `
insert into outbox (id, agent_id, purpose, channel, masked_to, sealed, created_at, next_at)
select $1, $2, 'account', 'email', $3, $4, now, now from (select app_now() as now) t`,
)

/** Queues a mail to an agent about their own account; it belongs to no assistance. */
export async function enqueueToAgent(
  db: Database,
  secrets: Secrets,
  { agentId, to, content }: { readonly agentId: string; readonly to: string; readonly content: Content },
): Promise<void> {
  const message = sealed(secrets, { purpose: 'account', channel: 'email', to, maskedTo: '', content })
  await db.query(enqueuedToAgent, [message.id, agentId, message.maskedTo, Buffer.from(message.sealed)])
}

// ── Delivering ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Delivery {
  readonly db: Database
  readonly secrets: Secrets
  readonly carriers: Readonly<Record<Channel, Carrier | undefined>>
  /** When this call has taken so many, the rest is for the next. */
  readonly limit?: number
  /** For how long a carrier may be silent before who waits for the message is told. */
  readonly silentMs?: number
  /** Fires when the process ends: what is on its way is put back. */
  readonly signal?: AbortSignal
}

const channels: readonly Channel[] = ['email', 'sms']
/** Under way at once, of each channel: one whose other side does not answer takes none of the other's. */
export const lanes = 16
const leaseSeconds = 30
/** Shorter than the lease: nobody else takes a message while its carrier may still say yes. */
const carrierMs = 20_000
const giveUpMinutes = 10
const lookAgainMs = 200
/** A carrier that is silent for so long has not failed, but who waits for the message is told, and offered another way. */
const usuallySilentMs = 3_000
/** What is done so soon after another of its assistance is written with it. */
const togetherMs = 20

interface Claimed {
  id: string
  assistance_id: string | null
  user_id: string | null
  purpose: string
  channel: Channel
  /** Missing where it was dropped. */
  sealed: Buffer | null
  tries: number
}

/**
 * Hands over what is due, several at a time of each channel, and says how many messages it took. Any number of callers may
 * run beside one another, in one process or in many: each message is taken by one of them. While slow ones are under way, what
 * comes in meanwhile does not wait for them, nor does one channel for the other.
 */
export async function deliverDue(delivery: Delivery): Promise<number> {
  const { db, signal, limit = 200 } = delivery
  const settle = settlingMessages(db)
  const underWay = new Set<Promise<void>>()
  const broken: unknown[] = []
  /** Of those whose assistance somebody holds: the others go on. */
  const heldUp: unknown[] = []
  const free: Record<Channel, number> = { email: lanes, sms: lanes }
  let halfIsFree = () => {}
  const isFree = ({ channel }: Claimed) => {
    free[channel] += 1
    if (free[channel] >= lanes / 2) halfIsFree()
  }
  const open = (messages: readonly Claimed[]) => {
    for (const { channel } of messages) free[channel] -= 1
    const lane: Promise<void> = handOverTogether(delivery, messages, {
      isFree,
      settle: (handed) =>
        settle(handed).catch((error: unknown) => void (isHeldUp(error) ? heldUp : broken).push(error)),
    })
      .catch((error: unknown) => void broken.push(error))
      .finally(() => underWay.delete(lane))
    underWay.add(lane)
  }
  let taken = 0
  const hands = (channel: Channel) =>
    signal?.aborted || broken.length > 0 ? 0 : Math.min(free[channel], limit - taken)
  for (;;) {
    const ready = channels.filter((channel) => hands(channel) > 0)
    const room = Math.min(...ready.map(hands))
    const due = ready.length > 0 ? await db.query<Claimed>(claimed(ready, room)) : []
    taken += due.length
    for (const messages of byAssistance(due.filter(({ sealed }) => sealed))) open(messages)
    const more = ready.filter((one) => due.filter(({ channel }) => channel === one).length === room)
    if (more.some((channel) => hands(channel) > 0)) continue
    if (underWay.size === 0) break
    const half = new Promise<void>((resolve) => {
      halfIsFree = resolve
    })
    await Promise.race([allOrAWhile(underWay, lookAgainMs), ...(more.length > 0 ? [half] : [])])
    // Nothing was left when it was looked; what came in meanwhile has rung for the next call.
    if (more.length === 0 && ready.length === channels.length && underWay.size === 0) break
  }
  const [error] = [...broken, ...heldUp]
  if (error !== undefined) throw error
  return taken
}

/** Until nothing of it is under way any more, or so long. */
function allOrAWhile(underWay: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void Promise.all(underWay).then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** A mail and its SMS are of one assistance; what belongs to none stands alone. */
function byAssistance(messages: readonly Claimed[]): Iterable<readonly Claimed[]> {
  const together = new Map<string, Claimed[]>()
  for (const message of messages) {
    const key = message.assistance_id ?? message.id
    together.set(key, [...(together.get(key) ?? []), message])
  }
  return together.values()
}

/** The time as a value: what is due is read in its order from the index, and no further than the limit. */
const now = '(select now from t)'

/**
 * What must not go out any more: its code is void, used or over, or the request it speaks of is. Asked of one row that is named,
 * and not whether there is any: to answer that for a long queue, PostgreSQL would read all codes that there ever were.
 */
const stale = `(coalesce((
    select c.void_at is not null or c.used_at is not null or c.expires_at <= ${now} from code c where c.id = o.code_id), false)
  or o.purpose = 'phone_link' and o.created_at <= ${now} - interval '${sentSeconds} seconds'
  or o.purpose in ('phone_link', 'agent', 'consent', 'presence', 'power', 'release', 'warning') and coalesce((
    select a.state = 'closed' or exists (select from t, lapse(a, t.now)) from assistance a where a.id = o.assistance_id), false))`

/**
 * Of one channel, so many at the most: what hangs in the other is not gone through. Somebody waits for a code, and for the warning that
 * two minutes are left; that help has ended is told afterwards, however many it is told to. In the words of the queue's index.
 */
const dueOf = (channel: Channel, atMost: number) => `
    select o.id, ${stale} as stale from outbox o
     where o.state = 'queued' and o.channel = '${channel}' and o.next_at <= ${now} and (o.lease_until is null or o.lease_until <= ${now})
     order by (o.purpose = 'ended'), o.next_at limit ${atMost} for update of o skip locked`

/**
 * Takes what is due, so many of each channel at the most (said in the statement, so that its plan is one for a few), and drops what
 * is stale of it: that comes back without its body. Nobody waits for the disk: what was taken by a machine that dies in this moment
 * is due again, as it is after our own death.
 */
const claimed = (channels: readonly Channel[], atMost: number) =>
  statement(
    `outbox.claim.${channels.join('.')}.${atMost}`,
    `
with t as materialized (select app_now() as now, set_config('synchronous_commit', 'off', true)),
  ${channels.map((channel) => `${channel} as materialized (${dueOf(channel, atMost)})`).join(',\n  ')},
  next as (${channels.map((channel) => `select * from ${channel}`).join(' union all ')})
update outbox o
   set (state, sealed, lease_until, done_at, tries) = (
         select case when next.stale then 'dropped' else 'queued' end, case when not next.stale then o.sealed end,
                case when not next.stale then t.now + interval '${leaseSeconds} seconds' end,
                case when next.stale then t.now end, o.tries + case when next.stale then 0 else 1 end)
  from next, t where o.id = any (array(select id from next)) and o.id = next.id
returning o.id, o.assistance_id, o.user_id, o.purpose, o.channel, o.sealed, o.tries`,
  )

interface HandedOver {
  readonly message: Claimed
  readonly fate: Fate
  /** That it takes longer stands in the record already. */
  readonly isDelayTold: boolean
}

/**
 * Hands the messages of one assistance over side by side. What became of each is written as soon as it is known: of those
 * that are done with one another in one statement, and nobody waits for a slow one.
 */
async function handOverTogether(
  delivery: Delivery,
  messages: readonly Claimed[],
  { isFree, settle }: { isFree(message: Claimed): void; settle(handed: HandedOver): Promise<void> },
): Promise<void> {
  const done: HandedOver[] = []
  const underWay = new Set<Promise<void>>()
  for (const message of messages) {
    const lane: Promise<void> = followed(delivery, message).then((handed) => {
      isFree(message)
      done.push(handed)
      underWay.delete(lane)
    })
    underWay.add(lane)
  }
  while (underWay.size > 0 || done.length > 0) {
    if (done.length === 0) await Promise.race(underWay)
    await allOrAWhile(underWay, togetherMs)
    await Promise.all(done.splice(0).map(settle))
  }
}

/** Hands one message over, and tells who waits for it if that takes long. */
async function followed(delivery: Delivery, message: Claimed): Promise<HandedOver> {
  let telling: Promise<boolean> = Promise.resolve(false)
  const silence = setTimeout(() => {
    telling = tellDelay(delivery.db, message).catch(() => false)
  }, delivery.silentMs ?? usuallySilentMs)
  const fate = await handOver(delivery, message)
  clearTimeout(silence)
  return { message, fate, isDelayTold: await telling }
}

async function handOver({ secrets, carriers, signal }: Delivery, message: Claimed): Promise<Fate> {
  const carrier = carriers[message.channel]
  if (!carrier) return { fate: 'never', error: 'not_offered' }
  const letter = opened(secrets, message)
  if (!letter) return { fate: isAnothers(secrets, message) ? 'later' : 'never', error: 'unreadable' }
  try {
    return await within(carrierMs, signal, (over) => Promise.race([carrier.deliver(letter, over), late(over)]))
  } catch {
    return { fate: 'later', error: 'unreachable' }
  }
}

/** Sealed by a key that another server knows of already: that one will deliver it. */
const isAnothers = (secrets: Secrets, { sealed }: Claimed): boolean => sealed !== null && !secrets.hasKeyOf(sealed)

function opened(secrets: Secrets, { id, channel, sealed }: Claimed): Letter | undefined {
  if (!sealed) return undefined
  try {
    const { to, content }: Pick<Letter, 'to' | 'content'> = JSON.parse(secrets.unseal(sealed, id))
    return { id, channel, to, content }
  } catch {
    return undefined
  }
}

const late = (over: AbortSignal): Promise<Fate> =>
  new Promise((resolve) => {
    const say = () => resolve({ fate: 'later', error: 'no_answer' })
    if (over.aborted) say()
    else over.addEventListener('abort', say, { once: true })
  })

// ── What became of it ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Of messages that are named: so written that they are found by their names. What the index of the queue says in these very words
 * would be looked for there, from end to end, for as long as the plan is kept that was made while the queue was empty.
 */
const isQueued = `o.state not in ('sent', 'failed', 'dropped')`

/** Writes of one message in hand that its carrier is silent, and its event in the same statement: no lock outlives it. */
const silent = statement(
  'outbox.silent',
  `
with t as materialized (select app_now() as now),
  told as (
    update outbox o set error = 'no_answer' from t where o.id = $1 and ${isQueued} and o.tries = $3
    returning o.assistance_id),
  ${counted('told', 'jsonb_array_length($2::jsonb)')},
  ${recordedPlain('$2::jsonb')}
select from told`,
)

const pause = `f.pause_seconds * interval '1 second'`
/** What had its first turn late, behind many, has a second one all the same. */
const isAgain = `f.fate = 'later' and (f.tries = 1 or t.now + ${pause} < o.created_at + interval '${giveUpMinutes} minutes')`

/**
 * Writes what became of messages, whoseever they are, each with an event of its own: one statement and one commit for all of
 * them. Whoever has them in hand lets go of them; a worker that was overtaken while it waited (`tries` has moved on), or has let go
 * of it already and did not hear so (a lost connection), has nothing more to say about a failure.
 */
const settled = fates(
  'outbox.settled',
  (isTogether) => `
with ${heldEach('$1', isTogether)},
  told as (
    update outbox o
       set state = case when ${isAgain} then 'queued' when f.fate = 'sent' then 'sent' else 'failed' end,
           sealed = case when ${isAgain} then o.sealed end, done_at = case when ${isAgain} then null else t.now end,
           next_at = case when ${isAgain} then t.now + ${pause} else o.next_at end,
           lease_until = null, error = f.error, provider_ref = coalesce(f.ref, o.provider_ref)
      from t, jsonb_to_recordset($3::jsonb) as f (id text, tries int, fate text, ref text, error text, pause_seconds int, ord int, event jsonb, failed jsonb)
     where o.id = any($2::text[]) and o.id = f.id and ${isQueued}
       and (f.fate = 'sent' or o.tries = f.tries and o.lease_until is not null)
       and (o.assistance_id is null or o.assistance_id = any (array(select id from held)))
    returning o.assistance_id, o.state, f.ord, case o.state when 'failed' then f.failed else f.event end as draft),
  said as materialized (select assistance_id, ord, draft from told where assistance_id is not null and draft is not null),
  ${recordedEach('said')}
select ord, state from told`,
)

/** What reached the user on no channel does not count among their messages of the day. */
const givenBack = statement(
  'outbox.given_back',
  `
update user_messages m set sent_at = array_remove(m.sent_at, o.created_at)
  from outbox o
 where o.id = $1 and o.state = 'failed' and o.code_id is not null and m.user_id = o.user_id
   and not exists (select from outbox x where x.code_id = o.code_id and x.state in ('queued', 'sent'))`,
)

const pausesSeconds = [2, 10, 30, 60, 120] as const
const pauseAfter = (tries: number): number => pausesSeconds[Math.min(tries, pausesSeconds.length) - 1] ?? 120

/** Says that the carrier has not answered yet, at the first try; whether it was said. */
async function tellDelay(db: Database, message: Claimed): Promise<boolean> {
  if (message.tries > 1) return false
  const events = plain(happened(message, 'message.delayed', 'no_answer'))
  return (await db.query(silent, [message.id, events, message.tries])).length > 0
}

type Settled = { readonly ord: number; readonly state: 'queued' | 'sent' | 'failed' }

/** Writes what became of messages, and gives back to the user's day what reached them on no channel. */
function settlingMessages(db: Database): (handed: HandedOver) => Promise<void> {
  const settle = settling<HandedOver, Settled>(db, settled, rowOf)
  return async (handed) => {
    const became = await settle(handed)
    // Nothing comes back of what is written already: then its row tells whether it failed.
    if (became ? became.state === 'failed' : handed.fate.fate !== 'sent') await db.query(givenBack, [handed.message.id])
  }
}

/** Whatever a carrier answers is somebody else's word: a message that has left is never sent again for what its answer holds. */
const longestRef = 200
const longestSaid = 80

/** A fate as the statement reads it: `event` is said of what was sent or is tried again, `failed` of what is given up. */
function rowOf({ message, fate, isDelayTold }: HandedOver, ord: number) {
  const { id, assistance_id, tries } = message
  if (fate.fate === 'sent')
    return {
      ord,
      id,
      assistance_id,
      tries,
      fate: 'sent',
      ref: keepable(fate.ref, longestRef),
      event: wordless(happened(message, 'message.sent')),
    }
  const error = fate.said === undefined ? fate.error : `${fate.error} ${keepable(fate.said, longestSaid)}`
  const isNews = fate.fate === 'later' && tries === 1 && !isDelayTold
  return {
    ord,
    id,
    assistance_id,
    tries,
    fate: fate.fate,
    error,
    pause_seconds: pauseAfter(tries),
    event: isNews ? wordless(happened(message, 'message.delayed', error)) : undefined,
    failed: wordless(happened(message, 'message.failed', error)),
  }
}

function happened({ id, user_id, purpose, channel, tries }: Claimed, type: EventType, error?: string): Happening {
  const data = { message: id, purpose, channel, tries, ...(error === undefined ? {} : { error }) }
  return { type, actor: system('outbox'), subject: user_id ?? undefined, data }
}

const queuedDropped = statement(
  'outbox.drop_queued',
  `update outbox set state = 'dropped', sealed = null, lease_until = null, done_at = app_now() where state = 'queued'`,
)

/** After a restore: what waited in the backup has left since, or speaks of codes that are dead. */
export async function dropQueued(db: Database): Promise<void> {
  await db.query(queuedDropped)
}
