/** `kill -9` in the middle of a release: whatever the vendor had done by then, in the end there is exactly one release. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, postgres } from '../../server/src/database/database.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { type Play, playing, type Script } from './script.ts'
import { freeBlock, type Stage, type Staging, staged, until } from './stage.ts'

let inbox: Inbox
let staging: Required<Pick<Staging, 'folder' | 'port' | 'env'>>
let stage: Stage
let play: Play
let ana: Script

beforeAll(async () => {
  inbox = await startInbox()
  const folder = await mkdtemp(join(tmpdir(), 'amparo-kill-'))
  staging = { folder, port: await freeBlock(), env: { AMPARO_SMTP_URL: inbox.smtpUrl, DATABASE_URL: '' } }
  stage = await staged(staging)
  play = await playing(stage, async () => inbox.entries())
  ana = play.scriptOf('ana')
}, 90_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await inbox.close()
})

async function atTheVendor<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const socket = encodeURIComponent(join(staging.folder, 'postgres/run'))
  const db = postgres(`postgresql:///amparo?host=${socket}&user=amparo`, { max: 1 })
  return work(db).finally(db.close)
}
const releasesAt = (ref: string) =>
  atTheVendor((db) =>
    db.query<{ asked_by: string; attempt: number }>(
      `select asked_by, attempt from vendor.succession_log where ref = $1 and type = 'support.released' and asked_by is not null`,
      [ref],
    ),
  )

/** The vendor takes its time in the middle of its work. */
const slowed = () =>
  atTheVendor((db) =>
    db.query(`create function vendor.slowly() returns trigger language plpgsql as $f$ begin perform pg_sleep(1.2); return null; end $f$;
      create trigger slowly after insert on vendor.succession_log for each statement execute function vendor.slowly()`),
  )
const quick = () => atTheVendor((db) => db.query('drop function vendor.slowly cascade'))
const isAtWork = () =>
  atTheVendor((db) =>
    db.query(
      `select from pg_stat_activity where pid <> pg_backend_pid() and query like '%release_succession(%' and state = 'active'`,
    ),
  )

async function helping(email: string): Promise<string> {
  const opened = await ana.call('POST', '/assistances', {
    kind: 'succession',
    userEmail: email,
    reason: { code: 'succession' },
  })
  const { id } = opened.body
  expect(
    (await ana.call('PUT', `/assistances/${id}/agent-proof`, { method: 'code', code: await play.agentCode(ana, id) }))
      .status,
  ).toBe(200)
  const before = inbox.entries(email).length
  await play.must(ana.call('POST', `/assistances/${id}/consent-code`, {}), 202)
  const letter = await play.newLetter(email, before)
  expect((await ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] })).status).toBe(200)
  return id
}

test.each([
  ['the server alone, while the vendor goes on to the end', 'server', 'successor@rejected.test', 'SUC-REJECTED'],
  ['the server and the database under it', 'both', 'successor@twice.test', 'SUC-TWICE'],
] as const)(
  'killed: %s. One release at the vendor’s, and the record says so',
  async (_what, victim, email, ref) => {
    const id = await helping(email)
    const path = `/assistances/${id}/succession`
    const before = inbox.entries(email).length
    await play.must(ana.call('POST', `${path}/release-code`, {}), 202)
    const letter = await play.newLetter(email, before)
    await slowed()
    const asked = ana
      .call('PUT', `${path}/release`, {
        code: letter.codes[0],
        reason: 'support.user_asked',
        note: 'She paid while we talked.',
      })
      .catch(() => undefined)
    await until(isAtWork, (rows) => rows.length > 0, 'the vendor’s function')
    const database = Number(
      (await readFile(join(staging.folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0],
    )
    await stage.stop('SIGKILL')
    if (victim === 'both') process.kill(database, 'SIGKILL')
    await asked
    stage = await staged(staging)
    await quick()
    await play.advance(31_000)
    const events = async () =>
      (await play.scriptOf('adam').call('GET', `/audit/events?assistance=${id}&limit=200`)).body.items.map(
        (one: { type: string }) => one.type,
      )
    const told = await until(events, (types: string[]) => types.includes('release.done'), 'the vendor’s answer')
    expect(told.filter((type: string) => type === 'release.done' || type === 'release.requested')).toHaveLength(2)
    const released = await releasesAt(ref)
    expect(released).toHaveLength(1)
    const again = await ana.call('PUT', `${path}/release`, {
      code: letter.codes[0],
      reason: 'support.user_asked',
      note: 'She paid while we talked.',
    })
    expect(again.status).toBeGreaterThan(399)
    expect(await releasesAt(ref)).toEqual(released)
    const seen = (await ana.call('GET', `${path}?lang=en`)).body
    expect(seen.attempts.at(-1).entries[0]).toMatchObject({ who: 'Ana Robles (Support)', word: 'Released' })
    await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  },
  120_000,
)
