/** Beside a step that waits: who has been asked, and what they said. And asking two where nobody can be asked. */
import { TextInput } from '@mantine/core'
import { CircleCheck, CircleX, Hourglass } from 'lucide-react'
import { useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { lookAgain, type Seen } from '../assistance/useAssistance.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import '../look/oversight.css'
import '../words/oversight.ts'
import { useWords } from '../words/words.tsx'

/** The newest question of this assistance, in a line that changes by itself. */
export function SecondPerson({ it }: { readonly it: Seen['it'] }) {
  const { t, list } = useWords()
  const one = it.approvals.at(-1)
  if (!one || it.state === 'closed' || isDone(it, one)) return null
  const owner = one.purpose === 'owner'
  const names = list(one.voices.filter(({ decision }) => decision === one.state).map(({ by }) => by?.name ?? '–'))
  const Icon = { waiting: Hourglass, yes: CircleCheck, no: CircleX }[one.state]
  const text = {
    waiting: owner ? t('second.owner') : t('second.waiting', { why: list(one.whys.map((why) => t(`why2.${why}`))) }),
    yes: owner ? t('second.yesOwner') : t('second.yes', { names }),
    no: owner ? t('second.noOwner') : t('second.no', { names }),
  }[one.state]
  return (
    <section className="block second" data-state={one.state} role="status">
      <p className="with-icon">
        <Icon size={20} aria-hidden /> <strong>{text}</strong>
      </p>
      {one.needed > 1 && one.state === 'waiting' && (
        <p>
          {t('over.yeses', {
            count: one.voices.filter(({ decision }) => decision === 'yes').length,
            needed: one.needed,
          })}
        </p>
      )}
      {one.state === 'waiting' && <p className="soft">{t('second.waitingHint')}</p>}
      {one.voices.map(({ at, note }) => note && <blockquote key={at}>{note}</blockquote>)}
    </section>
  )
}

/** In the middle of help only what it still waits for is of interest: a yes that was gone on with is history. */
function isDone(it: Seen['it'], { purpose, voices, askedAt }: Seen['it']['approvals'][number]): boolean {
  if (it.state !== 'active') return false
  const since = voices.at(-1)?.at ?? askedAt
  return (
    (purpose !== 'power' && purpose !== 'release') ||
    it.messages.some((message) => message.purpose === purpose && message.at > since)
  )
}

/** Looking without a consent: asked of two supervisors, begun when both have said yes. */
export function BreakGlass({ it }: { readonly it: Seen['it'] }) {
  const { t } = useWords()
  const [note, setNote] = useKept(`glass.${it.id}`, '')
  const [tried, setTried] = useState(false)
  const act = useAct()
  useErrorInTitle(tried && note.trim() === '')
  if (!it.next.includes('break-glass')) return null
  // What was refused may be asked for again, otherwise; what waits or was agreed to is gone on with.
  const asked = it.approvals.findLast(({ purpose }) => purpose === 'break_glass')?.state
  const waits = asked === 'waiting' || asked === 'yes'
  const params = { id: it.id }
  const ask = async () => {
    setTried(true)
    if (note.trim() === '') return
    if (await act.run(() => wire.call('askGlass', { params, body: { note: note.trim() } }))) {
      setTried(false)
      setNote('')
    }
    await lookAgain(it.id)
  }
  const begin = async () => {
    await act.run(() => wire.call('breakGlass', { params, body: {} }))
    await lookAgain(it.id)
  }
  return (
    <details className="block glass" open={asked !== undefined}>
      <summary>{t('glass.title')}</summary>
      <div className="block-in">
        <p>{t('glass.lead')}</p>
        {!waits && (
          <TextInput
            label={t('glass.note')}
            description={t('glass.noteHint')}
            value={note}
            maxLength={300}
            error={tried && note.trim() === '' && t('glass.noteEmpty')}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        <Refused failure={act.failure} />
        <div className="acts">
          {waits ? (
            <Press color="red" busy={act.busy} onPress={begin}>
              {t('glass.begin')}
            </Press>
          ) : (
            <Press variant="default" busy={act.busy} onPress={ask}>
              {t('glass.ask')}
            </Press>
          )}
        </div>
      </div>
    </details>
  )
}
