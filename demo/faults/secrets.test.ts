/**
 * What is alive is written nowhere (T17, T29): while many are helped at once, in a dump of the database, in the log, in the
 * record, in the metrics and in every address that a browser went to, there is no code and no token that opens anything.
 */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, Browser, until } from '../journeys/stage.ts'
import { beginning, crowd, help, type Request, send } from './crowd.ts'
import { dump, type Ground, ground, type Node, times } from './ground.ts'

let on: Ground
let node: Node
beforeAll(async () => {
  on = await ground()
  node = await on.node()
}, 120_000)
afterAll(() => on.leave())

/** A browser that remembers every address that it went to, and every secret that it was given on the way. */
class Watched extends Browser {
  readonly addresses: string[] = []
  readonly given = new Set<string>()
  override async ask(...asked: Parameters<Browser['ask']>): Promise<Answer> {
    const answer = await super.ask(...asked)
    this.addresses.push(asked[0])
    const next = answer.headers.get('location') ?? /url=(.+)$/.exec(answer.headers.get('refresh') ?? '')?.[1]
    if (next !== undefined) this.addresses.push(new URL(next, asked[0]).href)
    for (const jar of this.jar.values()) for (const value of jar.values()) this.given.add(value)
    return answer
  }
}

/** What the standard puts into an address, once each: the hint and the code of a sign-in. Everything else is a finding. */
const allowed = ['login_hint', 'code', 'state', 'nonce', 'code_challenge', 'client_id', 'redirect_uri', 'scope', 'iss']
const partsOf = (address: string): string[] => {
  const url = new URL(address)
  const others = [...url.searchParams].filter(([name]) => !allowed.includes(name)).map(([, value]) => value)
  return [url.pathname, url.hash, ...others]
}

/** Where a secret stands in a text: as it is, as its bytes, or so that six digits can be guessed without a key. */
function isIn(text: string, secret: string): boolean {
  if (!/^\d{6}$/.test(secret)) return text.includes(secret) || text.includes(Buffer.from(secret).toString('hex'))
  const digest = (kind: 'hex' | 'base64') => createHash('sha256').update(secret).digest(kind)
  const plain = new RegExp(`(?<![0-9a-f.])${secret}(?![0-9a-f])`)
  return plain.test(text) || text.includes(digest('hex')) || text.includes(digest('base64').slice(0, 42))
}
const found = (text: string, secrets: Iterable<string>) => [...secrets].filter((one) => isIn(text, one))

test(
  'under load, no code and no token that is alive stands in a dump, a log, the record, the metrics, or an address',
  async () => {
    const lanes = 6
    const people = await crowd(on.fresh.db, lanes, 400)
    const secrets = new Set<string>()
    const addresses: string[] = []
    const dumps: string[] = []
    for (const { bearer } of people.agents) secrets.add(bearer)

    let answers = 0
    const ask = (bearer: string) => async (request: Request) => {
      const answer = await send(node.stage.console, bearer, request)
      answers += 1
      // In the middle of what everybody else is doing.
      if (answers % 8 === 0) dumps.push(await dump(on.fresh))
      if (request.step === 'launches' && answer.status === 201) {
        const { url, ticket } = answer.body
        secrets.add(ticket)
        const browser = new Watched()
        let home = await browser.follow(await browser.form(url, { ticket }, { origin: node.stage.console }))
        // On a busy machine the product may wait in vain for the issuer's word, and says so: it is asked again.
        if (home.status === 503)
          home = await until(
            () => browser.ask(browser.addresses.at(-1) ?? ''),
            ({ status }) => status !== 503,
            'the product',
          )
        expect(home.status).toBe(200)
        addresses.push(...browser.addresses)
        for (const one of browser.given) secrets.add(one)
        // The hint and the code are spent by now, and yet they are in no place where they should not be.
        for (const address of browser.addresses)
          for (const name of ['login_hint', 'code']) secrets.add(new URL(address).searchParams.get(name) ?? '')
      }
      return answer
    }
    const rounds = times(2, 12)
    const lane = async (agent: (typeof people.agents)[number]) => {
      for (let round = 0; round < rounds; round += 1) {
        const helping = beginning(on.inbox, agent.email, people.nextUser())
        await help({ agent, inbox: on.inbox, ask: ask(agent.bearer) }, helping)
      }
    }
    await Promise.all(people.agents.map(lane))

    for (const { codes, links } of on.inbox.entries()) {
      for (const code of codes) secrets.add(code)
      for (const link of links) if (link.includes('/c/')) secrets.add(link.split('/c/')[1] ?? '')
    }
    secrets.delete('')
    expect(secrets.size).toBeGreaterThan(lanes * rounds * 4)
    const metrics = await (await fetch(`${node.stage.console}/metrics`)).text()
    expect(metrics).toContain('amparo_')
    const auditor = { authorization: `Bearer ${node.play.bearer('adam@acme.test')}` }
    const record = await (
      await fetch(`${node.stage.console}/api/v1/audit/export?format=jsonl`, { headers: auditor })
    ).text()
    expect(record.split('\n').length).toBeGreaterThan(lanes * rounds * 7)
    const log = node.stage.said().replaceAll(/password\s+\S+/g, '')
    const places: readonly (readonly [string, string])[] = [
      ...dumps.map((text, at) => [`dump ${at}`, text] as const),
      ['the last dump', await dump(on.fresh)],
      ['log', log],
      ['record', record],
      ['metrics', metrics],
      ['addresses', addresses.flatMap(partsOf).join('\n')],
    ]
    for (const [place, text] of places) expect([place, found(text, secrets)]).toEqual([place, []])
    console.log(`${secrets.size} secrets, ${dumps.length} dumps under load, ${addresses.length} addresses: none found`)
  },
  times(180_000, 3_600_000),
)
