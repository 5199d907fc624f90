/** The end: one sentence that says why, what each product answered, the text for the ticket, and the way to begin again. */
import type { Assistance } from '@amparo/contract/assistance'
import type { Because } from '@amparo/contract/words'
import { useNavigate } from '@tanstack/react-router'
import { CircleCheck, CircleSlash, OctagonX } from 'lucide-react'
import { type FormEvent, useEffect } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Acts } from './Acts.tsx'
import { beginningOf, type Draft, draftAgain, emailTypedFor, emptyDraft, keepDraft, mayStartAgain } from './draft.ts'
import { Notes } from './Notes.tsx'
import { ReasonFields, useReasonGiven } from './ReasonFields.tsx'
import { Summary } from './Summary.tsx'
import { SurfaceFate } from './SurfaceFate.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Closed({ seen: { it } }: { readonly seen: Seen }) {
  const { t } = useWords()
  const announce = useAnnounce()
  useEffect(() => announce(t('clock.closed')), [announce, t])
  return (
    <>
      <Ending it={it} />
      <WhyEnded it={it} />
      <Summary it={it} />
      <WhatNext it={it} />
      {it.acts.length > 0 && <Acts it={it} />}
      <Notes it={it} />
    </>
  )
}

/**
 * The way on. Whoever lost the help to a clock or a machine begins again; after a person has ended it, the next one is
 * somebody else, and whom the agent may not help for a while is not offered.
 */
function WhatNext({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const me = useMe()
  const navigate = useNavigate()
  const begin = (draft: Draft) => {
    keepDraft(me.id, draft)
    return navigate({ to: beginningOf(it.kind) })
  }
  const lost = it.because !== undefined && lostByItself.includes(it.because)
  const other = (
    <Press always variant={lost ? 'default' : 'filled'} onPress={() => begin(emptyDraft)}>
      {t('closed.somebodyElse')}
    </Press>
  )
  return (
    <div className="acts">
      {!lost && other}
      {mayStartAgain(it.because) && (
        <Press always variant={lost ? 'filled' : 'default'} onPress={() => begin(draftAgain(me.id, it))}>
          {t('closed.again')}
        </Press>
      )}
      {lost && other}
      {mayStartAgain(it.because) && <span className="soft">{t('closed.againHint')}</span>}
    </div>
  )
}

const lostByItself: readonly Because[] = [
  'expired_idle',
  'expired_max',
  'user_not_found',
  'core_unavailable',
  'audit_unavailable',
  'restored',
  'agent_signed_out',
]

/** How it ended, for whoever looks. */
export function Ending({ it }: { readonly it: Assistance }) {
  const { t, dateToTheSecond } = useWords()
  const me = useMe()
  const user = it.user?.name || (emailTypedFor(me.id, it.id) ?? t('header.unproved'))
  return (
    <>
      <StageTitle text={t('closed.title')} />
      <div className={`ending ${kindOf(it)}`}>
        {it.because && (
          <p className="because with-icon">
            <Sign it={it} /> <span>{t(`because.${it.because}`, { user })}</span>
          </p>
        )}
        <p className="soft">
          {it.closedAt && t('closed.at', { time: dateToTheSecond(it.closedAt) })}{' '}
          {it.outcome && t('closed.outcome', { outcome: t(`finish.${it.outcome}`) })}
        </p>
      </div>
      <WhatWasOpen it={it} />
    </>
  )
}

function kindOf({ because }: Assistance): 'good' | 'refused' | 'ended' {
  if (because === 'finished') return 'good'
  return because === 'declined_by_user' || because === 'reported_by_user' ? 'refused' : 'ended'
}

function Sign({ it }: { readonly it: Assistance }) {
  const Icon = { good: CircleCheck, refused: OctagonX, ended: CircleSlash }[kindOf(it)]
  return <Icon size={24} aria-hidden />
}

function WhatWasOpen({ it }: { readonly it: Assistance }) {
  const { t, name } = useWords()
  const opened = it.surfaces.filter((surface) => surface.openedAt !== undefined)
  const silent = opened.filter((surface) => surface.acknowledgedAt === undefined && surface.deadAt === undefined).length
  if (it.consentedAt === undefined) return <p>{t('closed.neverIn')}</p>
  return (
    <section className="block" aria-labelledby="was-open">
      <h2 id="was-open">{t('closed.surfaces')}</h2>
      {opened.length === 0 && <p>{t('closed.nothing')}</p>}
      {opened.length > 0 && silent === 0 && <p>{t('closed.all')}</p>}
      {silent > 0 && (
        <p className="refused" role="status">
          {t('closed.notAll', { count: silent })}
        </p>
      )}
      {opened.length > 0 && (
        <ul className="fates">
          {opened.map((surface) => (
            <li key={surface.surface}>
              <strong>{name(surface.name)}</strong> <SurfaceFate surface={surface} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The reason, asked after the end and never before it. */
function WhyEnded({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const step = useStep(it.id)
  const reason = useReasonGiven(it.id)
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
    <form className="block" onSubmit={save} aria-label={t('reason.legend')}>
      <ReasonFields reason={reason} legend={t('reason.ask')} />
      <Refused failure={step.failure} />
      <div className="acts">
        <Press type="submit" variant="default" busy={step.busy}>
          {t('reason.save')}
        </Press>
      </div>
    </form>
  )
}
