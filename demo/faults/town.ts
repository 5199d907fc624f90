/**
 * Where servers are killed again and again, and their database with them: agents who help one user after the other, a product
 * that is signed in, and a mail server. Only what is killed ever stops.
 */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { postgres } from '../../server/src/database/database.ts'
import type { Embedded } from '../../server/src/database/embedded.ts'
import { send as kill, postgresProcesses } from '../../server/src/database/processes.ts'
import { databaseMade, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Product, registrationOf, type SignedIn, startProduct } from '../journeys/product.ts'
import { Browser, until } from '../journeys/stage.ts'
import {
  type Answer,
  beginning,
  crowd,
  type Helping,
  help,
  Refused,
  type Request,
  send,
  stepsInOrder,
} from './crowd.ts'
import { type Ground, ground, type Node } from './ground.ts'

const lanes = 5
const client = { id: 'acme-portal', secret: 'a-secret-of-at-least-thirty-two-letters' }

export type Agent = Awaited<ReturnType<typeof crowd>>['agents'][number]

/** One help, and what was used up in it: none of that may ever count again. */
export interface Help {
  readonly agent: Agent
  readonly helping: Helping
  /** A request that was answered with yes and may be so once. */
  readonly used: Request[]
  ticket?: { readonly url: string; readonly ticket: string }
  entered?: SignedIn
}

export interface Blow {
  readonly victims: readonly ('server' | 'database')[]
  /** The blow falls so long after this answer. */
  readonly atAnswer: number
  readonly afterMs: number
  /** The next server starts before the blow, after it, or when the database is back. */
  readonly next: 'before' | 'after' | 'healed'
}

export interface Town {
  readonly on: Ground
  readonly product: Product
  /** The one that is asked now. */
  server(): Node
  /** One more server on the same database. */
  another(): Promise<Node>
  /** Everybody goes on with what was theirs, until the blow; tells what they had in hand in that time, and how often yes was said. */
  workUntil(blow: Blow): Promise<{ readonly helps: readonly Help[]; readonly acts: number }>
  /** Whether the server that is there now says that this token lives. */
  isAlive(token: string): Promise<boolean>
  leave(): Promise<void>
}

export async function town(cluster: Embedded, program: string, name: string): Promise<Town> {
  const on = await ground(databaseIn(cluster, name))
  let server: Node | undefined
  const current = () => {
    if (!server) throw new Error('there is no server yet')
    return server
  }
  const product = await startProduct(() => `http://127.0.0.1:${current().stage.port + 1}`, client)
  const surfaces = join(on.folder, 'surfaces.json')
  await writeFile(surfaces, JSON.stringify([registrationOf(product, client)]))
  const nodeWhen = (wanted: Promise<unknown>) =>
    on.node({ spare: { program, until: wanted }, env: { AMPARO_SURFACES: surfaces } })
  const another = () => nodeWhen(Promise.resolve())
  server = await another()
  const people = await crowd(on.fresh.db, lanes, 1000)
  const inHand = new Map<Agent, Help>()

  return {
    on,
    product,
    server: current,
    another,
    async workUntil(blow) {
      const { stage } = current()
      const [told, fell] = [signal(), signal()]
      const next = nodeWhen(blow.next === 'before' ? told.heard : fell.heard.then(() => backIn(on, blow)))
      told.say()
      const ledger: Help[] = []
      let [answers, acts, over] = [0, 0, false]
      const strike = async () => {
        const processes = await processesOf(on)
        const gone = once(stage.child, 'exit')
        over = true
        for (const victim of blow.victims)
          if (victim === 'server') stage.child.kill('SIGKILL')
          else for (const pid of processes) kill(pid, 'SIGKILL')
        await gone
      }
      const ask = (one: Help) => async (request: Request) => {
        const answer = await send(stage.console, one.agent.bearer, request)
        answers += 1
        if (answers === blow.atAnswer) setTimeout(() => fell.say(strike()), blow.afterMs)
        if (answer.status < 300) {
          acts += 1
          await use(one, request, answer, stage.console, product)
        }
        return answer
      }
      const lane = async (agent: Agent) => {
        while (!over) {
          const one = inHand.get(agent) ?? fresh(agent)
          inHand.set(agent, one)
          ledger.push(one)
          const from = stepsInOrder[one.helping.acknowledged.length]
          const helper = { agent, inbox: on.inbox, ask: ask(one), over: () => over, surface: 'portal' }
          if (from)
            await help(helper, one.helping, from).catch((error: unknown) => {
              // Without a server nothing is answered, and without its database 503.
              if (!over || (error instanceof Refused && error.status !== 503)) throw error
            })
          if (one.helping.acknowledged.length === stepsInOrder.length) inHand.delete(agent)
        }
      }
      const fresh = (agent: Agent): Help => ({
        agent,
        helping: beginning(on.inbox, agent.email, people.nextUser()),
        used: [],
      })
      await Promise.all(people.agents.map(lane))
      server = await next
      return { helps: ledger, acts }
    },
    async isAlive(token) {
      const headers = { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` }
      const at = `http://127.0.0.1:${current().stage.port + 1}/introspect`
      const answer = await fetch(at, { method: 'POST', headers, body: new URLSearchParams({ token }) })
      return Object(await answer.json()).active === true
    },
    async leave() {
      product.server.closeAllConnections()
      product.server.close()
      await on.leave()
    },
  }
}

/** Notes what was used up by this answer; a ticket is taken to its product. */
async function use(one: Help, request: Request, { body }: Answer, origin: string, product: Product): Promise<void> {
  if (request.step === 'agent-proof' || request.step === 'consent') one.used.push(request)
  if (request.step !== 'launches') return
  const browser = new Browser()
  const taken = await browser.form(body.url, { ticket: body.ticket }, { origin }).catch(() => undefined)
  if (taken?.status !== 200) return
  one.ticket = { url: body.url, ticket: body.ticket }
  const home = await browser.follow(taken).catch(() => undefined)
  if (home?.text === 'Signed in') one.entered = product.signedIn(one.helping.id)
}

/** A database of its own in this cluster, which comes and goes with it. */
const databaseIn = ({ url: admin }: Embedded, name: string): Promise<FreshDatabase> =>
  databaseMade({
    name,
    template: 'template0',
    url: admin.replace('///amparo?', `///${name}?`),
    async administer(sql) {
      const db = postgres(admin, { max: 1, statementMs: 60_000 })
      await db.query(sql).finally(db.close)
    },
  })

/** All of PostgreSQL: its first process, and every other one. */
async function processesOf({ fresh: { db } }: Ground): Promise<readonly number[]> {
  const [row] = await db.query<{ name: string }>(`select current_setting('cluster_name') as name`)
  return postgresProcesses(row?.name ?? '')
}

const backIn = ({ fresh: { db } }: Ground, { next }: Blow): Promise<unknown> =>
  next === 'after'
    ? Promise.resolve()
    : until(
        () =>
          db.query('select').then(
            () => true,
            () => false,
          ),
        (there) => there,
        'the database',
      )

function signal(): { readonly heard: Promise<void>; say(when?: Promise<void>): void } {
  let say: (when?: Promise<void>) => void = () => {}
  const heard = new Promise<void>((resolve) => {
    say = (when) => resolve(when)
  })
  return { heard, say: (when) => say(when) }
}
