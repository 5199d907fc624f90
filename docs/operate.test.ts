/** What operators are given is true: every metric on the dashboard and in the rules exists, and every command runs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { amparo } from '../server/src/commands/testing.ts'
import { type FreshDatabase, freshDatabase } from '../server/src/database/testing.ts'
import { metrics } from '../server/src/operations/metrics.ts'

const text = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const named = (source: string): readonly string[] => [
  ...new Set([...source.matchAll(/\bamparo_[a-z_]+\b/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))),
]

test.each(['operate/grafana-dashboard.json', 'operate/alerts.yml'])(
  'every metric that %s names is one that we have',
  async (path) => {
    const ready = async () => ({ ready: true, dependencies: { database: true, record: true, core: true, mail: true } })
    const told = await metrics(fresh.db, ready, () => 0).text()
    const ours = [...told.matchAll(/^# TYPE (amparo_\w+)/gm)].map((match) => match[1])
    const used = named(text(path))
    expect(used.length).toBeGreaterThan(4)
    expect(used.filter((name) => !ours.includes(name))).toEqual([])
  },
)

test('each figure that operators were promised is there, under its name and as its kind', async () => {
  const ready = async () => ({ ready: true, dependencies: { database: true, record: true, core: true, mail: true } })
  const told = await metrics(fresh.db, ready, () => 0).text()
  const kinds = Object.fromEntries(
    [...told.matchAll(/^# TYPE (amparo_\w+) (\w+)$/gm)].map(([, name, kind]) => [name, kind]),
  )
  expect(kinds).toMatchObject({
    amparo_assistances_open: 'gauge',
    amparo_assistance_ended_total: 'counter',
    amparo_consent_seconds: 'histogram',
    amparo_code_attempts_total: 'counter',
    amparo_message_total: 'counter',
    amparo_message_queue_seconds: 'histogram',
    amparo_surface_close_seconds: 'histogram',
    amparo_audit_append_seconds: 'histogram',
    amparo_audit_chain_ok: 'gauge',
    amparo_idle_warned_total: 'counter',
  })
})

test('the dashboard has its four rows, and there are six rules, each with what to do', () => {
  const { panels }: { panels: { type: string; title: string }[] } = JSON.parse(text('operate/grafana-dashboard.json'))
  expect(panels.filter((one) => one.type === 'row').map((one) => one.title)).toEqual([
    'Can people get help now',
    'Are they saying yes',
    'Does everything close',
    'Is the record whole',
  ])
  const rules = text('operate/alerts.yml')
  expect([rules.match(/- alert:/g)?.length, rules.match(/what_to_do:/g)?.length]).toEqual([6, 6])
})

test('every `amparo` command that a document shows is one that the program knows, with its options', async () => {
  const { said } = await amparo(['help'])
  const shown = [
    'guide/operate.md',
    'guide/run.md',
    'guide/connect-a-surface.md',
    '../README.md',
    'operate/alerts.yml',
  ].flatMap((path) =>
    [...text(path).matchAll(/(?:`|^|Type: )(?:npx )?amparo ([a-z]+)((?: [a-z]+)?)((?: --[a-z-]+)*)/gm)].map(
      ([, name = '', sub = '', options = '']) => [name, sub.trim(), options],
    ),
  )
  expect(shown.length).toBeGreaterThan(15)
  const names = [...said.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1])
  expect(shown.filter(([name]) => !names.includes(name))).toEqual([])
  for (const name of new Set(shown.map(([one = '']) => one))) {
    const help = await amparo([name, '--help'])
    expect([name, help.code]).toEqual([name, 0])
    const options = shown
      .filter(([one]) => one === name)
      .flatMap(([, , given = '']) => given.trim().split(' ').filter(Boolean))
    for (const option of options) expect([name, help.said]).toEqual([name, expect.stringContaining(option)])
  }
}, 240_000)

test('the commands of the operating guide that look at a database do what they say', async () => {
  const env = { DATABASE_URL: fresh.url }
  const [open, plan] = await Promise.all([
    amparo(['assistances', '--open', '--json'], env),
    amparo(['migrate', '--plan', '--json'], env),
  ])
  expect([open.code, JSON.parse(open.said)]).toEqual([0, { assistances: [] }])
  expect([plan.code, JSON.parse(plan.said)]).toMatchObject([0, { pending: [] }])
}, 120_000)
