import { expect, test } from 'vitest'
import { problemResponse } from './problem.ts'

const context = { requestId: 'rq_1', language: 'en' } as const
const soon = () => new Date(Date.now() + 30_000).toISOString()

test.each([
  ['a wait that ends', 'code.too_soon', { resendAt: soon() }, true],
  ['a limit that passes', 'rate.limited', { retryAt: soon() }, true],
  ['a lock that opens', 'pair.locked', { until: soon() }, true],
  ['a database that comes back', 'system.unavailable', {}, true],
  ['the same request under way', 'request.in_progress', {}, true],
  ['what is used up for good', 'code.no_more', {}, false],
  ['a question that others are asked again in an hour', 'rate.limited', { why: 'questions', retryAt: soon() }, true],
  ['what is wrong and stays wrong', 'code.wrong', { attemptsLeft: 3 }, false],
] as const)('%s is told when to come back, and only what passes', async (_what, refusal, more, passes) => {
  const answer = problemResponse(refusal, more, context)
  expect(Number(answer.headers.get('retry-after')) > 0).toBe(passes)
  expect(await answer.json()).toMatchObject({ code: refusal, ...more })
})

test('what is wrong with a request is always a list, whoever found it', async () => {
  const errors = async (more: Parameters<typeof problemResponse>[1]) =>
    JSON.parse(await problemResponse('request.invalid', more, context).text()).errors
  const listed = [{ path: 'a.b', message: 'No.' }]
  expect(await errors({ errors: listed })).toEqual(listed)
  expect(await errors({ path: 'a.b', message: 'No.' })).toEqual(listed)
  expect(await errors({})).toEqual([{ path: '', message: expect.stringMatching(/\S/) }])
})
