/**
 * Agents who sign in at their company, and what it changes here: one suite, held by any OpenID Connect issuer, by Cognito's
 * double, and by Cognito itself where an account is asked.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { companyAtTheDouble, companyInAnAccount, playedCognito } from '../../../deploy/contract/company.ts'
import { heldIn } from '../../../deploy/contract/place.ts'
import { opened, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { sealingFrom, secretsFrom } from '../secrets.ts'
import { agentBy, disableAgent } from './agents.store.ts'
import { anyIssuer, type Company, signedOut } from './company.testing.ts'
import { beginTotp } from './factors.flow.ts'
import { sendFactorCode } from './first-factor.flow.ts'
import { callerBy, openSession } from './identity.store.ts'
import { mannersOf } from './provider.ts'
import { guesses, signIn } from './sign-in.flow.ts'
import { askAgain, grantAbout, type StaffDesk } from './staff.flow.ts'
import { staffRoutes } from './staff.routes.ts'
import { keepGrant, keepStaff, renewGrant } from './staff.store.ts'
import { type Staff, type StaffSettings, staffAt } from './staff.ts'
import { strangerFrom as from, identityOutside, mailboxShown } from './testing.ts'

const origin = 'https://desk.acme.test'
const back = `${origin}/sign-in/back`

/** `takesAnything`: the provider lets people write whatever they want where their name and their address stand. */
function contract(companyAt: () => Promise<Company>, takesAnything = false): void {
  let fresh: FreshDatabase
  let company: Company
  let settings: StaffSettings
  let desk: StaffDesk
  let count = 0
  let who = ''

  beforeAll(async () => {
    fresh = await freshDatabase()
    company = await companyAt()
    const { claim, scope } = mannersOf(company.provider)
    settings = {
      issuer: company.issuer,
      provider: company.provider,
      clientId: company.client.id,
      clientSecret: company.client.secret,
      redirectUri: back,
      signedOutUri: signedOut,
      insecure: company.issuer.startsWith('http:'),
      claim,
      scope,
    }
  }, 240_000)
  afterAll(async () => {
    await company?.close()
    await fresh.close()
  })

  const iris = (groups: readonly string[]) => ({ name: 'Iris Vega', email: `iris${count}@acme.test`, groups })

  beforeEach(async () => {
    await fresh.db.query('delete from staff_grant')
    count += 1
    who = `person-${count}`
    company.sits(who)
    await company.put(who, iris(['support']))
    const issuer = { name: '127.0.0.1', url: '/sign-in/issuer', signOut: '/sign-out/issuer' }
    desk = {
      outside: { ...identityOutside(testOutside(fresh)), issuer },
      staff: staffAt(settings),
      groups: { support: ['agent:technical'], leads: ['agent:technical', 'supervisor'] },
    }
  })

  const app = () =>
    staffRoutes(
      desk,
      () => from,
      () => undefined,
    )
  const cookiesIn = (answer: Response) => answer.headers.getSetCookie()
  const cookieIn = (cookies: readonly string[], name: string) =>
    cookies.map((one) => new RegExp(`^${name}=([^;]+)`).exec(one)?.[1]).find((value) => value !== undefined) ?? ''

  /** From the button to where the provider sends the browser back; with what the browser keeps. */
  async function walked(): Promise<{ to: URL; back: string; underway: string; asked: URL }> {
    const begun = await app().request('/sign-in/issuer')
    expect(begun.status).toBe(303)
    const jar = new Map<string, string>()
    const asked = new URL(begun.headers.get('location') ?? '')
    let to = asked
    while (to.origin === new URL(company.pages).origin) {
      const asked = (body?: URLSearchParams) => {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
        const form = body ? { method: 'POST', body } : {}
        return fetch(to, { redirect: 'manual', headers: { cookie }, ...form }).then(keep)
      }
      const keep = (answer: Response) => {
        for (const one of cookiesIn(answer)) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
          jar.set(name, value)
        }
        return answer
      }
      let answer = await asked()
      if (answer.status === 200) {
        const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await answer.text()) ?? []
        answer = await asked(new URLSearchParams({ ...company.typed(who), _csrf: csrf }))
      }
      expect([302, 303]).toContain(answer.status)
      to = new URL(answer.headers.get('location') ?? '', to)
    }
    const [kept] = cookiesIn(begun)
    expect(kept).toMatch(/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/)
    return {
      to,
      back: `${to.pathname}${to.search}`,
      underway: cookieIn(cookiesIn(begun), '__Host-amparo-underway'),
      asked,
    }
  }

  const cameBack = (path: string, underway: string) =>
    app().request(`${origin}${path}`, { headers: { cookie: `__Host-amparo-underway=${underway}` } })

  async function signedIn() {
    const { back: path, underway } = await walked()
    const answer = await cameBack(path, underway)
    expect(answer.status).toBe(200)
    const token = cookieIn(cookiesIn(answer), '__Host-amparo')
    const caller = await callerBy(fresh.db, token)
    if (!caller) throw new Error('nobody came')
    return { token, caller, answer }
  }
  const aMinuteLater = () => fresh.db.query(`update staff_grant set asked_at = asked_at - interval '1 minute'`)

  test('an agent comes in by code, PKCE, state and nonce; their groups give their roles, and the way back is a page', async () => {
    const { asked } = await walked()
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: back,
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const { caller, answer } = await signedIn()
    expect(caller).toMatchObject({ name: 'Iris Vega', email: `iris${count}@acme.test`, roles: ['agent:technical'] })
    expect(cookiesIn(answer).find((one) => one.startsWith('__Host-amparo='))).toContain('SameSite=Strict')
    expect(answer.headers.get('refresh')).toBe('0; url=/')
    const again = await signedIn()
    expect(again.caller.agentId).toBe(caller.agentId)
  })

  test('where agents sign in at their company, no password of ours opens anything', async () => {
    const given = { email: `iris${count}@acme.test`, password: 'whatever it was before' }
    expect(await signIn(desk.outside, given, from)).toMatchObject({ ok: false, refusal: 'agent.elsewhere' })
  })

  test('an answer that was not asked for in this browser, was altered, or comes a second time signs nobody in', async () => {
    const mine = await walked()
    const theirs = await walked()
    const before = (await fresh.db.query('select from agent_session')).length
    const altered = mine.back.replace(/state=[\w-]+/, `state=${'x'.repeat(43)}`)
    for (const [path, underway] of [
      [mine.back, ''],
      [mine.back, theirs.underway],
      [mine.back, `${mine.underway.slice(0, -4)}AAAA`],
      [altered, mine.underway],
      ['/sign-in/back?error=access_denied', mine.underway],
    ] as const) {
      const answer = await cameBack(path, underway)
      expect(answer.status).toBe(401)
      expect(cookieIn(cookiesIn(answer), '__Host-amparo')).toBe('')
    }
    expect((await fresh.db.query('select from agent_session')).length).toBe(before)
    const { back: path, underway } = await walked()
    expect((await cameBack(path, underway)).status).toBe(200)
    expect((await cameBack(path, underway)).status).toBe(401)
  })

  test('a stranger who answers without having been there asks the provider thirty times in our name, and no more; who comes is none of them', async () => {
    desk = { ...desk, outside: { ...desk.outside, guesses: guesses(() => 0) } }
    await signedIn()
    const { back: path, underway } = await walked()
    const made = path.replace(/code=[^&]+/, 'code=made-up')
    const said: number[] = []
    for (let i = 0; i < 33; i += 1) said.push((await cameBack(made, underway)).status)
    expect(said).toEqual([...Array(30).fill(401), 429, 429, 429])
    expect((await cameBack('/sign-in/back', '')).status).toBe(401)
  })

  test('who is in no group of the table, or was disabled by the operator, is refused in words', async () => {
    await company.put(who, iris(['constructor', 'sales']))
    const refused = async () => {
      const { back: path, underway } = await walked()
      return cameBack(path, underway)
    }
    const stranger = await refused()
    expect(stranger.status).toBe(403)
    expect(await stranger.text()).toContain('Ask your administrator')
    await company.put(who, iris(['support']))
    await signedIn()
    const agent = await agentBy(fresh.db, `iris${count}@acme.test`)
    await disableAgent(fresh.db, agent?.id ?? '')
    expect((await refused()).status).toBe(403)
  })

  test('who was disabled at the company is out within a minute, and what they had under way with them', async () => {
    const outside = testOutside(fresh)
    const { caller, token } = await signedIn()
    const id = await opened(outside, caller, 'leo@clinica-sol.test')
    await aMinuteLater()
    expect(await askAgain(desk)).toBe(1)
    expect(await callerBy(fresh.db, token)).toBeDefined()
    await company.put(who, undefined)
    await aMinuteLater()
    await askAgain(desk)
    expect(await callerBy(fresh.db, token)).toBeUndefined()
    expect((await viewOf(outside, id))?.state).toBe('closed')
  })

  test('who changed groups has the new roles within a minute; who may no longer help loses what is open', async () => {
    const outside = testOutside(fresh)
    const { caller, token } = await signedIn()
    const id = await opened(outside, caller, 'leo@clinica-sol.test')
    await company.put(who, iris(['leads']))
    await aMinuteLater()
    await askAgain(desk)
    expect((await callerBy(fresh.db, token))?.roles).toEqual(['agent:technical', 'supervisor'])
    expect((await viewOf(outside, id))?.state).toBe('agent_verification')
    await company.put(who, iris(['sales']))
    await aMinuteLater()
    await askAgain(desk)
    expect(await callerBy(fresh.db, token)).toBeUndefined()
    expect((await viewOf(outside, id))?.state).toBe('closed')
  })

  /** From now on the provider knows nothing of what it gave for this session. */
  const runsOut = ({ sessionId }: Caller, { secrets } = desk.outside) =>
    renewGrant(
      fresh.db,
      sessionId,
      secrets.seal(JSON.stringify({ subject: who, access: 'over', refresh: 'over' }), grantAbout(sessionId)),
    )
  const whyOut = ({ sessionId }: Caller) =>
    fresh.db.query<{ why: string }>(
      `select body::jsonb #>> '{data,why}' as why from event
        where type = 'agent.signed_out' and body::jsonb #>> '{data,session}' = $1`,
      [sessionId],
    )

  test('who signed in twice keeps what is open in the one where what was given for the other runs out, and nothing once both have', async () => {
    const outside = testOutside(fresh)
    const [first, second] = [await signedIn(), await signedIn()]
    const id = await opened(outside, second.caller, 'leo@clinica-sol.test')
    await runsOut(first.caller)
    await aMinuteLater()
    expect(await askAgain(desk)).toBe(2)
    expect(await callerBy(fresh.db, first.token)).toBeUndefined()
    expect((await callerBy(fresh.db, second.token))?.roles).toEqual(['agent:technical'])
    expect((await viewOf(outside, id))?.state).toBe('agent_verification')
    await runsOut(second.caller)
    await aMinuteLater()
    expect(await askAgain(desk)).toBe(1)
    expect(await callerBy(fresh.db, second.token)).toBeUndefined()
    expect((await viewOf(outside, id))?.state).toBe('closed')
    expect(await fresh.db.query('select roles from agent where id = $1', [second.caller.agentId])).toEqual([
      { roles: [] },
    ])
  })

  test('who signed in twice and was disabled at the company loses both by one asking', async () => {
    const outside = testOutside(fresh)
    const [first, second] = [await signedIn(), await signedIn()]
    const id = await opened(outside, second.caller, 'leo@clinica-sol.test')
    await company.put(who, undefined)
    await aMinuteLater()
    await askAgain(desk)
    expect([await callerBy(fresh.db, first.token), await callerBy(fresh.db, second.token)]).toEqual([
      undefined,
      undefined,
    ])
    expect((await viewOf(outside, id))?.state).toBe('closed')
    expect(await fresh.db.query('select roles from agent where id = $1', [first.caller.agentId])).toEqual([
      { roles: [] },
    ])
  })

  test('nobody is asked about by a session that is over by the clock', async () => {
    const { caller } = await signedIn()
    await fresh.db.query('update agent_session set expires_at = clock_timestamp() where id = $1', [caller.sessionId])
    await aMinuteLater()
    expect(await askAgain(desk)).toBe(0)
  })

  test('a no to what counts no more since another server was given the next ends nothing', async () => {
    const { token, caller } = await signedIn()
    const { again } = desk.staff
    const late: Staff['again'] = async (grant) => {
      const now = await again(grant)
      if (typeof now === 'string') throw new Error('the provider gave nothing')
      const { secrets } = desk.outside
      await renewGrant(
        fresh.db,
        caller.sessionId,
        secrets.seal(JSON.stringify(now.grant), grantAbout(caller.sessionId)),
      )
      return 'gone'
    }
    await aMinuteLater()
    expect(await askAgain({ ...desk, staff: { ...desk.staff, again: late } })).toBe(1)
    await aMinuteLater()
    expect(await askAgain(desk)).toBe(1)
    expect((await callerBy(fresh.db, token))?.roles).toEqual(['agent:technical'])
  })

  /** Two servers in the middle of an exchange of the sealing key: one knows the new one already. */
  function twoServers(): readonly [old: StaffDesk, knows: StaffDesk] {
    const root = randomBytes(32)
    const { now } = sealingFrom(randomBytes(32))
    const secrets = secretsFrom(root, { now, former: [sealingFrom(root).now] })
    return [
      { ...desk, outside: { ...desk.outside, secrets: secretsFrom(root) } },
      { ...desk, outside: { ...desk.outside, secrets } },
    ]
  }

  test('a server that does not know a new sealing key yet ends nothing that was sealed with it: the one that knows it asks, and gives back', async () => {
    const outside = testOutside(fresh)
    const [old, knows] = twoServers()
    desk = old
    const { caller, token } = await signedIn()
    const id = await opened(outside, caller, 'leo@clinica-sol.test')
    await aMinuteLater()
    expect(await askAgain(knows)).toBe(1)
    await aMinuteLater()
    expect(await askAgain(old)).toBe(0)
    expect((await callerBy(fresh.db, token))?.roles).toEqual(['agent:technical'])
    expect((await viewOf(outside, id))?.state).toBe('agent_verification')
    expect(await askAgain(knows)).toBe(1)
    await fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [caller.sessionId])
    await askAgain(old)
    expect(await fresh.db.query('select from staff_grant')).toHaveLength(1)
    const given: string[] = []
    await askAgain({ ...knows, staff: { ...knows.staff, leave: async ({ subject }) => void given.push(subject) } })
    expect(await fresh.db.query('select from staff_grant')).toEqual([])
    expect(given).toHaveLength(1)
  })

  test('what nobody could read for ten minutes ends its session, and the record says why', async () => {
    const outside = testOutside(fresh)
    const [old, knows] = twoServers()
    desk = knows
    const { caller, token } = await signedIn()
    const id = await opened(outside, caller, 'leo@clinica-sol.test')
    const minutesLater = (minutes: number) =>
      fresh.db.query(`update staff_grant set asked_at = asked_at - make_interval(mins => $1)`, [minutes])
    await minutesLater(5)
    expect(await askAgain(old)).toBe(0)
    expect(await callerBy(fresh.db, token)).toBeDefined()
    await minutesLater(5)
    expect(await askAgain(old)).toBe(1)
    expect(await callerBy(fresh.db, token)).toBeUndefined()
    expect((await viewOf(outside, id))?.state).toBe('closed')
    expect(await whyOut(caller)).toEqual([{ why: 'unreadable' }])
    await minutesLater(10)
    await askAgain(old)
    expect(await fresh.db.query('select from staff_grant')).toEqual([])
  })

  test('what was given to those who signed out is given back, also where asking about another breaks each time', async () => {
    const gone = await signedIn()
    await signedIn()
    await fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [gone.caller.sessionId])
    await aMinuteLater()
    const given: string[] = []
    const again = () => Promise.reject(new Error('it breaks each time'))
    const leave: Staff['leave'] = async ({ subject }) => void given.push(subject)
    await expect(askAgain({ ...desk, staff: { ...desk.staff, again, leave } })).rejects.toThrow('breaks each time')
    expect(given).toHaveLength(1)
  })

  test('while the provider is silent nobody comes in, and who is there stays', async () => {
    const { token } = await signedIn()
    desk = { ...desk, staff: staffAt({ ...settings, issuer: 'http://127.0.0.1:9' }) }
    await aMinuteLater()
    await askAgain(desk)
    expect(await callerBy(fresh.db, token)).toBeDefined()
    expect((await app().request('/sign-in/issuer')).status).toBe(503)
  })

  test('what the provider gave is kept sealed, and forgotten with the session', async () => {
    const { caller } = await signedIn()
    const rows = await fresh.db.query<{ text: string }>('select encode(sealed, $1) as text from staff_grant', [
      'escape',
    ])
    for (const { text } of rows) expect(text).not.toContain('refresh')
    await fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [caller.sessionId])
    await askAgain(desk)
    expect(await fresh.db.query('select from staff_grant where session_id = $1', [caller.sessionId])).toEqual([])
  })

  test('without a password of ours, a factor is added in the five minutes after the sign-in, and not later; the first takes the code of a message besides', async () => {
    const { caller } = await signedIn()
    expect(await beginTotp(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ refusal: 'fresh.mailbox' })
    expect(await sendFactorCode(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ ok: true })
    await mailboxShown(desk.outside, caller)
    expect(await beginTotp(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ ok: true })
    await fresh.db.query(`update agent_session set opened_at = opened_at - interval '5 minutes' where id = $1`, [
      caller.sessionId,
    ])
    expect(await beginTotp(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ refusal: 'fresh.expired' })
  })

  test('an address that nobody at the company has looked at makes nobody an agent whom we know by it', async () => {
    await signedIn()
    const email = `iris${count}@acme.test`
    await company.put('mallory', { name: 'Mallory', email, groups: ['support'], unverified: true })
    company.sits('mallory')
    who = 'mallory'
    const { back: path, underway } = await walked()
    const answer = await cameBack(path, underway)
    expect(answer.status).toBe(403)
    expect(cookieIn(cookiesIn(answer), '__Host-amparo')).toBe('')
    expect((await agentBy(fresh.db, email))?.name).toBe('Iris Vega')
  })

  if (takesAnything)
    test('who wrote into their own name what cannot be kept comes in without it, and by such an address is nobody', async () => {
      const { email } = iris([])
      await company.put(who, { name: `Iris\u0000 \ud800${'V'.repeat(500)}`, email, groups: ['support'] })
      const { caller } = await signedIn()
      expect(caller.name).toBe(`Iris ${'V'.repeat(195)}`)
      for (const [id, spelt] of [
        ['zero', `${email}\u0000`],
        ['half', `${email}\udc00`],
        ['long', `${'x'.repeat(9_000)}@acme.test`],
      ] as const) {
        await company.put(id, { name: 'Mallory', email: spelt, groups: ['support'] })
        company.sits(id)
        const { back: path, underway } = await walked()
        expect([id, (await cameBack(path, underway)).status]).toEqual([id, 403])
      }
      expect((await agentBy(fresh.db, email))?.id).toBe(caller.agentId)
    })

  test('who signs out here is led through the way out there, and asked who they are the next time', async () => {
    const led = await app().request('/sign-out/issuer')
    expect(led.status).toBe(303)
    const to = new URL(led.headers.get('location') ?? '')
    expect(to.origin).toBe(new URL(company.pages).origin)
    const answer = await fetch(to, { redirect: 'manual' })
    expect(answer.status).toBeLessThan(400)
    expect([...to.searchParams.values()]).toEqual([company.client.id, signedOut])
    desk = { ...desk, staff: staffAt({ ...settings, issuer: 'http://127.0.0.1:9' }) }
    expect((await app().request('/sign-out/issuer')).headers.get('location')).toBe('/')
  })
}

describe('agents of any issuer', () => contract(() => anyIssuer(back), true))
heldIn(
  'agents of Cognito',
  { doubles: () => companyAtTheDouble(back), account: () => companyInAnAccount(back), played: playedCognito },
  contract,
)

test('two hundred who leave the company in the same minute are out by one asking: side by side, no more at once than a provider bears, and none held before their turn', async () => {
  const fresh = await freshDatabase()
  const company = await companyAtTheDouble(back)
  const outside = identityOutside(testOutside(fresh))
  const { client } = company
  const { claim, scope } = mannersOf('cognito')
  const at = { issuer: company.issuer, clientId: client.id, clientSecret: client.secret, redirectUri: back, scope }
  const staff = staffAt({ ...at, provider: 'cognito', signedOutUri: signedOut, claim, insecure: true })
  const everybody = Array.from({ length: 200 }, (_, n) => `person-${n}`)
  const session = await signingIn(company)
  const comesIn = async (id: string) => {
    await company.put(id, { name: id, email: `${id}@acme.test`, groups: ['support'] })
    const grant = await session(company.typed(id) ?? {})
    const seen = { subject: grant.subject, name: id, email: `${id}@acme.test`, phone: undefined, locale: 'en' } as const
    const agent = await keepStaff(fresh.db, { ...seen, groups: ['support'] }, ['agent:technical'])
    const { caller, token } = await openSession(fresh.db, agent?.id ?? '', 'cookie')
    const { sessionId } = caller
    await keepGrant(fresh.db, sessionId, outside.secrets.seal(JSON.stringify(grant), grantAbout(sessionId)))
    return token
  }
  const tokens = await Promise.all(everybody.map(comesIn))
  const [staying, ...leaving] = everybody
  for (const id of leaving) await company.put(id, undefined)
  await fresh.db.query(`update staff_grant set asked_at = asked_at - interval '1 minute'`)

  let [asking, most] = [0, 0]
  let held: number | undefined
  let isEnough = () => {}
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve
  })
  /** The answers of this provider take until twenty are waiting for theirs: one by one, none would ever come. */
  const slowly: Staff['again'] = async (grant) => {
    asking += 1
    most = Math.max(most, asking)
    if (asking === 20 && held === undefined) {
      held = 0
      const taken = `select from staff_grant where asked_at > clock_timestamp() - interval '40 seconds'`
      held = (await fresh.db.query(taken)).length
      isEnough()
    }
    await enough
    const said = await staff.again(grant)
    asking -= 1
    return said
  }
  const desk = { outside, staff: { ...staff, again: slowly }, groups: { support: ['agent:technical'] } } as const
  expect(await askAgain(desk)).toBe(200)
  expect(most).toBeLessThanOrEqual(25)
  expect(held).toBeLessThanOrEqual(25)
  const left = await Promise.all(tokens.map((token) => callerBy(fresh.db, token)))
  expect(left.filter(Boolean).map((caller) => caller?.name)).toEqual([staying])
  await company.close()
  await fresh.close()
})

/** Signs people in at Cognito's double, one after the other in one browser, without the desk. */
async function signingIn({ pages: pool, client }: Company) {
  const asked = { client_id: client.id, redirect_uri: back, response_type: 'code', scope: 'openid profile email phone' }
  const login = `${pool}/login?${new URLSearchParams(asked)}`
  const page = await fetch(login)
  const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await page.text()) ?? []
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
  return async (typed: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ ...typed, _csrf: csrf })
    const answer = await fetch(login, { method: 'POST', redirect: 'manual', headers: { cookie }, body })
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
    const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: back })
    const given = await fetch(`${pool}/oauth2/token`, { method: 'POST', headers: { authorization }, body: form })
    const told = (await given.json()) as Readonly<Record<'access_token' | 'refresh_token' | 'id_token', string>>
    const { access_token: access, refresh_token: refresh, id_token } = told
    const { sub: subject } = JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString())
    return { subject, access, refresh }
  }
}
