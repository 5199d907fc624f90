/** *Release request*: what still fails, why, a note, the user's third code or the two digits of their page, and what the vendor answered. */

import type { OutputOf } from '@amparo/contract/api'
import { type ActDone, type DetailsSeen, type ReleaseReason, releaseReasons } from '@amparo/contract/succession'
import { NativeSelect, Textarea } from '@mantine/core'
import { CircleX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Delivery } from '../assistance/Delivery.tsx'
import { useKept } from '../assistance/kept.ts'
import { ReadOut } from '../assistance/ReadOut.tsx'
import { useAssistance, useStep } from '../assistance/useAssistance.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { Band } from '../parts/Band.tsx'
import { Press } from '../parts/Press.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { digitByDigit, useWords } from '../words/words.tsx'
import { caseOf, type OnScreen, readAgain } from './useSuccession.ts'

interface Props {
  readonly on: OnScreen
  readonly release: NonNullable<DetailsSeen['release']>
  readonly onDone: (done: ActDone) => void
}

const isReason = (text: string): text is ReleaseReason => releaseReasons.some((one) => one === text)

export function Release({ on, release, onDone }: Props) {
  const { id, caseRef } = on
  const { t } = useWords()
  const asking = useStep(id)
  const [open, setOpen] = useState(false)
  const [reason, choose] = useState<ReleaseReason>('support.user_asked')
  const [note, write] = useKept(`release.${id}.${caseRef ?? ''}`, '')
  const [short, setShort] = useState(false)
  useErrorInTitle(open && short)
  const [sent, setSent] = useState<OutputOf<'askRelease'>>()
  if (!release.possible) return <p className="suc-why">{release.why}</p>
  if (!open) {
    return (
      <div className="acts no-print">
        <Press always onPress={() => setOpen(true)}>
          {t('suc.release')}
        </Press>
      </div>
    )
  }
  const released = (done: ActDone) => {
    write('')
    onDone(done)
  }
  const ask = async () => {
    setShort(note.trim().length < 10)
    if (note.trim().length < 10) return
    const answer = await asking.run(() => wire.call('askRelease', { params: { id }, body: caseOf(caseRef) }))
    if (answer) setSent(answer)
  }
  return (
    <Band whose="user" title={t('suc.release')}>
      <p>{t('suc.release.what')}</p>
      {release.stillFails.length > 0 && (
        <>
          <p>
            <strong>{t('suc.release.fails')}:</strong>
          </p>
          <ul>
            {release.stillFails.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
      <NativeSelect
        label={t('suc.release.reason')}
        value={reason}
        onChange={({ currentTarget: { value } }) => isReason(value) && choose(value)}
        data={releaseReasons.map((one) => ({ value: one, label: t(`suc.release.${one}`) }))}
      />
      <Textarea
        label={t('suc.act.note')}
        description={t('suc.act.noteHint')}
        error={short && t('suc.act.short')}
        maxLength={500}
        autosize
        minRows={2}
        value={note}
        onChange={(event) => write(event.currentTarget.value)}
      />
      {sent && <TheCode on={on} sent={sent} reason={reason} note={note} onDone={released} />}
      <Refused failure={asking.failure} />
      <div className="acts">
        <Press busy={asking.busy} variant={sent ? 'default' : 'filled'} onPress={ask}>
          {t(sent ? 'suc.release.again' : 'suc.release.send')}
        </Press>
        <Press always variant="default" onPress={() => setOpen(false)}>
          {t('suc.back')}
        </Press>
      </div>
    </Band>
  )
}

interface CodeProps {
  readonly on: OnScreen
  readonly sent: OutputOf<'askRelease'>
  readonly reason: ReleaseReason
  readonly note: string
  readonly onDone: (done: ActDone) => void
}

function TheCode({ on, sent, reason, note, onDone }: CodeProps) {
  const { id, caseRef, locale } = on
  const { t, language, list, time } = useWords()
  const step = useStep(id)
  const looked = useAssistance(id, { told: false })
  const it = looked && 'it' in looked ? looked.it : undefined
  const page = it?.release ?? { triesLeft: 0, refused: false }
  const release = async (given: { readonly code: string } | { readonly match: string }) => {
    const done = await step.run(() =>
      wire.call('release', { params: { id }, body: { ...given, reason, note, ...caseOf(caseRef) } }),
    )
    if (!done) return
    onDone(done)
    await readAgain(id)
  }
  if (page.refused) {
    return (
      <p className="with-icon refused" role="status">
        <CircleX size={18} aria-hidden /> {t('suc.release.refused', { user: it?.user?.name ?? '' })}
      </p>
    )
  }
  return (
    <>
      <p>
        <strong>{t('suc.release.say', { digits: digitByDigit(language, sent.sayFirst) })}</strong>
      </p>
      <p role="status">
        {t('suc.release.sent', { to: list(sent.channels.map((one) => one.maskedTo)), time: time(sent.expiresAt) })}
      </p>
      {it && <Delivery messages={it.messages} purpose="release" />}
      <ReadAloud language={locale} sentence="say.release" sees={t('sees.release')} />
      <ReadOut
        user={it?.user?.name ?? ''}
        page={page}
        step={step}
        field={t('suc.release.field')}
        go={t('suc.release.go')}
        autoFocus
        onGiven={release}
      />
    </>
  )
}

/** What the vendor said; it stays while the list behind it changes. */
export function Answer({ done }: { readonly done: ActDone }) {
  const { t, name } = useWords()
  const place = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <p ref={place} className={done.result === 'refused' ? 'refused' : 'live'} role="status">
      <strong>{t(`suc.result.${done.result}`)}.</strong> {name(done.sentence)}
    </p>
  )
}
