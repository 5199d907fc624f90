/**
 * What a hand-over costs, in statements: from the opening to the token, as the door and the issuer ask for it, without who
 * calls (one for each call) and without delivery. A number that grows has to be argued for here.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, proveAgent, sendAgentCode } from '../assistance/assistance.flow.ts'
import { askConsent, proveUser } from '../assistance/consent.flow.ts'
import { agentAtDesk, digitsSent, right, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import type { Database } from '../database/database.ts'
import { ticketFor } from '../surfaces/testing.ts'
import { aBrowser, aWorld, type World } from './testing.ts'

let world: World
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())

/** Hears the name of each statement from here on; `since` says what came since it was last asked. */
function counting(db: Database): { since(): readonly string[] } {
  const names: string[] = []
  const { query } = db
  db.query = (what, values) => {
    names.push(typeof what === 'string' ? what : what.name)
    return query(what, values)
  }
  return { since: () => names.splice(0) }
}

test('each step of a hand-over asks the database for what it needs, once', async () => {
  const outside = testOutside(world.fresh, { surfaces: world.surfaces, secrets: world.secrets })
  const ana = await agentAtDesk(outside)
  const marta = 'marta@clinica-sol.test'
  const { since } = counting(world.fresh.db)
  const steps: Record<string, readonly string[]> = {}
  const counted = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    since()
    const answer = await work()
    steps[step] = since()
    return answer
  }

  const id = await counted('open', async () => {
    const reason = { code: 'fault' as const }
    const opened = right(await open(outside, ana, { kind: 'technical', userEmail: marta, reason }))
    await viewOf(outside, opened.id)
    return opened.id
  })
  right(await counted('agent-code', () => sendAgentCode(outside, ana, id)))
  const agents = await digitsSent(outside, id, 'agent')
  right(await counted('agent-proof', () => proveAgent(outside, ana, id, agents)))
  right(await counted('consent-code', () => askConsent(outside, ana, id, {})))
  const users = await digitsSent(outside, id, 'consent')
  right(await counted('consent', () => proveUser(outside, ana, id, { code: users })))
  const about = { ...outside, issuerOrigin: world.origin }
  const { ticket } = right(await counted('launches', () => ticketFor(about, ana, id, 'web')))
  const browser = aBrowser()
  const arrived = await counted('launch', () =>
    browser.post(`${world.origin}/launch`, { ticket }, { stopAt: '/login/' }),
  )
  const asked = await counted('authorize', () => browser.visit(arrived.url, '/cb/'))
  const page = await counted('token', () => browser.visit(asked.url))
  expect(JSON.parse(page.body).claims).toMatchObject({ act: { sub: ana.agentId } })

  const counts = Object.fromEntries(Object.entries(steps).map(([step, names]) => [step, names.length]))
  expect(counts, JSON.stringify(steps, null, 1)).toEqual({
    open: 3,
    'agent-code': 2,
    'agent-proof': 5,
    'consent-code': 3,
    consent: 3,
    launches: 3,
    launch: 2,
    authorize: 3,
    token: 2,
  })
})
