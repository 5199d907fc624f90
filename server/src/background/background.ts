/**
 * The loops: deliver messages, record lapses, announce endings, give notice to surfaces, watch the Core. They record
 * and announce; nothing ends or expires because one of them ran, and any number of processes may run them.
 */

import { type Bell, bell, type News } from '../bell.ts'
import type { Log } from '../log.ts'

export interface Job {
  readonly name: string
  /** How long it waits between two runs. */
  readonly everyMs: number
  /** What a step can have left for it: then it runs as soon as the bell rings for that. The others go by time alone. */
  readonly onRing?: readonly News[]
  /** Runs once; the number of things it did. A loop that did something runs again at once. */
  run(): Promise<number>
}

export interface Background {
  /** Runs each job until there is nothing left to do, by the loops neither: after the test clock moved, and in tests. */
  settle(): Promise<void>
  stop(): Promise<void>
}

const longestRunOfWork = 50

/** `rung` is the bell that steps ring; jobs that go by time alone hear none. */
export function background(jobs: readonly Job[], rung: Bell, log: Log): Background {
  let stopped = false
  const waiters = new Set<{ close(): void }>()
  const silence = bell()
  const safely = async (job: Job): Promise<number> => {
    try {
      return await job.run()
    } catch (error) {
      if (!stopped)
        log.warn(
          { job: job.name, error: error instanceof Error ? error.message : String(error) },
          'background job failed',
        )
      return 0
    }
  }
  /** Whether there is still something left to do. */
  const untilDone = async (job: Job): Promise<boolean> => {
    for (let turn = 0; turn < longestRunOfWork && !stopped; turn += 1) if ((await safely(job)) === 0) return false
    return !stopped
  }
  /** What the loops are at: what one of them has taken, nobody else finds. */
  const underWay = new Map<Job, Promise<boolean>>()
  const loop = async (job: Job, place: number) => {
    const waiter = job.onRing ? rung.waiter(job.onRing) : silence.waiter()
    waiters.add(waiter)
    // Each at a moment of its own: all of them at the same one would take as many connections as there are loops.
    await waiter.wait((Math.min(job.everyMs, 1000) * place) / jobs.length)
    while (!stopped) {
      const work = untilDone(job)
      underWay.set(job, work)
      const isLeft = await work
      underWay.delete(job)
      // Much to do is no reason to rest.
      if (!stopped) await waiter.wait(isLeft ? 0 : job.everyMs)
    }
  }
  const running = jobs.map(loop)
  return {
    async settle() {
      for (const job of [...jobs, ...jobs]) {
        await underWay.get(job)
        await untilDone(job)
      }
    },
    async stop() {
      stopped = true
      for (const waiter of waiters) waiter.close()
      await Promise.all(running)
    },
  }
}
