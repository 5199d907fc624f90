/** What belongs to one assistance, one browser, one person or one use is worth nothing anywhere else. */
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { ownStage } from './own.ts'
import type { Play, Script } from './script.ts'
import { Browser, type Stage, until } from './stage.ts'

const [marta, leo] = ['marta@clinica-sol.test', 'leo@clinica-sol.test']

let fresh: FreshDatabase
let stage: Stage
let play: Play

beforeAll(async () => {
  const own = await ownStage()
  ;({ fresh, stage, play } = own)
  return own.close
}, 120_000)

const agents = () => ({ ana: play.scriptOf('ana'), ben: play.scriptOf('ben') })
const stateOf = async (agent: Script, id: string) => (await agent.call('GET', `/assistances/${id}`)).body
const end = (agent: Script, id: string) => agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })
const twenty = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, ask))

test('twenty right presence codes at once: one restarts the fifteen minutes, once', async () => {
  const { ana } = agents()
  const { id } = await play.active(ana, leo, 'cli_sol')
  const seen = (await play.lettersTo(leo)).length
  await play.must(ana.call('POST', `/assistances/${id}/presence-code`, {}), 202)
  const code = (await play.newLetter(leo, seen)).codes[0]
  const replies = await twenty(() => ana.call('PUT', `/assistances/${id}/presence`, { code }))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  const given = await fresh.db.query(`select from event where assistance_id = $1 and type = 'presence.given'`, [id])
  expect(given).toHaveLength(1)
  await end(ana, id)
})

test('twenty right pairs of digits at once: one; wrong ones are three in all, and then only the code opens', async () => {
  const { ana } = agents()
  const { id, link, code } = await play.asked(ana, leo, 'cli_sol')
  const phone = new Browser()
  const drawn: string[] = []
  for (const left of [2, 1, 0]) {
    const { digits } = (await play.tapped(phone, link, 'yes')).body
    drawn.push(digits)
    // Digits of an earlier yes are recognised: what is wrong is none of them.
    const wrong = ['11', '22', '33', '44'].find((one) => !drawn.includes(one)) ?? ''
    const replies = await twenty(() => ana.call('PUT', `/assistances/${id}/consent`, { match: wrong }))
    expect(replies.filter(({ body }) => body.code === 'match.wrong').map(({ body }) => body.attemptsLeft)).toEqual([
      left,
    ])
    // Two digits may be those of an earlier yes by chance, and are told as that.
    const isOfBefore = drawn.indexOf(digits) < drawn.length - 1
    const burned = (await ana.call('PUT', `/assistances/${id}/consent`, { match: digits })).body.code
    expect(burned).toBe(isOfBefore ? 'code.earlier' : 'match.not_asked')
  }
  expect((await play.tapped(phone, link, 'yes')).status).toBe(409)
  expect((await ana.call('PUT', `/assistances/${id}/consent`, { code })).body.state).toBe('active')
  await end(ana, id)

  const next = await play.asked(ana, leo, 'cli_sol')
  const { digits } = (await play.tapped(phone, next.link, 'yes')).body
  const replies = await twenty(() => ana.call('PUT', `/assistances/${next.id}/consent`, { match: digits }))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  await end(ana, next.id)
})

test("one assistance's code is a wrong code in another, and a newer consent ends the older help", async () => {
  const { ana, ben } = agents()
  const [hers, his] = [await play.asked(ana, marta, 'cli_sol'), await play.asked(ben, marta, 'cli_sol')]
  if (hers.code !== his.code)
    expect((await ben.call('PUT', `/assistances/${his.id}/consent`, { code: hers.code })).body.code).toBe('code.wrong')
  await play.must(ana.call('PUT', `/assistances/${hers.id}/consent`, { code: hers.code }), 200)
  const browser = new Browser()
  expect((await play.launched(ana, hers.id, browser)).text).toContain('Marta Ruiz')

  await play.must(ben.call('PUT', `/assistances/${his.id}/consent`, { code: his.code }), 200)
  expect(await stateOf(ana, hers.id)).toMatchObject({ state: 'closed', because: 'superseded' })
  expect((await browser.ask(play.webHome)).status).toBe(401)
  await end(ben, his.id)
})

test('who holds the link alone can end, and cannot keep the clock alive; neither can a cookie of another link', async () => {
  const { ana, ben } = agents()
  const hers = await play.asked(ana, marta, 'cli_sol')
  const phone = new Browser()
  const { digits } = (await play.tapped(phone, hers.link, 'yes')).body
  await play.must(ana.call('PUT', `/assistances/${hers.id}/consent`, { match: digits }), 200)
  const { deadlines } = await stateOf(ana, hers.id)
  await play.advance(1000)
  const another = new Browser()
  expect(await play.tapped(another, hers.link, 'still-here')).toMatchObject({
    status: 403,
    body: { code: 'link.elsewhere' },
  })
  expect(await play.tapped(another, hers.link, 'yes')).toMatchObject({ status: 409 })
  expect((await stateOf(ana, hers.id)).deadlines).toEqual(deadlines)
  expect((await play.tapped(phone, hers.link, 'still-here')).status).toBe(200)

  const his = await play.active(ben, leo, 'cli_sol')
  const [value] = phone.jar.get('127.0.0.1')?.values() ?? []
  another.jar.set('127.0.0.1', new Map([[`__Host-amparo-${his.link.split('/c/')[1]?.slice(0, 8)}`, value ?? '']]))
  expect((await play.tapped(another, his.link, 'still-here')).body.code).toBe('link.elsewhere')
  expect((await play.tapped(another, his.link, 'stop')).status).toBe(200)
  expect(await stateOf(ben, his.id)).toMatchObject({ state: 'closed', because: 'stopped_by_user' })
  await end(ana, hers.id)
})

test('a launch on its way to one browser opens nothing in another: not the hint, not the code', async () => {
  const { ana } = agents()
  const { id } = await play.active(ana, marta, 'cli_sol')
  const minted = (await ana.call('POST', `/assistances/${id}/launches`, { surface: 'web' })).body
  const [mine, other] = [new Browser(), new Browser()]
  const opening = await mine.form(minted.url, { ticket: minted.ticket }, { origin: stage.console })
  expect((await other.follow(opening)).text).not.toContain('Marta')

  let step = await mine.ask(/url=(.+)$/.exec(opening.headers.get('refresh') ?? '')?.[1] ?? '')
  while (!step.headers.get('location')?.includes('/assisted/callback'))
    step = await mine.ask(new URL(step.headers.get('location') ?? '', step.url).href)
  const callback = step.headers.get('location') ?? ''
  const stolen = await other.follow(await other.ask(callback))
  expect([stolen.status < 500, stolen.text.includes('Marta')]).toEqual([true, false])
  expect((await mine.follow(await mine.ask(callback))).text).toContain('Marta Ruiz')
  expect((await other.ask(play.webHome)).text).not.toContain('Marta')
  await end(ana, id)
})

test('a page left over from one user does nothing, and shows nothing, once the browser helps another', async () => {
  const { ana } = agents()
  const first = await play.active(ana, marta, 'cli_sol')
  const browser = new Browser()
  const stale = (await play.launched(ana, first.id, browser)).text
  const csrf = /name="csrf" value="([^"]+)"/.exec(stale)?.[1] ?? ''
  await end(ana, first.id)
  const second = await play.active(ana, 'grace@northside.test', 'cli_northside')
  expect((await play.launched(ana, second.id, browser)).text).toContain('Grace')

  const origin = new URL(play.webHome).origin
  for (const path of ['/assisted/end', '/clinic', '/profile/email'])
    expect([path, (await browser.form(`${origin}${path}`, { csrf }, { origin })).status]).toEqual([path, 403])
  expect((await stateOf(ana, second.id)).state).toBe('active')
  expect((await browser.ask(play.webHome)).text).not.toMatch(/Marta|SOL-/)
  await end(ana, second.id)
})

test('signing in takes no session that was there, gives a new one, and ends the one before', async () => {
  const desk = `http://127.0.0.1:${stage.port}/api/v1/session`
  const planted = `__Host-amparo=${'p'.repeat(43)}`
  const signIn = async (cookie: string) => {
    const answer = await fetch(desk, {
      method: 'POST',
      headers: { origin: stage.console, 'content-type': 'application/json', cookie },
      body: JSON.stringify({ email: 'cleo@acme.test', password: 'cleo-demo-pass-1' }),
    })
    return answer.headers.get('set-cookie') ?? ''
  }
  const who = async (cookie: string) => (await fetch(desk, { headers: { cookie } })).status
  const header = await signIn(planted)
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(header).toContain(part)
  const first = header.split(';')[0] ?? ''
  const second = (await signIn(first)).split(';')[0] ?? ''
  expect(new Set([planted, first, second]).size).toBe(3)
  expect(await Promise.all([planted, first, second].map(who))).toEqual([401, 401, 200])
})

test('a surface closed, a stop and an end hit the same moment twenty times: one ending, and the Web is shut', async () => {
  const { ana } = agents()
  const { id, link } = await play.active(ana, leo, 'cli_sol')
  const browser = new Browser()
  await play.launched(ana, id, browser)
  await Promise.all([
    ...Array.from({ length: 7 }, () => end(ana, id)),
    ...Array.from({ length: 7 }, () => play.tapped(new Browser(), link, 'stop')),
    ...Array.from({ length: 6 }, () => ana.call('PUT', `/assistances/${id}/surfaces/web/closure`, {})),
  ])
  const closings = await fresh.db.query(`select from event where assistance_id = $1 and type = 'assistance.closed'`, [
    id,
  ])
  expect(closings).toHaveLength(1)
  expect((await browser.ask(play.webHome)).status).toBe(401)
  await until(
    () => stateOf(ana, id),
    ({ surfaces }) => Boolean(surfaces[0].acknowledgedAt),
    'the acknowledgement',
  )
})
