/** The end: one sentence that says why, what each product answered, why it was ended, and the way to begin again. */
import type { Assistance } from '@amparo/contract/assistance'
import { useNavigate } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { type FormEvent, useEffect } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { draftAgain, emailTypedFor, keepDraft } from './draft.ts'
import { ReasonFields, useReasonGiven } from './ReasonFields.tsx'
import { SurfaceFate } from './SurfaceFate.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Closed({ seen: { it } }: { readonly seen: Seen }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const announce = useAnnounce()
  useEffect(() => announce(t('clock.closed')), [announce, t])
  const again = () => {
    keepDraft(draftAgain(it))
    return navigate({ to: '/assist' })
  }
  return (
    <>
      <Ending it={it} />
      <WhyEnded it={it} />
      <div className="acts">
        <Press onPress={again}>{t('closed.again')}</Press>
      </div>
    </>
  )
}

/** How it ended, for whoever looks. */
export function Ending({ it }: { readonly it: Assistance }) {
  const { t, date } = useWords()
  const user = it.user?.name ?? emailTypedFor(it.id) ?? t('header.unproved')
  return (
    <>
      <StageTitle text={t('closed.title')} />
      {it.because && <p className="because">{t(`because.${it.because}`, { user })}</p>}
      {it.closedAt && <p>{t('closed.at', { time: date(it.closedAt) })}</p>}
      {it.outcome && <p>{t('closed.outcome', { outcome: t(`finish.${it.outcome}`) })}</p>}
      <WhatWasOpen it={it} />
    </>
  )
}

function WhatWasOpen({ it }: { readonly it: Assistance }) {
  const { t, name } = useWords()
  const opened = it.surfaces.filter((surface) => surface.openedAt !== undefined)
  const open = opened.filter((surface) => surface.acknowledgedAt === undefined).length
  return (
    <section className="block" aria-labelledby="was-open">
      <h2 id="was-open">{t('closed.surfaces')}</h2>
      {opened.length === 0 && <p>{t('closed.nothing')}</p>}
      {opened.length > 0 && open === 0 && <p>{t('closed.all')}</p>}
      {open > 0 && <p className="refused">{t('closed.notAll', { count: open })}</p>}
      <ul className="fates">
        {opened.map((surface) => (
          <li key={surface.surface}>
            <strong>{name(surface.name)}</strong> <SurfaceFate surface={surface} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The reason, asked after the end and never before it. */
function WhyEnded({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const step = useStep(it.id)
  const reason = useReasonGiven()
  if (it.closureReason !== undefined) {
    return (
      <p className="with-icon">
        <CircleCheck size={18} aria-hidden /> {t('reason.given', { reason: t(`reason.${it.closureReason}`) })}
      </p>
    )
  }
  if (!it.next.includes('closure-reason')) return null
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const given = reason.check()
    if (given) await step.run(() => wire.call('explainClosure', { params: { id: it.id }, body: given }))
  }
  return (
    <form className="block" onSubmit={save}>
      <p>{t('reason.ask')}</p>
      <ReasonFields reason={reason} />
      <Refused failure={step.failure} />
      <div className="acts">
        <Press type="submit" variant="default" busy={step.busy}>
          {t('reason.save')}
        </Press>
      </div>
    </form>
  )
}
