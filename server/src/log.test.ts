import { describe, expect, test } from 'vitest'
import { inWords, told, withoutSecrets } from './log.ts'

describe('a line of the log', () => {
  test('holds what is on the list, and nothing else that somebody hands over', () => {
    const what = {
      requestId: 'rq_1',
      error: 'broke',
      count: 3,
      email: 'marta@clinica-sol.test',
      body: { code: '482913' },
      digits: '482913',
    }
    expect(told(what)).toEqual({ requestId: 'rq_1', error: 'broke', count: 3 })
  })

  test.each([
    ['an address', 'no mailbox marta.ruiz+x@clinica-sol.test here', 'no mailbox … here'],
    ['a code', 'cannot parse "482 913" or 482913', 'cannot parse "…" or …'],
    ['a link', 'GET https://help.acme.com/c/K7QFRT2M9XDAB broke', 'GET https://help.acme.com/c/… broke'],
    ['a token', `unknown ${'aB3_'.repeat(11)} given`, 'unknown … given'],
    ['a bearer', 'authorization: Bearer abcdef', 'authorization: Bearer …'],
    ['a password in an address', 'postgres://amparo:s3cret@db/amparo is away', 'postgres://…@db/amparo is away'],
    ['a telephone', 'calls +34 600 000 001 failed', 'calls … failed'],
    ['what signs a webhook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw no', '… no'],
  ])('holds no secret that came along in a text: %s', (_what, text, left) => {
    expect(withoutSecrets(text)).toBe(left)
  })

  test('of a text of any length no part of a word is left at its end', () => {
    const token = 'aB3_'.repeat(11)
    const { error } = told({ error: `${'broke '.repeat(660)} ${token} ${'more '.repeat(4000)}` })
    expect(error).toMatch(/^(broke )+…$/)
    expect(told({ path: `/${'a'.repeat(16_000)}` })).toEqual({ path: '…' })
  })

  test.each([
    ['one word', 'a'],
    ['an address that never comes', 'a.'],
    ['a telephone that never ends', '+1-'],
    ['one that begins again and again', 'a@a.'],
  ])('costs no more for a longer text than for one that is read to its end: %s', (_what, part) => {
    const spent = (letters: number): number => {
      const line = { path: part.repeat(letters / part.length) }
      const before = process.cpuUsage()
      told(line)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const least = (letters: number) => Math.min(...Array.from({ length: 5 }, () => spent(letters)))
    expect(least(64_000)).toBeLessThan(20 * Math.max(least(4_000), 1_000))
  })

  test('keeps what an operator needs: our ids, the place in the code, a code of the database', () => {
    const text =
      'Error: as_5zm6wepvgooi11ifpu4up6lz 40P01\n    at close (/srv/amparo/server/src/desk/endings.ts:104:23)'
    expect(withoutSecrets(text)).toBe(text)
  })
})

test('a person in a terminal reads a line in words, and nothing in it moves their cursor', () => {
  const [time, stack] = [Date.parse('2026-11-22T10:42:07Z'), 'Error: away\n    at close (/srv/endings.ts:104:23)']
  const line = { level: 40, time, requestId: 'rq_1', msg: 'not told', error: 'away\u001b[2J\nfor good', stack }
  expect(inWords(JSON.stringify(line))).toBe(
    '  ! 10:42:07  not told: away [2J for good  (requestId rq_1)\n      at close (/srv/endings.ts:104:23)',
  )
  expect(inWords(JSON.stringify({ level: 30, time, msg: 'ready' }))).toBe('  · 10:42:07  ready')
})
