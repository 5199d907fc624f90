import type { MessageSeen } from '@amparo/contract/assistance'
import { expect, test } from 'vitest'
import { isSettled } from './messages.ts'

const at = '2026-01-01T10:00:00.000Z'
const message = (status: MessageSeen['status'], more: Partial<MessageSeen> = {}): MessageSeen => ({
  purpose: 'phone_link',
  channel: 'sms',
  maskedTo: '••• 11',
  status,
  at,
  ...more,
})

test('a message is asked after while it may still go out, and no longer', () => {
  expect(
    [message('queued'), message('failed', { retryAt: at }), message('failed', { trying: true })].map(isSettled),
  ).toEqual([false, false, false])
  expect([message('sent'), message('dropped'), message('failed')].map(isSettled)).toEqual([true, true, true])
})
