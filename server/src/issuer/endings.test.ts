/** The line on which a product's back end hears of endings. */
import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import type { Follower } from '../surfaces/liveness.ts'
import { closeSurface } from '../surfaces/surfaces.flow.ts'
import { anAgent, anAssistance } from '../surfaces/testing.ts'
import { type AssistanceId, system } from '../words.ts'
import { endings } from './endings.ts'
import { aBrowser, aWorld, type SignedIn, type World } from './testing.ts'

let world: World
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
const open: AbortController[] = []
afterEach(() => {
  for (const line of open.splice(0)) line.abort()
})

interface Told {
  readonly event: string
  readonly id: string | undefined
  readonly data: { readonly sid?: string; readonly sub?: string; readonly now?: number }
}
interface Line {
  /** The next thing that is told and is no beat. */
  next(): Promise<Told>
  /** The next beat; what was told before it is dropped. */
  beat(): Promise<Told>
  /** Everything up to the second beat from now: what was under way has been told by then. */
  upToNow(): Promise<readonly Told[]>
}

const basic = (surface: string) => {
  const client = world.surfaces.find(({ id }) => id === surface)?.client
  return { authorization: `Basic ${btoa(`${client?.id}:${encodeURIComponent(client?.secret ?? '')}`)}` }
}

/** On the line, with its first beat heard. */
async function listen(surface: string, from?: string): Promise<Line> {
  const over = new AbortController()
  open.push(over)
  const headers = { ...basic(surface), ...(from === undefined ? {} : { 'last-event-id': from }) }
  const response = await fetch(`${world.origin}/endings`, { headers, signal: over.signal })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const events = toldOn(response)
  const next = async () => {
    const { value, done } = await events.next()
    if (done) throw new Error('the line was cut')
    return value
  }
  const until = async (wanted: (told: Told) => boolean) => {
    for (;;) {
      const told = await next()
      if (wanted(told)) return told
    }
  }
  return {
    next: () => until(({ event }) => event !== 'beat'),
    beat: () => until(({ event }) => event === 'beat'),
    async upToNow() {
      const all: Told[] = []
      for (let beats = 0; beats < 2; ) {
        const told = await next()
        if (told.event === 'beat') beats += 1
        else all.push(told)
      }
      return all
    },
  }
}

async function* toldOn(response: Response): AsyncGenerator<Told, undefined> {
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString()
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [event, data] = [field('event'), field('data')]
      if (event !== undefined && data !== undefined) yield { event, id: field('id'), data: JSON.parse(data) }
    }
  }
  return undefined
}

interface Helped {
  readonly id: AssistanceId
  readonly agent: Caller
  readonly sid: string
  readonly sub: string
  readonly token: string
}
async function helped(surface = 'web'): Promise<Helped> {
  const agent = await anAgent(world.fresh.db)
  const id = await anAssistance(world.fresh.db, world.secrets, agent, { surfaces: ['store', 'web'] })
  const ticket = await world.ticket(id, surface, agent)
  const { claims, accessToken }: SignedIn = JSON.parse(
    (await aBrowser().post(`${world.origin}/launch`, { ticket })).body,
  )
  return { id, agent, sid: String(claims.sid), sub: String(claims.sub), token: accessToken }
}
const end = ({ id }: Helped) => close(world.fresh.db, id, { because: 'cancelled', actor: system('clock') })

test('a product hears of the ending of its own session, and of no other product’s', async () => {
  const [mine, others] = [await helped('web'), await helped('store')]
  const [web, store] = [await listen('web'), await listen('store')]
  await Promise.all([web.beat(), store.beat()])
  await Promise.all([end(mine), end(others)])
  expect(await web.next()).toMatchObject({ event: 'ended', data: { sid: mine.sid, sub: mine.sub } })
  expect(await store.next()).toMatchObject({ event: 'ended', data: { sid: others.sid, sub: others.sub } })
  expect([await web.upToNow(), await store.upToNow()]).toEqual([[], []])
})

test('whatever ends it is told: alone, by its agent who leaves, by time', async () => {
  const [alone, left, late] = [await helped(), await helped(), await helped()]
  const web = await listen('web')
  await web.beat()
  await closeSurface(world.desk, alone.agent, alone.id, 'web')
  expect(await web.next()).toMatchObject({ event: 'ended', data: { sid: alone.sid } })
  await world.fresh.db.query('update agent set deactivated_at = app_now() where id = $1', [left.agent.agentId])
  expect(await web.next()).toMatchObject({ event: 'ended', data: { sid: left.sid } })
  await world.fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [
    late.agent.sessionId,
  ])
  expect(await web.next()).toMatchObject({ event: 'ended', data: { sid: late.sid } })
})

test('what says something else is told as that, and what is switched off makes everybody ask', async () => {
  const one = await helped()
  const web = await listen('web')
  await web.beat()
  await world.fresh.db.query(`update assistance set user_seen_at = app_now() where id = $1`, [one.id])
  expect(await web.next()).toMatchObject({ event: 'changed', data: { sid: one.sid } })
  await world.fresh.db.query(
    `insert into cutoff (id, scope, target, made_at, made_by, recorded_at)
     values ('co_line', 'ecosystem', 'eco_sol', app_now(), '{"kind":"system","id":"operator"}', app_now())`,
  )
  expect(await web.next()).toMatchObject({ event: 'everything' })
  await world.fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}'`)
})

test('whoever comes back is told of what ended meanwhile', async () => {
  const [before, meanwhile, still] = [await helped(), await helped(), await helped()]
  await end(before)
  await world.fresh.advance(5 * 60_000)
  const first = await listen('web')
  const { id: from } = await first.beat()
  open.pop()?.abort()
  await end(meanwhile)
  const again = await listen('web', from)
  // What lapsed and nobody recorded yet is told as well; told twice is as good as once.
  const told = (await again.upToNow()).filter(({ event }) => event === 'ended').map(({ data }) => data.sid)
  expect(told).toContain(meanwhile.sid)
  expect(told).not.toContain(before.sid)
  expect(told).not.toContain(still.sid)
  await end(still)
  expect(await again.next()).toMatchObject({ event: 'ended', data: { sid: still.sid } })
})

test('nobody is told that all is well while nothing can be recorded, or while something is switched off by hand', async () => {
  const followers: Follower[] = []
  let isWell = true
  const lines = endings({
    db: world.fresh.db,
    telling: {
      follow: (one) => void followers.push(one),
    },
    isWell: () => isWell,
  })
  const server = createServer((request, response) => void lines.open(request, response, 'web'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`)
  const told = toldOn(response)
  const [follower] = followers
  follower?.beat(1) // It may have begun before the line was there.
  follower?.beat(2)
  expect((await told.next()).value).toMatchObject({ event: 'beat', data: { now: 2 } })
  isWell = false
  follower?.beat(3)
  follower?.heard('*')
  expect((await told.next()).value).toMatchObject({ event: 'everything' })
  await new Promise((resolve) => setImmediate(resolve))
  isWell = true
  follower?.beat(4)
  expect((await told.next()).value).toMatchObject({ event: 'beat', data: { now: 4 } })
  server.close()
  server.closeAllConnections()
})

test('only a product’s back end, by its secret', async () => {
  expect((await fetch(`${world.origin}/endings`)).status).toBe(401)
  const wrong = { authorization: `Basic ${btoa('client-web:wrong')}` }
  expect((await fetch(`${world.origin}/endings`, { headers: wrong })).status).toBe(401)
  expect(
    (await fetch(`${world.origin}/endings`, { headers: { authorization: `Bearer ${(await helped()).token}` } })).status,
  ).toBe(401)
})
