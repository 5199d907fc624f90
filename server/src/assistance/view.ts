/** An assistance as its agent or a supervisor sees it: everything true, nothing secret. */
import type { AssistanceLine, MessageSeen, Assistance as Seen, SurfaceSeen } from '@amparo/contract/assistance'
import type { Channel, MessageStatus } from '@amparo/contract/words'
import { type Sent, sentIn } from '../codes/code.store.ts'
import { type CodePurpose, matchTries } from '../codes/code.ts'
import { sayFirst } from '../codes/link.ts'
import { type Database, statement } from '../database/database.ts'
import type { Surface } from '../policy/policy.ts'
import type { Secrets } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
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
  readonly closedAt: Date | undefined
  readonly ackedAt: Date | undefined
  readonly error: string | undefined
}

interface Around {
  agent_name: string
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
select (select name from agent where id = a.agent_id) as agent_name,
       (select proved_by from consent where assistance_id = a.id) as proved_by,
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
    ...headOf(assistance, beside.agent_name),
    now: now.toISOString(),
    next: [...nextSteps(assistance)],
    deadlines: {
      idleAt: found.idleAt.toISOString(),
      warnAt: found.warnAt.toISOString(),
      ...(found.maxAt ? { maxAt: found.maxAt.toISOString() } : {}),
      ...(code ? { codeExpiresAt: code.expiresAt.toISOString(), resendAt: code.resendAt.toISOString() } : {}),
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

function headOf(assistance: Assistance, agentName: string) {
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
  status: row.state,
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
  `
select x.*, (select name from agent where id = x.agent_id) as agent_name from (
${readingOf(`($1::text is null or a.agent_id = $1) and ($2::text is null or lower(a.email_asked) = lower($2) or a.user_id = $2)
   and ($3::timestamptz is null or (a.opened_at, a.id) < ($3, $4))`)}
) x
 where $5::text is null
    or case $5 when 'live' then x.state <> 'closed' and x.lapsed_because is null
               when 'closed' then x.state = 'closed' or x.lapsed_because is not null
               else x.state = $5 and x.lapsed_because is null end
 order by x.opened_at desc, x.id desc limit $6`,
)

export interface Listing {
  readonly agent?: string | undefined
  readonly user?: string | undefined
  readonly state?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Assistances, newest first, a page at a time; undefined where the cursor is none of ours. */
export async function list(db: Database, asked: Listing) {
  const after = asked.cursor === undefined ? undefined : cursorOf(asked.cursor)
  if (asked.cursor !== undefined && !after) return undefined
  const rows = await db.query<Row & { agent_name: string }>(listed, [
    asked.agent ?? null,
    asked.user ?? null,
    after?.at ?? null,
    after?.id ?? null,
    asked.state ?? null,
    asked.limit + 1,
  ])
  const page = rows.slice(0, asked.limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => lineOf(readOf(row).assistance, row.agent_name)),
    ...(rows.length > asked.limit && last
      ? { nextCursor: Buffer.from(`${last.opened_at.toISOString()} ${last.id}`).toString('base64url') }
      : {}),
  }
}

function cursorOf(text: string): { at: Date; id: string } | undefined {
  const [at = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ')
  const date = new Date(at)
  return Number.isNaN(date.getTime()) || !/^[a-z0-9_]{1,64}$/.test(id) ? undefined : { at: date, id }
}

function lineOf(assistance: Assistance, agentName: string): AssistanceLine {
  const found = 'found' in assistance ? assistance.found : undefined
  return {
    ...headOf(assistance, agentName),
    ...(found ? { userName: found.user.name } : {}),
  } satisfies AssistanceLine
}
