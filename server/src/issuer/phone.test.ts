import type { PhoneLaunch } from '@amparo/contract/phone'
import { isRefusal, sentenceOf } from '@amparo/contract/refusals'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { handleDigest } from '../codes/handle.ts'
import { cutsStanding, liftCut, makeCut } from '../cutoff/cutoff.store.ts'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { closePhone, matchPhone, phoneLaunch } from '../surfaces/phone.flow.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
import { surfacesOf } from '../surfaces/surfaces.store.ts'
import { type Agreed, anAgent, anAssistance, eventsOf } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { type Guesses, guesses, mayNotBegin } from './on-phone.ts'
import { aPhone, newKey, type PhoneApp } from './phone.testing.ts'
import { aWorld, type Page, type World } from './testing.ts'

let world: World
let agent: Caller
let id: AssistanceId
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  agent = await anAgent(world.fresh.db)
  id = await assist()
})

const assist = (agreed: Agreed = {}, by = agent) =>
  anAssistance(world.fresh.db, world.secrets, by, { surfaces: ['web', 'app'], ...agreed })
async function shown(by = agent, of = id): Promise<PhoneLaunch> {
  const minted = await launch(world.desk, by, of, 'app')
  if (!minted.ok) throw new Error(minted.refusal)
  if (!('state' in minted.value)) throw new Error('a ticket')
  return minted.value
}
async function now({ launchId }: PhoneLaunch): Promise<PhoneLaunch> {
  const seen = await phoneLaunch(world.desk, agent, id, launchId)
  if (!seen.ok) throw new Error(seen.refusal)
  return seen.value
}
const match = ({ launchId }: PhoneLaunch, digits: string) => matchPhone(world.desk, agent, id, launchId, digits)
const other = (digits: string) => (digits === '47' ? '74' : '47')
const linkIn = ({ qr }: PhoneLaunch): string => qr?.text ?? ''

/** The whole way, as far as the address with the code. */
async function matched(phone: PhoneApp, code?: PhoneLaunch): Promise<Page> {
  const screen = code ?? (await shown())
  const page = await phone.scan(linkIn(screen))
  const typed = await match(screen, phone.digits(page))
  expect(typed, page.body).toMatchObject({ ok: true })
  return phone.again(page)
}
async function signedIn(phone: PhoneApp): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
  return phone.exchange(await matched(phone))
}
const why = async (of = id) =>
  (await eventsOf(world.fresh.db, of))
    .filter(({ type }) => type === 'launch.refused')
    .map(({ data }) => (data as { why: string }).why)
const types = async () => (await eventsOf(world.fresh.db, id)).map(({ type }) => type)
/** A page that refuses: its status, and its own sentence on it. */
function refuses(page: Page, word: string, cause?: string): void {
  if (!isRefusal(word)) throw new Error(word)
  const { en, es } = sentenceOf(word, cause)
  for (const part of [word, en, es, `<a href="${world.products.origin}/q">Back to the app</a>`])
    expect(page.body.replaceAll('&#39;', "'")).toContain(part)
}
async function advance(seconds: number): Promise<void> {
  await world.fresh.advance(seconds * 1000)
}

describe('a phone that scans the code', () => {
  test('is signed in as the user, bound to its key, once the agent has typed its digits', async () => {
    const screen = await shown()
    expect(screen).toMatchObject({ state: 'waiting', surface: 'app', triesLeft: 3 })
    expect(screen.qr?.text).toMatch(/\/q\/[A-Z0-9]{16}$/)
    const phone = await aPhone(world)
    const page = await phone.scan(linkIn(screen))
    expect(page.status).toBe(200)
    for (const part of [
      agent.name,
      'Name of user_',
      'The invoice will not open',
      'Pixel 8',
      'Not me',
      phone.digits(page),
    ])
      expect(page.body).toContain(part)
    expect(await now(screen)).toMatchObject({ state: 'claimed', device: { name: 'Pixel 8', known: false } })
    expect(await now(screen)).not.toHaveProperty('qr')
    expect(phone.digits(await phone.again(page))).toBe(phone.digits(page))

    expect(await match(screen, phone.digits(page))).toMatchObject({ ok: true, value: { state: 'matched' } })
    const back = await phone.again(page)
    expect(back.url).toContain('/cb/app?code=')
    const tokens = await phone.exchange(back)
    expect(tokens).toMatchObject({ token_type: 'dpop', scope: 'openid support:read' })
    expect(tokens.refresh_token).toBeUndefined()
    expect(tokens.claims()).toMatchObject({ act: { sub: agent.agentId, name: agent.name }, assistance_id: id })
    expect(await now(screen)).toMatchObject({ state: 'open' })

    const told = await oidc.fetchUserInfo(phone.config, tokens.access_token, tokens.claims()?.sub ?? '', {
      DPoP: phone.key,
    })
    expect(told).toMatchObject({ act: { sub: agent.agentId }, sid: tokens.claims()?.sid })
    const answer = await phone.ask(tokens.access_token, '/introspect', {})
    expect(await answer.json()).toMatchObject({
      active: true,
      act: { sub: agent.agentId, name: agent.name },
      token_type: 'DPoP',
      cnf: { jkt: await phone.key.calculateThumbprint() },
      holder: 'phone',
    })
    expect(await types()).toEqual(['launch.minted', 'launch.claimed', 'launch.matched', 'surface.opened'])
    expect(await surfacesOf(world.fresh.db, id)).toMatchObject([{ surface: 'app', device: 'Pixel 8' }])
  })

  test('is the agent’s own from its second time on, by its key and by nothing else', async () => {
    const keys = await oidc.randomDPoPKeyPair('ES256')
    const told = () =>
      world.fresh.db.query('select from outbox where agent_id = $1 and purpose = $2', [agent.agentId, 'account'])
    await signedIn(await aPhone(world, keys))
    expect(await told()).toHaveLength(1)
    const again = await aPhone(world, keys)
    const { access_token: token } = await signedIn(again)
    expect(await (await again.ask(token, '/introspect', {})).json()).toMatchObject({ holder: 'agent_device' })
    expect(await told()).toHaveLength(1)
    const stranger = await aPhone(world)
    const { access_token: strange } = await signedIn(stranger)
    expect(await (await stranger.ask(strange, '/introspect', {})).json()).toMatchObject({ holder: 'phone' })
  })

  test('reaches the same end by the short code, however it is typed', async () => {
    const screen = await shown()
    expect(screen.shortCode).toMatch(/^[B-DF-HJ-NP-TV-Z2-9]{4}-[B-DF-HJ-NP-TV-Z2-9]{4}$/)
    const phone = await aPhone(world)
    const page = await phone.scan(` ${screen.shortCode?.toLowerCase()} `)
    expect(await match(screen, phone.digits(page))).toMatchObject({ ok: true })
    expect((await phone.exchange(await phone.again(page))).access_token).toBeTruthy()
  })

  test('calls itself what it likes, in one short line of letters', async () => {
    const names: readonly (readonly [string, string])[] = [
      ['<img src=x onerror=alert(1)>', 'img srcx onerroralert(1)'],
      ['\u202Elexip\u0007\r\nSet-Cookie: a=b', 'lexipSet-Cookie ab'],
      [`Marta’s “phone”; ${'x'.repeat(6_000)}`, `Martas phone ${'x'.repeat(27)}`],
    ]
    for (const [device_name, name] of names) {
      const screen = await shown()
      const page = await (await aPhone(world)).scan(linkIn(screen), { device_name })
      expect(page.body).toContain(`<dd>${name}</dd>`)
      expect(await now(screen)).toMatchObject({ device: { name } })
    }
  })

  test('shows its digits on a page that nobody frames, that loads nothing and leads to its app alone', async () => {
    const page = await (await aPhone(world)).scan(linkIn(await shown()))
    const policy = page.headers.get('content-security-policy') ?? ''
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'", "base-uri 'none'"])
      expect(policy).toContain(part)
    expect(policy).toContain(`form-action 'self' ${world.products.origin}`)
    expect(policy).not.toContain('unsafe')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('scans the edge: the picture before this one still counts, until it is a minute old', async () => {
    const screen = await shown()
    await advance(31)
    const next = await now(screen)
    expect(next.qr?.text).not.toBe(screen.qr?.text)
    expect((await (await aPhone(world)).scan(linkIn(screen))).status).toBe(200)
  })

  test('is one of twenty: the others are refused, each in its own words', async () => {
    const screen = await shown()
    const phones = await Promise.all(Array.from({ length: 20 }, () => aPhone(world)))
    const pages = await Promise.all(phones.map((phone) => phone.scan(linkIn(screen))))
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const page of pages.filter(({ status }) => status !== 200)) refuses(page, 'launch.taken')
    expect(await why()).toEqual(Array.from({ length: 19 }, () => 'launch.taken'))
    expect((await types()).filter((type) => type === 'launch.claimed')).toHaveLength(1)
  })
})

describe('a phone is refused, in a sentence of its own and on the record', () => {
  test('that scans a link which a phone has claimed', async () => {
    const screen = await shown()
    await (await aPhone(world)).scan(linkIn(screen))
    const page = await (await aPhone(world)).scan(linkIn(screen))
    expect(page.status).toBe(410)
    refuses(page, 'launch.taken')
    expect(await why()).toEqual(['launch.taken'])
  })

  test('that comes with the link of a code which was replaced by a new one', async () => {
    const [first, second] = [await shown(), await shown()]
    refuses(await (await aPhone(world)).scan(linkIn(first)), 'launch.replaced')
    expect(await now(first)).toMatchObject({ state: 'closed', why: 'replaced' })
    expect(await why()).toEqual(['launch.replaced'])
    expect((await (await aPhone(world)).scan(linkIn(second))).status).toBe(200)
  })

  test('that comes with a picture older than a minute, while the next ones count', async () => {
    const screen = await shown()
    await advance(61)
    refuses(await (await aPhone(world)).scan(linkIn(screen)), 'launch.too_old')
    expect(await why()).toEqual(['launch.too_old'])
    expect((await (await aPhone(world)).scan(linkIn(await now(screen)))).status).toBe(200)
  })

  test('that comes when the five minutes are over, or with a link whose time has not come', async () => {
    const screen = await shown()
    await advance(299)
    const last = await now(screen)
    expect(last).toMatchObject({ state: 'waiting' })
    await advance(2)
    expect(await now(screen)).toMatchObject({ state: 'closed', why: 'expired' })
    refuses(await (await aPhone(world)).scan(linkIn(last)), 'launch.too_old')
  })

  test('whose digits were typed wrong: that launch and that phone are closed, and there is no second try', async () => {
    const screen = await shown()
    const phone = await aPhone(world)
    const page = await phone.scan(linkIn(screen))
    const digits = phone.digits(page)
    expect(await match(screen, other(digits))).toMatchObject({
      ok: false,
      refusal: 'match.wrong',
      more: { attemptsLeft: 2, why: 'phone' },
    })
    expect(await match(screen, digits)).toMatchObject({ ok: false, refusal: 'launch.closed' })
    refuses(await phone.again(page), 'launch.mismatched')
    expect(await now(screen)).toMatchObject({ state: 'closed', why: 'wrong_digits', triesLeft: 2 })
    expect(await types()).toContain('launch.mismatched')
  })

  test('after the third wrong digits for good: the app stays closed in this assistance, and what was open in it too', async () => {
    await signedIn(await aPhone(world))
    for (const attemptsLeft of [2, 1, 0]) {
      const screen = await shown()
      const phone = await aPhone(world)
      const page = await phone.scan(linkIn(screen))
      expect(await match(screen, other(phone.digits(page)))).toMatchObject({ more: { attemptsLeft } })
    }
    expect(await launch(world.desk, agent, id, 'app')).toMatchObject({ ok: false, refusal: 'surface.no_more' })
    expect(await surfacesOf(world.fresh.db, id)).toMatchObject([{ surface: 'app', closedAt: expect.any(Date) }])
    expect(await launch(world.desk, agent, id, 'web')).toMatchObject({ ok: true })
  })

  test('that says *Not me*: its app hears of it in the words of the standard', async () => {
    const screen = await shown()
    const phone = await aPhone(world)
    const page = await phone.scan(linkIn(screen))
    const back = await phone.browser.post(`${page.url}/decline`, {}, { origin: world.origin, stopAt: '/cb/' })
    expect(new URL(back.url).searchParams.get('error')).toBe('access_denied')
    expect(await now(screen)).toMatchObject({ state: 'closed', why: 'declined' })
    expect(await match(screen, phone.digits(page))).toMatchObject({ ok: false, refusal: 'launch.closed' })
    expect(await types()).toContain('launch.declined')
  })

  test('that waits longer than two minutes for its digits, or comes back later than one after them', async () => {
    const screen = await shown()
    const phone = await aPhone(world)
    const page = await phone.scan(linkIn(screen))
    await advance(121)
    expect(await now(screen)).toMatchObject({ state: 'closed', why: 'unanswered' })
    expect(await match(screen, phone.digits(page))).toMatchObject({ ok: false, refusal: 'launch.closed' })
    refuses(await phone.again(page), 'launch.expired')

    const second = await shown()
    const late = await aPhone(world)
    const its = await late.scan(linkIn(second))
    await match(second, late.digits(its))
    await advance(61)
    refuses(await late.again(its), 'launch.expired')
  })

  test('of an assistance that has ended: before the scan, before the digits, and before it goes on', async () => {
    const before = await shown()
    await close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
    refuses(await (await aPhone(world)).scan(linkIn(before)), 'assistance.closed')
    expect(await now(before)).toMatchObject({ state: 'closed', why: 'ended' })
    expect(await why()).toEqual(['assistance.closed'])

    id = await assist()
    const second = await shown()
    const phone = await aPhone(world)
    const page = await phone.scan(linkIn(second))
    await close(world.fresh.db, id, { because: 'finished', actor: { kind: 'agent', id: agent.agentId } })
    expect(await match(second, phone.digits(page))).toMatchObject({ ok: false, refusal: 'assistance.closed' })
    refuses(await phone.again(page), 'assistance.closed')

    id = await assist()
    const third = await shown()
    const slow = await aPhone(world)
    const its = await slow.scan(linkIn(third))
    await match(third, slow.digits(its))
    await close(world.fresh.db, id, { because: 'finished', actor: { kind: 'agent', id: agent.agentId } })
    refuses(await slow.again(its), 'assistance.closed')
  })

  test('of an app that was switched off meanwhile: before the scan, before the digits, and before it goes on', async () => {
    const by = { kind: 'agent', id: agent.agentId } as const
    const off = () => makeCut(world.fresh.db, { scope: 'surface', target: 'app', why: 'a drill', by })
    const on = async () => {
      for (const { id: cut } of await cutsStanding(world.fresh.db)) await liftCut(world.fresh.db, cut, by, 'over')
    }
    try {
      const first = await shown()
      await off()
      refuses(await (await aPhone(world)).scan(linkIn(first)), 'access.switched_off')
      expect(await now(first)).toMatchObject({ state: 'waiting' })
      expect(await why()).toEqual(['access.switched_off'])
      await on()

      const second = await shown()
      const phone = await aPhone(world)
      const page = await phone.scan(linkIn(second))
      await off()
      expect(await match(second, phone.digits(page))).toMatchObject({ ok: false, refusal: 'access.switched_off' })
      refuses(await phone.again(page), 'access.switched_off')
      await on()

      const third = await shown()
      const slow = await aPhone(world)
      const its = await slow.scan(linkIn(third))
      await match(third, slow.digits(its))
      await off()
      refuses(await slow.again(its), 'access.switched_off')
      expect(await surfacesOf(world.fresh.db, id)).toEqual([])
      await on()

      world.switchedOff.add('app')
      refuses(await slow.again(its), 'access.switched_off')
      refuses(await (await aPhone(world)).scan(linkIn(first)), 'access.switched_off')
    } finally {
      world.switchedOff.clear()
      await on()
    }
  })

  test('that does not say which key it holds, or comes with nothing of ours: of it nothing is kept', async () => {
    const screen = await shown()
    const count = async () =>
      (await world.fresh.db.query<{ n: number }>(`select count(*)::int as n from artifact`))[0]?.n
    const had = await count()
    const phone = await aPhone(world)
    for (const dpop_jkt of ['', 'short', 'x'.repeat(44)])
      refuses(await phone.scan(linkIn(screen), { dpop_jkt }), 'launch.no_key')
    refuses(await phone.scan(`${'A'.repeat(15)}7`), 'launch.unknown')
    refuses(await phone.scan('nothing'), 'launch.unknown')
    expect(await count()).toBe(had)
    expect(await now(screen)).toMatchObject({ state: 'waiting' })
  })

  test('that guesses short codes: few are looked at, then it waits, and the record says so', async () => {
    const count = async (word: string) =>
      (
        await world.fresh.db.query<{ n: number }>(
          `select count(*)::int as n from event where type = 'launch.refused' and body::jsonb #>> '{data,why}' = $1`,
          [word],
        )
      )[0]?.n ?? 0
    const phone = await aPhone(world)
    const codes = Array.from({ length: 40 }, (_, at) => `BCDF-GH${'BCDFGHJKMN'[at % 10]}${'23456789'[at % 8]}`)
    const pages = await Promise.all(codes.map((code) => phone.scan(code)))
    const looked = pages.filter(({ status }) => status === 404)
    const waits = pages.filter(({ status }) => status === 429)
    expect([looked.length > 4, waits.length > 4, looked.length + waits.length]).toEqual([true, true, 40])
    for (const page of looked) refuses(page, 'launch.unknown', 'typed')
    for (const page of waits) refuses(page, 'launch.guessing')
    expect([await count('typed'), await count('guessing')]).toEqual([looked.length, 1])
  })
})

describe('short codes that many addresses guess', () => {
  const key = 'x'.repeat(43)
  const knocks = (tries: Guesses, from: string, code: string) => {
    const digest = handleDigest(world.secrets, code.replace('-', ''))
    return mayNotBegin(world.fresh.db, tries, { hint: code, handleDigest: digest, keyThumbprint: key, from })
  }
  const wrong = 'BCDF-GHJK'
  const guess = async (tries: Guesses, times: number, from: (at: number) => string) => {
    const words = await Promise.all(Array.from({ length: times }, (_, at) => knocks(tries, from(at), wrong)))
    return words.filter((refused) => refused?.[0] === 'launch.unknown').length
  }
  const guessing = async () =>
    (
      await world.fresh.db.query<{ n: number }>(
        `select count(*)::int as n from event where type = 'launch.refused' and body::jsonb #>> '{data,why}' = 'guessing'`,
      )
    )[0]?.n ?? 0

  test('two hundred are looked at in all, which is written down once; where a code was right before, the next right one is', async () => {
    const tries = guesses(() => 0)
    const screen = await shown()
    const code = screen.shortCode ?? ''
    expect(await knocks(tries, '192.0.2.1', code)).toBeUndefined()
    const before = await guessing()
    expect(await guess(tries, 300, (at) => `198.51.100.${at}`)).toBe(200)
    expect(await guessing()).toBe(before + 1)
    expect(await knocks(tries, '192.0.2.2', code)).toEqual(['launch.guessing'])
    expect(await knocks(tries, '192.0.2.1', code)).toBeUndefined()
    // That one has a limit of its own all the same.
    expect(await guess(tries, 40, () => '192.0.2.1')).toBe(10)
  })

  test('a right code costs nothing, however often it is typed; one that is over is no right one', async () => {
    const tries = guesses(() => 0)
    const code = (await shown()).shortCode ?? ''
    for (let time = 0; time < 30; time += 1) expect(await knocks(tries, '192.0.2.1', code)).toBeUndefined()
    await advance(301)
    const late = await Promise.all(Array.from({ length: 30 }, () => knocks(tries, '192.0.2.3', code)))
    expect(late.filter((refused) => refused?.[0] === 'launch.guessing')).toHaveLength(20)
    expect(tries.known.has('192.0.2.3')).toBe(false)
  })
})

describe('a token that is bound to a phone', () => {
  const refusedAt = async () =>
    (await eventsOf(world.fresh.db, id))
      .filter(({ type }) => type === 'proof.refused')
      .map(({ data }) => (data as { at: string }).at)

  test('opens nothing with another key, with none, or twice with one proof, and each is written down', async () => {
    const phone = await aPhone(world)
    const { access_token: token } = await signedIn(phone)
    const thief = await newKey(phone.config)
    for (const path of ['/introspect', '/end', '/revoke']) {
      const answer = await phone.ask(token, path, {}, thief).catch((error: oidc.WWWAuthenticateChallengeError) => error)
      expect(answer, path).toMatchObject({ status: 401 })
    }
    const userinfo = await phone.ask(token, '/userinfo', undefined, thief).catch((error: { status: number }) => error)
    expect(userinfo.status).toBe(401)
    const bearer = await fetch(`${world.origin}/userinfo`, { headers: { authorization: `Bearer ${token}` } })
    expect(bearer.status).toBe(401)
    const asked = { method: 'POST', body: new URLSearchParams({ token }) }
    const bare = await fetch(`${world.origin}/introspect`, { ...asked, headers: { authorization: `DPoP ${token}` } })
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'DPoP error="invalid_dpop_proof"'])

    let proof = ''
    phone.config[oidc.customFetch] = (url, init) => {
      proof = new Headers(init.headers).get('dpop') ?? proof
      return fetch(url, init as RequestInit)
    }
    expect((await phone.ask(token, '/introspect', {})).status).toBe(200)
    const twice = await fetch(`${world.origin}/introspect`, {
      ...asked,
      headers: { authorization: `DPoP ${token}`, dpop: proof },
    })
    expect(twice.status).toBe(401)
    expect(await refusedAt()).toEqual([
      '/introspect',
      '/end',
      '/revoke',
      '/userinfo',
      '/userinfo',
      '/introspect',
      '/introspect',
    ])
    expect(await (await phone.ask(token, '/introspect', {})).json()).toMatchObject({ active: true })
  })

  test('counts a proof once, in whatever spelling its signature comes', async () => {
    const phone = await aPhone(world)
    const { access_token: token } = await signedIn(phone)
    let proof = ''
    phone.config[oidc.customFetch] = (url, init) => {
      proof = new Headers(init.headers).get('dpop') ?? proof
      return fetch(url, init as RequestInit)
    }
    expect((await phone.ask(token, '/introspect', {})).status).toBe(200)
    for (const again of [mirrored(proof), loosely(proof)]) {
      expect(again).not.toBe(proof)
      const headers = { authorization: `DPoP ${token}`, dpop: again }
      const body = new URLSearchParams({ token })
      expect((await fetch(`${world.origin}/introspect`, { method: 'POST', body, headers })).status).toBe(401)
    }
  })

  test('is not to be had with the code alone, nor with the proof of another sign-in', async () => {
    for (const verifier of [undefined, oidc.randomPKCECodeVerifier()]) {
      const phone = await aPhone(world)
      const code = new URL((await matched(phone)).url).searchParams.get('code') ?? ''
      const sent = oidc.genericGrantRequest(
        phone.config,
        'authorization_code',
        { code, redirect_uri: `${world.products.origin}/cb/app`, ...(verifier && { code_verifier: verifier }) },
        { DPoP: phone.key },
      )
      await expect(sent).rejects.toMatchObject({ error: 'invalid_grant' })
    }
    const phone = await aPhone(world)
    for (const more of [{ code_challenge: '' }, { code_challenge_method: 'plain' }]) {
      const back = await phone.scan(linkIn(await shown()), more)
      expect(new URL(back.url).searchParams.get('error')).toBe('invalid_request')
    }
  })

  test('is not to be had with the code and another key', async () => {
    const phone = await aPhone(world)
    const back = await matched(phone)
    await expect(phone.exchange(back, await newKey(phone.config))).rejects.toThrow()
    await expect.poll(refusedAt).toEqual(['/token'])
    await expect(phone.exchange(back)).rejects.toThrow()
  })

  test('tells the app’s own back end nothing without a proof made for that back end', async () => {
    const phone = await aPhone(world)
    const { access_token: token } = await signedIn(phone)
    const client = world.surfaces.find((one) => one.id === 'app')?.client
    const authorization = `Basic ${btoa(`${client?.id}:${encodeURIComponent(client?.secret ?? '')}`)}`
    const backEnd = 'https://api.app.test/records'
    let proof = ''
    phone.config[oidc.customFetch] = async (_url, init) => {
      proof = new Headers(init.headers).get('dpop') ?? ''
      return new Response('{}')
    }
    const proofFor = async (DPoP: oidc.DPoPHandle, url = backEnd) => {
      await oidc.fetchProtectedResource(phone.config, token, new URL(url), 'GET', undefined, undefined, { DPoP })
      return proof
    }
    const introspected = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ token, dpop_htm: 'GET', dpop_htu: backEnd, ...form })
      const answer = await fetch(`${world.origin}/introspect`, { method: 'POST', body, headers: { authorization } })
      return (await answer.json()) as { active: boolean }
    }
    expect(await introspected({})).toEqual({ active: false })
    expect(await introspected({ dpop_proof: await proofFor(await newKey(phone.config)) })).toEqual({ active: false })
    expect(await introspected({ dpop_proof: await proofFor(phone.key, 'https://elsewhere.test/') })).toEqual({
      active: false,
    })
    const good = await proofFor(phone.key)
    expect(await introspected({ dpop_proof: good })).toMatchObject({ active: true, token_type: 'DPoP' })
    expect(await introspected({ dpop_proof: good })).toEqual({ active: false })
    expect(await refusedAt()).toHaveLength(4)
  })

  test('dies with the assistance: who waits hears it at once, and has acknowledged it by that', async () => {
    const phone = await aPhone(world)
    const { access_token: token } = await signedIn(phone)
    const waiting = phone.ask(token, '/introspect', { wait: '20' })
    const began = performance.now()
    await close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
    world.ring()
    expect(await (await waiting).json()).toEqual({ active: false })
    expect(performance.now() - began).toBeLessThan(15_000)
    await expect
      .poll(() => surfacesOf(world.fresh.db, id))
      .toMatchObject([{ surface: 'app', ackedAt: expect.any(Date), error: undefined }])
    expect((await types()).filter((type) => type === 'surface.acknowledged')).toHaveLength(1)
    await expect(oidc.fetchUserInfo(phone.config, token, 'x', { DPoP: phone.key })).rejects.toThrow()
  })

  test('ends by *End now* on the phone, by *Close this code* on the screen, and alone by a revocation', async () => {
    const phone = await aPhone(world)
    const { access_token: first } = await signedIn(phone)
    expect((await phone.ask(first, '/revoke', {})).status).toBe(200)
    expect(await (await phone.ask(first, '/introspect', {})).json()).toEqual({ active: false })

    const screen = await shown()
    const next = await aPhone(world)
    const { access_token: second } = await next.exchange(await matched(next, screen))
    expect(await closePhone(world.desk, agent, id, screen.launchId)).toMatchObject({
      ok: true,
      value: { state: 'closed', why: 'closed' },
    })
    expect(await (await next.ask(second, '/introspect', {})).json()).toEqual({ active: false })

    const last = await aPhone(world)
    const { access_token: third } = await signedIn(last)
    expect(await (await last.ask(third, '/end', {})).json()).toEqual({ active: false })
    const [row] = await world.fresh.db.query('select state, because from assistance where id = $1', [id])
    expect(row).toEqual({ state: 'closed', because: 'cancelled' })
  })

  test('reports what was done under its key, and under no other token', async () => {
    const phone = await aPhone(world)
    const { access_token: token } = await signedIn(phone)
    const report = (body: object) =>
      oidc.fetchProtectedResource(
        phone.config,
        token,
        new URL('/activity', world.origin),
        'POST',
        JSON.stringify(body),
        new Headers({ 'content-type': 'application/json' }),
        { DPoP: phone.key },
      )
    const acts = [{ at: new Date().toISOString(), what: 'opened the invoices' }]
    expect(await (await report({ token, acts, count: 1 })).json()).toMatchObject({ active: true, count: 1 })
    expect((await report({ token: 'another', acts, count: 2 })).status).toBe(403)
  })
})

/** The other of the two signatures that ECDSA has for the same key and text: anybody can work it out. */
function mirrored(proof: string): string {
  const [head, body, signature = ''] = proof.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const other = order - BigInt(`0x${bytes.toString('hex', 32)}`)
  const s = Buffer.from(other.toString(16).padStart(64, '0'), 'hex')
  return [head, body, Buffer.concat([bytes.subarray(0, 32), s]).toString('base64url')].join('.')
}

/** The same bytes, written with other bits where the last character has some to spare. */
function loosely(proof: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return proof.slice(0, -1) + letters[letters.indexOf(proof.at(-1) ?? '') ^ 1]
}

describe('an app in a browser', () => {
  test('may read across origins what it needs, from its own origin only, and nothing else of the issuer', async () => {
    const app = world.products.origin
    const ask = (path: string, origin: string) =>
      fetch(`${world.origin}${path}`, { method: 'OPTIONS', headers: { origin } })
    for (const path of ['/token', '/userinfo', '/introspect', '/end', '/revoke', '/activity', '/jwks']) {
      const answer = await ask(path, app)
      expect([path, answer.status]).toEqual([path, 204])
      expect(answer.headers.get('access-control-allow-origin')).toBe(app)
      expect(answer.headers.get('access-control-allow-headers')).toContain('DPoP')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      expect((await ask(path, 'https://evil.test')).headers.get('access-control-allow-origin')).toBeNull()
    }
    for (const path of ['/launch', '/authorize'])
      expect((await ask(path, app)).headers.get('access-control-allow-origin')).toBeNull()
    const found = await fetch(`${world.origin}/.well-known/openid-configuration`, { headers: { origin: app } })
    expect(found.headers.get('access-control-allow-origin')).toBe(app)
  })
})

test('of links, codes, digits and tokens only digests are kept', async () => {
  const screen = await shown()
  const phone = await aPhone(world)
  const tokens = await phone.exchange(await matched(phone, screen))
  const tables = await world.fresh.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'amparo' and table_type = 'BASE TABLE'`,
  )
  const dump = (
    await Promise.all(
      tables.map(({ name }) => world.fresh.db.query(`select to_jsonb(x)::text as row from "${name}" x`)),
    )
  )
    .flat()
    .map((row) => JSON.stringify(row))
    .join('\n')
  const link = linkIn(screen).slice(-16)
  expect(dump).toContain(screen.launchId)
  for (const secret of [link, screen.shortCode ?? '', (screen.shortCode ?? '').replace('-', ''), tokens.access_token])
    expect(dump).not.toContain(secret)
})
