/**
 * Where one database ends, and what is behind it: a simulation, with the same numbers each time. What it takes as given
 * stands in `given`, with where it comes from; the rest is counted. Run it with: npm run bench -- beyond
 */
import { percentile } from './machine.ts'
import { table } from './page.ts'
import { publish } from './publish.ts'

/** What is put in. Whoever has another disk, other people or other oceans changes it here. */
const given = {
  /** One write to the disk that is waited for: an NVMe of one's own; a good volume in the cloud; one with a synchronous standby in another zone. */
  flushMs: { 'a disk of its own': 0.2, 'a volume in the cloud': 1, 'and a standby in another zone': 2.5 },
  /** Commits that tell of something, in one help: an ending, two acts of the user that move their clock, one power (0019_liveness.sql). */
  tellsAHelp: 4,
  /** How long people help one another. */
  helpMinutes: 10,
  /** Commits of a hand-over that are waited for one after the other (bench/README.md). */
  commitsOneByOne: 15,
  /** Statements of a hand-over that are waited for one after the other. */
  statementsOneByOne: 30,
  /** Round trips, in ms: two zones of a region, two regions of a continent, two continents. */
  roundTripMs: { 'in a region': 1, 'within a continent': 25, 'across an ocean': 90 },
  /** How much a round trip varies: its length times so much, in one of a hundred cases. */
  tail: 3,
} as const

/** Numbers as from dice, and the same ones each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const short = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 0 : 1)

// ── The line of commits that tell ───────────────────────────────────────────────────────────────────────────────────

/** PostgreSQL lets one commit at a time tell, from before its flush until after it: what comes meanwhile waits its turn. */
function waitingMs(perSecond: number, flushMs: number): readonly number[] {
  const random = dice(1)
  const waits: number[] = []
  let [now, freeAt] = [0, 0]
  for (let commit = 0; commit < 200_000; commit += 1) {
    now += (-Math.log(1 - random()) * 1000) / perSecond
    const begins = Math.max(now, freeAt)
    freeAt = begins + flushMs
    waits.push(freeAt - now)
  }
  return waits
}

const helpsAtOnce = (tellsPerSecond: number) => (tellsPerSecond / given.tellsAHelp) * given.helpMinutes * 60

const lineRows = Object.entries(given.flushMs).flatMap(([disk, flushMs]) =>
  [0.3, 0.6, 0.8, 0.95].map((share) => {
    const perSecond = (share * 1000) / flushMs
    const waits = waitingMs(perSecond, flushMs)
    return [
      `${disk}, ${flushMs} ms a write`,
      `${Math.round(share * 100)} %`,
      short(perSecond),
      short(helpsAtOnce(perSecond)),
      short(percentile(waits, 0.5)),
      short(percentile(waits, 0.99)),
    ]
  }),
)

// ── Partitions by ecosystem ─────────────────────────────────────────────────────────────────────────────────────────

/** Ecosystems as large as customers are: most small, a few a thousand times as large (log-normal, sigma 2). */
function fullest(ecosystems: number, partitions: number, seed: number): number {
  const random = dice(seed)
  const loads = new Float64Array(partitions)
  let whole = 0
  for (let one = 0; one < ecosystems; one += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const weight = Math.exp(2 * normal)
    const at = Math.floor(random() * partitions)
    loads[at] = (loads[at] ?? 0) + weight
    whole += weight
  }
  return (Math.max(...loads) * partitions) / whole
}

const partitionRows = [1_000, 10_000, 100_000].flatMap((ecosystems) =>
  [4, 16, 64].map((partitions) => {
    const tries = Array.from({ length: 40 }, (_, seed) => fullest(ecosystems, partitions, seed + 1))
    return [
      ecosystems.toLocaleString('en'),
      partitions,
      `${percentile(tries, 0.5).toFixed(2)} ×`,
      `${percentile(tries, 0.95).toFixed(2)} ×`,
    ]
  }),
)

// ── Oceans ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** So many round trips one after the other; each is now and then much longer than it should be. */
function together(trips: number, roundTripMs: number): readonly number[] {
  const random = dice(trips)
  const trip = () => roundTripMs * (random() < 0.01 ? given.tail : 1 + random() * 0.1)
  return Array.from({ length: 5_000 }, () => Array.from({ length: trips }, trip).reduce((sum, one) => sum + one, 0))
}
const bothOf = (all: readonly number[]) => `${short(percentile(all, 0.5))} / ${short(percentile(all, 0.99))}`

const oceanRows = Object.entries(given.roundTripMs).map(([where, ms]) => [
  where,
  bothOf(together(1, ms)),
  bothOf(together(given.statementsOneByOne, ms)),
  bothOf(together(given.commitsOneByOne, ms)),
  // A commit there, and its news back; what is asked is asked at home.
  bothOf(together(2, ms)),
])

await publish(
  'beyond',
  [
    'Simulated, not measured: `npm run bench -- beyond` gives the same numbers on every machine. What it takes as given stands at its top.',
    '',
    '## The line of commits that tell',
    '',
    'What is known to be alive is told by `NOTIFY`, and PostgreSQL lets one commit of a whole cluster at a time do that, from before',
    'its write until after it. How long such a commit takes, its own write among it, by how much of the line is used;',
    `${given.tellsAHelp} of them in a help, and ${given.helpMinutes} minutes a help:`,
    '',
    table(['disk', 'used', 'commits a second', 'helps at once', 'p50 ms', 'p99 ms'], lineRows),
    '',
    '## Partitions by ecosystem',
    '',
    'How much the fullest partition has to carry, of an equal share, where ecosystems are put at random and are as unlike as customers',
    'are (log-normal, sigma 2). Forty ways to put them:',
    '',
    table(['ecosystems', 'partitions', 'in the middle', 'in one of twenty'], partitionRows),
    '',
    '## Oceans',
    '',
    'What distance adds, in ms, at p50 and p99. A partition that lives where its users are adds the first row and nothing else. The columns:',
    'a check that asks; a hand-over whose servers are that far from the database; a hand-over whose every commit needs a majority',
    'that is so far away, as in an engine that is spread; and from a *Stop* until the news is back on the other side.',
    '',
    table(['', 'a check', 'servers far away', 'a majority far away', 'Stop'], oceanRows),
  ].join('\n'),
)
