/** My last 24 hours: what runs, to go on; what ended, to start again prefilled. Consent is always new. */
import type { AssistanceLine } from '@amparo/contract/assistance'
import type { Kind } from '@amparo/contract/words'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { beginningOf, type Draft, draftOfLine, keepDraft, mayStartAgain } from './draft.ts'
import { useReasonNames } from './reasons.ts'

const few = 5

interface Props {
  /** Which kind the form above begins: help of the other is begun again on its own page. */
  readonly kind: Kind
  /** Fills the form above with the same again. */
  readonly again: (draft: Draft) => void
}

function useMyDay() {
  const me = useMe()
  return useQuery({
    queryKey: ['list', 'day', me.id],
    queryFn: () => wire.call('list', { query: { agent: me.id, openedWithinHours: 24, limit: 50 } }),
    refetchInterval: 15_000,
  })
}

/** One live assistance for each agent: the way to it, before a second one is refused. */
export function Running() {
  const { t } = useWords()
  const { data } = useMyDay()
  const live = data?.ok ? data.value.items.find((one) => one.because === undefined) : undefined
  if (!live) return null
  return (
    <p className="note">
      {t('caller.running')}{' '}
      <Link to="/assist/$id" params={{ id: live.id }}>
        {t('caller.goRunning')}
      </Link>
    </p>
  )
}

export function LastDay({ kind, again }: Props) {
  const { t } = useWords()
  const me = useMe()
  const navigate = useNavigate()
  const [all, showAll] = useState(false)
  const query = useMyDay()
  const answer = query.data
  const lines = answer?.ok ? answer.value.items : []
  const shown = all ? lines : lines.slice(0, few)
  const startAgain = (line: AssistanceLine) => {
    if (line.kind !== kind) {
      keepDraft(me.id, draftOfLine(line))
      return navigate({ to: beginningOf(line.kind) })
    }
    again(draftOfLine(line))
    document.querySelector<HTMLElement>('input[name="email"]')?.focus()
    window.scrollTo({ top: 0 })
  }
  return (
    <section className="last-day" aria-labelledby="last-day">
      <h2 id="last-day">{t('day.title')}</h2>
      {query.isPending && <Waiting lines={2} />}
      {query.isError && <Refused failure="unreachable" />}
      {answer && !answer.ok && <Refused failure={answer} />}
      {answer?.ok && lines.length === 0 && <p className="soft">{t('day.empty')}</p>}
      <ul>
        {shown.map((line) => (
          <Line key={line.id} line={line} again={() => void startAgain(line)} />
        ))}
      </ul>
      {lines.length > shown.length && (
        <button type="button" className="as-link" onClick={() => showAll(true)}>
          {t('day.more', { count: lines.length - shown.length })}
        </button>
      )}
    </section>
  )
}

function Line({ line, again }: { readonly line: AssistanceLine; readonly again: () => void }) {
  const { t, time } = useWords()
  const reason = useReasonNames()
  const whom = line.userName ?? line.userEmail ?? t('list.unknown')
  const ended = line.because !== undefined
  return (
    <li>
      <time className="soft" dateTime={line.openedAt}>
        {time(line.openedAt)}
      </time>
      <div>
        <p>
          <Link to="/assist/$id" params={{ id: line.id }}>
            {whom}
          </Link>{' '}
          <span className="soft">{reason(line.reason)}</span>
        </p>
        <p className={ended ? 'soft' : 'live'}>
          {line.because ? t(`because.${line.because}`, { user: whom }) : t(`state.${line.state}`)}
        </p>
      </div>
      {ended && mayStartAgain(line.because) && (
        <Press always variant="default" onPress={again}>
          <span>
            {t('closed.again')}
            <span className="heard-only">: {whom}</span>
          </span>
        </Press>
      )}
    </li>
  )
}
