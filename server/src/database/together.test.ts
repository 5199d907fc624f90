import { expect, test } from 'vitest'
import { together } from './together.ts'

/** Writes nothing, and remembers what it was asked to; a group is under way until it is let go. */
function aWriter(fails: (all: readonly string[], isTogether: boolean) => boolean = () => false) {
  const asked: string[] = []
  const underWay: (() => void)[] = []
  const write = together<string, { ord: number; text: string }>(async (all, isTogether) => {
    asked.push(`${isTogether ? 'group' : 'alone'} ${all.join(' ')}`)
    if (isTogether) await new Promise<void>((resolve) => underWay.push(resolve))
    if (fails(all, isTogether)) throw new Error('cannot be written')
    return all.flatMap((text, ord) => (isTogether && text === 'held' ? [] : [{ ord, text }]))
  })
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  /** Lets the group go that is under way, and waits for what follows from it. */
  const letGo = async () => {
    await settled()
    underWay.shift()?.()
    await settled()
  }
  return { asked, write, letGo }
}

test('who comes while nothing is written waits for no company; who comes meanwhile goes with the next, all of them at once', async () => {
  const { asked, write, letGo } = aWriter()
  const first = write('a')
  await Promise.resolve()
  expect(asked).toEqual(['group a'])
  const others = ['b', 'c', 'd'].map(write)
  await letGo()
  expect(await first).toEqual({ ord: 0, text: 'a' })
  expect(asked).toEqual(['group a', 'group b c d'])
  const late = write('e')
  await letGo()
  expect((await Promise.all(others)).map((row) => row?.text)).toEqual(['b', 'c', 'd'])
  await letGo()
  expect(await late).toEqual({ ord: 0, text: 'e' })
  expect(asked).toEqual(['group a', 'group b c d', 'group e'])
})

test('what was left out of a group is written alone, and the next group does not wait for it', async () => {
  const { asked, write, letGo } = aWriter()
  const both = ['a', 'held'].map(write)
  await Promise.resolve()
  const next = write('b')
  await letGo()
  expect(asked).toEqual(['group a held', 'group b', 'alone held'])
  expect((await Promise.all(both)).map((row) => row?.text)).toEqual(['a', 'held'])
  await letGo()
  expect(await next).toEqual({ ord: 0, text: 'b' })
})

test('of a group that cannot be written each is written alone, and one that fails takes no other with it', async () => {
  const { asked, write, letGo } = aWriter((all) => all.includes('bad'))
  const all = Promise.allSettled(['a', 'bad', 'b'].map(write))
  await Promise.resolve()
  await letGo()
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(asked).toEqual(['group a bad b', 'alone a', 'alone bad', 'alone b'])
  const again = write('c')
  await letGo()
  expect(await again).toEqual({ ord: 0, text: 'c' })
})

test('nor does one for which nothing could even be asked', async () => {
  const write = together<string, { ord: number; text: string }>((all) => {
    if (all.includes('bad')) throw new Error('not even asked')
    return Promise.resolve(all.map((text, ord) => ({ ord, text })))
  })
  const all = await Promise.allSettled(['a', 'bad', 'b'].map(write))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
