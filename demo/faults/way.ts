/**
 * A way to a server on which things go wrong as they do on networks: slow, thin, frozen, swallowing, refusing, cut, or
 * losing one answer after the work was done. It knows bytes and nothing else, so PostgreSQL, SMTP and HTTP go over it alike.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Weather {
  /** How long each piece is under way, and by how much that varies. */
  readonly delayMs?: number
  readonly jitterMs?: number
  readonly bytesPerSecond?: number
  /** `frozen`: nothing passes, and nothing is lost. `silent`: what is sent is swallowed, and nobody is told. */
  readonly passing?: 'all' | 'frozen' | 'silent' | 'only_there'
  /** New connections are closed at once. */
  readonly refusing?: boolean
}
export const fair: Weather = {}

export interface Way {
  readonly port: number
  connections(): number
  become(weather: Weather): void
  /** Ends every connection that there is with a reset. */
  reset(): void
  /**
   * The next thing said that holds these words is heard and done, and its answer is lost with the connection. Resolves
   * when that has happened; with `cut`, new connections are refused from then on.
   */
  loseAnswerTo(words: string, cut?: 'cut'): Promise<void>
  /** Resolves when something of what was sent has been swallowed. */
  swallowed(): Promise<void>
  close(): Promise<void>
}

export type Target = { readonly path: string } | { readonly port: number; readonly host: string }

interface Line {
  readonly near: Socket
  readonly far: Socket
  /** What was swallowed once cannot be made good: such a line stays silent. */
  spoilt: boolean
  losing: boolean
}

export async function wayTo(target: Target): Promise<Way> {
  let weather = fair
  let count = 0
  let lost: { words: string; cut: boolean; done(): void } | undefined
  const lines = new Set<Line>()
  let swallow = () => {}
  let thaw = () => {}
  let thawed = Promise.resolve()

  /** Carries the pieces of one direction, in their order. */
  const carry = (line: Line, from: Socket, to: Socket, side: 'there' | 'back') => {
    let last: Promise<unknown> = Promise.resolve()
    let due = 0
    from.on('data', (piece: Buffer) => {
      if (line.spoilt || isLost(line, piece, side)) return
      const { passing = 'all', delayMs = 0, jitterMs = 0, bytesPerSecond } = weather
      if (passing === 'silent' || (passing === 'only_there' && side === 'back')) {
        line.spoilt = true
        swallow()
        return
      }
      const transfer = bytesPerSecond === undefined ? 0 : (piece.length / bytesPerSecond) * 1000
      due = Math.max(due, performance.now() + delayMs + Math.random() * jitterMs) + transfer
      const mine = due
      last = last.then(async () => {
        if (mine > performance.now()) await pause(mine - performance.now())
        while (weather.passing === 'frozen') await thawed
        if (!to.destroyed) to.write(piece)
      })
    })
    from.on('end', () => void last.then(() => to.end()))
    from.on('error', () => undefined)
    from.on('close', () => {
      lines.delete(line)
      void last.then(() => to.destroy())
    })
  }

  /** Whether this piece is the answer that is to be lost. */
  const isLost = (line: Line, piece: Buffer, side: 'there' | 'back'): boolean => {
    if (lost && side === 'there' && piece.includes(lost.words)) line.losing = true
    if (!lost || !line.losing || side === 'there') return false
    if (lost.cut) weather = { refusing: true }
    for (const one of lost.cut ? lines : [line]) hangUp(one)
    lost.done()
    lost = undefined
    return true
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (weather.refusing) {
      near.destroy()
      return
    }
    count += 1
    const line: Line = { near, far: connect({ ...target, allowHalfOpen: true }), spoilt: false, losing: false }
    lines.add(line)
    carry(line, near, line.far, 'there')
    carry(line, line.far, near, 'back')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    become(next) {
      weather = next
      thaw()
      thawed = new Promise((resolve) => {
        thaw = resolve
      })
    },
    reset() {
      for (const line of lines) hangUp(line)
    },
    loseAnswerTo: (words, cut) =>
      new Promise((done) => {
        lost = { words, cut: cut !== undefined, done }
      }),
    swallowed: () =>
      new Promise((resolve) => {
        swallow = resolve
      }),
    close: () =>
      new Promise((resolve) => {
        weather = fair
        thaw()
        for (const { near, far } of lines) for (const socket of [near, far]) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function hangUp({ near, far }: Line): void {
  near.resetAndDestroy()
  far.destroy()
}

/** A way to a database, and its address over it. */
export async function wayToDatabase(url: string): Promise<Way & { readonly url: string }> {
  const database = new URL(url)
  const socket = database.searchParams.get('host')
  const port = Number(database.port || 5432)
  const way = await wayTo(socket ? { path: `${socket}/.s.PGSQL.${port}` } : { host: database.hostname, port })
  database.searchParams.delete('host')
  database.hostname = '127.0.0.1'
  database.port = String(way.port)
  return { ...way, url: database.href }
}
