/** The headers of pages that are shown, or were shown a moment ago, to an agent as the user. */

/** On the assisted host only; without `Domain`, so that no sibling host can set or read it. */
export const assistedCookie = '__Host-assisted'

export const assistedHeaders = {
  // Nothing stays in a cache, nor in the browser's memory of pages to go back to.
  'Cache-Control': 'no-store',
  // What the banner needs is 'self'. `worker-src`: a service worker could answer after the end.
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "worker-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // Not `no-referrer`: with it browsers send `Origin: null` with the surface's own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

/** For the cover page. Never `"cookies"`: from a sibling host that would delete the console's cookie too. */
export const endedHeaders = { ...assistedHeaders, 'Clear-Site-Data': '"cache", "storage"' } as const
