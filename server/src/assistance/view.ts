/** An assistance as its agent or a supervisor sees it: everything true, nothing secret. */

import type {
  AssistanceLine,
  MessageSeen,
  NoteSeen,
  Assistance as Seen,
  SurfaceSeen,
} from '@amparo/contract/assistance'
import { deliveryErrorOf } from '@amparo/contract/delivery'
import { sensitivePowers } from '@amparo/contract/powers'
import { agentMethods, type Channel, type ConsentWay, type MessageStatus } from '@amparo/contract/words'
import { type Sent, type SentColumn, sentColumn, sentFrom } from '../codes/code.store.ts'
import { type CodePurpose, matchTries } from '../codes/code.ts'
import { type Database, searched, statement } from '../database/database.ts'
import { approvalSeenBy, approvalsOf } from '../oversight/approvals.store.ts'
import { doActsCount, granted, opensIn, type Policy, type Surface } from '../policy/policy.ts'
import type { Secrets } from '../secrets.ts'
import { type AgentId, type AssistanceId, assistanceId } from '../words.ts'
import { actsOf } from './acts.store.ts'
import { type Read, type Row, readingOf, readOf } from './assistance.store.ts'
import { type Assistance, type Closed, lookupsInAll, nextSteps } from './assistance.ts'
import { beforeOf } from './handover.store.ts'
import { numberOf, reasonName, type Standing } from './outside.ts'
import { type PowerRow, powersHeld, powersOf, powerWaiting } from './power.store.ts'
import type { Reasons } from './reasons.ts'
import { summaryOf } from './summary.ts'

export interface Viewing {
  readonly db: Database
  readonly secrets: Secrets
  readonly surfaces: readonly Surface[]
  readonly reasons: Reasons
  readonly vendor: { readonly timeZone?: string | undefined }
  readonly ticketUrl?: string | undefined
  readonly policy: Pick<Policy, 'breakGlass' | 'activity'>
  /** What became of each surface that was opened; the surfaces' own room answers. */
  surfacesOf(id: AssistanceId): Promise<readonly Standing[]>
}

interface Around {
  agreed_at: Date | null
  passkey: boolean
  totp: boolean
  proved_by: ConsentWay | null
  page_opened_at: string | null
  sent: SentColumn
  messages: {
    purpose: string
    channel: Channel
    masked_to: string
    state: MessageStatus
    at: string
    error: string | null
    retry_at: string | null
    trying: boolean
  }[]
  notes: { id: string; at: string; by: string; name: string | null; text: string | null }[]
}

/** What is shown beside the row itself, as columns of its reading. */
const aroundColumns = `
       (select k.at from consent k where k.assistance_id = a.id) as agreed_at,
       (select k.proved_by from consent k where k.assistance_id = a.id) as proved_by, ${sentColumn}, (select rfc3339(at) from page_opening where assistance_id = a.id) as page_opened_at,
       exists (select from passkey p where p.agent_id = a.agent_id) as passkey,
       exists (select from totp p where p.agent_id = a.agent_id and p.failures < 100) as totp,
       coalesce((select json_agg(json_build_object('purpose', o.purpose, 'channel', o.channel, 'masked_to', o.masked_to,
                   'state', o.state, 'at', rfc3339(coalesce(o.done_at, o.created_at)), 'error', o.error,
                   'retry_at', case when o.state = 'queued' and o.error is not null and o.lease_until is null
                                    then rfc3339(o.next_at) end,
                   'trying', o.state = 'queued' and o.error is not null and o.lease_until is not null) order by o.created_at, o.channel)
                   from outbox o where o.assistance_id = a.id and o.purpose <> 'history'), '[]') as messages,
       coalesce((select json_agg(json_build_object('id', e.id, 'at', e.at, 'by', e.actor_id,
                   'name', (select name from agent where id = e.actor_id),
                   'text', (select text from erasable where event_id = e.id and field = 'text')) order by e.n)
                   from event e where e.assistance_id = a.id and e.type = 'note.added'), '[]') as notes`

const around = statement('assistance.around', `select ${aroundColumns} from assistance a where a.id = $1`)
const oneAround = statement('assistance.one_around', readingOf('a.id = $1', `${aroundColumns},`))

/** The whole truth about one assistance as it was read. */
export async function view(outside: Viewing, found: Read, known?: Around): Promise<Seen> {
  const { assistance, now } = found
  const entered = 'consentedAt' in assistance && assistance.consentedAt !== undefined
  const [[beside], standings, acts, approvals, asked, before] = await Promise.all([
    known ? [known] : outside.db.query<Around>(around, [assistance.id]),
    entered ? outside.surfacesOf(assistance.id) : [],
    entered ? actsOf(outside.db, assistance.id) : [],
    // Nobody is asked for a yes before the agent has proved who they are.
    assistance.state === 'agent_verification' ? [] : approvalsOf(outside.db, assistance.id),
    entered ? powersOf(outside.db, assistance.id) : [],
    assistance.handedFrom === undefined ? undefined : beforeOf(outside.db, assistance.id),
  ])
  if (!beside) throw new Error(`gone: ${assistance.id}`)
  const sent = sentFrom(beside.sent)
  const code = codeThatMatters(assistance, sent)
  return {
    ...headOf(outside, found),
    userSeenAt: assistance.userSeenAt.toISOString(),
    now: now.toISOString(),
    next: [...nextSteps(assistance, now), ...glassOf(outside, assistance)],
    deadlines: {
      idleAt: found.idleAt.toISOString(),
      warnAt: found.warnAt.toISOString(),
      ...(found.maxAt ? { maxAt: found.maxAt.toISOString() } : {}),
      ...(code?.living ? { codeExpiresAt: code.expiresAt.toISOString() } : {}),
      ...(code ? { resendAt: code.resendAt.toISOString() } : {}),
      ...(doActsCount(outside.policy, assistance.kind) ? { actsCount: true } : {}),
    },
    ...methodsOf(assistance, beside),
    lookupsLeft: lookupsInAll - assistance.lookups,
    ...userOf(assistance),
    ...(assistance.state === 'closed' ? { summary: summarized(outside, found, assistance, beside, standings) } : {}),
    ...('ecosystemId' in assistance && assistance.ecosystemId ? { ecosystemId: assistance.ecosystemId } : {}),
    ...(wasAsked(assistance) && sent('consent').latest ? { sayFirst: numberOf(outside, assistance) } : {}),
    ...(assistance.state === 'consent' ? { page: pageOf(sent('match'), beside.page_opened_at) } : {}),
    ...('consentedAt' in assistance && assistance.consentedAt
      ? { consentedAt: assistance.consentedAt.toISOString() }
      : {}),
    ...(beside.proved_by ? { consentedBy: beside.proved_by } : {}),
    approvals: approvals.map((row) => approvalSeenBy(row, undefined)),
    messages: beside.messages.map(messageOf),
    surfaces: buttonsOf(outside.surfaces, assistance, standings),
    acts,
    // What was noted before is for whoever has proved themself in this one.
    notes: [...(before && proved(assistance) ? before.notes : []), ...beside.notes.map(noteOf)],
    ...(before && proved(assistance) ? { handedFrom: { id: before.id, agent: before.name } } : {}),
    ...(assistance.offeredAt ? { offeredAt: assistance.offeredAt.toISOString() } : {}),
    ...(wasAsked(assistance) && assistance.surfaces ? { surfacesAsked: [...assistance.surfaces] } : {}),
    powers: assistance.powers,
    ...sensitiveOf(outside.surfaces, assistance, standings, asked, sent),
    ...releaseOf(assistance, sent),
    lengthMinutes: assistance.lengthMinutes,
  }
}

/** The sensitive powers of help in products: what may be asked for, what waits, what holds, what was refused. */
function sensitiveOf(
  surfaces: readonly Surface[],
  assistance: Assistance,
  standings: readonly Standing[],
  rows: readonly PowerRow[],
  sent: (purpose: CodePurpose) => Sent,
) {
  if (assistance.kind !== 'technical' || (assistance.state !== 'active' && rows.length === 0)) return {}
  const live = assistance.state === 'active'
  const open = standings.filter((one) => one.tokenAt && !one.closedAt).map((one) => one.surface)
  const held = powersHeld(rows)
  const offered = sensitivePowers.flatMap((power) => {
    const where = surfaces.filter(({ id, powers }) => open.includes(id) && powers.includes(power)).map(({ id }) => id)
    const missing = where.some((id) => !held.some((row) => row.power === power && row.heldIn.includes(id)))
    return missing ? [{ power, surfaces: where }] : []
  })
  const waiting = live ? powerWaiting(rows) : undefined
  const [code, match] = [sent('power').latest, sent('power_match')]
  const living = waiting && code?.id === waiting.codeId && code.living
  return {
    sensitive: {
      offered: live ? offered : [],
      ...(waiting && living
        ? {
            waiting: {
              power: waiting.power,
              surfaces: [...waiting.surfaces],
              askedAt: waiting.askedAt.toISOString(),
              expiresAt: code.expiresAt.toISOString(),
              resendAt: code.resendAt.toISOString(),
              ...(match.latest?.living ? { saidYesAt: match.latest.sentAt.toISOString() } : {}),
              triesLeft: match.latest ? match.sendsLeft : matchTries,
            },
          }
        : {}),
      held: (live ? held : rows.filter((row) => row.grantedAt && !row.refusedAt)).flatMap((row) =>
        row.grantedAt && row.provedBy
          ? [
              {
                power: row.power,
                surfaces: [...(live ? row.heldIn : row.surfaces)],
                at: row.grantedAt.toISOString(),
                by: row.provedBy,
              },
            ]
          : [],
      ),
      refused: rows.flatMap((row) =>
        row.refusedAt
          ? [{ power: row.power, at: row.refusedAt.toISOString(), afterwards: row.grantedAt !== null }]
          : [],
      ),
    },
  }
}

/** What the user's page answers to a release: nothing yet, two digits to read out, or a no. */
function releaseOf({ kind, state }: Assistance, sent: (purpose: CodePurpose) => Sent) {
  const [code, match] = [sent('release').latest, sent('release_match')]
  if (kind !== 'succession' || state !== 'active' || !code || !(code.living || code.isVoid)) return {}
  // Where the page's digits were typed, the code was taken back with them.
  const isDone = match.latest && match.latest.sentAt > code.sentAt && !match.latest.unspent && !match.latest.isVoid
  if (isDone) return {}
  return {
    release: {
      askedAt: code.sentAt.toISOString(),
      expiresAt: code.expiresAt.toISOString(),
      ...(match.latest?.living ? { saidYesAt: match.latest.sentAt.toISOString() } : {}),
      triesLeft: match.latest ? match.sendsLeft : matchTries,
      refused: code.isVoid,
    },
  }
}

/** Looking without a consent is offered where a policy names who may ask for it. */
const glassOf = ({ policy }: Viewing, { kind, state, ...rest }: Assistance): readonly string[] =>
  policy.breakGlass.roles.length > 0 &&
  kind === 'technical' &&
  (state === 'user_lookup' || state === 'consent') &&
  'ecosystemId' in rest &&
  rest.ecosystemId !== undefined
    ? ['break-glass']
    : []

const proved = (assistance: Assistance): boolean => assistance.agentMethod !== undefined

function headOf(outside: Pick<Viewing, 'reasons' | 'ticketUrl'>, { assistance, agentName }: Read) {
  return {
    id: assistance.id,
    kind: assistance.kind,
    state: assistance.state,
    ...(assistance.state === 'closed'
      ? {
          because: assistance.because,
          closedAt: assistance.closedAt.toISOString(),
          ...(assistance.outcome ? { outcome: assistance.outcome } : {}),
          ...(assistance.closureReason ? { closureReason: assistance.closureReason } : {}),
        }
      : {}),
    agent: { id: assistance.agentId, name: agentName },
    reason: { ...assistance.reason, name: reasonName(outside, assistance.reason) },
    ...(assistance.caller === undefined ? {} : { caller: assistance.caller }),
    ...(assistance.ticket === undefined ? {} : ticketOf(outside.ticketUrl, assistance.ticket)),
    openedAt: assistance.openedAt.toISOString(),
  }
}

const ticketOf = (template: string | undefined, ticket: string) => ({
  ticket,
  ...(template === undefined ? {} : { ticketUrl: template.replaceAll('{ticket}', encodeURIComponent(ticket)) }),
})

function summarized(
  outside: Viewing,
  { agentName }: Read,
  closed: Closed,
  { agreed_at: at, proved_by: by }: Around,
  standings: readonly Standing[],
) {
  return summaryOf({
    agent: agentName,
    user: closed.found?.user.name || undefined,
    ecosystem: closed.found?.ecosystems.find(({ id }) => id === closed.ecosystemId)?.name,
    reason: reasonName(outside, closed.reason),
    openedAt: closed.openedAt,
    closedAt: closed.closedAt,
    consent: at && by ? { at, by } : undefined,
    powers: closed.powers,
    surfaces: outside.surfaces.flatMap(({ id, name }) =>
      standings
        .filter(({ surface, tokenAt }) => surface === id && tokenAt !== undefined)
        .map(({ openedAt, acts }) => ({ name, openedAt, acts })),
    ),
    because: closed.because,
    outcome: closed.outcome,
    timeZone: outside.vendor.timeZone ?? 'UTC',
  })
}

/** How the agent can prove who they are, the strongest first; and afterwards, how they did. */
function methodsOf(assistance: Assistance, { passkey, totp }: Around) {
  if (assistance.state !== 'agent_verification')
    return assistance.agentMethod ? { agentMethod: assistance.agentMethod } : {}
  const has = { passkey, totp, code: true }
  return { agentMethods: agentMethods.filter((method) => has[method]) }
}

function codeThatMatters(assistance: Assistance, sent: (purpose: CodePurpose) => Sent) {
  switch (assistance.state) {
    case 'agent_verification':
      return sent('agent').latest
    case 'consent':
      return sent('consent').latest
    case 'active':
      return sent('presence').latest
    default:
      return undefined
  }
}

function userOf(assistance: Assistance) {
  if (assistance.state === 'agent_verification') return {}
  const { found } = assistance
  if (found) return { user: found.user, ecosystems: [...found.ecosystems] }
  return assistance.lookups > 0 ? { user: null, ecosystems: [] } : {}
}

const wasAsked = (assistance: Assistance) => ['consent', 'active', 'closed'].includes(assistance.state)

function pageOf(match: Sent, openedAt: string | null) {
  return {
    ...(openedAt === null ? {} : { openedAt }),
    ...(match.latest?.living ? { saidYesAt: match.latest.sentAt.toISOString() } : {}),
    triesLeft: match.latest ? match.sendsLeft : matchTries,
  }
}

const messageOf = (row: Around['messages'][number]): MessageSeen => ({
  purpose: row.purpose,
  channel: row.channel,
  maskedTo: row.masked_to,
  // What a carrier did not take is tried again for a while; to whoever waits for it, it has failed so far.
  status: row.state === 'queued' && row.error !== null ? 'failed' : row.state,
  at: row.at,
  ...(row.error === null ? {} : deliveryErrorOf(row.error)),
  ...(row.retry_at === null ? {} : { retryAt: row.retry_at }),
  ...(row.trying ? { trying: true } : {}),
})

const noteOf = ({ id, at, by, name, text }: Around['notes'][number]): NoteSeen => ({
  id,
  at,
  by: { id: by, name: name ?? by },
  text: text ?? '',
})

/** The consented buttons in the order of the configuration, each with what became of it. */
export function buttonsOf(
  configured: readonly Surface[],
  assistance: Assistance,
  standings: readonly Standing[],
): SurfaceSeen[] {
  if (!('consentedAt' in assistance) || !assistance.consentedAt) return []
  return configured
    .filter((surface) => assistance.surfaces?.includes(surface.id))
    .map((surface) => {
      const opened = standings.find((one) => one.surface === surface.id && one.tokenAt !== undefined)
      return {
        surface: surface.id,
        name: surface.name,
        ready: surface.client !== undefined,
        opens: opensIn(surface),
        open: opened !== undefined && opened.closedAt === undefined,
        ...(opened ? { openedAt: opened.openedAt.toISOString() } : {}),
        ...(opened?.closedAt ? { closedAt: opened.closedAt.toISOString() } : {}),
        ...(opened?.ackedAt ? { acknowledgedAt: opened.ackedAt.toISOString() } : {}),
        ...(opened?.deadAt ? { deadAt: opened.deadAt.toISOString() } : {}),
        ...(opened?.error === undefined ? {} : { error: opened.error }),
        ...(opened?.device === undefined ? {} : { device: opened.device }),
        ...(opened?.lastActAt ? { lastActAt: opened.lastActAt.toISOString() } : {}),
        actsCount: opened?.acts ?? 0,
        powers: granted(surface, assistance.powers),
      }
    })
}

/** One assistance, viewed; undefined when there is none. */
export async function viewOf(outside: Viewing, id: AssistanceId): Promise<Seen | undefined> {
  const [row] = await outside.db.query<Row & Around>(oneAround, [id])
  return row && view(outside, readOf(row), row)
}

/** What lives was opened within so long: an hour from its consent at the most, and before that a quarter from the user's last act. */
const longestHours = 6

const listed = statement(
  'assistance.list',
  readingOf(
    `($1::text is null or a.agent_id = $1) and ($2::text is null or lower(a.email_asked) = lower($2) or a.user_id = $2)
   and ($3::text is null or (a.opened_at, a.id) < (select c.opened_at, c.id from assistance c where c.id = $3))
   and case coalesce($4, 'all')
         when 'all' then true
         when 'live' then a.closed_at is null and a.opened_at > t.now - interval '${longestHours} hours' and l.because is null
         -- Whether it is over is asked of what may be, alone: its time has come, its agent's session ran out, or somebody cut it off.
         when 'closed' then (a.closed_at is not null or a.look_at <= t.now
             or a.agent_session_id = any (array(select id from agent_session where ended_at is null and expires_at <= (select clock_timestamp())))
             or a.id = any (array(select assistance_id from ending where assistance_id is not null))
             or (select exists (select from cutoff where lifted_at is null and scope <> 'surface'))) and (a.state = 'closed' or l.because is not null)
         else a.closed_at is null and a.opened_at > t.now - interval '${longestHours} hours' and a.state = $4 and l.because is null end
   and ($6::int is null or a.opened_at > t.now - $6 * interval '1 hour')
 order by a.opened_at desc, a.id desc limit $5`,
    `
       (select array_agg(distinct s.surface) from surface_session s
         where a.state = 'active' and l.because is null and s.assistance_id = a.id and s.token_at is not null
           and s.closed_alone_at is null) as surfaces_open,`,
  ),
)

interface ListedRow extends Row {
  surfaces_open: string[] | null
}

export interface Listing {
  readonly agent?: string | undefined
  readonly user?: string | undefined
  readonly state?: string | undefined
  readonly openedWithinHours?: number | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/**
 * Assistances as `reader` may see them, newest first, a page at a time: `cursor` is the last one of the page before.
 * Undefined where the cursor is none of ours.
 */
export async function list(outside: Viewing, reader: AgentId, asked: Listing) {
  if (asked.cursor !== undefined && !assistanceId(asked.cursor)) return undefined
  const values = [
    asked.agent ?? null,
    asked.user ?? null,
    asked.cursor ?? null,
    asked.state ?? null,
    asked.limit + 1,
    asked.openedWithinHours ?? null,
  ]
  // Those of one user are few, and found by their name.
  const rows = await searched<ListedRow>(outside.db, listed, values, asked.user === undefined)
  const page = rows.slice(0, asked.limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => lineOf(outside, reader, row)),
    ...(rows.length > asked.limit && last ? { nextCursor: last.id } : {}),
    now: (rows[0]?.now ?? (await clock(outside.db))).toISOString(),
  }
}

const clocked = statement('assistance.clock', 'select app_now() as now')
async function clock(db: Database): Promise<Date> {
  const [row] = await db.query<{ now: Date }>(clocked)
  if (!row) throw new Error('no clock')
  return row.now
}

function lineOf(outside: Viewing, reader: AgentId, row: ListedRow): AssistanceLine {
  const read = readOf(row)
  const { assistance } = read
  const found = 'found' in assistance ? assistance.found : undefined
  const ecosystem = found?.ecosystems.find(({ id }) => 'ecosystemId' in assistance && id === assistance.ecosystemId)
  return {
    ...headOf(outside, read),
    ...(found ? { userName: found.user.name } : {}),
    ...(assistance.agentId === reader ? { userEmail: assistance.emailAsked } : {}),
    ...(ecosystem ? { ecosystemName: ecosystem.name } : {}),
    ...(assistance.state === 'closed' ? {} : { idleAt: read.idleAt.toISOString() }),
    ...(assistance.state === 'active' ? { maxAt: assistance.maxUntil.toISOString() } : {}),
    surfacesOpen: outside.surfaces.map(({ id }) => id).filter((id) => row.surfaces_open?.includes(id)),
  }
}
