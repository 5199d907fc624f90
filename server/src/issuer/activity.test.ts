import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { newToken } from '../secrets.ts'
import { anAgent, anAssistance, eventsOf } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { aBrowser, aWorld, basicOf, type World } from './testing.ts'

let world: World
let agent: Caller
let id: AssistanceId
let token: string
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  agent = await anAgent(world.fresh.db)
  id = await anAssistance(world.fresh.db, world.secrets, agent, { surfaces: ['store', 'web', 'kiosk'] })
  const page = await aBrowser().post(`${world.origin}/launch`, { ticket: await world.ticket(id, 'web', agent) })
  token = JSON.parse(page.body).accessToken
})

const at = () => new Date().toISOString()
async function tell(body: unknown, { surface = 'web', headers = {} as Record<string, string> } = {}) {
  const answer = await fetch(`${world.origin}/activity`, {
    method: 'POST',
    headers: { authorization: basicOf(world, surface), 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json(), headers: answer.headers }
}
const batch = (count = 1, more = {}) => ({ token, acts: [{ at: at(), what: 'opened the invoices' }], count, ...more })
const done = async () => (await eventsOf(world.fresh.db, id)).filter(({ type }) => type === 'act.done')

test('a surface tells what was done in it, and is answered how much is on record', async () => {
  expect(await tell(batch())).toMatchObject({ status: 200, body: { active: true, count: 1, missing: 0 } })
  expect(await tell(batch(3))).toMatchObject({ status: 200, body: { active: true, count: 3, missing: 1 } })
  expect(await done()).toHaveLength(2)
})

describe('who may tell', () => {
  test.each([
    ['nobody', { authorization: '' }],
    ['a bearer', { authorization: 'Bearer x' }],
    ['a wrong secret', { authorization: `Basic ${btoa('client-web:wrong')}` }],
  ])('%s is asked to prove themselves', async (_who, headers) => {
    const answer = await tell(batch(), { headers })
    expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
    expect(await done()).toEqual([])
  })
  test('another surface with this token is refused, and a token that nobody has is dead', async () => {
    expect(await tell(batch(), { surface: 'kiosk' })).toMatchObject({ status: 403, body: { error: 'access_denied' } })
    expect(await tell(batch(1, { token: newToken() }))).toMatchObject({ status: 200, body: { active: false } })
    expect(await done()).toEqual([])
  })
  test('after the end the answer is that of introspection, and the act is there as late', async () => {
    await close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
    expect(await tell(batch())).toMatchObject({ status: 200, body: { active: false } })
    expect(await done()).toMatchObject([{ data: { late: true } }])
  })
})

describe('what cannot be read', () => {
  test.each([
    ['half of an object', '{"token":'],
    ['null', 'null'],
    ['depth', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`],
    ['a stranger', '{"token":"t","acts":[{"at":"2026-11-22T10:00:00Z","what":"x"}],"count":1,"user":"m@x.test"}'],
    ['two lines', '{"token":"t","acts":[{"at":"2026-11-22T10:00:00Z","what":"x\\u2028y"}],"count":1}'],
    ['the character zero', '{"token":"t","acts":[{"at":"2026-11-22T10:00:00Z","what":"\\u0000"}],"count":1}'],
  ])('%s is a 400 that says what is wrong', async (_what, body) => {
    const answer = await tell(body)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: expect.stringMatching(/\w{3}/) },
    })
  })
  test('a form is a 415, a quarter of a megabyte a 413, a look a 405; the largest batch there is fits', async () => {
    expect(await tell('token=t', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toMatchObject({
      status: 415,
    })
    expect(await tell(batch(1, { pad: 'x'.repeat(300_000) }))).toMatchObject({ status: 413 })
    expect(
      (await fetch(`${world.origin}/activity`, { headers: { authorization: basicOf(world, 'web') } })).status,
    ).toBe(405)
    const what = { en: '😀'.repeat(140), es: '😀'.repeat(140) }
    const acts = Array.from({ length: 100 }, () => ({ at: at(), what }))
    expect(await tell({ token, acts, count: 100 })).toMatchObject({ status: 200, body: { count: 100 } })
  })
})

test('a flood is slowed down, and nothing of it is lost that is told again', async () => {
  const answers = await Promise.all(Array.from({ length: 90 }, (_, index) => tell(batch(index + 1))))
  const slowed = answers.filter(({ status }) => status === 429)
  expect(slowed.length).toBeGreaterThan(0)
  expect(slowed.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true)
  expect(await done()).toHaveLength(answers.length - slowed.length)
})
