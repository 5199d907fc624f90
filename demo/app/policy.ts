/** What the browser may do on the App's pages, beyond what every page of the vendor's may. */
import { assistedHeaders } from '@amparo/relying-party/headers'

type Directive = 'script-src' | 'connect-src' | 'worker-src' | 'manifest-src'

function policy(more: Readonly<Partial<Record<Directive, string>>>): string {
  const usual = assistedHeaders['Content-Security-Policy'].split('; ')
  const kept = usual.filter((one) => !Object.keys(more).some((name) => one.startsWith(`${name} `)))
  return [...kept, ...Object.entries(more).map(([name, value]) => `${name} ${value}`)].join('; ')
}

/** Somebody's own pages: they may be installed, and their service worker is in their own folder. */
export const ownPolicy = policy({ 'manifest-src': "'self'", 'worker-src': "'self'" })

/** The page of help: the decoder is WebAssembly, the issuer is asked for the token. No service worker can come near it. */
export const helpPolicy = (issuer: string): string =>
  policy({
    'manifest-src': "'self'",
    'script-src': "'self' 'wasm-unsafe-eval'",
    'connect-src': `'self' ${new URL(issuer).origin}`,
  })
