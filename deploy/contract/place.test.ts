/** An account is asked where somebody says so, and nowhere else; and who did not say so reads what to set. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ableToAll, cleared, environment, lacking, named, needs, onlyDoubles, playing, whyNot } from './place.ts'

const skipping = (cannot: ReadonlySet<keyof typeof onlyDoubles>, ...what: readonly (keyof typeof onlyDoubles)[]) => {
  const said: string[] = []
  const skip = ((when: boolean, why: string) => when && said.push(why)) as never
  const task = { meta: {} } as never
  needs({ skip, task }, { cannot }, ...what)
  return said
}

test('without AMPARO_AWS_CONTRACT=1 nothing is asked of AWS, and what is skipped says what to set', () => {
  expect(whyNot([], {})).toBe('skipped; to ask it, set AMPARO_AWS_CONTRACT=1: docs/guide/aws.md')
  expect(whyNot([], { AMPARO_AWS_CONTRACT: 'yes' })).toContain('AMPARO_AWS_CONTRACT=1')
  expect(whyNot(['AMPARO_MAIL_FROM'], {})).toContain('AMPARO_AWS_CONTRACT=1, AMPARO_MAIL_FROM')
  expect(whyNot(['AMPARO_MAIL_FROM'], { AMPARO_AWS_CONTRACT: '1' })).toContain('set AMPARO_MAIL_FROM')
  expect(whyNot(['AMPARO_MAIL_FROM'], { AMPARO_AWS_CONTRACT: '1', AMPARO_MAIL_FROM: 'a@b.test' })).toBeUndefined()
})

test('a test that needs what its place cannot do is skipped with the reason, and one that does not say so breaks', () => {
  expect(skipping(ableToAll, 'faults', 'arrivals')).toEqual([])
  expect(skipping(new Set(['arrivals']), 'faults', 'arrivals')).toEqual([onlyDoubles.arrivals])
  expect(lacking('faults')).toThrow('a test did not say that it needs: faults')
})

test('a place changes the environment and gives it back, also what was not there before', () => {
  process.env.AMPARO_OF_THIS_TEST = 'before'
  const restore = environment({ AMPARO_OF_THIS_TEST: 'now', AMPARO_NOT_THERE: 'now' })
  expect([named('AMPARO_OF_THIS_TEST'), named('AMPARO_NOT_THERE')]).toEqual(['now', 'now'])
  restore()
  expect(named('AMPARO_OF_THIS_TEST')).toBe('before')
  expect(() => named('AMPARO_NOT_THERE')).toThrow('AMPARO_NOT_THERE is not set')
  delete process.env.AMPARO_OF_THIS_TEST
})

test('what one clearing leaves behind keeps no other from being cleared away, and is told', async () => {
  const done: string[] = []
  const clearing = (name: string) => () => void done.push(name)
  const failing = (name: string) => () => Promise.reject(new Error(`${name} would not go`))
  await cleared(clearing('users'), clearing('client'))
  const all = cleared(failing('one user'), clearing('another user'), failing('the client'), clearing('the rest'))
  await expect(all).rejects.toThrow('Error: one user would not go; Error: the client would not go')
  expect(done).toEqual(['users', 'client', 'another user', 'the rest'])
})

test('an account that doubles play leaves no environment behind, whether its place fails to open or to close', async () => {
  let closed = 0
  const close = async () => {
    closed += 1
  }
  const played = async () => ({ env: { AMPARO_NOT_THERE: 'played' }, close })
  await expect(playing(played, () => Promise.reject(new Error('would not open')))).rejects.toThrow('would not open')
  expect([closed, process.env.AMPARO_NOT_THERE]).toEqual([1, undefined])
  const place = await playing(played, async () => ({ close: () => Promise.reject(new Error('would not close')) }))
  expect(process.env.AMPARO_NOT_THERE).toBe('played')
  await expect(place.close()).rejects.toThrow('would not close')
  expect([closed, process.env.AMPARO_NOT_THERE]).toEqual([2, undefined])
})

test('every suite of this folder is held in an account too, but for those that say why they are not', () => {
  const alone = ['default.test.ts', 'journey.test.ts', 'place.test.ts']
  const suites = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts') && !alone.includes(file))
  const files = [
    ...suites.map((file) => join(import.meta.dirname, file)),
    join(import.meta.dirname, '../../server/src/identity/staff.test.ts'),
  ]
  expect(files).toHaveLength(4)
  for (const file of files) expect([file, /\bheldIn\(/.test(readFileSync(file, 'utf8'))]).toEqual([file, true])
})
