import { expect, test } from 'vitest'
import { guardRefusals, mayDo, neverUnderAssistance } from './guards.ts'

test('the acts that are refused always are those that the user was promised', () => {
  expect([...neverUnderAssistance].sort()).toEqual(
    [
      'api_keys',
      'connected_apps',
      'deletion',
      'email',
      'export',
      'invitations',
      'new_devices',
      'password',
      'payment_method',
      'phone',
      'second_factor',
      'sharing',
      'successor',
      'webhooks',
    ].sort(),
  )
})

test.each(neverUnderAssistance)('%s is refused with every power', (act) => {
  for (const powers of ['look', 'act'] as const)
    expect(mayDo({ powers }, act)).toEqual({ ok: false, code: 'assisted.never', ...guardRefusals['assisted.never'] })
})

test.each([
  ['look', 'read', true],
  ['act', 'read', true],
  ['look', 'change', false],
  ['act', 'change', true],
] as const)('with the power %s, %s is allowed: %s', (powers, act, allowed) => {
  expect(mayDo({ powers }, act).ok).toBe(allowed)
})

test('looking refuses a change with a code and a sentence in both languages', () => {
  expect(mayDo({ powers: 'look' }, 'change')).toEqual({
    ok: false,
    code: 'assisted.read_only',
    ...guardRefusals['assisted.read_only'],
  })
})
