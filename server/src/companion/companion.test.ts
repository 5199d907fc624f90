import { request } from 'node:http'
import { becauses } from '@amparo/contract/words'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import { linkToken, sayFirst } from '../codes/link.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { guess } from '../desk/guess.ts'
import { presets } from '../policy/policy.ts'
import { newId, tokenDigest } from '../secrets.ts'
import { known } from '../words.ts'
import {
  askForMore,
  type Put,
  put,
  putActs,
  type Served,
  type Situation,
  served,
  testSecrets,
} from './companion.testing.ts'
import { warningOf } from './companion.ts'

let fresh: FreshDatabase
let site: Served
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  site = await served(fresh.db)
  return () => site.close()
})

const minute = 60_000
const person = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
  'user-agent': 'Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
}
const machine = { ...person, 'sec-fetch-user': '' }

const get = (token: string, headers: Record<string, string> = {}, query = '') =>
  fetch(`${site.origin}/c/${token}${query}`, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' })

/** What a browser's form sends. */
function press(act: string, token: string, headers: Record<string, string> = {}, body = '') {
  const form = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
  const sent = Object.fromEntries(Object.entries({ ...form, ...headers }).filter(([, value]) => value !== ''))
  return fetch(`${site.origin}/c/${token}/${act}`, { method: 'POST', headers: sent, body, redirect: 'manual' })
}
const json = (act: string, token: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${site.origin}/c/${token}/${act}`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })

const now = async (id: string) => {
  const found = await read(fresh.db, known.assistance(id))
  if (!found) throw new Error('gone')
  return found
}
const endedBecause = async (id: string) => {
  const { assistance } = await now(id)
  return assistance.state === 'closed' ? assistance.because : undefined
}
const eventsOf = async (id: string): Promise<string[]> =>
  (await fresh.db.query<{ type: string }>('select type from event where assistance_id = $1 order by n', [id])).map(
    ({ type }) => type,
  )
const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''

/** The text that a person sees. */
const textOf = (html: string): string =>
  html
    .replace(/^.*<body/s, '<body')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
const titleOf = (html: string): string => /<title>(.*?)<\/title>/.exec(html)?.[1] ?? ''
/** After how many seconds a browser without scripts asks again. */
const refreshOf = (html: string): string | undefined =>
  /<noscript><meta http-equiv="refresh" content="(\d+)"><\/noscript>/.exec(html)?.[1]
const acts = (many: number) =>
  Array.from({ length: many }, (_, i) => ({
    at: new Date(Date.now() - i * minute),
    surface: 'web',
    what: { en: `Looked at invoice ${i}`, es: `Miró la factura ${i}` },
    count: 3,
  }))
const digitsOf = (html: string): string | undefined =>
  /<h1 class="say">.*?<strong class="digits">(\d\d)</s.exec(html)?.[1]

/** Every row of every table, as one digest each. */
async function everything(): Promise<Record<string, string>> {
  const tables = await fresh.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'amparo' and table_type = 'BASE TABLE'`,
  )
  const digests: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await fresh.db.query<{ digest: string }>(
      `select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) as digest from amparo.${name} t`,
    )
    digests[name] = row?.digest ?? ''
  }
  return digests
}

const everyState: readonly Situation[] = [
  {},
  { message: 'changed' },
  { message: 'expired' },
  { message: 'none' },
  { state: 'active' },
  { state: 'active', seenMinutesAgo: 13 },
  { state: 'active', seenMinutesAgo: 16 },
  { state: 'active', provedBy: 'read_aloud', seenMinutesAgo: 14 },
  ...becauses.flatMap((because): Situation[] => [
    { state: 'closed', because, closedIn: 'active' },
    { state: 'closed', because, closedIn: 'consent' },
  ]),
]

describe('looking', () => {
  it('changes nothing, not even a cookie, however often a scanner opens the link', async () => {
    const links = await Promise.all(everyState.map((situation) => put(fresh.db, situation)))
    const before = await everything()
    for (const { token, cookie } of links) {
      for (let i = 0; i < 10; i += 1) {
        const answer = await get(token, i % 2 === 0 ? {} : { cookie, ...person })
        await answer.arrayBuffer()
        expect(answer.status).toBe(200)
        expect(answer.headers.getSetCookie()).toEqual([])
      }
      await fetch(`${site.origin}/c/${token}`, { method: 'HEAD' })
    }
    expect(await everything()).toEqual(before)
    expect(site.woken()).toBe(0)
  })

  it('shows the number that the agent must say, the same that the agent was told', async () => {
    const { id, token } = await put(fresh.db)
    expect(await (await get(token)).text()).toContain(`<strong class="digits">${sayFirst(testSecrets, id)}</strong>`)
  })

  it('says who, from which company, why, about what, what they may do and how long', async () => {
    const { token } = await put(fresh.db, { lengthMinutes: 25 })
    const text = textOf(await (await get(token)).text())
    for (const words of [
      'Ana Robles, of Acme',
      'A question about billing',
      'I cannot see my invoices',
      'Clínica Sol',
      'My Ecosystem and Plans and billing',
      'Only look.',
      'Change anything, pay, delete or download.',
      'At most 25 minutes.',
      'Did they call you? Refuse and hang up.',
    ]) {
      expect(text).toContain(words)
    }
    const acting = await put(fresh.db, { powers: 'act' })
    const other = textOf(await (await get(acting.token)).text())
    expect(other).toContain('Look, and fix everyday things with you.')
    expect(other).not.toContain('Change anything')
  })

  it('offers refusing before yes, alike in look', async () => {
    const { token } = await put(fresh.db)
    const html = await (await get(token)).text()
    const buttons = [...html.matchAll(/<form method="post" action="\/c\/\w+\/([\w-]+)">.*?<button class="([\w ]+)">/gs)]
    const answers = buttons.slice(-2).map(([, act]) => act)
    expect(answers).toEqual(['decline', 'yes'])
  })

  it('shows what an agent wrote as text, never as markup', async () => {
    const { token } = await put(fresh.db, { line: '<script>alert(1)</script><a href="https://evil.test">yes</a>' })
    const html = await (await get(token)).text()
    expect(html).not.toMatch(/<script>|evil\.test">/)
    expect(html).toContain('&lt;script&gt;')
  })

  it('speaks the user’s language, and the other one when asked, without a cookie', async () => {
    const { token } = await put(fresh.db, { locale: 'es' })
    const spanish = await (await get(token, { 'accept-language': 'en' })).text()
    expect(spanish).toContain('<html lang="es">')
    expect(titleOf(spanish)).toBe('Ana Robles pide permiso para ver su cuenta · Acme')
    const english = await get(token, {}, '?lang=en')
    expect(english.headers.getSetCookie()).toEqual([])
    expect(await english.text()).toContain(`action="/c/${token}/decline?lang=en"`)
    expect((await press('decline?lang=en', token)).headers.get('location')).toBe(`/c/${token}?lang=en`)
  })

  it('weighs at most 30 kB with everything, asks nobody else for anything, and writes no script into the page', async () => {
    const files = await Promise.all(['/style.css', '/live.js'].map((path) => fetch(`${site.origin}${path}`)))
    const weights = await Promise.all(files.map(async (file) => (await file.arrayBuffer()).byteLength))
    const weight = weights.reduce((a, b) => a + b)
    for (const situation of everyState) {
      const { id, token, cookie } = await put(fresh.db, situation)
      await putActs(fresh.db, id, acts(50))
      const html = await (await get(token, { cookie })).text()
      expect(Buffer.byteLength(html) + weight).toBeLessThanOrEqual(30_000)
      expect(html.match(/<script[^>]*>/g)).toEqual([
        expect.stringMatching(/^<script src="\/live\.js\?v=[\w-]{12}" defer>$/),
      ])
      expect(html).not.toMatch(/https?:\/\/|style=|\son\w+=/)
      expect(html).not.toMatch(/\{[a-z]\}|undefined|\[object/)
    }
  })

  it('never says a word that only we understand, in any state or language', async () => {
    for (const situation of everyState) {
      const { token } = await put(fresh.db, situation)
      for (const language of ['en', 'es']) {
        const text = textOf(await (await get(token, {}, `?lang=${language}`)).text())
        expect(text).not.toMatch(/session|sesión|timeout|token|MFA|impersonat|amparo/i)
      }
    }
  })

  it('is closed to frames, caches, referrers, robots and everything that is not its own', async () => {
    const { token } = await put(fresh.db)
    for (const answer of [await get(token), await get('nonsense'), await press('dance', token)]) {
      const { headers } = answer
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-robots-tag')).toContain('noindex')
    }
    expect((await fetch(`${site.origin}/style.css`)).headers.get('cache-control')).toContain('immutable')
  })

  it('renews itself only where it waits for somebody else, and not when asked to be still', async () => {
    const refresh = async (situation: Situation, query = '') => {
      const { token, cookie } = await put(fresh.db, situation)
      return refreshOf(await (await get(token, { cookie }, query)).text())
    }
    expect(await refresh({})).toBeUndefined()
    expect(await refresh({ state: 'active' })).toBe('3')
    expect(await refresh({ state: 'active' }, '?still=1')).toBeUndefined()
    expect(await refresh({ state: 'closed' })).toBeUndefined()
  })

  it('breaks at no address that a stranger makes up, and sends them on to no other', async () => {
    for (const token of [
      'x%0d%0aSet-Cookie:a=b',
      '%00',
      '%7F',
      '%E2%82%AC',
      '%5C%5Cevil.test',
      '..%2F..%2F%2Fevil.test',
    ]) {
      const answer = await fetch(`${site.origin}/c/${token}/stop`, { redirect: 'manual' })
      const to = new URL(answer.headers.get('location') ?? '', site.origin)
      expect([token, answer.status, to.origin, to.pathname.slice(0, 3)]).toEqual([token, 303, site.origin, '/c/'])
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await get(token)).status).toBe(404)
    }
  })

  it('is sent again only where something of it changed', async () => {
    const { id, token, cookie } = await put(fresh.db, { state: 'active' })
    const first = await get(token, { cookie })
    const tag = first.headers.get('etag') ?? ''
    expect(Number(first.headers.get('x-now'))).toBeGreaterThan(0)
    const same = await get(token, { cookie, 'if-none-match': tag })
    expect([same.status, await same.text()]).toEqual([304, ''])
    expect(Number(same.headers.get('x-now'))).toBeGreaterThan(0)
    await putActs(fresh.db, id, acts(1))
    expect((await get(token, { cookie, 'if-none-match': tag })).status).toBe(200)
  })

  it('lists what was done, newest first, in the reader’s language, the older ones behind one tap', async () => {
    const { id, token } = await put(fresh.db, { state: 'active' })
    await putActs(fresh.db, id, acts(8))
    const html = await (await get(token, {}, '?lang=es')).text()
    const shown = [...html.matchAll(/Miró la factura (\d)/g)].map(([, which]) => which)
    expect(shown).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(html.indexOf('<details>')).toBeGreaterThan(html.indexOf('Miró la factura 5'))
    expect(html.indexOf('<details>')).toBeLessThan(html.indexOf('Miró la factura 6'))
    expect(textOf(html)).toContain('Miró la factura 2 (3 veces) Mi ecosistema')
  })

  it('tells the agent that a person’s browser shows it, once, and only when its own script says so', async () => {
    const { id, token } = await put(fresh.db)
    const opened = () => fresh.db.query<{ at: Date }>('select at from page_opening where assistance_id = $1', [id])
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    const tell = (headers: Record<string, string>) =>
      fetch(`${site.origin}/c/${token}/seen`, { method: 'POST', headers })
    const before = (await now(id)).idleAt
    await get(token, person)
    expect((await tell({})).status).toBe(403)
    expect((await tell({ ...own, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(await opened()).toEqual([])

    const answers = await Promise.all(Array.from({ length: 10 }, () => tell(own)))
    expect(answers.every(({ status }) => status === 204)).toBe(true)
    expect(await opened()).toHaveLength(1)
    expect(await eventsOf(id)).toEqual(['page.opened'])
    expect((await now(id)).idleAt).toEqual(before)

    const over = await put(fresh.db, { state: 'closed' })
    await fetch(`${site.origin}/c/${over.token}/seen`, { method: 'POST', headers: own })
    expect(await eventsOf(over.id)).toEqual([])
  })
})

describe('yes', () => {
  it('is a yes to what the page showed, never to what the agent has asked for since', async () => {
    const { id, token } = await put(fresh.db)
    const shown = async () => /name="terms" value="([\w-]{43})"/.exec(await (await get(token)).text())?.[1] ?? ''
    const before = await shown()
    await askForMore(fresh.db, id)

    const pressed = await press('yes', token, person, `terms=${before}`)
    expect(pressed.headers.get('set-cookie')).toBeNull()
    expect(pressed.headers.get('location')).toBe(`/c/${token}?was=${before}`)
    const told = await json('yes', token, {}, JSON.stringify({ terms: before }))
    expect(told.status).toBe(409)
    expect(await told.json()).toMatchObject({ code: 'link.out_of_order', why: 'message_changed' })
    expect(await eventsOf(id)).not.toContain('user.said_yes')

    const after = await shown()
    expect(after).not.toBe(before)
    const again = await (await get(token, {}, `?was=${before}`)).text()
    expect(titleOf(again)).toBe('This request has changed · Acme')
    expect(textOf(again)).toMatch(/New in it:\s+They can: Look, and fix everyday things with you\./)
    expect(again.match(/<strong class="new">/g)).toHaveLength(1)
    for (const was of [after, 'A'.repeat(43), 'nonsense'])
      expect(textOf(await (await get(token, {}, `?was=${was}`)).text())).not.toContain('has changed')
    expect((await json('yes', token, {}, JSON.stringify({ terms: after }))).status).toBe(200)
  })

  it('shows two digits, and only in the browser that said it', async () => {
    const { token, id } = await put(fresh.db)
    const answer = await press('yes', token, person)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`/c/${token}`)
    expect(answer.headers.getSetCookie()[0]).toMatch(
      new RegExp(
        `^__Host-amparo-${token.slice(0, 8)}=[\\w-]{43}; Max-Age=93600; Path=/; HttpOnly; Secure; SameSite=Lax$`,
      ),
    )
    const digits = digitsOf(await (await get(token, { cookie: cookieOf(answer) })).text())
    expect(digits).toMatch(/^[1-9]\d$/)
    expect(digitsOf(await (await get(token)).text())).toBeUndefined()
    expect(
      digitsOf(await (await get(token, { cookie: `__Host-amparo-${token.slice(0, 8)}=${'A'.repeat(43)}` })).text()),
    ).toBeUndefined()
    expect(await eventsOf(id)).toEqual(['user.said_yes'])
    expect(site.woken()).toBe(1)

    const heard = {
      id: known.assistance(id),
      purpose: 'match',
      state: 'consent',
      agentId: (await now(id)).assistance.agentId,
      actor: { kind: 'agent', id: 'ag' },
      pairOf: () => [Buffer.alloc(32)],
    } as const
    const right = await guess(fresh.db, testSecrets, heard, digits ?? '')
    expect(right?.answer).toBe('right')
    const browser = cookieOf(answer).split('=')[1] ?? ''
    expect(right?.answer === 'right' && Buffer.from(right.browserDigest ?? []).equals(tokenDigest(browser))).toBe(true)
  })

  it('answers a script with the digits and the tries that are left; the same browser keeps its cookie', async () => {
    const { token } = await put(fresh.db)
    const first = await json('yes', token)
    expect(first.status).toBe(200)
    expect(await first.json()).toEqual({ digits: expect.stringMatching(/^\d\d$/), triesLeft: 2 })
    const second = await json('yes', token, { cookie: cookieOf(first) }, '{}')
    expect(await second.json()).toMatchObject({ triesLeft: 1 })
    expect(cookieOf(second)).toBe(cookieOf(first))
  })

  it('is refused the fourth time, and from then on only the code read aloud is left', async () => {
    const { token, id } = await put(fresh.db)
    for (const triesLeft of [2, 1, 0]) expect(await (await json('yes', token)).json()).toMatchObject({ triesLeft })
    const fourth = await json('yes', token)
    expect(fourth.status).toBe(409)
    expect(await fourth.json()).toMatchObject({
      code: 'link.out_of_order',
      triesLeft: 0,
      requestId: expect.any(String),
    })
    const html = await (await get(token)).text()
    expect(html).not.toContain(`/c/${token}/yes`)
    expect(html).toContain(`/c/${token}/decline`)
    expect(textOf(html)).toContain('read them the 6 numbers of the message')
    expect(await endedBecause(id)).toBeUndefined()
  })

  it('counts exactly when many come at once', async () => {
    const { token } = await put(fresh.db)
    const answers = await Promise.all(Array.from({ length: 20 }, () => json('yes', token)))
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(3)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  })

  it('shows the person why the digits are gone when other digits were typed', async () => {
    const { token, id } = await put(fresh.db)
    const said = await json('yes', token)
    const { digits } = (await said.json()) as { digits: string }
    const heard = {
      id: known.assistance(id),
      purpose: 'match',
      state: 'consent',
      agentId: (await now(id)).assistance.agentId,
      actor: { kind: 'agent', id: 'ag' },
      pairOf: () => [Buffer.alloc(32)],
    } as const
    await guess(fresh.db, testSecrets, heard, digits === '10' ? '11' : '10')
    const html = await (await get(token, { cookie: cookieOf(said) })).text()
    expect(digitsOf(html)).toBeUndefined()
    expect(textOf(html)).toContain('Ana Robles typed another number.')
  })

  it.each(['changed', 'expired', 'none'] as const)(
    'needs a message that is out, for exactly what is asked now: %s',
    async (message) => {
      const { token } = await put(fresh.db, { message })
      const html = await (await get(token)).text()
      expect(html).not.toContain(`/c/${token}/yes`)
      expect(html).toContain(`/c/${token}/decline`)
      expect(titleOf(html)).toMatch(message === 'expired' ? /^The message is too old/ : /^The request changed/)
      expect((await json('yes', token)).status).toBe(409)
    },
  )

  it('is an act of the user: the fifteen minutes begin again', async () => {
    const { token, id } = await put(fresh.db, { seenMinutesAgo: 14 })
    await press('yes', token, person)
    const { now: at, idleAt } = await now(id)
    expect(idleAt.getTime() - at.getTime()).toBeGreaterThan(14.9 * minute)
  })
})

describe('no', () => {
  it('needs nothing but the link: no cookie, no script, no person, not even our own page', async () => {
    for (const headers of [{}, machine, { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }]) {
      const { token, id } = await put(fresh.db)
      const answer = await press('decline', token, headers)
      expect(answer.status).toBe(303)
      expect(await endedBecause(id)).toBe('declined_by_user')
      const page = await (await get(token)).text()
      expect(titleOf(page)).toBe('You refused · Acme')
      expect(textOf(page)).toContain('Ana Robles did not enter your account.')
      expect(site.woken()).toBeGreaterThan(0)
    }
  })

  it('stops what began while the person was still reading', async () => {
    const { token, id } = await put(fresh.db, { state: 'active' })
    expect(await (await json('decline', token)).json()).toEqual({ state: 'closed', because: 'stopped_by_user' })
    expect(await endedBecause(id)).toBe('stopped_by_user')
  })

  it('locks this agent out of this user when the user did not ask for it', async () => {
    for (const state of ['consent', 'active'] as const) {
      const { token, id } = await put(fresh.db, { state })
      expect(await (await json('not-me', token)).json()).toEqual({ state: 'closed', because: 'reported_by_user' })
      const digest = testSecrets.digest('email', 'marta@clinica-sol.test')
      const [lock] = await fresh.db.query(
        'select until from pair_lock l join assistance a on a.agent_id = l.agent_id where a.id = $1 and l.email_digest = $2',
        [id, digest],
      )
      expect(lock).toBeDefined()
      expect(titleOf(await (await get(token)).text())).toBe('You told us that you did not ask · Acme')
    }
  })

  it('stops from any browser, and says that the agent is out only when every product has said so', async () => {
    const { token, id } = await put(fresh.db, { state: 'active' })
    const at = new Date()
    site.surfaces([{ surface: 'web', openedAt: at }])
    expect((await press('stop', token)).status).toBe(303)
    expect(await endedBecause(id)).toBe('stopped_by_user')
    const closing = await get(token)
    const html = await closing.text()
    expect(refreshOf(html)).toBe('3')
    const text = textOf(html)
    expect(text).toContain('We are closing what Ana Robles had open.')
    expect(text).not.toContain('can no longer see')

    site.surfaces([{ surface: 'web', openedAt: at, error: 'no answer' }])
    const stuck = textOf(await (await get(token)).text())
    expect(stuck).toContain('Not everything has confirmed yet.')
    expect(stuck).not.toContain('can no longer see')

    site.surfaces([{ surface: 'web', openedAt: at, acknowledgedAt: at }])
    const done = await get(token)
    const last = await done.text()
    expect(refreshOf(last)).toBeUndefined()
    expect(textOf(last)).toContain('Done. Ana Robles can no longer see your account.')
  })

  it('comes once: the second press finds it closed and changes nothing', async () => {
    const { token, id } = await put(fresh.db, { state: 'active' })
    await json('stop', token)
    const again = await json('not-me', token)
    expect(again.status).toBe(410)
    expect(await again.json()).toMatchObject({ code: 'assistance.closed', because: 'stopped_by_user' })
    expect((await press('stop', token)).status).toBe(303)
    expect((await eventsOf(id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
  })

  it('records a lapse that nobody had recorded, as what it was', async () => {
    const { token, id } = await put(fresh.db, { state: 'active', seenMinutesAgo: 16 })
    expect(textOf(await (await get(token)).text())).toContain('because you did nothing for 15 minutes')
    expect(await eventsOf(id)).toEqual([])
    expect((await json('stop', token)).status).toBe(410)
    expect(await endedBecause(id)).toBe('expired_idle')
    expect(await eventsOf(id)).toEqual(['assistance.closed'])
  })

  it('never waits for a limit, whatever else came from this link or address', async () => {
    const { token, id } = await put(fresh.db)
    const answers = await Promise.all(Array.from({ length: 90 }, () => json('still-here', token)))
    const limited = answers.find(({ status }) => status === 429)
    expect(limited?.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await limited?.json()).toMatchObject({ code: 'rate.limited', retryAt: expect.any(String) })
    expect((await press('decline', token)).status).toBe(303)
    expect(await endedBecause(id)).toBe('declined_by_user')
  })
})

describe('still here', () => {
  it('needs the browser in which consent was given', async () => {
    const { token, id, cookie } = await put(fresh.db, { state: 'active', seenMinutesAgo: 10 })
    const before = (await now(id)).idleAt
    for (const headers of [{}, { cookie: `__Host-amparo-${token.slice(0, 8)}=${'B'.repeat(43)}` }]) {
      const answer = await json('still-here', token, headers)
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'link.elsewhere' })
    }
    expect((await now(id)).idleAt).toEqual(before)
    expect(textOf(await (await get(token)).text())).toContain('use the phone or computer where you said yes')

    const here = await json('still-here', token, { cookie })
    expect(here.status).toBe(200)
    const { idleAt } = await now(id)
    expect(idleAt.getTime() - before.getTime()).toBeGreaterThan(9.9 * minute)
    expect(await here.json()).toEqual({ state: 'active', idleAt: idleAt.toISOString() })
    expect(await eventsOf(id)).toEqual(['step.refused', 'step.refused', 'user.still_here'])
  })

  it('is for nobody where the code was read aloud: there the agent asks', async () => {
    const { token, cookie } = await put(fresh.db, { state: 'active', provedBy: 'read_aloud' })
    expect((await json('still-here', token, { cookie })).status).toBe(403)
    expect(textOf(await (await get(token, { cookie })).text())).toContain('ask Ana Robles for a code and read it aloud')
  })

  it('is not for a request that has not begun, or is over', async () => {
    const asked = await put(fresh.db)
    expect((await json('still-here', asked.token, { cookie: asked.cookie })).status).toBe(409)
    const over = await put(fresh.db, { state: 'closed' })
    expect((await json('still-here', over.token, { cookie: over.cookie })).status).toBe(410)
  })

  it('keeps help alive past fifteen minutes, tap by tap; without a tap it is lost', async () => {
    const { token, id, cookie } = await put(fresh.db, { state: 'active' })
    for (let i = 0; i < 3; i += 1) {
      await fresh.advance(14 * minute)
      expect((await press('still-here', token, { cookie, ...person })).status).toBe(303)
    }
    await fresh.advance(13 * minute)
    const warning = await (await get(token, { cookie })).text()
    expect(titleOf(warning)).toMatch(/^[12] minutes? left · Acme$/)
    expect(warning).toContain('autofocus')
    await fresh.advance(2 * minute)
    expect((await press('still-here', token, { cookie, ...person })).status).toBe(303)
    expect(await endedBecause(id)).toMatch(/^expired_/)
  })

  it('warns in the last two minutes, also of the half hour for which nobody could be asked', () => {
    const after = (minutes: number) => new Date(minutes * minute)
    const warned = (at: number, idle: number, most: number) => warningOf(after(at), after(idle), after(most))
    expect([12.9, 13, 14.9].map((at) => warned(at, 15, 60))).toEqual([undefined, 'idle', 'idle'])
    expect([7.9, 8].map((at) => warned(at, 15, 10))).toEqual([undefined, 'max'])
    // Nobody's silence is counted there: both clocks are the one of the half hour.
    expect([13, 27.9, 28].map((at) => warned(at, 30, 30))).toEqual([undefined, undefined, 'max'])
  })

  it('says until when right under who, before what was done and before how to have more time', async () => {
    const { token, cookie } = await put(fresh.db, { state: 'active' })
    const text = textOf(await (await get(token, { cookie })).text())
    const order = [
      'is helping you now',
      'It closes in',
      'In any case it ends in',
      'has done',
      'More time',
      'still here',
    ]
    const places = order.map((part) => text.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  it('says whose acts keep it open, where the policy counts those of the agent too', async () => {
    const both = await served(fresh.db, 0, { policy: { ...presets.standard, activity: 'user+surface' } })
    try {
      const [asked, active] = [await put(fresh.db), await put(fresh.db, { state: 'active' })]
      const quiet = await put(fresh.db, { state: 'active', seenMinutesAgo: 13 })
      const textAt = async (at: Served, { token, cookie }: Put, lang: string) =>
        textOf(
          await (
            await fetch(`${at.origin}/c/${token}?lang=${lang}`, { headers: { accept: 'text/html', cookie } })
          ).text(),
        )
      expect(await textAt(both, asked, 'en')).toContain('15 minutes in which neither you nor Ana Robles does anything.')
      expect(await textAt(both, asked, 'es')).toContain('15 minutos sin que usted ni Ana Robles hagan nada.')
      expect(await textAt(both, active, 'en')).toContain('if neither you nor Ana Robles does anything.')
      expect(await textAt(both, active, 'es')).toContain('si ni usted ni Ana Robles hacen nada.')
      expect(await textAt(both, quiet, 'en')).toContain('because neither you nor Ana Robles has done anything')
      expect(await textAt(both, quiet, 'es')).toContain('porque ni usted ni Ana Robles han hecho nada')
      expect(await textAt(site, asked, 'en')).toContain('It closes by itself after 15 minutes without you.')
      expect(await textAt(site, active, 'en')).toContain('if you do nothing.')
    } finally {
      await both.close()
    }
  })

  it('warns at 13:00 with a button, and only with words where the agreed time is what ends', async () => {
    const idle = await put(fresh.db, { state: 'active', seenMinutesAgo: 13 })
    const html = await (await get(idle.token, { cookie: idle.cookie })).text()
    expect(titleOf(html)).toBe('2 minutes left · Acme')
    expect(textOf(html)).toContain('Your help closes in 2 minutes, because we have not heard from you.')
    expect(html).toContain(`/c/${idle.token}/still-here`)
    expect(titleOf(await (await get(idle.token, {}, '?lang=es')).text())).toBe('Quedan 2 minutos · Acme')

    const agreed = await put(fresh.db, { state: 'active', openMinutes: 59, lengthMinutes: 60 })
    const other = await (await get(agreed.token, { cookie: agreed.cookie })).text()
    expect(textOf(other)).toContain('because the agreed time is nearly over')
    expect(other).not.toContain(`/c/${agreed.token}/still-here`)
    expect(titleOf(await (await get(agreed.token, {}, '?lang=es')).text())).toBe('Queda 1 minuto · Acme')
  })
})

describe('who pressed', () => {
  const seen = async ({ id }: Put) => (await now(id)).assistance.userSeenAt

  it('keeps no clock alive for a machine: it is asked for one more tap', async () => {
    const asked = await put(fresh.db, { seenMinutesAgo: 5 })
    const active = await put(fresh.db, { state: 'active', seenMinutesAgo: 5 })
    const before = [await seen(asked), await seen(active)]
    for (const body of ['', 'sure=1']) {
      const yes = await press('yes', asked.token, machine, body)
      expect(yes.status).toBe(200)
      expect(yes.headers.getSetCookie()).toEqual([])
      const html = await yes.text()
      expect(titleOf(html)).toBe('One more tap · Acme')
      expect(html).toContain(`action="/c/${asked.token}/yes"`)
      const stay = await press('still-here', active.token, { ...machine, cookie: active.cookie }, body)
      expect(await stay.text()).toContain(`action="/c/${active.token}/still-here"`)
      expect((await json('yes', asked.token, machine)).status).toBe(403)
    }
    expect([await seen(asked), await seen(active)]).toEqual(before)
    expect([await eventsOf(asked.id), await eventsOf(active.id)]).toEqual([[], []])
  })

  it('lets a person through whose browser does not tell about persons, after that one more tap', async () => {
    const iphone = { ...machine, 'user-agent': 'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/16.4 Safari/604.1' }
    const { token } = await put(fresh.db)
    expect((await press('yes', token, iphone)).status).toBe(200)
    expect((await press('yes', token, iphone, 'sure=1')).status).toBe(303)
  })

  it('refuses what another site sends', async () => {
    const asked = await put(fresh.db)
    const active = await put(fresh.db, { state: 'active', seenMinutesAgo: 5 })
    const before = [await seen(asked), await seen(active)]
    for (const headers of [
      { origin: 'https://evil.test' },
      { ...person, 'sec-fetch-site': 'cross-site' },
      { ...person, 'sec-fetch-site': 'same-site', origin: site.origin },
    ]) {
      const yes = await press('yes', asked.token, headers)
      expect(yes.status).toBe(403)
      expect(titleOf(await yes.text())).toBe('Error: Nothing was done · Acme')
      expect((await press('still-here', active.token, { ...headers, cookie: active.cookie })).status).toBe(403)
      expect(await (await json('yes', asked.token, headers)).json()).toMatchObject({ code: 'request.cross_site' })
    }
    expect([await seen(asked), await seen(active)]).toEqual(before)
    expect((await press('yes', asked.token, { origin: site.origin })).status).toBe(303)
    expect((await press('yes', asked.token, { ...person, origin: 'null' })).status).toBe(303)
  })
})

describe('a link', () => {
  it('that never was, was not sent yet, or ended a day ago, gives the same bytes', async () => {
    const old = await put(fresh.db, { state: 'closed', locale: 'es' })
    expect((await get(old.token)).status).toBe(200)
    await fresh.advance(24 * 60 * minute - 5_000)
    expect((await get(old.token)).status).toBe(200)
    await fresh.advance(6_000)
    const tokens = [
      linkToken(testSecrets, newId('as')),
      old.token,
      (await put(fresh.db, { state: 'user_lookup' })).token,
      (await put(fresh.db, { state: 'closed', because: 'cancelled', closedIn: 'agent_verification' })).token,
      'not-a-link',
      'a'.repeat(4000),
    ]
    for (const ask of [get, (token: string) => press('yes', token, person), (token: string) => press('stop', token)]) {
      const answers = await Promise.all(tokens.map((token) => ask(token)))
      expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 404))
      const bodies = new Set(await Promise.all(answers.map((answer) => answer.text())))
      expect(bodies.size).toBe(1)
      const headers = answers.map((answer) => JSON.stringify([...answer.headers].filter(([name]) => name !== 'date')))
      expect(new Set(headers).size).toBe(1)
    }
    const codes = await Promise.all(
      tokens.map(async (token) => (await (await json('stop', token)).json()) as { code: string }),
    )
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(['link.unknown']))
  })

  it('cannot be looked for: after sixty that were none, the address has to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 80 }, () => get(linkToken(testSecrets, newId('as')))))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 404).length).toBeGreaterThanOrEqual(60)
    expect(statuses).toContain(429)
  })
})

describe('a request that nobody should send', () => {
  it.each([
    ['unknown fields', '{"digits":"83"}', 'application/json', 400],
    ['a wrong type', '[]', 'application/json', 400],
    ['malformed JSON', '{"a":', 'application/json', 400],
    ['another media type', 'x', 'text/plain', 415],
    ['ten megabytes', 'x'.repeat(10_000_000), 'application/json', 413],
  ])('is a problem with a code: %s', async (_name, body, type, status) => {
    const { token, id } = await put(fresh.db)
    for (const act of ['yes', 'still-here', 'decline']) {
      const answer = await json(act, token, { 'content-type': type }, body)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
      const problem = JSON.parse(await answer.text())
      expect(problem).toMatchObject({
        status,
        code: expect.stringMatching(/^request\./),
        requestId: expect.any(String),
      })
      expect(problem.type).toBe(`urn:amparo:refusal:${problem.code}`)
      if (status === 400) expect(problem.errors).toEqual([{ path: '', message: expect.stringMatching(/\S/) }])
    }
    expect(await endedBecause(id)).toBeUndefined()
  })

  it('is a problem with a code for other addresses and methods too', async () => {
    const { token } = await put(fresh.db)
    const ask = (method: string, path: string) =>
      fetch(site.origin + path, { method, headers: { accept: 'application/json' }, redirect: 'manual' })
    expect((await ask('GET', '/')).status).toBe(404)
    expect((await ask('POST', `/c/${token}/dance`)).status).toBe(404)
    expect((await ask('DELETE', `/c/${token}`)).status).toBe(405)
    const put405 = await ask('PUT', `/c/${token}/yes`)
    expect(put405.headers.get('allow')).toBe('GET, HEAD, POST')
    expect(await put405.json()).toMatchObject({ code: 'route.method' })
    expect((await ask('GET', `/c/${token}/yes`)).headers.get('location')).toBe(`/c/${token}`)
    expect(site.broken).toEqual([])
  })

  it('finds a calm page and a reference when something breaks, and nothing about it', async () => {
    const gone = await freshDatabase()
    const { token } = await put(gone.db)
    const other = await served(gone.db)
    await gone.close()
    const page = await fetch(`${other.origin}/c/${token}`)
    expect(page.status).toBe(503)
    const html = await page.text()
    expect(titleOf(html)).toBe('Error: Something failed on our side · Acme')
    expect(textOf(html)).toMatch(/Reference rq_\w+/)
    expect(html).not.toMatch(/pool|postgres|at \//i)
    expect(other.broken).toHaveLength(1)
    await other.close()
  })
})

describe('is this ours, asked by whoever likes', () => {
  /** From an address of this machine's own, so that there can be many. */
  const askFrom = (localAddress: string) =>
    new Promise<{ status: number; wait: string | undefined; body: string }>((resolve, reject) => {
      const asking = request(
        `${site.origin}/ours`,
        {
          method: 'POST',
          localAddress,
          agent: false,
          headers: { accept: 'application/json', 'content-type': 'application/json' },
        },
        (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              wait: answer.headers['retry-after'],
              body: Buffer.concat(parts).toString(),
            }),
          )
        },
      )
      asking.on('error', reject)
      asking.end('{"text":"K7QFR-2M9XT"}')
    })
  const ask = (query: string, text: string) => {
    const body = new URLSearchParams({ text })
    return fetch(`${site.origin}/ours${query}`, { method: 'POST', headers: { accept: 'text/html', ...person }, body })
  }
  /** What the page's way to the other language sends. */
  const otherLanguage = (html: string) =>
    /<nav.*<form method="post" action="(.*?)"><input type="hidden" name="text" value="(.*?)">/.exec(html)?.slice(1)

  it('is answered again where somebody chooses the other language, and no address holds what they typed', async () => {
    const typed = 'K7"<b>QFR'
    const html = await (await ask('?lang=en', typed)).text()
    expect(textOf(html)).toContain('We do not know that')
    expect(otherLanguage(html)).toEqual(['?lang=es', 'K7&quot;&lt;b&gt;QFR'])
    const inSpanish = await (await ask('?lang=es', typed)).text()
    expect(textOf(inSpanish)).toContain('No lo conocemos')
    expect(otherLanguage(inSpanish)?.[0]).toBe('?lang=en')
    for (const page of [html, inSpanish]) expect(page).not.toMatch(/(href|action)="[^"]*K7/)
    // Where nothing was asked there is nothing to be answered again.
    expect(await (await fetch(`${site.origin}/ours?lang=en`)).text()).toContain('hreflang="es" href="?lang=es"')
  })

  const secondsFrom = (began: number) => (performance.now() - began) / 1000

  it('is answered ten times to one address, and then every six seconds; another address is answered still', async () => {
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 30 }, () => askFrom('127.0.0.1')))
    const told = answers.filter(({ status }) => status === 200)
    expect(told.length).toBeGreaterThanOrEqual(10)
    expect(told.length).toBeLessThanOrEqual(10 + 1 + secondsFrom(began) / 6)
    const waits = answers.filter(({ status }) => status !== 200)
    expect(waits.every(({ status, wait }) => status === 429 && Number(wait) >= 1)).toBe(true)
    expect(JSON.parse(waits[0]?.body ?? '{}')).toMatchObject({ code: 'rate.limited', retryAt: expect.any(String) })
    expect((await askFrom('127.0.0.2')).status).toBe(200)
  })

  it('is answered to all of them together no faster than people ask, from however many addresses a machine comes', async () => {
    const began = performance.now()
    const statuses: number[] = []
    for (let net = 1; net <= 8; net += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, one) => askFrom(`127.0.${net}.${one + 1}`)))
      statuses.push(...answers.map(({ status }) => status))
    }
    const told = statuses.filter((status) => status === 200).length
    expect(told).toBeGreaterThanOrEqual(600)
    expect(told).toBeLessThanOrEqual(600 + 1 + secondsFrom(began) * 10)
    expect(statuses.filter((status) => status === 429).length).toBe(800 - told)
  })
})
