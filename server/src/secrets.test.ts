import { expect, test } from 'vitest'
import { drawDigits } from './secrets.ts'

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
