/** *Ask if still there*: a code goes to the user, who reads it out. The agent cannot make the time longer alone. */
import { useEffect, useRef, useState } from 'react'
import { Band } from '../parts/Band.tsx'
import { useLeft } from '../parts/Clock.tsx'
import { CodeField } from '../parts/CodeField.tsx'
import { Press } from '../parts/Press.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Refused } from '../parts/Refused.tsx'
import { sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Delivery } from './Delivery.tsx'
import { latestOf, sentAt } from './messages.ts'
import { CodeClock, Resend } from './Resend.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Presence({ seen }: { readonly seen: Seen }) {
  const { t, time } = useWords()
  const { it } = seen
  const user = it.user?.name ?? t('header.unproved')
  const asking = useStep(it.id)
  const [stage, setStage] = useState<'idle' | 'asked' | 'done'>('idle')
  const sent = latestOf(it.messages, 'presence').length > 0 && it.deadlines.codeExpiresAt !== undefined
  const waiting = stage === 'asked' || (stage === 'idle' && sent)
  const quiet = useLeft(seen.clock, it.deadlines.warnAt) === 0
  const mayAsk = it.next.includes('presence-code')
  const ask = async () => {
    if (await asking.run(() => wire.call('askPresence', { params: { id: it.id } }))) setStage('asked')
  }
  return (
    <Band whose="user" title={t('presence.title', { user })} calm={!waiting && !quiet}>
      <div className="text-and-act">
        <p>
          {t('presence.last', { user, time: time(it.userSeenAt) })} {!waiting && t('presence.say')}
        </p>
        {mayAsk && !waiting && (
          <Press variant="default" busy={asking.busy} onPress={ask}>
            {t('presence.ask')}
          </Press>
        )}
      </div>
      {waiting && <Answer seen={seen} asked={stage === 'asked'} onRight={() => setStage('done')} />}
      {stage === 'done' && <There />}
      {mayAsk && waiting && <Resend seen={seen} label={t('presence.ask')} step={asking} onPress={ask} />}
      <Refused failure={asking.failure} />
    </Band>
  )
}

/** Takes the focus from the field that has just gone. */
function There() {
  const { t } = useWords()
  const line = useRef<HTMLParagraphElement>(null)
  useEffect(() => line.current?.focus(), [])
  return (
    <p ref={line} className="live" tabIndex={-1}>
      {t('presence.done')}
    </p>
  )
}

interface AnswerProps {
  readonly seen: Seen
  /** Just now, by this press: the code is what is typed next. */
  readonly asked: boolean
  readonly onRight: () => void
}

function Answer({ seen, asked, onRight }: AnswerProps) {
  const words = useWords()
  const { t } = words
  const { it } = seen
  const step = useStep(it.id)
  const prove = async (code: string) => {
    if (await step.run(() => wire.call('provePresence', { params: { id: it.id }, body: { code } }))) onRight()
  }
  return (
    <>
      {it.user && <ReadAloud language={it.user.locale} sentence="say.presence" sees={t('sees.presence')} />}
      <CodeField
        label={t('presence.field')}
        go={t('presence.go')}
        wrong={step.failure && sentenceFor(step.failure, words, sentAt(it.messages, 'presence'))}
        busy={step.busy}
        autoFocus={asked}
        onCode={prove}
      />
      <Delivery messages={it.messages} purpose="presence" />
      <CodeClock seen={seen} />
    </>
  )
}
