/** One node of `revoke.ts`: what is alive, in a memory of its own, and when it refuses. */
import { setTimeout as pause } from 'node:timers/promises'
import { postgres } from '../server/src/database/database.ts'
import { tokenDigest } from '../server/src/secrets.ts'
import { sessionOf, tokenOf } from '../server/src/surfaces/many.testing.ts'
import { remembered } from '../server/src/surfaces/remembered.ts'

export interface Asked {
  readonly session: number
  readonly how: 'hearing' | 'asking'
}
export type Said =
  | { readonly what: 'ready'; readonly at: number }
  | { readonly what: 'waits' | 'refused'; readonly session: number; readonly at: number }

const [databaseUrl = '', earsUrl = '', from = '0', to = '0'] = process.argv.slice(2)
const say = (said: Said) => process.send?.(said)
const now = (): number => Number(process.hrtime.bigint()) / 1e6
const log = (message: string, about: object) => console.error(message, about)

const db = postgres(databaseUrl, { max: 2 })
const ears = postgres(earsUrl, { max: 1 })
const memory = await remembered({ db, ears, log })
const isAlive = async (n: number) => (await memory.check(tokenDigest(tokenOf(n)), 'portal')) !== undefined

const heardAt = new Map<string, (at: number) => void>()
memory.follow({ heard: (id) => heardAt.get(id)?.(now()), beat: () => undefined })

process.on('message', async ({ session, how }: Asked) => {
  const heard = new Promise<number>((resolve) => heardAt.set(sessionOf(session).assistance, resolve))
  say({ what: 'waits', session, at: now() })
  if (how === 'asking') while (await isAlive(session)) await pause(5)
  const at = how === 'asking' ? now() : await heard
  if (await isAlive(session)) throw new Error(`session ${session} is alive after it was heard to have ended`)
  say({ what: 'refused', session, at })
})
process.on('disconnect', async () => {
  await memory.close()
  await Promise.all([db.close(), ears.close()])
  process.exit(0)
})

while (!memory.standing().hears) await pause(20)
for (let n = Number(from); n < Number(to); n += 1) if (!(await isAlive(n))) throw new Error(`session ${n} is not alive`)
const { asked } = memory.standing()
for (let n = Number(from); n < Number(to); n += 1) await isAlive(n)
if (memory.standing().asked !== asked) throw new Error('what was asked about is not remembered')
say({ what: 'ready', at: now() })
