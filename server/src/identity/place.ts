/**
 * From where somebody works, coarse enough to stay the same while they stay: the network around their address, and what
 * kind of browser it is on what system. Kept as a keyed digest, which tells neither to whoever has the database.
 */
import type { Place } from '../door.ts'
import { type Secrets, underEveryRoot } from '../secrets.ts'
import { browserWords } from './browser.ts'

export interface Whereabouts {
  /** Empty where places go by the browser alone. */
  readonly network: string
  readonly userAgent: string | undefined
}

/** The place of a request. */
export function placeOf(secrets: Secrets, { network, userAgent }: Whereabouts): Place {
  const text = JSON.stringify([kindOf(userAgent), network])
  const [now = secrets, ...former] = underEveryRoot(secrets)
  return [now.digest('place', text), ...former.map((one) => one.digest('place', text))]
}

const longestName = 40
/** Without versions, so that an update of the browser is no other place. What is no browser goes by its own first word. */
const kindOf = (userAgent = ''): string =>
  browserWords(userAgent) || (/^[A-Za-z][\w-]*/.exec(userAgent)?.[0] ?? '').slice(0, longestName)
