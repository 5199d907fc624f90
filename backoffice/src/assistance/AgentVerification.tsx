/** Stage two: the agent proves who they are, with a code that went to their own address. */
import { Band } from '../parts/Band.tsx'
import { CodeField } from '../parts/CodeField.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { Delivery, latestOf } from './Delivery.tsx'
import { CodeClock, Resend } from './Resend.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function AgentVerification({ seen }: { readonly seen: Seen }) {
  const words = useWords()
  const { t } = words
  const { it } = seen
  const proving = useStep(it.id)
  const sending = useStep(it.id)
  const [sent] = latestOf(it.messages, 'agent')
  const params = { id: it.id }
  const send = async () => {
    proving.fail(undefined)
    await sending.run(() => wire.call('sendAgentCode', { params }))
  }
  const prove = (code: string) => proving.run(() => wire.call('proveAgent', { params, body: { method: 'code', code } }))
  return (
    <>
      <StageTitle text={t('identity.title')} wrong={proving.failure !== undefined} focus={false} />
      <Band whose="agent" title={t('identity.band')}>
        <p>{sent ? t('identity.sent', { mask: sent.maskedTo }) : t('identity.notSent')}</p>
        {it.next.includes('agent-proof') && (
          <CodeField
            label={t('identity.field')}
            go={t('identity.continue')}
            wrong={proving.failure && sentenceFor(proving.failure, words)}
            busy={proving.busy}
            autoFocus
            onCode={prove}
          />
        )}
        <CodeClock seen={seen} />
        <Delivery messages={it.messages} purpose="agent" />
        {it.next.includes('agent-code') && (
          <Resend seen={seen} label={sent ? t('identity.again') : t('identity.send')} step={sending} onPress={send} />
        )}
        <Refused failure={sending.failure} />
      </Band>
      <CancelProcess it={it} />
    </>
  )
}
