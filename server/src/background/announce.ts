/** What follows an ending: whoever must hear of it is written to, exactly once; and the warning at 13:00. */
import {
  type EndedUnannounced,
  endingsToAnnounce,
  type Silence,
  silencesToWarn,
  takeAnnouncement,
} from '../assistance/aftermath.store.ts'
import { hold } from '../assistance/assistance.store.ts'
import { told } from '../assistance/assistance.ts'
import type { Outside } from '../assistance/outside.ts'
import { companionLink } from '../assistance/outside.ts'
import { contacts } from '../assistance/people.ts'
import { CoreSilent } from '../core/core.ts'
import { agentName } from '../identity/identity.store.ts'
import { endedMessage, warningMessage } from '../messages/message.ts'
import { enqueue, sealed } from '../messages/outbox.ts'
import { accept } from '../outcome.ts'
import { watchEnding } from '../oversight/watch.ts'
import type { Person } from '../policy/policy.ts'
import { known, system } from '../words.ts'

/** Writes to the users whose assistance ended; the number of endings announced. */
export async function announceEndings(outside: Outside): Promise<number> {
  const rows = await endingsToAnnounce(outside.db)
  let done = 0
  for (const row of rows) if (await announce(outside, row)) done += 1
  if (done > 0) outside.wake(['message'])
  return done
}

async function announce(outside: Outside, row: EndedUnannounced): Promise<boolean> {
  const channels = row.asked ? told(row.closed_in) : []
  const person = channels.length > 0 && row.user_id !== null ? await contact(outside, row.user_id) : undefined
  if (person === 'silent' && row.patient) return false
  const name = await agentName(outside.db, row.agent_id)
  return outside.db.transaction(async (tx) => {
    if (!(await takeAnnouncement(tx, row.id))) return false
    await watchEnding({ db: tx, policy: outside.policy }, { ...row, agentId: row.agent_id, userId: row.user_id })
    if (person && person !== 'silent') {
      const content = endedMessage(outside.vendor, {
        locale: person.locale,
        agentName: name,
        because: row.because,
        entered: row.closed_in === 'active',
        link: companionLink(outside, known.assistance(row.id)),
      })
      for (const to of contacts(person).filter(({ channel }) => channels.includes(channel))) {
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

/** At 13:00 without the user: one SMS to them (a mail where no SMS goes), once for each silence. */
export async function warnQuiet(outside: Outside): Promise<number> {
  let done = 0
  for (const silence of await silencesToWarn(outside.db)) {
    const person = await contact(outside, silence.user_id)
    if (person !== 'silent' && (await warn(outside, silence, person))) done += 1
  }
  if (done > 0) outside.wake(['message'])
  return done
}

async function warn(outside: Outside, { id: name, agent_name, proved_by }: Silence, person: Person | undefined) {
  const id = known.assistance(name)
  const outcome = await hold(outside.db, id, system('clock'), 'warning', async (assistance, desk) => {
    const { warnedFor, userSeenAt } = assistance
    if (assistance.state !== 'active' || warnedFor?.getTime() === userSeenAt.getTime()) return accept(false)
    const to = person && contacts(person).at(-1)
    if (person && to) {
      const link = companionLink(outside, id)
      const about = { locale: person.locale, agentName: agent_name, link, provedBy: proved_by }
      const content = warningMessage(outside.vendor, about)
      desk.send(sealed(outside.secrets, { purpose: 'warning', userId: person.id, ...to, content }))
    }
    desk.keep({ ...assistance, warnedFor: userSeenAt })
    desk.happened({ type: 'user.warned', actor: system('clock'), subject: assistance.userId })
    return accept(true)
  })
  return outcome.ok && outcome.value
}
