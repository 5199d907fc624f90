/** Why a proof of one's own was refused: after too many wrong ones, until when. */
import { type Failure, sentenceFor } from '../wire.ts'
import type { Words } from '../words/words.tsx'

export function whyNot(failure: Failure, words: Words): string {
  const until = typeof failure === 'object' && failure.problem.code === 'agent.locked' ? failure.problem.until : ''
  return typeof until === 'string' && until !== ''
    ? words.t('elsewhere.lockedUntil', { time: words.time(until) })
    : sentenceFor(failure, words)
}
