import { createCipheriv, hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { drawDigits, secretsFrom } from './secrets.ts'

/** The critical value of chi-square with nine degrees of freedom at one in ten million. */
const critical = 51

test('a million codes are spread evenly over all digits and places, leading zeros among them', () => {
  const draws = 1_000_000
  const counts = Array.from({ length: 6 }, () => new Array<number>(10).fill(0))
  for (let draw = 0; draw < draws; draw += 1) {
    const code = drawDigits(6)
    if (code.length !== 6) throw new Error(code)
    for (let place = 0; place < 6; place += 1) {
      const column = counts[place]
      if (column) column[Number(code[place])] = (column[Number(code[place])] ?? 0) + 1
    }
  }
  const expected = draws / 10
  for (const column of counts) {
    expect(column.reduce((sum, count) => sum + count, 0)).toBe(draws)
    expect(column.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(critical)
  }
})

const [root, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const by = (fill: number) => ({ id: `${fill}`.repeat(16), key: Buffer.alloc(32, fill) })

test('what is sealed opens with its own key, about what it was sealed for, unaltered, and in no other way', () => {
  const secrets = secretsFrom(root)
  const sealed = secrets.seal('482913 für Müller', 'ob_1')
  expect(secrets.unseal(sealed, 'ob_1')).toBe('482913 für Müller')
  expect(() => secrets.unseal(sealed, 'ob_2')).toThrow()
  expect(() => secretsFrom(other).unseal(sealed, 'ob_1')).toThrow()
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = Buffer.from(sealed)
    altered[at] = (altered[at] ?? 0) ^ 1
    expect(() => secrets.unseal(altered, 'ob_1'), `byte ${at}`).toThrow()
  }
  for (const cut of [0, 1, 28, 69, sealed.length - 1])
    expect(() => secrets.unseal(sealed.subarray(0, cut), 'ob_1')).toThrow()
})

test('each sealed text has a data key of its own, and another sealing key opens the old ones without rewriting them', () => {
  const before = secretsFrom(root, { now: by(1), former: [] })
  const [one, two] = [before.seal('a', 'x'), before.seal('a', 'x')]
  expect(one.subarray(9, 69)).not.toEqual(two.subarray(9, 69))
  const after = secretsFrom(root, { now: by(2), former: [by(1)] })
  expect(after.unseal(one, 'x')).toBe('a')
  const again = after.rewrapped(one, 'x')
  expect(again?.subarray(69)).toEqual(one.subarray(69))
  expect(secretsFrom(root, { now: by(2), former: [] }).unseal(again ?? one, 'x')).toBe('a')
  expect(after.rewrapped(again ?? one, 'x')).toBeUndefined()
})

test('what was sealed before there were data keys opens still, also under another root, and is put into an envelope', () => {
  const key = Buffer.from(hkdfSync('sha256', root, '', 'amparo/seal/1', 32))
  const nonce = Buffer.alloc(12, 2)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('x'))
  const old = Buffer.concat([nonce, cipher.update('before'), cipher.final(), cipher.getAuthTag()])
  expect(secretsFrom(root).unseal(old, 'x')).toBe('before')
  const moved = secretsFrom(other, { now: by(1), former: [], before: [key] })
  expect(moved.unseal(old, 'x')).toBe('before')
  const again = moved.rewrapped(old, 'x')
  expect(secretsFrom(other, { now: by(1), former: [] }).unseal(again ?? old, 'x')).toBe('before')
})

test('no digest of one use serves as another, and none is had without the root', () => {
  const uses = ['code', 'link', 'say', 'match', 'consent', 'email', 'cookie', 'answer', 'handle'] as const
  const all = [root, other].flatMap((one) => uses.map((use) => secretsFrom(one).digest(use, 'same').toString('hex')))
  expect(new Set(all).size).toBe(all.length)
  expect(() => secretsFrom(Buffer.alloc(31))).toThrow('32 bytes')
})
