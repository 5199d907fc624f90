/**
 * Every call of the OpenAPI document, as everybody, with whatever comes to mind: never a breakage, always a declared answer or
 * a problem with a word of the table, and never a secret in it. The seed is printed; `AMPARO_FUZZ_SEED` tries it again, and
 * `AMPARO_FUZZ_MINUTES` goes on for so long.
 */
import { api, type CallName, problem } from '@amparo/contract/api'
import { isRefusal, statusOf } from '@amparo/contract/refusals'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession } from '../../server/src/identity/identity.store.ts'
import { type Ground, ground, leo, marta, type Node } from './ground.ts'
import { fitting, hostileBodies, hostileTexts, type Known, nearlyFitting, type Schema, type Schemas } from './shapes.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: Schema
}
interface Operation {
  readonly name: CallName
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
}

let on: Ground
let node: Node
let operations: readonly Operation[]
let known: Known
beforeAll(async () => {
  on = await ground()
  node = await on.node()
  const document = (await (await fetch(`${node.stage.console}/api/v1/openapi.json`)).json()) as Document
  operations = operationsOf(document)
  known = { schemas: document.components.schemas, values: (field) => there.get(field) ?? [] }
  plant()
}, 120_000)
afterAll(() => on.leave())

interface Described {
  readonly operationId: CallName
  readonly parameters?: readonly (Parameter & Schema)[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Schemas }
}

function operationsOf(document: Document): readonly Operation[] {
  const schemas: Schemas = document.components.schemas
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => operationId in api)
      .map(([method, operation]) => ({
        name: operation.operationId,
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []).filter((one) => one.$ref === undefined),
        body: resolved(operation.requestBody?.content['application/json'].schema, schemas),
      })),
  )
}
const resolved = (schema: Schema | undefined, schemas: Schemas): Schema | undefined =>
  schema?.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1) ?? '']

// ── Who asks, and what there is ─────────────────────────────────────────────────────────────────────────────────────

const helpers = ['ana', 'ben', 'cleo', 'dev01', 'dev02', 'dev03', 'dev04', 'dev05', 'dev06'] as const
const whos = [...helpers, 'sara', 'sol', 'adam', 'ada', 'nobody', 'a stranger'] as const
type Who = (typeof whos)[number]
const tokens = new Map<Who, string>()

/** A session of its own for everybody, so that a sign-out costs no more than one round. */
async function signIn(): Promise<void> {
  const rows = await on.fresh.db.query<{ id: string; email: string }>('select id, email from agent')
  for (const { id, email } of rows) {
    const who = whos.find((one) => `${one}@acme.test` === email)
    if (who) tokens.set(who, (await openSession(on.fresh.db, id, 'bearer')).token)
  }
  tokens.set('a stranger', 'x'.repeat(43))
}

/** Stands in an address for the live assistance of whoever asks, so that a good part of what is asked gets in. */
const own = '@own'
const mine = new Map<Who, string>()

/** Values that some call may find, by the name of the field or of the part of the path. */
const there = new Map<string, string[]>()

/** Help in each of its states, whoever ended it meanwhile. */
async function stock(): Promise<void> {
  const ids: string[] = []
  const launches: string[] = []
  const { play } = node
  const live = async (who: string) => {
    const { body } = await play.scriptOf(who).call('GET', '/assistances?state=live&limit=1')
    return body.items?.find((one: { agent?: { email?: string } }) => one)?.id as string | undefined
  }
  const users = [marta, leo, 'nuria@clinica-sol.test', 'lola@clinica-sol.test']
  // A day later everybody may be written to again.
  await on.fresh.advance(25 * 3_600_000)
  await play.advance(0)
  for (const who of helpers) {
    const script = play.scriptOf(who)
    const before = await live(who)
    if (before !== undefined) {
      ids.push(before)
      mine.set(who, before)
      continue
    }
    const at = helpers.indexOf(who)
    const user = users[at % 2] ?? marta
    const made = async () => {
      if (who === 'ana') return (await play.active(script, marta, 'cli_sol')).id
      if (who === 'ben') return (await play.active(script, leo, 'cli_sol')).id
      if (who === 'cleo') return (await play.asked(script, user, 'cli_sol')).id
      if (who === 'dev01' || who === 'dev02') return play.proved(script, user)
      return play.opened(script, user)
    }
    const id = await made()
    ids.push(id)
    mine.set(who, id)
    if (who === 'ana') {
      const { body } = await script.call('POST', `/assistances/${id}/launches`, { surface: 'app' })
      if (body.launchId) launches.push(body.launchId)
    }
  }
  const items = (await play.scriptOf('adam').call('GET', '/audit/events?limit=5')).body.items ?? []
  there.set('id', [...ids.map(() => own), ...ids])
  there.set('assistanceId', ids)
  there.set('assistance', ids)
  there.set('launchId', [...launches, 'la_none'])
  there.set('seq', ['0', '1', ...items.map((one: { seq: number | null }) => String(one.seq ?? 0))])
  there.set('surface', ['web', 'store', 'app'])
  there.set('surfaces', ['web', 'store', 'app'])
  there.set('power', ['payment_method', 'invitations', 'own_sign_in'])
  there.set('ecosystemId', ['cli_sol', 'cli_none'])
  there.set('stepId', ['e1', 'e2'])
  there.set('email', users)
  there.set('userEmail', users)
  there.set('user', users)
  // Some of them are right, for a moment and for somebody.
  there.set('code', [
    '482913',
    ...on.inbox
      .entries()
      .flatMap(({ codes }) => codes)
      .slice(0, 8),
  ])
  there.set('match', ['47'])
  there.set('digits', ['47'])
  there.set('q', ['type:assistance.opened', 'agent:ana', 'ended:finished', 'type:', ':', '"'])
  there.set('cursor', ['', 'eyJ9'])
}

/** What must be in no answer to anybody: passwords, other people's tokens, codes and links of messages, whole numbers. */
const secrets = new Set<string>()
function plant(): void {
  for (const { signIn: own, bearer, totpSecret } of node.play.people.agents)
    for (const one of [own.password, bearer, totpSecret]) if (one) secrets.add(one)
}
function learn(): void {
  for (const { links } of on.inbox.entries())
    for (const link of links) if (link.includes('/c/')) secrets.add(link.split('/c/')[1] ?? '')
  secrets.delete('')
}

// ── One question ────────────────────────────────────────────────────────────────────────────────────────────────────

interface Question {
  readonly who: Who
  readonly address: string
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

const part = (name: string, schema: Schema): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fitting(schema, known, name).map(String) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileTexts.map((one) => one.slice(0, 4000))) },
  )

/** Text as an address can carry it: half of a character cannot be escaped, and is left out. */
const escaped = (one: string) => encodeURIComponent(one.replace(/\p{Cs}/gu, ''))

function addresses({ path, parameters }: Operation): fc.Arbitrary<string> {
  const parts = parameters.filter((one) => one.in === 'path')
  const queries = parameters.filter((one) => one.in === 'query')
  return fc
    .tuple(
      fc.tuple(...parts.map((one) => part(one.name, one.schema))),
      fc.tuple(...queries.map((one) => fc.option(part(one.name, one.schema), { nil: undefined }))),
      fc.option(fc.constantFrom('zzz=1', 'limit=1&limit=2', '__proto__=1', '%', '%00=%00'), {
        nil: undefined,
        freq: 12,
      }),
    )
    .map(([inPath, inQuery, odd]) => {
      const filled = parts.reduce((text, one, at) => text.replace(`{${one.name}}`, escaped(inPath[at] || '-')), path)
      const asked = queries.flatMap((one, at) =>
        inQuery[at] === undefined ? [] : [`${one.name}=${escaped(inQuery[at])}`],
      )
      const query = [...asked, ...(odd === undefined ? [] : [odd])].join('&')
      return query === '' ? filled : `${filled}?${query}`
    })
}

const bodies = ({ body }: Operation): fc.Arbitrary<string | undefined> =>
  body === undefined
    ? fc.constant(undefined)
    : fc.oneof(
        { weight: 8, arbitrary: fitting(body, known).map((value) => JSON.stringify(value)) },
        { weight: 2, arbitrary: nearlyFitting(body, known).map((value) => JSON.stringify(value) ?? '') },
        { weight: 1, arbitrary: hostileBodies },
      )

/** Mostly none but those that everybody sends. */
const headers: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: oddHeaders() },
)
function oddHeaders(): fc.Arbitrary<Record<string, string>> {
  return fc.record(
    {
      'idempotency-key': fc.oneof(
        fc.uuid(),
        fc.constantFrom('short', 'x'.repeat(200), 'the-same-key-again', '"quoted key"'),
      ),
      'accept-language': fc.constantFrom('es', 'en', 'xx-YY;q=nonsense', '*'),
      'content-type': fc.oneof(
        { weight: 8, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'a'),
        },
      ),
      origin: fc.constantFrom('http://evil.test', 'null'),
      'x-forwarded-for': fc.constantFrom('127.0.0.1', "1' or '1'='1", 'a'.repeat(500)),
      'user-agent': fc.constantFrom('', 'a'.repeat(2000), '\u00ff\u00fe'),
      cookie: fc.constantFrom('__Host-amparo=nothing', '__Host-amparo=', 'a=b; __proto__=c', ';;;='),
      accept: fc.constantFrom('text/html', '*/*', 'application/problem+json'),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
}

const questions = (operation: Operation): fc.Arbitrary<Question> =>
  fc.record({
    who: fc.noBias(fc.constantFrom(...whos)),
    address: addresses(operation),
    body: bodies(operation),
    headers,
  })

async function ask({ method }: Operation, { who, address, body, headers }: Question): Promise<Response> {
  const token = tokens.get(who)
  const path = address.replace(escaped(own), mine.get(who) ?? 'as_none')
  return fetch(`http://127.0.0.1:${node.stage.port}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      origin: node.stage.console,
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(60_000),
  })
}

/** What is wrong with an answer; nothing where all is as it was declared. */
async function faultOf(operation: Operation, question: Question): Promise<string | undefined> {
  const answer = await ask(operation, question)
  const text = await answer.text()
  const type = answer.headers.get('content-type') ?? ''
  seen.set(`${answer.status}`, (seen.get(`${answer.status}`) ?? 0) + 1)
  if (answer.status >= 500) return `${answer.status} ${text.slice(0, 300)}`
  for (const secret of secrets)
    if (text.includes(secret) && !question.body?.includes(secret))
      return `a secret in the answer: ${text.slice(0, 300)}`
  if (/\.ts:\d|node_modules|\bat \w+ \(/.test(text)) return `a stack in the answer: ${text.slice(0, 300)}`
  if (type.startsWith('application/problem+json')) return faultOfProblem(answer.status, text)
  if (!type.startsWith('application/json')) return `${answer.status} as ${type}`
  const call = api[operation.name]
  if (answer.status !== call.status) return `${answer.status}, where ${call.status} is declared`
  const wrong = call.output.safeParse(JSON.parse(text)).error?.issues
  return wrong && `not as declared: ${JSON.stringify(wrong).slice(0, 500)} in ${text.slice(0, 500)}`
}

function faultOfProblem(status: number, text: string): string | undefined {
  const parsed = problem.safeParse(JSON.parse(text))
  if (!parsed.success) return `no problem of ours: ${text.slice(0, 300)}`
  const { code, status: said } = parsed.data
  words.add(code)
  if (!isRefusal(code)) return `an unknown word: ${code}`
  return said === status && statusOf(code) === status ? undefined : `${code} as ${status}, told as ${said}`
}

const seen = new Map<string, number>()
const words = new Set<string>()

async function round(seed: number, each: number): Promise<void> {
  // The inbox keeps a thousand letters; a new one is known by there being one more.
  on.inbox.clear()
  await signIn()
  await stock()
  learn()
  for (const [at, operation] of operations.entries()) {
    await fc.assert(
      fc.asyncProperty(questions(operation), async (question) => {
        const fault = await faultOf(operation, question)
        if (fault !== undefined)
          throw new Error(`${operation.name} ${JSON.stringify(question).slice(0, 1500)}: ${fault}`)
      }),
      // What one question did to the next cannot be done again: the first that fails is told as it was.
      { seed: seed + at, numRuns: each, endOnFailure: true },
    )
    if (operation.name === 'signOut') await signIn()
  }
}

test(
  'whatever is asked of any call by anybody, the answer is one that was declared, in words of ours, without a breakage and without a secret',
  async () => {
    const minutes = Number(process.env.AMPARO_FUZZ_MINUTES ?? 0)
    const chosen = Number(process.env.AMPARO_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const began = performance.now()
    console.log(`AMPARO_FUZZ_SEED=${chosen}`)
    expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(api).sort())
    await round(20_261_128, 6)
    let seed = chosen
    do {
      await round(seed, 6)
      seed += 1
    } while (performance.now() - began < minutes * 60_000)
    const asked = [...seen.values()].reduce((sum, one) => sum + one, 0)
    console.log(
      `${asked} questions in ${Math.round((performance.now() - began) / 1000)} s, ${words.size} words of refusal: ${JSON.stringify(Object.fromEntries(seen))}`,
    )
    expect(node.stage.said()).not.toMatch(/request failed|issuer\.failed|companion page failed/)
  },
  (Number(process.env.AMPARO_FUZZ_MINUTES ?? 0) + 5) * 60_000,
)
