/** What a product's back end proves itself with: its secret, and for a while the one before it. */
import { type Database, statement } from '../database/database.ts'
import type { SurfaceClient } from '../policy/policy.ts'
import { newToken, same, tokenDigest } from '../secrets.ts'
import type { Client } from './asked.ts'

/** Which of a client's secrets this is; undefined where it is none. Unknown, wrong and right take the same time. */
export function secretShown(client: SurfaceClient | undefined, shown: string): 'now' | 'former' | undefined {
  const is = (known: string | undefined) => same(tokenDigest(shown), tokenDigest(known ?? newToken()))
  const [now, former] = [is(client?.secret), is(client?.former?.secret)]
  if (now) return 'now'
  return former ? 'former' : undefined
}

const early = statement('issuer.former_secret', 'select where app_now() < $1')

/**
 * Whether a client's former secret still counts, by the database's clock. That it was shown is told once in each process:
 * that product does not know its new one yet.
 */
export function formerSecrets(db: Database, tell: (about: { readonly surface: string }) => void) {
  const told = new Set<string>()
  return async ({ surface, client }: Client): Promise<boolean> => {
    if (!client.former || (await db.query(early, [client.former.until])).length === 0) return false
    if (!told.has(client.id)) tell({ surface: surface.id })
    told.add(client.id)
    return true
  }
}
