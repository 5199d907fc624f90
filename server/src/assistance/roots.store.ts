/** What a root key made that counts no more opens nothing here: its links, codes and consents are none of ours. */
import { isLinkOf } from '../codes/link.ts'
import { type Database, statement } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { type Secrets, underEveryRoot } from '../secrets.ts'
import { known, system } from '../words.ts'

const open = statement('assistance.open_links', `select id, link_digest from assistance where closed_at is null`)

/**
 * Ends what is open and was begun under neither the root of now nor a former one that still counts, so that nothing stays
 * that nobody could stop or extend; how many.
 */
export async function endOfAnotherRoot(db: Database, secrets: Secrets): Promise<number> {
  const roots = underEveryRoot(secrets)
  const rows = await db.query<{ id: string; link_digest: Buffer }>(open)
  const others = rows.filter(
    ({ id, link_digest: linkDigest }) => !roots.some((one) => isLinkOf(one, { id, linkDigest })),
  )
  for (const { id } of others) await close(db, known.assistance(id), { because: 'killed', actor: system('keys') })
  return others.length
}
