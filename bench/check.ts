/**
 * Whether a session is alive, asked on each request of a product: ours beside the limit (bare node:http), express-session,
 * oidc-provider's introspection and better-auth's session, in one run on one PostgreSQL. Every answer is checked.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freeBlock, staged } from '../demo/journeys/stage.ts'
import { postgres } from '../server/src/database/database.ts'
import { fillLive, tokenOf } from '../server/src/surfaces/many.testing.ts'
import { betterAuth } from './better-auth.ts'
import type { Ground } from './ground.ts'
import { cpuMs, memoryMb, percentile } from './machine.ts'
import { registration, surface } from './surface.ts'

/** One request, and what its answer has to be. */
export interface Question {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  isRight(answer: string): boolean
}
export interface Checker {
  readonly name: string
  readonly pid: number
  readonly database: string | undefined
  question(n: number): Question
  stop(): Promise<void>
}
export interface CheckCost {
  readonly name: string
  /** Of one check, in microseconds of CPU. */
  readonly server: number
  readonly postgres: number
  readonly statements: number
  /** Of the round, for each of its checks, in microseconds. */
  readonly wall: number
  readonly p50: number
  readonly p99: number
}

const connections = 32

/** Medians of the rounds; `share` 0 is the best of them: what disturbs only adds to the CPU that is counted. */
export async function checkCost(
  ground: Ground,
  checkers: readonly Checker[],
  requests: number,
  rounds: number,
  share = 0.5,
): Promise<readonly CheckCost[]> {
  for (const one of checkers) await ask(one, requests)
  const measured = new Map<string, CheckCost[]>()
  for (let round = 0; round < rounds; round += 1)
    for (const one of checkers)
      measured.set(one.name, [...(measured.get(one.name) ?? []), await costOf(ground, one, requests)])
  return checkers.map(({ name }) => {
    const all = measured.get(name) ?? []
    const median = (of: (cost: CheckCost) => number) => percentile(all.map(of), share)
    return {
      name,
      server: median((cost) => cost.server),
      postgres: median((cost) => cost.postgres),
      statements: median((cost) => cost.statements),
      wall: median((cost) => cost.wall),
      p50: median((cost) => cost.p50),
      p99: median((cost) => cost.p99),
    }
  })
}

/** What a check has to keep beside others in one run: ours in theirs, of CPU. */
type Ratios = Readonly<Record<'bare node:http' | 'oidc-provider' | 'better-auth', number>>
/** Where a machine does nothing else: 70 % of the goals (a quarter, 5 and 20), since a ratio moves with what it does. */
const atRest: Ratios = { 'bare node:http': 0.175, 'oidc-provider': 3.5, 'better-auth': 14 }
/**
 * On any machine, whatever else it does. What our loops cost in the time is counted as the checks': where a few checks take
 * long, that is most of it.
 */
export const anywhere: Ratios = { 'bare node:http': 0.05, 'oidc-provider': 1, 'better-auth': 5 }

/** What ours does not keep of it, in words; those who did not take part are not asked about. */
export function shortOf(costs: readonly CheckCost[], held = atRest): readonly string[] {
  const all = (of: string) => {
    const one = costs.find(({ name }) => name.startsWith(of))
    return one && { ...one, together: one.server + one.postgres }
  }
  const us = all('Amparo')
  if (!us) return ['nothing of ours was measured']
  const asked = us.statements > 0 ? [`a check asks the database ${us.statements} times`] : []
  const slow = Object.entries(held).flatMap(([name, least]) => {
    const ratio = (all(name)?.together ?? Number.NaN) / us.together
    return ratio < least ? [`${name} takes ${ratio.toFixed(2)} times our CPU, and has to take ${least}`] : []
  })
  return [...asked, ...slow]
}

/** Until all that lives is in memory: it is read a page at a time. */
export async function allRead(ground: Ground, sessions: number): Promise<void> {
  const pages = async () => (await ground.statements('ours')).find(({ text }) => text.includes('with ties'))?.calls ?? 0
  for (let tries = 0; (await pages()) <= sessions / 500; tries += 1) {
    if (tries > 3000) throw new Error('what is alive was not read')
    await pause(200)
  }
}

async function costOf(ground: Ground, one: Checker, requests: number): Promise<CheckCost> {
  await ground.forget()
  const [server, database] = [cpuMs(one.pid), cpuMs(ground.pid)]
  const began = performance.now()
  const times = await ask(one, requests)
  const wall = ((performance.now() - began) * 1000) / requests
  const [serverMs, databaseMs] = [cpuMs(one.pid) - server, cpuMs(ground.pid) - database]
  const named = one.database === undefined ? [] : await ground.statements(one.database)
  return {
    name: one.name,
    server: (serverMs * 1000) / requests,
    postgres: one.database === undefined ? 0 : (databaseMs * 1000) / requests,
    // What happens beside the checks, a few times a second however many they are, is no statement of a check.
    statements: named.reduce((sum, { calls }) => sum + (calls >= requests / 20 ? calls : 0), 0) / requests,
    wall,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  }
}

async function ask(one: Checker, requests: number): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  let next = 0
  const worker = async () => {
    while (next < requests) {
      next += 1
      const question = one.question(next)
      const began = performance.now()
      const answer = await send(question, agent)
      times.push(performance.now() - began)
      if (!question.isRight(answer)) throw new Error(`${one.name} answered ${answer.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return times
}

export const send = ({ url, method, headers, body }: Omit<Question, 'isRight'>, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asked = request(url, { method, agent, headers: { ...headers, ...length } }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    asked.on('error', reject)
    asked.end(body)
  })

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const basic = `Basic ${Buffer.from(`${surface.id}:${surface.secret}`).toString('base64')}`

// ── Who takes part ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The whole demo, with so many sessions open in the products of so many users. */
export async function us(
  databaseUrl: string,
  folder: string,
  sessions: number,
  loaded: (sessions: number) => Promise<void>,
): Promise<Checker & { memory(): number }> {
  const stage = await staged({ databaseUrl, port: await freeBlock(), env: await registration(folder) })
  const db = postgres(databaseUrl, { max: 1 })
  await fillLive(db, sessions)
  await db.transaction((tx) => tx.query('analyze'), 0)
  // As after a silence: whatever lives is read anew.
  await db.query(`select pg_notify('amparo_live', '*')`)
  await db.close()
  await loaded(sessions)
  const asked = Math.min(sessions, 2000)
  return {
    name: 'Amparo: introspection',
    pid: stage.child.pid ?? 0,
    database: 'ours',
    question: (n) => questionOf(`http://127.0.0.1:${stage.port + 1}`, n % asked),
    memory: () => memoryMb(stage.child.pid ?? 0),
    async stop() {
      await stage.stop()
      await stage.remove()
    },
  }
}

/** What a product asks about session `n` of those that were filled in. */
export const questionOf = (issuer: string, n: number): Question => ({
  url: `${issuer}/introspect`,
  method: 'POST',
  headers: { ...form, authorization: basic },
  body: `token=${tokenOf(n)}`,
  isRight: (answer) => answer.includes('"active":true') && answer.includes(`"sid":"sid${n}"`),
})

async function peer(file: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'peers', file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const line = () => /^listening (\d+) ?(.*)\n/m.exec(said)
  while (!line()) said += String((await once(child.stdout, 'data'))[0])
  const [, port = '', rest = ''] = line() ?? []
  return {
    pid: child.pid ?? 0,
    origin: `http://127.0.0.1:${port}`,
    said: rest.split(' '),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** As large as ours. */
export const exampleAnswer = {
  active: true,
  sub: 'live1',
  act: { sub: 'ag_live1', name: 'Agent 1' },
  acr: 'urn:amparo:assisted:code:read_aloud',
  amr: ['otp'],
  assistance_id: 'as_000000000000000000000001',
  ecosystem_id: 'live1',
  powers: 'look',
  client_id: 'portal',
  scope: 'openid support:read',
  sensitive_powers: [],
  token_type: 'Bearer',
  iss: 'http://127.0.0.1:4001',
  iat: 1795000000,
  exp: 1795003600,
  ecosystem_name: 'Clinic 1',
  user_name: 'User 1',
  reason: 'Something does not work',
  ends_at: '2026-11-22T10:57:00.000Z',
  idle_at: '2026-11-22T10:57:00.000Z',
  now: '2026-11-22T10:44:00.000Z',
  locale: 'en',
}

/** As large an answer as ours, of nothing. */
export async function bare(answer: object): Promise<Checker> {
  const { pid, origin, stop } = await peer('bare.mjs', { PEER_ANSWER: JSON.stringify(answer) })
  return {
    name: 'bare node:http',
    pid,
    database: undefined,
    question: (n) => ({
      url: `${origin}/introspect`,
      method: 'POST',
      headers: { ...form, authorization: basic },
      body: `token=sid${n}`,
      isRight: (text) => text.includes(`"sid":"sid${n}"`),
    }),
    stop,
  }
}

export async function oidcProvider(databaseUrl: string, sessions: number): Promise<Checker> {
  const secret = randomBytes(16).toString('hex')
  const { pid, origin, said, stop } = await peer('oidc.mjs', {
    DATABASE_URL: databaseUrl,
    PEER_SECRET: secret,
    PEER_SESSIONS: String(sessions),
  })
  return {
    name: 'oidc-provider: introspection',
    pid,
    database: 'oidc',
    question: (n) => ({
      url: `${origin}/token/introspection`,
      method: 'POST',
      headers: { ...form, authorization: `Basic ${Buffer.from(`portal:${secret}`).toString('base64')}` },
      body: `token=${said[n % said.length]}`,
      isRight: (text) => text.includes('"active":true'),
    }),
    stop,
  }
}

/** A cookie's session in PostgreSQL that slides with each request: what most servers have. */
export async function expressSession(databaseUrl: string, sessions: number): Promise<Checker> {
  const { pid, origin, said, stop } = await peer('express.mjs', {
    DATABASE_URL: databaseUrl,
    PEER_SECRET: randomBytes(16).toString('hex'),
    PEER_SESSIONS: String(sessions),
    PEER_ANSWER: JSON.stringify(exampleAnswer),
  })
  return {
    name: 'express-session, rolling',
    pid,
    database: 'express',
    question: (n) => ({
      url: `${origin}/session`,
      method: 'GET',
      headers: { cookie: said[n % said.length] ?? '' },
      isRight: (text) => text.includes(`"sid":"user${n % said.length}"`),
    }),
    stop,
  }
}

/** Sessions of its own impersonation, a few of them asked about, as many there as everybody has. */
export async function betterAuthSession(databaseUrl: string, sessions: number): Promise<Checker> {
  const pairs = 20
  const one = await betterAuth(databaseUrl, pairs)
  const cookies: string[] = []
  for (let pair = 0; pair < pairs; pair += 1) cookies.push(await one.impersonated(pair))
  const db = postgres(databaseUrl, { max: 1 })
  await db.query(
    `insert into "session" (id, "expiresAt", token, "createdAt", "updatedAt", "userId")
     select 'filled' || n, now() + interval '1 hour', 'filled' || n, now(), now(), 'user0' from generate_series(1, $1::int) n`,
    [sessions],
  )
  await db.close()
  return {
    name: 'better-auth: get-session',
    pid: one.pid,
    database: 'peer',
    question: (n) => ({
      url: `${one.origin}/api/auth/get-session`,
      method: 'GET',
      headers: { cookie: cookies[n % pairs] ?? '' },
      isRight: (text) => text.includes(`"user${n % pairs}@bench.test"`),
    }),
    stop: one.stop,
  }
}
