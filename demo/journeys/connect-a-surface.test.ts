/** The guide *Connect a product*, executed word for word (but for the ports): its product is an assisted surface. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing } from './script.ts'
import { Browser, freeBlock, type Stage, staged, until } from './stage.ts'

const project = join(import.meta.dirname, '../..')
const guide = readFileSync(join(project, 'docs/guide/connect-a-surface.md'), 'utf8')
const fileIn = (name: string): string => new RegExp(`^\`\`\`\\w+ ${name}\\n(.*?)^\`\`\``, 'ms').exec(guide)?.[1] ?? ''

/** What the guide says to type after the file of what only the vendor can tell. */
const commandOf = (start: string): string =>
  new RegExp(`^${start}.*?(?=^\`\`\`)`, 'ms').exec(guide)?.[0].replaceAll('\\\n', '').trim() ?? ''

let fresh: FreshDatabase
let stage: Stage
let play: Play
let folder: string
let product: ChildProcess
let home: string
let checked: Readonly<Record<'express' | 'fastify' | 'hono', Checked>>

beforeAll(async () => {
  fresh = await emptyDatabase()
  const port = await freeBlock()
  // Inside the project, so that what the guide installs is found.
  mkdirSync(join(project, 'docs/test-results'), { recursive: true })
  folder = mkdtempSync(join(project, 'docs/test-results/guide-'))
  const portsMoved = (text: string) =>
    text
      .replaceAll('4020', `${port + 13}`)
      .replaceAll('4001', `${port + 1}`)
      .replaceAll('4000', `${port}`)
  for (const name of ['notes.json', 'notes.js', 'notes.check.json'])
    writeFileSync(join(folder, name), portsMoved(fileIn(name)))
  writeFileSync(join(folder, 'notes-fastify.js'), portsMoved(inFastify(fileIn('notes.js'))))
  writeFileSync(join(folder, 'notes-hono.js'), portsMoved(inHono(fileIn('notes.js'))))
  home = `http://notes.localhost:${port + 13}`
  // Before Amparo runs: the check takes its issuer's place.
  const env = { AMPARO_ISSUER_URL: `http://127.0.0.1:${port + 1}` }
  const typed = portsMoved(commandOf('AMPARO_SURFACES=notes.json ')).replaceAll('../amparo', project)
  checked = {
    express: await checkOf('notes.js', `${typed} --json --within 20`, env),
    fastify: await checkOf('notes-fastify.js', `${typed} --json --within 20`, env),
    hono: await checkOf('notes-hono.js', `${typed} --json --within 20`, env),
  }
  stage = await staged({ databaseUrl: fresh.url, port, env: { AMPARO_SURFACES: join(folder, 'notes.json') } })
  product = await running('notes.js')
  play = await playing(stage)
}, 360_000)
afterAll(async () => {
  product.kill()
  await stage.stop()
  await stage.remove()
  rmSync(folder, { recursive: true, force: true })
  await fresh.close()
})

/** The program of the guide, once it answers. */
async function running(program: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], { cwd: folder, stdio: 'inherit' })
  const answers = () =>
    fetch(home.replace('notes.localhost', '127.0.0.1')).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(answers, Boolean, program)
  return child
}

interface Checked {
  readonly exit: number | null
  readonly points: readonly { readonly point: string; readonly result: string; readonly says?: string }[]
}

/** The guide's check of a program of it, as it stands there. */
async function checkOf(program: string, typed: string, env: Readonly<Record<string, string>>): Promise<Checked> {
  const child = await running(program)
  const shell = spawn(
    'sh',
    ['-c', typed.replace('/usr/bin/chromium', process.env.AMPARO_CHROMIUM ?? '/usr/bin/chromium')],
    {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', ...env },
    },
  )
  let said = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [exit] = await once(shell, 'close')
  const over = once(child, 'close')
  child.kill()
  await over
  return { exit, points: said.startsWith('{') ? JSON.parse(said).points : [{ point: said, result: 'fail' }] }
}

/** The guide's product with another server: the same options, as the guide says. */
const optionsIn = (express: string): string => /assistedExpress\((\{.*?^\})\)/ms.exec(express)?.[1] ?? ''

function inFastify(express: string): string {
  return `import fastify from 'fastify'
import { assistanceOf, assistedFastify } from '@amparo/relying-party/fastify'
const notes = new Map([['per_marta', 'Ring the bell twice']])
const app = fastify()
await app.register(assistedFastify(${optionsIn(express)}))
app.addContentTypeParser('application/x-www-form-urlencoded', (_request, body, done) => body.resume().on('end', () => done(null)))
app.get('/', (request, reply) => reply.type('text/html').send('<!doctype html><title>Notes</title><main>' + (notes.get(assistanceOf(request)?.user.id) ?? 'Sign in first') + '</main>'))
app.post('/note', (_request, reply) => reply.redirect('/', 303))
await app.listen({ port: 4020, host: '127.0.0.1' })
`
}

function inHono(express: string): string {
  return `import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { assistedHono } from '@amparo/relying-party/hono'
const notes = new Map([['per_marta', 'Ring the bell twice']])
const app = new Hono()
app.use(assistedHono(${optionsIn(express)}))
app.get('/', (c) => c.html('<!doctype html><title>Notes</title><main>' + (notes.get(c.get('assistance')?.user.id) ?? 'Sign in first') + '</main>'))
app.post('/note', (c) => c.redirect('/', 303))
serve({ fetch: app.fetch, port: 4020, hostname: '127.0.0.1' })
`
}

test.each(['express', 'fastify', 'hono'] as const)(
  'the product of the guide in %s passes every point of the check',
  (which) => {
    const { exit, points } = checked[which]
    expect(points.filter(({ result }) => result !== 'pass').map(({ point, result }) => [point, result])).toEqual([
      ['own.intact', 'none'],
      ['own.booked', 'none'],
      ['own.ecosystem', 'none'],
      ['end.streams', 'none'],
    ])
    expect([exit, points.length > 25]).toEqual([0, true])
  },
)

test('an empty Express application becomes an assisted surface in at most fifteen lines', () => {
  const lines = fileIn('notes.js').split('\n')
  const from = lines.findIndex((line) => line.startsWith('app.use('))
  const until = lines.indexOf('}))')
  expect(from).toBeGreaterThan(0)
  expect(until - from + 2).toBeLessThanOrEqual(15)
})

test('the guide arrives: signed in as the user, with the banner; looking changes nothing; the end covers it', async () => {
  expect(await (await fetch(home.replace('notes.localhost', '127.0.0.1'))).text()).toContain('Sign in first')
  const ana = play.scriptOf('ana')
  const { id } = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  const browser = new Browser()
  const opened = await play.launched(ana, id, browser, 'notes')
  for (const part of ['Ring the bell twice', '<amparo-banner', 'Ana Robles', 'Marta Ruiz', 'read-only'])
    expect(opened.text).toContain(part)
  expect(opened.headers.get('cache-control')).toBe('no-store')

  const headers = { origin: home, accept: 'application/json' }
  for (const [path, act] of [
    ['/note', 'change'],
    ['/delete', 'deletion'],
    ['/not-in-the-table', 'undeclared'],
  ]) {
    const answer = await browser.form(`${home}${path}`, {}, headers)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { code: 'power.not_granted', act }])
  }
  expect((await browser.ask(home)).text).toContain('Ring the bell twice')

  await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  const covered = await browser.ask(home, { headers: { accept: 'text/html' } })
  expect([covered.status, covered.text.includes('Help has ended')]).toEqual([401, true])
  await until(
    async () => (await ana.call('GET', `/assistances/${id}`)).body.surfaces[0].acknowledgedAt,
    Boolean,
    'the acknowledgement',
  )
})

test('where the user agreed to everyday changes, the note is changed, and only from a page of the product', async () => {
  const ana = play.scriptOf('ana')
  const id = await play.proved(ana, 'marta@clinica-sol.test')
  await play.must(ana.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  const seen = (await play.lettersTo('marta@clinica-sol.test')).length
  await play.must(ana.call('POST', `/assistances/${id}/consent-code`, { powers: 'act' }), 202)
  const { codes } = await play.newLetter('marta@clinica-sol.test', seen)
  await play.must(ana.call('PUT', `/assistances/${id}/consent`, { code: codes[0] }), 200)
  const browser = new Browser()
  await play.launched(ana, id, browser, 'notes')
  expect((await browser.form(`${home}/note`, {}, { origin: 'http://evil.test' })).status).toBe(403)
  expect((await browser.form(`${home}/delete`, {}, { origin: home })).status).toBe(403)
  expect((await browser.form(`${home}/note`, {}, { origin: home })).status).toBe(303)
  expect((await browser.ask(home)).text).toContain('Nothing')
  await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
})
