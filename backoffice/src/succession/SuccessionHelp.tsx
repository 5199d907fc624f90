/** Ecosystem Admin, stage four: who, where it stands, what happened, what is to come; details on every entry. */
import type { Assistance } from '@amparo/contract/assistance'
import type { TimelineSeen } from '@amparo/contract/succession'
import { Printer } from 'lucide-react'
import { useState } from 'react'
import { Finish } from '../assistance/Finish.tsx'
import { Notes } from '../assistance/Notes.tsx'
import { Presence } from '../assistance/Presence.tsx'
import type { Seen } from '../assistance/useAssistance.ts'
import { SecondPerson } from '../oversight/late.tsx'
import { Press } from '../parts/Press.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'

import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { Details } from './Details.tsx'
import { Timeline } from './Timeline.tsx'
import { useTimeline } from './useSuccession.ts'
import '../look/succession.css'
import '../words/succession.ts'

export function SuccessionHelp({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const [caseRef, choose] = useState<string>()
  const { data, isError } = useTimeline(it.id, caseRef)
  const eco = it.ecosystems?.find((one) => one.id === it.ecosystemId)?.name ?? ''
  return (
    <>
      <StageTitle text={t('suc.title', { eco })} wrong={data !== undefined && 'failure' in data} />
      {data === undefined && (isError ? <Refused failure="unreachable" /> : <Waiting lines={4} />)}
      {data && 'failure' in data && <Refused failure={data.failure} />}
      <SecondPerson it={it} />
      {data && 'value' in data && <Whole it={it} list={data.value} choose={choose} />}
      {it.user && <ReadAloud language={it.user.locale} sentence="say.succession" sees={t('sees.succession')} />}
      <Presence seen={seen} />
      <Notes it={it} />
      <Finish it={it} />
    </>
  )
}

interface Props {
  readonly it: Assistance
  readonly list: TimelineSeen
  readonly choose: (caseRef: string | undefined) => void
}

function Whole({ it, list, choose }: Props) {
  const { t, date } = useWords()
  const me = useMe()
  const [shown, show] = useState<string>()
  const entries = [...list.attempts.flatMap((one) => one.entries), ...list.ahead]
  return (
    <>
      <p className="print-only">{t('suc.printed', { name: me.name, when: date(new Date().toISOString()) })}</p>
      <Who list={list} />
      <Standing list={list} onDetails={show} />
      {list.off.length > 0 && (
        <details className="suc-off">
          <summary>{t('suc.off')}</summary>
          <ul>
            {list.off.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
      {list.caseRef !== undefined && <Timeline list={list} onDetails={show} />}
      {list.others.length > 0 && (
        <section className="block" aria-labelledby="suc-others">
          <h2 id="suc-others">{t('suc.others')}</h2>
          <ul>
            {list.others.map((other) => (
              <li key={other.caseRef}>
                <button type="button" className="as-link" onClick={() => choose(other.caseRef)}>
                  {other.caseRef}
                </button>{' '}
                {other.sentence}
              </li>
            ))}
          </ul>
        </section>
      )}
      {shown !== undefined && (
        <Details
          on={{ id: it.id, caseRef: list.caseRef, locale: it.user?.locale ?? list.language }}
          entries={entries}
          shown={shown}
          show={show}
          onBack={() => show(undefined)}
        />
      )}
    </>
  )
}

/** User · E-mail · Ecosystem · Role. */
function Who({ list }: { readonly list: TimelineSeen }) {
  const { t } = useWords()
  const facts = [
    [t('suc.user'), list.user.name],
    [t('suc.email'), list.user.email],
    [t('suc.eco'), list.ecosystem.name],
    [t('suc.role'), t(`suc.${list.user.role}`)],
    ...(list.caseRef === undefined ? [] : [[t('suc.case'), list.caseRef] as const]),
  ] as const
  return (
    <dl className="suc-who">
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One sentence, who must act, and until when; and the way to the release where it can be released. */
function Standing({ list, onDetails }: { readonly list: TimelineSeen; readonly onDetails: (id: string) => void }) {
  const { t } = useWords()
  const {
    standing,
    empty,
    release: { entryId },
  } = list
  return (
    <section className={`suc-stands is-${standing.tone}`} aria-labelledby="suc-stands">
      <h2 id="suc-stands">{t('suc.stands')}</h2>
      <p className="says">{standing.sentence}</p>
      {standing.next !== undefined && <p>{standing.next}</p>}
      {standing.due && <p>{t('suc.until', { text: standing.due.text, relative: standing.due.relative })}</p>}
      {empty !== undefined && <p>{empty}</p>}
      <div className="acts no-print">
        {entryId !== undefined && <Press onPress={() => onDetails(entryId)}>{t('suc.release')}</Press>}
        {list.caseRef !== undefined && (
          <Press always variant="default" onPress={() => window.print()}>
            <Printer size={18} aria-hidden /> {t('suc.print')}
          </Press>
        )}
      </div>
      <p className="soft">{t('suc.zone', { zone: list.timeZone })}</p>
    </section>
  )
}
