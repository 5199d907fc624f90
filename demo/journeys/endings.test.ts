/**
 * Ending while something of ours cannot help: a server that is frozen in the middle of its work, and a disk on which
 * nothing fits any more. Real processes, a real PostgreSQL, a real file system.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing, type Script } from './script.ts'
import { Browser, staged, until } from './stage.ts'

const run = promisify(execFile)
const leo = 'leo@clinica-sol.test'
const limitMs = 2000

/** Whether this product lets this browser in no longer, and how long after `began` it was known. */
async function refusedAfter(began: number, browser: Browser, home: string): Promise<number> {
  await until(
    () => browser.ask(home),
    ({ status, text }) => status !== 200 && !text.includes('INV-'),
    'the refusal',
  )
  return performance.now() - began
}
const because = async (script: Script, id: string) => (await script.call('GET', `/assistances/${id}`)).body.because

describe('two servers on one database', () => {
  test('one is frozen in the middle of its work on an assistance: the user stops it at the other, and it is refused within two seconds', {
    timeout: 300_000,
  }, async () => {
    const fresh = await emptyDatabase()
    onTestFinished(() => fresh.close())
    const frozen = await staged({ databaseUrl: fresh.url })
    const folder = await mkdtemp(join(tmpdir(), 'amparo-stage-'))
    await copyFile(join(frozen.folder, 'keys.json'), join(folder, 'keys.json'))
    const awake = await staged({ databaseUrl: fresh.url, folder })
    onTestFinished(async () => {
      frozen.child.kill('SIGCONT')
      for (const stage of [frozen, awake]) await stage.stop().finally(stage.remove)
    })
    const [here, there] = [await playing(awake), await playing(frozen)]
    const [ana, anaThere] = [here.scriptOf('ana'), there.scriptOf('ana')]
    for (let round = 0; round < 4; round += 1) {
      // Both take what waits to be sent; whoever has sent it has it in its own inbox.
      const { id, link } = await activeAt(here, there, ana)
      const browser = new Browser()
      expect((await here.launched(ana, id, browser)).status).toBe(200)
      const under = Array.from({ length: 24 }, (_, at) =>
        at % 2 === 0
          ? anaThere.call('PUT', `/assistances/${id}/presence`, { code: '000000' })
          : anaThere.call('POST', `/assistances/${id}/launches`, { surface: 'web' }),
      ).map((call) => call.catch(() => undefined))
      await Promise.race(under)
      frozen.child.kill('SIGSTOP')

      const began = performance.now()
      expect(await here.tapped(new Browser(), link, 'stop')).toMatchObject({ status: 200, body: { state: 'closed' } })
      expect(await refusedAfter(began, browser, here.webHome)).toBeLessThan(limitMs)

      frozen.child.kill('SIGCONT')
      await Promise.all(under)
      await until(
        () => because(anaThere, id),
        (word) => word === 'stopped_by_user',
      )
      expect((await browser.ask(here.webHome)).status).toBe(401)
      await there.advance(0)
      const events = (await there.scriptOf('adam').call('GET', `/audit/events?assistance=${id}&limit=200`)).body.items
      expect(events.filter((one: { type: string }) => one.type === 'assistance.closed')).toHaveLength(1)
    }
  })
})

/** Help that the user has agreed to, wherever its messages are carried to. */
async function activeAt(here: Play, there: Play, agent: Script) {
  const letters = async (to: string) => [...(await here.lettersTo(to)), ...(await there.lettersTo(to))]
  const next = async (to: string, seen: ReadonlySet<string>) =>
    (
      await until(
        async () => (await letters(to)).filter(({ id }) => !seen.has(id)),
        (all) => all.some(({ codes }) => codes.length > 0),
        `a letter to ${to}`,
      )
    ).find(({ codes }) => codes.length > 0)
  const before = async (to: string) => new Set((await letters(to)).map(({ id }) => id))

  const id = await here.opened(agent, leo)
  const path = `/assistances/${id}`
  const seen = [await before(agent.email), await before(leo)] as const
  await here.must(agent.call('POST', `${path}/agent-code`), 202)
  const code = (await next(agent.email, seen[0]))?.codes[0]
  await here.must(agent.call('PUT', `${path}/agent-proof`, { method: 'code', code }), 200)
  await here.must(agent.call('PUT', `${path}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  await here.must(agent.call('POST', `${path}/consent-code`, {}), 202)
  const letter = await next(leo, seen[1])
  await here.must(agent.call('PUT', `${path}/consent`, { code: letter?.codes[0] }), 200)
  const token = new URL(letter?.links.find((one) => one.includes('/c/')) ?? '').pathname
  return { id, link: `http://127.0.0.1:${Number(new URL(here.webHome).port) - 9}${token}` }
}

/** A small file system of its own, where whoever runs this may mount one. */
async function smallDisk(): Promise<{ folder: string; leave(): Promise<void> } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-disk-'))
  const size = 'size=256m,mode=0755'
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]).catch(() => undefined)
  if (!mounted) await rm(folder, { recursive: true })
  return (
    mounted && {
      folder,
      async leave() {
        await run('umount', ['-l', folder])
        await rm(folder, { recursive: true, force: true })
      },
    }
  )
}

test('on a disk that is full the user’s stop ends what is open at once, and it is recorded when there is room', {
  timeout: 300_000,
}, async ({ skip }) => {
  const disk = await smallDisk()
  if (!disk) return skip('nothing can be mounted here: only root may, and not in every container')
  const stage = await staged({ folder: disk.folder, env: { DATABASE_URL: '' } })
  onTestFinished(() => stage.stop().finally(disk.leave))
  const play = await playing(stage)
  const ana = play.scriptOf('ana')
  const { id, link } = await play.active(ana, leo, 'cli_sol')
  const browser = new Browser()
  expect((await play.launched(ana, id, browser)).status).toBe(200)

  const ballast = join(disk.folder, 'ballast')
  await fill(ballast, disk.folder)
  const began = performance.now()
  const stopped = await play.tapped(new Browser(), link, 'stop').catch(() => undefined)
  expect(await refusedAfter(began, browser, play.webHome)).toBeLessThan(limitMs)
  expect((await browser.ask(play.webHome)).text).not.toContain('INV-')
  expect(stopped?.status).toBe(200)
  // Once more is once too often, and no more than that.
  expect(await play.tapped(new Browser(), link, 'stop')).toMatchObject({ status: 410 })

  await rm(ballast)
  await until(
    async () => (await play.scriptOf('adam').call('GET', `/audit/events?assistance=${id}&limit=200`)).body.items ?? [],
    (items) => items.some((one: { type: string }) => one.type === 'assistance.closed'),
    'the record',
  )
  expect(await because(ana, id)).toBe('stopped_by_user')
  // Until the next beat has found that there is room again, nobody can say; it is never in between that it was open.
  const seen = new Set<number>()
  await until(
    async () => seen.add((await browser.ask(play.webHome)).status),
    () => seen.has(401),
    'the end, once it can be said',
  )
  expect(seen.has(200)).toBe(false)
})

/** Takes every block that is left. */
async function fill(file: string, folder: string): Promise<void> {
  for (;;) {
    const { bavail, bsize } = await statfs(folder)
    if (bavail === 0) return
    const bytes = Math.min(bavail, 256) * bsize
    await writeFile(file, Buffer.alloc(bytes), { flag: 'a' }).catch(() => undefined)
  }
}
