/** For journeys: the first factor of an agent, and what an app shows, worked out from its secret alone (RFC 6238). */
import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { Play } from './script.ts'

/** Presses what adds this agent's first factor, and types the code that goes to their mailbox for it. */
export async function firstFactor(play: Play, page: Page, name: string, press: string): Promise<void> {
  const to = `${name}@acme.test`
  const before = (await play.lettersTo(to)).length
  await page.getByRole('button', { name: press }).click()
  const { codes } = await play.newLetter(to, before)
  await page.getByRole('textbox', { name: 'Your code' }).fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Confirm' }).click()
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** The six digits of this moment; `steps` later or earlier. */
export function codeOf(secret: string, steps = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const at = (mac[19] ?? 0) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Six digits that are none of this secret's by now. */
export function wrongCodeOf(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !near.includes(code)) ?? '777777'
}
