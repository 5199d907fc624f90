/** The bridge over HTTP: what a product's back end and its provider's triggers ask, and what they can never get. */
import { bridgeClaims, bridgeRedeemed, bridgeTicket } from '@amparo/contract/bridge'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { newToken } from '../secrets.ts'
import { anAgent, anAssistance, eventsOf } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { aBrowser, aWorld, basicOf, type World } from './testing.ts'

let user: string
let world: World
let agent: Caller
let id: AssistanceId
let token: string

beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  world.switchedOff.clear()
  user = `per_${newToken()}`
  agent = await anAgent(world.fresh.db)
  id = await anAssistance(world.fresh.db, world.secrets, agent, { user, surfaces: ['store', 'web', 'kiosk'] })
  const page = await aBrowser().post(`${world.origin}/launch`, { ticket: await world.ticket(id, 'web', agent) })
  token = JSON.parse(page.body).accessToken
})

async function ask(
  path: string,
  form: Record<string, string>,
  { surface = 'web', authorization = basicOf(world, surface) } = {},
) {
  const body = new URLSearchParams(form)
  const answer = await fetch(`${world.origin}/bridge/${path}`, { method: 'POST', headers: { authorization }, body })
  return { status: answer.status, body: await answer.json() }
}
async function aTicket() {
  const ticket = bridgeTicket.parse((await ask('ticket', { token })).body)
  if (!ticket.active) throw new Error('no ticket')
  return ticket
}
const redeem = async (ticket: string, { sub = user, attempt = newToken(), surface = 'web' } = {}) =>
  bridgeRedeemed.parse((await ask('redeem', { ticket, sub, attempt }, { surface })).body)
const claims = async (reference: string, { sub = user, surface = 'web' } = {}) =>
  bridgeClaims.parse((await ask('claims', { reference, sub }, { surface })).body)
const stop = () => close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: user } })
const events = async (type: string) => (await eventsOf(world.fresh.db, id)).filter((one) => one.type === type)
const why = async () => (await events('launch.refused')).map(({ data }) => (data as { why: string }).why)

test('a ticket of a living session is redeemed once, and its token says who acts and what may be done', async () => {
  const { ticket, reference, sub } = await aTicket()
  expect(sub).toBe(user)
  expect(await claims(reference)).toEqual({ active: false })
  expect(await redeem(ticket)).toEqual({ redeemed: true })
  expect(await claims(reference)).toMatchObject({
    active: true,
    act: { sub: agent.agentId, name: agent.name },
    assistance_id: id,
    powers: 'look',
    scope: 'support:read',
  })
  expect(await redeem(ticket)).toEqual({ redeemed: false, refusal: 'launch.spent' })
  expect(await events('surface.bridged')).toMatchObject([{ data: { surface: 'web' } }])
  expect(await why()).toEqual(['launch.spent'])
})

test('what a ticket’s token has to say is told to one making of tokens, and to its repetitions: to none that comes later', async () => {
  const { ticket, reference } = await aTicket()
  await redeem(ticket)
  await world.fresh.advance(30_000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => claims(reference)))
  expect(answers.map(({ active }) => active)).toEqual(answers.map(() => true))
  await world.fresh.advance(5000)
  expect(await claims(reference)).toMatchObject({ active: true })
  await world.fresh.advance(10_000)
  // Within the minute of the ticket, and another sign-in than its own.
  expect(await claims(reference)).toEqual({ active: false })
})

test('twenty sign-ins with one ticket at once: one gets it', async () => {
  const { ticket } = await aTicket()
  const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(ticket)))
  expect(answers.filter(({ redeemed }) => redeemed)).toHaveLength(1)
  expect(await events('surface.bridged')).toHaveLength(1)
})

test('one sign-in that asks twenty times at once, as a provider repeats a call, gets it and is recorded once', async () => {
  const { ticket } = await aTicket()
  const attempt = newToken()
  const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(ticket, { attempt })))
  expect(answers).toEqual(Array.from({ length: 20 }, () => ({ redeemed: true })))
  expect(await events('surface.bridged')).toHaveLength(1)
})

describe('what opens nothing', () => {
  test('a name that no database can hold: it is refused as what it is', async () => {
    const { reference } = await aTicket()
    expect(await ask('claims', { reference, sub: '\0' })).toMatchObject({ status: 400 })
  })
  test('a ticket that nobody made, the launch’s own, and the access token itself', async () => {
    const launch = await world.ticket(id, 'web', agent)
    for (const text of [newToken(), launch, token, 'x'])
      expect(await redeem(text)).toEqual({ redeemed: false, refusal: 'launch.unknown' })
  })
  test('a ticket for A with the sign-in of B, and it stays whole for A', async () => {
    const { ticket, reference } = await aTicket()
    expect(await redeem(ticket, { sub: 'per_leo' })).toEqual({ redeemed: false, refusal: 'launch.other_user' })
    expect(await redeem(ticket)).toEqual({ redeemed: true })
    expect(await claims(reference, { sub: 'per_leo' })).toEqual({ active: false })
    expect(await why()).toEqual(['launch.other_user'])
  })
  test('another product with this token, this ticket or this reference', async () => {
    expect((await ask('ticket', { token }, { surface: 'kiosk' })).body).toEqual({ active: false })
    const { ticket, reference } = await aTicket()
    expect(await redeem(ticket, { surface: 'kiosk' })).toEqual({ redeemed: false, refusal: 'launch.unknown' })
    await redeem(ticket)
    expect(await claims(reference, { surface: 'kiosk' })).toEqual({ active: false })
    expect(await why()).toEqual(['other_surface'])
  })
  test('a ticket older than a minute, and claims asked for a minute after it was redeemed', async () => {
    const [old, used] = [await aTicket(), await aTicket()]
    await redeem(used.ticket)
    await world.fresh.advance(61_000)
    expect(await redeem(old.ticket)).toEqual({ redeemed: false, refusal: 'launch.expired' })
    expect(await claims(used.reference)).toEqual({ active: false })
  })
  test('anything, from the moment on at which help has ended', async () => {
    const [before, during] = [await aTicket(), await aTicket()]
    await redeem(during.ticket)
    await stop()
    expect(await redeem(before.ticket)).toEqual({ redeemed: false, refusal: 'assistance.closed' })
    expect(await claims(during.reference)).toEqual({ active: false })
    expect((await ask('ticket', { token })).body).toEqual({ active: false })
  })
  test('anything, once this one product was closed or is switched off', async () => {
    const { ticket, reference } = await aTicket()
    await redeem(ticket)
    world.switchedOff.add('web')
    expect((await ask('ticket', { token })).body).toEqual({ active: false })
    expect(await redeem(ticket)).toEqual({
      redeemed: false,
      refusal: 'access.switched_off',
    })
    expect(await claims(reference)).toEqual({ active: false })
    world.switchedOff.clear()
    const next = await aTicket()
    await fetch(`${world.origin}/revoke`, {
      method: 'POST',
      headers: { authorization: basicOf(world, 'web') },
      body: new URLSearchParams({ token }),
    })
    expect(await redeem(next.ticket)).toEqual({ redeemed: false, refusal: 'assistance.closed' })
    expect(await claims(reference)).toEqual({ active: false })
  })
})

test.each(['ticket', 'redeem', 'claims'])(
  'who asks for a %s without the product’s secret is nobody, and who forgets a field is told which',
  async (path) => {
    for (const authorization of ['', 'Bearer x', `Basic ${btoa('client-web:wrong')}`])
      expect(await ask(path, { token, sub: user }, { authorization })).toEqual({
        status: 401,
        body: { error: 'invalid_client' },
      })
    expect(await ask(path, {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  },
)

test('neither ticket nor sign-in stands in the database as it was', async () => {
  const [{ ticket }, attempt] = [await aTicket(), newToken()]
  await redeem(ticket, { attempt })
  const rows = await world.fresh.db.query<{ text: string }>('select artifact::text as text from artifact')
  const events = await world.fresh.db.query<{ text: string }>('select event::text as text from event')
  const kept = [...rows, ...events].map(({ text }) => text).join('\n')
  expect(kept).toContain('BridgeTicket')
  expect([kept.includes(ticket), kept.includes(attempt)]).toEqual([false, false])
})
