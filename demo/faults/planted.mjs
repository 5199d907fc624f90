/**
 * Loaded into a server that is to suffer (`NODE_OPTIONS=--import`): each signal brings about a breakage, and
 * AMPARO_CLOCK_OFF_MS puts the process's own clock wrong by so much.
 */
const breakages = {
  // A turn of the loop that takes two seconds.
  SIGUSR2() {
    const end = performance.now() + 2000
    while (performance.now() < end);
  },
  SIGHUP: () => void Promise.reject(new Error('planted')),
  SIGWINCH: () =>
    setImmediate(() => {
      throw new Error('planted')
    }),
  // More and more memory, until there is none.
  SIGURG() {
    const held = []
    for (;;) held.push(new Array(100_000).fill(held.length))
  },
}
for (const [signal, breakage] of Object.entries(breakages)) process.on(signal, breakage)

const offMs = Number(process.env.AMPARO_CLOCK_OFF_MS ?? 0)
const { now } = Date
globalThis.Date = class extends Date {
  constructor(...given) {
    if (given.length === 0) super(now() + offMs)
    else super(...given)
  }
  static now() {
    return now() + offMs
  }
}
