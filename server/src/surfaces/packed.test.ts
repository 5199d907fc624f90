import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { known } from '../words.ts'
import type { Found } from './liveness.ts'
import { packing, unpacked } from './packed.ts'

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

test('a session comes out of memory as it went in, with the time of now', () => {
  const { pack } = packing()
  const bare: Found = {
    ...found,
    live: {
      ...found.live,
      keyThumbprint: undefined,
      grants: [],
      reason: { code: 'fault', name: undefined, line: undefined },
    },
  }
  for (const one of [found, bare]) {
    const packed = pack(one)
    expect(unpacked(packed, 7)).toEqual({ live: { ...one.live, now: new Date(7) }, subjects: one.subjects })
    expect([packed.until, packed.shared.clientId]).toEqual([6, 'client-app'])
  }
})

test('what sessions have in common is kept once, and is nobody else’s', () => {
  const { pack } = packing()
  const other: Found = { ...found, live: { ...found.live, sid: 'other' } }
  const third: Found = { ...found, clientId: 'client-web' }
  expect(pack(found).shared).toBe(pack(other).shared)
  expect(pack(third).shared).not.toBe(pack(found).shared)
})
