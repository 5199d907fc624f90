/** Random values, and comparing them without telling how far a guess was right. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export function freshSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

export function sameSecret(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest())
}
