import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase, losingAnswers } from '../database/testing.ts'
import { sealingFrom, secretsFrom } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import { endedMessage } from './ended.ts'
import { type Carrier, deliverDue, enqueue, type Fate, type Letter, type Sealable, sealed } from './outbox.ts'
import { eventsOf, row, sampleAssistance, sampleCode } from './testing.ts'

const secrets = secretsFrom(Buffer.alloc(32, 7))
const content = endedMessage(
  { name: 'Acme', phone: '+1 212 555 0100' },
  { locale: 'en', agentName: 'Ana Robles', because: 'finished', entered: true, link: 'https://help.acme.test/c/X' },
)

let fresh: FreshDatabase
let db: Database
let assistanceId: AssistanceId
beforeEach(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  assistanceId = await sampleAssistance(db)
})
afterEach(() => fresh.close())

/** So many messages of a channel are under way at once. */
const hands = 16

/** A carrier that answers as told and remembers what it was given. */
function carrier(answer: (letter: Letter) => Fate | Promise<Fate> = ({ id }) => ({ fate: 'sent', ref: id })) {
  const letters: Letter[] = []
  const both: Carrier = {
    deliver: async (letter) => {
      letters.push(letter)
      return answer(letter)
    },
  }
  return { letters, carriers: { email: both, sms: both } }
}

async function queue(more: Partial<Sealable> = {}, by = secrets, of = assistanceId): Promise<string> {
  const message = sealed(by, {
    purpose: 'ended',
    channel: 'email',
    to: 'marta@clinica-sol.test',
    maskedTo: 'm•••@clinica-sol.test',
    userId: 'u_1',
    content,
    ...more,
  })
  await enqueue(db, [{ assistanceId: of, message }])
  return message.id
}

test('a delivered message is sent once, its body is erased and the record says so', async () => {
  const { letters, carriers } = carrier()
  const id = await queue()
  expect(await deliverDue({ db, secrets, carriers })).toBe(1)
  expect(await deliverDue({ db, secrets, carriers })).toBe(0)
  expect(letters).toEqual([{ id, to: 'marta@clinica-sol.test', channel: 'email', content }])
  expect(await row(db, id)).toMatchObject({ state: 'sent', sealed: null, provider_ref: id, error: null })
  const events = await eventsOf(db, assistanceId)
  expect(events.map(({ type, n }) => [type, n])).toEqual([['message.sent', 1]])
  expect(events[0]?.body).not.toContain('marta')
})

test('what somebody waits for goes out before what tells of endings, however many of them wait', async () => {
  for (let n = 0; n < 40; n += 1) await queue()
  const warning = await queue({ purpose: 'warning' })
  const code = await queue({ purpose: 'consent', codeId: await sampleCode(db, assistanceId) })
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers, limit: 2 })
  expect(letters.map(({ id }) => id).sort()).toEqual([warning, code].sort())
})

test('a long queue is taken from without reading the codes that there ever were', async () => {
  const code = await sampleCode(db, assistanceId)
  await db.query(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, void_at)
     select 'cd_old' || n, c.assistance_id, c.purpose, c.terms_digest, c.digest, 5, c.sent_at, c.expires_at, c.sent_at
       from code c, generate_series(1, 5000) n where c.id = $1`,
    [code],
  )
  await queue({ purpose: 'consent', codeId: code })
  await db.query(
    `insert into outbox (id, assistance_id, purpose, channel, masked_to, sealed, created_at, next_at)
     select 'ob_told' || n, o.assistance_id, 'ended', 'email', '', '\\x00', o.created_at, o.next_at from outbox o, generate_series(1, 2000) n`,
  )
  await db.query('analyze')
  const one = postgres(fresh.url, { max: 1 })
  const codesRead = async () => {
    await one.query('select pg_stat_force_next_flush()')
    const [read] = await one.query<{ n: number }>(
      `select (seq_tup_read + idx_tup_fetch)::int as n from pg_stat_user_tables where relname = 'code' and schemaname = 'amparo'`,
    )
    return read?.n ?? 0
  }
  const before = await codesRead()
  const { letters, carriers } = carrier()
  await deliverDue({ db: one, secrets, carriers, limit: 30 })
  expect(letters).toHaveLength(1)
  expect((await codesRead()) - before).toBeLessThan(100)
  await one.close()
})

test('a sealed body is unreadable without the key and under any id but its own', async () => {
  const id = await queue()
  const other = await queue()
  const body = (await row(db, id))?.sealed ?? Buffer.alloc(0)
  expect(body.toString('latin1')).not.toMatch(/marta@|Ana Robles|help\.acme/)
  expect(() => secretsFrom(Buffer.alloc(32, 8)).unseal(body, id)).toThrow()
  expect(() => secrets.unseal(body, other)).toThrow()

  await db.query('update outbox set sealed = $2 where id = $1', [other, body])
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers })
  expect(letters.map((letter) => letter.id)).toEqual([id])
  expect(await row(db, other)).toMatchObject({ state: 'failed', sealed: null })
})

test('what another server sealed with a key that this one does not know yet waits, and that one delivers it', async () => {
  const root = Buffer.alloc(32, 7)
  const next = { id: '0123456789abcdef', key: Buffer.alloc(32, 9) }
  const knows = secretsFrom(root, { now: next, former: [sealingFrom(root).now] })
  const id = await queue({}, knows)
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers })
  expect([letters, await row(db, id)]).toMatchObject([[], { state: 'queued', error: 'unreadable' }])
  await fresh.advance(3_000)
  expect(await deliverDue({ db, secrets: knows, carriers })).toBe(1)
  expect([letters.map((letter) => letter.id), await row(db, id)]).toMatchObject([[id], { state: 'sent', error: null }])
})

test('two workers on one queue deliver each message once', async () => {
  const ids: string[] = []
  for (let at = 0; at < 60; at += 1) ids.push(await queue())
  const { letters, carriers } = carrier(async ({ id }) => {
    await pause(5)
    return { fate: 'sent', ref: id }
  })
  const work = () => deliverDue({ db, secrets, carriers })
  const took = await Promise.all([work(), work(), work()])
  expect(took.reduce((a, b) => a + b)).toBe(60)
  expect(letters.map(({ id }) => id).sort()).toEqual(ids.sort())
  expect((await eventsOf(db, assistanceId)).map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
})

test('nobody looks for more once nothing was left and all that was taken is settled', async () => {
  let settled = 0
  const settledAtLook: number[] = []
  const heard: Database = {
    ...db,
    query: async (what, values) => {
      const name = typeof what === 'string' ? what : what.name
      if (name.startsWith('outbox.claim')) settledAtLook.push(settled)
      const rows = await db.query<never>(what, values)
      if (name === 'outbox.settled') settled += rows.length
      return rows
    },
  }
  await queue()
  await queue({ channel: 'sms', to: '+12125550100' })
  expect(await deliverDue({ db: heard, secrets, carriers: carrier().carriers })).toBe(2)
  expect(settled).toBe(2)
  expect(settledAtLook).toContain(0)
  expect(settledAtLook).not.toContain(2)
})

/** The database, and the names of what it is asked. */
function overheard() {
  const asked: string[] = []
  const heard: Database = {
    ...db,
    query: (what, values) => {
      asked.push(typeof what === 'string' ? what : what.name)
      return db.query<never>(what, values)
    },
  }
  return { heard, asked }
}

test('what became of a mail and of its SMS is written at once, each with its own event', async () => {
  const { heard, asked } = overheard()
  const ids = [await queue(), await queue({ channel: 'sms', to: '+12125550100' })]
  await deliverDue({ db: heard, secrets, carriers: carrier().carriers })
  expect(asked.filter((name) => name.startsWith('outbox.settled'))).toHaveLength(1)
  for (const id of ids) expect(await row(db, id)).toMatchObject({ state: 'sent', sealed: null, provider_ref: id })
  const events = await eventsOf(db, assistanceId)
  expect(events.map(({ n, body }) => [n, JSON.parse(body).data.message])).toEqual([
    [1, ids[0]],
    [2, ids[1]],
  ])
})

/** A carrier whose answers come all at once, when so many letters are in its hands. */
function whenAllAreThere(count: number, ref: (letter: Letter) => string = ({ id }) => id) {
  const waiting: (() => void)[] = []
  return carrier(async (letter) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === count) for (const go of waiting) go()
    })
    return { fate: 'sent', ref: ref(letter) }
  })
}

test('what became of many messages at the same time is written at once, each with an event and a number of its own', async () => {
  const { heard, asked } = overheard()
  const assistances = [assistanceId, ...(await Promise.all([1, 2, 3].map(() => sampleAssistance(db))))]
  for (const id of [...assistances, ...assistances]) await queue({}, secrets, id)
  const { letters, carriers } = whenAllAreThere(8)
  expect(await deliverDue({ db: heard, secrets, carriers })).toBe(8)
  expect(asked.filter((name) => name.startsWith('outbox.settled'))).toEqual(['outbox.settled'])
  for (const { id } of letters)
    expect(await row(db, id)).toMatchObject({ state: 'sent', sealed: null, provider_ref: id })
  for (const id of assistances) {
    const events = await eventsOf(db, id)
    expect(events.map(({ type, n }) => [type, n])).toEqual([
      ['message.sent', 1],
      ['message.sent', 2],
    ])
    expect(JSON.parse(events[1]?.body ?? '')).toMatchObject({ assistance: id, n: 2, subject: 'u_1' })
  }
})

test('different fates are written at once, each as what it is', async () => {
  const { heard, asked } = overheard()
  const fates: readonly Fate[] = [
    { fate: 'sent', ref: 'r' },
    { fate: 'later', error: 'busy', said: '451' },
    { fate: 'never', error: 'refused', said: '550' },
  ]
  const ids: string[] = []
  for (const _ of fates) ids.push(await queue({}, secrets, await sampleAssistance(db)))
  const account = await queue()
  await db.query('update outbox set assistance_id = null where id = $1', [account])
  let there = 0
  let go = () => {}
  const all = new Promise<void>((resolve) => {
    go = resolve
  })
  const { carriers } = carrier(async ({ id }) => {
    there += 1
    if (there === ids.length + 1) go()
    await all
    return fates[ids.indexOf(id)] ?? { fate: 'sent', ref: 'account' }
  })
  await deliverDue({ db: heard, secrets, carriers })
  expect(asked.filter((name) => name.startsWith('outbox.settled'))).toEqual(['outbox.settled'])
  expect(await Promise.all([...ids, account].map((id) => row(db, id)))).toMatchObject([
    { state: 'sent', sealed: null, provider_ref: 'r', error: null },
    { state: 'queued', sealed: expect.any(Buffer), error: 'busy 451' },
    { state: 'failed', sealed: null, error: 'refused 550' },
    { state: 'sent', sealed: null, provider_ref: 'account' },
  ])
  const types = await db.query<{ type: string }>(`select type from event where type like 'message.%' order by type`)
  expect(types.map(({ type }) => type)).toEqual(['message.delayed', 'message.failed', 'message.sent'])
})

test.each<[string, Fate, object]>([
  ['a name with what no text can hold', { fate: 'sent', ref: 'no\u0000 text\ud83d' }, { provider_ref: 'no text' }],
  ['a name without an end', { fate: 'sent', ref: 'x'.repeat(1_000_000) }, { provider_ref: 'x'.repeat(200) }],
  ['a reason with it', { fate: 'never', error: 'refused', said: '5\u00005\n0\udc00' }, { error: 'refused 5 5 0' }],
  [
    'a reason that is cut in the middle of a character',
    { fate: 'never', error: 'refused', said: '😀'.repeat(40).slice(0, 79) },
    {},
  ],
])('a message leaves once, whatever its carrier answers: %s', async (_, fate, kept) => {
  const { letters, carriers } = carrier(() => fate)
  const id = await queue()
  await deliverDue({ db, secrets, carriers })
  await fresh.advance(60_000)
  expect(await deliverDue({ db, secrets, carriers })).toBe(0)
  expect(letters).toHaveLength(1)
  expect(await row(db, id)).toMatchObject({ state: fate.fate === 'sent' ? 'sent' : 'failed', ...kept })
})

test('a fate that cannot be written takes no other with it', async () => {
  const ids: string[] = []
  for (let n = 0; n < 4; n += 1) ids.push(await queue({}, secrets, await sampleAssistance(db)))
  await db.query(`alter table outbox add constraint none_of_these check (provider_ref <> 'none of these')`)
  const { carriers } = whenAllAreThere(4, ({ id }) => (id === ids[1] ? 'none of these' : id))
  await expect(deliverDue({ db, secrets, carriers })).rejects.toThrow()
  const states = await Promise.all(ids.map(async (id) => (await row(db, id))?.state))
  expect(states).toEqual(['sent', 'queued', 'sent', 'sent'])
})

test('what was written is not written again where its answer was lost, and what failed is given back all the same', async () => {
  const losing = losingAnswers(db, 'outbox.settled')
  const [later, sent] = [await queue(), await queue()]
  const codeId = await sampleCode(db, assistanceId)
  const never = await queue({ purpose: 'consent', codeId })
  await db.query(
    `insert into user_messages (user_id, sent_at) select user_id, array[created_at] from outbox where id = $1`,
    [never],
  )
  const fates: Readonly<Record<string, Fate>> = {
    [later]: { fate: 'later', error: 'busy' },
    [never]: { fate: 'never', error: 'refused' },
  }
  const { carriers } = carrier(({ id }) => fates[id] ?? { fate: 'sent', ref: id })
  expect(await deliverDue({ db: losing, secrets, carriers })).toBe(3)
  const states = await Promise.all([later, sent, never].map(async (id) => (await row(db, id))?.state))
  expect(states).toEqual(['queued', 'sent', 'failed'])
  const types = (await eventsOf(db, assistanceId)).map(({ type }) => type)
  expect(types.sort()).toEqual(['message.delayed', 'message.failed', 'message.sent'])
  expect(await db.query('select sent_at from user_messages')).toEqual([{ sent_at: [] }])
})

test('one whose assistance somebody holds for long keeps nobody waiting behind a mail that hangs', async () => {
  const over = new AbortController()
  const { carriers } = carrier(({ id, channel }) =>
    channel === 'email'
      ? new Promise((resolve) =>
          over.signal.addEventListener('abort', () => resolve({ fate: 'later', error: 'no_answer' })),
        )
      : { fate: 'sent', ref: id },
  )
  const [held, other] = [assistanceId, await sampleAssistance(db)]
  const sms = { channel: 'sms', to: '+12125550100' } as const
  let refused = 0
  const heard: Database = {
    ...db,
    query: (what, values) =>
      db.query<never>(what, values).catch((error) => {
        refused += 1
        throw error
      }),
  }
  let delivering: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    await tx.query('select from assistance where id = $1 for no key update', [held])
    await queue({}, secrets, other)
    await queue(sms, secrets, held)
    delivering = deliverDue({ db: heard, secrets, carriers }).catch((error: unknown) => error)
    await expect.poll(() => refused, { timeout: 8_000 }).toBe(1)
    const another = await queue(sms, secrets, other)
    await expect.poll(() => row(db, another), { timeout: 8_000 }).toMatchObject({ state: 'sent' })
  })
  over.abort()
  expect(String(await delivering)).toContain('lock timeout')
})

test('one whose assistance somebody holds is written when they let go, and those beside it before', async () => {
  const [held, other] = [await queue(), await queue({}, secrets, await sampleAssistance(db))]
  const { carriers } = whenAllAreThere(2)
  const patient: Database = { ...db, query: (what, values) => db.transaction((tx) => tx.query(what, values), 20_000) }
  let delivering: Promise<number> | undefined
  await db.transaction(async (tx) => {
    await tx.query('select from assistance where id = $1 for update', [assistanceId])
    delivering = deliverDue({ db: patient, secrets, carriers })
    await expect.poll(() => row(db, other)).toMatchObject({ state: 'sent' })
    expect(await row(db, held)).toMatchObject({ state: 'queued' })
  })
  expect(await delivering).toBe(2)
  expect(await row(db, held)).toMatchObject({ state: 'sent' })
})

test.each(['email', 'sms'] as const)(
  'what arrived is known at once, however long the %s beside it takes',
  async (slow) => {
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const { carriers } = carrier(async ({ id, channel }) => {
      if (channel === slow) await arrived
      return { fate: 'sent', ref: id }
    })
    const ids = { email: await queue(), sms: await queue({ channel: 'sms', to: '+12125550100' }) }
    const work = deliverDue({ db, secrets, carriers })
    const quick = slow === 'email' ? ids.sms : ids.email
    while ((await row(db, quick))?.state !== 'sent') await pause(5)
    expect(await row(db, ids[slow])).toMatchObject({ state: 'queued' })
    arrive()
    expect(await work).toBe(2)
    expect(await row(db, ids[slow])).toMatchObject({ state: 'sent' })
    expect((await eventsOf(db, assistanceId)).map(({ n }) => n)).toEqual([1, 2])
  },
)

test('one call takes no more than its limit', async () => {
  for (let at = 0; at < 12; at += 1) await queue()
  const { letters, carriers } = carrier()
  expect(await deliverDue({ db, secrets, carriers, limit: 5 })).toBe(5)
  expect(letters).toHaveLength(5)
})

test.each([
  ['void', 'update code set void_at = app_now() where id = $1'],
  ['used', 'update code set used_at = app_now() where id = $1'],
  ['expired', 'update code set expires_at = app_now() where id = $1'],
])('the message of a %s code is dropped unread', async (_, sql) => {
  const codeId = await sampleCode(db, assistanceId)
  const id = await queue({ purpose: 'consent', codeId })
  await db.query(sql, [codeId])
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers })
  expect(letters).toEqual([])
  expect(await row(db, id)).toMatchObject({ state: 'dropped', sealed: null })
})

test('after the end nothing goes out but the news of the end', async () => {
  const purposes = ['agent', 'consent', 'presence', 'power', 'release', 'warning', 'ended'] as const
  for (const purpose of purposes) await queue({ purpose })
  await db.query(
    `update assistance set state = 'closed', closed_in = 'consent', because = 'cancelled', closed_at = app_now() where id = $1`,
    [assistanceId],
  )
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers })
  expect(letters).toHaveLength(1)
})

test('a lapse that nobody has recorded yet drops its messages too', async () => {
  const id = await queue({ purpose: 'presence' })
  await fresh.advance(15 * 60_000)
  const { letters, carriers } = carrier()
  await deliverDue({ db, secrets, carriers })
  expect(letters).toEqual([])
  expect(await row(db, id)).toMatchObject({ state: 'dropped' })
})

test('a failure for now is tried again after 2, 10, 30, 60 and 120 seconds, and given up within ten minutes', async () => {
  const { letters, carriers } = carrier(() => ({ fate: 'later', error: 'busy', said: '451' }))
  const id = await queue()
  const tries = []
  for (const seconds of [0, 2, 10, 30, 60, 120, 120, 120, 120]) {
    if (seconds > 1) {
      await fresh.advance((seconds - 1) * 1000)
      await deliverDue({ db, secrets, carriers })
      tries.push(letters.length)
      await fresh.advance(1000)
    }
    await deliverDue({ db, secrets, carriers })
    tries.push(letters.length)
  }
  expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9])
  expect(await row(db, id)).toMatchObject({ state: 'failed', sealed: null, error: 'busy 451' })
  expect((await eventsOf(db, assistanceId)).map(({ type }) => type)).toEqual(['message.delayed', 'message.failed'])
})

test('however many mails hang at a server that does not answer, an SMS goes out beside them, and nobody is warned', async () => {
  const over = new AbortController()
  const hangs: Carrier = {
    deliver: (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ fate: 'later', error: 'no_answer' }))),
  }
  for (let n = 0; n < hands + 4; n += 1) await queue({ purpose: 'warning' })
  const warnings: string[] = []
  const hear = ({ name }: Error) => warnings.push(name)
  process.on('warning', hear)
  const { carriers } = carrier()
  const delivering = deliverDue({ db, secrets, carriers: { ...carriers, email: hangs }, signal: over.signal })
  await expect.poll(async () => (await db.query(`select from outbox where lease_until is not null`)).length).toBe(hands)
  const sms = await queue({ channel: 'sms', to: '+34600000001' })
  await expect.poll(() => row(db, sms)).toMatchObject({ state: 'sent' })
  over.abort()
  await delivering
  process.off('warning', hear)
  expect(warnings).toEqual([])
})

test('while thousands of mails hang, an SMS is found without going through them', async () => {
  const over = new AbortController()
  const hangs: Carrier = {
    deliver: (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ fate: 'later', error: 'no_answer' }))),
  }
  for (let n = 0; n < hands; n += 1) await queue({ purpose: 'warning' })
  await db.query(
    `insert into outbox (id, assistance_id, purpose, channel, masked_to, sealed, created_at, next_at)
     select 'ob_due' || n, o.assistance_id, o.purpose, o.channel, '', o.sealed, o.created_at, o.next_at
       from (select * from outbox order by next_at desc limit 1) o, generate_series(1, 5000) n`,
  )
  await db.query('analyze')
  const { carriers } = carrier()
  let ofSms = ''
  const heard: Database = {
    ...db,
    query: (what, values) => {
      if (typeof what !== 'string' && what.name.startsWith('outbox.claim.sms')) ofSms = what.text
      return db.query<never>(what, values)
    },
  }
  const delivering = deliverDue({ db: heard, secrets, carriers: { ...carriers, email: hangs }, signal: over.signal })
  await expect.poll(async () => (await db.query(`select from outbox where lease_until is not null`)).length).toBe(hands)
  const sms = await queue({ channel: 'sms', to: '+34600000001' })
  await expect.poll(() => row(db, sms)).toMatchObject({ state: 'sent' })
  over.abort()
  await delivering
  const plan = await db.query(`explain (analyze, costs off, timing off, buffers off) ${ofSms}`)
  const lines = plan.flatMap((row) => Object.values(row)).join('\n')
  expect(lines).toContain('outbox_next_of')
  expect(lines).not.toMatch(/Rows Removed by Filter: \d{3}/)
})

test('who waits for a message hears of a carrier that is silent, once, and then of what became of it', async () => {
  let answer = (_fate: Fate): void => undefined
  const answered = new Promise<Fate>((resolve) => {
    answer = resolve
  })
  const id = await queue()
  const { carriers } = carrier(() => answered)
  const delivering = deliverDue({ db, secrets, carriers, silentMs: 1 })
  await expect.poll(() => row(db, id)).toMatchObject({ state: 'queued', error: 'no_answer', tries: 1 })
  const typesOf = async () => (await eventsOf(db, assistanceId)).map(({ type }) => type)
  expect(await typesOf()).toEqual(['message.delayed'])
  // It is still in hand: nobody else takes it meanwhile.
  expect(await deliverDue({ db, secrets, ...carrier() })).toBe(0)
  answer({ fate: 'later', error: 'busy', said: '451' })
  await delivering
  expect(await row(db, id)).toMatchObject({ state: 'queued', error: 'busy 451' })
  await fresh.advance(2_000)
  await deliverDue({ db, secrets, ...carrier() })
  expect(await row(db, id)).toMatchObject({ state: 'sent', error: null })
  expect(await typesOf()).toEqual(['message.delayed', 'message.sent'])
})

test('what had its first turn after eleven minutes, behind many, has a second one', async () => {
  const { letters, carriers } = carrier(() =>
    letters.length === 1 ? { fate: 'later', error: 'busy' } : { fate: 'sent', ref: 'r' },
  )
  const id = await queue()
  await fresh.advance(11 * 60_000)
  await deliverDue({ db, secrets, carriers })
  expect(await row(db, id)).toMatchObject({ state: 'queued', tries: 1 })
  await fresh.advance(2_000)
  await deliverDue({ db, secrets, carriers })
  expect(await row(db, id)).toMatchObject({ state: 'sent' })
})

test('while a message waits for its next try, its error can be seen', async () => {
  const { carriers } = carrier(() => ({ fate: 'later', error: 'busy', said: '451' }))
  const id = await queue()
  await deliverDue({ db, secrets, carriers })
  expect(await row(db, id)).toMatchObject({ state: 'queued', tries: 1, error: 'busy 451' })
})

test('a failure for good is failed at once and not tried again', async () => {
  const { letters, carriers } = carrier(() => ({ fate: 'never', error: 'refused', said: '550' }))
  const id = await queue()
  await deliverDue({ db, secrets, carriers })
  await fresh.advance(60_000)
  await deliverDue({ db, secrets, carriers })
  expect(letters).toHaveLength(1)
  expect(await row(db, id)).toMatchObject({ state: 'failed', sealed: null, error: 'refused 550' })
})

test('a channel that this installation has not is failed with words', async () => {
  const id = await queue({ channel: 'sms', to: '+34600000001' })
  await deliverDue({ db, secrets, carriers: { email: carrier().carriers.email, sms: undefined } })
  expect(await row(db, id)).toMatchObject({ state: 'failed', error: 'not_offered' })
})

test('a carrier that throws is a failure for now', async () => {
  const { carriers } = carrier(() => {
    throw new Error('secret inside')
  })
  const id = await queue()
  await deliverDue({ db, secrets, carriers })
  expect(await row(db, id)).toMatchObject({ state: 'queued', error: 'unreachable' })
})

test('a slow message does not hold up those that come after it', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = await queue({ to: 'slow@clinica-sol.test' })
  const { letters, carriers } = carrier(async ({ id }) => {
    if (id === slow) await held
    return { fate: 'sent', ref: id }
  })
  const working = deliverDue({ db, secrets, carriers })
  const next = await queue()
  await expect.poll(() => letters.map(({ id }) => id)).toContain(next)
  release()
  expect(await working).toBe(2)
})

test('a message whose worker died is taken again after its lease', async () => {
  const id = await queue()
  await db.query(`update outbox set lease_until = app_now() + interval '30 seconds', tries = 1 where id = $1`, [id])
  const { letters, carriers } = carrier()
  expect(await deliverDue({ db, secrets, carriers })).toBe(0)
  await fresh.advance(30_000)
  expect(await deliverDue({ db, secrets, carriers })).toBe(1)
  expect(letters.map((letter) => letter.id)).toEqual([id])
})

test('a worker that was overtaken cannot put back or fail what another has in hand', async () => {
  const id = await queue()
  const { carriers } = carrier(async () => {
    await db.query('update outbox set tries = tries + 1 where id = $1', [id])
    return { fate: 'never', error: 'refused', said: '550' }
  })
  await deliverDue({ db, secrets, carriers })
  expect(await row(db, id)).toMatchObject({ state: 'queued', error: null })
})
