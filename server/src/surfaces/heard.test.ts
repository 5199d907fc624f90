import { expect, test } from 'vitest'
import { heard } from './heard.ts'

test('what was read before a change was heard is wrong, in whatever order reading and hearing end', () => {
  const changes = heard()
  const before = changes.moment()
  changes.hear('as_1')
  const after = changes.moment()
  expect(changes.changedSince(before, () => ['as_1'])).toBe(true)
  expect(changes.changedSince(before, () => ['as_2', 'ag_2'])).toBe(false)
  expect(changes.changedSince(before, () => ['as_2', 'as_1'])).toBe(true)
  expect(changes.changedSince(after, () => ['as_1'])).toBe(false)
  changes.hear('as_1')
  expect(changes.changedSince(after, () => ['as_1'])).toBe(true)
})

test('everything is everything, also what nobody has named yet', () => {
  const changes = heard()
  const before = changes.moment()
  changes.hear('as_1')
  changes.hear('*')
  expect(changes.changedSince(before, () => ['as_9'])).toBe(true)
  expect(changes.changedSince(changes.moment(), () => ['as_1', 'as_9'])).toBe(false)
})

test('what is forgotten was heard before that moment, and what was heard again since is kept', () => {
  const changes = heard()
  for (const what of ['as_1', 'as_2', 'as_3']) changes.hear(what)
  const moment = changes.moment()
  changes.hear('as_1')
  changes.forget(moment)
  expect(changes.size()).toBe(1)
  expect(changes.changedSince(moment, () => ['as_1'])).toBe(true)
})
