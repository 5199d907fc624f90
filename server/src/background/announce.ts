/** What follows an ending: whoever must hear of it is written to, exactly once; and the warning at 13:00. */
import type { Because, Channel } from '@amparo/contract/words'
import type { Outside } from '../assistance/assistance.flow.ts'
import { companionLink } from '../assistance/assistance.flow.ts'
import { maskEmail, maskPhone, told } from '../assistance/assistance.ts'
import { CoreSilent } from '../core/core.ts'
import { statement } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { agentName } from '../identity/identity.store.ts'
import { endedMessage, warningMessage } from '../messages/message.ts'
import { enqueue, sealed } from '../messages/outbox.ts'
import { takesSms } from '../messages/phone.ts'
import type { Person } from '../policy/policy.ts'
import { known, system } from '../words.ts'

interface EndedRow {
  id: string
  agent_id: string
  user_id: string | null
  because: Because
  closed_in: 'agent_verification' | 'user_lookup' | 'consent' | 'active'
  patient: boolean
}

const unannounced = statement(
  'announce.due',
  `
select id, agent_id, user_id, because, closed_in, closed_at > app_now() - interval '1 hour' as patient
  from assistance where state = 'closed' and announced_at is null order by closed_at limit 50`,
)
const announced = statement(
  'announce.done',
  `
update assistance set announced_at = app_now() where id = $1 and announced_at is null returning id`,
)

/** Writes to the users whose assistance ended; the number of endings announced. */
export async function announceEndings(outside: Outside): Promise<number> {
  const rows = await outside.db.query<EndedRow>(unannounced)
  let done = 0
  for (const row of rows) if (await announce(outside, row)) done += 1
  return done
}

async function announce(outside: Outside, row: EndedRow): Promise<boolean> {
  const channels = told(row.closed_in)
  const person = channels.length > 0 && row.user_id !== null ? await contact(outside, row.user_id) : undefined
  if (person === 'silent' && row.patient) return false
  const name = await agentName(outside.db, row.agent_id)
  return outside.db.transaction(async (tx) => {
    if ((await tx.query(announced, [row.id])).length === 0) return false
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

function addresses(person: Person, channels: readonly Channel[]) {
  const all = [
    { channel: 'email' as const, to: person.email, maskedTo: maskEmail(person.email) },
    ...(person.phone !== undefined && takesSms(person.phone)
      ? [{ channel: 'sms' as const, to: person.phone, maskedTo: maskPhone(person.phone) }]
      : []),
  ]
  return all.filter((to) => channels.includes(to.channel))
}

const toWarn = statement(
  'announce.to_warn',
  `
with t as materialized (select app_now() as now)
select a.id, a.agent_id, a.user_id, a.user_seen_at from assistance a, t
 where a.state = 'active' and a.look_at <= t.now + idle_limit() - idle_warning()
   and a.user_seen_at + idle_warning() <= t.now and ends_at(a) > t.now
   and a.warned_for is distinct from a.user_seen_at
 limit 50`,
)
const warned = statement(
  'announce.warned',
  `
update assistance set warned_for = user_seen_at where id = $1 and user_seen_at = $2 and warned_for is distinct from $2 returning id`,
)

/** At 13:00 without the user: one SMS to them (a mail where no SMS goes), once for each silence. */
export async function warnQuiet(outside: Outside): Promise<number> {
  const rows = await outside.db.query<{ id: string; agent_id: string; user_id: string; user_seen_at: Date }>(toWarn)
  let done = 0
  for (const row of rows) {
    const person = await contact(outside, row.user_id)
    if (person === 'silent') continue
    const name = await agentName(outside.db, row.agent_id)
    const id = known.assistance(row.id)
    const sent = await outside.db.transaction(async (tx) => {
      if ((await tx.query(warned, [row.id, row.user_seen_at])).length === 0) return false
      const [to] = person ? addresses(person, ['email', 'sms']).reverse() : []
      if (person && to) {
        const content = warningMessage(outside.vendor, {
          locale: person.locale,
          agentName: name,
          link: companionLink(outside, id),
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
