/** The hand-over as the least program makes it that does the same requests, messages and rows on the same libraries. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Inbox, startInbox } from '../demo/inbox/inbox.ts'
import { until } from '../demo/journeys/stage.ts'
import { type Database, postgres } from '../server/src/database/database.ts'
import type { Contender, HandOver } from './contender.ts'

const program = join(import.meta.dirname, 'peers/least.mjs')

const agent = (pair: number) => `agent${pair}@least.test`
const user = (pair: number) => `user${pair}@least.test`
const digest = (text: string) => createHash('sha256').update(text).digest()

/** No product: what a hand-over could cost at best (see its program). */
export async function theLeast(databaseUrl: string, pairs: number): Promise<Contender> {
  const inbox = await startInbox()
  const env = { ...process.env, DATABASE_URL: databaseUrl, PEER_SMTP_URL: inbox.smtpUrl }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  const origin = `http://127.0.0.1:${/listening (\d+)/.exec(String(said))?.[1]}`
  const db = postgres(databaseUrl, { max: 1 })
  await fill(db, pairs)
  return {
    name: 'the least that does it',
    pid: child.pid ?? 0,
    handOver: (pair) => handOver(origin, pair, inbox),
    async settle() {
      await db.query('update assistance set closed_at = clock_timestamp() where closed_at is null')
      inbox.clear()
    },
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      await db.close()
      await inbox.close()
    },
  }
}

async function fill(db: Database, pairs: number): Promise<void> {
  for (let pair = 0; pair < pairs; pair += 1) {
    await db.query('insert into agent values ($1, $2)', [`agent${pair}`, agent(pair)])
    await db.query(`insert into agent_session values ($1, $2, clock_timestamp() + interval '1 day')`, [
      digest(`token${pair}`),
      `agent${pair}`,
    ])
    await db.query('insert into person values ($1, $2, $3)', [`user${pair}`, user(pair), `3460000${pair}`])
  }
}

async function handOver(origin: string, pair: number, inbox: Inbox): Promise<HandOver> {
  let requests = 0
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    requests += 1
    const answer = await fetch(`${origin}${path}`, { redirect: 'manual', ...init })
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const headers = { authorization: `Bearer token${pair}`, 'content-type': 'application/json' }
  const ask = async (method: string, path: string, body: unknown = {}) => {
    const answer = await call(path, { method, headers, body: JSON.stringify(body) })
    return (await answer.json()) as Record<string, string>
  }
  const form = (path: string, fields: Record<string, string>) =>
    call(path, { method: 'POST', body: new URLSearchParams(fields) })
  const code = (to: string) =>
    until(
      async () => /\b\d{6}\b/.exec(inbox.entries(to)[0]?.subject ?? '')?.[0] ?? '',
      (digits) => digits !== '',
      `a code for ${to}`,
    )

  const { id } = await ask('POST', '/assistances/new', { kind: 'technical', userEmail: user(pair) })
  await ask('POST', `/assistances/${id}/agent-code`)
  await ask('PUT', `/assistances/${id}/agent-proof`, { code: await code(agent(pair)) })
  await ask('POST', `/assistances/${id}/consent-code`, { userEmail: user(pair) })
  await ask('PUT', `/assistances/${id}/consent`, { code: await code(user(pair)) })
  const { ticket } = await ask('POST', `/assistances/${id}/launches`, { userEmail: user(pair) })
  await (await form('/launch', { ticket: String(ticket) })).text()
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    assistance: String(id),
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: digest(verifier).toString('base64url'),
  })
  const landed = await call(`/authorize?${query}`, {})
  const given = new URL(landed.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const tokens = (await (await form('/token', { code: given, code_verifier: verifier })).json()) as { id_token: string }
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString())
  if (claims.sub !== `user${pair}`) throw new Error('not inside as the user')
  return { requests, steps: [] }
}
