/**
 * Four servers on one database behind a plain balancer: the whole of a help with each request at another server, one of them
 * killed and another told to stop in the middle of it. Nothing that was answered is lost, nothing is done twice, and what
 * has ended has ended at all of them.
 */
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assisted } from '../../relying-party/src/index.ts'
import { type Browser, until } from '../journeys/stage.ts'
import { addresses, type Cluster, client, cluster, type Desk, ended, type Server } from './cluster.ts'
import { leo, marta } from './ground.ts'
import { disagreements } from './reconcile.ts'
import { fair } from './way.ts'

let on: Cluster
let ana: Desk
let ben: Desk
beforeAll(async () => {
  on = await cluster(4)
  ana = await on.signIn({ name: 'Ana Robles', email: 'ana@acme.test', phone: '+34600000901' })
  ben = await on.signIn({ name: 'Ben Ortiz', email: 'ben@acme.test', phone: '+34600000902' })
}, 240_000)
afterAll(() => on.close())

const must = async <T>(reply: Promise<{ status: number; body: T }>, status: number): Promise<T> => {
  const { status: came, body } = await reply
  if (came !== status) throw new Error(`${came}, not ${status}: ${JSON.stringify(body)}`)
  return body
}
const eventsOf = (id: string) =>
  on.db.query<{ n: number; type: string }>('select n, type from event where assistance_id = $1 order by n', [id])
const count = async (id: string, type: string) => (await eventsOf(id)).filter((event) => event.type === type).length

// ── What people do ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The next letter to somebody with a code in it, that is not among those `seen`. */
async function letterTo(to: string, seen: ReadonlySet<string>) {
  const [letter] = await until(
    async () => on.inbox.entries(to).filter(({ id, codes }) => codes.length > 0 && !seen.has(id)),
    (all) => all.length > 0,
    `a code for ${to}`,
  )
  if (!letter) throw new Error('no letter')
  return letter
}
const seenBy = (to: string): ReadonlySet<string> => new Set(on.inbox.entries(to).map(({ id }) => id))

/** Everything up to the user's answer: the link to their page, and the code. */
async function askedFor(desk: Desk, agent: string, user: string) {
  const reason = { code: 'fault', line: 'Cannot see invoices' }
  const { id } = await must(desk.call('POST', '/assistances', { kind: 'technical', userEmail: user, reason }), 201)
  const [agentSaw, userSaw] = [seenBy(agent), seenBy(user)]
  await must(desk.call('POST', `/assistances/${id}/agent-code`, {}), 202)
  const { codes } = await letterTo(agent, agentSaw)
  await must(desk.call('PUT', `/assistances/${id}/agent-proof`, { method: 'code', code: codes[0] }), 200)
  await must(desk.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  await must(desk.call('POST', `/assistances/${id}/consent-code`, {}), 202)
  const letter = await letterTo(user, userSaw)
  return { id: String(id), link: letter.links.find((one) => one.includes('/c/')) ?? '', code: letter.codes[0] ?? '' }
}

const tapped = async (phone: Browser, link: string, act: string) => {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const { status, text } = await phone.ask(`${link}/${act}`, { method: 'POST', headers, body: '{}' })
  return { status, body: JSON.parse(text) }
}

/** A launch, as far as the page that sends the browser on. */
async function begun(desk: Desk, id: string, browser: Browser) {
  const { url, ticket } = await must(desk.call('POST', `/assistances/${id}/launches`, { surface: 'portal' }), 201)
  return browser.form(url, { ticket }, { origin: addresses.console })
}

/** The agent's live stream, as a browser keeps it: broken off, it comes back to where it was. */
function listening(desk: Desk, id: string) {
  const heard: number[] = []
  const over = new AbortController()
  const open = async () => {
    const last = heard.at(-1)
    const answer = await on.reach(`${addresses.console}/api/v1/assistances/${id}/stream`, {
      headers: { cookie: desk.cookie, ...(last === undefined ? {} : { 'last-event-id': String(last) }) },
      signal: over.signal,
    })
    let text = ''
    for await (const chunk of answer.body ?? []) {
      const blocks = (text + new TextDecoder().decode(chunk)).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) heard.push(...[...block.matchAll(/^id: (\d+)$/gm)].map(([, n]) => Number(n)))
    }
  }
  const listens = (async () => {
    while (!over.signal.aborted) {
      await open().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    heard,
    async close() {
      over.abort()
      await listens
    },
  }
}

// ── What a product asks ─────────────────────────────────────────────────────────────────────────────────────────────

const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
/** What this very server says of a token. */
async function saidAt({ port }: Server, token: string, signal?: AbortSignal): Promise<{ active: boolean }> {
  const answer = await fetch(`http://127.0.0.1:${port + 1}/introspect`, {
    method: 'POST',
    headers: { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
    ...(signal && { signal }),
  })
  return JSON.parse(await answer.text())
}

/**
 * After an end: it is dead at each of these servers, and stays so. How long after its answer the last of them was asked that
 * still said it is alive: what a slow machine takes to answer is not counted.
 */
async function lastAliveMs(servers: readonly Server[], token: string): Promise<number> {
  const endedAt = performance.now()
  let lastMs = 0
  const late = servers.map(async (server) => {
    const asked = async () => {
      const afterMs = performance.now() - endedAt
      const { active } = await saidAt(server, token)
      if (active) lastMs = Math.max(lastMs, afterMs)
      return active
    }
    await until(asked, (active) => !active, 'the refusal')
    for (let again = 0; again < 10; again += 1) expect(await saidAt(server, token)).toEqual({ active: false })
  })
  await Promise.all(late)
  return lastMs
}

async function report(token: string, first: number, last: number) {
  const acts = Array.from({ length: last - first + 1 }, (_, at) => ({
    at: new Date().toISOString(),
    what: `did thing ${first + at}`,
  }))
  const answer = await on.reach(`${addresses.issuer}/activity`, {
    method: 'POST',
    headers: { authorization: basic, 'content-type': 'application/json' },
    body: JSON.stringify({ token, acts, count: last }),
  })
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}

test('four that start at once on an empty database bring it up to date once, and all of them serve', async () => {
  const applied = on.servers.map(({ said }) => Number(/(\d+) of \d+ migrations applied/.exec(said())?.[1] ?? 0))
  const rows = await on.db.query<{ number: number }>('select number from amparo.migration order by number')
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_row, at) => at + 1))
  expect(applied.reduce((sum, one) => sum + one, 0)).toBe(rows.length)
  const states = on.servers.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status)
  expect(await Promise.all(states)).toEqual([200, 200, 200, 200])
})

test('the whole of a help goes through with each request at another server than the one before', async () => {
  const { id, link } = await askedFor(ana, 'ana@acme.test', leo)
  const stream = listening(ana, id)
  const phone = on.browser()
  const { digits } = await must(tapped(phone, link, 'yes'), 200)
  const key = crypto.randomUUID()
  const consent = await must(ana.call('PUT', `/assistances/${id}/consent`, { match: digits }, key), 200)
  expect(consent.state).toBe('active')
  // Asked again, at the next server, it gets the first one's answer.
  expect(await must(ana.call('PUT', `/assistances/${id}/consent`, { match: digits }, key), 200)).toEqual(consent)

  const browser = on.browser()
  expect((await browser.follow(await begun(ana, id, browser))).text).toBe('Signed in')
  const { tokens, metadata } = on.product.signedIn()
  const token = tokens.access_token
  const claims = tokens.claims()
  for (const server of on.servers) expect(await saidAt(server, token)).toMatchObject({ active: true, sid: claims?.sid })
  for (const _server of on.servers)
    expect(await openid.fetchUserInfo(metadata, token, claims?.sub ?? '')).toMatchObject({
      act: { name: 'Ana Robles' },
    })
  for (const first of [1, 3, 5, 7])
    expect(await report(token, first, first + 1)).toMatchObject({ body: { active: true, missing: 0 } })
  expect(await report(token, 1, 8)).toMatchObject({ body: { active: true, count: 8, missing: 0 } })

  expect((await phone.ask(link)).text).toContain('Ana Robles')
  await must(tapped(phone, link, 'still-here'), 200)
  await must(tapped(phone, link, 'stop'), 200)
  expect(await lastAliveMs(on.servers, token)).toBeLessThan(2000)
  await expect(openid.fetchUserInfo(metadata, token, claims?.sub ?? '')).rejects.toThrow()

  const [logout] = await until(
    async () => on.product.logouts,
    (all) => all.length > 0,
    'the logout token',
  )
  const keys = createRemoteJWKSet(new URL(`${addresses.issuer}/jwks`), {
    [customFetch]: (url: string, options: object) => on.reach(url, options),
  })
  const { payload } = await jwtVerify(logout ?? '', keys, { audience: client.id, typ: 'logout+jwt' })
  expect(payload).toMatchObject({ sid: claims?.sid, sub: claims?.sub })
  const closed = await until(
    () => ana.call('GET', `/assistances/${id}`),
    ({ body }) => Boolean(body.surfaces[0]?.acknowledgedAt),
    'the acknowledgement',
  )
  expect(closed.body).toMatchObject({ state: 'closed', because: 'stopped_by_user', acts: { length: 8 } })

  // The farewell and its sending are told last, each once.
  const all = await until(
    () => eventsOf(id),
    (events) => events.filter(({ type }) => type === 'message.sent').length === 3,
    'the farewell',
  )
  await until(
    async () => stream.heard.length,
    (heard) => heard === all.length,
    'the whole stream',
  )
  expect(stream.heard).toEqual(all.map(({ n }) => n))
  expect([await count(id, 'consent.given'), await count(id, 'assistance.closed')]).toEqual([1, 1])
  await stream.close()
  for (const { answered } of Object.values(on.balancers)) expect(Math.min(...answered())).toBeGreaterThan(0)
}, 120_000)

// ── While servers come to an end ────────────────────────────────────────────────────────────────────────────────────

interface Load {
  /** The keys of notes that were taken, and of those of which nobody can say. */
  readonly taken: Set<string>
  readonly unknown: Set<string>
  /** What came that is no answer as ever. */
  readonly broken: { readonly status: number; readonly code: string }[]
  answers(): number
  /** Resolves once there were so many answers more. */
  more(answers: number): Promise<unknown>
  end(): Promise<void>
}

/** An answer that was under way when its server was killed. */
const cutShort = { status: 502, body: { code: 'cut_short' } }

/** Eight clients that read and write notes, each one request after the other. */
function loading(desk: Desk, id: string): Load {
  const [taken, unknown] = [new Set<string>(), new Set<string>()]
  const broken: Load['broken'] = []
  let [answers, over] = [0, false]
  const client = async (lane: number) => {
    for (let at = lane; !over; at += 1) {
      const key = at % 2 === 0 ? crypto.randomUUID() : undefined
      const call = key
        ? desk.call('POST', `/assistances/${id}/notes`, { text: 'Called back' }, key)
        : desk.call('GET', `/assistances/${id}`)
      const { status, body } = await call.catch(() => cutShort)
      answers += 1
      if (key) (status === 201 ? taken : unknown).add(key)
      // 429 is an answer as ever: this agent asks more than one may.
      if (status >= 400 && status !== 429) broken.push({ status, code: body.code ?? '' })
      if (status === 429 && key) unknown.delete(key)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const clients = Array.from({ length: 8 }, (_, lane) => client(lane))
  return {
    taken,
    unknown,
    broken,
    answers: () => answers,
    more(wanted) {
      const enough = answers + wanted
      return until(
        async () => answers,
        (now) => now >= enough,
        'answers',
      )
    },
    async end() {
      over = true
      await Promise.all(clients)
    },
  }
}

test('one is killed and another told to stop in the middle of it: nothing that was answered is lost, and nobody waits for either', async () => {
  const [, killed, stopped] = on.servers
  if (!killed || !stopped) throw new Error('four servers')
  const { id, link, code } = await askedFor(ana, 'ana@acme.test', marta)
  await must(ana.call('PUT', `/assistances/${id}/consent`, { code }), 200)
  const waiting = await askedFor(ben, 'ben@acme.test', 'nuria@clinica-sol.test')
  const browser = on.browser()
  await browser.follow(await begun(ana, id, browser))
  const token = on.product.signedIn().tokens.access_token

  // A product on the line asks nobody while it beats.
  let questions = 0
  const over: string[] = []
  const product = assisted({
    issuer: addresses.issuer,
    clientId: client.id,
    clientSecret: client.secret,
    fetch: (to, init) => {
      if (String(to).endsWith('/introspect')) questions += 1
      return on.reach(to, init)
    },
    line: true,
    onEnded: ({ sid }) => over.push(sid),
  })
  const unasked = async () => {
    const before = questions
    const said = await product.check(token)
    return typeof said === 'object' && questions === before
  }
  const onTheLine = () => until(unasked, (yes) => yes, 'the line')
  await onTheLine()

  const stream = listening(ana, id)
  const load = loading(ana, id)
  await load.more(20)
  const half = await begun(ana, id, browser)

  await ended(killed, 'SIGKILL')
  await load.more(40)
  expect((await browser.follow(half)).text).toBe('Signed in')
  await must(ben.call('PUT', `/assistances/${waiting.id}/consent`, { code: waiting.code }), 200)
  // What was at the killed server when it went is all that may have failed: its key is taken, and its answer is not known.
  const itsOwn = ['request.in_progress', cutShort.body.code]
  expect(load.broken.filter(({ code }) => !itsOwn.includes(code))).toEqual([])

  const before = load.broken.length
  const exit = ended(stopped, 'SIGTERM')
  await load.more(40)
  expect(await exit).toBe(0)
  await load.more(20)
  expect(load.broken.slice(before)).toEqual([])
  await load.end()

  const noted = await count(id, 'note.added')
  expect(noted).toBeGreaterThanOrEqual(load.taken.size)
  expect(noted).toBeLessThanOrEqual(load.taken.size + load.unknown.size)
  await onTheLine()
  await must(tapped(on.browser(), link, 'stop'), 200)
  const rest = on.servers.filter((server) => server !== killed && server !== stopped)
  expect(await lastAliveMs(rest, token)).toBeLessThan(2000)
  await until(
    () => product.check(token),
    (said) => said === 'ended',
    'the end at the product',
  )
  await until(
    async () => over,
    (sids) => sids.length > 0,
    'the news on the line',
  )
  product.close()
  await must(ben.call('PUT', `/assistances/${waiting.id}/closure`, { because: 'finished' }), 200)

  await until(
    () => count(id, 'surface.acknowledged'),
    (acknowledged) => acknowledged === 2,
    'both acknowledgements',
  )
  const all = await until(
    () => eventsOf(id),
    (events) => events.length === stream.heard.length,
    'the whole stream',
  )
  expect(stream.heard).toEqual(all.map(({ n }) => n))
  await stream.close()
  expect(await count(id, 'assistance.closed')).toBe(1)
  expect(await disagreements(on)).toEqual([])
}, 120_000)

// ── While a server hears nothing ────────────────────────────────────────────────────────────────────────────────────

/** Help with the portal open, and its token; each of these servers has it in mind. */
async function openAt(servers: readonly Server[], user: string): Promise<string> {
  const { id, code } = await askedFor(ana, 'ana@acme.test', user)
  await must(ana.call('PUT', `/assistances/${id}/consent`, { code }), 200)
  const browser = on.browser()
  await browser.follow(await begun(ana, id, browser))
  const token = on.product.signedIn().tokens.access_token
  for (let time = 0; time < 3; time += 1)
    for (const server of servers) expect(await saidAt(server, token)).toMatchObject({ active: true })
  return token
}
/** The banner's *End now*, at this very server. */
async function endedAt({ port }: Server, token: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port + 1}/end`, {
    method: 'POST',
    headers: { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
  })
  expect(answer.status).toBe(200)
}

test('two seconds after its way to the database went silent a server says of nobody that they are alive', async () => {
  const [here, , , there] = on.servers
  if (!here || !there) throw new Error('four servers')
  const token = await openAt([here, there], leo)
  on.way.become({ passing: 'silent' })
  const cutAt = performance.now()
  await endedAt(here, token)
  const late: unknown[] = []
  while (late.length < 5) {
    const after = performance.now() - cutAt
    const said = await saidAt(there, token, AbortSignal.timeout(1000)).catch(() => 'no answer')
    if (after > 2000) late.push(said)
  }
  expect(late.filter((said) => JSON.stringify(said).includes('true'))).toEqual([])
  on.way.become(fair)
  on.way.reset()
  await until(
    () => saidAt(there, token).catch(() => undefined),
    (said) => said?.active === false,
    'the refusal, once it hears again',
  )
}, 120_000)

test('servers whose channel is cut in the moment of an end know of it at once, by asking', async () => {
  const [here, , , there] = on.servers
  if (!here || !there) throw new Error('four servers')
  const ready = () => fetch(`http://127.0.0.1:${there.port}/readyz`).then(({ status }) => status)
  await until(ready, (status) => status === 200, 'readiness')
  const token = await openAt([here, there], leo)
  await on.db.query(`select pg_terminate_backend(pid) from pg_stat_activity
                      where application_name like 'amparo ear%' and datname = current_database()`)
  await endedAt(here, token)
  expect(await lastAliveMs([here, there], token)).toBeLessThan(2000)
}, 120_000)
