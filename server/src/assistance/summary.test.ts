import { becauses, outcomes } from '@amparo/contract/words'
import { describe, expect, test } from 'vitest'
import { type Summarized, summaryOf } from './summary.ts'

const at = (time: string) => new Date(`2026-11-22T${time}:07.123Z`)
const web = { name: { en: 'Web', es: 'Web' }, openedAt: at('10:45'), acts: 2 }
const store = { name: { en: 'User store', es: 'Tienda' }, openedAt: at('10:47'), acts: 1 }
const whole: Summarized = {
  agent: 'Ana Robles',
  user: 'Marta Ruiz',
  ecosystem: 'Clínica Sol',
  reason: { en: 'Billing', es: 'Facturación' },
  openedAt: at('10:42'),
  closedAt: at('10:57'),
  consent: { at: at('10:44'), by: 'page' },
  powers: 'look',
  surfaces: [web, store],
  because: 'finished',
  outcome: 'solved',
  timeZone: 'UTC',
}

test('a finished one reads, line by line, as a colleague would have written it', () => {
  expect(summaryOf(whole).en.split('\n')).toEqual([
    'Ana Robles helped Marta Ruiz (Clínica Sol) on 22 Nov 2026, 10:42 to 10:57 (UTC).',
    'Reason: Billing.',
    'Consent at 10:44, on their page with two digits read aloud, for looking only.',
    'Opened: Web at 10:45 (2 acts on record), User store at 10:47 (1 act on record).',
    'Finished by the agent. Solved.',
  ])
  expect(summaryOf(whole).es.split('\n')).toEqual([
    'Ana Robles ayudó a Marta Ruiz (Clínica Sol) el 22 nov 2026, de 10:42 a 10:57 (UTC).',
    'Motivo: Facturación.',
    'Consentimiento a las 10:44, en su página con dos cifras leídas en voz alta, para solo mirar.',
    'Se abrió: Web a las 10:45 (2 actos registrados), Tienda a las 10:47 (1 acto registrado).',
    'Terminada por el agente. Resuelto.',
  ])
})

describe('says what was not', () => {
  test('no consent: nobody was helped, and nothing was opened', () => {
    const { en, es } = summaryOf({
      ...whole,
      consent: undefined,
      because: 'declined_by_user',
      outcome: undefined,
      surfaces: [],
    })
    expect(en).toContain('asked to help Marta Ruiz')
    expect(en).toContain('No consent was given and nothing was opened.')
    expect(es).toContain('quiso ayudar a Marta Ruiz')
  })
  test('nobody found, nothing opened, no acts', () => {
    const nobody = {
      ...whole,
      user: undefined,
      ecosystem: undefined,
      consent: undefined,
      because: 'user_not_found' as const,
    }
    expect(summaryOf(nobody).en).toContain('Ana Robles asked to help somebody on')
    expect(summaryOf({ ...whole, surfaces: [] }).es).toContain('No se abrió nada.')
    expect(summaryOf({ ...whole, surfaces: [{ ...web, acts: 0 }] }).en).toContain('(no acts on record)')
  })
})

test('the hours are those of the vendor, and another day is named', () => {
  const { en, es } = summaryOf({
    ...whole,
    openedAt: at('22:50'),
    closedAt: new Date('2026-11-22T23:20:00Z'),
    timeZone: 'Europe/Madrid',
  })
  expect(en).toContain('22 Nov 2026, 23:50 to 23 Nov 2026, 00:20 (Europe/Madrid)')
  expect(es).toContain('de 23:50 a 23 nov 2026, 00:20')
})

test('every ending and every outcome has its sentence in both languages', () => {
  for (const because of becauses)
    for (const outcome of [undefined, ...outcomes]) {
      const { en, es } = summaryOf({ ...whole, because, outcome })
      expect([en.split('\n').length, es.split('\n').length]).toEqual([5, 5])
      expect(en.split('\n').at(-1)).not.toBe(es.split('\n').at(-1))
      expect(`${en}${es}`).not.toMatch(/undefined|!|sorry/i)
    }
})
