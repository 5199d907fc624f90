import type { AssistanceLine } from '@amparo/contract/assistance'
import { expect, test } from 'vitest'
import { draftOfLine, draftOfLink, emptyDraft, inputOf, reasonKnown } from './draft.ts'
import { shortcomingsOf } from './shortcomings.ts'

test('a link of the ticket system fills the form in, and nothing else does', () => {
  expect(draftOfLink('#email=a%40b.test&ticket=T-1&reason=billing')).toMatchObject({
    email: 'a@b.test',
    ticket: 'T-1',
    reason: 'billing',
    line: '',
  })
  expect(draftOfLink('#reason=Cannot+see+invoices')).toMatchObject({ reason: '', line: 'Cannot see invoices' })
  expect(draftOfLink('')).toBeUndefined()
  expect(draftOfLink('#content')).toBeUndefined()
  const linked = draftOfLink('#reason=slow_since_monday') ?? emptyDraft
  expect(reasonKnown(linked, ['fault'])).toMatchObject({ reason: '', line: 'slow_since_monday' })
  expect(reasonKnown(linked, ['slow_since_monday'])).toBe(linked)
})

test('what is missing is said, field by field', () => {
  expect(shortcomingsOf(emptyDraft)).toEqual({ email: 'caller.noEmail', reason: 'caller.noReason' })
  expect(shortcomingsOf({ ...emptyDraft, email: 'a b', reason: 'other', who: 'somebody' })).toEqual({
    email: 'caller.badEmail',
    line: 'caller.noLine',
    caller: 'caller.noName',
  })
  expect(shortcomingsOf({ ...emptyDraft, email: ' a@b.test ', reason: 'fault' })).toEqual({})
})

test('only what was filled in is sent', () => {
  expect(inputOf({ ...emptyDraft, email: ' a@b.test ', reason: 'fault', caller: 'left over' })).toEqual({
    kind: 'technical',
    userEmail: 'a@b.test',
    reason: { code: 'fault' },
  })
})

test('starting again fills in what was asked the last time, and nothing of the consent', () => {
  const line = {
    reason: { code: 'billing', name: { en: 'Billing', es: 'Facturación' }, line: 'Cannot see invoices' },
    userEmail: 'marta@clinica-sol.test',
    caller: 'Leo',
    ticket: 'T-1',
  } as AssistanceLine
  expect(draftOfLine(line)).toEqual({
    email: 'marta@clinica-sol.test',
    reason: 'billing',
    line: 'Cannot see invoices',
    who: 'somebody',
    caller: 'Leo',
    ticket: 'T-1',
  })
})
