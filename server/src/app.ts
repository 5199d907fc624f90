/**
 * The console's origin: Request → Response. Every call of the contract is mounted through one door that knows the
 * caller, parses the input, keeps idempotent answers and turns refusals into problems.
 */
import { api, type Call, type CallName, others } from '@amparo/contract/api'
import { openapi } from '@amparo/contract/openapi'
import type { Refusal } from '@amparo/contract/refusals'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie } from 'hono/cookie'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { Endings } from './assistance/assistance.routes.ts'
import { assistanceRoutes } from './assistance/assistance.routes.ts'
import { read } from './assistance/assistance.store.ts'
import type { Outside as AssistanceOutside } from './assistance/outside.ts'
import { list } from './assistance/view.ts'
import { type Outside as AuditOutside, auditRoutes, takeAway } from './audit/audit.routes.ts'
import { eventsSince } from './audit/audit.store.ts'
import type { Bell } from './bell.ts'
import { type Database, isConnectionTrouble, isUnwritable } from './database/database.ts'
import { noteLoose } from './desk/note.ts'
import { actorOf, type Caller, type Door, type From, type OpenDoor, type Opened, type Place } from './door.ts'
import { callerOf, neighbourhoodOf, networkOf, type Proxies, siteOf } from './http/caller.ts'
import { fileResponse, type StaticFile } from './http/files.ts'
import { type Answer, claim, keyIn } from './http/idempotency.ts'
import { type Buckets, buckets } from './http/limits.ts'
import { faultAt, languageOf, type ProblemContext, problemResponse } from './http/problem.ts'
import { safetyOf } from './http/safety.ts'
import { browserWords } from './identity/browser.ts'
import { browserCookie, cookiesOf, markOf, sessionCookie } from './identity/cookies.ts'
import { identityRoutes, placeRoutes, signInRoutes } from './identity/identity.routes.ts'
import { type Holder, holderNow, holderOf } from './identity/identity.store.ts'
import type { Outside as IdentityOutside } from './identity/outside.ts'
import { tellOfStranger } from './identity/place.flow.ts'
import { placeOf } from './identity/place.ts'
import type { StaffDesk } from './identity/staff.flow.ts'
import { staffRoutes } from './identity/staff.routes.ts'
import type { Log } from './log.ts'
import { type Outcome, type Refused, tooManyNow } from './outcome.ts'
import type { Policy } from './policy/table.ts'
import { newId, type Secrets } from './secrets.ts'
import { type AgentId, type AssistanceId, assistanceId, isNoText } from './words.ts'

export interface AppOutside {
  readonly db: Database
  readonly secrets: Secrets
  readonly consoleOrigin: string
  readonly issuerOrigin: string
  /** Which proxies are believed about who asks. */
  readonly proxies: Proxies | undefined
  /** What tells an agent's places apart. */
  readonly placesBy: Policy['agentPlaces']
  readonly files: ReadonlyMap<string, StaticFile>
  readonly bell: Bell
  readonly log: Log
  readonly version: string
  /** In production a bearer token may read and nothing else. */
  readonly bearerMayAct: boolean
  readonly assistance: AssistanceOutside
  readonly identity: IdentityOutside
  /** Where agents sign in at their company. */
  readonly staff: StaffDesk | undefined
  readonly endings: Endings
  readonly audit: AuditOutside
  /** Mounts further rooms through the same door. */
  readonly rooms: readonly ((door: Door) => void)[]
  /** Whether this process lives, can help, and what it counts. */
  readonly probes: Hono
  /** Demo and test only: the inbox, the clock, the people. */
  readonly dev?: Hono | undefined
}

const bodyBytes = 100 * 1024
const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

type Env = {
  Variables: {
    requestId: string
    /** Whose session this is, where it was proven in this place. */
    caller: Caller | undefined
    /** Whose session this is, where it was not: nothing is open to them but what shows that it is its agent. */
    stranger: Caller | undefined
  }
}
type Ctx = Context<Env>

export function consoleApp(outside: AppOutside): Hono<Env> {
  const app = new Hono<Env>()
  const bucket = buckets(300, 50)
  const headers = Object.entries(headersFor(outside))
  app.use(async (c, next) => {
    c.set('requestId', newId('rq'))
    await next()
    for (const [name, value] of headers) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    // What was asked for is kept by nobody, but for files that say so of themselves.
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
    c.res.headers.set('x-request-id', c.get('requestId'))
  })
  app.use('/api/*', limited)
  app.use('/api/*', (c, next) => knownAndOurs(outside, bucket, c, next))

  const door: Door = (name, answer) => mount(outside, app, name, (asked) => answer(asked))
  const anywhere: Door = (name, answer) => mount(outside, app, name, (asked) => answer(asked), 'anywhere')
  const openDoor: OpenDoor = (name, answer) => mountOpen(outside, app, name, (knocked) => answer(knocked))
  signInRoutes(openDoor, outside.identity)
  placeRoutes(openDoor, anywhere, outside.identity)
  if (outside.staff) {
    const silent = (error: unknown) =>
      outside.log.warn({ error: String(error) }, 'the identity provider does not answer')
    app.route(
      '/',
      staffRoutes(outside.staff, (c) => fromOf(outside, c), silent),
    )
  }
  identityRoutes(door, outside.identity)
  assistanceRoutes(door, outside.assistance, outside.endings)
  auditRoutes(door, outside.audit)
  for (const room of outside.rooms) room(door)
  app.get(api.about.path, (c) => c.json({ version: outside.version, inbox: outside.dev !== undefined }))
  app.get(honoPath(others.hear), (c) => stream(outside, c))
  app.get(honoPath(others.hearLive), (c) => liveList(outside, c))
  app.get(honoPath(others.takeRecord), (c) => takenAway(outside, c))
  app.get(honoPath(others.describe), (c) => c.json(openapi({ title: 'Amparo', version: outside.version })))
  for (const [path, methods] of methodsAt()) app.all(path, (c) => notThisWay(c, methods))

  app.route('/', outside.probes)
  if (outside.dev) app.route('/', outside.dev)
  app.get('*', (c) => page(outside, c))
  app.notFound((c) => problem(c, 'route.unknown'))
  app.onError((error, c) => broken(outside, error, c))
  return app
}

/** A body says how long it is, and Node reads no more than that: only one that does not say is counted as it is read. */
async function limited(c: Ctx, next: () => Promise<void>) {
  const declared = c.req.header('content-length')
  if (declared === undefined || c.req.header('transfer-encoding') !== undefined)
    return c.req.method === 'GET' || c.req.method === 'HEAD' ? next() : counted(c, next)
  return Number(declared) > bodyBytes ? problem(c, 'request.too_large') : next()
}
const counted = bodyLimit({ maxSize: bodyBytes, onError: (c) => problem(c, 'request.too_large') })

// ── Who calls, and from where ───────────────────────────────────────────────────────────────────────────────────────

/** Knows the caller, refuses floods, and refuses what another site's page sent with our cookie. */
async function knownAndOurs(outside: AppOutside, bucket: Buckets, c: Ctx, next: () => Promise<void>) {
  const bearer = bearerOf(c)
  const holder = await holderHere(outside, c, holderOf)
  if (!bucket.take(holder?.here ? holder.caller.sessionId : neighbourhoodOf(addressOf(outside, c))).ok) {
    return problem(c, 'rate.limited', tooManyNow().more)
  }
  const changes = !safe.has(c.req.method)
  if (changes && bearer === undefined && !sameOrigin(outside, c)) return problem(c, 'request.cross_site')
  if (changes && bearer !== undefined && !outside.bearerMayAct) return problem(c, 'agent.not_allowed')
  c.set('caller', holder?.here ? holder.caller : undefined)
  c.set('stranger', holder?.here === false ? holder.caller : undefined)
  if (holder?.here === false && !holder.told) await tellOfStranger(outside.identity, holder.caller, fromOf(outside, c))
  await next()
}

const bearerOf = (c: Context): string | undefined =>
  /^Bearer ([A-Za-z0-9_-]{20,128})$/.exec(c.req.header('authorization') ?? '')?.[1]

/** Whose session a request comes with: a browser's by its cookie, a script's by its header, and neither by the other. */
async function holderHere(outside: AppOutside, c: Context, find: typeof holderOf): Promise<Holder | undefined> {
  const bearer = bearerOf(c)
  const token = bearer ?? getCookie(c, sessionCookie)
  if (token === undefined) return undefined
  const holder = await find(outside.db, token, bearer === undefined ? placeHere(outside, c) : [])
  if (holder?.caller.kind !== (bearer === undefined ? 'cookie' : 'bearer')) return undefined
  return { ...holder, caller: { ...holder.caller, request: c.get('requestId') } }
}

/** Who listens, as their request would find them now: a stream lasts no longer than what it came with opens anything. */
async function listenerNow(outside: AppOutside, c: Context): Promise<Caller | undefined> {
  const holder = await holderHere(outside, c, holderNow)
  return holder?.here ? holder.caller : undefined
}

function placeHere(outside: AppOutside, c: Context): Place {
  const network = outside.placesBy === 'browser' ? '' : networkOf(addressOf(outside, c))
  return placeOf(outside.secrets, { network, userAgent: c.req.header('user-agent') })
}

/** Why nobody is there who may ask: no session, or one that was not proven in this place. */
const nobodyHere = (c: Ctx): Response => problem(c, c.get('stranger') ? 'agent.other_place' : 'agent.unknown')

function sameOrigin(outside: AppOutside, c: Ctx): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin') return false
  const origin = c.req.header('origin')
  return origin === undefined ? site === 'same-origin' : origin === outside.consoleOrigin
}

function addressOf({ proxies }: AppOutside, c: Context): string {
  try {
    return callerOf(getConnInfo(c).remote.address, c.req.header('x-forwarded-for'), proxies)
  } catch {
    return 'nowhere'
  }
}

// ── The door ────────────────────────────────────────────────────────────────────────────────────────────────────────

const honoPath = (call: Pick<Call, 'path'>): string => call.path.replace(/\{(\w+)\}/g, ':$1')

/** The methods that each address takes. */
function methodsAt(): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>()
  const calls = [...Object.values<Call>(api), ...Object.values(others).map(({ path }) => ({ path, method: 'GET' }))]
  for (const call of calls) {
    const methods = call.method === 'GET' ? ['GET', 'HEAD'] : [call.method]
    all.set(honoPath(call), [...(all.get(honoPath(call)) ?? []), ...methods])
  }
  return all
}

function notThisWay(c: Ctx, methods: readonly string[]): Response {
  const answer = problem(c, 'route.method')
  answer.headers.set('allow', methods.join(', '))
  return answer
}

interface Parsed<Who = Caller> {
  readonly caller: Who
  readonly from: From
  readonly params: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: the contract's parser made these; the door's type says what they are.
  readonly body: any
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly query: any
}

function mount(
  outside: AppOutside,
  app: Hono<Env>,
  name: CallName,
  answer: (asked: Parsed) => Promise<Outcome<unknown, Refusal>>,
  where?: 'anywhere',
) {
  const call: Call = api[name]
  app.on(call.method, honoPath(call), async (c) => {
    const caller = c.get('caller') ?? (where && c.get('stranger'))
    if (!caller) return nobodyHere(c)
    const text = call.input ? await c.req.text() : ''
    return once(outside, c, caller, text, async () => {
      const input = parsed(c, call, text)
      if (input instanceof Response) return input
      const outcome = await answer({ caller, from: fromOf(outside, c), params: c.req.param(), ...input })
      return outcome.ok ? c.json(outcome.value as object, call.status) : problem(c, outcome.refusal, outcome.more)
    })
  })
}

/** Body and query as the contract has them, or the problem that names each fault. */
function parsed(c: Ctx, call: Call, text: string): { body: unknown; query: unknown } | Response {
  if (call.input && text !== '' && !/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    return problem(c, 'request.media_type')
  }
  const json = jsonOf(call.input ? text : '')
  if (!json) return problem(c, 'request.invalid', { errors: [{ path: '', message: 'This is not JSON.' }] })
  const asked = c.req.query()
  if (json.noText || [...Object.values(asked), ...namesIn(c)].some(isNoText))
    return problem(c, 'request.invalid', { errors: [noText] })
  const body = call.input?.safeParse(json.value)
  const query = call.query?.safeParse(asked)
  const faults = [...(body?.error?.issues ?? []), ...(query?.error?.issues ?? [])]
  if (faults.length === 0) return { body: body?.data, query: query?.data }
  return problem(c, 'request.invalid', {
    errors: faults.slice(0, 20).map(faultAt),
  })
}

/** What an address names, but for an assistance: its id is parsed as what it is, and another is unknown. */
function namesIn(c: Ctx): readonly string[] {
  const { id: _id, ...names }: Record<string, string> = c.req.param()
  return Object.values(names)
}

const noText = { path: '', message: 'Some text holds characters that are none.' }

function jsonOf(text: string): { value: unknown; noText: boolean } | undefined {
  if (text.trim() === '') return { value: {}, noText: false }
  let noText = false
  try {
    const value: unknown = JSON.parse(text, (_key, part: unknown) => {
      noText ||= typeof part === 'string' && isNoText(part)
      return part
    })
    return { value, noText }
  } catch {
    return undefined
  }
}

/** Answers a keyed request once; the same request again gets the same answer. */
async function once(
  outside: AppOutside,
  c: Ctx,
  caller: Caller,
  text: string,
  answer: () => Promise<Response>,
): Promise<Response> {
  const key = keyOf(c)
  if (key === undefined) return answer()
  if (key instanceof Response) return key
  const { pathname, search } = new URL(c.req.url)
  const request = `${c.req.method} ${pathname}${search}\n${text}`
  const claimed = await claim(outside.db, outside.secrets, caller.agentId, key, request)
  if (claimed.claim === 'answered') return responseOf(claimed.answer)
  if (claimed.claim !== 'mine')
    return problem(c, claimed.claim === 'in_progress' ? 'request.in_progress' : 'request.key_reused')
  const kept = await answerOf(answer, outside, c)
  // What was done is told, also where the answer cannot be kept for whoever asks again.
  await claimed
    .keep(kept)
    .catch((error: unknown) => outside.log.warn({ error: String(error) }, 'an answer was not kept'))
  return responseOf(kept)
}

/** The key that a change came with, or the problem where it is none. */
function keyOf(c: Ctx): string | undefined | Response {
  const header = safe.has(c.req.method) ? undefined : c.req.header('idempotency-key')
  return header === undefined ? undefined : (keyIn(header) ?? problem(c, 'request.idempotency_key'))
}

async function answerOf(answer: () => Promise<Response>, outside: AppOutside, c: Ctx): Promise<Answer> {
  const response = await answer().catch((error: unknown) => broken(outside, error, c))
  const [type, retryAfter] = ['content-type', 'retry-after'].map((name) => response.headers.get(name))
  return {
    status: response.status,
    type: type ?? '',
    body: await response.text(),
    ...(retryAfter ? { retryAfter } : {}),
  }
}

const responseOf = (answer: Answer): Response =>
  new Response(answer.body, {
    status: answer.status,
    headers: {
      'content-type': answer.type,
      'cache-control': 'no-store',
      ...(answer.retryAfter ? { 'retry-after': answer.retryAfter } : {}),
    },
  })

// ── Without a session, or for one ───────────────────────────────────────────────────────────────────────────────────

/** A call that nobody needs to be signed in for. It is never answered from memory: its answer may open a session. */
function mountOpen(
  outside: AppOutside,
  app: Hono<Env>,
  name: CallName,
  answer: (
    knocked: Parsed<Caller | undefined> & { readonly elsewhere: boolean },
  ) => Promise<Outcome<Opened<unknown>, Refusal>>,
) {
  const call: Call = api[name]
  app.on(call.method, honoPath(call), async (c) => {
    const key = keyOf(c)
    if (key instanceof Response) return key
    const input = parsed(c, call, call.input ? await c.req.text() : '')
    if (input instanceof Response) return input
    const stranger = c.get('stranger')
    const who = { caller: stranger ?? c.get('caller'), elsewhere: stranger !== undefined }
    const outcome = await answer({ ...who, from: fromOf(outside, c), params: c.req.param(), ...input })
    if (!outcome.ok) return problem(c, outcome.refusal, outcome.more)
    keepIn(c, outcome.value.session)
    return c.json(outcome.value.answer as object, call.status)
  })
}

/** What the browser keeps of a sign-in, or forgets. */
function keepIn(c: Ctx, session: Opened<unknown>['session']): void {
  if (session === undefined) return
  for (const cookie of cookiesOf(session)) c.header('set-cookie', cookie, { append: true })
}

function fromOf(outside: AppOutside, c: Context): From {
  return {
    words: [browserWords(c.req.header('user-agent')), addressOf(outside, c)].filter(Boolean).join(', '),
    device: markOf(getCookie(c, browserCookie)),
    place: placeHere(outside, c),
    near: siteOf(addressOf(outside, c)),
    request: c.get('requestId'),
  }
}

// ── The live stream ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Which of the stream's events tells of a recorded one. */
function streamed(type: string): 'state' | 'message' | 'surface' | 'deadline' | 'note' {
  if (type.startsWith('message.') || type.endsWith('code_sent') || type.endsWith('asked')) return 'message'
  if (/^(surface|launch|act)\./.test(type)) return 'surface'
  if (['user.still_here', 'presence.given', 'user.warned'].includes(type)) return 'deadline'
  if (
    type.startsWith('assistance.') ||
    ['agent.proved', 'consent.given', 'user.said_yes', 'user.looked_up', 'user.not_found', 'ecosystem.chosen'].includes(
      type,
    )
  )
    return 'state'
  return 'note'
}

/** Server-Sent Events of one assistance; resumes by `Last-Event-ID`, which is the number of its last event. */
async function stream(outside: AppOutside, c: Ctx): Promise<Response> {
  const caller = c.get('caller')
  if (!caller) return nobodyHere(c)
  const id = assistanceId(c.req.param('id') ?? '')
  const found = id && (await read(outside.db, id))
  const mayRead = ({ agentId, roles }: Caller) =>
    found !== undefined && (found.assistance.agentId === agentId || roles.includes('supervisor'))
  if (!id || !mayRead(caller)) return problem(c, 'assistance.unknown')
  const last = Number(c.req.header('last-event-id') ?? c.req.query('after') ?? 0)
  const mayStill = async () => {
    const now = await listenerNow(outside, c)
    return now !== undefined && mayRead(now)
  }
  return streaming(outside, c, (sse, waiter) =>
    tellAll(outside, { sse, waiter, mayStill }, id, last >= 0 && last <= mostEvents ? Math.trunc(last) : 0),
  )
}

type Waiter = ReturnType<Bell['waiter']>

/** An event stream that ends with its work, and lets go of the bell when nobody listens any more. */
function streaming(
  outside: AppOutside,
  c: Ctx,
  work: (sse: SSEStreamingApi, waiter: Waiter) => Promise<void>,
): Response | Promise<Response> {
  c.header('cache-control', 'no-store')
  c.header('x-accel-buffering', 'no')
  if (c.req.method === 'HEAD') return c.body(null)
  return streamSSE(c, async (sse) => {
    const waiter = outside.bell.waiter()
    sse.onAbort(() => waiter.close())
    try {
      await sse.write(': welcome\nretry: 1000\n\n')
      await work(sse, waiter)
    } catch (error) {
      broken(outside, error, c)
    } finally {
      waiter.close()
    }
  })
}

/** The numbers of events are `int` in the database. */
const mostEvents = 2 ** 31 - 1

interface Listener {
  readonly sse: SSEStreamingApi
  readonly waiter: Waiter
  /** Whether they may still hear of it: roles and sessions end while somebody listens. */
  mayStill(): Promise<boolean>
}

/** Tells every event after number `n`, for as long as somebody listens and may. */
async function tellAll(
  { db }: AppOutside,
  { sse, waiter, mayStill }: Listener,
  id: AssistanceId,
  n: number,
): Promise<void> {
  let told = n
  for (let turn = 0; !sse.aborted && !sse.closed && (await mayStill()); turn += 1) {
    for (const event of await eventsSince(db, id, told)) {
      told = event.n
      await sse.writeSSE({ id: String(told), event: streamed(event.type), data: JSON.stringify(event) })
    }
    if (turn % 15 === 14) await sse.write(': still here\n\n')
    await waiter.wait(1000)
  }
}

/**
 * What is live now, whole, each time that it is not as it was told before: all of it for a supervisor, their own for an
 * agent, whoever they are by then. Looked at four times a second at the most, in one select.
 */
async function liveList(outside: AppOutside, c: Ctx): Promise<Response> {
  const caller = c.get('caller')
  if (!caller) return nobodyHere(c)
  if (caller.roles.includes('supervisor')) {
    await noteLoose(outside.db, { type: 'record.read', actor: actorOf(caller), data: { what: 'live' } })
  }
  return streaming(outside, c, async (sse, waiter) => {
    let [told, asked] = ['', allOrOwn(caller)]
    for (let turn = 0; !sse.aborted && !sse.closed; turn += 1) {
      const page = await list(outside.assistance, caller.agentId, { state: 'live', agent: asked, limit: mostLive })
      // Looked at after the reading: who may not see what came meanwhile hears nothing of it.
      const now = await listenerNow(outside, c)
      if (!now) return
      const items = JSON.stringify(page?.items)
      if (items !== told && asked === allOrOwn(now)) {
        await sse.writeSSE({ event: 'list', data: JSON.stringify(page) })
        told = items
      }
      asked = allOrOwn(now)
      if (turn % 15 === 14) await sse.write(': still here\n\n')
      await new Promise((resolve) => setTimeout(resolve, quietMs))
      await waiter.wait(1000 - quietMs)
    }
  })
}

/** Whose help a list may hold: everybody's for a supervisor, for an agent their own. */
const allOrOwn = ({ roles, agentId }: Caller): AgentId | undefined =>
  roles.includes('supervisor') ? undefined : agentId

/** What one screen can show; more is there by pages. */
const mostLive = 200
/** News come in bursts: one look answers them all. */
const quietMs = 250

// ── Taking the record away ──────────────────────────────────────────────────────────────────────────────────────────

/** A file of any length, written as it is read; a breakage on the way cuts it off, so that it is not taken for whole. */
async function takenAway(outside: AppOutside, c: Ctx): Promise<Response> {
  const caller = c.get('caller')
  if (!caller) return nobodyHere(c)
  const asked = { format: c.req.query('format'), q: c.req.query('q'), lang: c.req.query('lang') }
  if (isNoText(asked.q ?? '')) return problem(c, 'request.invalid', { errors: [noText] })
  const taken = await takeAway(outside.audit, caller, asked)
  if (!taken.ok) return problem(c, taken.refusal, taken.more)
  const { type, name, chunks } = taken.value
  c.header('content-type', type)
  c.header('content-disposition', `attachment; filename="${name}"`)
  c.header('cache-control', 'no-store')
  const encoder = new TextEncoder()
  return c.body(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
        } catch (error) {
          broken(outside, error, c)
          controller.error(error)
        }
      },
      cancel: () => void chunks.return(undefined),
    }),
  )
}

// ── Everything else ─────────────────────────────────────────────────────────────────────────────────────────────────

function page(outside: AppOutside, c: Ctx): Response {
  const wants = { ifNoneMatch: c.req.header('if-none-match'), acceptEncoding: c.req.header('accept-encoding') }
  const file = outside.files.get(c.req.path)
  if (file) return fileResponse(file, wants)
  const shell = outside.files.get('/index.html')
  const wantsPage = (c.req.header('accept') ?? '').includes('text/html')
  if (!shell || !wantsPage || /^\/(api|dev)\b/.test(c.req.path)) return problem(c, 'route.unknown')
  return fileResponse(shell, wants)
}

/**
 * `strict-origin`: with `no-referrer` a browser sends `Origin: null` with the form that carries a ticket, and the
 * issuer could not tell the console from a stranger's page.
 */
const headersFor = (outside: AppOutside): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action 'self' ${outside.issuerOrigin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; '),
  'referrer-policy': 'strict-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  ...safetyOf(outside.consoleOrigin),
})

const contextOf = (c: Context): ProblemContext => ({
  requestId: c.get('requestId') ?? newId('rq'),
  language: languageOf(c.req.header('accept-language')),
})

const problem = (c: Context, refusal: Refusal, more: Refused | { errors: readonly unknown[] } = {}): Response =>
  problemResponse(refusal, more, contextOf(c))

/** A breakage: told without a word of what broke, logged with its request id, and with whose work it was. */
function broken(outside: AppOutside, error: unknown, c: Ctx): Response {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  outside.log.error(
    {
      requestId: contextOf(c).requestId,
      path: c.req.path,
      assistance: /\bas_[0-9a-z]{24}\b/.exec(c.req.path)?.[0],
      agent: c.get('caller')?.agentId,
      code,
      error: error instanceof Error ? error.stack : String(error),
    },
    'request failed',
  )
  if (isUnwritable(error)) return problem(c, 'record.unavailable')
  return problem(c, isConnectionTrouble(error) ? 'system.unavailable' : 'system.broken')
}
