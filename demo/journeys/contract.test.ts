/** Each call of the contract, through the real server: what it answers is what the contract says, field by field. */
import {
  type Api,
  api,
  type Call,
  type CallName,
  type Other,
  type OutputOf,
  others,
  problem,
} from '@amparo/contract/api'
import { launched } from '@amparo/contract/assistance'
import { addressOf } from '@amparo/contract/client'
import { samplePeople } from '@amparo/contract/people'
import { phoneLaunch } from '@amparo/contract/phone'
import { isRefusal, statusOf } from '@amparo/contract/refusals'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { noteLoose } from '../../server/src/desk/note.ts'
import { softPasskey } from '../../server/src/identity/authenticator.testing.ts'
import { invite } from '../../server/src/identity/invite.store.ts'
import { system } from '../../server/src/words.ts'
import { codeOf, wrongCodeOf } from './factors.ts'
import { ownStage } from './own.ts'
import { phoneOf } from './phone.ts'
import type { Play } from './script.ts'
import { Browser, type Stage } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
const answered = new Set<CallName>()

beforeAll(async () => {
  const own = await ownStage()
  ;({ fresh, stage, play } = own)
  return own.close
}, 120_000)

interface Ask {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function send(agent: string, call: Call, { body, headers, ...ask }: Ask): Promise<Response> {
  return fetch(`http://127.0.0.1:${stage.port}${addressOf(call, ask)}`, {
    method: call.method,
    headers: {
      ...(agent ? { authorization: `Bearer ${play.bearer(`${agent}@acme.test`)}` } : { origin: stage.console }),
      ...(call.input ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(call.input ? { body: JSON.stringify(body ?? {}) } : {}),
  })
}

/** What a call answers: its declared status, and not one field more or less than its declared shape. */
async function says<Name extends CallName>(agent: string, name: Name, ask: Ask = {}): Promise<OutputOf<Name>> {
  const answer = await send(agent, api[name], ask)
  const body: unknown = await answer.json()
  expect({ name, status: answer.status, body }).toMatchObject({ name, status: api[name].status })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  const output: Api[Name]['output'] = api[name].output
  const parsed = output.safeParse(body)
  expect({ name, faults: parsed.error?.issues ?? [] }).toEqual({ name, faults: [] })
  answered.add(name)
  return body as OutputOf<Name>
}

/** What a call refuses: a problem whose word, status and two sentences are those of the contract. */
async function refuses(agent: string, name: CallName, ask: Ask, word: string) {
  const answer = await send(agent, api[name], ask)
  const body = problem.parse(await answer.json())
  expect({ name, code: body.code }).toEqual({ name, code: word })
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(isRefusal(body.code) && statusOf(body.code)).toBe(answer.status)
  expect(body).toMatchObject({ status: answer.status, type: expect.any(String), detail: expect.any(String) })
  return body
}

const lettersTo = async (to: string) => (await play.lettersTo(to)).length

test('from the first call to the last, every answer is as the contract says, in every state', async () => {
  const [agent, user] = ['ana', 'marta@clinica-sol.test']
  await says(agent, 'reasons')
  await says(agent, 'about')
  await says(agent, 'surfaces')
  await says(agent, 'whoAmI')
  const { id } = await says(agent, 'open', {
    body: {
      kind: 'technical',
      userEmail: 'nobody@nowhere.test',
      reason: { code: 'other', line: 'x y' },
      ticket: 'T-1',
    },
  })
  const one = { params: { id } }
  const whole = async (state: string) => expect(await says(agent, 'get', one)).toMatchObject({ id, state })
  await whole('agent_verification')
  await refuses(
    agent,
    'open',
    { body: { kind: 'technical', userEmail: user, reason: { code: 'fault' } } },
    'agent.busy',
  )
  await refuses(agent, 'proveAgent', { ...one, body: { method: 'code', code: '123456' } }, 'code.not_sent')
  await refuses(agent, 'proveUser', { ...one, body: { code: '123456' } }, 'assistance.out_of_order')

  const before = await lettersTo('ana@acme.test')
  await says(agent, 'sendAgentCode', one)
  expect(await refuses(agent, 'sendAgentCode', one, 'code.too_soon')).toHaveProperty('resendAt')
  const agentCode = (await play.newLetter('ana@acme.test', before)).codes[0] ?? ''
  const wrong = agentCode === '111111' ? '222222' : '111111'
  const no = await refuses(agent, 'proveAgent', { ...one, body: { method: 'code', code: wrong } }, 'code.wrong')
  expect(no.attemptsLeft).toBe(4)
  const looked = await says(agent, 'proveAgent', { ...one, body: { method: 'code', code: agentCode } })
  expect(looked).toMatchObject({ state: 'user_lookup', user: null, lookupsLeft: 4 })
  await whole('user_lookup')

  await says(agent, 'correctUser', { ...one, body: { email: user } })
  const { ecosystems } = await says(agent, 'get', one)
  await refuses(agent, 'chooseEcosystem', { ...one, body: { ecosystemId: 'cli_none' } }, 'ecosystem.unknown')
  await says(agent, 'chooseEcosystem', { ...one, body: { ecosystemId: ecosystems?.[0]?.id } })
  const seen = await lettersTo(user)
  await says(agent, 'askConsent', { ...one, body: { powers: 'act', lengthMinutes: 30 } })
  await whole('consent')
  const code = (await play.newLetter(user, seen)).codes[0]
  await refuses(agent, 'proveUser', { ...one, body: { match: '12' } }, 'match.not_asked')
  await says(agent, 'proveUser', { ...one, body: { code } })
  await whole('active')

  const asked = await lettersTo(user)
  await says(agent, 'askPresence', one)
  await says(agent, 'provePresence', { ...one, body: { code: (await play.newLetter(user, asked)).codes[0] } })
  const launch = launched.parse(await says(agent, 'launch', { ...one, body: { surface: 'web' } }))
  const screen = phoneLaunch.parse(await says(agent, 'launch', { ...one, body: { surface: 'app' } }))
  const { launchId } = screen
  const that = { params: { id, launchId } }
  await refuses(agent, 'matchPhone', { ...that, body: { digits: '47' } }, 'launch.not_scanned')
  await says(agent, 'sendPhoneLink', that)
  expect(await refuses(agent, 'sendPhoneLink', that, 'launch.sent')).toHaveProperty('resendAt')
  const phone = await phoneOf(stage)
  const shown = await phone.scan(screen.qr?.text ?? '')
  expect((await says(agent, 'phoneLaunch', that)).device?.name).toBe('Pixel 8')
  await says(agent, 'matchPhone', { ...that, body: { digits: phone.digits(shown) } })
  await phone.goOn(shown)
  await whole('active')
  await says(agent, 'closePhone', that)
  const browser = new Browser()
  await browser.follow(await browser.form(launch.url, { ticket: launch.ticket }, { origin: stage.console }))
  await whole('active')
  await refuses(agent, 'askPower', { ...one, body: { power: 'own_sign_in' } }, 'power.never')
  await refuses(agent, 'askPower', { ...one, body: { power: 'payment_method' } }, 'power.not_offered')
  const before2 = await lettersTo(user)
  await says(agent, 'askPower', { ...one, body: { power: 'invitations' } })
  const more = (await play.newLetter(user, before2)).codes[0]
  await says(agent, 'grantPower', { params: { id, power: 'invitations' }, body: { code: more } })
  await whole('active')
  await says(agent, 'closeSurface', { params: { id, surface: 'web' } })
  await refuses(agent, 'closeSurface', { params: { id, surface: 'web' } }, 'surface.not_open')
  await says(agent, 'addNote', { ...one, body: { text: 'First line\nSecond line' } })
  await says(agent, 'close', { ...one, body: { because: 'cancelled' } })
  await whole('closed')
  await says(agent, 'explainClosure', { ...one, body: { reason: 'other', note: 'The line went dead' } })
  await refuses(agent, 'sendAgentCode', one, 'assistance.closed')
  await refuses('ben', 'get', one, 'assistance.unknown')
})

test('lists, the record and a session are as the contract says', async () => {
  for (const state of ['live', 'closed', undefined])
    for (const agent of ['ana', 'sara']) await says(agent, 'list', { query: { state, limit: 2 } })
  await says('ana', 'list', { query: { openedWithinHours: 24 } })
  await says('sara', 'setNotice', { body: { text: 'Web down since 02:10' } })
  expect(await says('ana', 'notice')).toMatchObject({ notice: { text: 'Web down since 02:10' } })
  await refuses('ana', 'setNotice', { body: { text: 'x' } }, 'agent.not_allowed')
  await says('sara', 'setNotice', { body: {} })
  expect(await says('ana', 'notice')).toEqual({})
  const first = await says('sara', 'list', { query: { limit: 1 } })
  expect(first.items).toHaveLength(1)
  const page = await says('adam', 'auditEvents', { query: { limit: 5 } })
  expect(page.items).toHaveLength(5)
  await says('adam', 'auditEvents', { query: { limit: 5, cursor: page.nextCursor } })
  await says('adam', 'auditEvents', { query: { q: 'agent:ana type:consent.given after:2026-01-01' } })
  await refuses('adam', 'auditEvents', { query: { q: 'marta' } }, 'search.invalid')
  await refuses('ana', 'auditEvents', {}, 'agent.not_allowed')
  await says('adam', 'auditFigures', { query: { q: 'agent:ana after:2026-01-01', timeZone: 'America/Bogota' } })
  await refuses('ana', 'auditFigures', {}, 'agent.not_allowed')
  await says('adam', 'auditCount', { query: { q: 'type:consent.given' } })
  await refuses('ana', 'auditCount', {}, 'agent.not_allowed')
  for (const of of ['agent', 'user', 'type', 'assistance', 'because'])
    await says('adam', 'auditSuggestions', { query: { of, text: 'a' } })
  await refuses('ana', 'auditSuggestions', { query: { of: 'user' } }, 'agent.not_allowed')
  const checkpoint = await says('adam', 'auditCheckpoint')
  await says('adam', 'auditCheckpoint', { query: { since: checkpoint.size } })
  await refuses('adam', 'auditCheckpoint', { query: { since: 1_000_000 } }, 'record.not_reached')
  expect(await says('adam', 'auditProof', { params: { seq: '3' } })).toMatchObject({ seq: 3 })
  await refuses('adam', 'auditProof', { params: { seq: 'x' } }, 'record.not_reached')
  expect(await says('adam', 'verifyRecord', { body: { witnesses: [checkpoint.note] } })).toMatchObject({
    count: 0,
    witnesses: 1,
  })
  await refuses('ana', 'verifyRecord', { body: {} }, 'agent.not_allowed')

  const people = samplePeople.parse(await (await fetch(`http://127.0.0.1:${stage.port}/dev/people.json`)).json())
  const signedIn = await send('', api.signIn, { body: people.agents[0]?.signIn })
  expect(signedIn.status).toBe(201)
  expect(api.signIn.output.safeParse(await signedIn.json()).error).toBeUndefined()
  answered.add('signIn')
  const cookieOf = (answer: Response) => /^[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? ''
  const elsewhere = { cookie: cookieOf(signedIn), 'user-agent': 'elsewhere' }
  const seen = await lettersTo('ana@acme.test')
  expect(await says('', 'whoAmI', { headers: elsewhere })).toMatchObject({ elsewhere: true, ways: ['code'] })
  await refuses('', 'list', { headers: elsewhere }, 'agent.other_place')
  await says('', 'sendPlaceCode', { headers: elsewhere })
  const body = { method: 'code', code: (await play.newLetter('ana@acme.test', seen)).codes[0] }
  const shown = await send('', api.showPlace, { headers: elsewhere, body })
  expect([shown.status, api.showPlace.output.safeParse(await shown.json()).error]).toEqual([200, undefined])
  answered.add('showPlace')
  const headers = { ...elsewhere, cookie: cookieOf(shown) }
  await refuses('', 'sendPlaceCode', { headers }, 'code.too_soon')
  await says('', 'showPlace', { headers, body: { method: 'code', code: '123456' } })
  await says('', 'signOut', { headers })
})

test('an agent’s own factors, their password and a sign-in link are as the contract says', async () => {
  const password = play.people.agents.find((one) => one.email === 'dev01@acme.test')?.signIn.password ?? ''
  const shows = { method: 'password', password } as const
  const ways = await says('', 'signInWays')
  expect(ways).toEqual({ password: true })
  await refuses('dev01', 'freshChallenge', {}, 'passkey.not_enrolled')
  await refuses('dev01', 'beginPasskey', { body: { fresh: { ...shows, password: 'nonsense' } } }, 'fresh.wrong')

  await refuses('dev01', 'beginPasskey', { body: { fresh: shows } }, 'fresh.mailbox')
  const before = (await play.lettersTo('dev01@acme.test')).length
  await says('dev01', 'sendFactorCode', { body: { fresh: shows } })
  await refuses('dev01', 'sendFactorCode', { body: { fresh: shows } }, 'code.too_soon')
  const [code = ''] = (await play.newLetter('dev01@acme.test', before)).codes
  const wrong = code === '111111' ? '222222' : '111111'
  await refuses('dev01', 'showFactorCode', { body: { code: wrong } }, 'code.wrong')
  await says('dev01', 'showFactorCode', { body: { code } })
  await refuses('dev01', 'showFactorCode', { body: { code } }, 'code.spent')

  const passkey = softPasskey({ id: 'localhost', origin: stage.console })
  const made = passkey.make(await says('dev01', 'beginPasskey', { body: { fresh: shows } }))
  const mine = await says('dev01', 'keepPasskey', { body: { name: 'Laptop', response: made } })
  const params = { passkeyId: mine.factors.passkeys[0]?.id ?? '' }
  await refuses('dev01', 'keepPasskey', { body: { name: 'Again', response: made } }, 'passkey.expired')
  await says('dev01', 'renamePasskey', { params, body: { name: 'Old laptop' } })
  await refuses('dev02', 'renamePasskey', { params, body: { name: 'Mine' } }, 'passkey.unknown')
  await says('dev01', 'answerPasskeyOffer', { body: { answer: 'later' } })

  const { id } = await says('dev01', 'open', {
    body: { kind: 'technical', userEmail: 'marta@clinica-sol.test', reason: { code: 'fault' } },
  })
  const seen = await says('dev01', 'get', { params: { id } })
  expect(seen.agentMethods).toEqual(['passkey', 'code'])
  const answer = passkey.answer(await says('dev01', 'challengeAgent', { params: { id } }))
  await refuses(
    'dev01',
    'proveAgent',
    { params: { id }, body: { method: 'totp', code: '123456' } },
    'totp.not_enrolled',
  )
  const proof = { method: 'passkey', response: answer }
  expect((await says('dev01', 'proveAgent', { params: { id }, body: proof })).user?.name).toContain('Marta')
  expect(await says('dev01', 'get', { params: { id } })).toMatchObject({ agentMethod: 'passkey' })
  await refuses('dev01', 'proveAgent', { params: { id }, body: proof }, 'assistance.out_of_order')
  await says('dev01', 'close', { params: { id }, body: { because: 'cancelled' } })

  const shown = passkey.answer(await says('dev01', 'freshChallenge'))
  const begun = await says('dev01', 'beginTotp', { body: { fresh: { method: 'passkey', response: shown } } })
  expect(begun.uri).toContain(begun.secret)
  await refuses('dev01', 'keepTotp', { body: { code: wrongCodeOf(begun.secret) } }, 'code.wrong')
  expect((await says('dev01', 'keepTotp', { body: { code: codeOf(begun.secret) } })).factors.totp).toBe(true)
  for (const name of ['beginTotp', 'removeTotp', 'removePasskey'] as const)
    await refuses('dev01', name, { params, body: { fresh: shows } }, 'fresh.factor')
  const again = async () => ({
    method: 'passkey',
    response: passkey.answer(await says('dev01', 'freshChallenge')),
  })
  await says('dev01', 'removeTotp', { body: { fresh: await again() } })
  await says('dev01', 'removePasskey', { params, body: { fresh: await again() } })

  const next = 'a sentence that nobody guesses'
  await refuses('dev01', 'changePassword', { body: { password, next: 'short' } }, 'password.too_weak')
  await says('dev01', 'changePassword', { body: { password, next } })
  await refuses('', 'signIn', { body: { email: 'dev01@acme.test', password } }, 'agent.wrong_sign_in')

  await refuses('', 'lookAtInvite', { body: { token: 'nothing' } }, 'invite.unknown')
  await refuses('', 'acceptInvite', { body: { token: 'nothing', password: next } }, 'invite.unknown')
  const [row] = await fresh.db.query<{ id: string }>(`select id from agent where email = 'dev02@acme.test'`)
  const { token } = await invite(fresh.db, row?.id ?? '', { type: 'agent.invited', actor: system('test') })
  await says('', 'lookAtInvite', { body: { token } })
  expect((await says('', 'acceptInvite', { body: { token, password: next } })).email).toBe('dev02@acme.test')
  await refuses('', 'lookAtInvite', { body: { token } }, 'invite.unknown')
})

test('Ecosystem Admin, from the two proofs to a release by the third code, is as the contract says', async () => {
  const user = 'successor@rejected.test'
  const { id } = await says('ana', 'open', {
    body: { kind: 'succession', userEmail: user, reason: { code: 'succession' } },
  })
  const one = { params: { id } }
  const own = await lettersTo('ana@acme.test')
  await says('ana', 'sendAgentCode', one)
  const agentCode = (await play.newLetter('ana@acme.test', own)).codes[0]
  await says('ana', 'proveAgent', { ...one, body: { method: 'code', code: agentCode } })
  const before = await lettersTo(user)
  await says('ana', 'askConsent', one)
  await refuses('ana', 'succession', one, 'assistance.out_of_order')
  await says('ana', 'proveUser', { ...one, body: { code: (await play.newLetter(user, before)).codes[0] } })

  const { attempts } = await says('ana', 'succession', { ...one, query: { lang: 'es' } })
  const entries = attempts.flatMap((attempt) => attempt.entries)
  expect(entries.length).toBeGreaterThan(5)
  for (const entry of entries) await says('ana', 'successionStep', { params: { id, stepId: entry.id } })
  await refuses('ana', 'successionStep', { params: { id, stepId: 'e999' } }, 'succession.unknown_step')

  const release = { reason: 'support.user_asked', note: 'They paid, and asked to go on.' }
  await refuses('ana', 'release', { ...one, body: { ...release, code: '123456' } }, 'code.not_sent')
  const seen = await lettersTo(user)
  await says('ana', 'askRelease', one)
  const code = (await play.newLetter(user, seen)).codes[0]
  expect(await says('ana', 'release', { ...one, body: { ...release, code } })).toMatchObject({ result: 'done' })
  await says('ana', 'act', { ...one, body: { act: 'add_note', note: 'They will call again tomorrow.' } })
  await refuses('ana', 'act', { ...one, body: { act: 'approve', note: 'Because they asked.' } }, 'succession.never')
  await says('ana', 'close', { ...one, body: { because: 'finished', outcome: 'solved' } })
})

test('switching off and on again is as the contract says', async () => {
  const of = (name: string) =>
    play.people.agents.find((one) => one.email === `${name}@acme.test`)?.signIn.password ?? ''
  const fresh = (name: string) => ({ method: 'password', password: of(name) })
  const off = { scope: 'surface', target: 'app', why: 'A leak in the app' }
  await refuses('ana', 'cutOff', { body: { ...off, fresh: fresh('ana') } }, 'agent.not_allowed')
  const { cutoffs } = await says('sara', 'cutOff', { body: { ...off, fresh: fresh('sara') } })
  expect(cutoffs).toMatchObject([{ scope: 'surface', target: 'app', why: off.why, by: { name: 'Sara Molina' } }])
  await refuses('ada', 'cutOff', { body: { ...off, fresh: fresh('ada') } }, 'cutoff.standing')
  expect(await says('ana', 'cutoffs')).toMatchObject({ cutoffs })
  const params = { cutoffId: cutoffs[0]?.id ?? '' }
  const on = { why: 'Mended', fresh: fresh('ada') }
  expect(await says('ada', 'liftCutoff', { params, body: on })).toMatchObject({ cutoffs: [] })
  await refuses('ada', 'liftCutoff', { params, body: on }, 'cutoff.unknown')
})

/** Reads an event stream until `enough` says so of what came last. */
async function heard(agent: string, path: string, enough: (data: string) => boolean): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1${path}`, {
    headers: { authorization: `Bearer ${play.bearer(`${agent}@acme.test`)}` },
  })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  let said = ''
  for await (const chunk of answer.body ?? []) {
    said += new TextDecoder().decode(chunk)
    const data = said
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .at(-1)
      ?.slice(6)
    if (said.endsWith('\n\n') && data !== undefined && enough(data)) return data
  }
  return ''
}

test('a supervisor hears what is live, each change of it, and an agent hears of their own alone', async () => {
  const ids = (data: string): string[] => api.list.output.parse(JSON.parse(data)).items.map(({ id }) => id)
  const { id } = await says('cleo', 'open', {
    body: { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } },
  })
  const hers = heard('sara', '/live', (data) => ids(data).includes(id))
  expect(ids(await heard('ben', '/live', () => true))).toEqual([])
  expect(ids(await hers)).toContain(id)
  const gone = heard('sara', '/live', (data) => !ids(data).includes(id))
  await refuses('cleo', 'close', { params: { id }, body: { because: 'closed_by_supervisor' } }, 'agent.not_allowed')
  const closed = await says('sara', 'close', { params: { id }, body: { because: 'closed_by_supervisor' } })
  expect(closed).toMatchObject({ state: 'closed', because: 'closed_by_supervisor' })
  expect(ids(await gone)).not.toContain(id)
})

/** Leo's, from the look-up to the choice of where: what is asked of the user comes next. */
async function atChoice(agent: string, user = 'leo@clinica-sol.test'): Promise<{ params: { id: string } }> {
  const id = await play.proved(play.scriptOf(agent), user)
  await says(agent, 'chooseEcosystem', { params: { id }, body: { ecosystemId: 'cli_sol' } })
  return { params: { id } }
}

/** What an authenticator app shows now, or showed a moment ago. */
function appOf(agent: string, steps = 0) {
  const secret = play.people.agents.find(({ email }) => email === `${agent}@acme.test`)?.totpSecret ?? ''
  return { method: 'totp', code: codeOf(secret, steps) } as const
}

test('asking two, looking without a consent and its review are as the contract says', async () => {
  const one = await atChoice('ben')
  const note = 'They do not answer, and their clinic is locked out'
  await refuses('ben', 'breakGlass', one, 'approval.needed')
  const waiting = await says('ben', 'askGlass', { ...one, body: { note } })
  expect(waiting.approvals).toMatchObject([{ purpose: 'break_glass', needed: 2, state: 'waiting', mine: false }])

  await refuses('ben', 'approvals', {}, 'agent.not_allowed')
  await refuses('ben', 'oversight', {}, 'agent.not_allowed')
  const asked = await says('sol', 'oversight')
  expect(asked).toMatchObject({ approvals: 1, reviews: 0 })
  expect(await says('sol', 'oversight')).toEqual(asked)
  const { items, proofs } = await says('sol', 'approvals')
  expect(proofs).toEqual(['passkey', 'totp', 'sign_in'])
  expect(items).toMatchObject([{ assistanceId: one.params.id, note, agent: { name: 'Ben Ortiz' }, mine: true }])
  const params = { ...one.params, approvalId: items[0]?.id ?? '' }
  const yes = (agent: string, steps?: number) => ({ params, body: { decision: 'yes', proof: appOf(agent, steps) } })
  await refuses('ben', 'decide', { params, body: { decision: 'yes', proof: appOf('cleo') } }, 'assistance.unknown')
  await refuses('sol', 'decide', { params, body: { decision: 'yes' } }, 'fresh.needed')
  const password = { method: 'password', password: 'sol-demo-pass-1' }
  await refuses('sol', 'decide', { params, body: { decision: 'yes', proof: password } }, 'approval.weak')
  await refuses('sol', 'decide', { ...yes('sol'), params: { ...params, approvalId: 'ap_none' } }, 'approval.unknown')
  expect(await says('sol', 'decide', yes('sol'))).toMatchObject({ state: 'waiting', mine: false })
  const afterwards = await says('sol', 'oversight')
  expect(afterwards).toMatchObject({ approvals: 0 })
  expect(afterwards.mark).not.toBe(asked.mark)
  await refuses('sol', 'decide', yes('sol', 1), 'approval.answered')
  await refuses('ben', 'breakGlass', one, 'approval.needed')
  expect(await says('tess', 'decide', yes('tess'))).toMatchObject({ state: 'yes' })
  expect(await says('ben', 'breakGlass', one)).toMatchObject({ state: 'active', consentedBy: 'break_glass' })

  const review = { finding: 'justified', note: 'The clinic was locked out, as they said' }
  await refuses('ben', 'reviews', {}, 'agent.not_allowed')
  expect((await says('sara', 'reviews')).items).toMatchObject([{ assistanceId: one.params.id, mine: false }])
  await refuses('sara', 'closeReview', { ...one, body: review }, 'assistance.out_of_order')
  await says('ben', 'close', { ...one, body: { because: 'finished', outcome: 'solved' } })
  const toReview = (await says('sara', 'reviews')).items
  expect(toReview).toMatchObject([{ assistanceId: one.params.id, mine: true, reviewers: 1 }])
  expect(await says('sara', 'oversight')).toMatchObject({ reviews: 1 })
  await refuses('sol', 'closeReview', { ...one, body: review }, 'approval.own')
  await refuses('sara', 'closeReview', { params: { id: 'as_none' }, body: review }, 'review.unknown')
  expect(await says('sara', 'closeReview', { ...one, body: review })).toMatchObject({
    closed: { finding: 'justified' },
  })
  await refuses('sara', 'closeReview', { ...one, body: review }, 'review.answered')

  await refuses('ben', 'alerts', {}, 'agent.not_allowed')
  const alert = (await says('sara', 'alerts')).items.find(({ kind }) => kind === 'break_glass')
  expect(alert).toMatchObject({ agent: { name: 'Ben Ortiz' }, assistanceId: one.params.id })
  const that = { params: { alertId: alert?.id ?? '' } }
  await refuses('ben', 'seeAlert', that, 'agent.not_allowed')
  await refuses('sara', 'seeAlert', { params: { alertId: 'al_none' } }, 'alert.unknown')
  expect(await says('sara', 'seeAlert', that)).toMatchObject({ seen: { by: { name: 'Sara Molina' } } })
})

test('a hand-over, and whether something is ours, are as the contract says', async () => {
  const ready = await play.active(play.scriptOf('ben'), 'nuria@clinica-sol.test', 'cli_sol')
  const one = { params: { id: ready.id } }
  const that = { params: { assistanceId: ready.id } }
  await refuses('cleo', 'takeOver', that, 'handover.not_offered')
  await refuses('cleo', 'offer', { ...one, body: { offered: true } }, 'assistance.unknown')
  const note = 'Invoices are back, the printer is not'
  expect(await says('ben', 'offer', { ...one, body: { offered: true, note } })).toHaveProperty('offeredAt')
  expect((await says('cleo', 'offers')).items).toMatchObject([{ id: ready.id, note, agent: { name: 'Ben Ortiz' } }])
  expect((await says('ben', 'offers')).items).toEqual([])
  const taken = await says('cleo', 'takeOver', that)
  expect(taken).toMatchObject({ state: 'agent_verification', agent: { name: 'Cleo Park' } })
  await says('cleo', 'close', { params: { id: taken.id }, body: { because: 'cancelled' } })
  expect(await says('ben', 'get', one)).toMatchObject({ state: 'active' })
  expect(await says('ben', 'offer', { ...one, body: { offered: false } })).not.toHaveProperty('offeredAt')

  const ours = async (text: string) => (await says('cleo', 'ours', { body: { text } })).ours
  expect([await ours(ready.link), await ours('+1 212 555 0100'), await ours('KX7P-2M4D')]).toEqual([
    'message',
    'number',
    'unknown',
  ])
  await says('ben', 'close', { ...one, body: { because: 'finished', outcome: 'solved' } })
  await refuses('ben', 'offer', { ...one, body: { offered: true } }, 'assistance.closed')
})

test('what is wrong with a request stands in a list with its place, also where only a step can tell', async () => {
  const wrong = async (agent: string, name: CallName, ask: Ask, path: string) =>
    expect([name, (await refuses(agent, name, ask, 'request.invalid')).errors]).toEqual([
      name,
      [{ path, message: expect.stringMatching(/\S/) }],
    ])
  const asked = { kind: 'technical', userEmail: 'leo@clinica-sol.test' }
  await wrong('cleo', 'open', { body: { ...asked, reason: { code: 'Fault' } } }, 'reason.code')
  await wrong('cleo', 'open', { body: { ...asked, reason: { code: 'none_of_them' } } }, 'reason.code')
  await wrong('cleo', 'list', { query: { cursor: 'as_none' } }, 'cursor')
  await wrong('adam', 'auditEvents', { query: { cursor: 'eyJ9' } }, 'cursor')
  await wrong('adam', 'auditFigures', { query: { timeZone: 'Mars/Base' } }, 'timeZone')
  for (const [query, path] of [
    ['format=xml', 'format'],
    [`q=${'a'.repeat(401)}`, 'q'],
  ]) {
    const answer = await fetch(`http://127.0.0.1:${stage.port}${others.takeRecord.path}?${query}`, {
      headers: { authorization: `Bearer ${play.bearer('adam@acme.test')}` },
    })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'request.invalid', errors: [{ path }] }])
  }
})

test('every address says which methods it takes, and nobody is told by what one shows who one is', async () => {
  const at = (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${stage.port}${path}`, init)
  const authorization = `Bearer ${play.bearer('cleo@acme.test')}`
  const { paths } = (await (await at(others.describe.path, {})).json()) as { paths: Record<string, object> }
  for (const [path, methods] of Object.entries(paths)) {
    const answer = await at(path.replaceAll(/\{\w+\}/g, 'x'), { method: 'PATCH', headers: { authorization } })
    const takes = Object.keys(methods).flatMap((one) => (one === 'get' ? ['GET', 'HEAD'] : [one.toUpperCase()]))
    const allowed = answer.headers.get('allow')?.split(', ')
    expect([path, answer.status, allowed?.sort()]).toEqual([path, 405, takes.sort()])
    expect(await answer.json()).toMatchObject({ code: 'route.method' })
  }
  for (const [path, word] of [
    ['/api/v1/assistances', 'agent.unknown'],
    [others.hearLive.path, 'agent.unknown'],
  ] as const) {
    const answer = await at(path, {})
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Amparo"'])
    expect(await answer.json()).toMatchObject({ code: word })
  }
})

test('an event says in which request to the console it was written, as the answer and a problem name it, and none where there was none', async () => {
  // What was written by an older program says nothing of the kind, and is as whole as the rest.
  await noteLoose(fresh.db, { type: 'notice.set', actor: { kind: 'agent', id: 'ag_older' } })
  const named = async (answer: Response) => {
    const body = (await answer.json()) as { id?: string; requestId?: string }
    return { ...body, request: answer.headers.get('x-request-id') ?? '' }
  }
  const reason = { code: 'fault' } as const
  const ask = { body: { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason } } as const
  const opened = await named(await send('dev06', api.open, ask))
  const busy = await named(await send('dev06', api.open, ask))
  const one = { params: { id: opened.id ?? '' } }
  const sent = await named(await send('dev06', api.sendAgentCode, one))
  const closed = await named(await send('dev06', api.close, { ...one, body: { because: 'cancelled' } }))
  const account = { email: 'dev06@acme.test', password: 'not the password of anybody' }
  const wrong = await named(await send('', api.signIn, { body: account }))
  const stranger = await named(await send('', api.signIn, { body: { ...account, email: 'nobody@nowhere.test' } }))
  expect([busy.requestId, wrong.requestId]).toEqual([busy.request, wrong.request])
  const requests = [opened, sent, closed, wrong, stranger].map(({ request }) => request)
  expect(new Set(requests).size).toBe(5)

  const events = async (q: string) => (await says('adam', 'auditEvents', { query: { q, limit: 50 } })).items
  const of = async (q: string) => (await events(q)).map(({ request }) => request)
  const theirs = `assistance:${opened.id}`
  expect(await of(`${theirs} type:assistance.opened`)).toEqual([opened.request])
  expect(await of(`${theirs} type:agent.code_sent`)).toEqual([sent.request])
  expect(await of(`${theirs} type:assistance.closed`)).toEqual([closed.request])
  expect((await of('type:agent.sign_in_failed')).slice(0, 2)).toEqual([stranger.request, wrong.request])
  expect(await of('type:notice.set agent:ag_older')).toEqual([undefined])
  for (const { actor, body, request } of await events(theirs)) {
    expect(JSON.parse(body).actor.request).toBe(request)
    expect([actor.kind, request !== undefined]).toEqual([actor.kind, actor.kind === 'agent'])
  }
  expect(await says('adam', 'verifyRecord', { body: { witnesses: [] } })).toMatchObject({ count: 0 })
})

test('no call of the contract was left out, and the document that is served names them all', async () => {
  expect(Object.keys(api).filter((name) => !answered.has(name as CallName))).toEqual([])
  const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/openapi.json`)
  expect(answer.status).toBe(200)
  // biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
  const document: any = await answer.json()
  expect(document.openapi).toMatch(/^3\.1/)
  for (const call of Object.values<Call>(api))
    expect(Object.keys(document.paths[call.path] ?? {})).toContain(call.method.toLowerCase())
  for (const { path, types } of Object.values<Other>(others))
    expect(Object.keys(document.paths[path]?.get.responses[200].content ?? {})).toEqual(types)
})
