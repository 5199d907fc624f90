/**
 * Passwords: argon2id, hashed a few at a time so that a flood of sign-ins waits in a line instead of taking the machine,
 * and what a password must not be.
 */
import { hash, verify } from '@node-rs/argon2'

/** Argon2id as OWASP has it: 19 MiB, two passes, one lane. The parameters stand in each hash. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const atOnce = 2
const waitingAtMost = 100

let running = 0
const line: (() => void)[] = []

/** Runs `work` when its turn comes; undefined where the line is too long already. */
async function inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
  if (running >= atOnce) {
    if (line.length >= waitingAtMost) return undefined
    await new Promise<void>((turn) => line.push(turn))
  } else running += 1
  try {
    return await work()
  } finally {
    const next = line.shift()
    if (next) next()
    else running -= 1
  }
}

const decoy = hash('nobody has this password', cost)

/**
 * Whether this is the password behind `kept`; an account without one takes as long and is never right. Undefined: too
 * many are waiting, ask again later.
 */
export async function matches(kept: string | undefined, password: string): Promise<boolean | undefined> {
  const against = kept ?? (await decoy)
  const right = await inTurn(() => verify(against, password))
  return right === undefined ? undefined : right && kept !== undefined
}

/** The hash to keep. */
export async function hashed(password: string): Promise<string> {
  const made = await inTurn(() => hash(password, cost))
  if (made === undefined) throw new Error('too many passwords are being hashed')
  return made
}

const shortest = 15

/** Whether a password is too easy to guess: too short, one thing repeated, or made of what everybody knows about them. */
export function isTooWeak(password: string, about: readonly string[]): boolean {
  if ([...password].length < shortest) return true
  const plain = password.toLowerCase()
  if (new Set(plain).size < 5) return true
  let rest = plain
  for (const word of about.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))) {
    if (word.length >= 3) rest = rest.replaceAll(word, '')
  }
  return [...rest.replace(/[\s\d._-]/g, '')].length < 4
}
