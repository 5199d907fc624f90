/**
 * Who pressed: a person on our own page, something that only looks like one, or another site. Only what keeps a clock
 * alive asks; refusing and stopping never do.
 */

export interface Asking {
  header(name: string): string | undefined
}

/** A request that some other site's page made. `Origin: null` is our own page too: it sends no referrer. */
export function fromElsewhere({ header }: Asking, ourOrigin: string): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = header('origin')
  return origin !== undefined && origin !== 'null' && origin !== ourOrigin
}

/**
 * A post from a browser that nobody pressed a button for: a mail scanner that runs scripts and sends forms. Scripts
 * that are no browser (they name neither site nor destination) are taken at their word. `sure` is the confirmation
 * page's own field; it counts only where the browser's engine is not known to tell about its person.
 */
export function madeByMachine({ header }: Asking, sure: boolean): boolean {
  const browser =
    header('sec-fetch-site') !== undefined ||
    header('sec-fetch-dest') !== undefined ||
    header('sec-fetch-mode') === 'navigate'
  if (!browser || header('sec-fetch-user') === '?1') return false
  return !(sure && isWebKit(header('user-agent') ?? ''))
}

const isWebKit = (userAgent: string): boolean => userAgent.includes('AppleWebKit/') && !/Chrom(e|ium)\//.test(userAgent)
