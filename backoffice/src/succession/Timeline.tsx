/**
 * What happened, oldest first and by attempt, and what is still to come. Every entry has its details: `d` opens those of the
 * one to which `j` and `k` have led, at first of the latest.
 */
import type { EntrySeen, TimelineSeen } from '@amparo/contract/succession'
import { Checkbox } from '@mantine/core'
import { useRef, useState } from 'react'
import { useKey } from '../parts/keys.ts'
import { Press } from '../parts/Press.tsx'
import { useWalking } from '../parts/walking.ts'
import { useWords } from '../words/words.tsx'
import { ToneWord } from './ToneIcon.tsx'

interface Props {
  readonly list: TimelineSeen
  readonly onDetails: (id: string) => void
}

export function Timeline({ list, onDetails }: Props) {
  const { t } = useWords()
  const [problems, only] = useState(false)
  const rounds = list.attempts
    .map((round) => ({ ...round, entries: round.entries.filter((one) => !problems || one.problem) }))
    .filter((round) => round.entries.length > 0)
  const place = useRef<HTMLElement>(null)
  useWalking(place, '[data-entry] button')
  const latest = rounds.at(-1)?.entries.at(-1)?.id
  useKey('details', () => {
    const led = document.activeElement?.closest('[data-entry]')?.getAttribute('data-entry') ?? latest
    if (led !== undefined) onDetails(led)
  })
  return (
    <section ref={place} className="block suc-timeline" aria-labelledby="suc-activity">
      <h2 id="suc-activity">{t('suc.activity')}</h2>
      <Checkbox
        className="no-print"
        label={t('suc.problems')}
        checked={problems}
        onChange={(event) => only(event.currentTarget.checked)}
      />
      {rounds.length === 0 && <p className="soft">{t('suc.noProblems')}</p>}
      {rounds.map((round) => (
        <section key={round.attempt} aria-label={round.title}>
          {list.attempts.length > 1 && <h3>{round.title}</h3>}
          <Entries entries={round.entries} onDetails={onDetails} />
        </section>
      ))}
      {!problems && list.ahead.length > 0 && (
        <section aria-labelledby="suc-ahead">
          <h3 id="suc-ahead">{t('suc.ahead')}</h3>
          <Entries entries={list.ahead} onDetails={onDetails} />
        </section>
      )}
    </section>
  )
}

function Entries({
  entries,
  onDetails,
}: {
  readonly entries: readonly EntrySeen[]
  readonly onDetails: (id: string) => void
}) {
  return (
    <ol className="suc-entries">
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} onDetails={onDetails} />
      ))}
    </ol>
  )
}

function Entry({ entry, onDetails }: { readonly entry: EntrySeen; readonly onDetails: (id: string) => void }) {
  const { t } = useWords()
  return (
    <li className={`is-${entry.tone}`} data-entry={entry.id}>
      <ToneWord tone={entry.tone} word={entry.word} />
      <div>
        <p>
          <strong>{entry.sentence}</strong>
        </p>
        <p className="soft">
          {entry.who}
          {entry.when && (
            <>
              {' · '}
              <time dateTime={entry.when.at}>{entry.when.text}</time> ({entry.when.relative})
            </>
          )}
          {entry.due && <> · {t('suc.until', { text: entry.due.text, relative: entry.due.relative })}</>}
        </p>
      </div>
      <Press
        always
        className="no-print"
        variant="default"
        label={t('suc.detailsOf', { what: entry.sentence })}
        onPress={() => onDetails(entry.id)}
      >
        {t('suc.details')}
      </Press>
    </li>
  )
}
