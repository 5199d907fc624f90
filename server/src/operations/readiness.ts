/** Whether this process can help people now, dependency by dependency, without a word of what or where they are. */
import { type Database, statement } from '../database/database.ts'

export interface Readiness {
  readonly ready: boolean
  /** `mail` is told and does not count: messages wait, and help that needs none goes on. */
  readonly dependencies: {
    readonly database: boolean
    readonly record: boolean
    readonly core: boolean
    readonly mail: boolean
  }
}

export interface Asked {
  readonly db: Database
  /** What is wrong with the Core's views; throws where it does not answer. */
  coreFaults(): Promise<readonly string[]>
  /** Whether the last beat could be written. */
  recordIsWell(): boolean
  mailIsWell(): Promise<boolean>
}

const answerMs = 2000
const writable = statement(
  'operations.writable',
  `select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable`,
)

export async function readiness({ db, coreFaults, recordIsWell, mailIsWell }: Asked): Promise<Readiness> {
  const [database, core, mail] = await Promise.all([
    inTime(db.query<{ writable: boolean }>(writable).then(([row]) => row?.writable === true)),
    inTime(coreFaults().then((faults) => faults.length === 0)),
    inTime(mailIsWell()),
  ])
  const dependencies = {
    database: database !== undefined,
    record: database === true && recordIsWell(),
    core: core === true,
    mail: mail === true,
  }
  return { ready: dependencies.database && dependencies.record && dependencies.core, dependencies }
}

/** Four times a second at the most, however many probe: nobody needs to be somebody for it. */
const anewMs = 250

/** The same, asked once for all who want to know it at the same moment, and never told as it was before they asked. */
export const readinessOf = (asked: Asked): (() => Promise<Readiness>) => inPace(anewMs, () => readiness(asked))

/** Undefined where it failed, or did not answer within two seconds: who probes us does not wait longer. */
function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), answerMs)
    answer.then(
      (value) => {
        clearTimeout(late)
        resolve(value)
      },
      () => {
        clearTimeout(late)
        resolve(undefined)
      },
    )
  })
}

/** An answer that is asked for again only when it is older than `ms`: probes must not knock at others' doors each time. */
export function remembered<T>(ms: number, now: () => number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined
  return () => {
    if (!last || now() - last.at > ms) last = { at: now(), answer: ask() }
    return last.answer
  }
}

/** Asks at most once in `ms`: whoever comes too early waits for the next asking, and shares its answer. */
export function inPace<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let pace: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  const begin = () => {
    next = undefined
    pace = new Promise((resolve) => setTimeout(resolve, ms).unref())
    return ask()
  }
  return () => {
    next ??= pace.then(begin)
    return next
  }
}
