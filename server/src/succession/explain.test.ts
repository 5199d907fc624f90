import type { TimelineSeen } from '@amparo/contract/succession'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ecoSuccession } from './definition.ts'
import { asText, explain } from './explain.ts'
import { reasons } from './reasons.ts'
import { type Act, caseStates, type Entry, entryTypes } from './succession.ts'
import { entry, reader, rejectedCase, testNow } from './testing.ts'
import { nobodyNamed, timeline } from './timeline.ts'

const idsOf = ({ attempts, ahead }: Pick<TimelineSeen, 'attempts' | 'ahead'>) => [
  ...attempts.flatMap((one) => one.entries.map(({ id }) => id)),
  ...ahead.map(({ id }) => id),
]

test('a rejection shows both failed rules first with then, now and needed, and the other three with ✓', () => {
  const details = explain(rejectedCase(), 'e9', reader())
  expect(details?.title).toBe('The validation process for the successor was rejected by Acme')
  expect(details?.checks.map(({ mark, rule, found, now, needed }) => [mark, rule, found, now, needed])).toEqual([
    ['✗', 'Recent activity', '47 days without activity', '50 days without activity', 'at most 30 days'],
    ['✗', 'The membership is paid', 'overdue', 'overdue', 'up to date'],
    ['✓', 'The account is active', 'active', 'active', 'active'],
    ['✓', 'A second factor is on', 'on', 'on', 'on'],
    ['✓', 'The e-mail is verified', 'verified', undefined, 'verified'],
  ])
  expect(details?.remedies[0]).toBe('The successor signs in once to their own account; the check runs again.')
  expect(details?.attempt).toBe('Attempt 1 of 3')
  expect(details?.release).toEqual({
    possible: true,
    entryId: 'e9',
    stillFails: ['Recent activity: 50 days without activity', 'The membership is paid: overdue'],
  })
})

test('the same in Spanish, to the successor, in their own words', () => {
  const details = explain(rejectedCase(), 'e9', reader({ language: 'es', viewer: 'successor' }))
  expect(details?.title).toBe('Su proceso de validación fue rechazado por Acme')
  expect(details?.checks.slice(0, 2).map(({ mark, found, now, needed }) => [mark, found, now, needed])).toEqual([
    ['✗', '47 días sin actividad', '50 días sin actividad', 'como máximo 30 días'],
    ['✗', 'en mora', 'en mora', 'al día'],
  ])
  expect(details?.when?.text).toMatch(/19 nov 2026, 11:42 CET/)
  expect(details?.when?.relative).toBe('hace 3 días')
  expect(details?.acts).toEqual([])
  expect(details?.release).toBeUndefined()
  expect(details && asText(details)).toMatch(
    /✗ Actividad reciente: entonces 47 días.* ahora 50 días.* se necesita como máximo 30 días/,
  )
})

test('a step that waits for somebody to answer a message lets it be sent again; the others do not', () => {
  const at = (stepKey: string) =>
    rejectedCase({ blocked: false, entries: [entry(1, 2, { type: 'step.opened', stepKey, attempt: 1 })] })
  const offers = (stepKey: string) => explain(at(stepKey), 'e1', reader())?.acts.includes('resend_message')
  const keys = ecoSuccession.steps.map(({ key }) => key)
  expect(keys.filter(offers)).toEqual([
    'invitation_sent',
    'invitation_answered',
    'successor_activated',
    'duties_confirmed',
  ])
})

test('what was mended since is shown as that, and no longer advised first', () => {
  const one = rejectedCase()
  const mended = rejectedCase({ successor: { ...one.successor, lastActivityAt: testNow } })
  const details = explain(mended, 'e9', reader())
  expect(details?.checks[0]).toMatchObject({
    found: '47 days without activity',
    now: '0 days without activity',
    passesNow: true,
  })
  expect(details?.remedies[0]).toMatch(/^Settle the membership/)
  expect(details?.release?.stillFails).toEqual(['The membership is paid: overdue'])
})

test('where nobody recorded the checks, the values are computed and marked as of now', () => {
  const one = rejectedCase()
  const bare = rejectedCase({ entries: one.entries.map((each) => ({ ...each, checks: [] })) })
  const details = explain(bare, 'e9', reader())
  expect(details?.checksNote).toMatch(/as of now/)
  expect(details?.checks.map(({ mark, found, now }) => [mark, found, now])).toEqual([
    ['✗', undefined, '50 days without activity'],
    ['✗', undefined, 'overdue'],
    ['✓', undefined, 'active'],
  ])
})

test('every entry has details with a time in its zone, in words, who, and what comes next; none is empty', () => {
  for (const viewer of ['agent', 'owner', 'successor'] as const) {
    for (const language of ['en', 'es'] as const) {
      const to = reader({ viewer, language })
      const list = timeline(rejectedCase({ dueAt: new Date(testNow.getTime() + 11_520_000) }), to)
      expect(list.standing.due?.relative).toBe({ en: 'in 3 h 12 min', es: 'dentro de 3 h 12 min' }[language])
      const ids = idsOf(list)
      expect(ids).toHaveLength(9 + 6)
      for (const id of ids) {
        const details = explain(rejectedCase(), id, to)
        expect(details, id).toBeDefined()
        for (const text of [
          details?.title,
          details?.word,
          details?.who,
          details?.meaning,
          details?.next,
          details?.reference,
        ])
          expect(text, id).toMatch(/\S/)
        if (id.startsWith('e')) expect(details?.when?.text, id).toMatch(/2026, \d\d:\d\d (CET|CEST|GMT\+\d)/)
      }
    }
  }
})

const release: Act = {
  id: 'rl_1',
  act: 'release',
  at: new Date(testNow.getTime() - 60_000),
  agentName: 'Ana Robles',
  assistanceId: 'as_1',
  stepKey: 'validation_review',
  reason: 'support.user_asked',
  note: 'They paid today; checked with billing.',
  result: 'done',
}

test('a release is an entry of its own that names agent, reason and assistance, begins the next attempt, and leaves the rejection its details', () => {
  const released = rejectedCase({ acts: [release] })
  const list = timeline(released, reader())
  expect(list.attempts.map(({ attempt, entries }) => [attempt, entries.length])).toEqual([
    [1, 9],
    [2, 1],
  ])
  const details = explain(released, 'rl_1', reader())
  expect(details?.who).toBe('Ana Robles (Support)')
  expect(details?.reason?.text).toBe('The user asked for it')
  expect(details?.reference).toBe('SUC-1 · as_1')
  expect(explain(released, 'e9', reader())?.checks).toHaveLength(5)
})

test('an act that the vendor also tells of stands once', () => {
  const told = rejectedCase({
    acts: [release],
    entries: [
      ...rejectedCase().entries,
      entry(10, 0, { type: 'support.released', actorKind: 'agent', actorId: 'Ana', sourceRef: 'rl_1', attempt: 2 }),
    ],
  })
  const list = timeline(told, reader())
  expect(list.attempts.at(-1)?.entries.map(({ sentence, who }) => [sentence, who])).toEqual([
    ['Support released the process', 'Ana Robles (Support)'],
  ])
})

test('a note between agents is for agents', () => {
  const noted = rejectedCase({ acts: [{ ...release, id: 'no_1', act: 'add_note', note: 'SECRET note' }] })
  expect(JSON.stringify(timeline(noted, reader()))).toContain('no_1')
  for (const viewer of ['owner', 'successor'] as const) {
    expect(JSON.stringify(timeline(noted, reader({ viewer })))).not.toContain('no_1')
    expect(explain(noted, 'no_1', reader({ viewer }))).toBeUndefined()
    expect(JSON.stringify(explain(noted, 'e9', reader({ viewer })))).not.toContain('SECRET')
  }
})

test('no successor named: the sentence, and what the owner has to do', () => {
  expect(nobodyNamed('es')).toMatchObject({
    standing: { sentence: 'En este ecosistema no se ha designado a ningún sucesor.' },
    empty: expect.stringMatching(/El titular entra en su propia cuenta/),
  })
})

test('an objection or a hold among the entries holds the case until it is lifted, whatever the column of holds says', () => {
  const { entries } = rejectedCase()
  const withEntry = (...more: readonly Entry[]) => rejectedCase({ entries: [...entries, ...more] })
  const objection = entry(10, 1, { type: 'owner.objected', reason: 'owner.objected', actorKind: 'owner' })
  expect(timeline(withEntry(objection), reader()).release).toMatchObject({
    possible: false,
    why: expect.stringMatching(/on hold/),
  })
  expect(timeline(withEntry(objection), reader()).standing).toMatchObject({
    tone: 'paused',
    sentence: 'On hold: The owner objected. Nothing moves and no time limit runs.',
  })
  expect(timeline(withEntry(entry(10, 1, { type: 'hold.placed' })), reader()).release.possible).toBe(false)
  const lifted = withEntry(objection, entry(11, 1, { type: 'hold.lifted' }))
  expect(timeline(lifted, reader()).release.possible).toBe(true)
})

test('a suspicion says nothing by its documents, its messages, or the step that it stopped at', () => {
  const { entries } = rejectedCase()
  const suspected = rejectedCase({
    entries: [
      ...entries.slice(0, 6),
      entry(7, 4, {
        type: 'step.rejected',
        stepKey: 'evidence_submitted',
        reason: 'evidence.forged',
        messages: [{ channel: 'email', to: 's•••', state: 'bounced' }],
        evidence: [{ kind: 'death_certificate', state: 'rejected' }],
      }),
    ],
  })
  const list = timeline(suspected, reader())
  expect(list.ahead[0]).toMatchObject({ tone: 'paused', word: 'In review' })
  expect(explain(suspected, 'evidence_submitted', reader())?.meaning).toMatch(/^The review team is looking into it/)
  expect(explain(suspected, 'e7', reader())).toMatchObject({ messages: [], evidence: [] })
})

test('each message shows how far it came, in words; one that did not arrive makes its entry a problem', () => {
  const { entries } = rejectedCase()
  const sent = (state: string) =>
    rejectedCase({
      entries: [
        ...entries,
        entry(10, 0, {
          type: 'step.done',
          stepKey: 'invitation_sent',
          messages: [{ channel: 'email', to: 'r•••@l•••.test', state }],
        }),
      ],
    })
  const fateOf = (state: string, language: 'en' | 'es') => {
    const shown = explain(sent(state), 'e10', reader({ language }))?.messages
    const listed = timeline(sent(state), reader()).attempts.flatMap((one) => one.entries)
    return [shown?.map(({ to, fate, tone }) => [to, fate, tone]), listed.find(({ id }) => id === 'e10')?.problem]
  }
  const to = 'r•••@l•••.test'
  expect(fateOf('bounced', 'en')).toEqual([[[to, 'came back', 'problem']], true])
  expect(fateOf('failed', 'es')).toEqual([[[to, 'no se pudo enviar', 'problem']], true])
  expect(fateOf('opened_link', 'en')).toEqual([[[to, 'link used', 'done']], false])
  expect(fateOf('delivered', 'es')).toEqual([[[to, 'entregado', 'done']], false])
})

test('words that every object has are only words: nothing breaks, and they are shown as they came', () => {
  const { entries } = rejectedCase()
  for (const word of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const odd = rejectedCase({
      hold: word,
      entries: [
        ...entries,
        entry(10, 0, {
          type: 'step.rejected',
          reason: word,
          messages: [{ channel: word, to: word, state: word }],
          evidence: [{ kind: word, state: word }],
          checks: [
            { key: word, result: 'fail', observed: word, required: word, reason: word },
            { key: 'membership_paid', result: 'fail', observed: word, required: word },
          ],
        }),
      ],
    })
    for (const viewer of ['agent', 'owner', 'successor'] as const)
      expect(explain(odd, 'e10', reader({ viewer })), word).toMatchObject({
        messages: [{ channel: word, fate: word }],
        evidence: [{ fate: word }],
      })
    expect(timeline(odd, reader()).standing.sentence).toContain(word)
  }
})

test('a value that is no number of days, and a limit that is none, are shown as the vendor wrote them', () => {
  const { entries } = rejectedCase()
  const checks = [{ key: 'activity', result: 'fail', observed: '2026-03-01', required: 'one sign-in a month' }] as const
  const odd = rejectedCase({ entries: [...entries, entry(10, 0, { type: 'step.rejected', checks })] })
  expect(explain(odd, 'e10', reader())?.checks[0]).toMatchObject({ found: '2026-03-01', needed: 'one sign-in a month' })
  expect(explain(odd, 'e10', reader())?.checks[0]?.passesNow).toBeUndefined()
})

// ── What nobody may read ────────────────────────────────────────────────────────────────────────────────────────────

const secret = 'SECRET'
const fraud = ['evidence.forged', 'identity.impersonation']
const words = fc.constantFrom('x', 'y z', 'plain words')
const stepKeys = ecoSuccession.steps.map(({ key }) => key)

/** Entries of every kind; where the reason is a suspicion, everything free in them is marked as secret. */
const anyEntry = fc
  .record({
    type: fc.constantFrom(...entryTypes),
    stepKey: fc.option(fc.constantFrom(...stepKeys), { nil: undefined }),
    reason: fc.option(fc.constantFrom(...Object.keys(reasons)), { nil: undefined }),
    days: fc.integer({ min: 0, max: 90 }),
    text: words,
    suspicious: fc.boolean(),
    checkReason: fc.constantFrom('claim.other_live', ...fraud, 'eligibility.mfa_off'),
  })
  .map(({ type, stepKey, reason, days, text, suspicious, checkReason }) => (seq: number): Entry => {
    const hidden = suspicious || (reason !== undefined && fraud.includes(reason))
    const free = hidden ? secret : text
    const checkHidden = hidden || checkReason !== 'eligibility.mfa_off'
    return entry(seq, days, {
      type,
      ...(stepKey === undefined ? {} : { stepKey }),
      reason: hidden && !fraud.includes(reason ?? '') ? (fraud[seq % 2] ?? '') : (reason ?? 'owner.alive'),
      note: free,
      actorKind: 'reviewer',
      actorId: secret,
      sourceText: hidden ? secret : type === 'note' ? 'the vendor’s words' : text,
      checks: [
        {
          key: checkHidden ? secret : 'second_factor',
          result: 'fail',
          observed: checkHidden ? secret : 'off',
          required: checkHidden ? secret : 'on',
          reason: checkReason,
        },
      ],
      messages: [{ channel: 'email', to: hidden ? secret : 'r•••@l•••.test', state: hidden ? secret : 'delivered' }],
      evidence: [{ kind: hidden ? secret : 'death_certificate', state: hidden ? secret : 'accepted' }],
    })
  })
/** What only agents read: words of the vendor's that are none of ours. */
const theirs = 'THEIRS'

const anyCase = fc
  .record({
    entries: fc.array(anyEntry, { maxLength: 12 }),
    blocked: fc.boolean(),
    state: fc.constantFrom(...caseStates),
    hold: fc.option(fc.constantFrom(...fraud, 'owner.objected', theirs), { nil: undefined }),
    rivals: fc.integer({ min: 0, max: 3 }),
    unknown: fc.boolean(),
  })
  .map(({ entries, blocked, state, hold, rivals, unknown }) => {
    const made = rejectedCase({
      entries: [
        ...entries.map((make, at) => make(at + 1)),
        entry(90, 0, { type: 'note', sourceText: theirs, sourceRef: theirs, reason: theirs }),
        entry(91, 0, { type: 'hold.lifted', sourceText: theirs, sourceRef: theirs, reason: theirs, actorId: theirs }),
      ],
      blocked,
      state,
      stateText: unknown ? theirs : state,
      rivals,
      ...(hold === undefined ? {} : { hold }),
      acts: [{ ...release, id: 'no_2', act: 'add_note', note: 'SECRET between agents', agentName: 'Ana' }],
    })
    const { state: _ours, ...withoutState } = made
    return unknown ? withoutState : made
  })

test('whatever a case holds, no reader gets the reason of a suspicion, another claimant or a reviewer’s name; users get no note between agents', () => {
  fc.assert(
    fc.property(
      anyCase,
      fc.constantFrom('agent', 'owner', 'successor'),
      fc.constantFrom('en', 'es'),
      (one, viewer, language) => {
        const to = reader({ viewer, language })
        const list = timeline(one, to)
        const told = [list, ...idsOf(list).map((id) => explain(one, id, to)), explain(one, 'no_2', to)]
        const text = JSON.stringify(told)
        const allowed = viewer === 'agent' ? text.replaceAll('SECRET between agents', '') : text
        expect(allowed).not.toContain(secret)
        if (viewer !== 'agent') expect(text).not.toContain(theirs)
        for (const code of fraud) {
          expect(text).not.toContain(code)
          expect(text).not.toContain(reasons[code]?.title[language])
        }
        for (const id of idsOf(list)) expect(explain(one, id, to)?.title).toMatch(/\S/)
      },
    ),
    { numRuns: 300 },
  )
})
