/** The one way to the database: statements on a pool, transactions on one connection, and an ear for notifications. */
import { types as driverTypes, Pool, type PoolClient, type PoolConfig, TypeOverrides } from 'pg'
import { forget, type Listening, listen } from './listening.ts'
import { askNamed } from './named.ts'

/** SQL under a name: each connection prepares it once. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export const statement = (name: string, text: string): Statement => ({ name, text })

export interface Database {
  query<Row extends object = Record<string, unknown>>(
    what: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]>
  /**
   * Runs work on one connection between begin and commit; a throw rolls back. A transaction inside a transaction joins it.
   * `limitMs` replaces the usual limits of one statement and one wait for a lock; 0 is as long as it takes.
   */
  transaction<T>(work: (tx: Database) => Promise<T>, limitMs?: number): Promise<T>
  /**
   * LISTEN on a connection of its own that comes back by itself. `onReconnect` is called after every (re)connect, once
   * LISTEN is committed: whatever was announced before has to be read; `onLost` as soon as a connection is known to be
   * gone. Rejects only where the first connect fails.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onReconnect?: () => void,
    onLost?: () => void,
  ): Promise<Listening>
  close(): Promise<void>
}

export interface Options {
  /** Connections in the pool; 10 where nothing is said. */
  readonly max?: number
  readonly applicationName?: string
  /** How long one statement may take, where that is not what is usual. */
  readonly statementMs?: number
}

/** Opens a pool on a PostgreSQL. Nothing is connected before the first query. */
export function postgres(where: string | PoolConfig, options: Options = {}): Database {
  const config = configuration(where, options)
  const most = options.max ?? 10
  const pool = new Pool({ ...config, max: most })
  pool.on('error', forget)
  pool.on('connect', (client) => client.on('error', forget))
  const turn = turns(most, config.connectionTimeoutMillis ?? connectLimitMs)
  const limitMs = Math.max(answerLimitMs, answerLimit(options.statementMs))

  return {
    query: (what, values) => borrow(pool, turn, (client) => ask(client, what, values, limitMs)),
    transaction: (work, limitMs) => borrow(pool, turn, (client) => transact(client, work, limitMs)),
    listen: (channel, onPayload, onReconnect = forget, onLost = forget) =>
      listen(config, channel, onPayload, onReconnect, onLost),
    close: () => pool.end(),
  }
}

/**
 * Asks with a plan made for these very values: for searches, where the best way depends on what is looked for. All other
 * statements keep one plan a connection. `inOrder`: an index has the order that is asked for, and a page of it is read along
 * that; nobody can tell how many rows there are for which a deadline has not passed, and who cannot tell puts all in order first.
 */
export const searched = <Row extends object>(
  db: Database,
  what: Statement | string,
  values: readonly unknown[],
  inOrder = false,
): Promise<Row[]> =>
  db.transaction(async (tx) => {
    await tx.query(`set local plan_cache_mode = force_custom_plan${inOrder ? '; set local enable_sort = off' : ''}`)
    return tx.query<Row>(what, values)
  })

/** Two rows were about to say the same thing where only one may. */
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505'

/** The same transaction, run again, may well pass. */
export const isSerializationTrouble = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))

/** A lock did not come in time, or two waited for each other: tried again, it may well pass. */
export const isHeldUp = (error: unknown): boolean => ['55P03', '40P01'].includes(codeOf(error))

/** The statement was not done within its time, and was ended by PostgreSQL. */
export const isOutOfTime = (error: unknown): boolean => codeOf(error) === '57014'

/** The database is away, is going, or did not answer in time: nothing is known to be wrong with the question itself. */
export function isConnectionTrouble(error: unknown): boolean {
  const code = codeOf(error)
  if (code.startsWith('08') || troubleCodes.has(code) || isMissingSocket(error)) return true
  return error instanceof Error && troubleWords.some((words) => error.message.includes(words))
}

/** PostgreSQL says that nothing can be written: no privilege, no room, read only. */
export const isUnwritable = (error: unknown): boolean => ['42501', '53100', '25006', '58030'].includes(codeOf(error))

/** Tells of each question that found no room on the disk. */
export function watched(db: Database, noRoom: () => void): Database {
  const told = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error) => {
      if (codeOf(error) === '53100') noRoom()
      throw error
    })
  return {
    ...db,
    query: (...asked) => told(db.query(...asked)),
    transaction: (...asked) => told(db.transaction(...asked)),
  }
}

/** A socket that is not there is a database that is not there; any other missing file is a fault of ours. */
const isMissingSocket = (error: unknown): boolean =>
  codeOf(error) === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect'

/** Thrown where one waits in vain for a connection: so many wait already, or the database answers nobody. */
export class DatabaseBusy extends Error {
  readonly code = '53300'
}

/**
 * Every statement finds its rows by a key, so one plan serves all values: planned once a connection, not at each of the
 * first five uses. None of them is long enough to be worth compiling. A plan that is made while a table is small is kept while it
 * grows, so an index is taken wherever there is one, and a table is read whole only where there is none.
 */
const sessionSettings = [
  'search_path=amparo,public',
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'enable_seqscan=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')
/** A connection that waits keeps what it has prepared. */
const idleConnectionMs = 600_000
const statementLimitMs = 5_000
const lockLimitMs = 2_000
/** A little over the server's own limit, so that a server that is there says it first and the connection lives on. */
const answerLimitMs = statementLimitMs + 500
const waitingLimit = 500
/** Connections that are enough while they come back, and how long is waited for one of them to. */
const usualConnections = 6
const turnMs = 25
/** How long a connection may take to come about, and how long nobody may be answered while others wait for one. */
const connectLimitMs = 5_000
/** Nobody waits longer for a connection, also where others are answered. */
const longestWaitMs = 15_000

const troubleCodes = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '57014', // query_canceled: the statement's time was over
  '55P03', // lock_not_available: the lock's time was over
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What the driver says without a code. */
const troubleWords = [
  'Connection terminated',
  'Query read timeout',
  'timeout expired',
  'timeout exceeded when trying to connect',
  'is not queryable',
  'Cannot use a pool after calling end on the pool',
]

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

function configuration(
  where: string | PoolConfig,
  { applicationName = 'amparo', statementMs = statementLimitMs }: Options,
): PoolConfig {
  const given = typeof where === 'string' ? { connectionString: where } : where
  return {
    application_name: applicationName,
    connectionTimeoutMillis: connectLimitMs,
    keepAlive: true,
    ...given,
    options: sessionSettings,
    idleTimeoutMillis: idleConnectionMs,
    statement_timeout: statementMs,
    lock_timeout: lockLimitMs,
    idle_in_transaction_session_timeout: 10_000,
    types,
  }
}

/** Counts come as numbers where a number can hold them; days stay text, because a Date would invent a time zone. */
const types = new TypeOverrides()
types.setTypeParser(driverTypes.builtins.INT8, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text))
types.setTypeParser(driverTypes.builtins.DATE, (text) => text)

async function borrow<T>(pool: Pool, turn: Turns, work: (client: PoolClient) => Promise<T>): Promise<T> {
  if (turn.waiting() >= waitingLimit) throw new DatabaseBusy(`${waitingLimit} already wait for a connection`)
  const over = await turn.take()
  let answered = false
  try {
    const client = await pool.connect()
    try {
      const value = await work(client)
      answered = true
      return value
    } catch (error) {
      answered = !isConnectionTrouble(error)
      throw error
    } finally {
      client.release(!answered)
    }
  } finally {
    over(answered)
  }
}

interface Turns {
  waiting(): number
  /** Resolves when it is one's turn, with what ends it: whether there was an answer. Rejects where none will come. */
  take(): Promise<(answered: boolean) => void>
}

interface Waiting {
  readonly since: number
  begin(over: (answered: boolean) => void): void
  giveUp(why: DatabaseBusy): void
}

/**
 * So many at once; and where none of them ends for a moment, one more, up to `most`, so that nobody waits for those who are
 * held up. A crowd is served sooner by few connections that have everything prepared than by many that have not. Whoever
 * waits does so while others are answered, however slowly; where nobody was for `silenceMs`, they are told that none will be.
 */
function turns(most: number, silenceMs: number): Turns {
  const usual = Math.min(usualConnections, most)
  const line: Waiting[] = []
  let under = 0
  let answeredAt = 0
  let patience: NodeJS.Timeout | undefined
  const next = () => {
    const first = line.shift()
    if (!first) return
    under += 1
    first.begin(over)
  }
  const isInVain = ({ since }: Waiting) =>
    performance.now() > Math.min(Math.max(since, answeredAt) + silenceMs, since + longestWaitMs)
  const watch = () => {
    clearTimeout(patience)
    while (line[0] && isInVain(line[0]))
      line.shift()?.giveUp(new DatabaseBusy('nobody was answered while this waited for a connection'))
    if (line.length === 0) return
    patience = setTimeout(() => {
      if (under < most) next()
      watch()
    }, turnMs)
  }
  const over = (answered: boolean) => {
    under -= 1
    if (answered) answeredAt = performance.now()
    if (under < usual) next()
    watch()
  }
  return {
    waiting: () => line.length,
    take: () =>
      new Promise((begin, giveUp) => {
        line.push({ since: performance.now(), begin, giveUp })
        if (under < usual) next()
        else if (line.length === 1) watch()
      }),
  }
}

async function ask<Row extends object>(
  client: PoolClient,
  what: Statement | string,
  values: readonly unknown[] = [],
  limitMs: number,
): Promise<Row[]> {
  if (typeof what !== 'string') return (await askNamed(client, { ...what, values, types, limitMs })) as Row[]
  const question = { text: what, values: [...values], query_timeout: limitMs }
  const answer = await client.query(question)
  // Several statements in one text are answered by several results, whatever the driver's types say.
  return Array.isArray(answer) ? [] : answer.rows
}

async function transact<T>(client: PoolClient, work: (tx: Database) => Promise<T>, limitMs?: number): Promise<T> {
  const tx: Database = {
    query: (what, values) => ask(client, what, values, answerLimit(limitMs)),
    transaction: (inner) => inner(tx),
    listen: () => Promise.reject(new Error('listening is not part of a transaction')),
    close: () => Promise.reject(new Error('a transaction is ended by its work')),
  }
  await tx.query(`begin; ${limits(limitMs)}`)
  try {
    const value = await work(tx)
    await commit(client)
    return value
  } catch (error) {
    // A connection in trouble is thrown away, and its transaction with it.
    if (!isConnectionTrouble(error)) await tx.query('rollback')
    throw error
  }
}

const limits = (limitMs: number | undefined): string =>
  limitMs === undefined ? '' : `set local statement_timeout = ${limitMs}; set local lock_timeout = ${limitMs}`

const answerLimit = (limitMs: number | undefined): number =>
  limitMs === undefined ? answerLimitMs : limitMs === 0 ? 0 : limitMs + 500

/** PostgreSQL answers a commit after a swallowed error with a silent rollback: that must not look like success. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new Error('the transaction was not committed: an error inside it was swallowed')
}
