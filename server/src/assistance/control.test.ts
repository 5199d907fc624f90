/** The customer's own control, a colleague who takes over, and whether something is ours. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { askOwners } from '../background/owners.ts'
import { watchCore } from '../background/watch.ts'
import { linkToken, referenceOf } from '../codes/link.ts'
import { end } from '../companion/companion.flow.ts'
import { ownerSays, questionOf } from '../companion/owner.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { approvalsOf } from '../oversight/approvals.store.ts'
import { presets } from '../policy/policy.ts'
import { secretsFrom } from '../secrets.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { type AssistanceId, known } from '../words.ts'
import { correctUser } from './assistance.flow.ts'
import { askConsent, askPresence, chooseEcosystem, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import { askGlass } from './glass.flow.ts'
import { offer, offers, takeOver } from './handover.flow.ts'
import { addNote } from './notes.flow.ts'
import type { Outside } from './outside.ts'
import { whatIsOurs } from './reference.flow.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  pageOf,
  provedAgent,
  right,
  story,
  testOutside,
} from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const leo = 'leo@clinica-sol.test'
const surfaces = () => ({ ...outside, issuerOrigin: 'https://assist.acme.test' })
const says = (word: string | null, clinic = 'cli_sol') =>
  fresh.db.query('update vendor.clinic set support_access = $1 where id = $2', [word, clinic])
const sentTo = async (id: AssistanceId, user: string) =>
  (
    await fresh.db.query<{ purpose: string }>(
      'select purpose from outbox where assistance_id = $1 and user_id = $2 order by created_at',
      [id, user],
    )
  ).map(({ purpose }) => purpose)
const watched = () =>
  watchCore(
    outside,
    async () => false,
    () => performance.now(),
  ).run()

describe('an owner who switched support access off', () => {
  beforeEach(() => says(null))

  test('nothing of it is reachable: no choice, no message to its member, no launch, no presence, no look without a consent', async () => {
    const agent = await agentAtDesk(outside)
    await says('off')
    const id = await provedAgent(outside, agent, leo)
    const seen = await viewOf(outside, id)
    expect(seen?.user).toMatchObject({ assistable: false, why: 'support_off' })
    expect(seen?.ecosystems).toMatchObject([{ id: 'cli_sol', support: 'off', offers: [] }])
    expect(await askConsent(outside, agent, id, {})).toMatchObject({ ok: false })
    const glass = {
      ...outside,
      policy: { ...presets.standard, breakGlass: { roles: ['agent:technical'], minutes: 30 } },
    } as const
    expect(await askGlass(glass, agent, id, { note: 'Nobody answers' })).toMatchObject({
      refusal: 'ecosystem.support_off',
    })
    expect(await sentTo(id, 'per_leo')).toEqual([])
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
  })

  test('switched off after the look-up, before the yes and after it: each next step is refused, and ends what the user was asked for', async () => {
    const agent = await agentAtDesk(outside)
    const asked = async () => {
      await says(null)
      const one = await provedAgent(outside, agent, leo)
      right(await askConsent(outside, agent, one, {}))
      return [one, await digitsSent(outside, one, 'consent')] as const
    }
    const agreed = async () => {
      const [one, code] = await asked()
      right(await proveUser(outside, agent, one, { code }))
      return one
    }
    const id = await provedAgent(outside, agent, leo)
    await says('off')
    expect(await askConsent(outside, agent, id, {})).toMatchObject({ refusal: 'ecosystem.support_off' })
    expect(await sentTo(id, 'per_leo')).toEqual([])
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))

    const refusesAndEnds = async (one: AssistanceId, step: () => Promise<unknown>) => {
      await says('off')
      expect(await step()).toMatchObject({ refusal: 'ecosystem.support_off' })
      expect(await viewOf(outside, one)).toMatchObject({ state: 'closed', because: 'access_withdrawn' })
    }
    const [two, code] = await asked()
    await refusesAndEnds(two, () => proveUser(outside, agent, two, { code }))
    const three = await agreed()
    await refusesAndEnds(three, () => launch(surfaces(), agent, three, 'web'))
    const four = await agreed()
    await refusesAndEnds(four, () => askPresence(outside, agent, four))
    const five = await agreed()
    await says('off')
    await watched()
    expect(await viewOf(outside, five)).toMatchObject({ state: 'closed', because: 'access_withdrawn' })
  })

  test('a word that is none of ours is a no', async () => {
    const agent = await agentAtDesk(outside)
    await says('perhaps')
    const id = await provedAgent(outside, agent, leo)
    expect((await viewOf(outside, id))?.user).toMatchObject({ assistable: false, why: 'support_off' })
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
  })

  test('a person of two ecosystems is helped in the one that allows it', async () => {
    const agent = await agentAtDesk(outside)
    await says(null)
    const [{ email } = { email: '' }] = await fresh.db.query<{ email: string }>(
      `select u.email from amparo_core.users u join amparo_core.memberships m using (user_id) join amparo_core.ecosystems e using (ecosystem_id)
        where m.active and u.status = 'active' and e.status = 'active' and not u.is_staff
          and (select count(*) from amparo_core.users o where lower(o.email) = lower(u.email)) = 1
        group by u.email having count(*) > 1 limit 1`,
    )
    const id = await provedAgent(outside, agent, email)
    const [one, two] = (await viewOf(outside, id))?.ecosystems ?? []
    expect(two).toBeDefined()
    await says('off', one?.id)
    right(await correctUser(outside, agent, id, email))
    expect(await chooseEcosystem(outside, agent, id, one?.id ?? '')).toMatchObject({ refusal: 'ecosystem.support_off' })
    right(await chooseEcosystem(outside, agent, id, two?.id ?? ''))
    right(await askConsent(outside, agent, id, {}))
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
    await says(null, one?.id)
  })
})

describe('an owner who wants to be asked', () => {
  beforeEach(() => says('approve'))
  const ownersLink = async (id: AssistanceId) => {
    const [approval] = await approvalsOf(fresh.db, id)
    const row = await questionOf(fresh.db, outside.secrets, linkToken(outside.secrets, approval?.id ?? ''))
    if (!row) throw new Error('no question')
    return row
  }

  test('is written to before the member is, says yes on a page of their own, and is told as it begins', async () => {
    const agent = await agentAtDesk(outside)
    const id = await provedAgent(outside, agent, leo)
    for (let i = 0; i < 2; i += 1)
      expect(await askConsent(outside, agent, id, {})).toMatchObject({
        refusal: 'approval.needed',
        more: { why: 'owner' },
      })
    await Promise.all(Array.from({ length: 5 }, () => askOwners(outside)))
    expect(await sentTo(id, 'per_marta')).toEqual(['owner_asked', 'owner_asked'])
    expect(await sentTo(id, 'per_leo')).toEqual([])
    right(await ownerSays(fresh.db, await ownersLink(id), 'yes'))
    right(await askConsent(outside, agent, id, {}))
    right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
    expect(await sentTo(id, 'per_marta')).toEqual(['owner_asked', 'owner_asked', 'owner_told', 'owner_told'])
    right(await launch(surfaces(), agent, id, 'web'))
    right(await closeByDesk(outside, agent, id, { because: 'finished' }))
    expect(await ownerSays(fresh.db, await ownersLink(id), 'no')).toMatchObject({ refusal: 'assistance.closed' })
  })

  test('says no: nobody is written to, and the same is not asked again; twenty answers at once are one', async () => {
    const agent = await agentAtDesk(outside)
    const id = await provedAgent(outside, agent, leo)
    await askConsent(outside, agent, id, {})
    const row = await ownersLink(id)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ownerSays(fresh.db, row, 'no')))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await askConsent(outside, agent, id, {})).toMatchObject({ refusal: 'approval.refused' })
    expect(await sentTo(id, 'per_leo')).toEqual([])
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
  })

  test('is not asked about themself, and is not told of it', async () => {
    const agent = await agentAtDesk(outside)
    const id = await askedUser(outside, agent, 'marta@clinica-sol.test', 'cli_sol')
    right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
    expect(await sentTo(id, 'per_marta')).not.toContain('owner_told')
    right(await closeByDesk(outside, agent, id, { because: 'finished' }))
  })
})

test('an owner who wants to be told is, in the statement in which help begins', async () => {
  await says('told')
  const agent = await agentAtDesk(outside)
  const id = await activeFor(outside, agent, leo)
  expect(await sentTo(id, 'per_marta')).toEqual(['owner_told', 'owner_told'])
  right(await closeByDesk(outside, agent, id, { because: 'finished' }))
  await says(null)
})

describe('a colleague takes over', () => {
  test('with the user’s yes the first ends handed_over in that statement; notes go along, and the surfaces are shut', async () => {
    const [first, second] = [await agentAtDesk(outside), await agentAtDesk(outside)]
    const id = await activeFor(outside, first, leo)
    right(await addNote(outside, first, id, { text: 'Invoices of March are missing' }))
    expect(await takeOver(outside, second, id)).toMatchObject({ refusal: 'handover.not_offered' })
    right(await offer(outside, first, id, true, 'My shift ends'))
    expect(right(await offers(outside, second)).items).toMatchObject([
      { id, note: 'My shift ends', agent: { id: first.agentId } },
    ])
    expect(JSON.stringify(right(await offers(outside, second)))).not.toMatch(/Leo|leo@/)
    const next = known.assistance(right(await takeOver(outside, second, id)).id)
    expect(await takeOver(outside, await agentAtDesk(outside), id)).toMatchObject({ refusal: 'handover.not_offered' })
    expect((await viewOf(outside, next))?.notes).toEqual([])

    await proveAndAsk(second, next)
    expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
    expect((await viewOf(outside, next))?.notes.map(({ text }) => text)).toEqual([
      'Invoices of March are missing',
      'My shift ends',
    ])
    right(await proveUser(outside, second, next, { code: await digitsSent(outside, next, 'consent') }))
    expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'handed_over' })
    expect(await viewOf(outside, next)).toMatchObject({ state: 'active', handedFrom: { id } })
    expect(await launch(surfaces(), first, id, 'web')).toMatchObject({ ok: false })
    expect((await story(outside, id)).at(-1)).toBe('assistance.closed')
    right(await closeByDesk(outside, second, next, { because: 'finished' }))
  })

  test('a user who says no to the colleague keeps the first; the offer stands again, and can be taken back', async () => {
    const [first, second] = [await agentAtDesk(outside), await agentAtDesk(outside)]
    const id = await activeFor(outside, first, leo)
    right(await offer(outside, first, id, true))
    const next = known.assistance(right(await takeOver(outside, second, id)).id)
    await proveAndAsk(second, next)
    const { world, linked } = await pageOf(outside, next)
    right(await end(world, linked, 'decline'))
    expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
    expect(right(await offers(outside, second)).items).toHaveLength(1)
    right(await offer(outside, first, id, false))
    expect(await takeOver(outside, second, id)).toMatchObject({ refusal: 'handover.not_offered' })
    right(await closeByDesk(outside, first, id, { because: 'finished' }))
  })

  test('nobody takes over without the role, from themself, or twice at the same moment', async () => {
    const first = await agentAtDesk(outside)
    const id = await activeFor(outside, first, leo)
    right(await offer(outside, first, id, true))
    expect(await takeOver(outside, first, id)).toMatchObject({ refusal: 'handover.not_offered' })
    expect(await takeOver(outside, await agentAtDesk(outside, ['agent:succession']), id)).toMatchObject({
      refusal: 'agent.not_allowed',
    })
    expect(await offer(outside, await agentAtDesk(outside), id, false)).toMatchObject({ refusal: 'assistance.unknown' })
    right(await closeByDesk(outside, first, id, { because: 'finished' }))
  })

  async function proveAndAsk(agent: Awaited<ReturnType<typeof agentAtDesk>>, id: AssistanceId) {
    const { proveAgent, sendAgentCode } = await import('./assistance.flow.ts')
    right(await sendAgentCode(outside, agent, id))
    right(await proveAgent(outside, agent, id, await digitsSent(outside, id, 'agent')))
    right(await askConsent(outside, agent, id, {}))
  }
})

describe('is this ours?', () => {
  const ask = (text: string) => whatIsOurs({ ...outside, mailFrom: 'Acme Support <help@acme.test>' }, text)

  test('a reference or a link of a message that went out is, however it is typed; before that it is not', async () => {
    const agent = await agentAtDesk(outside)
    const id = await opened(outside, agent, leo)
    const reference = referenceOf(outside.secrets, id)
    expect(await ask(reference)).toBe('unknown')
    right(await closeByDesk(outside, agent, id, { because: 'cancelled' }))
    const asked = await askedUser(outside, agent, leo)
    const [one, link] = [referenceOf(outside.secrets, asked), linkToken(outside.secrets, asked)]
    for (const text of [
      one,
      one.toLowerCase(),
      one.replace('-', ' '),
      ` ${one}\n`,
      link,
      `https://help.acme.test/c/${link}`,
      `help.acme.test/c/${link}?lang=es`,
    ])
      expect([text, await ask(text)]).toEqual([text, 'message'])
    right(await closeByDesk(outside, agent, asked, { because: 'cancelled' }))
    expect(await ask(one)).toBe('message')
    await fresh.advance(31 * 24 * 3_600_000)
    expect(await ask(one)).toBe('unknown')
  })

  test('our number and our sender are, and nothing else is', async () => {
    expect(await ask('+1 (212) 555-0100')).toBe('number')
    expect(await ask('HELP@acme.test')).toBe('sender')
    for (const text of [
      'BBBBB-CCCCC',
      '482913',
      '47',
      'help@acme.example',
      '+1 212 555 0101',
      '',
      '%',
      `${'x'.repeat(400)}`,
      "' or 1=1 --",
    ])
      expect([text, await ask(text)]).toEqual([text, 'unknown'])
  })

  test('what is asked is read for in the same way, whatever it is: one statement, and two digests of the same length', async () => {
    const seen: string[] = []
    const db = {
      ...fresh.db,
      query: (what: Parameters<typeof fresh.db.query>[0], values?: readonly unknown[]) => {
        const digests = (values ?? []).flat().map((value) => (Buffer.isBuffer(value) ? value.length : -1))
        seen.push(`${typeof what === 'string' ? what : what.name} ${digests.join()}`)
        return fresh.db.query(what, values)
      },
    } as typeof fresh.db
    for (const text of ['K7QFR-2M9XT', 'nonsense', '+1 212 555 0100', 'https://help.acme.test/c/BBBBBBBBBBBBB'])
      await whatIsOurs({ ...outside, db, mailFrom: 'help@acme.test' }, text)
    expect(new Set(seen)).toEqual(new Set(['reference.known 32,32']))
    // And while a former root counts, two more for it, whatever is asked.
    const secrets = secretsFrom(randomBytes(32), undefined, [{ key: randomBytes(32), until: new Date('2100-01-01') }])
    seen.length = 0
    for (const text of ['K7QFR-2M9XT', 'nonsense'])
      await whatIsOurs({ ...outside, secrets, db, mailFrom: 'help@acme.test' }, text)
    expect(new Set(seen)).toEqual(new Set(['reference.known 32,32,32,32']))
  })
})
