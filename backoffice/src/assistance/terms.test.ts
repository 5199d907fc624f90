import type { Assistance, MessageSeen } from '@amparo/contract/assistance'
import type { UserSeen } from '@amparo/contract/people'
import { expect, test } from 'vitest'
import { channelsOf, otherWay } from './messages.ts'
import { askedBefore, lackingIn, termsOf } from './terms.ts'

const name = { en: 'x', es: 'x' }
const offers = ['store', 'web', 'app'].map((surface) => ({ surface, name }))
const user = { phoneMasked: '••• 0001', phoneTakes: 'sms' } as UserSeen
const assistance = (more: Partial<Assistance> = {}) =>
  ({
    ecosystems: [{ id: 'sol', name: 'Sol', role: 'owner', status: 'active', offers }],
    ecosystemId: 'sol',
    messages: [],
    powers: 'look',
    lengthMinutes: 60,
    ...more,
  }) as unknown as Assistance

test('what is sent again is what was asked, so that the number and the link stay good', () => {
  const it = assistance({ surfacesAsked: ['web'], powers: 'act', lengthMinutes: 20 })
  expect(termsOf(it, askedBefore(it, user))).toEqual({
    channels: ['email', 'sms'],
    powers: 'act',
    lengthMinutes: 20,
    surfaces: ['web'],
  })
  expect(termsOf(assistance(), askedBefore(assistance(), user))).not.toHaveProperty('surfaces')
})

test('what a request lacks is said before anything goes out', () => {
  const asked = askedBefore(assistance(), user)
  expect(lackingIn(assistance(), asked)).toBeUndefined()
  expect(lackingIn({ ...assistance(), ecosystemId: undefined } as unknown as Assistance, asked)).toBe('ecosystem')
  expect(lackingIn(assistance(), { ...asked, without: ['store', 'web', 'app'] })).toBe('surfaces')
  expect(lackingIn(assistance(), { ...asked, channels: [] })).toBe('channels')
})

test('the other way is offered once one has failed, and only where it was not used', () => {
  const message = (channel: 'email' | 'sms', status: MessageSeen['status']): MessageSeen => ({
    purpose: 'consent',
    channel,
    maskedTo: '•••',
    status,
    at: '2026-11-22T10:00:00Z',
  })
  expect(otherWay([message('email', 'failed')], ['email', 'sms'])).toBe('sms')
  expect(otherWay([message('email', 'sent')], ['email', 'sms'])).toBeUndefined()
  expect(otherWay([message('email', 'failed'), message('sms', 'sent')], ['email', 'sms'])).toBeUndefined()
  expect(otherWay([message('email', 'failed')], ['email'])).toBeUndefined()
})

test('a fixed line, or no number at all, is offered no text message', () => {
  for (const phoneTakes of ['calls_only', 'nothing', undefined] as const)
    expect(channelsOf({ ...user, phoneTakes } as UserSeen)).toEqual(['email'])
  expect(askedBefore(assistance(), { ...user, phoneTakes: 'calls_only' }).channels).toEqual(['email'])
})
