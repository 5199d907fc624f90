/** Who may import whom, and which room owns which table. A room that is not in this picture fails. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = import.meta.dirname
const project = join(root, '../..')

/** Vocabulary: single files that every room may use. */
const vocabulary = ['words', 'outcome', 'cannot', 'secrets', 'bell', 'door', 'log']
/** Pure files: the shapes and rules of a room. They import vocabulary, one another and the contract, and no package. */
const rules = [
  'audit/event.ts',
  'codes/code.ts',
  'codes/handle.ts',
  'codes/link.ts',
  'codes/consent.ts',
  'codes/power.ts',
  'assistance/assistance.ts',
  'assistance/summary.ts',
  'policy/policy.ts',
  'policy/table.ts',
  'policy/file.ts',
  'surfaces/activity.ts',
  'cutoff/cutoff.ts',
  'surfaces/phone.ts',
  'assistance/reading.ts',
  'messages/contact.ts',
  'messages/message.ts',
  'messages/agent.ts',
  'messages/ended.ts',
  'messages/one-segment.ts',
  'messages/letter.ts',
  'messages/account.ts',
  'identity/browser.ts',
  'identity/provider.ts',
  'messages/sms.ts',
  'messages/succession.ts',
  'messages/oversight.ts',
  'messages/owner.ts',
  'messages/history.ts',
  'companion/companion.ts',
  'companion/receipt.ts',
  'companion/history.ts',
  'companion/history-words.ts',
  'companion/telling.ts',
  'companion/words.ts',
  'succession/definition.ts',
  'succession/reasons.ts',
  'succession/succession.ts',
  'succession/rules.ts',
  'succession/when.ts',
  'succession/words.ts',
  'succession/reader.ts',
  'succession/timeline.ts',
  'succession/explain.ts',
]
/** Which rooms the other files of a room may use, besides the rules of any room. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  database: [],
  http: ['database'],
  policy: [],
  desk: ['database'],
  core: ['database'],
  codes: ['database'],
  audit: ['database', 'desk', 'messages'],
  identity: ['database', 'desk', 'http', 'messages'],
  messages: ['codes', 'database', 'desk'],
  cutoff: ['database', 'desk', 'identity'],
  oversight: ['database', 'desk', 'identity', 'messages'],
  assistance: ['codes', 'core', 'cutoff', 'database', 'desk', 'identity', 'messages', 'oversight'],
  surfaces: ['assistance', 'codes', 'core', 'cutoff', 'database', 'desk', 'messages', 'oversight'],
  issuer: ['surfaces', 'database', 'desk', 'http'],
  succession: ['assistance', 'codes', 'core', 'database', 'desk', 'messages', 'oversight'],
  companion: ['assistance', 'audit', 'codes', 'core', 'database', 'desk', 'http', 'messages', 'oversight'],
  operations: ['database'],
  conformance: ['http'],
  background: ['assistance', 'core', 'database', 'desk', 'identity', 'messages', 'oversight'],
}
/** Builders: they may use anything, and nobody uses them. `commands` holds a file for each command. */
const builders = ['app', 'main', 'faces', 'loops', 'carriers', 'cli', 'commands']
/** Read by builders and tests only. */
const settings = ['config', 'config.surfaces', 'settings', 'keys']

/** Who writes a table: its own room, and the desk. */
const writers: Readonly<Record<string, readonly string[]>> = {
  agent: ['identity'],
  agent_session: ['identity'],
  sign_in_tries: ['identity'],
  passkey: ['identity'],
  totp: ['identity', 'desk'],
  challenge: ['desk'],
  enrolment: ['identity'],
  invite: ['identity'],
  agent_device: ['identity'],
  mailbox_code: ['identity'],
  staff_grant: ['identity'],
  assistance: ['assistance', 'desk'],
  tries: ['desk'],
  code: ['desk'],
  consent: ['desk'],
  page_opening: ['companion'],
  pair_lock: ['desk'],
  launch: ['surfaces', 'desk'],
  handle: ['surfaces', 'desk'],
  agent_phone: ['surfaces'],
  surface_session: ['surfaces'],
  artifact: ['issuer'],
  notice: ['issuer'],
  outbox: ['messages', 'desk'],
  user_messages: ['messages', 'desk'],
  event: ['desk'],
  erasable: ['desk'],
  unsequenced: ['audit'],
  log_leaf: ['audit'],
  log_node: ['audit'],
  log_head: ['audit'],
  checkpoint: ['audit'],
  record_feed: ['audit'],
  succession_act: ['succession', 'desk'],
  alert: ['desk', 'oversight'],
  alert_window: ['desk'],
  approval: ['oversight'],
  voice: ['oversight'],
  review: ['oversight', 'desk'],
  idempotency: ['http'],
  clock: ['database'],
  beat: ['background'],
  cutoff: ['cutoff'],
  ending: ['desk'],
  power: ['desk'],
  migration: ['database'],
}

const isTest = (file: string) => /\.test\.ts$|(^|[/.])testing(\.setup)?\.ts$/.test(file)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !isTest(file),
)
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const room = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace('.ts', ''))

interface Import {
  readonly to: string
  readonly typeOnly: boolean
}
const imports = (file: string): readonly Import[] =>
  [...text(file).matchAll(/(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/g)].map((match) => {
    const to = match[2] ?? ''
    return {
      to: to.startsWith('.') ? relative(root, join(root, dirname(file), to)) : to,
      typeOnly: match[1] !== undefined,
    }
  })

test('every file belongs to a room of the picture', () => {
  const strangers = files.filter(
    (file) => ![...Object.keys(mayUse), ...vocabulary, ...builders, ...settings].includes(room(file)),
  )
  expect(strangers).toEqual([])
})

test('a room uses only the rooms that it may, and nobody uses a builder', () => {
  const wrong = files
    .filter((file) => mayUse[room(file)])
    .flatMap((file) =>
      imports(file)
        .filter(({ to }) => to.endsWith('.ts'))
        .filter(({ to }) => {
          const target = room(to)
          return (
            target !== room(file) &&
            !vocabulary.includes(target) &&
            !rules.includes(to) &&
            !mayUse[room(file)]?.includes(target)
          )
        })
        .map(({ to }) => `${file} → ${to}`),
    )
  expect(wrong).toEqual([])
})

test('nobody waits by a signal that is made of a time-out and another, which Node 20 forgets', () => {
  expect(files.filter((file) => /AbortSignal\.any\([^;]*AbortSignal\.timeout/.test(text(file)))).toEqual([])
})

test('lapse() is handed a time that was read, so that it is part of the plan: of the clock itself each statement would plan it anew before PostgreSQL 18', () => {
  expect(files.filter((file) => /\blapse\([^()]*,\s*app_now\(\)/.test(text(file)))).toEqual([])
})

test('rules are pure: vocabulary, other rules, the contract, and no package', () => {
  for (const file of rules) expect(files).toContain(file)
  const wrong = rules.flatMap((file) =>
    imports(file)
      .filter(({ to, typeOnly }) => {
        if (to.endsWith('.ts')) return !rules.includes(to) && !vocabulary.includes(room(to))
        return to !== 'node:crypto' && !to.startsWith('@amparo/contract/') && !typeOnly
      })
      .map(({ to }) => `${file} → ${to}`),
  )
  expect(wrong).toEqual([])
})

test('a table is written by its own room and by the desk, and by nobody else', () => {
  const wrong = files.flatMap((file) =>
    [
      ...text(file).matchAll(
        /\b(?:insert into|update|delete from|truncate)\s+(?:amparo\.)?([a-z_]+)\b(?=\s+(?:as\s|[a-z]\s|set\b|\(|where\b|values\b)|\s*\()/g,
      ),
    ]
      .map((match) => match[1] ?? '')
      .filter((table) => writers[table] && !writers[table].includes(room(file)))
      .map((table) => `${file} writes ${table}`),
  )
  expect(wrong).toEqual([])
  const folder = join(root, '../migrations')
  const tables = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/create table (?:if not exists )?(\w+)/gi),
    ])
    .map((match) => match[1] ?? '')
  expect(tables).toContain('assistance')
  expect(tables.filter((table) => !writers[table])).toEqual([])
})

test('only the database room speaks to the driver, and no outside package is used twice over', () => {
  const owner: Readonly<Record<string, readonly string[]>> = {
    pg: ['database'],
    nodemailer: ['messages'],
    'prom-client': ['operations'],
    commander: ['commands', 'cli'],
    'oidc-provider': ['issuer'],
    '@node-rs/argon2': ['identity'],
    '@simplewebauthn/server': ['identity'],
    otpauth: ['identity'],
    'openid-client': ['identity'],
    'libphonenumber-js/max': ['messages'],
  }
  const wrong = files.flatMap((file) =>
    imports(file)
      .filter(({ to }) => owner[to] && !owner[to].includes(room(file)))
      .map(({ to }) => `${file} → ${to}`),
  )
  expect(wrong).toEqual([])
})

test('workspaces import only along their arrows', () => {
  const arrows: Readonly<Record<string, readonly string[]>> = {
    contract: [],
    verifier: [],
    server: ['contract', 'verifier'],
    'relying-party': [],
    backoffice: ['contract'],
    demo: ['contract', 'server', 'relying-party'],
  }
  const wrong = Object.entries(arrows).flatMap(([workspace, allowed]) =>
    readdirSync(join(project, workspace), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file) && !/\.test\.tsx?$/.test(file),
      )
      .flatMap((file) =>
        [...readFileSync(join(project, workspace, file), 'utf8').matchAll(/from '@amparo\/([a-z-]+)/g)]
          .map((match) => match[1] ?? '')
          .filter((to) => to !== workspace && !allowed.includes(to))
          .map((to) => `${workspace}/${file} → ${to}`),
      ),
  )
  expect(wrong).toEqual([])
})

test('no files import each other in a circle, a type alone included', () => {
  const parts = [
    'contract',
    'verifier',
    'server',
    'relying-party',
    'backoffice',
    'demo',
    'deploy',
    'bench',
    'scripts',
    'docs',
  ]
  const every = parts.flatMap((part) =>
    readdirSync(join(project, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.m?[jt]sx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
      .map((file) => join(part, file)),
  )
  const known = new Set(every)
  const target = (file: string, to: string): string =>
    to.startsWith('.') ? join(dirname(file), to) : to.replace(/^@amparo\/([a-z-]+)\/(.+)$/, '$1/src/$2.ts')
  const uses = new Map(
    every.map((file) => [
      file,
      [...readFileSync(join(project, file), 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g)]
        .map((match) => target(file, match[1] ?? match[2] ?? ''))
        .filter((to) => known.has(to)),
    ]),
  )
  // Whoever is left uses a file that is left: take away those that use nobody, until nobody is taken.
  for (let before = -1; before !== uses.size; ) {
    before = uses.size
    for (const [file, used] of uses) if (!used.some((to) => uses.has(to))) uses.delete(file)
  }
  // What only leads to a circle goes too, so that the circles alone are named.
  for (let before = -1; before !== uses.size; ) {
    before = uses.size
    const used = new Set([...uses.values()].flat())
    for (const file of [...uses.keys()]) if (!used.has(file)) uses.delete(file)
  }
  expect(every.length).toBeGreaterThan(800)
  expect([...uses].map(([file, used]) => `${file} → ${used.filter((to) => uses.has(to)).join(', ')}`)).toEqual([])
})
