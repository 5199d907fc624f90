import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { definitionFaults, definitionWith, ecoSuccession, medicalPractice, objectionWindows } from './definition.ts'
import { reasonOf, reasons, supportReasons } from './reasons.ts'
import { entryTypes } from './succession.ts'
import { evidenceKinds, look, steps } from './words.ts'

const help = join(import.meta.dirname, '../../../docs/help')
const hasPage = (language: string, topic: string) => existsSync(join(help, language, `${topic}.md`))

test('the fourteen steps load with both titles, a help page in both languages and known reasons; the pack adds two', () => {
  expect(ecoSuccession.steps).toHaveLength(14)
  expect(definitionWith(['medical_practice']).steps).toHaveLength(16)
  expect(definitionFaults(ecoSuccession, hasPage)).toEqual([])
  expect(definitionFaults(definitionWith(['medical_practice']), hasPage)).toEqual([])
  expect(Object.keys(objectionWindows)).toHaveLength(6)
})

test('each step has its phase, who acts, how long they have, what comes then, and how often it may be tried', () => {
  const rows = definitionWith(['medical_practice']).steps.map(({ key, phase, actors, deadline, attempts, help }) => {
    const { after, afterwards, reminders = [], classic } = deadline ?? {}
    return [
      key,
      phase,
      actors.join('/'),
      [after, afterwards, ...reminders, classic].filter(Boolean).join(' '),
      attempts,
      help,
    ]
  })
  expect(rows).toEqual([
    ['successor_named', 'designation', 'owner', '', 1, 'choosing-a-successor'],
    ['eligibility_check', 'designation', 'system', 'PT1H escalate', 5, 'eligibility-rules'],
    ['invitation_sent', 'designation', 'system', 'PT24H escalate', 5, 'messages-that-do-not-arrive'],
    ['invitation_answered', 'designation', 'successor', 'P7D expire P2D P5D PT48H', 3, 'accepting-a-designation'],
    ['successor_activated', 'designation', 'successor', 'PT30M expire PT5M', 10, 'activation-link-and-qr'],
    ['claim_opened', 'claim', 'successor/owner', '', 1, 'when-to-claim'],
    ['evidence_submitted', 'claim', 'successor', 'P14D expire P3D P10D', 3, 'documents-by-reason'],
    ['identity_verified', 'claim', 'successor', 'P7D expire', 3, 'identity-verification'],
    ['validation_review', 'claim', 'reviewer', 'PT48H escalate PT96H', 3, 'how-review-works'],
    ['objection_window', 'claim', 'owner', 'by_trigger elapse_ok', 1, 'objecting-to-a-claim'],
    ['duties_confirmed', 'transfer', 'successor', 'PT72H expire', 2, 'duties-of-the-owner'],
    ['ownership_applied', 'transfer', 'system', 'PT1H escalate', 5, 'what-changes-at-transfer'],
    ['billing_restored', 'aftercare', 'successor', 'P15D escalate', 10, 'billing-after-transfer'],
    ['parties_informed', 'aftercare', 'system', 'PT24H escalate', 5, 'who-is-informed'],
    ['custodian_confirmed', 'aftercare', 'custodian', 'P21D escalate', 5, 'custodian-of-records'],
    ['patients_notified', 'aftercare', 'successor', 'P30D escalate P22M P2Y', 5, 'notifying-patients'],
  ])
  expect(objectionWindows).toEqual({
    voluntary: { after: 'PT24H' },
    death: { after: 'P7D', weak: 'P21D' },
    incapacity: { after: 'P14D' },
    resignation: { after: 'P7D' },
    termination: { after: 'P7D' },
    unreachable: { after: 'P30D' },
  })
})

test('a faulty definition is refused with the step and what it lacks', () => {
  const [first, ...others] = ecoSuccession.steps
  if (!first) throw new Error('no step')
  const faulty = (change: Partial<typeof first>) =>
    definitionFaults({ ...ecoSuccession, steps: [{ ...first, ...change }, ...others] }, hasPage)
  expect(faulty({ title: { en: 'Owner names a successor', es: ' ' } })).toEqual([
    'Step successor_named has no title in es.',
  ])
  expect(faulty({ help: 'nowhere' })).toEqual([
    'Step successor_named needs the help page docs/help/en/nowhere.md.',
    'Step successor_named needs the help page docs/help/es/nowhere.md.',
  ])
  expect(faulty({ reasons: { rejected: ['made.up'], expired: [], other: [] } })).toEqual([
    'Step successor_named gives an unknown reason: made.up.',
  ])
  expect(faulty({ key: 'eligibility_check' })).toContain('Step eligibility_check stands twice in the definition.')
  expect(faulty({ deadline: { after: '7 days', afterwards: 'expire' } })[0]).toMatch(/no ISO 8601 length: 7 days/)
})

test('forty-six reasons and five of support, each in both languages; what can be mended says how', () => {
  expect(Object.keys(reasons)).toHaveLength(46)
  expect(Object.keys(supportReasons)).toHaveLength(5)
  for (const [code, reason] of Object.entries({ ...reasons, ...supportReasons })) {
    expect(reason.title.en, code).toMatch(/\S/)
    expect(reason.title.es, code).toMatch(/\S/)
    if (reason.kind === 'retry') expect(reason.remedy, code).toBeDefined()
    if (reason.kind === 'fraud') expect(reason.remedy, code).toBeUndefined()
  }
  expect(Object.entries(reasons).filter(([, { kind }]) => kind === 'fraud')).toHaveLength(2)
})

test('every reason belongs to a step, and every step and every kind of entry has its sentences', () => {
  const given = [...ecoSuccession.steps, ...medicalPractice].flatMap(({ reasons: { rejected, expired, other } }) => [
    ...rejected,
    ...expired,
    ...other,
  ])
  expect(Object.keys(reasons).filter((code) => !given.includes(code))).toEqual([])
  expect(given.filter((code) => !reasonOf(code))).toEqual([])
  for (const { key } of [...ecoSuccession.steps, ...medicalPractice]) expect(Object.keys(steps)).toContain(key)
  for (const type of entryTypes) expect(look[type].word.es).toMatch(/\S/)
  expect(Object.keys(evidenceKinds).length).toBeGreaterThan(8)
})

test('the help speaks to the person: a title, short, without the words that frighten', () => {
  for (const language of ['en', 'es']) {
    for (const file of readdirSync(join(help, language))) {
      const text = readFileSync(join(help, language, file), 'utf8')
      expect(text, file).toMatch(/^# \S/)
      expect(text.split(/\s+/).length, file).toBeLessThan(180)
      expect(text, file).not.toMatch(/\b(session|timeout|token|MFA|impersonat|sesión|lo sentimos|sorry)|!/i)
    }
  }
})
