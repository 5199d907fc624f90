/**
 * Looking without a consent. It is worse than a consent on purpose: two supervisors say yes, each by a fresh proof; it is
 * looking and nothing else, for half an hour at the most; the user and the owner hear of it in the statement in which it
 * begins; and somebody who had no part in it has to review it before its agent can do it again.
 */
import type { GlassInput } from '@amparo/contract/oversight'
import { consentMac } from '../codes/consent.ts'
import { begunUnder } from '../codes/link.ts'
import type { Desk } from '../desk/desk.ts'
import { actorOf, type Caller } from '../door.ts'
import { sealed } from '../messages/outbox.ts'
import { glassMessage } from '../messages/owner.ts'
import { accept, refuse } from '../outcome.ts'
import { agreedBy, secondPerson } from '../oversight/approvals.flow.ts'
import { hasOpenReview, noteOf } from '../oversight/review.store.ts'
import { isTooWeak, type Membership, type Person } from '../policy/policy.ts'
import { type AssistanceId, known } from '../words.ts'
import { consentAsked, glassBroken, type Living, shownOf, termsOf } from './assistance.ts'
import { companionLink, digest256, type Outside, reasonName } from './outside.ts'
import { ownerOf } from './owner.flow.ts'
import { contacts, personNow } from './people.ts'
import { mayNotHelp, steps } from './step.ts'

/** Asks two supervisors. Nothing about the account can be seen before they have answered. */
export function askGlass(outside: Outside, caller: Caller, id: AssistanceId, { note, surfaces }: GlassInput) {
  return steps(outside, caller, id, 'break-glass', async (assistance, desk) => {
    const ready = await breakable(outside, caller, assistance, surfaces)
    if (!ready.ok) return ready
    const { next, about } = ready.value
    const asked = await secondPerson(outside, caller, {
      assistanceId: id,
      purpose: 'break_glass',
      about,
      whys: ['no_consent'],
      needed: 2,
      shown: shownOf(next),
      note,
    })
    if (asked && asked.refusal !== 'approval.needed') return asked
    desk.void('consent', 'match')
    // What two people are asked about stands in the row: changed, it would be another question.
    desk.keep({ ...assistance, surfaces: next.surfaces ?? [], powers: 'look', lengthMinutes: next.lengthMinutes })
    return accept({})
  })
}

/** Both have said yes: help begins, and everybody whom it concerns is told. */
export function breakGlass(outside: Outside, caller: Caller, id: AssistanceId) {
  return steps(outside, caller, id, 'break-glass', async (assistance, desk) => {
    const ready = await breakable(outside, caller, assistance, assistance.surfaces)
    if (!ready.ok) return ready
    const { next, about, text, person, membership } = ready.value
    const agreed = await agreedBy(outside.db, id, 'break_glass', about)
    if (!agreed.ok) return agreed
    const approval = agreed.value
    const owner = await ownerOf(outside, membership, person.id)
    if (owner === 'silent') return refuse('core.unavailable')

    const sealedBy = { assistanceId: id, termsDigest: about, provedBy: 'break_glass', codeId: approval } as const
    desk.void('consent', 'match')
    desk.consent({
      terms: text,
      termsDigest: about,
      provedBy: 'break_glass',
      approvalId: approval,
      mac: consentMac(begunUnder(outside.secrets, assistance), sealedBy),
    })
    desk.keep(glassBroken(next, desk.now, approval))
    desk.review()
    desk.alarm({ kind: 'break_glass', about: id, agentId: caller.agentId, userId: next.userId, hours: 1 })
    desk.happened({
      type: 'glass.broken',
      actor: actorOf(caller),
      subject: next.userId,
      data: {
        approval,
        terms: about.toString('hex'),
        minutes: next.lengthMinutes,
        surfaces: [...(next.surfaces ?? [])],
      },
    })
    const note = (await noteOf(outside.db, approval)) ?? ''
    tellAll(outside, caller, desk, next, note, [person, ...(owner ? [owner] : [])])
    return accept({})
  })
}

/** Whether this agent may do this here and now, and to what exactly: judged when it is asked, and again when it begins. */
async function breakable(outside: Outside, caller: Caller, assistance: Living, wanted: readonly string[] | undefined) {
  const { breakGlass: rule } = outside.policy
  if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
  if (assistance.kind !== 'technical' || !rule.roles.some((role) => caller.roles.includes(role)))
    return refuse('glass.not_allowed')
  const { found, ecosystemId } = assistance
  if (!found?.userId || !ecosystemId) return refuse('assistance.out_of_order')
  if (await hasOpenReview(outside.db, caller.agentId)) return refuse('glass.review_open')
  const now = await personNow(outside, 'technical', found.userId, ecosystemId)
  if (!now.ok) return now
  const { person, membership, buttons } = now.value
  const no = await mayNotHelp(outside, caller, person.email)
  if (no) return no
  const surfaces = buttons
    .map(({ id }) => id)
    .filter((id) => wanted === undefined || wanted.length === 0 || wanted.includes(id))
  if (surfaces.length === 0 || wanted?.some((id) => !surfaces.includes(id))) return refuse('surface.not_offered')
  if (membership && isTooWeak(outside.policy, assistance.agentMethod, membership, { surfaces, powers: 'look' }))
    return refuse('proof.too_weak')
  const next = consentAsked(assistance, found, found.userId, ecosystemId, {
    surfaces,
    powers: 'look',
    lengthMinutes: rule.minutes,
  })
  const text = termsOf(next)
  return accept({ next, text, about: digest256(text), person, membership: membership as Membership | undefined })
}

/** User and owner, by every channel that they have. It is no message that a day's limit could hold back. */
function tellAll(
  outside: Outside,
  caller: Caller,
  desk: Desk,
  next: ReturnType<typeof consentAsked>,
  note: string,
  [user, ...owners]: readonly Person[],
): void {
  const facts = {
    agentName: caller.name,
    userName: next.found.user.name,
    ecosystemName: next.found.ecosystems.find(({ id }) => id === next.ecosystemId)?.name ?? '',
    reason: reasonName(outside, next.reason),
    note,
    minutes: next.lengthMinutes,
  }
  const tell = (to: Person, link?: string) => {
    const content = glassMessage(outside.vendor, {
      ...facts,
      locale: to.locale,
      ...(link === undefined ? {} : { link }),
    })
    for (const target of contacts(to))
      desk.send(sealed(outside.secrets, { purpose: 'break_glass', userId: known.user(to.id), ...target, content }))
  }
  if (user) tell(user, companionLink(outside, next))
  for (const owner of owners) tell(owner)
}
