/** What another root key made opens nothing here: its links, codes and consents are none of ours. */
import { linkDigest, linkToken } from '../codes/link.ts'
import { type Database, statement } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { type Secrets, same } from '../secrets.ts'
import { known, system } from '../words.ts'

const open = statement('assistance.open_links', `select id, link_digest from assistance where state <> 'closed'`)

/** Ends what is open and was begun under another root, so that nothing stays that nobody could stop or extend; how many. */
export async function endOfAnotherRoot(db: Database, secrets: Secrets): Promise<number> {
  const rows = await db.query<{ id: string; link_digest: Buffer }>(open)
  const others = rows.filter(({ id, link_digest }) => {
    const ours = linkDigest(secrets, linkToken(secrets, id))
    return ours === undefined || !same(ours, link_digest)
  })
  for (const { id } of others) await close(db, known.assistance(id), { because: 'killed', actor: system('keys') })
  return others.length
}
