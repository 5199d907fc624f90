import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { known } from '../words.ts'
import type { Found } from './liveness.ts'
import { packing, readInOf, untilOf } from './packed.ts'
import { digestLength, shelf } from './shelf.ts'
import { aFound } from './testing.ts'

const assistanceId = known.assistance(`as_${'0'.repeat(24)}`)
const found: Found = {
  live: {
    sessionId: 'ss_1',
    sid: 'sid',
    surface: 'app',
    holder: 'phone',
    keyThumbprint: 'thumb',
    subject: 'per_zoë',
    agent: { id: 'ag_1', name: 'Ана "Робле" \\' },
    assistanceId,
    ecosystemId: 'eco_1',
    ecosystemName: '診療所',
    userName: '',
    locale: 'es',
    reason: { code: 'fault', name: { en: 'A fault', es: 'Un fallo' }, line: 'line\nof two' },
    powers: 'act',
    grants: [
      {
        id: 'pw_1',
        assistanceId,
        power: 'export',
        surfaces: ['app'],
        provedBy: 'page',
        codeId: 'cd_1',
        termsDigest: randomBytes(32),
        mac: randomBytes(32),
      },
    ],
    acr: 'urn:amparo:assisted:passkey:page',
    amr: ['pop', 'user', 'mfa'],
    endsAt: new Date(1),
    idleAt: new Date(2),
    now: new Date(3),
    scope: 'openid support:read support:act',
    iat: 4,
    exp: 5,
  },
  tokenDigest: randomBytes(32),
  clientId: 'client-app',
  until: 6,
  subjects: [assistanceId, 'ag_1', 'se_1', 'surface:app', 'ecosystem:eco_1'],
}

/** On a page of its own, somewhere in the middle. */
function laid(record: Uint8Array | undefined): readonly [Buffer, number] {
  const page = Buffer.alloc(5000, 0xee)
  page.set(record ?? [], 1234)
  return [page, 1234]
}

test.each([10_000, 0])(
  'a session comes out of memory as it went in, with the time of now (%i kinds shared)',
  (atMost) => {
    const { pack, unpack, subjects, clientId } = packing(atMost)
    const bare: Found = {
      ...found,
      live: {
        ...found.live,
        keyThumbprint: undefined,
        grants: [],
        reason: { code: 'fault', name: undefined, line: undefined },
      },
    }
    const empty: Found = { ...found, live: { ...found.live, reason: { ...found.live.reason, line: '' } } }
    const long: Found = {
      ...found,
      live: { ...found.live, userName: 'ñ'.repeat(127), ecosystemName: 'x'.repeat(254), subject: 'y'.repeat(253) },
    }
    const lengths = Array.from({ length: 130 }, (_, length): Found => {
      const sid = '-_aZ09'.repeat(30).slice(0, length)
      return { ...found, live: { ...found.live, sid } }
    })
    for (const one of [found, bare, empty, long, ...lengths]) {
      const at = laid(pack(one, 2 ** 40))
      expect(unpack(...at, 7)).toEqual({ ...one.live, now: new Date(7) })
      expect([subjects(...at), clientId(...at)]).toEqual([one.subjects, 'client-app'])
      expect([untilOf(...at), readInOf(...at)]).toEqual([6, 2 ** 40])
      expect(at[0].subarray(1234, 1234 + digestLength).equals(found.tokenDigest)).toBe(true)
    }
  },
)

test('what sessions have in common is kept once, and is nobody else’s', () => {
  const { pack, unpack, clientId } = packing()
  const other: Found = { ...found, live: { ...found.live, sid: 'other' } }
  const third: Found = { ...found, clientId: 'client-web', live: { ...found.live, amr: [...found.live.amr] } }
  const [a, b, c] = [found, other, third].map((one) => laid(pack(one, 1)))
  if (!a || !b || !c) throw new Error('unreachable: three')
  expect(unpack(...a, 1).amr).toBe(unpack(...b, 1).amr)
  expect(unpack(...c, 1).amr).not.toBe(unpack(...a, 1).amr)
  expect([clientId(...a), clientId(...b), clientId(...c)]).toEqual(['client-app', 'client-app', 'client-web'])
})

test('what no record can hold is not packed', () => {
  const line = 'ñ'.repeat(30_000)
  expect(
    packing().pack({ ...found, live: { ...found.live, reason: { ...found.live.reason, line } } }, 1),
  ).toBeUndefined()
})

test('a million sessions fit into 400 MB', () => {
  const [{ pack }, sessions, many] = [packing(), shelf(), 8000]
  for (let n = 0; n < many; n += 1) {
    const record = pack(aFound(), n)
    if (record) sessions.put(record)
  }
  expect(sessions.size()).toBe(many)
  expect(sessions.bytes() / many).toBeLessThan(400)
})
