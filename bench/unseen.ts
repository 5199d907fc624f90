/**
 * Whether the time of an answer tells if an address is registered: 200 requests for a known and 200 for an unknown e-mail,
 * in turn, over HTTP to the whole demo, before the agent is proved. Run it with: npm run bench -- unseen
 */
import { playing } from '../demo/journeys/script.ts'
import { staged } from '../demo/journeys/stage.ts'
import { percentile } from './machine.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'

const tries = Number(process.argv[2] ?? 200)
const kinds = { known: 'marta@clinica-sol.test', unknown: 'nobody@nowhere.test' } as const
type Kind = keyof typeof kinds

const stage = await staged()
try {
  const play = await playing(stage)
  const agents = ['dev01', 'dev02', 'dev03', 'dev04', 'dev05', 'dev06'].map((name) => play.scriptOf(name))
  const times: Record<Kind, number[]> = { known: [], unknown: [] }
  for (let round = -20; round < tries; round += 1)
    for (const kind of round % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const ms = await timed(Math.abs(round), kind)
      if (round >= 0) times[kind].push(ms)
    }

  async function timed(round: number, kind: Kind): Promise<number> {
    const agent = agents[round % agents.length] ?? play.scriptOf('dev01')
    const began = performance.now()
    const id = await play.opened(agent, kinds[kind])
    await play.must(agent.call('GET', `/assistances/${id}`), 200)
    const ms = performance.now() - began
    await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
    return ms
  }

  const row = (kind: Kind) =>
    `| ${kind} | ${[0.05, 0.25, 0.5, 0.75, 0.95].map((share) => percentile(times[kind], share).toFixed(1)).join(' | ')} |`
  const pairs = times.known.flatMap((one) => times.unknown.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)))
  const share = pairs.reduce<number>((sum, part) => sum + part, 0) / pairs.length
  const noise = Math.sqrt((2 * tries + 1) / (12 * tries * tries))
  const page = [
    measuredBy('unseen'),
    '',
    '## A known and an unknown e-mail',
    '',
    `${tries} requests of each kind, in turn: opening an assistance and reading it back, before the agent is proved.`,
    '',
    '|  | p5 ms | p25 ms | p50 ms | p75 ms | p95 ms |',
    '| --- | --: | --: | --: | --: | --: |',
    row('known'),
    row('unknown'),
    '',
    `A known one takes longer than an unknown one in ${(share * 100).toFixed(1)} % of all pairs; by chance it would be`,
    `50 % ± ${(noise * 100).toFixed(1)} (one standard deviation).`,
  ].join('\n')
  await publish('unseen', page)
} finally {
  await stage.stop()
  await stage.remove()
}
