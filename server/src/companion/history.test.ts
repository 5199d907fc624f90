/** A user's own history: nobody sees it without a code to the contact on file, nothing is left out, and what was not right is looked at. */
import { createHash } from 'node:crypto'
import { compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { correctUser } from '../assistance/assistance.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import { addNote } from '../assistance/notes.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  provedAgent,
  right,
  story,
  testOutside,
  wrongFor,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { sequence } from '../audit/log.store.ts'
import { aSigner } from '../audit/testing.ts'
import { linkToken } from '../codes/link.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import type { AssistanceId } from '../words.ts'
import { putActs, type Served, served } from './companion.testing.ts'

let fresh: FreshDatabase
let outside: Outside
let site: Served
let ana: Caller
const by = aSigner()
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh, { policy: { ...presets.standard } })
})
afterAll(() => fresh.close())
beforeEach(async () => {
  ana = await agentAtDesk(outside)
  site = await served(fresh.db, 0, {
    secrets: outside.secrets,
    core: outside.core,
    policy: outside.policy,
    receipts: { ...by, former: [] },
  })
  return async () => {
    expect(site.broken).toEqual([])
    await site.close()
  }
})

const leo = 'leo@clinica-sol.test'
const grace = 'grace@northside.test'
const ends = async (id: AssistanceId, by = ana) => right(await closeByDesk(outside, by, id, { because: 'cancelled' }))

/** Help that was given and is over. */
async function helped(email = leo, ecosystem = 'cli_sol', agent = ana): Promise<AssistanceId> {
  const id = await activeFor(outside, agent, email, ecosystem)
  await putActs(fresh.db, id, [
    { at: new Date(), surface: 'web', what: { en: '=Opened your invoices', es: 'Abrió sus facturas' }, count: 2 },
  ])
  await ends(id, agent)
  return id
}

/** What one browser does on the page of one link. */
function browserAt(id: AssistanceId) {
  const path = `${site.origin}/c/${linkToken(outside.secrets, id)}`
  let cookie = ''
  const ask = async (method: string, to: string, body?: object) => {
    const answer = await fetch(`${path}${to}`, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}), cookie },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const given = answer.headers.getSetCookie()[0]
    if (given) cookie = given.split(';')[0] ?? ''
    return answer
  }
  const post = async (act: string, body: object = {}) => {
    const answer = await ask('POST', `/${act}`, body)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  return {
    post,
    ask,
    cookie: () => cookie,
    // biome-ignore lint/suspicious/noExplicitAny: a page's JSON as it comes.
    look: async (): Promise<any> => (await ask('GET', '/history')).json(),
    open: async () => {
      expect(await post('history-code')).toMatchObject({ status: 200 })
      const digits = await digitsSent(outside, id, 'history')
      expect(await post('history', { digits })).toEqual({ status: 200, body: {} })
    },
  }
}
const eventsOf = (id: AssistanceId) => story(outside, id)

test('without the code nobody sees it: not by the link, not in another browser, and looking sends and writes nothing', async () => {
  const id = await helped()
  const before = await eventsOf(id)
  const [hers, other] = [browserAt(id), browserAt(id)]
  expect(await hers.look()).toEqual({ may: 'ask', sendsLeft: 5 })
  expect(await eventsOf(id)).toEqual(before)
  expect((await hers.post('history-copy', { format: 'csv' })).body).toMatchObject({ code: 'link.elsewhere' })
  expect((await hers.post('objection', {})).body).toMatchObject({ code: 'link.elsewhere' })
  await hers.open()
  expect(await hers.look()).toMatchObject({ may: 'see' })
  expect(await other.look()).toEqual({ may: 'ask', sendsLeft: 4 })
})

test('the code goes to the mail and the phone on file, tells its reader to give it to nobody, and agents see nothing of it', async () => {
  const id = await helped(grace, 'cli_northside')
  expect(await browserAt(id).post('history-code')).toEqual({ status: 200, body: {} })
  const sent = await fresh.db.query<{ id: string; channel: string; sealed: Buffer }>(
    `select id, channel, sealed from outbox where assistance_id = $1 and purpose = 'history' order by channel`,
    [id],
  )
  const [mail, sms] = sent.map(({ id, sealed }) => JSON.parse(outside.secrets.unseal(sealed, id)))
  expect([mail.to, sms.to]).toEqual([grace, '+12125550101'])
  expect(mail.content.text).toContain('read it to nobody')
  expect(sms.content.sms).toContain('Read it to nobody')
  expect(JSON.stringify(await viewOf(outside, id))).not.toContain('history')
})

test('it holds everything that concerns one person, whatever became of it, and nothing of anybody else', async () => {
  const mateo = 'mateo@nandu.test'
  const anothers = await provedAgent(outside, ana, 'jorge@lumbre.test')
  await ends(anothers)
  const looked = await provedAgent(outside, ana, mateo)
  right(await correctUser(outside, ana, looked, 'jorge@lumbre.test'))
  right(await addNote(outside, ana, looked, { text: 'a note of the agents' }))
  await ends(looked)
  const asked = await askedUser(outside, ana, mateo, 'cli_nandu')
  await ends(asked)
  const id = await helped(mateo, 'cli_nandu')
  const his = browserAt(id)
  await his.open()
  const { items, older } = (await his.look()).history
  expect(items).toMatchObject([
    {
      id,
      came: 'helped',
      agent: ana.name,
      consent: { provedBy: 'read_aloud' },
      ended: { because: 'cancelled' },
      acts: [{ count: 2, what: { es: 'Abrió sus facturas' } }],
    },
    { id: asked, came: 'asked', acts: [] },
    { id: looked, came: 'seen', surfaces: [], acts: [] },
  ])
  expect(older).toBeUndefined()
  const text = JSON.stringify(items)
  for (const no of [anothers, 'jorge', 'Lumbre', 'a note of the agents']) expect(text).not.toContain(no)
})

test('more than a page of it is a tap away, without one twice or one left out', async () => {
  const siobhan = 'siobhan@northside.test'
  const all: string[] = []
  for (let one = 0; one < 22; one += 1) {
    const id = await provedAgent(outside, ana, siobhan)
    all.unshift(id)
    if (one < 21) await ends(id)
  }
  await ends(all[0] as AssistanceId)
  const id = await helped(siobhan, 'cli_northside')
  const hers = browserAt(id)
  await hers.open()
  const first = (await hers.look()).history
  const { items, older } = first
  const next = ((await (await hers.ask('GET', `/history?from=${older}`)).json()) as { history: typeof first }).history
  expect([...items, ...next.items].map((one: { id: string }) => one.id)).toEqual([id, ...all])
  expect(next.older).toBeUndefined()
})

test('it stays open for a quarter of an hour in that browser, and no longer than its link works', async () => {
  const id = await helped('inaki@clinica-sol.test')
  const his = browserAt(id)
  await his.open()
  await fresh.advance(14 * 60_000 + 59_000)
  expect(await his.look()).toMatchObject({ may: 'see' })
  await fresh.advance(2_000)
  expect(await his.look()).toMatchObject({ may: 'ask' })
  await fresh.advance(24 * 3_600_000)
  expect((await his.post('history-code')).body).toMatchObject({ code: 'link.unknown' })
})

test('five wrong tries burn a code and fifteen end it for good, each in the record; an earlier code costs nothing', async () => {
  const id = await helped('priya@northside.test', 'cli_northside')
  const hers = browserAt(id)
  const types = (digits: string) => hers.post('history', { digits })
  await hers.post('history-code')
  const first = await digitsSent(outside, id, 'history')
  expect((await hers.post('history-code')).body).toMatchObject({ code: 'code.too_soon' })
  await fresh.advance(61_000)
  await hers.post('history-code')
  const second = await digitsSent(outside, id, 'history')
  if (first !== second) expect((await types(first)).body).toMatchObject({ code: 'code.earlier' })
  const wrong = [first, second].includes('111111') ? '222222' : '111111'
  for (const attemptsLeft of [4, 3, 2, 1, 0])
    expect((await types(wrong)).body).toMatchObject({ code: 'code.wrong', attemptsLeft })
  expect((await types(second)).body).toMatchObject({ code: 'code.spent' })
  for (let round = 0; round < 2; round += 1) {
    await hers.post('history-code')
    const digits = await digitsSent(outside, id, 'history')
    for (let time = 0; time < 5; time += 1) await types(wrongFor(digits))
  }
  expect((await hers.post('history-code')).body).toMatchObject({ code: 'code.no_more' })
  expect((await eventsOf(id)).filter((type) => type === 'code.wrong')).toHaveLength(15)
  expect(await hers.look()).toEqual({ may: 'ask', sendsLeft: 0 })
})

test('twenty askings at once send one code, and twenty right codes at once open it once', async () => {
  const id = await helped('tom+billing@northside.test', 'cli_northside')
  const browsers = Array.from({ length: 20 }, () => browserAt(id))
  const asked = await Promise.all(browsers.map((one) => one.post('history-code')))
  expect(asked.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(asked.map(({ body }) => body.code))).toEqual(new Set([undefined, 'code.too_soon']))
  const digits = await digitsSent(outside, id, 'history')
  const typed = await Promise.all(browsers.map((one) => one.post('history', { digits })))
  expect(typed.filter(({ status }) => status === 200)).toHaveLength(1)
  expect((await eventsOf(id)).filter((type) => type === 'history.opened')).toHaveLength(1)
  const looks = await Promise.all(browsers.map((one) => one.look()))
  expect(looks.filter(({ may }) => may === 'see')).toHaveLength(1)
})

test('a code of another help opens nothing here, and neither does the agent’s own', async () => {
  const [one, other] = [
    await helped('zofia@wisniewski.test', 'cli_wisniewski'),
    await helped('zofia@wisniewski.test', 'cli_wisniewski'),
  ]
  await browserAt(one).post('history-code')
  await browserAt(other).post('history-code')
  const digits = await digitsSent(outside, one, 'history')
  if (digits !== (await digitsSent(outside, other, 'history')))
    expect((await browserAt(other).post('history', { digits })).body).toMatchObject({ code: 'code.wrong' })
})

test('an address that changed lately gets no code, and somebody with no other is told to call', async () => {
  const taras = await helped('taras@svitanok.test', 'cli_svitanok')
  const nuria = await helped('nuria@clinica-sol.test', 'cli_sol')
  await fresh.db.query(
    `update vendor.person set phone_changed_at = now(), email_changed_at = null where id = 'per_taras'`,
  )
  await fresh.db.query(`update vendor.person set email_changed_at = now(), phone = null where id = 'per_nuria'`)
  const guarded = await served(fresh.db, 0, {
    secrets: outside.secrets,
    core: outside.core,
    policy: { ...presets.standard, changedContacts: { hours: 72, answer: 'second_person' } },
  })
  const asks = async (id: AssistanceId) =>
    fetch(`${guarded.origin}/c/${linkToken(outside.secrets, id)}/history-code`, {
      method: 'POST',
      headers: { accept: 'application/json' },
    })
  expect((await asks(taras)).status).toBe(200)
  const channels = await fresh.db.query(`select channel from outbox where assistance_id = $1 and purpose = 'history'`, [
    taras,
  ])
  expect(channels).toEqual([{ channel: 'email' }])
  expect(await (await asks(nuria)).json()).toMatchObject({ code: 'history.nobody' })
  await guarded.close()
})

test('what is taken along is whole: receipts that verify, events exact to the byte, and cells that no spreadsheet runs', async () => {
  const id = await helped('samira@noor.test', 'cli_noor')
  await sequence(fresh.db, by)
  const hers = browserAt(id)
  await hers.open()
  const lines = (await (await hers.ask('POST', '/history-copy', { format: 'jsonl' })).text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines[0]).toEqual({ format: 'amparo-history', version: 1, company: 'Acme', user: 'per_samira' })
  const [{ receipt }] = lines.filter(({ help }) => help?.id === id)
  const { keys } = (await (await fetch(`${site.origin}/receipt-keys.json`)).json()) as { keys: JWK[] }
  await expect(compactVerify(receipt, await importJWK(keys[0] ?? {}, 'EdDSA'))).resolves.toBeDefined()
  const placed = lines.filter(({ event }) => event?.hash)
  expect(placed.length).toBeGreaterThan(3)
  for (const { event } of placed)
    expect(
      createHash('sha256')
        .update(Buffer.from([0]))
        .update(event.body)
        .digest('base64'),
    ).toBe(event.hash)
  const csv = await hers.ask('POST', '/history-copy', { format: 'csv' })
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="history.csv"')
  const table = await csv.text()
  expect(table.split('\n')[0]).toBe(
    'opened,agent,reason,line,came,ecosystem,surfaces,powers,consent,consent_by,ended,because,acts,said',
  )
  expect(table).toContain('=Opened your invoices (2)')
  expect(table.split('\n').every((line) => !/(^|,)=/.test(line))).toBe(true)
  expect((await eventsOf(id)).filter((type) => type === 'history.exported')).toHaveLength(2)
})

test('an objection is kept once, with its review, its alert and its words beside the record; nobody objects for another', async () => {
  const bogdana = 'bogdana@svitanok.test'
  const [earlier, id] = [await helped(bogdana, 'cli_svitanok'), await helped(bogdana, 'cli_svitanok')]
  const anothers = await helped('yusuf@noor.test', 'cli_noor')
  const hers = browserAt(id)
  await hers.open()
  for (const about of [anothers, 'as_none', 'as_000000000000000000000000'])
    expect((await hers.post('objection', { about })).body).toMatchObject({ code: 'link.out_of_order' })
  const text = 'She looked at more than I asked for'
  expect(await hers.post('objection', { about: earlier, text })).toEqual({ status: 200, body: {} })
  expect((await hers.post('objection', { about: earlier, text })).body).toMatchObject({ code: 'objection.made' })
  const twenty = await Promise.all(Array.from({ length: 20 }, () => hers.post('objection', {})))
  expect(twenty.filter(({ status }) => status === 200)).toHaveLength(1)
  const { items } = (await hers.look()).history
  expect(items.map(({ said }: { said: object[] }) => said)).toMatchObject([
    [{ about: 'objection' }],
    [{ about: 'objection' }],
  ])
  expect((await eventsOf(earlier)).filter((type) => type === 'objection.made')).toHaveLength(1)
  const [{ bodies }] = (await fresh.db.query(`select string_agg(body, '') as bodies from event`)) as [
    { bodies: string },
  ]
  expect(bodies).not.toContain(text)
  const alerts = await fresh.db.query(`select assistance_id from alert where kind = 'objection' order by assistance_id`)
  expect(alerts).toEqual([earlier, id].sort().map((assistance_id) => ({ assistance_id })))
})

test('while help goes on there is no history and no objection: there is a Stop', async () => {
  const id = await activeFor(outside, ana, 'lukasz@wisniewski.test', 'cli_wisniewski')
  const his = browserAt(id)
  for (const act of ['history-code', 'objection'])
    expect((await his.post(act)).body).toMatchObject({ code: 'link.out_of_order' })
  expect((await his.post('history', { digits: '123456' })).body).toMatchObject({ code: 'link.out_of_order' })
  await ends(id)
})

test('a body that is none is refused with a word, and another site presses nothing', async () => {
  const id = await helped('zhou@renai.test', 'cli_renai')
  const his = browserAt(id)
  for (const [act, body] of [
    ['history', { digits: '12345' }],
    ['history', { digits: 123456 }],
    ['history', { digits: '123456', more: 1 }],
    ['history-copy', { format: 'pdf' }],
    ['objection', { text: 'x'.repeat(501) }],
    ['objection', { text: 'nobody \u0000 helped me' }],
    ['objection', { text: 'half of a \ud83d' }],
  ] as const)
    expect(await his.post(act, body)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
  const path = `${site.origin}/c/${linkToken(outside.secrets, id)}/history-code`
  const cross = await fetch(path, {
    method: 'POST',
    headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
  })
  expect(cross.status).toBe(403)
  const scanner = await fetch(path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    },
  })
  expect(await scanner.text()).toContain('One more tap')
  expect(await eventsOf(id)).not.toContain('history.asked')
})
