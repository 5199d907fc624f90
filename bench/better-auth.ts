/** The hand-over as better-auth's parts make it: two codes sent and proved, impersonation, a token good for one use. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Inbox, startInbox } from '../demo/inbox/inbox.ts'
import { until } from '../demo/journeys/stage.ts'
import { postgres } from '../server/src/database/database.ts'
import type { Contender } from './contender.ts'

const peer = join(import.meta.dirname, 'peers/better-auth.mjs')

/** A contender, and where it is: what a benchmark of its sessions needs. */
export interface BetterAuth extends Contender {
  readonly origin: string
  /** The cookies of an agent's session as this pair's user. */
  impersonated(pair: number): Promise<string>
}

/** `byMail`: its codes go over SMTP to an inbox, as ours do; otherwise they are handed over in its memory. */
export async function betterAuth(databaseUrl: string, pairs: number, byMail = false): Promise<BetterAuth> {
  const inbox = byMail ? await startInbox() : undefined
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PEER_SECRET: randomBytes(32).toString('hex'),
    ...(inbox ? { PEER_SMTP_URL: inbox.smtpUrl } : {}),
  }
  const child = spawn(process.execPath, [peer], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  const origin = `http://127.0.0.1:${/listening (\d+)/.exec(String(said))?.[1]}`
  await fill(databaseUrl, pairs)
  return {
    name: byMail ? 'better-auth' : 'better-auth, its codes handed over in memory',
    pid: child.pid ?? 0,
    origin,
    impersonated: (pair) => impersonated(origin, pair, inbox),
    handOver: (pair) => handOver(origin, pair, inbox),
    async settle() {
      inbox?.clear()
    },
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      await inbox?.close()
    },
  }
}

const agent = (pair: number) => `agent${pair}@bench.test`
const user = (pair: number) => `user${pair}@bench.test`

async function fill(databaseUrl: string, pairs: number): Promise<void> {
  const db = postgres(databaseUrl, { max: 1 })
  await db.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt", role)
     select kind || n, initcap(kind) || ' ' || n, kind || n || '@bench.test', true, now(), now(),
            case kind when 'agent' then 'admin' else 'user' end
       from generate_series(0, $1::int - 1) n, unnest(array['agent', 'user']) kind`,
    [pairs],
  )
  await db.close()
}

/** A browser at better-auth: its cookies, and how often it asked. */
function browserAt(origin: string, inbox: Inbox | undefined) {
  const browser = { requests: 0, cookie: '' }
  const ask = async (path: string, body?: unknown, as = browser.cookie): Promise<Record<string, unknown>> => {
    browser.requests += 1
    const answer = await fetch(`${origin}/api/auth${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', origin, cookie: as },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    const kept = answer.headers.getSetCookie().filter((one) => !/max-age=0/i.test(one))
    if (kept.length > 0) browser.cookie = kept.map((one) => one.split(';')[0]).join('; ')
    return (await answer.json()) as Record<string, unknown>
  }
  const code = async (to: string) => {
    if (!inbox) return (await fetch(`${origin}/sent?to=${encodeURIComponent(to)}`)).text()
    const found = () => /\d{6}/.exec(inbox.entries(to)[0]?.text ?? '')?.[0] ?? ''
    return until(
      async () => found(),
      (digits) => digits !== '',
      `a code for ${to}`,
    )
  }
  return { browser, ask, code }
}

async function impersonated(origin: string, pair: number, inbox: Inbox | undefined): Promise<string> {
  const { browser, ask, code } = browserAt(origin, inbox)
  await ask('/email-otp/send-verification-otp', { email: agent(pair), type: 'sign-in' })
  await ask('/sign-in/email-otp', { email: agent(pair), otp: await code(agent(pair)) })
  await ask('/admin/impersonate-user', { userId: `user${pair}` })
  return browser.cookie
}

async function handOver(origin: string, pair: number, inbox: Inbox | undefined) {
  const { browser, ask, code } = browserAt(origin, inbox)
  await ask('/email-otp/send-verification-otp', { email: agent(pair), type: 'sign-in' })
  await ask('/sign-in/email-otp', { email: agent(pair), otp: await code(agent(pair)) })
  await ask('/email-otp/send-verification-otp', { email: user(pair), type: 'email-verification' }, '')
  await proveUser()
  await ask('/admin/impersonate-user', { userId: `user${pair}` })
  const { token } = await ask('/one-time-token/generate')
  const { user: inside } = await ask('/one-time-token/verify', { token }, '')
  if ((inside as { email?: string } | undefined)?.email !== user(pair)) throw new Error('not inside as the user')
  return { requests: browser.requests, steps: [] }

  /** Proving the user's code must not sign the agent out: its cookies are dropped. */
  async function proveUser(): Promise<void> {
    const mine = browser.cookie
    await ask('/email-otp/verify-email', { email: user(pair), otp: await code(user(pair)) }, '')
    browser.cookie = mine
  }
}
