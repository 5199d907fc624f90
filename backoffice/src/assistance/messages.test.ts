import type { MessageSeen } from '@amparo/contract/assistance'
import { expect, test } from 'vitest'
import { isSettled, sentAt } from './messages.ts'

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

test('when the newest code went out is never told by a message that may be of an earlier one, nor by another purpose', () => {
  const minute = (at: number) => `2026-01-01T10:0${at}:00.000Z`
  const all = [
    message('sent', { at: minute(1) }),
    message('sent', { at: minute(4) }),
    message('sent', { at: minute(5), channel: 'email' }),
    message('sent', { at: minute(7), purpose: 'agent' }),
  ]
  // Sent again by email alone: what the SMS of before brought is the earlier code.
  expect(sentAt(all, 'phone_link')).toBe(minute(5))
  expect(sentAt(all.slice(0, 2), 'phone_link')).toBe(minute(4))
  for (const status of ['queued', 'failed'] as const)
    expect(sentAt([...all, message(status, { at: minute(6) })], 'phone_link')).toBeUndefined()
})
