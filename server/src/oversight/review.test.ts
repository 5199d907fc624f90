/** What a user says of the help they had is looked at by somebody who had no part in it, and what was found is written down. */
import { alertSays } from '@amparo/contract/oversight'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, askedUser, pageOf, story, testOutside } from '../assistance/testing.ts'
import { announceEndings } from '../background/announce.ts'
import { end } from '../companion/companion.flow.ts'
import { putActs } from '../companion/companion.testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import type { AssistanceId } from '../words.ts'
import { alerts } from './alerts.store.ts'
import { closeReview, hasOpenReview, object, reviewFor, reviewsFor } from './review.store.ts'
import { supervisorAtDesk } from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const closes = (
  id: AssistanceId,
  by: Caller,
  about: 'reported' | 'objection',
  note = 'They called us: it was their colleague',
) =>
  closeReview(
    fresh.db,
    id,
    by.agentId,
    'not_justified',
    {
      type: 'review.closed',
      actor: { kind: 'agent', id: by.agentId },
      data: { about, finding: 'not_justified' },
      words: { note },
    },
    about,
  )
async function reported(id: AssistanceId): Promise<void> {
  const { world, linked } = await pageOf(outside, id)
  expect(await end(world, linked, 'not-me')).toMatchObject({ ok: true })
  // What asked them has left: nobody hears of an end before of the beginning.
  await fresh.db.query(`update outbox set state = 'sent', sealed = null where assistance_id = $1`, [id])
  await Promise.all(Array.from({ length: 5 }, () => announceEndings(outside)))
}

test('“I did not ask for this” opens one review that tells who, whom, what was opened and done meanwhile, and one alert', async () => {
  const [agent, sara] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await activeFor(outside, agent, 'leo@clinica-sol.test', 'cli_sol')
  await putActs(fresh.db, id, [
    { at: new Date(), surface: 'web', what: { en: 'Opened your invoices', es: 'Abrió sus facturas' }, count: 2 },
  ])
  await reported(id)
  const [review] = (await reviewsFor(fresh.db, sara.agentId)).filter(({ assistanceId }) => assistanceId === id)
  expect(review).toMatchObject({
    about: 'reported',
    agent: { id: agent.agentId, name: agent.name },
    userName: 'Leo Martín',
    ecosystemName: 'Clínica Sol',
    because: 'reported_by_user',
    opened: [],
    done: [{ surface: 'web', count: 2, what: { en: 'Opened your invoices' } }],
    mine: true,
  })
  expect((await story(outside, id)).filter((type) => type === 'review.opened')).toHaveLength(1)
  expect((await alerts(fresh.db, 'nobody')).filter((one) => one.assistanceId === id).map(({ kind }) => kind)).toEqual([
    'reported',
  ])
  expect(alertSays('reported', 'Ana', 0).en).toContain('has to be reviewed')
  // While a new version is installed, an old console meets what only the new one has words for.
  expect(alertSays('of_tomorrow', 'Ana', 0).en).toContain('concerns Ana')
})

test('its agent never closes it, nobody closes it twice, and what was found stands beside the record', async () => {
  const agent = await agentAtDesk(outside, ['agent:technical', 'supervisor'])
  const [sara, other] = [await supervisorAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await askedUser(outside, agent, 'leo@clinica-sol.test', 'cli_sol')
  await reported(id)
  expect(await reviewFor(fresh.db, id, agent.agentId, 'reported')).toMatchObject({ mine: false })
  expect(await closes(id, agent, 'reported')).toBe(false)
  const note = 'They called us: it was their colleague'
  const closed = await Promise.all(
    Array.from({ length: 20 }, (_, i) => closes(id, i % 2 ? sara : other, 'reported', note)),
  )
  expect(closed.filter(Boolean)).toHaveLength(1)
  expect(await reviewFor(fresh.db, id, sara.agentId, 'reported')).toMatchObject({
    mine: false,
    closed: { finding: 'not_justified', note },
  })
  expect((await story(outside, id)).filter((type) => type === 'review.closed')).toHaveLength(1)
  const [row] = await fresh.db.query<{ body: string }>(
    `select body from event where assistance_id = $1 and type = 'review.closed'`,
    [id],
  )
  expect(row?.body).toContain('"finding": "not_justified"')
  expect(row?.body).not.toContain(note)
})

test('a report and an objection about one help are two reviews, and neither keeps its agent from an emergency', async () => {
  const [agent, sara] = [await agentAtDesk(outside), await supervisorAtDesk(outside)]
  const id = await activeFor(outside, agent, 'leo@clinica-sol.test', 'cli_sol')
  await reported(id)
  const event = {
    type: 'objection.made',
    actor: { kind: 'user', id: 'per_leo' },
    subject: 'per_leo',
    words: { text: 'He saw my bills' },
  } as const
  expect(await object(fresh.db, id, event, agent.agentId)).toBe(true)
  expect(await object(fresh.db, id, event, agent.agentId)).toBe(false)
  expect(await reviewFor(fresh.db, id, sara.agentId, 'objection')).toMatchObject({
    said: 'He saw my bills',
    mine: true,
  })
  expect(await closes(id, sara, 'objection')).toBe(true)
  expect(await reviewFor(fresh.db, id, sara.agentId, 'reported')).toMatchObject({ mine: true })
  expect(await hasOpenReview(fresh.db, agent.agentId)).toBe(false)
})
