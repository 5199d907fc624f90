/**
 * Tells the issuer what was done as the user: in batches, a second after the first act at the latest, with the running
 * count of the surface session, so that a gap is seen. It never holds a request up, and what cannot be told yet is kept
 * and told again, up to a bound.
 */
import type { Language } from './words.ts'

export interface Act {
  readonly at: string
  readonly what: Readonly<Record<Language, string>>
}
export interface Batch {
  readonly token: string
  readonly acts: readonly Act[]
  /** How many acts there were under this token in all, these among them. */
  readonly count: number
}
/** `later`: nobody answered. `refused`: they will never take it. */
export type Told = 'taken' | 'later' | 'refused'

export interface ReporterOptions {
  send(batch: Batch): Promise<Told>
  readonly now?: () => number
  readonly waitMs?: number
  /** Acts that are kept while nobody takes them; the oldest go first. */
  readonly keepAtMost?: number
  readonly onTrouble?: (what: string) => void
}

export interface Reporter {
  report(token: string, what: Act['what']): void
  /** Tells what is waiting, of one token or of all; answers when it was told or could not be. */
  flush(token?: string): Promise<void>
  waiting(): number
}

interface Waiting {
  acts: readonly Act[]
  count: number
  sending: Promise<void> | undefined
  lastUsed: number
}

const batchAtMost = 50
const retryMs = [1000, 2000, 5000, 10_000, 30_000] as const
/** A surface session is over long before. */
const forgetMs = 24 * 3_600_000

export function reporter(options: ReporterOptions): Reporter {
  const { send, now = Date.now, waitMs = 800, keepAtMost = 1000, onTrouble = () => {} } = options
  const byToken = new Map<string, Waiting>()
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  const waiting = (): number => [...byToken.values()].reduce((sum, { acts }) => sum + acts.length, 0)

  function wake(afterMs: number): void {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void flushAll()
    }, afterMs).unref()
  }

  function drop(): void {
    const oldest = [...byToken.values()].find(({ acts }) => acts.length > 0)
    if (!oldest) return
    oldest.acts = oldest.acts.slice(1)
    onTrouble('too many acts wait to be told: the oldest was dropped, and the count says so')
  }

  async function tell(token: string, mine: Waiting): Promise<void> {
    while (mine.acts.length > 0) {
      const acts = mine.acts.slice(0, batchAtMost)
      const behind = mine.acts.length - acts.length
      const told = await send({ token, acts, count: mine.count - behind }).catch((): Told => 'later')
      if (told === 'later') throw new Error('nobody takes what was done')
      if (told === 'refused') onTrouble('the issuer does not take what was done: its session is over')
      const sent = new Set(acts)
      mine.acts = mine.acts.filter((act) => !sent.has(act))
      failures = 0
    }
  }

  async function flush(token: string): Promise<void> {
    const mine = byToken.get(token)
    if (!mine) return
    mine.sending ??= tell(token, mine)
      .catch((error: unknown) => {
        failures += 1
        onTrouble(error instanceof Error ? error.message : 'not told')
        wake(retryMs[Math.min(failures, retryMs.length) - 1] ?? waitMs)
      })
      .finally(() => {
        mine.sending = undefined
      })
    await mine.sending
  }

  async function flushAll(): Promise<void> {
    for (const [token, { acts, lastUsed }] of byToken)
      if (acts.length === 0 && lastUsed + forgetMs <= now()) byToken.delete(token)
    await Promise.all([...byToken.keys()].map(flush))
  }

  return {
    report(token, what) {
      const mine = byToken.get(token) ?? { acts: [], count: 0, sending: undefined, lastUsed: 0 }
      byToken.set(token, mine)
      mine.acts = [...mine.acts, { at: new Date(now()).toISOString(), what }]
      mine.count += 1
      mine.lastUsed = now()
      if (waiting() > keepAtMost) drop()
      wake(waitMs)
    },
    flush: (token) => (token === undefined ? flushAll() : flush(token)),
    waiting,
  }
}
