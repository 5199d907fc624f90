/** What follows an ending: whoever must hear of it is written to, exactly once; and the warning at 13:00. */
import {
  type EndedUnannounced,
  endingsToAnnounce,
  type Silence,
  silencesToWarn,
  takeAnnouncements,
} from '../assistance/aftermath.store.ts'
import { hold } from '../assistance/assistance.store.ts'
import { told } from '../assistance/assistance.ts'
import type { Outside } from '../assistance/outside.ts'
import { companionLink } from '../assistance/outside.ts'
import { contacts } from '../assistance/people.ts'
import { CoreSilent } from '../core/core.ts'
import type { NewMessage } from '../desk/desk.ts'
import { endedMessage } from '../messages/ended.ts'
import { warningMessage } from '../messages/message.ts'
import { enqueue, sealed } from '../messages/outbox.ts'
import { accept } from '../outcome.ts'
import { watchEnding } from '../oversight/watch.ts'
import type { Person } from '../policy/policy.ts'
import { known, system } from '../words.ts'

/** Writes to the users whose assistance ended; the number of endings announced. */
export async function announceEndings(outside: Outside): Promise<number> {
  const rows = await endingsToAnnounce(outside.db)
  const people = await peopleOf(outside, rows)
  // While the Core is silent, whoever would have to be found waits for a while.
  const waits = (row: EndedUnannounced) => people === 'silent' && row.patient && isTold(row)
  const tellings = rows.filter((row) => !waits(row)).map((row) => tellingOf(outside, row, people))
  const done = tellings.length > 0 ? await announce(outside, tellings) : 0
  if (done > 0) outside.wake(['message'])
  return done
}

/** By which ways the user of this ending is told of it. */
const waysOf = ({ asked, closed_in }: EndedUnannounced) => (asked ? told(closed_in) : [])

const isTold = (row: EndedUnannounced): boolean => row.user_id !== null && waysOf(row).length > 0

/** So many at once are few enough for a view that takes its time with each. */
const askedAtOnce = 25

async function peopleOf({ core }: Outside, rows: readonly EndedUnannounced[]) {
  const ids = rows.filter(isTold).flatMap(({ user_id }) => user_id ?? [])
  if (ids.length === 0) return new Map<string, Person>()
  const asked = [...new Set(ids)]
  const people = new Map<string, Person>()
  try {
    for (let from = 0; from < asked.length; from += askedAtOnce)
      for (const [id, person] of await core.people(asked.slice(from, from + askedAtOnce))) people.set(id, person)
    return people
  } catch (error) {
    if (error instanceof CoreSilent) return 'silent'
    throw error
  }
}

interface Telling {
  readonly ended: EndedUnannounced
  readonly messages: readonly NewMessage[]
}

/** What its user is told, where anybody knows how they can be reached. */
function tellingOf(outside: Outside, ended: EndedUnannounced, people: ReadonlyMap<string, Person> | 'silent'): Telling {
  const ways = waysOf(ended)
  const person = people === 'silent' ? undefined : people.get(ended.user_id ?? '')
  if (!person) return { ended, messages: [] }
  const content = endedMessage(outside.vendor, {
    locale: person.locale,
    agentName: ended.agent_name,
    because: ended.because,
    entered: ended.closed_in === 'active',
    link: companionLink(outside, { id: ended.id, linkDigest: ended.link_digest }),
  })
  const messages = contacts(person)
    .filter(({ channel }) => ways.includes(channel))
    .map((to) => sealed(outside.secrets, { purpose: 'ended', userId: person.id, ...to, content }))
  return { ended, messages }
}

/** Of all who announce the same endings at once, each ending is one's; how many were ours. */
const announce = (outside: Outside, tellings: readonly Telling[]): Promise<number> =>
  outside.db.transaction(async (tx) => {
    const taken = await takeAnnouncements(
      tx,
      tellings.map(({ ended }) => ended.id),
    )
    const ours = tellings.filter(({ ended }) => taken.has(ended.id)).sort(byAgent)
    for (const { ended } of ours)
      await watchEnding(
        { db: tx, policy: outside.policy },
        { ...ended, agentId: ended.agent_id, userId: ended.user_id },
      )
    await enqueue(
      tx,
      ours.flatMap(({ ended, messages }) =>
        messages.map((message) => ({ assistanceId: known.assistance(ended.id), message })),
      ),
    )
    return ours.length
  })

/** Alarms are about agents: in one order, nobody waits for somebody who waits for them. */
const byAgent = (one: Telling, other: Telling): number => (one.ended.agent_id < other.ended.agent_id ? -1 : 1)

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
      const link = companionLink(outside, assistance)
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
