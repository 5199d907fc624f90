/**
 * The way to the database goes wrong (F6 to F10, F13): whoever asks is told so in time, nothing is half done, nothing is done
 * twice, and all goes on by itself when it is well again.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { postgres } from '../../server/src/database/database.ts'
import type { Reply } from '../journeys/script.ts'
import { until } from '../journeys/stage.ts'
import { full, type Ground, ground, leo, marta, type Node, times } from './ground.ts'
import { disagreements } from './reconcile.ts'
import { fair, type Way, type Weather, wayToDatabase } from './way.ts'

let on: Ground
let way: Way & { readonly url: string }
let node: Node
beforeAll(async () => {
  on = await ground()
  way = await wayToDatabase(on.fresh.url)
  node = await on.node({ url: way.url })
}, 120_000)
afterAll(async () => {
  way.become(fair)
  await on.leave()
  await way.close()
})
afterEach(async () => {
  way.become(fair)
  await healed()
  expect(await disagreements(on.fresh)).toEqual([])
})

const script = (name: string) => node.play.scriptOf(name)
const word = ({ status, body }: Reply) => body.code ?? status
const isTold = (reply: Reply) => reply.status === 503 && reply.body.code === 'system.unavailable'
/** Without a restart of ours: asked until it says yes. */
const healed = () =>
  until(
    () => ready(),
    (status) => status === 200,
    'readiness',
  )
const ready = async () => (await fetch(`${node.stage.console}/readyz`)).status
const opened = async (who: string, user: string) => node.play.opened(script(who), user)
const cancelled = (who: string, id: string) =>
  node.play.must(script(who).call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
/** Many at the same moment, reading and writing. */
const crowdOf = (who: string, id: string, count = 50) =>
  Array.from({ length: count }, (_, at) =>
    at % 5 === 0
      ? script(who).call('POST', `/assistances/${id}/notes`, { text: `Note ${at}` })
      : script(who).call('GET', `/assistances/${id}`),
  )

test('connections that are reset under fifty requests cost answers of 503 and nothing else, and the next ones are answered', async () => {
  const id = await opened('ana', marta)
  const asked = crowdOf('ana', id)
  await Promise.race(asked)
  way.reset()
  const answers = await Promise.all(asked)
  expect(answers.filter((one) => one.status >= 300 && !isTold(one))).toEqual([])
  await healed()
  expect((await script('ana').call('GET', `/assistances/${id}`)).status).toBe(200)
  await cancelled('ana', id)
})

const gone: readonly (readonly [string, Weather])[] = [
  ['refuses', { refusing: true }],
  ['swallows everything', { passing: 'silent' }],
  ...(full ? ([['hears us and is not heard', { passing: 'only_there' }]] as const) : []),
]
test.each(gone)(
  'a database that %s is told as 503 with a time to come back, readiness says so, and it heals alone',
  async (_what, weather) => {
    const id = await opened('ana', marta)
    way.become(weather)
    if (weather.refusing) way.reset()
    // As many as there are connections: whoever waits for one waits for those who hang.
    const answers = await Promise.all(crowdOf('ana', id, times(15, 50)))
    expect(answers.filter((one) => !isTold(one))).toEqual([])
    const told = await fetch(`${node.stage.console}/readyz`)
    expect([told.status, await told.json()]).toMatchObject([503, { database: false }])
    const refused = await fetch(`${node.stage.console}/api/v1/assistances/${id}`, {
      headers: { authorization: `Bearer ${node.play.bearer('ana@acme.test')}` },
    })
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true])
    way.become(fair)
    await healed()
    await until(
      () => script('ana').call('GET', `/assistances/${id}`),
      ({ status }) => status === 200,
      'the assistance',
    )
    await cancelled('ana', id)
  },
  60_000,
)

test('a slow and uneven way is slow and correct: fifty at once are all answered, and the whole of a help goes through', async () => {
  way.become({ delayMs: times(40, 500), jitterMs: times(40, 300) })
  const ready = await node.play.active(script('ana'), leo, 'cli_sol')
  const began = performance.now()
  const answers = await Promise.all(crowdOf('ana', ready.id))
  expect(answers.filter((one) => one.status >= 300)).toEqual([])
  if (full) console.log(`the last of fifty was answered after ${Math.round(performance.now() - began)} ms`)
  const { deadlines } = (await script('ana').call('GET', `/assistances/${ready.id}`)).body
  way.become(fair)
  const [row] = await on.fresh.db.query<{ left: number }>(
    `select extract(epoch from $1::timestamptz - user_seen_at)::float8 as left from assistance where id = $2`,
    [deadlines.idleAt, ready.id],
  )
  expect(row?.left).toBeCloseTo(900, 1)
  await node.play.must(script('ana').call('PUT', `/assistances/${ready.id}/closure`, { because: 'finished' }), 200)
}, 120_000)

test('a way that lets a few bytes through at a time breaks no answer', async () => {
  const id = await opened('ana', marta)
  way.become({ bytesPerSecond: 64_000 })
  const answers = await Promise.all(crowdOf('ana', id, 10))
  expect(answers.filter((one) => one.status >= 300 && !isTold(one))).toEqual([])
  way.become(fair)
  await healed()
  await cancelled('ana', id)
}, 120_000)

describe('an answer that is lost after the work was done', () => {
  const key = () => ({ 'idempotency-key': crypto.randomUUID() })

  test('leaves one consent, one code used and one event, and asked again with its key the first answer is given', async () => {
    const { id, code } = await node.play.asked(script('ben'), leo, 'cli_sol')
    const headers = key()
    const lost = way.loseAnswerTo('desk.flush')
    const first = await script('ben').call('PUT', `/assistances/${id}/consent`, { code }, headers)
    await lost
    const second = await script('ben').call('PUT', `/assistances/${id}/consent`, { code }, headers)
    expect([first.status, second]).toEqual([200, first])
    expect(first.body.state).toBe('active')
    expect(await count(id, 'consent.given')).toBe(1)
    await cancelled('ben', id)
  })

  test('leaves one ticket', async () => {
    const { id } = await node.play.active(script('ben'), leo, 'cli_sol')
    const headers = key()
    const lost = way.loseAnswerTo('desk.flush')
    const first = await script('ben').call('POST', `/assistances/${id}/launches`, { surface: 'web' }, headers)
    await lost
    const second = await script('ben').call('POST', `/assistances/${id}/launches`, { surface: 'web' }, headers)
    expect([first.status, second]).toEqual([201, first])
    expect(await count(id, 'launch.minted')).toBe(1)
    await cancelled('ben', id)
  })

  test('leaves one code sent, which is the one that counts', async () => {
    const id = await opened('ben', leo)
    const seen = (await node.play.lettersTo('ben@acme.test')).length
    const lost = way.loseAnswerTo('desk.flush')
    const sent = await script('ben').call('POST', `/assistances/${id}/agent-code`, {}, key())
    await lost
    expect(sent.status).toBe(202)
    const letter = await node.play.newLetter('ben@acme.test', seen)
    const proof = { method: 'code', code: letter.codes[0] }
    expect((await script('ben').call('PUT', `/assistances/${id}/agent-proof`, proof)).status).toBe(200)
    expect(await count(id, 'agent.code_sent')).toBe(1)
    await cancelled('ben', id)
  })

  test('of the keeping of an answer, the answer is given all the same', async () => {
    const headers = key()
    const lost = way.loseAnswerTo('idempotency.keep')
    const body = { kind: 'technical', userEmail: leo, reason: { code: 'fault' } }
    const first = await script('ben').call('POST', '/assistances', body, headers)
    await lost
    expect(first.status).toBe(201)
    const second = await script('ben').call('POST', '/assistances', body, headers)
    expect([second.status, second.body.id]).toEqual([201, first.body.id])
    await cancelled('ben', first.body.id)
  })

  test('with the database gone after it: nothing is claimed that is not known, and afterwards it is there once', async () => {
    const { id, code } = await node.play.asked(script('ben'), leo, 'cli_sol')
    const headers = key()
    const lost = way.loseAnswerTo('desk.flush', 'cut')
    const first = await script('ben').call('PUT', `/assistances/${id}/consent`, { code }, headers)
    await lost
    expect(word(first)).toBe('system.unavailable')
    way.become(fair)
    await healed()
    const second = await script('ben').call('PUT', `/assistances/${id}/consent`, { code }, headers)
    expect(['assistance.out_of_order', 'request.in_progress', 200]).toContain(word(second))
    expect((await script('ben').call('GET', `/assistances/${id}`)).body.state).toBe('active')
    expect(await count(id, 'consent.given')).toBe(1)
    await cancelled('ben', id)
  })
})

const count = async (id: string, type: string) =>
  (await on.fresh.db.query('select from event where assistance_id = $1 and type = $2', [id, type])).length

test('a row that somebody holds is waited for so long and no longer, reading goes on, and then it is done once', async () => {
  const id = await opened('ana', marta)
  const holder = postgres(on.fresh.url, { max: 1 })
  const refused = await holder.transaction(async (tx) => {
    await tx.query('select from assistance where id = $1 for update', [id])
    const noted = script('ana').call('POST', `/assistances/${id}/notes`, { text: 'Called back' })
    expect((await script('ana').call('GET', `/assistances/${id}`)).status).toBe(200)
    return noted
  })
  expect(isTold(refused)).toBe(true)
  expect((await script('ana').call('POST', `/assistances/${id}/notes`, { text: 'Called back' })).status).toBe(201)
  expect(await count(id, 'note.added')).toBe(1)
  await holder.close()
  await cancelled('ana', id)
}, 120_000)
