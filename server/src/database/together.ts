/**
 * Group commit: what comes while the last writing is under way is written by the next, all of it at once. Whoever comes while none
 * is under way does not wait for company.
 */

/**
 * Answers with the row that says what became of one, by its place (`ord`) among those that `write` was given. What was left out of a
 * group, and each of a group that could not be written, is written alone then, and keeps none of the others waiting.
 */
export function together<One, Row extends { readonly ord: number }>(
  write: (all: readonly One[], isTogether: boolean) => Promise<readonly Row[]>,
): (one: One) => Promise<Row | undefined> {
  // Also what throws before it asks anybody is a group that cannot be written.
  const written = async (all: readonly One[]) => write(all, true)
  let waiting: One[] = []
  let next: Promise<readonly Row[]> | undefined
  let underWay: Promise<unknown> = Promise.resolve()
  const writeAll = () => {
    const all = waiting
    waiting = []
    next = undefined
    const writing = written(all).catch(() => [])
    underWay = writing
    return writing
  }
  return async (one) => {
    const place = waiting.push(one) - 1
    next ??= underWay.then(writeAll)
    return (await next).find(({ ord }) => ord === place) ?? (await write([one], false))[0]
  }
}
