/** What was typed on the first stage: kept in this tab for whoever typed it, so that a reload or a lost connection loses nothing. */
import type { Assistance, AssistanceLine, OpenInput } from '@amparo/contract/assistance'
import { type Because, type Kind, type ReasonCode, reasonCode } from '@amparo/contract/words'
import { keep, readKept } from './kept.ts'

export interface Draft {
  readonly email: string
  readonly reason: ReasonCode | ''
  readonly line: string
  readonly who: 'user' | 'somebody'
  readonly caller: string
  readonly ticket: string
}

export const emptyDraft: Draft = { email: '', reason: '', line: '', who: 'user', caller: '', ticket: '' }
const current = 'draft'
const of = (id: string) => `${current}.${id}`

/** Whether this can be a code of the vendor's list; whether it is one, the list itself says. */
export const isReason = (text: string): text is ReasonCode => reasonCode.safeParse(text).success

function read(agent: string, key: string): Draft | undefined {
  const kept = readKept(agent, key)
  return typeof kept === 'object' && kept !== null ? { ...emptyDraft, ...(kept as Partial<Draft>) } : undefined
}

export const keptDraft = (agent: string): Draft => read(agent, current) ?? emptyDraft
export const keepDraft = (agent: string, draft: Draft) => keep(agent, current, draft)

/** After opening: the form is empty again, and what it held stays with the assistance for *Start again*. */
export function fileDraft(agent: string, id: string, draft: Draft): void {
  keep(agent, of(id), draft)
  keep(agent, current, undefined)
}

/** Where one of this kind is begun. */
export const beginningOf = (kind: Kind) => (kind === 'succession' ? '/ecosystem' : '/assist')

export const emailTypedFor = (agent: string, id: string): string | undefined => read(agent, of(id))?.email

/** Not where agent and user are kept apart for a while: the server would refuse it. */
export const mayStartAgain = (because: Because | undefined): boolean =>
  because !== 'reported_by_user' && because !== 'too_many_attempts'

/** The same again: what was typed here, or what the server still shows of it. Consent is always new. */
export function draftAgain(agent: string, it: Assistance): Draft {
  const typed = read(agent, of(it.id))
  const email = it.user?.email ?? typed?.email ?? ''
  return typed ? { ...typed, email } : { ...sameOf(it), email }
}

export const draftOfLine = (line: AssistanceLine): Draft => ({ ...sameOf(line), email: line.userEmail ?? '' })

const sameOf = (it: Assistance | AssistanceLine): Draft => ({
  ...emptyDraft,
  reason: it.reason.code,
  line: it.reason.line ?? '',
  who: it.caller === undefined ? 'user' : 'somebody',
  caller: it.caller ?? '',
  ticket: it.ticket ?? '',
})

/** A link of the ticket system fills the form in, and does nothing else. Nothing if the address carries no such link. */
export function draftOfLink(hash: string): Draft | undefined {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const part = (name: string, most: number) => (given.get(name) ?? '').trim().slice(0, most)
  if (!['email', 'ticket', 'reason'].some((name) => given.has(name))) return undefined
  const reason = part('reason', 140)
  return {
    ...emptyDraft,
    email: part('email', 254),
    ticket: part('ticket', 64),
    ...(isReason(reason) ? { reason } : { line: reason }),
  }
}

/** A code that the vendor's list does not have was a sentence. */
export function reasonKnown(draft: Draft, codes: readonly string[]): Draft {
  if (draft.reason === '' || codes.includes(draft.reason)) return draft
  return { ...draft, reason: '', line: draft.line === '' ? draft.reason : draft.line }
}

export function inputOf(draft: Draft, kind: Kind = 'technical'): OpenInput {
  const line = draft.line.trim()
  const ticket = draft.ticket.trim()
  return {
    kind,
    userEmail: draft.email.trim(),
    reason: { code: draft.reason === '' ? 'other' : draft.reason, ...(line !== '' && { line }) },
    ...(draft.who === 'somebody' && { caller: draft.caller.trim() }),
    ...(ticket !== '' && { ticket }),
  }
}
