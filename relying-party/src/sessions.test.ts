import { expect, test } from 'vitest'
import { assistedSessions } from './sessions.ts'

const marta = { sid: 'sid-1', userId: 'per_marta', token: 'at-1', language: 'es' } as const

function opened(sessions = assistedSessions(), opening: Parameters<typeof sessions.open>[0] = marta): string {
  const answer = sessions.open(opening)
  if (answer === 'ended') throw new Error('expected a session')
  return answer.cookie
}

test('a session is found by its own cookie and by nothing else', () => {
  const sessions = assistedSessions()
  const cookie = opened(sessions)
  expect(sessions.find(cookie)).toMatchObject({ state: 'live', ...marta })
  for (const other of [undefined, '', 'guess', cookie.slice(0, -1)]) expect(sessions.find(other)).toBeUndefined()
})

test('two sessions of one sid have cookies and CSRF tokens of their own', () => {
  const sessions = assistedSessions()
  const [one, other] = [opened(sessions), opened(sessions)]
  expect(one).not.toBe(other)
  expect(sessions.find(one)).not.toEqual(sessions.find(other))
})

test('an ending ends every session of its sid, keeps no token, and a second one changes nothing', () => {
  const sessions = assistedSessions()
  const [one, other] = [opened(sessions), opened(sessions)]
  const stranger = opened(sessions, { ...marta, sid: 'sid-2' })
  expect(sessions.end({ sid: 'sid-1', sub: 'per_marta' })).toBe(2)
  expect(sessions.end({ sid: 'sid-1' })).toBe(0)
  for (const cookie of [one, other]) expect(sessions.find(cookie)).toEqual({ state: 'ended', language: 'es' })
  expect(sessions.find(stranger)).toMatchObject({ state: 'live' })
})

test('an ending without sid ends all of that user, and of nobody else', () => {
  const sessions = assistedSessions()
  const hers = [opened(sessions), opened(sessions, { ...marta, sid: 'sid-2' })]
  const his = opened(sessions, { ...marta, sid: 'sid-3', userId: 'per_leo' })
  expect(sessions.end({ sub: 'per_marta' })).toBe(2)
  expect(hers.map((cookie) => sessions.find(cookie)?.state)).toEqual(['ended', 'ended'])
  expect(sessions.find(his)?.state).toBe('live')
})

test('an ending that names nobody ends nothing', () => {
  const sessions = assistedSessions()
  const cookie = opened(sessions)
  expect(sessions.end({})).toBe(0)
  expect(sessions.find(cookie)?.state).toBe('live')
})

test('an ending that arrives while the session is being created wins', () => {
  let now = 1000
  const sessions = assistedSessions({ now: () => now })
  sessions.end({ sid: 'sid-1' })
  expect(sessions.open(marta)).toBe('ended')
  now += 59_999
  expect(sessions.open(marta)).toBe('ended')
  expect(sessions.open({ ...marta, sid: 'sid-2' })).not.toBe('ended')
})

test('a day later a session is forgotten, and a forgotten session is none', () => {
  let now = 1000
  const sessions = assistedSessions({ now: () => now })
  const cookie = opened(sessions)
  now += 24 * 3600_000
  opened(sessions, { ...marta, sid: 'sid-2' })
  expect(sessions.find(cookie)).toBeUndefined()
})

test('a forgotten session does not come back with an ending', () => {
  const sessions = assistedSessions()
  const cookie = opened(sessions)
  sessions.forget(cookie)
  expect(sessions.find(cookie)).toBeUndefined()
  expect(sessions.end({ sid: 'sid-1' })).toBe(0)
})
