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

test('when a code went out is told of the newest that was sent, by the channel that had it first, and of no other purpose', () => {
  const minute = (at: number) => `2026-01-01T10:0${at}:00.000Z`
  const all = [
    message('sent', { at: minute(1) }),
    message('sent', { at: minute(4) }),
    message('sent', { at: minute(5), channel: 'email' }),
    message('sent', { at: minute(2), purpose: 'agent' }),
  ]
  expect(sentAt(all, 'phone_link')).toBe(minute(4))
  expect(sentAt([...all, message('failed', { at: minute(6) })], 'phone_link')).toBe(minute(5))
  expect(sentAt([message('queued')], 'phone_link')).toBeUndefined()
})
