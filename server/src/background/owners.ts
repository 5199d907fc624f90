/** Writes to an ecosystem's owner who wants to be asked before anybody helps in it: once for each question. */
import { type Outside, reasonName } from '../assistance/outside.ts'
import { ownerOf } from '../assistance/owner.flow.ts'
import { contacts } from '../assistance/people.ts'
import { begunUnder, linkToken } from '../codes/link.ts'
import { enqueue, sealed } from '../messages/outbox.ts'
import { ownerAskedMessage } from '../messages/owner.ts'
import { takeApproval, timesAsked, untoldToOwners } from '../oversight/approvals.store.ts'
import { known } from '../words.ts'

/** The number of questions that went out. A Core that is silent is asked again; more than a day allows is not sent. */
export async function askOwners(outside: Outside): Promise<number> {
  let done = 0
  for (const row of await untoldToOwners(outside.db)) {
    const owner = await ownerOf(outside, { ownerId: row.owner_id }, '')
    if (owner === 'silent') continue
    const most = outside.messagesPerUserADay
    const flooded = most !== undefined && (await timesAsked(outside.db, row.owner_id)) > most
    await outside.db.transaction(async (tx) => {
      if (!(await takeApproval(tx, row.id)) || !owner || flooded) return
      const reason = { code: row.reason_code, ...(row.reason_name === null ? {} : { name: row.reason_name }) }
      const content = ownerAskedMessage(outside.vendor, {
        locale: owner.locale,
        agentName: row.agent_name,
        userName: row.user_name,
        ecosystemName: row.ecosystem_name,
        reason: reasonName(outside, reason),
        link: `${outside.companionOrigin}/o/${linkToken(begunUnder(outside.secrets, { id: row.id, linkDigest: row.link_digest }), row.id)}`,
      })
      for (const to of contacts(owner)) {
        const message = sealed(outside.secrets, { purpose: 'owner_asked', userId: owner.id, ...to, content })
        await enqueue(tx, [{ assistanceId: known.assistance(row.assistance_id), message }])
      }
      done += 1
    })
  }
  return done
}
