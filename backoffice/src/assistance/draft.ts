/** What was typed on the first stage: kept in this tab only, so that a reload or a lost connection loses nothing. */
import type { Assistance, OpenInput } from '@amparo/contract/assistance'
import { type ReasonCode, reasonCode } from '@amparo/contract/words'

export interface Draft {
  readonly email: string
  readonly reason: ReasonCode | ''
  readonly line: string
  readonly who: 'user' | 'somebody'
  readonly caller: string
  readonly ticket: string
}

export const emptyDraft: Draft = { email: '', reason: '', line: '', who: 'user', caller: '', ticket: '' }
const current = 'amparo.draft'
const of = (id: string) => `${current}.${id}`

/** Whether this can be a code of the vendor's list; whether it is one, the list itself says. */
export const isReason = (text: string): text is ReasonCode => reasonCode.safeParse(text).success

function read(key: string): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    return kept === null ? undefined : { ...emptyDraft, ...(kept as Partial<Draft>) }
  } catch {
    return undefined
  }
}

export const keptDraft = (): Draft => read(current) ?? emptyDraft
export const keepDraft = (draft: Draft) => sessionStorage.setItem(current, JSON.stringify(draft))

/** After opening: the form is empty again, and what it held stays with the assistance for *Start again*. */
export function fileDraft(id: string, draft: Draft): void {
  sessionStorage.setItem(of(id), JSON.stringify(draft))
  sessionStorage.removeItem(current)
}

export const emailTypedFor = (id: string): string | undefined => read(of(id))?.email

/** The same again: what was typed here, or what the server still shows of it. */
export function draftAgain(it: Assistance): Draft {
  const shown: Draft = {
    email: it.user?.email ?? '',
    reason: it.reason.code,
    line: it.reason.line ?? '',
    who: it.caller === undefined ? 'user' : 'somebody',
    caller: it.caller ?? '',
    ticket: it.ticket ?? '',
  }
  const typed = read(of(it.id))
  return typed ? { ...typed, email: it.user?.email ?? typed.email } : shown
}

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

export function inputOf(draft: Draft): OpenInput {
  const line = draft.line.trim()
  const ticket = draft.ticket.trim()
  return {
    kind: 'technical',
    userEmail: draft.email.trim(),
    reason: { code: draft.reason === '' ? 'other' : draft.reason, ...(line !== '' && { line }) },
    ...(draft.who === 'somebody' && { caller: draft.caller.trim() }),
    ...(ticket !== '' && { ticket }),
  }
}
