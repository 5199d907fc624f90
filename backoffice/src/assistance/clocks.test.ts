import type { Assistance } from '@amparo/contract/assistance'
import { expect, test } from 'vitest'
import { endingClocks, milestoneAt, otherClocks } from './clocks.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const assistance = (deadlines: Partial<Assistance['deadlines']>, state: Assistance['state'] = 'active') =>
  ({ state, deadlines: { idleAt: at(15), warnAt: at(13), ...deadlines } }) as Assistance

test('the clock that ends the help first is the one in front', () => {
  expect(endingClocks(assistance({ maxAt: at(60) }), now).map((one) => one.what)).toEqual(['idle', 'max'])
  expect(endingClocks(assistance({ maxAt: at(5) }), now).map((one) => one.what)).toEqual(['max', 'idle'])
  expect(endingClocks(assistance({}), now)).toEqual([{ what: 'idle', left: 900_000 }])
  expect(endingClocks(assistance({ idleAt: at(-1) }), now)).toEqual([{ what: 'idle', left: 0 }])
  expect(endingClocks(assistance({ maxAt: at(60) }, 'closed'), now)).toEqual([])
})

test('where two supervisors let the agent look, nobody’s silence is counted: one clock, and nobody is to be asked to tap', () => {
  const alone = { ...assistance({ idleAt: at(30), maxAt: at(30) }), consentedBy: 'break_glass' } as Assistance
  expect(endingClocks(alone, now)).toEqual([{ what: 'max', left: 1_800_000 }])
})

test('clocks that end nothing are there only while they run', () => {
  expect(otherClocks(assistance({ codeExpiresAt: at(10), resendAt: at(-1) }), now).map((one) => one.what)).toEqual([
    'code',
  ])
  expect(otherClocks(assistance({}), now)).toEqual([])
})

test('the last two minutes have three milestones and no more', () => {
  const said = [121, 120, 61, 60, 21, 20, 0].map((seconds) => milestoneAt(seconds * 1000))
  expect(said).toEqual([undefined, 120_000, 120_000, 60_000, 60_000, 20_000, 20_000])
})
