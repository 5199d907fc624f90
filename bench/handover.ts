/** The whole hand-over, ours beside better-auth's, on one PostgreSQL in one run: requests, statements, CPU. */
import type { Contender } from './contender.ts'
import type { Ground, Statement } from './ground.ts'
import { cpuMs, percentile } from './machine.ts'

export interface Cost {
  readonly name: string
  readonly requests: number
  readonly statements: number
  /** Those of them that hand messages over; performance is compared with and without them. */
  readonly delivery: number
  readonly serverMs: number
  readonly databaseMs: number
  /** Of the round, for each of its hand-overs: what goes on beside them takes its part of the CPU meanwhile. */
  readonly wallMs: number
  readonly named: readonly Statement[]
}

export interface Round {
  readonly contender: Contender
  readonly database: string
  readonly pairs: number
  readonly rounds: number
}

/**
 * Medians over the rounds, for one hand-over. Those who take part are measured one after the other in each round. All of
 * them are warmed alike before: what a just-in-time compiler and a plan cache cost once is nobody's price.
 */
export async function handOverCost(
  ground: Ground,
  parts: readonly Round[],
  warmRounds: number,
): Promise<readonly Cost[]> {
  for (let round = 0; round < warmRounds; round += 1)
    for (const { contender, pairs } of parts) {
      await everybody(contender, pairs)
      await contender.settle()
    }
  const measured = new Map<string, Omit<Cost, 'name'>[]>()
  const rounds = Math.max(...parts.map((one) => one.rounds))
  for (let round = 0; round < rounds; round += 1)
    for (const part of parts)
      measured.set(part.contender.name, [...(measured.get(part.contender.name) ?? []), await one(ground, part)])
  return parts.map(({ contender: { name } }) => medianOf(name, measured.get(name) ?? []))
}

async function one(ground: Ground, { contender, database, pairs }: Round): Promise<Omit<Cost, 'name'>> {
  await ground.forget()
  const [server, postgres, began] = [cpuMs(contender.pid), cpuMs(ground.pid), performance.now()]
  const requests = await everybody(contender, pairs)
  const [serverMs, databaseMs] = [cpuMs(contender.pid) - server, cpuMs(ground.pid) - postgres]
  const wallMs = performance.now() - began
  const named = await ground.statements(database)
  await contender.settle()
  return {
    requests: requests / pairs,
    statements: callsOf(named) / pairs,
    delivery: callsOf(named.filter(({ text }) => /\bupdate outbox o\b/.test(text))) / pairs,
    serverMs: serverMs / pairs,
    databaseMs: databaseMs / pairs,
    wallMs: wallMs / pairs,
    named: named.map(({ calls, ms, pages, text }) => ({
      calls: calls / pairs,
      ms: ms / pairs,
      pages: pages / pairs,
      text,
    })),
  }
}

const callsOf = (named: readonly Statement[]): number => named.reduce((sum, { calls }) => sum + calls, 0)

/** Every pair once, four at a time; how many requests it took. */
async function everybody(contender: Contender, pairs: number): Promise<number> {
  const left = Array.from({ length: pairs }, (_, pair) => pair)
  const counts: number[] = []
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let pair = left.pop(); pair !== undefined; pair = left.pop())
        counts.push((await contender.handOver(pair)).requests)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

const medianOf = (name: string, all: readonly Omit<Cost, 'name'>[]): Cost => {
  const median = (of: (cost: Omit<Cost, 'name'>) => number) => percentile(all.map(of), 0.5)
  return {
    name,
    requests: median((cost) => cost.requests),
    statements: median((cost) => cost.statements),
    delivery: median((cost) => cost.delivery),
    serverMs: median((cost) => cost.serverMs),
    databaseMs: median((cost) => cost.databaseMs),
    wallMs: median((cost) => cost.wallMs),
    named: all.slice(-1)[0]?.named ?? [],
  }
}
