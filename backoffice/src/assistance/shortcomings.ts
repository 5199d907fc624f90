/** What the first form still lacks, found with the contract's own shapes, in the order of the fields. */
import { openInput } from '@amparo/contract/assistance'
import type { WordId } from '../words/en.ts'
import { type Draft, inputOf } from './draft.ts'

type Field = 'email' | 'reason' | 'line' | 'caller' | 'ticket'
export type Shortcomings = { readonly [F in Field]?: WordId }

export function shortcomingsOf(draft: Draft): Shortcomings {
  const parsed = openInput.safeParse(inputOf(draft))
  const at = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.')))
  const line = draft.reason === 'other' && draft.line.trim() === '' ? 'caller.noLine' : 'caller.badLine'
  return {
    ...(at.has('userEmail') && { email: draft.email.trim() === '' ? 'caller.noEmail' : 'caller.badEmail' }),
    ...(draft.reason === '' && { reason: 'caller.noReason' }),
    ...(at.has('reason.line') && draft.reason !== '' && { line }),
    ...(at.has('caller') && { caller: 'caller.noName' }),
    ...(at.has('ticket') && { ticket: 'caller.badTicket' }),
  }
}
