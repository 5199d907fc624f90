/** *See details* in a modal: what happened and why, what helps, what can be done now; ← and → walk through the entries. */
import type { ActDone, DetailsSeen, EntrySeen } from '@amparo/contract/succession'
import { ChevronLeft, ChevronRight, Printer, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { useWords } from '../words/words.tsx'
import { Checks } from './Checks.tsx'
import { CopyForUser, DoNow } from './DoNow.tsx'
import { Answer, Release } from './Release.tsx'
import { ToneWord } from './ToneIcon.tsx'
import { type OnScreen, useDetails } from './useSuccession.ts'

interface Props {
  readonly on: OnScreen
  readonly entries: readonly EntrySeen[]
  readonly shown: string
  readonly show: (id: string) => void
  readonly onBack: () => void
}

export function Details({ on, entries, shown, show, onBack }: Props) {
  const { t } = useWords()
  const [done, setDone] = useState<{ readonly at: string; readonly answer: ActDone }>()
  const at = entries.findIndex((one) => one.id === shown)
  const earlier = entries[at - 1]
  const later = entries[at + 1]
  useArrows(
    () => earlier && show(earlier.id),
    () => later && show(later.id),
  )
  const { data, isError, isPlaceholderData } = useDetails(on.id, shown, on.caseRef)
  const seen = data && 'value' in data && !isPlaceholderData ? data.value : undefined
  return (
    <Dialog title={seen?.title ?? entries[at]?.sentence ?? ''} open onBack={onBack} look="details">
      <div className="suc-walk no-print">
        <Press always variant="default" label={t('suc.previous')} onPress={() => earlier && show(earlier.id)}>
          <ChevronLeft size={18} aria-hidden />
        </Press>
        <Press always variant="default" label={t('suc.following')} onPress={() => later && show(later.id)}>
          <ChevronRight size={18} aria-hidden />
        </Press>
        <span className="soft">{t('suc.walk', { n: at + 1, all: entries.length })}</span>
        <Press always variant="default" label={t('suc.print')} onPress={() => window.print()}>
          <Printer size={18} aria-hidden />
        </Press>
        <Press always variant="default" onPress={onBack}>
          <X size={18} aria-hidden /> {t('suc.close')}
        </Press>
      </div>
      <div className="suc-body" key={shown} data-first tabIndex={-1}>
        {seen === undefined &&
          !(data && 'failure' in data) &&
          (isError ? <Refused failure="unreachable" /> : <Waiting lines={3} />)}
        {data && 'failure' in data && <Refused failure={data.failure} />}
        {done?.at === shown && <Answer done={done.answer} />}
        {seen && <Body on={on} it={seen} onReleased={(answer) => setDone({ at: shown, answer })} />}
      </div>
    </Dialog>
  )
}

/** Inside a field the arrows move the cursor. */
function useArrows(back: () => void, on: () => void): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest('input, textarea, select')) return
      if (event.key === 'ArrowLeft') back()
      if (event.key === 'ArrowRight') on()
    }
    window.addEventListener('keydown', walk)
    return () => window.removeEventListener('keydown', walk)
  })
}

interface BodyProps {
  readonly on: OnScreen
  readonly it: DetailsSeen
  readonly onReleased: (done: ActDone) => void
}

function Body({ on, it, onReleased }: BodyProps) {
  const { t } = useWords()
  return (
    <>
      <p className="suc-line">
        <ToneWord tone={it.tone} word={it.word} /> {it.who}
        {it.when && (
          <>
            {' · '}
            <time dateTime={it.when.at}>{it.when.text}</time> ({it.when.relative})
          </>
        )}
        {it.attempt !== undefined && ` · ${it.attempt}`}
      </p>
      {it.due && <p>{t('suc.until', { text: it.due.text, relative: it.due.relative })}</p>}
      <Checks it={it} />
      {it.remedies.length > 0 && (
        <Part title={t('suc.remedies')}>
          <ul>
            {it.remedies.map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
        </Part>
      )}
      {it.release && <Release on={on} release={it.release} onDone={onReleased} />}
      <Part title={t('suc.means')}>
        <p>{it.meaning}</p>
        {it.note !== undefined && <blockquote>{it.note}</blockquote>}
      </Part>
      <Fates it={it} />
      {it.support.length > 0 && (
        <Part title={t('suc.support')}>
          <ul>
            {it.support.map((one) => (
              <li key={`${one.when.at}${one.sentence}`}>
                {one.sentence}. {one.who}, {one.when.text}
                {one.note !== undefined && <blockquote>{one.note}</blockquote>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t('suc.next')}>
        <p>{it.next}</p>
      </Part>
      <Facts it={it} />
      <CopyForUser text={it.forUser} />
      <DoNow on={on} it={it} />
    </>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  )
}

/** Messages with what became of them; documents by kind, date and state. */
function Fates({ it }: { readonly it: DetailsSeen }) {
  const { t } = useWords()
  return (
    <>
      {it.messages.length > 0 && (
        <Part title={t('suc.messages')}>
          <ul className="suc-fates">
            {it.messages.map((one) => (
              <li key={`${one.channel}${one.to}`}>
                <ToneWord tone={one.tone} word={one.fate} /> {one.channel} · {one.to}
                {one.when && ` · ${one.when.text}`}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {it.evidence.length > 0 && (
        <Part title={t('suc.evidence')}>
          <ul className="suc-fates">
            {it.evidence.map((one) => (
              <li key={one.kind}>
                <ToneWord tone={one.tone} word={one.fate} /> {one.kind}
                {one.when && ` · ${one.when.text}`}
              </li>
            ))}
          </ul>
          <p className="soft">{t('suc.evidenceHint')}</p>
        </Part>
      )}
    </>
  )
}

function Facts({ it }: { readonly it: DetailsSeen }) {
  const { t } = useWords()
  return (
    <dl className="suc-facts">
      {it.reason && (
        <div>
          <dt>{t('suc.reason')}</dt>
          <dd>
            {it.reason.text} {it.reason.code !== undefined && <code>{it.reason.code}</code>}
          </dd>
        </div>
      )}
      {it.source && (
        <div>
          <dt>{t('suc.source')}</dt>
          <dd>
            “{it.source.text}” <code>{it.source.ref}</code>
          </dd>
        </div>
      )}
      <div>
        <dt>{t('suc.reference')}</dt>
        <dd>
          <code>{it.reference}</code>
        </dd>
      </div>
      {it.help && (
        <div>
          <dt>{t('suc.help')}</dt>
          <dd>
            <a href={it.help.path} target="_blank" rel="noreferrer">
              {it.help.title}
            </a>
          </dd>
        </div>
      )}
    </dl>
  )
}
