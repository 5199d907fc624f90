/** The hand-over as Amparo does it, by a script that knows only the contract. The surface is played by the script. */
import { createHash, randomBytes } from 'node:crypto'
import { Agent as Connections } from 'node:http'
import { crowd } from '../demo/faults/crowd.ts'
import { type Inbox, startInbox } from '../demo/inbox/inbox.ts'
import { Browser, freeBlock, type Stage, staged, until } from '../demo/journeys/stage.ts'
import { postgres } from '../server/src/database/database.ts'
import type { Contender, HandOver, Step } from './contender.ts'
import { registration, surface } from './surface.ts'

/** Help that is open: the user's page, and the token that the surface has. */
export interface Opened {
  readonly id: string
  readonly pair: number
  readonly issuer: string
  readonly page: string
  readonly token: string
}

/** The whole demo in one process (its inbox and its products idle beside it), with the mail in another. */
export async function ours(databaseUrl: string, folder: string, pairs: number) {
  const inbox = await startInbox()
  const env = { ...(await registration(folder)), AMPARO_SMTP_URL: inbox.smtpUrl }
  const stage = await staged({ databaseUrl, port: await freeBlock(), env })
  const db = postgres(databaseUrl, { max: 1 })
  const { agents } = await crowd(db, pairs, pairs)
  const open: Opened[] = []
  const agentOf = (pair: number) => agentAt(stage, agents[pair]?.bearer ?? '')
  return {
    name: 'Amparo',
    pid: stage.child.pid ?? 0,
    issuer: `http://127.0.0.1:${stage.port + 1}`,
    handOver: (pair: number, think?: () => number) =>
      handOver({ stage, inbox, agent: agentOf(pair), pair, think, opened: (one) => open.push(one) }),
    async settle() {
      const close = ({ pair, id }: Opened) =>
        agentOf(pair)('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
      await Promise.all(open.splice(0).map(close))
      await until(
        () => db.query<{ n: number }>(`select count(*)::int as n from amparo.outbox where state = 'queued'`),
        ([row]) => row?.n === 0,
        'an empty outbox',
      )
      inbox.clear()
    },
    async stop() {
      await db.close()
      await stage.stop()
      await stage.remove()
      await inbox.close()
    },
    /** What is open now. */
    standing: (): readonly Opened[] => [...open],
  } satisfies Contender & { readonly issuer: string; standing(): readonly Opened[] }
}

type Agent = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>

const agentAt =
  (stage: Stage, bearer: string): Agent =>
  async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }

interface Play {
  readonly stage: Stage
  readonly inbox: Inbox
  readonly agent: Agent
  readonly pair: number
  readonly think: (() => number) | undefined
  opened(one: Opened): void
}

async function handOver({ stage, inbox, agent, pair, think, opened }: Play): Promise<HandOver> {
  const steps: Step[] = []
  async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (think) await new Promise((resolve) => setTimeout(resolve, think()))
    const began = performance.now()
    const answer = await work()
    steps.push({ name, ms: performance.now() - began })
    return answer
  }
  const code = async (to: string) =>
    until(
      async () => inbox.entries(to).find(({ codes }) => codes.length > 0)?.codes[0] ?? '',
      (found) => found !== '',
      `a code for ${to}`,
    )

  const asked = { kind: 'technical', userEmail: `user${pair}@crowd.test`, reason: { code: 'fault' } }
  const { id } = await step('POST assistances', () => agent('POST', '/assistances', asked))
  const call = (method: string, path: string, body: unknown = {}) =>
    step(`${method} ${path}`, () => agent(method, `/assistances/${id}/${path}`, body))
  await call('POST', 'agent-code')
  await call('PUT', 'agent-proof', { method: 'code', code: await code(`agent${pair}@crowd.test`) })
  await call('POST', 'consent-code')
  await call('PUT', 'consent', { code: await code(`user${pair}@crowd.test`) })
  const launch = await call('POST', 'launches', { surface: surface.id })
  const token = await signIn(stage, String(launch.url), String(launch.ticket), step, `crowd${pair}`)
  const link = inbox.entries(`user${pair}@crowd.test`).flatMap(({ links }) => links)
  const page = link.find((one) => one.includes('/c/')) ?? ''
  opened({ id: String(id), pair, issuer: `http://127.0.0.1:${stage.port + 1}`, page, token })
  return { requests: steps.length, steps }
}

/** The product's: it keeps its connections, as the peer's callers do. */
const backEnd = new Browser(new Connections({ keepAlive: true }))

/** What the agent's browser and the surface do with the ticket, to the token that names the user and the agent. */
async function signIn(
  stage: Stage,
  url: string,
  ticket: string,
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>,
  expected: string,
): Promise<string> {
  const kept = new Connections({ keepAlive: true })
  const browser = new Browser(kept)
  const landed = await step('POST /launch', () => browser.form(url, { ticket }, { origin: stage.console }))
  const initiated = new URL(/url=(.+)$/.exec(landed.headers.get('refresh') ?? '')?.[1] ?? '')
  const issuer = `http://127.0.0.1:${stage.port + 1}`
  const verifier = randomBytes(32).toString('base64url')
  const to = new URL('/authorize', issuer)
  to.search = new URLSearchParams({
    client_id: surface.id,
    response_type: 'code',
    redirect_uri: `${surface.at}/callback`,
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    login_hint: initiated.searchParams.get('login_hint') ?? '',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  let next = to.href
  while (!next.startsWith(surface.at)) {
    const from = next
    const answer = await step('GET /authorize', () => browser.ask(from))
    const location = answer.headers.get('location')
    if (!location) throw new Error(`no way on from ${answer.status} ${answer.text.slice(0, 200)}`)
    next = new URL(location, from).href
  }
  kept.destroy()
  const tokens = await step('POST /token', () =>
    backEnd.form(
      `${issuer}/token`,
      {
        grant_type: 'authorization_code',
        code: new URL(next).searchParams.get('code') ?? '',
        redirect_uri: `${surface.at}/callback`,
        code_verifier: verifier,
      },
      { authorization: `Basic ${Buffer.from(`${surface.id}:${surface.secret}`).toString('base64')}` },
    ),
  )
  const { id_token, access_token } = JSON.parse(tokens.text)
  const claims = JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url').toString())
  if (claims.sub !== expected || !claims.act?.sub) throw new Error(`not inside as the user: ${JSON.stringify(claims)}`)
  return String(access_token)
}
