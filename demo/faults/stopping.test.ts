/** Told to stop (F2, F3): what was begun is answered, nothing is half done, and nobody waits for what does not answer. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../journeys/stage.ts'
import { full, type Ground, ground, leo, marta, type Node } from './ground.ts'
import { disagreements } from './reconcile.ts'
import { wayToDatabase } from './way.ts'

let on: Ground
beforeAll(async () => {
  on = await ground()
}, 120_000)
afterAll(() => on.leave())

interface Asked {
  /** All of it had left us before the server was told to stop. */
  readonly before: boolean
  readonly status: number | 'none'
}

/** Twenty clients that ask and ask again over connections that they keep, until the server lets go of them. */
function load(node: Node, id: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const asked: Asked[] = []
  let [told, over] = [false, false]
  const ask = (at: number) =>
    new Promise<void>((resolve) => {
      let before = false
      const isNote = at % 4 === 0
      const one = request(`${node.stage.console}/api/v1/assistances/${id}${isNote ? '/notes' : ''}`, {
        agent,
        method: isNote ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${node.play.bearer('ana@acme.test')}`,
          ...(isNote ? { 'content-type': 'application/json' } : {}),
        },
      })
      const end = (status: Asked['status']) => {
        asked.push({ before, status })
        resolve()
      }
      one.once('finish', () => {
        before = !told
      })
      one.once('error', () => {
        over = true
        end('none')
      })
      one.once('response', (response) => {
        response.resume().once('end', () => end(response.statusCode ?? 'none'))
      })
      one.end(isNote ? JSON.stringify({ text: 'Called back' }) : undefined)
    })
  const client = async (lane: number) => {
    for (let at = lane; !over; at += 1) await ask(at)
  }
  const clients = Array.from({ length: 20 }, (_, lane) => client(lane))
  return {
    asked,
    told: () => {
      told = true
    },
    ended: () => Promise.all(clients).finally(() => agent.destroy()),
  }
}

test('under load, every request that was begun when the stop came is answered as ever, and it ends by itself with exit code 0', async () => {
  const node = await on.node()
  const id = await node.play.opened(node.play.scriptOf('ana'), marta)
  const under = load(node, id)
  while (under.asked.length < 100) await new Promise((resolve) => setTimeout(resolve, 5))
  const gone = once(node.stage.child, 'exit')
  const began = performance.now()
  under.told()
  node.stage.child.kill('SIGTERM')
  const [code] = await gone
  const tookMs = performance.now() - began
  await under.ended()
  const begun = under.asked.filter(({ before }) => before)
  expect(begun.length).toBeGreaterThan(100)
  // 429 is an answer as ever: this agent asks more than one may.
  expect(begun.filter(({ status }) => status === 'none' || status >= 500)).toEqual([])
  expect(under.asked.filter(({ status }) => status !== 'none' && status >= 500)).toEqual([])
  expect(code).toBe(0)
  console.log(`${begun.length} requests were begun before the stop; it took ${Math.round(tookMs)} ms`)
  // On a machine that has nothing else to do.
  if (full) expect(tookMs).toBeLessThan(10_000)
  const noted = await on.fresh.db.query(`select from event where assistance_id = $1 and type = 'note.added'`, [id])
  expect(noted).toHaveLength(under.asked.filter(({ status }) => status === 201).length)
  expect(await disagreements(on.fresh)).toEqual([])
}, 120_000)

/** In the middle of an ending, with a database that swallows everything; how it ended. */
async function stoppedInVain(who: string, user: string, signals: number): Promise<readonly unknown[]> {
  const way = await wayToDatabase(on.fresh.url)
  const node = await on.node({ url: way.url })
  const agent = node.play.scriptOf(who)
  const id = await node.play.opened(agent, user)
  way.become({ passing: 'silent' })
  const asked = agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }).catch(() => undefined)
  await way.swallowed()
  const gone = once(node.stage.child, 'exit')
  node.stage.child.kill('SIGTERM')
  // It has heard that when it takes nobody new.
  const isIn = () =>
    fetch(`${node.stage.console}/livez`).then(
      () => true,
      () => false,
    )
  await until(isIn, (there) => !there, 'the stop')
  if (signals > 1) node.stage.child.kill('SIGTERM')
  const ended = await gone
  await asked
  const [row] = await on.fresh.db.query<{ state: string }>('select state from assistance where id = $1', [id])
  expect(['agent_verification', 'closed']).toContain(row?.state)
  expect(await disagreements(on.fresh)).toEqual([])
  await way.close()
  return ended
}

test('told twice while the database swallows everything, it ends at once, and nothing is half done', async () => {
  expect(await stoppedInVain('ben', leo, 2)).toEqual([1, null])
}, 120_000)

if (full)
  test('told once while the database swallows everything, it ends by itself, and nothing is half done', async () => {
    const began = performance.now()
    expect(await stoppedInVain('cleo', leo, 1)).toEqual([0, null])
    console.log(`it took ${Math.round(performance.now() - began)} ms`)
  }, 120_000)
