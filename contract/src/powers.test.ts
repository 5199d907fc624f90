import { neverUnderAssistance } from '@amparo/relying-party/guards'
import { expect, test } from 'vitest'
import { alwaysRefused, alwaysRefusedActs, isAlwaysRefused, notGranted } from './powers.ts'
import { isRefusal, statusOf } from './refusals.ts'
import type { Bilingual } from './words.ts'

test('what is always refused is the same list for those who refuse it and for those who say so', () => {
  expect([...alwaysRefusedActs].sort()).toEqual([...neverUnderAssistance].sort())
  expect(isAlwaysRefused('constructor')).toBe(false)
  const words: readonly Bilingual[] = Object.values(alwaysRefused)
  expect(words.filter(({ en, es }) => en === es || en === '' || es === '')).toEqual([])
})

test('a refusal of a power names the act and is one of ours', () => {
  const { code, act } = notGranted('payment_method')
  expect([isRefusal(code) && statusOf(code), act]).toEqual([403, 'payment_method'])
})
