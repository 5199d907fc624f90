/**
 * Every route, every role, one's own and another's: who gets in, and what the others are told. A route that is not in
 * this table fails the test; so does a row whose answer changed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { api, type CallName, others } from '@amparo/contract/api'
import { roles as allRoles, type Role } from '@amparo/contract/words'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { keepAgent, openSession } from '../../server/src/identity/identity.store.ts'
import { type Play, playing } from './script.ts'
import { type Stage, staged } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
const agents = new Map<Role, string>()
const own = new Map<Role, string>()
let theirs = ''
beforeAll(async () => {
  fresh = await emptyDatabase()
  stage = await staged({ databaseUrl: fresh.url })
  play = await playing(stage)
  theirs = (await play.active(play.scriptOf('ben'), 'marta@clinica-sol.test', 'cli_sol')).id
  for (const role of allRoles) {
    const email = `${role.replace(':', '-')}@matrix.test`
    const made = {
      name: role,
      email,
      phone: '+34600000001',
      roles: [role],
      locale: 'en',
      password: 'not used',
    } as const
    agents.set(role, await keepAgent(fresh.db, made))
  }
  for (const kind of ['technical', 'succession'] as const) {
    const body = { kind, userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } }
    const { json } = await asked(`agent:${kind}`, 'POST', '/api/v1/assistances', body)
    own.set(`agent:${kind}`, json.id)
  }
}, 120_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await fresh.close()
})

/** Asks with a session of its own, so that no row leaves anything behind for the next. */
async function asked(who: Role | 'nobody', method: string, path: string, body: object | undefined) {
  const id = who === 'nobody' ? undefined : agents.get(who)
  const token = id === undefined ? undefined : (await openSession(fresh.db, id, 'bearer')).token
  const answer = await fetch(`http://127.0.0.1:${stage.port}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : { origin: stage.console }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(20_000),
  })
  const text = answer.headers.get('content-type')?.includes('json') ? await answer.text() : '{}'
  await answer.body?.cancel().catch(() => undefined)
  return { status: answer.status, json: JSON.parse(text || '{}') }
}

type Seen = 'in' | 'sign in' | 'not allowed' | 'unknown'
const seen = ({ status, json }: { status: number; json: { code?: string } }): Seen => {
  if (status === 401 && json.code === 'agent.unknown') return 'sign in'
  if (json.code === 'agent.not_allowed') return 'not allowed'
  return json.code === 'assistance.unknown' ? 'unknown' : 'in'
}

/** Who gets in. `own`: its agent alone; `watched`: its agent and every supervisor; `mine`: about oneself alone. */
type Rule = 'open' | 'everybody' | 'own' | 'watched' | readonly Role[]
type Row = readonly [rule: Rule, body?: object]
const fresh_ = { method: 'password', password: 'wrong' }
const desk = ['supervisor', 'admin'] as const
const byFactor = { fresh: fresh_ }

const table: Record<CallName, Row> = {
  about: ['open'],
  signIn: ['open', { email: 'nobody@matrix.test', password: 'wrong' }],
  whoAmI: ['everybody'],
  signOut: ['everybody'],
  signInWays: ['open'],
  sendPlaceCode: ['everybody', {}],
  showPlace: ['everybody', { method: 'code', code: '482913' }],
  changePassword: ['everybody', { password: 'wrong', next: 'a sentence that nobody guesses' }],
  lookAtInvite: ['open', { token: 'none' }],
  acceptInvite: ['open', { token: 'none', password: 'a sentence that nobody guesses' }],
  freshChallenge: ['everybody', {}],
  sendFactorCode: ['everybody', byFactor],
  showFactorCode: ['everybody', { code: '482913' }],
  beginPasskey: ['everybody', byFactor],
  keepPasskey: ['everybody', { name: 'x', response: {} }],
  renamePasskey: ['everybody', { name: 'x' }],
  removePasskey: ['everybody', byFactor],
  answerPasskeyOffer: ['everybody', { answer: 'later' }],
  beginTotp: ['everybody', byFactor],
  keepTotp: ['everybody', { code: '123456' }],
  removeTotp: ['everybody', byFactor],
  reasons: ['everybody'],
  notice: ['everybody'],
  setNotice: [['supervisor'], { text: 'Hello' }],
  open: [['agent:technical'], { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } }],
  list: ['everybody'],
  get: ['watched'],
  sendAgentCode: ['own', {}],
  challengeAgent: ['own', {}],
  proveAgent: ['own', { method: 'code', code: '482913' }],
  correctUser: ['own', { email: 'leo@clinica-sol.test' }],
  chooseEcosystem: ['own', { ecosystemId: 'cli_sol' }],
  askConsent: ['own', {}],
  proveUser: ['own', { code: '482913' }],
  askPresence: ['own', {}],
  provePresence: ['own', { code: '482913' }],
  launch: ['own', { surface: 'web' }],
  phoneLaunch: ['own'],
  matchPhone: ['own', { digits: '47' }],
  closePhone: ['own'],
  sendPhoneLink: ['own', {}],
  succession: ['own'],
  successionStep: ['own'],
  askRelease: ['own', {}],
  release: ['own', { code: '482913', reason: 'support.user_asked', note: 'They mended what failed' }],
  act: ['own', { act: 'add_note', note: 'They mended what failed' }],
  askPower: ['own', { power: 'payment_method' }],
  grantPower: ['own', { code: '482913' }],
  closeSurface: ['own', {}],
  addNote: ['watched', { text: 'Seen' }],
  explainClosure: ['own', { reason: 'user_hung_up' }],
  cutoffs: ['everybody'],
  cutOff: [desk, { scope: 'everything', why: 'a test', fresh: fresh_ }],
  liftCutoff: [desk, { why: 'a test', fresh: fresh_ }],
  decide: [['supervisor'], { decision: 'no' }],
  approvals: [['supervisor']],
  askGlass: ['own', { note: 'They do not answer' }],
  breakGlass: ['own', {}],
  oversight: [['supervisor']],
  reviews: [['supervisor']],
  closeReview: [['supervisor'], { finding: 'justified', note: 'Looked at it' }],
  offer: ['own', { offered: true }],
  offers: ['everybody'],
  takeOver: ['everybody', {}],
  ours: ['everybody', { text: 'K7QFR-2M9XT' }],
  alerts: [['supervisor']],
  seeAlert: [['supervisor'], {}],
  surfaces: ['everybody'],
  auditEvents: [['auditor']],
  auditFigures: [['auditor']],
  auditCount: [['auditor']],
  auditSuggestions: [['auditor']],
  auditCheckpoint: [['auditor']],
  auditProof: [['auditor']],
  verifyRecord: [['auditor'], {}],
  // The last: for whoever may, it ends what the rows above asked about.
  close: ['watched', { because: 'closed_by_supervisor' }],
}

const pathOf = (name: CallName, id: string): string =>
  api[name].path
    .replace('{id}', id)
    .replace('{surface}', 'web')
    .replace('{power}', 'payment_method')
    .replace('{seq}', '1')
    .replace(/\{\w+\}/g, 'none')
    .replace(/\/suggestions$/, '$&?of=user')
const isOfOne = (name: CallName): boolean => api[name].path.includes('{id}')

/** What this role is told, of one's own or of another's. */
function expected(rule: Rule, who: Role | 'nobody', whose: 'own' | 'theirs', name: CallName): Seen {
  if (rule === 'open') return 'in'
  if (who === 'nobody') return 'sign in'
  if (rule === 'everybody') return 'in'
  if (rule === 'own') return whose === 'own' ? 'in' : 'unknown'
  if (rule === 'watched') return whose === 'own' || who === 'supervisor' ? 'in' : 'unknown'
  if (rule.includes(who)) return 'in'
  return isOfOne(name) ? 'unknown' : 'not allowed'
}

const everybody = ['nobody', ...allRoles] as const
const names = Object.keys(table) as CallName[]

test('every call of the contract has its row', () => {
  expect([...names].sort()).toEqual(Object.keys(api).sort())
})

describe.each(names)('%s', (name) => {
  const [rule, body] = table[name]
  const cells = everybody.flatMap((who): readonly (readonly [Role | 'nobody', 'own' | 'theirs'])[] =>
    isOfOne(name) && who.startsWith('agent:')
      ? [
          [who, 'own'],
          [who, 'theirs'],
        ]
      : [[who, 'theirs']],
  )
  test('each role gets in, or is told what it may know', async () => {
    for (const [who, whose] of cells) {
      const id = (whose === 'own' && who !== 'nobody' ? own.get(who) : theirs) ?? ''
      const answer = await asked(who, api[name].method, pathOf(name, id), body)
      // Whoever closes as a supervisor without being one is told so about their own, and nothing about another's.
      const want = name === 'close' && whose === 'own' ? 'not allowed' : expected(rule, who, whose, name)
      expect([name, who, whose, answer.status, answer.json.code, seen(answer)]).toEqual([
        name,
        who,
        whose,
        answer.status,
        answer.json.code,
        want,
      ])
    }
  })
})

// ── What is not in the contract's table ─────────────────────────────────────────────────────────────────────────────

const source = (path: string) => readFileSync(join(import.meta.dirname, '../../server/src', path), 'utf8')

/** Addresses of the three origins beside the calls, each with what a stranger gets: nobody's name, no secret, no session. */
const strangers: Readonly<
  Record<string, readonly (readonly [method: string, path: string, statuses: readonly number[]])[]>
> = {
  console: [
    ['GET', '/api/v1/assistances/as_000000000000000000000000/stream', [401]],
    ['GET', '/api/v1/live', [401]],
    ['GET', '/api/v1/openapi.json', [200]],
    ['GET', '/api/v1/audit/export', [401]],
    ['GET', '/livez', [200]],
    ['GET', '/readyz', [200, 503]],
    ['GET', '/metrics', [200, 401, 404]],
    ['GET', '/', [404]],
  ],
  issuer: [
    ['POST', '/launch', [403]],
    ['GET', '/interaction/x', [410, 400, 404]],
    ['GET', '/interaction/x/state', [200, 400, 404, 410]],
    ['POST', '/interaction/x/decline', [200, 303, 400, 403, 404, 410]],
    ['POST', '/introspect', [401]],
    ['POST', '/activity', [401]],
    ['GET', '/endings', [401]],
    ['POST', '/end', [401]],
    ['POST', '/bridge/ticket', [401]],
    ['POST', '/bridge/redeem', [401]],
    ['POST', '/bridge/claims', [401]],
    ['POST', '/revoke', [401]],
    ['GET', '/livez', [200]],
    ['GET', '/authorize', [404, 410, 400]],
    ['GET', '/authorize/x', [400, 404, 410]],
    ['POST', '/token', [400, 401]],
    ['GET', '/userinfo', [400, 401]],
    ['POST', '/userinfo', [400, 401]],
    ['GET', '/jwks', [200]],
    ['GET', '/.well-known/openid-configuration', [200]],
  ],
  companion: [
    ['GET', '/c/aaaaaaaaaaaaaaaaaaaaaa', [404]],
    ...[
      ...['yes', 'decline', 'not-me', 'still-here', 'stop', 'power-yes', 'power-no', 'power-back', 'seen'],
      ...['release-yes', 'release-no'],
      ...['history-code', 'history', 'history-copy', 'objection'],
    ].map((act) => ['POST', `/c/aaaaaaaaaaaaaaaaaaaaaa/${act}`, [404]] as const),
    ['GET', '/c/aaaaaaaaaaaaaaaaaaaaaa/history', [404]],
    // A reload of what a button answered leads back to the page, whatever the link is worth.
    ['GET', '/c/aaaaaaaaaaaaaaaaaaaaaa/stop', [303]],
    ['GET', '/c/aaaaaaaaaaaaaaaaaaaaaa/receipt', [404]],
    ['GET', '/o/aaaaaaaaaaaaaaaaaaaaaa', [404]],
    ['POST', '/o/aaaaaaaaaaaaaaaaaaaaaa/yes', [404]],
    ['POST', '/o/aaaaaaaaaaaaaaaaaaaaaa/no', [404]],
    ['GET', '/ours', [200]],
    ['POST', '/ours', [400]],
    ['GET', '/receipt', [200]],
    ['GET', '/receipt-keys.json', [200, 404]],
    ['GET', '/help/en/none', [404]],
    ['GET', '/favicon.ico', [204]],
  ],
}
const offsets = { console: 0, issuer: 1, companion: 2 } as const

test.each(Object.entries(offsets))(
  '%s: a stranger gets what everybody may have, and nothing else',
  async (face, offset) => {
    for (const [method, path, statuses] of strangers[face] ?? []) {
      const answer = await fetch(`http://127.0.0.1:${stage.port + offset}${path}`, { method, redirect: 'manual' })
      await answer.body?.cancel()
      expect({ method, path, status: answer.status, ok: statuses.includes(answer.status) }).toMatchObject({ ok: true })
    }
  },
)

test('every path of the three origins and every act of the page is in this table', () => {
  const listed = strangers.issuer?.map(([method, path]) => `${method} ${path}`) ?? []
  for (const [, pattern = '', methods = ''] of source('issuer/issuer.ts').matchAll(
    /\{ path: \/(.+?)\/, methods: \{ (.+?) \} \}/g,
  ))
    for (const [, method] of methods.matchAll(/(GET|POST|PUT|DELETE):/g))
      expect([
        pattern,
        method,
        listed.some((one) => one.startsWith(`${method} `) && new RegExp(pattern).test(one.split(' ')[1] ?? '')),
      ]).toEqual([pattern, method, true])
  for (const [file, face] of [
    ['companion/companion.routes.ts', 'companion'],
    ['companion/history.routes.ts', 'companion'],
    ['app.ts', 'console'],
    ['operations/probes.routes.ts', 'console'],
  ] as const)
    for (const [, method = '', path = ''] of source(file).matchAll(
      /app\.(get|post|put|delete)\(\s*['`]([^'`]+)['`]/g,
    )) {
      const pattern = path
        .replace(/\$\{\w+\}/, 'seen')
        .replace(/:\w+/g, '[^/]+')
        .replace('*', '.*')
      const isThere = strangers[face]?.some(
        ([m, at]) => m === method.toUpperCase() && new RegExp(`^/?${pattern}$`).test(at),
      )
      expect([face, method, path, isThere]).toEqual([face, method, path, true])
    }
  for (const { path } of Object.values(others))
    expect([
      path,
      strangers.console?.some(([, at]) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(at)),
    ]).toEqual([path, true])
  for (const [, act] of source('companion/history.routes.ts').matchAll(/^ {2}post\('([\w-]+)'/gm))
    expect([act, strangers.companion?.some(([, path]) => path.endsWith(`/${act}`))]).toEqual([act, true])
  const acts = /export const acts: readonly Act\[\] = \[([^\]]+)\]/.exec(source('companion/companion.ts'))?.[1] ?? ''
  for (const [, act] of acts.matchAll(/'([^']+)'/g))
    expect([act, strangers.companion?.some(([, path]) => path.endsWith(`/${act}`))]).toEqual([act, true])
})

test('a supervisor who reads what others do is in the record; one who reads their own alone, as a console asks for it all day, is not', async () => {
  const readings = async () =>
    (await fresh.db.query<{ count: number }>(`select count(*)::int from event where type = 'record.read'`))[0]?.count ??
    0
  const before = await readings()
  const me = agents.get('supervisor')
  for (const query of [`state=live&agent=${me}`, `agent=${me}&openedWithinHours=24`]) {
    expect((await asked('supervisor', 'GET', `/api/v1/assistances?${query}`, undefined)).status).toBe(200)
    expect(await readings()).toBe(before)
  }
  for (const [at, query] of ['state=live', `agent=${agents.get('agent:technical')}`].entries()) {
    expect((await asked('supervisor', 'GET', `/api/v1/assistances?${query}`, undefined)).status).toBe(200)
    expect(await readings()).toBe(before + at + 1)
  }
})
