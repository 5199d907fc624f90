/** `Idempotency-Key`: one answer for one request, whatever repeats it, and never another's. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { type Secrets, secretsFrom } from '../secrets.ts'
import { type Answer, claim, keyIn } from './idempotency.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const secrets = secretsFrom(randomBytes(32))
const asks = (key: string, request = 'POST /a\n{}', actor = 'ag_1') => claim(fresh.db, secrets, actor, key, request)
const answer: Answer = { status: 201, type: 'application/json', body: '{"ticket":"planted-ticket"}' }

test('the first has it, others meanwhile are told so, another request under its key is refused, and later all get its answer', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, () => asks('key-00001')))
  const mine = claims.filter((one) => one.claim === 'mine')
  expect(mine).toHaveLength(1)
  expect(claims.filter(({ claim }) => claim === 'in_progress')).toHaveLength(19)
  expect((await asks('key-00001', 'POST /a\n{"other":1}')).claim).toBe('other_request')
  if (mine[0]?.claim === 'mine') await mine[0].keep(answer)
  expect(await asks('key-00001')).toEqual({ claim: 'answered', answer })
  expect((await asks('key-00001', 'POST /b\n{}')).claim).toBe('other_request')
  // Somebody else's key of the same name is another key.
  expect((await asks('key-00001', 'POST /a\n{}', 'ag_2')).claim).toBe('mine')
  const [row] = await fresh.db.query<{ answer_sealed: Buffer }>(
    `select answer_sealed from idempotency where actor = 'ag_1'`,
  )
  expect(row?.answer_sealed.includes('planted-ticket')).toBe(false)
})

test('a breakage is forgotten, so that it can be tried again', async () => {
  const first = await asks('key-00002')
  if (first.claim === 'mine') await first.keep({ ...answer, status: 503 })
  expect((await asks('key-00002')).claim).toBe('mine')
})

test('an attempt that nobody finished is taken up after a minute, by one', async () => {
  await asks('key-00003')
  expect((await asks('key-00003')).claim).toBe('in_progress')
  await fresh.db.query(
    `update idempotency set taken_at = clock_timestamp() - interval '61 seconds' where key = 'key-00003'`,
  )
  const again = await Promise.all(Array.from({ length: 20 }, () => asks('key-00003')))
  expect(again.filter(({ claim }) => claim === 'mine')).toHaveLength(1)
})

test('an answer that another server sealed with a key that this one does not know yet is under way here, and told there', async () => {
  const root = randomBytes(32)
  const knows = secretsFrom(root, { now: { id: '0123456789abcdef', key: randomBytes(32) }, former: [] })
  const ask = (by: Secrets) => claim(fresh.db, by, 'ag_1', 'key-00004', 'POST /a\n{}')
  const first = await ask(knows)
  if (first.claim === 'mine') await first.keep(answer)
  expect(await ask(secretsFrom(root))).toEqual({ claim: 'in_progress' })
  expect(await ask(knows)).toEqual({ claim: 'answered', answer })
})

test.each([
  ['short', '1234567', undefined],
  ['of eight', '12345678', '12345678'],
  ['of 128', 'k'.repeat(128), 'k'.repeat(128)],
  ['long', 'k'.repeat(129), undefined],
  ['with a space', 'key 000001', undefined],
  ['with a line break', 'key\n00001', undefined],
  ['none', '', undefined],
  ['quoted as the draft writes it', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['quoted, with a quotation mark in it', '"key\\"0001"', 'key"0001'],
  ['quoted and short', '"1234567"', undefined],
  ['quoted, with a space', '"key 000001"', undefined],
  ['half quoted', '"12345678', undefined],
  ['a list of two', '"12345678", "87654321"', undefined],
])('a key that is %s', (_what, header, key) => {
  expect(keyIn(header)).toBe(key)
})
