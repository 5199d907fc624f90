/** How much of a wait is left, as a ring beside its words. Decoration: the words say the same. */
interface Props {
  /** From 1 (all of it) to 0 (over). */
  readonly part: number
}

const around = 2 * Math.PI * 8

export function Ring({ part }: Props) {
  const left = Math.min(1, Math.max(0, part)) * around
  return (
    <svg className="ring" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" />
      <circle className="rest" cx="10" cy="10" r="8" strokeDasharray={`${left.toFixed(1)} ${around.toFixed(1)}`} />
    </svg>
  )
}
