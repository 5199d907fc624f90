import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  isConnectionTrouble,
  isSerializationTrouble,
  isUniqueViolation,
  postgres,
  statement,
} from './database.ts'
import { until } from './processes.ts'
import { type FreshDatabase, freshDatabase } from './testing.ts'

let fresh: FreshDatabase
let db: Database
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  await db.query('create table public.thing (id int primary key, name text)')
})
afterAll(() => fresh.close())

const things = async () => (await db.query<{ id: number }>('select id from thing order by id')).map(({ id }) => id)
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((error) => error)
const settled = (question: () => Promise<boolean> | boolean) => until(async () => question(), 10_000)

test('a question that was given more time than is usual has it', async () => {
  const patient = postgres(fresh.url, { max: 1, statementMs: 60_000 })
  // Longer than the usual limit, in the database itself.
  expect(await patient.query('select from pg_sleep(6)')).toHaveLength(1)
  await patient.close()
}, 60_000)

describe('what comes back', () => {
  test('counts are numbers, moments are dates, documents are parsed, days stay as written', async () => {
    const [row] = await db.query(
      `select count(*) as n, 9007199254740993::int8 as huge, '2026-01-02T03:04:05Z'::timestamptz as at,
              '{"a":[1]}'::jsonb as doc, '2026-01-02'::date as day`,
    )
    expect(row).toEqual({
      n: 1,
      huge: '9007199254740993',
      at: new Date('2026-01-02T03:04:05Z'),
      doc: { a: [1] },
      day: '2026-01-02',
    })
  })

  test('names are looked up in our schema first', async () => {
    expect(await db.query('show search_path')).toEqual([{ search_path: 'amparo,public' }])
  })

  test('a named statement is prepared once on a connection', async () => {
    const sum = statement('test.sum', 'select $1::int + $2::int as sum')
    const prepared = await db.transaction(async (tx) => {
      expect(await tx.query(sum, [1, 2])).toEqual([{ sum: 3 }])
      expect(await tx.query(sum, [3, 4])).toEqual([{ sum: 7 }])
      return tx.query(`select name from pg_prepared_statements where name = 'test.sum'`)
    })
    expect(prepared).toHaveLength(1)
  })

  test('a named statement is read alike at each use on a connection, also after one that failed', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const share = statement('test.share', `select 6 / $1::int as share, $2::text as said, '2026-01-02'::date as day`)
    expect(await caught(one.query(share, [0, null]))).toMatchObject({ code: '22012' })
    expect(await one.query(share, [2, null])).toEqual([{ share: 3, said: null, day: '2026-01-02' }])
    expect(await caught(one.query(share, [0, null]))).toMatchObject({ code: '22012' })
    expect(await one.query(share, [3, 'x'])).toEqual([{ share: 2, said: 'x', day: '2026-01-02' }])
    const added = statement('test.added', `insert into public.thing (id, name) values ($1, 'named')`)
    expect([await one.query(added, [700]), await one.query(added, [701])]).toEqual([[], []])
    await one.query('delete from public.thing where id >= 700')
    await one.close()
  })

  test('a statement that finds rows by a key goes by its index while the table is small too: the plan is kept while it grows', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const some = statement('test.some', 'select id from public.thing where id = any($1::int[])')
    await one.query('analyze public.thing')
    await one.query(some, [[1, 2]])
    const plan = await one.query<{ 'QUERY PLAN': string }>(`explain execute "test.some" ('{1,2}')`)
    const words = plan.map((line) => line['QUERY PLAN']).join(' ')
    expect(words).toMatch(/Index (Only )?Scan|Bitmap Index Scan/)
    expect(words).not.toContain('Seq Scan')
    await one.close()
  })

  test('of two statements under one name, neither is answered for the other', async () => {
    const one = postgres(fresh.url, { max: 1 })
    expect(await one.query(statement('test.same', 'select 1 as n'))).toEqual([{ n: 1 }])
    expect(String(await caught(one.query(statement('test.same', 'select 2 as n'))))).toContain('test.same')
    expect(await one.query(statement('test.same', 'select 1 as n'))).toEqual([{ n: 1 }])
    await one.close()
  })

  test('what has changed its shape is refused, and never read in the old one', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const all = statement('test.all', 'select * from public.shape')
    await one.query('create table public.shape (a int)')
    await one.query('insert into public.shape values (1)')
    expect(await one.query(all)).toEqual([{ a: 1 }])
    await one.query(`alter table public.shape alter a type text using 'one', add b int`)
    expect(String(await caught(one.query(all)))).toContain('must not change result type')
    await one.query('drop table public.shape')
    await one.close()
  })
})

describe('a crowd', () => {
  test('is served by few connections, since those have everything prepared', async () => {
    const many = postgres(fresh.url, { max: 20, applicationName: 'crowd' })
    try {
      const began = performance.now()
      await Promise.all(Array.from({ length: 200 }, () => many.query('select pg_sleep(0.001)')))
      // One more for each 25 ms in which none of them came back, on a machine that does other things.
      const most = 6 + Math.ceil((performance.now() - began) / 25)
      const asked = `select count(*) as n from pg_stat_activity where application_name = 'crowd'`
      const [row] = await db.query<{ n: number }>(asked)
      expect(row?.n).toBeLessThanOrEqual(Math.min(most, 20))
    } finally {
      await many.close()
    }
  })

  test('does not wait for those who are held up', async () => {
    const many = postgres(fresh.url, { max: 20 })
    let letGo = () => {}
    const gone = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const holding = Array.from({ length: 12 }, () => many.transaction(() => gone))
    try {
      expect(await Promise.all([1, 2, 3].map((n) => many.query('select $1::int as n', [n])))).toHaveLength(3)
    } finally {
      letGo()
      await Promise.all(holding)
      await many.close()
    }
  })
})

describe('a line', () => {
  test('is waited in for as long as others are answered, however slowly', async () => {
    const two = postgres({ connectionString: fresh.url, connectionTimeoutMillis: 1500 }, { max: 2 })
    try {
      // The last of them waits for twice as long as anybody would wait for a connection that does not come about.
      const asked = Array.from({ length: 16 }, (_, at) => two.query('select pg_sleep(0.4), $1::int as n', [at]))
      expect((await Promise.all(asked)).flat().map(({ n }) => n)).toEqual(asked.map((_, at) => at))
    } finally {
      await two.close()
    }
  })

  test('is left as soon as it is clear that nobody is answered any more, sooner than by those who were before', async () => {
    const hole = await blackHole(fresh.url)
    const one = postgres({ connectionString: hole.url, connectionTimeoutMillis: 500 }, { max: 1 })
    await one.query('select 1')
    hole.swallow()
    const ended: string[] = []
    const under = caught(one.query('select 1')).finally(() => ended.push('under way'))
    const waiting = await Promise.all([1, 2, 3].map(() => caught(one.query('select 1'))))
    ended.push('waiting')
    expect(waiting.map(isConnectionTrouble)).toEqual([true, true, true])
    await under
    expect(ended).toEqual(['waiting', 'under way'])
    await hole.close()
    await one.close()
  })
})

describe('a transaction', () => {
  test('is there as a whole after its end', async () => {
    await db.transaction(async (tx) => {
      await tx.query('insert into thing values (1)')
      await tx.transaction((inner) => inner.query('insert into thing values (2)'))
      expect(await things()).toEqual([])
    })
    expect(await things()).toEqual([1, 2])
  })

  test('leaves nothing when its work throws, and the connection is used again', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const pid = async () => (await one.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid
    const before = await pid()
    const broke = one.transaction(async (tx) => {
      await tx.query('insert into thing values (10)')
      throw new Error('broke')
    })
    await expect(broke).rejects.toThrow('broke')
    expect(await things()).not.toContain(10)
    expect(await pid()).toBe(before)
    await one.close()
  })

  test('does not look committed when an error inside it was swallowed', async () => {
    const swallowed = db.transaction(async (tx) => {
      await tx.query('insert into thing values (20)')
      await tx.query('select 1 / 0').catch(() => undefined)
    })
    await expect(swallowed).rejects.toThrow('not committed')
    expect(await things()).not.toContain(20)
  })

  test('that waits for a lock is given up in time to be told as trouble, not as a fault', async () => {
    await db.query('insert into thing values (30)')
    const error = await db.transaction(async (tx) => {
      await tx.query('select from thing where id = 30 for update')
      return caught(db.query('update thing set name = $1 where id = 30', ['late']))
    })
    expect(isConnectionTrouble(error)).toBe(true)
  })

  test('may be told to wait for as long as it takes', async () => {
    const limits = await db.transaction(
      (tx) =>
        tx.query(`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`),
      0,
    )
    expect(limits).toEqual([{ statement: '0', lock: '0' }])
    expect(await db.query(`select current_setting('statement_timeout') as limit`)).toEqual([{ limit: '5s' }])
  })
})

describe('trouble', () => {
  test('two of one kind are told from any other error', async () => {
    await db.query('insert into thing values (40)')
    expect(isUniqueViolation(await caught(db.query('insert into thing values (40)')))).toBe(true)
    expect(isUniqueViolation(await caught(db.query('select 1 / 0')))).toBe(false)
    expect(isConnectionTrouble(await caught(db.query('select 1 / 0')))).toBe(false)
  })

  test('a deadlock is told as something to try again', async () => {
    await db.query('insert into thing values (50), (51)')
    const errors = await deadlock(db, 50, 51)
    expect(errors.filter(isSerializationTrouble)).toHaveLength(1)
  })

  test('a killed connection fails its own query only, and the next one is answered', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const [mine] = await one.query<{ pid: number }>('select pg_backend_pid() as pid')
    const cut = caught(one.query('select pg_sleep(60)'))
    await settled(async () => {
      const [busy] = await db.query('select from pg_stat_activity where pid = $1 and wait_event = $2', [
        mine?.pid,
        'PgSleep',
      ])
      return busy !== undefined
    })
    await db.query('select pg_terminate_backend($1)', [mine?.pid])
    expect(isConnectionTrouble(await cut)).toBe(true)
    expect(await one.query('select 1 as one')).toEqual([{ one: 1 }])
    await one.close()
  })

  test('an idle connection that is killed does not end the process', async () => {
    const one = postgres(fresh.url, { max: 1 })
    const [mine] = await one.query<{ pid: number }>('select pg_backend_pid() as pid')
    await db.query('select pg_terminate_backend($1)', [mine?.pid])
    expect(
      await settled(() =>
        one.query('select 1').then(
          () => true,
          () => false,
        ),
      ),
    ).toBe(true)
    await one.close()
  })

  test('a database that is not there is told as such', async () => {
    const nowhere = postgres('postgresql:///amparo?host=/nowhere&user=amparo')
    expect(isConnectionTrouble(await caught(nowhere.query('select 1')))).toBe(true)
    const refused = postgres('postgresql://amparo@127.0.0.1:1/amparo')
    expect(isConnectionTrouble(await caught(refused.query('select 1')))).toBe(true)
    await Promise.all([nowhere.close(), refused.close()])
  })

  test('a network that swallows the answer is given up within six seconds', async () => {
    const hole = await blackHole(fresh.url)
    const far = postgres(hole.url, { max: 1 })
    await far.query('select 1')
    hole.swallow()
    // Of two timers the earlier is the first to be heard, also on a machine that stood still meanwhile.
    const six = new Promise((resolve) => setTimeout(resolve, 6_000, 'six seconds'))
    const first = await Promise.race([caught(far.query('select 1')), six])
    expect(first).not.toBe('six seconds')
    expect(isConnectionTrouble(first)).toBe(true)
    await hole.close()
    await far.close()
  })
})

describe('listening', () => {
  test('hears what is said on its channel, and comes back by itself when its connection is killed', async () => {
    const heard: string[] = []
    let connects = 0
    const ear = await db.listen(
      'Ending',
      (payload) => heard.push(payload),
      () => connects++,
    )
    expect(connects).toBe(1)
    await db.query(`select pg_notify('Ending', 'one'), pg_notify('other', 'no')`)
    await settled(() => heard.length === 1)

    await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'`)
    expect(await settled(() => connects === 2)).toBe(true)
    await db.query(`select pg_notify('Ending', 'two')`)
    await settled(() => heard.length === 2)
    expect(heard).toEqual(['one', 'two'])
    await ear.close()
    expect(
      await db.query(`select from pg_stat_activity where query ilike 'listen%' and datname = current_database()`),
    ).toEqual([])
  })

  test('notices a network that swallows everything', async () => {
    const hole = await blackHole(fresh.url)
    const far = postgres({ connectionString: hole.url, connectionTimeoutMillis: 300 })
    let connects = 0
    const ear = await far.listen(
      'ending',
      () => {},
      () => connects++,
    )
    hole.swallow()
    expect(await until(async () => hole.connections() === 2, 15_000)).toBe(true)
    hole.pass()
    expect(await until(async () => connects === 2, 10_000)).toBe(true)
    await ear.close()
    await far.close()
    await hole.close()
  })

  test('can be ended while it tries to come back', async () => {
    const hole = await blackHole(fresh.url)
    const far = postgres(hole.url)
    const ear = await far.listen('ending', () => {})
    await hole.close()
    await ear.close()
    await far.close()
  })
})

/** Two transactions that take two rows in opposite order; what each of them got. */
async function deadlock(db: Database, a: number, b: number): Promise<unknown[]> {
  let waiting = 2
  let meet = () => {}
  const met = new Promise<void>((resolve) => {
    meet = resolve
  })
  const take = (first: number, second: number) =>
    caught(
      db.transaction(async (tx) => {
        await tx.query('update thing set name = $2 where id = $1', [first, 'mine'])
        if (--waiting === 0) meet()
        await met
        await tx.query('update thing set name = $2 where id = $1', [second, 'mine'])
      }, 10_000),
    )
  return Promise.all([take(a, b), take(b, a)])
}

/** A way to the database that can begin to swallow what is sent. */
async function blackHole(url: string) {
  const target = new URL(url).searchParams.get('host')
  const sockets: Socket[] = []
  let swallowing = false
  let count = 0
  const server: Server = createServer((near) => {
    count += 1
    const far = connect(`${target}/.s.PGSQL.5432`)
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.on('data', (bytes) => swallowing || far.write(bytes))
    far.on('data', (bytes) => swallowing || near.write(bytes))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `postgresql://amparo@127.0.0.1:${port}${new URL(url).pathname}`,
    connections: () => count,
    swallow: () => {
      swallowing = true
    },
    pass: () => {
      swallowing = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
