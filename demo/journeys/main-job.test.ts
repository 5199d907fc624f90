/**
 * The main job over HTTP, by a script that knows only the contract: it shares nothing with the server's code. With the demo
 * as it is, and with doubles of AWS.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing, type Script } from './script.ts'
import { Browser, type Stage, staged, until } from './stage.ts'
import { deliveredIn, refOf, signedInAtCognito, withAws, worlds } from './worlds.ts'

describe.each(worlds)('in $name', (world) => {
  let fresh: FreshDatabase
  let stage: Stage
  let play: Play
  /** Each signs in once. */
  const agents = new Map<string, Promise<Script>>()
  const agentOf = (name: string): Promise<Script> => {
    const known = agents.get(name) ?? world.agent(stage, play, name)
    agents.set(name, known)
    return known
  }

  beforeAll(async () => {
    fresh = await emptyDatabase()
    stage = await staged({ databaseUrl: fresh.url, ...world.staging })
    play = await playing(stage)
  }, 120_000)
  afterAll(async () => {
    await stage.stop()
    await stage.remove()
    await fresh.close()
  })

  test('a script that knows only the contract helps a user inside their own Web, from the first call to the last', async () => {
    const ana = await agentOf('ana')
    const { id, letter, sayFirst } = await play.asked(ana, 'marta@clinica-sol.test', 'cli_sol')
    expect(letter.text).toContain(sayFirst)
    expect(letter.text).toContain('Cannot see invoices')
    const consent = await ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] })
    expect(consent).toMatchObject({
      status: 200,
      body: { state: 'active', surfaces: [{ surface: 'store' }, { surface: 'web', open: false }, { surface: 'app' }] },
    })

    const browser = new Browser()
    const home = await play.launched(ana, id, browser)
    expect(home.status).toBe(200)
    expect(home.url).toBe(play.webHome)
    expect(home.text).toContain('Marta Ruiz')
    expect(home.text).toContain('Ana Robles')
    expect(home.text).toContain('Clínica Sol')
    expect((await ana.call('GET', `/assistances/${id}`)).body.surfaces[1]).toMatchObject({ surface: 'web', open: true })
    expect(await ana.call('POST', `/assistances/${id}/launches`, { surface: 'app' })).toMatchObject({
      status: 201,
      body: { state: 'waiting', shortCode: expect.any(String) },
    })

    const began = performance.now()
    const ended = await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
    expect(ended).toMatchObject({ status: 200, body: { state: 'closed', because: 'finished' } })
    // The answer waits for the product's word, for two seconds and no longer.
    if (performance.now() - began < 2000) expect(ended.body.surfaces[1].acknowledgedAt).toBeTruthy()
    await until(
      async () => (await ana.call('GET', `/assistances/${id}`)).body.surfaces[1].acknowledgedAt,
      Boolean,
      'the acknowledgement',
    )
    const after = await browser.ask(play.webHome)
    expect(after.status).toBe(401)
    expect(after.text).not.toContain('Marta Ruiz</')
  })

  test('the Store opens on the owner’s panel, what is done there is in the agent’s list, and a stop shuts it', async () => {
    const ana = await agentOf('ana')
    const { id, link } = await play.active(ana, 'ximena@nandu.test', 'cli_nandu')
    const browser = new Browser()
    const panel = await play.launched(ana, id, browser, 'store')
    expect([panel.status, panel.url]).toEqual([200, play.storeHome])
    for (const part of ['Panel del titular', 'Consultorio Ñandú', 'Ximena Zúñiga', 'Ana Robles'])
      expect(panel.text).toContain(part)
    await browser.ask(`${play.storeHome}billing`)
    const origin = new URL(play.storeHome).origin
    expect((await browser.form(`${play.storeHome}billing/card`, {}, { origin })).status).toBe(403)
    const seen = await until(
      async () => (await ana.call('GET', `/assistances/${id}`)).body,
      // The list and its count are read beside each other: what is told between the two readings stands in one of them.
      ({ acts, surfaces }) => acts?.length === 2 && surfaces[0].actsCount === 2,
      'what was done in the Store',
    )
    expect(seen.acts.map(({ what }: { what: { es: string } }) => what.es)).toEqual([
      'abrió la facturación',
      'abrió el panel del titular',
    ])
    expect(seen.surfaces[0]).toMatchObject({ surface: 'store', open: true })
    expect([200, 303]).toContain((await new Browser().form(`${link}/stop`, {})).status)
    const after = await browser.ask(play.storeHome)
    expect([after.status, after.text.includes('Ximena')]).toEqual([401, false])
  })

  test('the owner of a suspended ecosystem is helped in the Store alone, where what is overdue stands first', async () => {
    const ana = await agentOf('ana')
    const { id } = await play.active(ana, 'pilar@lumbre.test', 'cli_lumbre')
    const { surfaces } = (await ana.call('GET', `/assistances/${id}`)).body
    expect(surfaces.map(({ surface }: { surface: string }) => surface)).toEqual(['store'])
    expect((await play.launched(ana, id, new Browser(), 'store')).text).toContain('El ecosistema está suspendido')
    await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  })

  test('the user says yes on the page, and stops it there: the Web refuses within two seconds', async () => {
    const ben = await agentOf('ben')
    const { id, letter } = await play.asked(ben, 'leo@clinica-sol.test', 'cli_sol')
    const link = letter.links.find((one) => one.includes('/c/')) ?? ''
    const phone = new Browser()
    const yes = await phone.ask(`${link}/yes`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: '{}',
    })
    expect(yes.status).toBe(200)
    const { digits } = JSON.parse(yes.text)
    expect(await ben.call('PUT', `/assistances/${id}/consent`, { match: digits })).toMatchObject({
      status: 200,
      body: { state: 'active' },
    })
    expect(
      (await ben.call('GET', `/assistances/${id}`)).body.surfaces.map((one: { surface: string }) => one.surface),
    ).toEqual(['web', 'app'])
    expect(await ben.call('POST', `/assistances/${id}/launches`, { surface: 'store' })).toMatchObject({
      status: 403,
      body: { code: 'surface.not_offered' },
    })
    const browser = new Browser()
    expect((await play.launched(ben, id, browser)).text).toContain('Leo Martín')

    const began = performance.now()
    const stop = await phone.form(`${link}/stop`, {})
    expect([200, 303]).toContain(stop.status)
    expect((await browser.ask(play.webHome)).status).toBe(401)
    expect(performance.now() - began).toBeLessThan(2000)
    const closed = await until(
      () => ben.call('GET', `/assistances/${id}`),
      ({ body }) => Boolean(body.surfaces[0]?.acknowledgedAt),
      'the acknowledgement',
    )
    expect(closed.body).toMatchObject({ state: 'closed', because: 'stopped_by_user' })
  })

  test("14:59 alive, 15:00 closed, with every browser shut; the agent's clicks on the Web extend nothing", async () => {
    const cleo = await agentOf('cleo')
    const { id } = await play.active(cleo, 'nuria@clinica-sol.test', 'cli_sol')
    const browser = new Browser()
    await play.launched(cleo, id, browser)
    const { body } = await cleo.call('GET', `/assistances/${id}`)
    const left = Date.parse(body.deadlines.idleAt) - Date.parse(body.now)
    // Time goes on between the steps: a slow machine has room for its five clicks.
    await play.advance(left - 20_000)
    for (let click = 0; click < 5; click += 1) expect((await browser.ask(play.webHome)).status).toBe(200)
    expect((await cleo.call('GET', `/assistances/${id}`)).body.state).toBe('active')
    await play.advance(20_000)
    expect((await browser.ask(play.webHome)).status).toBe(401)
    expect((await cleo.call('GET', `/assistances/${id}`)).body).toMatchObject({
      state: 'closed',
      because: 'expired_idle',
    })
  })

  test('fifty parallel wrong guesses over HTTP: exactly five are looked at', async () => {
    const agent = await agentOf('dev01')
    const open = await agent.call('POST', '/assistances', {
      kind: 'technical',
      userEmail: 'marta@clinica-sol.test',
      reason: { code: 'question' },
    })
    const seen = (await play.lettersTo(agent.email)).length
    await agent.call('POST', `/assistances/${open.body.id}/agent-code`)
    const right = (await play.newLetter(agent.email, seen))?.codes[0]
    const code = right === '000000' ? '111111' : '000000'
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        agent.call('PUT', `/assistances/${open.body.id}/agent-proof`, { method: 'code', code }),
      ),
    )
    const words = replies.map((reply) => reply.body.code)
    expect(words.filter((word) => word === 'code.wrong')).toHaveLength(5)
    expect(words.filter((word) => word === 'code.spent')).toHaveLength(45)
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([422]))
  })

  test('a ticket is taken once, in one browser, from the console alone', async () => {
    const agent = await agentOf('dev02')
    const { id } = await play.active(agent, 'grace@northside.test', 'cli_northside')
    const launch = await agent.call('POST', `/assistances/${id}/launches`, { surface: 'web' })
    const stranger = await new Browser().form(
      launch.body.url,
      { ticket: launch.body.ticket },
      { origin: 'http://evil.test' },
    )
    expect(stranger.status).toBe(403)
    const tries = await Promise.all(
      Array.from({ length: 20 }, () =>
        new Browser().form(launch.body.url, { ticket: launch.body.ticket }, { origin: stage.console }),
      ),
    )
    expect(tries.filter((one) => one.status === 200)).toHaveLength(1)
    expect(new Set(tries.map((one) => one.status))).toEqual(new Set([200, 410]))
  })

  test('the same request with the same Idempotency-Key is answered once', async () => {
    const agent = await agentOf('dev03')
    const key = { 'idempotency-key': `open-${crypto.randomUUID()}` }
    const body = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'question' } }
    const first = await agent.call('POST', '/assistances', body, key)
    expect(first.status).toBe(201)
    expect((await agent.call('POST', '/assistances', body, key)).body).toEqual(first.body)
    expect(await agent.call('POST', '/assistances', { ...body, userEmail: 'x@y.test' }, key)).toMatchObject({
      status: 422,
      body: { code: 'request.key_reused' },
    })
    expect(await agent.call('POST', '/assistances', body, { 'idempotency-key': 'short' })).toMatchObject({
      status: 400,
    })
  })

  test.each([
    ['an unknown field', { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'fault' }, extra: 1 }, 400],
    ['a wrong type', { kind: 'technical', userEmail: 7, reason: { code: 'fault' } }, 400],
    [
      'a prototype key',
      JSON.parse('{"__proto__": {"x": 1}, "kind": "technical", "userEmail": "a@b.test", "reason": {"code": "fault"}}'),
      400,
    ],
    [
      'control characters',
      { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'fault', line: 'two\nlines' } },
      400,
    ],
    ['a missing line for "other"', { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'other' } }, 400],
    ['ten megabytes', { kind: 'technical', userEmail: 'a'.repeat(10_000_000), reason: { code: 'fault' } }, 413],
  ])('%s is a clear refusal, never a breakage', async (_what, body, status) => {
    const reply = await (await agentOf('dev04')).call('POST', '/assistances', body)
    expect(reply.status).toBe(status)
    expect(reply.body.code).toMatch(/^request\./)
    expect(JSON.stringify(reply.body)).not.toMatch(/\.ts:\d|node_modules/)
  })

  test('malformed JSON, unknown ids, other methods, other agents and strangers are refused with a word', async () => {
    const agent = await agentOf('dev04')
    const raw = (path: string, init: RequestInit) =>
      fetch(`http://127.0.0.1:${stage.port}${path}`, init).then(async (answer) => ({
        status: answer.status,
        body: await answer.json(),
      }))
    const authorization = `Bearer ${play.bearer('dev04@acme.test')}`
    const json = { authorization, 'content-type': 'application/json' }
    expect(await raw('/api/v1/assistances', { method: 'POST', headers: json, body: '{"kind":' })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    })
    expect(await raw('/api/v1/assistances', { method: 'POST', headers: json, body: '['.repeat(50_000) })).toMatchObject(
      {
        status: 400,
      },
    )
    expect(
      await raw('/api/v1/assistances', {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/plain' },
        body: '{}',
      }),
    ).toMatchObject({ status: 415 })
    expect(
      await raw('/api/v1/assistances', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
    ).toMatchObject({ status: 403 })
    expect(await raw('/api/v1/assistances', { headers: {} })).toMatchObject({
      status: 401,
      body: { code: 'agent.unknown' },
    })
    expect(await raw('/api/v1/assistances', { method: 'PATCH', headers: json, body: '{}' })).toMatchObject({
      status: 405,
    })
    expect(await raw('/api/v1/nothing', { headers: json })).toMatchObject({
      status: 404,
      body: { code: 'route.unknown' },
    })
    for (const id of ['as_000000000000000000000000', 'x', '%00', '..%2f..', "as_'; drop table event; --"]) {
      expect(await agent.call('GET', `/assistances/${id}`)).toMatchObject({ status: 404 })
    }
    const { id } = (
      await (
        await agentOf('dev05')
      ).call('POST', '/assistances', {
        kind: 'technical',
        userEmail: 'a@b.test',
        reason: { code: 'fault' },
      })
    ).body
    expect(await agent.call('GET', `/assistances/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'assistance.unknown' },
    })
    expect(await agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })).toMatchObject({
      status: 404,
    })
    expect(await agent.call('GET', '/audit/events')).toMatchObject({ status: 403, body: { code: 'agent.not_allowed' } })
  })

  test('the stream tells each event once and resumes where it was cut', async () => {
    const agent = await agentOf('dev06')
    const id = await play.proved(agent, 'ramon@clinica-sol.test')
    const read = async (last?: string) => {
      const abort = new AbortController()
      const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances/${id}/stream`, {
        headers: { authorization: `Bearer ${play.bearer(agent.email)}`, ...(last ? { 'last-event-id': last } : {}) },
        signal: abort.signal,
      })
      let text = ''
      for await (const chunk of answer.body ?? []) {
        text += new TextDecoder().decode(chunk)
        if (text.includes('user.looked_up')) break
      }
      abort.abort()
      return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
    }
    const all = await read()
    expect(all).toEqual(all.map((_, index) => index + 1))
    const cut = all.length - 2
    expect((await read(String(cut)))[0]).toBe(cut + 1)
  })

  if (world === withAws) {
    test('every message of these journeys went through Invoke, once: the function’s own lines say so, and hold no code and no address', async () => {
      const looked = async () => {
        const letters = await play.inbox()
        const { log, delivered } = await deliveredIn(stage)
        const sent = (channel: string) => delivered.filter((one) => one.channel === channel && one.fate === 'sent')
        const mails = letters.filter(({ channel }) => channel === 'email')
        return {
          ...{
            letters,
            log,
            delivered,
            mails: mails.map(refOf).sort(),
            lines: sent('email')
              .map(({ ref }) => ref)
              .sort(),
          },
          ...{ texts: letters.length - mails.length, textLines: sent('sms').length },
        }
      }
      // A function's log comes on a way of its own, beside its answer; and the last news may be under way.
      const { letters, log, delivered, texts } = await until(
        looked,
        (now) => now.texts === now.textLines && now.mails.join() === now.lines.join(),
        'a line for each message, and a message for each line',
      )
      const shown = delivered.slice(0, 4).map((one) => JSON.stringify(one))
      console.log(`the function's own lines:\n${shown.join('\n')}`)
      expect(letters.filter(({ channel, codes }) => channel === 'email' && codes.length > 0).length).toBeGreaterThan(10)
      expect(texts).toBeGreaterThan(0)
      // Standing by itself: six digits in a row may be part of an id.
      const says = (text: string) => new RegExp(`(?<![\\w-])${text.replace('+', '\\+')}(?![\\w-])`).test(log)
      for (const text of letters.flatMap(({ to, codes }) => [to, ...codes]))
        expect([text, says(text)]).toEqual([text, false])
    })

    test('who signs out of the desk is asked again who they are', async () => {
      const { browser, script } = await signedInAtCognito(stage, 'sara')
      expect((await script.call('DELETE', '/session')).status).toBe(200)
      const ways = JSON.parse((await browser.ask(`${stage.console}/api/v1/session/ways`)).text)
      const back = await browser.follow(await browser.ask(`${stage.console}${ways.issuer.signOut}`))
      expect(back.url).toBe(`${stage.console}/`)
      const again = await browser.follow(await browser.ask(`${stage.console}${ways.issuer.url}`))
      expect(again.text).toContain('Sign in with your user pool')
    })
  }
})
