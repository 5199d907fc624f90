/** An assistance as its agent or a supervisor sees it: everything true, nothing secret. */
import type { AssistanceLine, MessageSeen, Assistance as Seen, SurfaceSeen } from '@amparo/contract/assistance'
import type { Channel, MessageStatus } from '@amparo/contract/words'
import { type Sent, sentIn } from '../codes/code.store.ts'
import { type CodePurpose, matchTries } from '../codes/code.ts'
import { sayFirst } from '../codes/link.ts'
import { type Database, statement } from '../database/database.ts'
import type { Surface } from '../policy/policy.ts'
import type { Secrets } from '../secrets.ts'
import { type AssistanceId, assistanceId } from '../words.ts'
import { type Read, type Row, read, readingOf, readOf } from './assistance.store.ts'
import { type Assistance, lookupsInAll, nextSteps } from './assistance.ts'

export interface Viewing {
  readonly db: Database
  readonly secrets: Secrets
  readonly surfaces: readonly Surface[]
  /** What became of each surface that was opened; the surfaces' own room answers. */
  surfacesOf(id: AssistanceId): Promise<readonly Standing[]>
}

/** One surface over all of its sessions. */
export interface Standing {
  readonly surface: string
  readonly openedAt: Date
  readonly tokenAt: Date | undefined
  /** Missing while any of its sessions lives. */
  readonly closedAt: Date | undefined
  /** Missing while any of its closed sessions has not been acknowledged. What never got a token needs none. */
  readonly ackedAt: Date | undefined
  readonly error: string | undefined
}

interface Around {
  proved_by: 'page' | 'read_aloud' | null
  messages: {
    purpose: string
    channel: Channel
    masked_to: string
    state: MessageStatus
    at: string
    error: string | null
  }[]
}

const around = statement(
  'assistance.around',
  `
select (select proved_by from consent where assistance_id = a.id) as proved_by,
       coalesce((select json_agg(json_build_object('purpose', o.purpose, 'channel', o.channel, 'masked_to', o.masked_to,
                   'state', o.state, 'at', rfc3339(coalesce(o.done_at, o.created_at)), 'error', o.error) order by o.created_at, o.channel)
                   from outbox o where o.assistance_id = a.id), '[]') as messages
  from assistance a where a.id = $1`,
)

/** The whole truth about one assistance as it was read. */
export async function view(outside: Viewing, found: Read): Promise<Seen> {
  const { assistance, now } = found
  const [rows, sent, standings] = await Promise.all([
    outside.db.query<Around>(around, [assistance.id]),
    sentIn(outside.db, assistance.id),
    outside.surfacesOf(assistance.id),
  ])
  const beside = rows[0]
  if (!beside) throw new Error(`gone: ${assistance.id}`)
  const code = codeThatMatters(assistance, sent)
  return {
    ...headOf(found),
    now: now.toISOString(),
    next: [...nextSteps(assistance, now)],
    deadlines: {
      idleAt: found.idleAt.toISOString(),
      warnAt: found.warnAt.toISOString(),
      ...(found.maxAt ? { maxAt: found.maxAt.toISOString() } : {}),
      ...(code?.living ? { codeExpiresAt: code.expiresAt.toISOString() } : {}),
      ...(code ? { resendAt: code.resendAt.toISOString() } : {}),
    },
    lookupsLeft: lookupsInAll - assistance.lookups,
    ...userOf(assistance),
    ...('ecosystemId' in assistance && assistance.ecosystemId ? { ecosystemId: assistance.ecosystemId } : {}),
    ...(wasAsked(assistance) && sent('consent').latest ? { sayFirst: sayFirst(outside.secrets, assistance.id) } : {}),
    ...(assistance.state === 'consent' ? { page: pageOf(sent('match')) } : {}),
    ...('consentedAt' in assistance && assistance.consentedAt
      ? { consentedAt: assistance.consentedAt.toISOString() }
      : {}),
    ...(beside.proved_by ? { consentedBy: beside.proved_by } : {}),
    messages: beside.messages.map(messageOf),
    surfaces: buttonsOf(outside.surfaces, assistance, standings),
    powers: assistance.powers,
    lengthMinutes: assistance.lengthMinutes,
  }
}

function headOf({ assistance, agentName }: Read) {
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
    reason: assistance.reason,
    ...(assistance.caller === undefined ? {} : { caller: assistance.caller }),
    ...(assistance.ticket === undefined ? {} : { ticket: assistance.ticket }),
    openedAt: assistance.openedAt.toISOString(),
  }
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

function pageOf(match: Sent) {
  return {
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
  ...(row.error === null ? {} : { error: row.error }),
})

/** The consented buttons in the order of the configuration, each with what became of it. */
function buttonsOf(
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
        open: opened !== undefined && opened.closedAt === undefined,
        ...(opened ? { openedAt: opened.openedAt.toISOString() } : {}),
        ...(opened?.closedAt ? { closedAt: opened.closedAt.toISOString() } : {}),
        ...(opened?.ackedAt ? { acknowledgedAt: opened.ackedAt.toISOString() } : {}),
        ...(opened?.error === undefined ? {} : { error: opened.error }),
      }
    })
}

/** One assistance, viewed; undefined when there is none. */
export async function viewOf(outside: Viewing, id: AssistanceId): Promise<Seen | undefined> {
  const found = await read(outside.db, id)
  return found && view(outside, found)
}

const listed = statement(
  'assistance.list',
  readingOf(`($1::text is null or a.agent_id = $1) and ($2::text is null or lower(a.email_asked) = lower($2) or a.user_id = $2)
   and ($3::text is null or (a.opened_at, a.id) < (select c.opened_at, c.id from assistance c where c.id = $3))
   and case coalesce($4, 'all')
         when 'all' then true
         when 'live' then a.state <> 'closed' and l.because is null
         when 'closed' then a.state = 'closed' or l.because is not null
         else a.state = $4 and l.because is null end
 order by a.opened_at desc, a.id desc limit $5`),
)

export interface Listing {
  readonly agent?: string | undefined
  readonly user?: string | undefined
  readonly state?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Assistances, newest first, a page at a time: `cursor` is the last one of the page before. Undefined where the cursor is none of ours. */
export async function list(db: Database, asked: Listing) {
  if (asked.cursor !== undefined && !assistanceId(asked.cursor)) return undefined
  const rows = await db.query<Row>(listed, [
    asked.agent ?? null,
    asked.user ?? null,
    asked.cursor ?? null,
    asked.state ?? null,
    asked.limit + 1,
  ])
  const page = rows.slice(0, asked.limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => lineOf(readOf(row))),
    ...(rows.length > asked.limit && last ? { nextCursor: last.id } : {}),
  }
}

function lineOf(read: Read): AssistanceLine {
  const found = 'found' in read.assistance ? read.assistance.found : undefined
  return {
    ...headOf(read),
    ...(found ? { userName: found.user.name } : {}),
  } satisfies AssistanceLine
}
