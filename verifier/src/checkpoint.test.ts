/** A checkpoint as text: what is read, what is believed, and of whom. */
import { describe, expect, test } from 'vitest'
import published from '../vectors/checkpoint.json' with { type: 'json' }
import { type Checkpoint, checkpointIn, keyFrom, keyIdOf, keyText, noteOf, openNote, textOf } from './checkpoint.ts'
import { signer } from './testing.ts'
import { leafHash } from './tree.ts'

const ours = signer('acme.test/record')
const theirs = signer('acme.test/record')
const checkpoint: Checkpoint = {
  origin: 'acme.test/record',
  size: 70,
  root: leafHash('a'),
  at: '2026-11-22T09:41:00.000Z',
}
const noteBy = (by = ours) => noteOf(checkpoint, by.key, by.sign)
const root = checkpoint.root.toString('base64')
const signatureOf = (one: string) => one.slice(one.indexOf('\n\n') + 2)

describe('a key as text', () => {
  test('comes back as the key that it was', () => {
    expect(keyFrom(keyText(ours.key))).toEqual(ours.key)
    expect(keyFrom(` ${keyText(ours.key)}\n`)).toEqual(ours.key)
    expect(keyText(ours.key)).toMatch(/^acme\.test\/record\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/)
    expect(keyIdOf(ours.key)).toHaveLength(4)
  })

  test('is none with another name, another id, another kind, or a byte more or less', () => {
    const [, name = '', id, key = ''] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(keyText(ours.key)) ?? []
    const bytes = Buffer.from(key, 'base64')
    const wrapped = (changed: Buffer, as = id) => `${name}+${as}+${changed.toString('base64')}`
    const idOf = (raw: Buffer) => keyIdOf({ name, raw }).toString('hex')
    expect(wrapped(bytes)).toBe(keyText(ours.key))
    for (const no of [
      '',
      'nonsense',
      `other${keyText(ours.key)}`,
      `a b+${id}+${key}`,
      `+${id}+${key}`,
      `${name}+${id}`,
      `${name}+${id}+`,
      `${name}+00000000+${key}`,
      `${name}+${id}0+${key}`,
      `x ${keyText(ours.key)}`,
      `${keyText(ours.key)} x`,
      wrapped(Buffer.concat([Buffer.from([2]), bytes.subarray(1)])),
      wrapped(bytes.subarray(0, 32), idOf(bytes.subarray(1, 32))),
      wrapped(Buffer.concat([bytes, Buffer.from([0])]), idOf(Buffer.concat([bytes.subarray(1), Buffer.from([0])]))),
    ])
      expect(keyFrom(no), no).toBeUndefined()
  })
})

describe('a note', () => {
  test('says origin, size, root and time, a line each, and its signature under an empty one', () => {
    expect(textOf(checkpoint)).toBe(`acme.test/record\n70\n${root}\nat 2026-11-22T09:41:00.000Z\n`)
    expect(noteBy()).toMatch(/^acme\.test\/record\n70\n.{44}\nat .{24}\n\n— acme\.test\/record [A-Za-z0-9+/]+=*\n$/)
    expect(openNote(noteBy(), [ours.key])).toEqual({ ok: true, checkpoint })
    expect(openNote(noteBy(), [theirs.key, ours.key])).toEqual({ ok: true, checkpoint })
  })

  test('is believed of nobody whose key was not given, also under the same name', () => {
    expect(openNote(noteBy(), [])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(noteBy(), [theirs.key])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(noteBy(), [{ ...ours.key, name: 'other' }])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(`${textOf(checkpoint)}\n`, [ours.key])).toEqual({ ok: false, why: 'unknown_key' })
  })

  test('is not believed with a signature of ours that belongs to another text', () => {
    const other = noteOf({ ...checkpoint, size: 71 }, ours.key, ours.sign)
    const mixed = `${textOf(checkpoint)}\n${signatureOf(other)}`
    expect(openNote(mixed, [ours.key])).toEqual({ ok: false, why: 'wrong_signature' })
    expect(openNote(`${noteBy()}${signatureOf(other)}`, [ours.key])).toEqual({ ok: false, why: 'wrong_signature' })
  })

  test('may be signed by others too: what is not known is passed over, and what is no signature as well', () => {
    const both = `${noteBy()}${signatureOf(noteBy(theirs))}`
    expect(openNote(both, [ours.key])).toEqual({ ok: true, checkpoint })
    expect(openNote(both, [ours.key, theirs.key])).toEqual({ ok: true, checkpoint })
    const witness = '— witness.test AAAAAAAA\n— witness AAAA BBBB\nwords\n'
    expect(openNote(`${noteBy()}${witness}`, [ours.key])).toEqual({ ok: true, checkpoint })
    const signature = signatureOf(noteBy()).split(' ').at(-1) ?? ''
    const shorter = Buffer.from(signature, 'base64').subarray(0, 40).toString('base64')
    expect(openNote(noteBy().replace(signature.trim(), shorter), [ours.key])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(noteBy().replace('— ', '- '), [ours.key])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(noteBy().replace('\n— ', '\nx— '), [ours.key])).toEqual({ ok: false, why: 'unknown_key' })
    expect(openNote(noteBy().replace(/\n$/, ' x\n'), [ours.key])).toEqual({ ok: false, why: 'unknown_key' })
  })

  test.each([
    ['an empty record', { count: '0' }, true],
    ['a count of sixteen figures', { count: '9'.repeat(16) }, true],
    ['a count of seventeen', { count: '9'.repeat(17) }, false],
    ['a count with a nought before it', { count: '070' }, false],
    ['a count below nought', { count: '-1' }, false],
    ['half a count', { count: '7.5' }, false],
    ['no count', { count: '' }, false],
    ['a name with a space', { origin: 'acme test' }, false],
    ['no name', { origin: '' }, false],
    ['a root a byte too short', { root: Buffer.alloc(31).toString('base64') }, false],
    ['a root a byte too long', { root: Buffer.alloc(33).toString('base64') }, false],
    ['a root that is written in two ways', { root: root.replace('=', '') }, false],
    ['a time to the second', { at: 'at 2026-11-22T09:41:00Z' }, true],
    ['a time of another place', { at: 'at 2026-11-22T09:41:00+01:00' }, false],
    ['a day alone', { at: 'at 2026-11-22' }, false],
    ['a time that is not called one', { at: '2026-11-22T09:41:00Z' }, false],
    ['a time within other words', { at: 'not at 2026-11-22T09:41:00Z' }, false],
    ['a time and other words', { at: 'at 2026-11-22T09:41:00Z or so' }, false],
    ['a line more', { at: 'at 2026-11-22T09:41:00Z\nand more' }, false],
  ])('with %s is read or not', (_what, changed, read) => {
    const {
      origin,
      count,
      root: encoded,
      at,
    } = { origin: 'a', count: '7', root, at: 'at 2026-11-22T09:41:00Z', ...changed }
    expect(checkpointIn(`${origin}\n${count}\n${encoded}\n${at}\n\n— a AAAA\n`) !== undefined).toBe(read)
    expect(openNote(`${origin}\n${count}\n${encoded}\n${at}\n\n— a AAAA\n`, [ours.key]).ok).toBe(false)
  })

  test('that is cut off anywhere is none', () => {
    for (const cut of ['', 'a', 'a\n7', `a\n7\n${root}`, 'a\n7\n\nat 2026-11-22T09:41:00Z'])
      expect(openNote(cut, [ours.key])).toEqual({ ok: false, why: 'malformed' })
  })
})

test('the published checkpoint opens with its key, and with one changed letter it does not', () => {
  const key = keyFrom(published.key)
  if (!key) throw new Error('a key')
  expect(keyText(key)).toBe(published.key)
  expect(openNote(published.note, [key])).toMatchObject({
    ok: true,
    checkpoint: { size: published.size, at: published.at },
  })
  for (let at = 0; at < published.note.length - 1; at += 1) {
    const letter = published.note[at] === 'A' ? 'B' : 'A'
    expect(
      openNote(published.note.slice(0, at) + letter + published.note.slice(at + 1), [key]).ok,
      `letter ${at}`,
    ).toBe(false)
  }
})
