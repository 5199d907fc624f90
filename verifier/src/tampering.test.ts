/** Eight kinds of tampering, each at places all over a record: found, and the place named. `npm run test:record` in full. */
import { expect, test } from 'vitest'
import { examined, kinds, placesIn, whole } from './tampering.testing.ts'
import { signer } from './testing.ts'

const record = whole(signer(), 3000, 200)

test('a record that nobody touched is whole, also beside what somebody else kept of it', () => {
  expect(examined(record, record)).toMatchObject({ count: 0, entries: 3000, sound: 3000, witnesses: 1 })
})

test.each(kinds.map((kind) => [kind.name, kind] as const))(
  '%s is found, and its place named, wherever it is',
  (_, kind) => {
    for (const at of placesIn(3000, 12)) {
      const { count, faults } = examined(record, kind.tampered(record, at))
      expect([at, count > 0, faults[0] && kind.names(faults[0], at, record.every)]).toEqual([at, true, true])
    }
  },
)
