/** What follows an ending: whoever must hear of it is written to, exactly once; and the warning at 13:00. */
import type { Channel } from '@amparo/contract/words'
import {
  type EndedUnannounced,
  endingsToAnnounce,
  silencesToWarn,
  takeAnnouncement,
  takeWarning,
} from '../assistance/aftermath.store.ts'
import { told } from '../assistance/assistance.ts'
import type { Outside } from '../assistance/outside.ts'
import { companionLink } from '../assistance/outside.ts'
import { contacts } from '../assistance/people.ts'
import { CoreSilent } from '../core/core.ts'
import { note } from '../desk/note.ts'
import { agentName } from '../identity/identity.store.ts'
import { endedMessage, warningMessage } from '../messages/message.ts'
import { enqueue, sealed } from '../messages/outbox.ts'
import type { Person } from '../policy/policy.ts'
import { known, system } from '../words.ts'

/** Writes to the users whose assistance ended; the number of endings announced. */
export async function announceEndings(outside: Outside): Promise<number> {
  const rows = await endingsToAnnounce(outside.db)
  let done = 0
  for (const row of rows) if (await announce(outside, row)) done += 1
  return done
}

async function announce(outside: Outside, row: EndedUnannounced): Promise<boolean> {
  const channels = told(row.closed_in)
  const person = channels.length > 0 && row.user_id !== null ? await contact(outside, row.user_id) : undefined
  if (person === 'silent' && row.patient) return false
  const name = await agentName(outside.db, row.agent_id)
  return outside.db.transaction(async (tx) => {
    if (!(await takeAnnouncement(tx, row.id))) return false
    if (person && person !== 'silent') {
      const content = endedMessage(outside.vendor, {
        locale: person.locale,
        agentName: name,
        because: row.because,
        entered: row.closed_in === 'active',
        link: companionLink(outside, known.assistance(row.id)),
      })
      for (const to of addresses(person, channels)) {
        const message = sealed(outside.secrets, { purpose: 'ended', userId: person.id, ...to, content })
        await enqueue(tx, { assistanceId: known.assistance(row.id), message })
      }
    }
    return true
  })
}

async function contact(outside: Outside, userId: string): Promise<Person | 'silent' | undefined> {
  try {
    const found = await outside.core.person(userId)
    return found.found === 'one' ? found.person : undefined
  } catch (error) {
    if (error instanceof CoreSilent) return 'silent'
    throw error
  }
}

const addresses = (person: Person, channels: readonly Channel[]) =>
  contacts(person).filter((to) => channels.includes(to.channel))

/** At 13:00 without the user: one SMS to them (a mail where no SMS goes), once for each silence. */
export async function warnQuiet(outside: Outside): Promise<number> {
  const rows = await silencesToWarn(outside.db)
  let done = 0
  for (const row of rows) {
    const person = await contact(outside, row.user_id)
    if (person === 'silent') continue
    const name = await agentName(outside.db, row.agent_id)
    const id = known.assistance(row.id)
    const sent = await outside.db.transaction(async (tx) => {
      if (!(await takeWarning(tx, row.id))) return false
      const [to] = person ? addresses(person, ['email', 'sms']).reverse() : []
      if (person && to) {
        const content = warningMessage(outside.vendor, {
          locale: person.locale,
          agentName: name,
          link: companionLink(outside, id),
          provedBy: row.proved_by,
        })
        await enqueue(tx, {
          assistanceId: id,
          message: sealed(outside.secrets, { purpose: 'warning', userId: person.id, ...to, content }),
        })
      }
      await note(tx, id, { type: 'user.warned', actor: system('clock'), subject: row.user_id })
      return true
    })
    if (sent) done += 1
  }
  return done
}
