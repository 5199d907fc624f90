import { expect, test } from 'vitest'
import { draftOfLink, emptyDraft, inputOf } from './draft.ts'
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
