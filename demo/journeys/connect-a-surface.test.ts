/** The guide *Connect a product*, executed word for word (but for the ports): its product is an assisted surface. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing } from './script.ts'
import { Browser, freeBlock, type Stage, staged, until } from './stage.ts'

const project = join(import.meta.dirname, '../..')
const guide = readFileSync(join(project, 'docs/guide/connect-a-surface.md'), 'utf8')
const fileIn = (name: string): string => new RegExp(`^\`\`\`\\w+ ${name}\\n(.*?)^\`\`\``, 'ms').exec(guide)?.[1] ?? ''

let fresh: FreshDatabase
let stage: Stage
let play: Play
let folder: string
let product: ChildProcess
let home: string

beforeAll(async () => {
  fresh = await emptyDatabase()
  const port = await freeBlock()
  // Inside the project, so that what the guide installs is found.
  mkdirSync(join(project, 'docs/test-results'), { recursive: true })
  folder = mkdtempSync(join(project, 'docs/test-results/guide-'))
  const portsMoved = (text: string) =>
    text
      .replaceAll('4020', `${port + 12}`)
      .replaceAll('4001', `${port + 1}`)
      .replaceAll('4000', `${port}`)
  for (const name of ['notes.json', 'notes.js']) writeFileSync(join(folder, name), portsMoved(fileIn(name)))
  home = `http://notes.localhost:${port + 12}`
  stage = await staged({ databaseUrl: fresh.url, port, env: { AMPARO_SURFACES: join(folder, 'notes.json') } })
  product = spawn(process.execPath, ['--import', 'tsx', 'notes.js'], { cwd: folder, stdio: 'inherit' })
  play = await playing(stage)
  await until(
    () =>
      fetch(`http://127.0.0.1:${port + 12}/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    Boolean,
    'the product of the guide',
  )
}, 90_000)
afterAll(async () => {
  product.kill()
  await stage.stop()
  await stage.remove()
  rmSync(folder, { recursive: true, force: true })
  await fresh.close()
})

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
  const { surfaces } = (await ana.call('GET', `/assistances/${id}`)).body
  expect(surfaces[0].acknowledgedAt).toBeTruthy()
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
