/**
 * A vendor connects their own users, word for word as docs/guide/connect-a-core.md tells it, with views only. The
 * example is a small shop of ours, and the public sample of a music shop where `CHINOOK_SQL` names its file.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { core } from '../../server/src/core/core.ts'
import { type Database, postgres } from '../../server/src/database/database.ts'
import { emptyDatabase } from '../../server/src/database/testing.ts'
import { takesSms } from '../../server/src/messages/phone.ts'
import { registrationOf, startProduct } from './product.ts'
import { type Play, playing } from './script.ts'
import { Browser, freeBlock, staged } from './stage.ts'

const guide = await readFile(join(import.meta.dirname, '../../docs/guide/connect-a-core.md'), 'utf8')
const blocks = [...guide.matchAll(/```sql\n(.*?)```/gs)].map((match) => match[1] ?? '')
const client = { id: 'shop-portal', secret: 'a-secret-of-at-least-thirty-two-letters' }

/** A database of people, and what its owner expects to see of them. */
interface Example {
  readonly name: string
  readonly load: () => Promise<string>
  readonly owner: { readonly email: string; readonly name: string; readonly ecosystem: string }
  readonly nonAscii: string
  readonly counts: { readonly owners: number; readonly members: number; readonly alone: number; readonly staff: number }
  readonly withoutSms: number
}

const ours: Example = {
  name: 'a small shop',
  load: () => readFile(join(import.meta.dirname, 'shop.sql'), 'utf8'),
  owner: { email: 'ines@vinilos.test', name: 'Inés Carrasco', ecosystem: 'Vinilos del Sur' },
  nonAscii: 'zoë.łęcka@glos.test',
  counts: { owners: 3, members: 1, alone: 1, staff: 1 },
  withoutSms: 4,
}
const given = process.env.CHINOOK_SQL
const publicSample: Example = {
  name: 'the public sample that CHINOOK_SQL names',
  load: async () => (await readFile(given ?? '', 'utf8')).split(/^\\c .*$/m).slice(-1)[0] ?? '',
  owner: { email: 'eduardo@woodstock.com.br', name: 'Eduardo Martins', ecosystem: 'Woodstock Discos' },
  nonAscii: 'stanisław.wójcik@wp.pl',
  counts: { owners: 10, members: 0, alone: 49, staff: 8 },
  withoutSms: 38,
}
if (!given) console.log('Not tried: the public sample database. CHINOOK_SQL names its file where it is there.')

describe.each([ours])('$name', connected)
describe.skipIf(!given).each([publicSample])('$name', connected)

function connected(example: Example): void {
  test('is read through views alone: owners, members, people without an ecosystem, staff, and numbers that take no SMS', () =>
    withShop(example, async (shop) => {
      const people = core(shop.asReader)
      expect(await people.faults()).toEqual([])
      const emails = await shop.asReader.query<{ email: string }>('select email from amparo_core.users')
      const found = await Promise.all(emails.map(({ email }) => people.lookUp(email)))
      const standing = found.map((one) => {
        if (one.found !== 'one') return one.found
        if (one.person.staff) return 'staff'
        return one.memberships[0]?.role ?? 'alone'
      })
      const counted = (word: string) => standing.filter((one) => one === word).length
      expect({
        owners: counted('owner'),
        members: counted('member'),
        alone: counted('alone'),
        staff: counted('staff'),
      }).toEqual(example.counts)
      const customers = found.flatMap((one) => (one.found === 'one' && !one.person.staff ? [one.person] : []))
      expect(customers.filter(({ phone }) => phone === undefined || !takesSms(phone))).toHaveLength(example.withoutSms)
      expect(await people.lookUp(example.nonAscii.toUpperCase())).toMatchObject({ found: 'one' })
    }))

  test('lets Amparo read its views and nothing else, and is not changed by it', () =>
    withShop(example, async (shop) => {
      await expect(shop.asReader.query('select * from customer')).rejects.toThrow(/permission denied/)
      await expect(shop.asReader.query('create table amparo_core.mine ()')).rejects.toThrow(/permission denied/)
      await expect(shop.asReader.query(`update amparo_core.users set email = 'x'`)).rejects.toThrow()
    }))

  test(
    'and the main job is done on it: both proven, inside a product as that customer, ended',
    () =>
      withShop(example, async (shop) => {
        const folder = await mkdtemp(join(tmpdir(), 'amparo-own-'))
        const port = await freeBlock()
        const product = await startProduct(`http://127.0.0.1:${port + 1}`, client)
        await writeFile(join(folder, 'surfaces.json'), JSON.stringify([registrationOf(product, client)]))
        const own = await emptyDatabase()
        const stage = await staged({
          databaseUrl: own.url,
          port,
          env: { AMPARO_CORE_URL: shop.readerUrl, AMPARO_SURFACES: join(folder, 'surfaces.json') },
        })
        try {
          const [there] = await shop.asReader.query<{ ecosystems: string; people: string }>(
            'select (select count(*) from amparo_core.ecosystems) as ecosystems, (select count(*) from amparo_core.users) as people',
          )
          expect(stage.said()).toContain(`"says":"${there?.ecosystems} ecosystems, ${there?.people} people, `)
          expect(stage.said()).toContain(' agents, 1 surface"')
          expect(stage.said()).toContain('people of your own Core')
          await mainJob(await playing(stage), example)
          expect(product.signedIn().tokens.claims()).toMatchObject({ act: { name: 'Ana Robles' } })
          const [row] = await shop.asReader.query<{ user_id: string }>(
            'select user_id from amparo_core.users where email = $1',
            [example.owner.email],
          )
          expect(product.signedIn().tokens.claims()?.sub).toBe(row?.user_id)
        } finally {
          await stage.stop()
          await stage.remove()
          product.server.close()
          await rm(folder, { recursive: true, force: true })
          await own.close()
        }
      }),
    60_000,
  )
}

async function mainJob(play: Play, { owner, nonAscii }: Example): Promise<void> {
  const ana = play.scriptOf('ana')
  const lost = await play.proved(ana, nonAscii)
  expect((await ana.call('GET', `/assistances/${lost}`)).body.user).toMatchObject({ email: nonAscii })
  await ana.call('PUT', `/assistances/${lost}/closure`, { because: 'cancelled' })

  const id = await play.proved(ana, owner.email)
  const seen = (await ana.call('GET', `/assistances/${id}`)).body
  expect(seen).toMatchObject({
    user: { name: owner.name, assistable: true },
    ecosystems: [{ name: owner.ecosystem, role: 'owner' }],
  })
  const { sayFirst } = await play.must(ana.call('POST', `/assistances/${id}/consent-code`, {}), 202)
  const letter = await play.newLetter(owner.email, 0)
  expect(letter.text).toContain(sayFirst)
  await play.must(ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] }), 200)
  expect((await play.launched(ana, id, new Browser(), 'portal')).text).toBe('Signed in')
  const ended = await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  expect(ended).toMatchObject({ status: 200, body: { state: 'closed', because: 'finished' } })
}

interface Shop {
  readonly asReader: Database
  readonly readerUrl: string
}

/** The example in a database of its own, connected as the guide says; gone afterwards, its role too. */
async function withShop({ load }: Example, work: (shop: Shop) => Promise<void>): Promise<void> {
  const fresh = await emptyDatabase()
  const readerUrl = fresh.url.replace(/user=[^&]*/, 'user=amparo_reads')
  const asReader = postgres(readerUrl, { max: 2 })
  try {
    const owner = postgres(fresh.url, { max: 1 })
    await owner.query(await load()).finally(owner.close)
    for (const block of blocks) await fresh.db.query(block)
    await work({ asReader, readerUrl })
  } finally {
    await asReader.close()
    await fresh.db.query('drop owned by amparo_reads; drop role amparo_reads').catch(() => undefined)
    await fresh.close()
  }
}
