/** Ecosystem Admin against people and vendors who do not behave. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { actInput, releaseInput } from '@amparo/contract/succession'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { open, proveAgent, sendAgentCode } from '../assistance/assistance.flow.ts'
import { askConsent, proveUser } from '../assistance/consent.flow.ts'
import { activeFor, agentAtDesk, digitsSent, right, story, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { events } from '../audit/audit.store.ts'
import { successions } from '../core/successions.ts'
import { type Database, postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import { type AssistanceId, known } from '../words.ts'
import { definitionWith } from './definition.ts'
import { handOverDue } from './handover.ts'
import { act, askRelease, details, look, type Outside, release } from './succession.flow.ts'

let fresh: FreshDatabase
let impatient: Database
let outside: Outside
let agent: Caller

beforeEach(async () => {
  fresh = await freshDatabase()
  impatient = postgres(fresh.url, { max: 4, statementMs: 400 })
  const theirs = successions(impatient)
  await theirs.check()
  outside = {
    ...testOutside(fresh, { successions: theirs }),
    consoleOrigin: 'https://desk.acme.test',
    webhook: undefined,
    helpTitle: (topic) => topic,
  }
  agent = await agentAtDesk(outside, ['agent:succession'])
})
afterEach(async () => {
  await impatient.close()
  await fresh.close()
})

async function helping(caller: Caller, userEmail: string, world: Outside = outside): Promise<AssistanceId> {
  const { id: text } = right(
    await open(world, caller, { kind: 'succession', userEmail, reason: { code: 'succession' } }),
  )
  const id = known.assistance(text)
  right(await sendAgentCode(world, caller, id))
  right(await proveAgent(world, caller, id, await digitsSent(world, id, 'agent')))
  right(await askConsent(world, caller, id, {}))
  right(await proveUser(world, caller, id, { code: await digitsSent(world, id, 'consent') }))
  return id
}
const given = (code: string) =>
  ({ code, reason: 'support.user_asked', note: 'They paid and signed in today.' }) as const
const note = 'They cannot find the message'

/** Asked for and read out: what release answers. */
async function released(id: AssistanceId, caller: Caller = agent, world: Outside = outside) {
  right(await askRelease(world, caller, id))
  return release(world, caller, id, given(await digitsSent(world, id, 'release')))
}
const releasesAt = async (ref: string) =>
  (await fresh.db.query(`select from vendor.succession_log where ref = $1 and type = 'support.released'`, [ref])).length
const vendors = async () =>
  JSON.stringify(
    await Promise.all(['vendor.succession', 'vendor.succession_log'].map((it) => fresh.db.query(`table ${it}`))),
  )
const refusals = async (id: AssistanceId) =>
  (
    await fresh.db.query<{ word: string }>(
      `select body::jsonb #>> '{data,refusal}' as word from event where assistance_id = $1 and type = 'step.refused' order by n`,
      [id],
    )
  ).map(({ word }) => word)
/** What the vendor's function does instead. */
const theirFunction = (body: string, name = 'release_succession') =>
  fresh.db.query(`create or replace function amparo_core.${name}(case_ref text, request_id text, agent text, reason text, note text)
    returns jsonb language plpgsql as $f$ begin ${body} end $f$`)

describe('somebody else’s case', () => {
  test('no case of another ecosystem, and no entry of one, can be named into view, into an act or into a release', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const before = await vendors()
    for (const ref of ['SUC-TWICE', 'SUC-DONE', 'nothing', "x' or true --"]) {
      expect(await look(outside, agent, id, { case: ref })).toMatchObject({ refusal: 'succession.none' })
      expect(await details(outside, agent, id, 'e9', { case: ref })).toMatchObject({ refusal: 'succession.none' })
      expect(await askRelease(outside, agent, id, { case: ref })).toMatchObject({ refusal: 'succession.none' })
      expect(await act(outside, agent, id, { act: 'add_note', note, case: ref })).toMatchObject({
        refusal: 'succession.none',
      })
    }
    for (const entry of ['e99', 'constructor', '../e9', "e9' or true"])
      expect(await details(outside, agent, id, entry, {})).toMatchObject({ refusal: 'succession.unknown_step' })
    expect(await vendors()).toBe(before)
    expect(await fresh.db.query('select from succession_act')).toEqual([])
  })

  test('with two successions of one ecosystem, what was looked at is what is acted on; another claimant sees nothing of it', async () => {
    await fresh.db.query(`
      insert into vendor.person (id, name, email, locale) values ('per_rival', 'Rita Rival', 'rita@rival.test', 'es');
      insert into vendor.succession (ref, clinic_id, owner_id, heir_id, heir_email, state, blocked, attempt, opened_at)
      values ('SUC-SECOND', 'cli_rejected', 'per_owner_rejected', 'per_rival', 'rita@rival.test', 'claim', true, 1, now());
      insert into vendor.succession_log (ref, seq, at, type, step, attempt, reason, actor, words)
      values ('SUC-SECOND', 1, now(), 'step.rejected', 'validation_review', 1, 'review.rejected', 'reviewer', 'SECOND')`)
    const id = await helping(agent, 'owner@rejected.test')
    const first = right(await look(outside, agent, id, {}))
    expect([first.caseRef, first.others.map(({ caseRef }) => caseRef)]).toEqual(['SUC-SECOND', ['SUC-REJECTED']])
    right(await act(outside, agent, id, { act: 'add_note', note, stepId: 'e9', case: 'SUC-REJECTED' }))
    expect(await fresh.db.query('select case_ref from succession_act')).toEqual([{ case_ref: 'SUC-REJECTED' }])
    right(await askRelease(outside, agent, id, { case: 'SUC-REJECTED' }))
    const code = await digitsSent(outside, id, 'release')
    expect(await release(outside, agent, id, given(code))).toMatchObject({ refusal: 'code.not_sent' })
    expect([await releasesAt('SUC-SECOND'), await releasesAt('SUC-REJECTED')]).toEqual([0, 0])
    expect(right(await release(outside, agent, id, { ...given(code), case: 'SUC-REJECTED' }))).toMatchObject({
      caseRef: 'SUC-REJECTED',
      result: 'done',
    })
    expect([await releasesAt('SUC-SECOND'), await releasesAt('SUC-REJECTED')]).toEqual([0, 1])

    const other = await agentAtDesk(outside, ['agent:succession'])
    const rival = await helping(other, 'rita@rival.test')
    const seen = right(await look(outside, other, rival, {}))
    const all = [seen, right(await details(outside, other, rival, 'e1', {})), await viewOf(outside, rival)]
    expect(JSON.stringify(all)).not.toMatch(/SUC-REJECTED|Regina|successor@rejected/)
    expect(await look(outside, other, rival, { case: 'SUC-REJECTED' })).toMatchObject({ refusal: 'succession.none' })
  })

  test('owner and successor helped at the same time by two agents, twenty tries at once: one release, the others refused by name', async () => {
    const other = await agentAtDesk(outside, ['agent:succession'])
    const [one, two] = [await helping(agent, 'successor@rejected.test'), await helping(other, 'owner@rejected.test')]
    right(await askRelease(outside, agent, one))
    right(await askRelease(outside, other, two))
    const [first, second] = [await digitsSent(outside, one, 'release'), await digitsSent(outside, two, 'release')]
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? release(outside, agent, one, given(first)) : release(outside, other, two, given(second)),
      ),
    )
    expect(all.filter((it) => it.ok && it.value.result === 'done')).toHaveLength(1)
    for (const it of all)
      if (!it.ok)
        expect(it.refusal).toMatch(/^(release\.(pending|not_blocked)|code\.(spent|not_sent|wrong)|assistance\.)/)
    expect(await releasesAt('SUC-REJECTED')).toBe(1)
  })
})

describe('who may not', () => {
  test('an agent who holds only Technical Assistance by now can neither look, ask nor release; each is recorded', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    const code = await digitsSent(outside, id, 'release')
    const before = await vendors()
    const demoted: Caller = { ...agent, roles: ['agent:technical'] }
    for (const call of [
      look(outside, demoted, id, {}),
      details(outside, demoted, id, 'e9', {}),
      askRelease(outside, demoted, id),
      release(outside, demoted, id, given(code)),
      act(outside, demoted, id, { act: 'add_note', note }),
    ])
      expect(await call).toMatchObject({ refusal: 'agent.not_allowed' })
    expect(await refusals(id)).toEqual(Array(5).fill('agent.not_allowed'))
    expect(await vendors()).toBe(before)
  })

  test('before the user’s proof, and with a consent that somebody wrote into the database, nothing is shown or released', async () => {
    const { id: text } = right(
      await open(outside, agent, {
        kind: 'succession',
        userEmail: 'successor@rejected.test',
        reason: { code: 'succession' },
      }),
    )
    const id = known.assistance(text)
    const refused = async () => {
      for (const call of [
        look(outside, agent, id, {}),
        askRelease(outside, agent, id),
        release(outside, agent, id, given('482913')),
      ])
        expect(await call).toMatchObject({ refusal: 'assistance.out_of_order' })
    }
    await refused()
    right(await sendAgentCode(outside, agent, id))
    right(await proveAgent(outside, agent, id, await digitsSent(outside, id, 'agent')))
    await refused()
    right(await askConsent(outside, agent, id, {}))
    await refused()
    right(await proveUser(outside, agent, id, { code: await digitsSent(outside, id, 'consent') }))
    right(await look(outside, agent, id, {}))
    await fresh.db.query(`update consent set mac = decode(repeat('00', length(mac)), 'hex') where assistance_id = $1`, [
      id,
    ])
    await refused()
    expect(await refusals(id)).toHaveLength(12)
  })

  test('an objection that only the entries tell of: no code, no release, recorded, nothing changed at the vendor’s', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    right(await askRelease(outside, agent, id))
    await fresh.db.query(`insert into vendor.succession_log (ref, seq, at, type, reason, actor, words)
      values ('SUC-REJECTED', 10, now(), 'owner.objected', 'owner.objected', 'owner', 'El titular se opuso')`)
    const before = await vendors()
    expect(await release(outside, agent, id, given(await digitsSent(outside, id, 'release')))).toMatchObject({
      refusal: 'release.on_hold',
    })
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'release.on_hold' })
    expect(await vendors()).toBe(before)
    expect(await refusals(id)).toEqual(['release.on_hold', 'release.on_hold'])
  })

  test('the third release needs a second person, also where the vendor’s entries tell of none and notes without end stand between', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const [code] = await fresh.db.query<{ id: string }>('select id from code where assistance_id = $1 limit 1', [id])
    await fresh.db.query(
      `insert into code select (jsonb_populate_record(c, jsonb_build_object('id', 'cd_' || n))).* from code c, generate_series(1, 2) n where id = $1`,
      [code?.id],
    )
    await fresh.db.query(
      `insert into succession_act (id, assistance_id, case_ref, act, agent_id, code_id, asked_at, answered_at, result)
       select 'rl_old' || n, $1, 'SUC-REJECTED', 'release', $2, 'cd_' || n, now() - interval '2 hours', now(), 'done' from generate_series(1, 2) n`,
      [id, agent.agentId],
    )
    await fresh.db.query(
      `insert into succession_act (id, assistance_id, case_ref, act, agent_id, asked_at, answered_at, result)
       select 'no_' || n, $1, 'SUC-REJECTED', 'add_note', $2, now() - interval '3 hours', now(), 'done' from generate_series(1, 600) n`,
      [id, agent.agentId],
    )
    expect(await askRelease(outside, agent, id)).toMatchObject({ refusal: 'approval.needed' })
  })

  test('where the vendor asks for more than a code by message, a release needs a passkey or an app, and the screen says so before', async () => {
    const strict = { ...outside, policy: presets.strict }
    const id = await helping(agent, 'successor@rejected.test', strict)
    expect(right(await look(strict, agent, id, {})).release).toMatchObject({
      possible: false,
      why: expect.stringMatching(/passkey/),
    })
    expect(await askRelease(strict, agent, id)).toMatchObject({ refusal: 'proof.too_weak' })
    expect(await refusals(id)).toEqual(['proof.too_weak'])
    await fresh.db.query(`update assistance set agent_method = 'totp' where id = $1`, [id])
    expect(right(await released(id, agent, strict)).result).toBe('done')
  })

  test('fifteen minutes without the user lose Ecosystem Admin too, in every state, whatever the agent does', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    await fresh.advance(14 * 60_000)
    right(await look(outside, agent, id, {}))
    right(await act(outside, agent, id, { act: 'add_note', note }))
    await fresh.advance(60_000)
    expect(await look(outside, agent, id, {})).toMatchObject({
      refusal: 'assistance.closed',
      more: { because: 'expired_idle' },
    })
    expect(await act(outside, agent, id, { act: 'add_note', note })).toMatchObject({ refusal: 'assistance.closed' })
  })
})

describe('what is written and sent', () => {
  test('a reason that is none, control characters, half a character and a note without end never get past the door', () => {
    const body = given('482913')
    expect(releaseInput.safeParse(body).success).toBe(true)
    expect(actInput.safeParse({ act: 'add_note', note: 'two\r\nlines of it' }).data?.note).toBe('two\nlines of it')
    for (const bad of [
      'esc \u001b[2J here',
      'nul \u0000 in it',
      'half \ud800 of it',
      'line\u2028separator',
      'x'.repeat(501),
      ' '.repeat(40),
      'short',
    ])
      for (const schema of [releaseInput, actInput])
        expect(
          schema.safeParse(schema === actInput ? { act: 'add_note', note: bad } : { ...body, note: bad }).success,
        ).toBe(false)
    for (const reason of ['constructor', 'evidence.forged', ''])
      expect(releaseInput.safeParse({ ...body, reason }).success).toBe(false)
  })

  test('what writes to people cannot be repeated within the minute, nor beyond the messages of their day', async () => {
    const quiet = { ...outside, messagesPerUserADay: 3 }
    await agentAtDesk(outside, ['supervisor'])
    const id = await helping(agent, 'successor@invited.test', quiet)
    const resend = () => act(quiet, agent, id, { act: 'resend_message', stepId: 'e3', note })
    right(await resend())
    expect(await resend()).toMatchObject({ refusal: 'rate.limited', more: { why: 'sent_just_now' } })
    right(await act(quiet, agent, id, { act: 'escalate', note }))
    expect(await act(quiet, agent, id, { act: 'escalate', note })).toMatchObject({ refusal: 'rate.limited' })
    await fresh.advance(61_000)
    right(await resend())
    await fresh.advance(61_000)
    expect(await resend()).toMatchObject({ refusal: 'rate.limited', more: { why: 'messages_a_day' } })
    expect(
      await fresh.db.query(
        `select from vendor.succession_log where ref = 'SUC-INVITED' and words = 'Mensaje reenviado'`,
      ),
    ).toHaveLength(2)
  })

  test('nothing is shown that could not be recorded, and what was shown later is', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    await fresh.db.query('alter table event rename to event_away')
    await expect(look(outside, agent, id, {})).rejects.toThrow()
    await fresh.db.query('alter table event_away rename to event')
    right(await look(outside, agent, id, {}))
    expect((await story(outside, id)).filter((type) => type === 'succession.read')).toHaveLength(1)
  })

  test('owner and successor are told of a release, whichever of them gave the code', async () => {
    const id = await helping(agent, 'owner@rejected.test')
    right(await released(id))
    const told = await fresh.db.query<{ user_id: string }>(
      `select distinct user_id from outbox where purpose = 'released' order by 1`,
    )
    expect(told.map((row) => row.user_id)).toEqual(['per_owner_rejected', 'per_successor_rejected'])
  })
})

describe('a vendor’s function', () => {
  test.each([
    ['hangs', 'perform pg_sleep(30); return null;'],
    ['breaks', 'return jsonb_build_object(1 / 0, 1);'],
    [
      'does its work and then hangs',
      `insert into vendor.succession_log (ref, seq, at, type, actor, words) values ('SUC-REJECTED', 77, now(), 'support.released', 'agent', 'half'); perform pg_sleep(30); return null;`,
    ],
  ])('that %s is asked again with the same id, and in the end there is one release', async (_what, body) => {
    const id = await helping(agent, 'successor@rejected.test')
    const [theirs] = await fresh.db.query<{ source: string }>(
      `select pg_get_functiondef('amparo_core.release_succession(text, text, text, text, text)'::regprocedure) as source`,
    )
    await theirFunction(body)
    expect(right(await released(id))).toMatchObject({ result: 'pending' })
    expect(await releasesAt('SUC-REJECTED')).toBe(0)
    await fresh.db.query(theirs?.source ?? '')
    await fresh.advance(60_000)
    expect(await handOverDue(outside)).toBe(1)
    expect(await releasesAt('SUC-REJECTED')).toBe(1)
  })

  test('that did its work while its answer was lost counts the second asking as the first', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    const { call } = outside.successions
    const deaf: Outside = {
      ...outside,
      successions: {
        ...outside.successions,
        call: async (...it) => {
          await call(...it)
          return { answer: 'silent', why: 'the line broke' }
        },
      },
    }
    expect(right(await released(id, agent, deaf))).toMatchObject({ result: 'pending' })
    await fresh.advance(60_000)
    expect(await handOverDue(outside)).toBe(1)
    expect(await releasesAt('SUC-REJECTED')).toBe(1)
    expect(await story(outside, id)).toContain('release.done')
  })

  test.each([
    [`raise exception E'No.\\n\\x1b[2J%', repeat('x', 1000000);`, /^Acme did not accept it: No\. \[2Jx{200,}…$/],
    [`raise exception '<script>alert(1)</script>';`, /<script>alert\(1\)<\/script>$/],
    [`raise exception '%', '';`, /^Acme did not accept it: no reason was given$/],
  ])('that refuses in whatever words (%#) is quoted on one line that is not too long', async (body, sentence) => {
    const id = await helping(agent, 'successor@rejected.test')
    await theirFunction(body)
    const done = right(await released(id))
    expect(done.result).toBe('refused')
    expect(done.sentence.en).toMatch(sentence)
    expect(done.sentence.en.length).toBeLessThan(340)
    expect(right(await look(outside, agent, id, {})).release).toEqual({ possible: true, entryId: 'e9' })
  })

  test('that refuses to send a message again is told as that in the record, beside what was asked of it', async () => {
    const id = await helping(agent, 'successor@invited.test')
    await theirFunction(`raise exception 'Not now.';`, 'resend_message')
    expect(right(await act(outside, agent, id, { act: 'resend_message', stepId: 'e3', note })).result).toBe('refused')
    const { items } = await events(fresh.db, { assistance: id, type: 'succession.acted', limit: 9 })
    expect(items.map(({ result }) => result)).toEqual(['refused', 'asked'])
  })

  test.each([
    'null',
    `'null'::jsonb`,
    `'[]'::jsonb`,
    `'"text"'::jsonb`,
    `'{"step_key": 42, "attempt_no": "two"}'::jsonb`,
    `'{"step_key": "<b>", "attempt_no": 1e300}'::jsonb`,
    `'{"step_key": "made_up", "attempt_no": -1}'::jsonb`,
    `jsonb_build_object('step_key', repeat('x', 100000))`,
  ])('that answers nonsense (%s) is taken at its word that it is done, and none of it is kept', async (answer) => {
    const id = await helping(agent, 'successor@rejected.test')
    await theirFunction(`return ${answer};`)
    expect(right(await released(id))).toMatchObject({ result: 'done' })
    const [event] = await fresh.db.query<{ data: object }>(
      `select body::jsonb -> 'data' as data from event where assistance_id = $1 and type = 'release.done'`,
      [id],
    )
    expect(event?.data).toEqual({ case: 'SUC-REJECTED', request: expect.any(String), act: 'release' })
  })
})

describe('a vendor’s webhook', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

  /** A real receiver, answering each time what comes next; and Ecosystem Admin that has no function but it. */
  async function withReceiver(
    answers: readonly ((response: ServerResponse) => void)[],
    work: (world: Outside, heard: { id: unknown; body: { data: object } }[]) => Promise<void>,
  ): Promise<void> {
    await fresh.db.query('drop function amparo_core.release_succession')
    await outside.successions.check()
    const heard: { id: unknown; body: { data: object } }[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += String(part)
      heard.push({ id: request.headers['webhook-id'], body: JSON.parse(body) })
      answers[Math.min(heard.length, answers.length) - 1]?.(response)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
    try {
      await work({ ...outside, webhook: { url, secret } }, heard)
    } finally {
      server.close().closeAllConnections()
    }
  }

  test('is asked again with the same id until it answers, its answer is kept, and then it is left alone', async () => {
    const done = (response: ServerResponse) => response.end('{"step_key":"validation_review","attempt_no":2}')
    const away = (response: ServerResponse) => response.writeHead(503).end()
    const broken = (response: ServerResponse) => response.destroy()
    await withReceiver([away, broken, (response) => response.writeHead(401).end(), done], async (world, heard) => {
      const id = await helping(agent, 'successor@rejected.test')
      expect(right(await released(id, agent, world))).toMatchObject({ result: 'pending' })
      for (let n = 0; n < 3; n += 1) {
        await fresh.advance(60_000)
        expect(await handOverDue(world)).toBe(1)
      }
      expect(await handOverDue(world)).toBe(0)
      expect(heard).toHaveLength(4)
      expect(new Set(heard.map((one) => one.id)).size).toBe(1)
      expect(heard[3]?.body.data).toEqual({
        case_ref: 'SUC-REJECTED',
        request_id: heard[0]?.id,
        agent: `${agent.name} (${agent.email})`,
        reason: 'support.user_asked',
        note: 'They paid and signed in today.',
      })
      const [event] = await fresh.db.query<{ data: object }>(
        `select body::jsonb -> 'data' as data from event where assistance_id = $1 and type = 'release.done'`,
        [id],
      )
      expect(event?.data).toMatchObject({ step: 'validation_review', attempt: 2, request: heard[0]?.id })
      expect(right(await details(world, agent, id, String(heard[0]?.id), {})).meaning).toMatch(/^Acme accepted it/)
    })
  })

  test.each([
    ['{"detail":"The owner was here."}', 'The owner was here.'],
    ['{"detail":"nul \\u0000, half \\ud800, esc \\u001b"}', 'nul , half , esc'],
    ['{"detail":{"a":1}}', 'answered 409'],
    ['<html>', 'answered 409'],
  ])('that says no with %s is quoted, once, and the case can be asked for again', async (body, words) => {
    await withReceiver([(response) => response.writeHead(409).end(body)], async (world, heard) => {
      const id = await helping(agent, 'successor@rejected.test')
      const said = right(await released(id, agent, world))
      expect(said).toMatchObject({ result: 'refused', sentence: { en: `Acme did not accept it: ${words}` } })
      expect(await handOverDue(world)).toBe(0)
      expect(heard).toHaveLength(1)
      expect(right(await look(world, agent, id, {})).release.possible).toBe(true)
    })
  })

  test('that is not signed by us changes nothing here: there is no address of ours to replay anything at', async () => {
    await withReceiver([(response) => response.end('{}')], async (world, heard) => {
      const id = await helping(agent, 'successor@rejected.test')
      right(await released(id, agent, world))
      await Promise.all(Array.from({ length: 20 }, () => handOverDue(world)))
      expect(heard).toHaveLength(1)
      expect(await fresh.db.query(`select from succession_act where act = 'release'`)).toHaveLength(1)
    })
  })
})

describe('a vendor’s rows', () => {
  test.each([
    [
      `update vendor.succession_log set at = 'infinity' where ref = 'SUC-REJECTED' and seq = 4`,
      /no usable occurred_at for seq 4 of SUC-REJECTED/,
    ],
    [
      `create or replace view amparo_core.succession_activity as select ref as case_ref, seq % 3 as seq, at as occurred_at, type, step as step_key,
       attempt as attempt_no, reason as reason_code, actor as actor_kind, actor_id, note as note_shareable, null::text as assistance_id,
       words as source_text, ref as source_ref from vendor.succession_log`,
      /has seq \d of SUC-REJECTED twice/,
    ],
  ])('that cannot be put in a list are named, and only that succession is away (%#)', async (sql, sentence) => {
    const id = await helping(agent, 'successor@rejected.test')
    await fresh.db.query(sql)
    expect(await look(outside, agent, id, {})).toMatchObject({
      refusal: 'succession.off',
      more: { why: expect.stringMatching(sentence) },
    })
    expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
  })

  test('times that no calendar has are no times, and texts without end have one', async () => {
    await fresh.db.query(`
      update vendor.succession set due_at = 'infinity', closed_at = 'infinity', hold = null where ref = 'SUC-REJECTED';
      update vendor.person set last_sign_in_at = '-infinity' where id = 'per_successor_rejected';
      update vendor.succession_message set at = 'infinity';
      update vendor.succession_check set observed = repeat('9', 100000) where ref = 'SUC-REJECTED';
      update vendor.succession_log set words = repeat('x', 1000000), note = repeat('y', 1000000) where ref = 'SUC-REJECTED'`)
    const id = await helping(agent, 'successor@rejected.test')
    const seen = right(await look(outside, agent, id, {}))
    expect(seen.standing).toMatchObject({ tone: 'problem' })
    expect(seen.standing.due).toBeUndefined()
    const rejection = right(await details(outside, agent, id, 'e9', {}))
    expect(JSON.stringify(rejection).length).toBeLessThan(20_000)
    expect(JSON.stringify(rejection)).not.toMatch(/NaN|Invalid|Infinity/)
  })

  test('of a succession without end the newest entries are shown, and it is said', async () => {
    await fresh.db.query(`
      insert into vendor.succession_log (ref, seq, at, type, actor, words)
      select 'SUC-REJECTED', n, now() - interval '1 year', 'note', 'system', 'row' from generate_series(-3000, -1) n`)
    const id = await helping(agent, 'successor@rejected.test')
    const seen = right(await look(outside, agent, id, {}))
    expect(seen.attempts.flatMap(({ entries }) => entries)).toHaveLength(2000)
    expect(seen.off).toEqual(['Only the newest 2000 entries of SUC-REJECTED are shown.'])
    expect(seen.release).toEqual({ possible: true, entryId: 'e9' })
  })

  test('what breaks inside a view is named by its kind; the value that broke it is not told', async () => {
    const id = await helping(agent, 'successor@rejected.test')
    await fresh.db.query(`create or replace function vendor.broken(t text) returns text language sql as $$ select (t || ' Jane Patient')::int::text $$;
      create or replace view amparo_core.succession_checks as select ref as case_ref, seq, rule as check_key, result, vendor.broken(observed) as observed, required, reason as reason_code from vendor.succession_check`)
    const seen = right(await details(outside, agent, id, 'e9', {}))
    expect(seen.checksNote).toMatch(/as of now/)
    const { off } = right(await look(outside, agent, id, {}))
    expect(off.join()).toMatch(/succession_checks could not be read \(a value does not have the type of its column\)/)
    expect(off.join()).not.toMatch(/Jane/)
  })

  test('with the medical pack its two steps are steps; without it they are notes', async () => {
    await fresh.db.query(`insert into vendor.succession_log (ref, seq, at, type, step, actor, words)
      values ('SUC-REVIEW', 20, now(), 'step.done', 'custodian_confirmed', 'custodian', 'Custodio confirmado')`)
    const definition = definitionWith(['medical_practice'])
    const medical = successions(impatient, undefined, definition)
    await medical.check()
    const id = await helping(agent, 'successor@review.test')
    const plain = right(await details(outside, agent, id, 'e20', {}))
    expect(plain.help).toBeUndefined()
    const known = right(await details({ ...outside, successions: medical, definition }, agent, id, 'e20', {}))
    expect(known).toMatchObject({ title: 'The custodian of the records was confirmed' })
    expect(known.help?.path).toMatch(/custodian-of-records$/)
  })

  test('Technical Assistance goes on while every view of the successions hangs', async () => {
    await fresh.db.query(`create or replace view amparo_core.successions as
      select ref as case_ref, clinic_id as ecosystem_id, owner_id as owner_user_id, heir_id as successor_user_id, heir_email || pg_sleep(5)::text as successor_email,
             state, blocked, attempt, due_at, hold as hold_reason, opened_at, closed_at from vendor.succession`)
    const both = await agentAtDesk(outside, ['agent:technical', 'agent:succession'])
    const stuck = Array.from({ length: 8 }, () =>
      outside.successions.casesOf('cli_rejected').catch((error: Error) => error.message),
    )
    const technical = await activeFor(outside, both, 'leo@clinica-sol.test')
    expect(await viewOf(outside, technical)).toMatchObject({ state: 'active' })
    expect((await Promise.all(stuck))[0]).toMatch(/amparo_core\.successions did not answer in time/)
  })
})
