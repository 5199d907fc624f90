/** `amparo agents` as an operator types it: the first administrator's link, and what each change does at once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { opened, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { mayAddFirst } from '../identity/first-factor.store.ts'
import { callerBy, openSession } from '../identity/identity.store.ts'
import { inviteBy } from '../identity/invite.store.ts'

const command = join(import.meta.dirname, '../../bin/amparo.mjs')
let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

async function agents(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [command, 'agents', ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: fresh.url,
      AMPARO_CONSOLE_URL: 'https://desk.acme.test',
      ...env,
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const [code] = await once(child, 'close')
  return { code, said }
}
const patience = 60_000

test(
  'the first administrator comes in by a link that is printed once and kept as a digest; who is there already keeps their name',
  async () => {
    expect((await agents(['list'])).said).toContain('amparo agents invite')
    const first = await agents(['invite', 'ada@acme.test', '--name', 'Ada Quintana', '--role', 'admin', '--json'])
    expect(first.code).toBe(0)
    const { link } = JSON.parse(first.said)
    expect(link).toMatch(/^https:\/\/desk\.acme\.test\/welcome#[\w-]{43}$/)
    const token = link.slice(link.indexOf('#') + 1)
    expect(await inviteBy(fresh.db, token)).toMatchObject({ name: 'Ada Quintana', email: 'ada@acme.test' })
    expect(await agents(['invite', 'ADA@acme.test'])).toMatchObject({ code: 0 })
    expect(await inviteBy(fresh.db, token)).toBeUndefined()
    const { agents: lines } = JSON.parse((await agents(['list', '--json'])).said)
    expect(lines).toEqual([
      expect.objectContaining({ email: 'ada@acme.test', roles: ['admin'], state: 'invited', passkeys: 0, totp: false }),
    ])
  },
  patience,
)

test(
  'an operator vouches for whoever sits at an agent’s one session, and is told in words why not for anybody else',
  async () => {
    await agents(['invite', 'cora@acme.test', '--name', 'Cora'])
    expect(await agents(['vouch', 'cora@acme.test'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('not signed in'),
    })
    const [cora] = await fresh.db.query<{ id: string }>(`select id from agent where email = 'cora@acme.test'`)
    const { caller } = await openSession(fresh.db, cora?.id ?? '', 'cookie')
    const vouched = await agents(['vouch', 'cora@acme.test', '--json'])
    expect([vouched.code, JSON.parse(vouched.said)]).toEqual([0, { email: 'cora@acme.test', minutes: 10 }])
    expect(await mayAddFirst(fresh.db, caller)).toBe(true)
    const { caller: second } = await openSession(fresh.db, cora?.id ?? '', 'cookie')
    expect(await agents(['vouch', 'cora@acme.test'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('amparo agents sign-out'),
    })
    expect(await mayAddFirst(fresh.db, second)).toBe(false)
    expect(await agents(['vouch', 'nobody@acme.test'])).toMatchObject({ code: 4 })
  },
  patience,
)

test(
  'wrong use is told in a sentence and an exit code, and changes nothing',
  async () => {
    expect(await agents(['invite', 'new@acme.test'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('--name'),
    })
    expect(await agents(['invite', 'new@acme.test', '--name', 'N', '--role', 'king'])).toMatchObject({ code: 2 })
    expect(await agents(['invite', 'new@acme.test', '--name', 'N'], { AMPARO_CONSOLE_URL: '' })).toMatchObject({
      code: 2,
    })
    expect(await agents(['disable', 'nobody@acme.test'])).toMatchObject({
      code: 4,
      said: 'No agent has the e-mail nobody@acme.test.\n',
    })
    expect(await agents(['list'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).toMatchObject({ code: 3 })
  },
  patience,
)

test(
  'an agent who is disabled, demoted or signed out has nothing open any more, the moment the command returns',
  async () => {
    const outside = testOutside(fresh)
    await agents(['invite', 'ben@acme.test', '--name', 'Ben'])
    const [ben] = await fresh.db.query<{ id: string }>(`select id from agent where email = 'ben@acme.test'`)
    const begun = async () => {
      const { token, caller } = await openSession(fresh.db, ben?.id ?? '', 'cookie')
      return { token, id: await opened(outside, caller, 'leo@clinica-sol.test') }
    }
    for (const [args, because] of [
      [['sign-out', 'ben@acme.test'], 'agent_signed_out'],
      [['roles', 'ben@acme.test', 'auditor'], 'agent_deactivated'],
      [['disable', 'ben@acme.test'], 'agent_deactivated'],
    ] as const) {
      await agents(['roles', 'ben@acme.test', 'agent:technical'])
      const { token, id } = await begun()
      expect(await agents(args)).toMatchObject({ code: 0 })
      expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because })
      if (because === 'agent_signed_out' || args[0] === 'disable')
        expect(await callerBy(fresh.db, token)).toBeUndefined()
    }
    expect(await agents(['token', 'ben@acme.test'])).toMatchObject({ code: 4 })
    await agents(['enable', 'ben@acme.test'])
    const { said } = await agents(['token', 'ben@acme.test'])
    expect(await callerBy(fresh.db, said.trim())).toMatchObject({ kind: 'bearer' })
  },
  patience,
)
