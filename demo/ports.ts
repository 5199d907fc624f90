/** Which ports a demo takes: a block of its own, all of it free. */
import { createServer } from 'node:net'
import type { Sentence } from '@amparo/server/cannot'
import { CannotStart } from '@amparo/server/config'

const usualPort = 4000
/** The console, the issuer, the user's page, and the three products. */
export const usualOffsets: readonly number[] = [0, 1, 2, 10, 11, 12]

/** A port that was named is never exchanged; where none was, a block that is taken is left to whoever has it. */
export async function freeBlock(offsets = usualOffsets): Promise<{ readonly port: number; readonly moved?: Sentence }> {
  const inWay = await holderOfBlock(usualPort, offsets)
  if (inWay === undefined) return { port: usualPort }
  for (let port = usualPort + 100; port < usualPort + 1000; port += 100) {
    if ((await holderOfBlock(port, offsets)) !== undefined) continue
    const moved = {
      en: `${inWay} is used by another program; this demo starts at ${port}`,
      es: `${inWay} lo usa otro programa; esta demostración empieza en ${port}`,
    }
    return { port, moved }
  }
  throw new CannotStart([
    {
      en: 'No block of ports from 4000 to 4900 is free. Name one: npm start -- --port 5000',
      es: 'Ningún bloque de puertos de 4000 a 4900 está libre. Nombra uno: npm start -- --port 5000',
    },
  ])
}

/** The first port of this block that somebody listens on. */
async function holderOfBlock(first: number, offsets: readonly number[]): Promise<number | undefined> {
  for (const port of offsets.map((offset) => first + offset)) if (!(await isFree(port))) return port
  return undefined
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const probe = createServer()
    probe.once('error', () => answer(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)))
  })
