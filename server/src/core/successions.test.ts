import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { explain } from '../succession/explain.ts'
import type { Case } from '../succession/succession.ts'
import { reader } from '../succession/testing.ts'
import { timeline } from '../succession/timeline.ts'
import { type Successions, successions } from './successions.ts'
import { SuccessionsUnread } from './views.ts'

let fresh: FreshDatabase
let impatient: Database
let views: Successions
let clock = 0

beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  impatient = postgres(fresh.url, { max: 4, statementMs: 300 })
  views = successions(impatient, () => clock)
  await views.check()
})
afterEach(async () => {
  await impatient.close()
})

async function caseOf(ecosystem: string, from: Successions = views): Promise<Case> {
  const [head] = await from.casesOf(ecosystem)
  if (!head) throw new Error(`no succession in ${ecosystem}`)
  const [{ entries }, people] = await Promise.all([from.entriesOf(head.ref), from.peopleOf(head)])
  return { ...head, ...people, entries, acts: [], rivals: 0 }
}

/** The view with one thing changed, as the vendor might have it, and as it was again afterwards. */
async function withView(sql: string, work: (from: Successions, vendors: Database) => Promise<void>): Promise<void> {
  const sandbox = await freshDatabase()
  const db = postgres(sandbox.url, { max: 4, statementMs: 300 })
  try {
    await sandbox.db.query(sql)
    const from = successions(db, () => clock)
    await from.check()
    await work(from, sandbox.db)
  } finally {
    await db.close()
    await sandbox.close()
  }
}

test('the sample rejection reads as the reviewer left it: 47 days against 30, overdue, three rules passed', async () => {
  const one = await caseOf('cli_rejected')
  expect(one.owner.name).toBe('Ricardo Luna')
  expect(one.payment).toBe('overdue')
  const details = explain(one, 'e9', reader({ now: new Date() }))
  expect(details?.checks.map(({ mark, found, now }) => [mark, found, now]).slice(0, 2)).toEqual([
    ['✗', '47 days without activity', '50 days without activity'],
    ['✗', 'overdue', 'overdue'],
  ])
  expect(details?.checks.filter(({ mark }) => mark === '✓')).toHaveLength(3)
})

test('the sample has fifteen successions, and every one of them has a standing, entries and details in both languages', async () => {
  const rows = await fresh.db.query<{ ecosystem_id: string }>('select ecosystem_id from amparo_core.successions')
  expect(rows).toHaveLength(15)
  for (const { ecosystem_id } of rows) {
    const one = await caseOf(ecosystem_id)
    for (const language of ['en', 'es'] as const) {
      const to = reader({ language, now: new Date() })
      const list = timeline(one, to)
      expect(list.standing.sentence, ecosystem_id).toMatch(/\S/)
      expect(list.attempts.length, ecosystem_id).toBeGreaterThan(0)
      for (const { id } of list.attempts.flatMap(({ entries }) => entries))
        expect(explain(one, id, to)?.meaning).toMatch(/\S/)
    }
  }
})

test('whoever was named in a succession that is over has no place by it, and is nobody’s name, also where no view tells when it ended', async () => {
  const without = `
    drop view amparo_core.successions;
    create view amparo_core.successions as
      select ref as case_ref, clinic_id as ecosystem_id, owner_id as owner_user_id, heir_id as successor_user_id,
             heir_email as successor_email, state, blocked, attempt, due_at, opened_at from vendor.succession`
  await withView(without, async (from, vendors) => {
    const found = async (state: string) => {
      await vendors.query(`update vendor.succession set state = $1 where ref in ('SUC-REJECTED', 'SUC-BOUNCED')`, [
        state,
      ])
      return [(await from.places('per_successor_rejected')).length, await from.namesNobody('nobody@bounced.test')]
    }
    expect(from.off()).toEqual([])
    expect(await found('claim')).toEqual([1, true])
    for (const state of ['transferred', 'declined', 'revoked', 'rejected', 'expired', 'withdrawn'])
      expect([state, ...(await found(state))]).toEqual([state, 0, false])
    expect(await found('a word of the vendor’s')).toEqual([1, true])
  })
})

test('of the successions of an ecosystem the open one comes first, whenever the others began and whoever tells when they ended', async () => {
  const another = `
    insert into vendor.succession (ref, clinic_id, owner_id, heir_id, heir_email, state, blocked, attempt, opened_at)
    select 'SUC-LATER', clinic_id, owner_id, heir_id, heir_email, 'withdrawn', false, 1, opened_at + interval '1 hour'
      from vendor.succession where ref = 'SUC-REJECTED'`
  await withView(another, async (from) => {
    expect((await from.casesOf('cli_rejected')).map(({ ref }) => ref)).toEqual(['SUC-REJECTED', 'SUC-LATER'])
  })
})

test('a person finds the ecosystems that they own or are to take over, and nobody else’s', async () => {
  expect(await views.places('per_successor_rejected')).toEqual([
    { ecosystemId: 'cli_rejected', name: 'Clínica Luna', role: 'successor', status: 'active' },
  ])
  expect(await views.places('per_owner_rejected')).toMatchObject([{ role: 'owner' }])
  expect(await views.places('per_leo')).toEqual([])
  expect(await views.namesNobody('NOBODY@bounced.test')).toBe(true)
  expect(await views.namesNobody('successor@rejected.test')).toBe(false)
})

test.each([
  ['drop view amparo_core.succession_activity', /amparo_core\.succession_activity is missing\. Write: create view/],
  [
    `drop view amparo_core.successions; create view amparo_core.successions as select ref as case_ref, clinic_id as ecosystem_id,
       owner_id as owner_user_id, heir_email as successor_email, state, attempt, opened_at from vendor.succession`,
    /amparo_core\.successions has no column blocked \(boolean\)\. Add it to the view/,
  ],
  [
    `drop view amparo_core.succession_activity; create view amparo_core.succession_activity as select ref as case_ref, seq,
       at::timestamp as occurred_at, type, actor as actor_kind, words as source_text, ref as source_ref from vendor.succession_log`,
    /amparo_core\.succession_activity\.occurred_at is timestamp without time zone; it must be timestamptz\. Cast it/,
  ],
])(
  'a required view that is not as it must be switches Ecosystem Admin off with the sentence (%#)',
  async (sql, sentence) => {
    await withView(sql, async (from) => {
      expect(from.off()[0]).toMatch(sentence)
      await expect(from.casesOf('cli_rejected')).rejects.toThrow(SuccessionsUnread)
      await expect(from.places('per_owner_rejected')).rejects.toThrow(sentence)
    })
  },
)

test('an optional view that is missing or wrong takes its part away and nothing else', async () => {
  await withView(
    `drop view amparo_core.succession_checks; create view amparo_core.succession_checks as
       select ref as case_ref, seq, rule as check_key, result, observed from vendor.succession_check;
     drop view amparo_core.succession_messages`,
    async (from) => {
      expect(from.off()).toEqual([])
      expect(from.partsOff()).toEqual([
        'amparo_core.succession_checks has no column required (text). Add it to the view: … as required.',
        'amparo_core.succession_messages is not provided.',
      ])
      const details = explain(await caseOf('cli_rejected', from), 'e9', reader({ now: new Date() }))
      expect(details?.checksNote).toMatch(/as of now/)
      expect(details?.checks[0]?.now).toBe('50 days without activity')
    },
  )
})

test('columns that may be absent may be absent', async () => {
  await withView(
    `drop view amparo_core.successions; create view amparo_core.successions as select ref as case_ref, clinic_id as ecosystem_id,
       owner_id as owner_user_id, heir_email as successor_email, state, blocked, attempt, opened_at from vendor.succession`,
    async (from) => {
      expect(from.off()).toEqual([])
      expect((await from.casesOf('cli_rejected'))[0]).toMatchObject({ ref: 'SUC-REJECTED', blocked: true })
    },
  )
})

test('a view that hangs is named within its time, left alone for longer each time, and asked again afterwards', async () => {
  await withView(
    `create or replace view amparo_core.succession_activity as select ref as case_ref, seq, at as occurred_at, type, step as step_key,
       attempt as attempt_no, reason as reason_code, actor as actor_kind, actor_id, note as note_shareable, null::text as assistance_id,
       words || coalesce(pg_sleep(5)::text, '') as source_text, ref as source_ref from vendor.succession_log`,
    async (from) => {
      const began = performance.now()
      await expect(from.entriesOf('SUC-REJECTED')).rejects.toThrow(
        /amparo_core\.succession_activity did not answer in time/,
      )
      expect(performance.now() - began).toBeLessThan(20_000)
      const again = performance.now()
      await expect(from.entriesOf('SUC-REJECTED')).rejects.toThrow(/succession_activity did not answer/)
      // Asked again it would not have said so before two seconds were over.
      expect(performance.now() - again).toBeLessThan(1_500)
      const waits: (string | undefined)[] = []
      for (const passed of [0, 2_000, 4_000, 8_000, 16_000]) {
        clock += passed
        const why = await from.entriesOf('SUC-REJECTED').catch((error: Error) => error.message)
        waits.push(/again in (\d+) s/.exec(String(why))?.[1])
      }
      expect(waits).toEqual(['2', '4', '8', '16', '30'])
      expect((await from.casesOf('cli_rejected'))[0]?.ref).toBe('SUC-REJECTED')
    },
  )
})

test('the vendor’s release counts once, and a refusal comes back in the vendor’s words', async () => {
  const order = {
    caseRef: 'SUC-TWICE',
    requestId: 'rl_test',
    agent: 'Ana',
    reason: 'support.user_asked',
    note: 'mended',
  }
  expect(views.provides('release_succession')).toBe(true)
  expect(await views.call('release_succession', order)).toEqual({
    answer: 'done',
    stepKey: 'validation_review',
    attempt: 3,
  })
  const before = (await views.entriesOf('SUC-TWICE')).entries.length
  expect(await views.call('release_succession', order)).toMatchObject({ answer: 'done', attempt: 3 })
  expect((await views.entriesOf('SUC-TWICE')).entries).toHaveLength(before)
  expect(await views.call('release_succession', { ...order, requestId: 'rl_other' })).toEqual({
    answer: 'refused',
    why: 'Nothing is blocked.',
  })
})

test('a legacy table of sentences and status words is mapped by views alone: 200 rows, the unknown ones are notes, counted for the operator', async () => {
  await withView(readFileSync(new URL('../../../demo/legacy.sql', import.meta.url), 'utf8'), async (from) => {
    expect(from.off()).toEqual([])
    const heads = await from.casesOf('cli_sol')
    expect(heads).toHaveLength(20)
    const entries = (await Promise.all(heads.map(({ ref }) => from.entriesOf(ref)))).flatMap((each) => each.entries)
    expect(entries).toHaveLength(200)
    const notes = entries.filter((entry) => entry.type === 'note')
    expect(notes).toHaveLength(40)
    expect(new Set(notes.map((note) => note.sourceText))).toEqual(
      new Set(['Ticket #4711 cerrado por JM', 'Llamada con la señora, todo bien']),
    )
    const one = await caseOf('cli_sol', from)
    const list = timeline(one, reader({ now: new Date() }))
    const ids = list.attempts.flatMap((each) => each.entries)
    expect(ids).toHaveLength(10)
    for (const { id } of ids) expect(explain(one, id, reader())?.source?.ref).toMatch(/^legacy\.activity \d+$/)
    const report = await from.report()
    expect(report.views).toContainEqual({
      view: 'amparo_core.succession_activity',
      rows: 200,
      columns: 9,
      absent: ['attempt_no', 'actor_id', 'note_shareable', 'assistance_id'],
      newest: expect.any(Date),
      unknown: { rows: 40, wordings: expect.arrayContaining([{ text: 'Ticket #4711 cerrado por JM', rows: 20 }]) },
    })
    expect(report.samples.map(({ caseRef, entries }) => [caseRef, entries.length])).toEqual([
      ['LEG-20', 10],
      ['LEG-19', 10],
      ['LEG-18', 10],
    ])
  })
})
