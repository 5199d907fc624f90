/**
 * Two servers on one database (F22): what may happen once happens once, whichever of them is asked, and what is counted is
 * counted over both.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser, until } from '../journeys/stage.ts'
import { type Ground, ground, leo, marta, type Node, tally, times, wrong } from './ground.ts'

let on: Ground
let nodes: readonly [Node, Node]
beforeAll(async () => {
  on = await ground()
  // One after the other: the first brings the database up to date.
  nodes = [await on.node(), await on.node()]
}, 120_000)
afterAll(() => on.leave())

const ask = (node: Node, who: string) => node.play.scriptOf(who)
/** The same request many times at the same moment, half of them at each server. */
const atBoth = <T>(count: number, request: (node: Node, at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => request(nodes[at % 2 === 0 ? 0 : 1], at)))
const word = ({ status, body }: { status: number; body: { code?: string } }) => body.code ?? status
const eventsOf = (id: string) =>
  on.fresh.db.query<{ type: string }>('select type from event where assistance_id = $1', [id])
const count = (events: readonly { type: string }[], type: string) => events.filter((one) => one.type === type).length

test('a right code typed fifty times at the same moment at two servers is used once, in every round', async () => {
  for (let round = 0; round < times(4, 20); round += 1) {
    const [here, there] = round % 2 === 0 ? nodes : [nodes[1], nodes[0]]
    const id = await here.play.opened(ask(here, 'ana'), marta)
    const code = await there.play.agentCode(ask(there, 'ana'), id)
    const proof = { method: 'code', code }
    const answers = await atBoth(50, (node) => ask(node, 'ana').call('PUT', `/assistances/${id}/agent-proof`, proof))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(count(await eventsOf(id), 'agent.proved')).toBe(1)
    await here.play.must(ask(here, 'ana').call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  }
}, 180_000)

test('a ticket redeemed fifty times at the same moment at two servers opens once, in every round', async () => {
  const [here] = nodes
  const agent = ask(here, 'ana')
  const { id } = await here.play.active(agent, marta, 'cli_sol')
  for (let round = 0; round < times(4, 20); round += 1) {
    const { url, ticket } = await here.play.must(
      agent.call('POST', `/assistances/${id}/launches`, { surface: 'web' }),
      201,
    )
    const path = new URL(url).pathname
    const answers = await atBoth(50, ({ stage }) =>
      new Browser().form(`http://127.0.0.1:${stage.port + 1}${path}`, { ticket }, { origin: stage.console }),
    )
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 410: 49 })
  }
  await here.play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'finished' }), 200)
}, 180_000)

test('of a burst of two hundred wrong codes over two servers exactly five are looked at, and the right one is spent with them', async () => {
  const [here, there] = nodes
  const id = await here.play.opened(ask(here, 'ben'), leo)
  const code = await here.play.agentCode(ask(here, 'ben'), id)
  const path = `/assistances/${id}/agent-proof`
  const answers = await atBoth(200, (node) => ask(node, 'ben').call('PUT', path, { method: 'code', code: wrong(code) }))
  expect(tally(answers.map(word))).toEqual({ 'code.wrong': 5, 'code.spent': 195 })
  expect(word(await ask(there, 'ben').call('PUT', path, { method: 'code', code }))).toBe('code.spent')
  expect(count(await eventsOf(id), 'code.tried')).toBe(5)
  await here.play.must(ask(here, 'ben').call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
}, 120_000)

test('a stop that comes to two servers at once is one ending, one event, one notice to the surface and one message', async () => {
  const [here] = nodes
  const agent = ask(here, 'ana')
  const { id } = await here.play.active(agent, leo, 'cli_sol')
  const browser = new Browser()
  expect((await here.play.launched(agent, id, browser)).status).toBe(200)
  // What was on its way has arrived.
  for (const { play } of nodes) await play.advance(0)
  const mails = on.inbox.entries(leo).length
  const answers = await atBoth(20, (node) =>
    ask(node, 'ana').call('PUT', `/assistances/${id}/closure`, { because: 'finished' }),
  )
  expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  await until(
    async () => eventsOf(id),
    (events) => count(events, 'surface.acknowledged') === 1 && count(events, 'message.sent') > 0,
    'the acknowledgement',
  )
  await until(
    async () => on.inbox.entries(leo),
    (all) => all.length > mails,
    'the last mail',
  )
  // Both have looked for whatever else there would be to do.
  for (const { play } of nodes) await play.advance(31_000)
  expect(on.inbox.entries(leo)).toHaveLength(mails + 1)
  const events = await eventsOf(id)
  expect([count(events, 'assistance.closed'), count(events, 'surface.acknowledged')]).toEqual([1, 1])
  expect((await browser.ask(here.play.webHome)).status).toBe(401)
}, 120_000)

test('what has lapsed is recorded once by the sweepers of two servers, as of its deadline', async () => {
  const [here] = nodes
  const ids = []
  for (const [who, user] of [
    ['ana', marta],
    ['ben', leo],
    ['cleo', 'nuria@clinica-sol.test'],
  ] as const)
    ids.push({ who, id: await here.play.opened(ask(here, who), user) })
  await on.fresh.advance(16 * 60_000)
  for (const { who, id } of ids) {
    await until(
      async () => eventsOf(id),
      (events) => count(events, 'assistance.closed') > 0,
      'the record of the lapse',
    )
    const seen = (await ask(here, who).call('GET', `/assistances/${id}`)).body
    expect(seen).toMatchObject({ state: 'closed', because: 'expired_idle' })
  }
  for (const { play } of nodes) await play.advance(0)
  for (const { id } of ids) expect(count(await eventsOf(id), 'assistance.closed')).toBe(1)
}, 120_000)
