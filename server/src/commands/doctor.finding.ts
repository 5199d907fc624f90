/** What the doctor found: one line each, and from all of them the exit code. */
import type { Bilingual } from '@amparo/contract/words'
import type { Sentence } from '../cannot.ts'

export interface Finding {
  readonly check: string
  readonly result: 'pass' | 'warn' | 'fail'
  readonly says: Sentence
  /** It failed because something outside did not answer. */
  readonly unreachable?: true
}

export const pass = (check: string, says: Sentence): Finding => ({ check, result: 'pass', says })
export const warn = (check: string, says: Sentence): Finding => ({ check, result: 'warn', says })
export const fail = (check: string, says: Sentence): Finding => ({ check, result: 'fail', says })
export const away = (check: string, says: Sentence): Finding => ({ check, result: 'fail', says, unreachable: true })

/** 3 where something did not answer: what stands behind it could not be looked at. */
export function exitOf(findings: readonly Finding[]): 0 | 1 | 3 {
  if (findings.some((one) => one.unreachable)) return 3
  return findings.some((one) => one.result === 'fail') ? 1 : 0
}

export const clockLimitSeconds = 30

/** How far our clock is from another's, as that other told it within a round trip. */
export function ofClock(check: string, theirs: Date, whose: Bilingual, now = Date.now()): Finding {
  const seconds = Math.round(Math.abs(now - theirs.getTime()) / 1000)
  if (seconds <= clockLimitSeconds)
    return pass(check, { en: `within ${seconds} s of ${whose.en}`, es: `a ${seconds} s de ${whose.es}` })
  return fail(check, {
    en: `This machine's clock is ${seconds} s away from ${whose.en}. One-time codes and tokens would be refused: switch on time synchronisation (timedatectl set-ntp true).`,
    es: `El reloj de esta máquina está a ${seconds} s de ${whose.es}. Se rechazarían códigos y llaves: activa la sincronización (timedatectl set-ntp true).`,
  })
}
