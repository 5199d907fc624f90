/** The agent proves who they are with a code that went to their own address. */
import { Link } from '@tanstack/react-router'
import { CodeField } from '../parts/CodeField.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Delivery } from './Delivery.tsx'
import { latestOf, sentAt } from './messages.ts'
import { CodeClock, Resend } from './Resend.tsx'
import { type Seen, useStep } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly onWrong: (wrong: boolean) => void
}

export function ByCode({ seen, onWrong }: Props) {
  const words = useWords()
  const { t } = words
  const { it } = seen
  const proving = useStep(it.id)
  const sending = useStep(it.id)
  const [sent] = latestOf(it.messages, 'agent')
  const isOnlyWay = it.agentMethods?.length === 1
  const params = { id: it.id }
  const send = async () => {
    proving.fail(undefined)
    onWrong(false)
    await sending.run(() => wire.call('sendAgentCode', { params }))
  }
  const prove = async (code: string) => {
    const proved = await proving.run(() => wire.call('proveAgent', { params, body: { method: 'code', code } }))
    onWrong(proved === undefined)
  }
  if (!sent) {
    return (
      <>
        <p>{t('identity.notSent')}</p>
        <div className="acts">
          <Press busy={sending.busy} onPress={send}>
            {t('identity.send')}
          </Press>
        </div>
        <Refused failure={sending.failure} />
      </>
    )
  }
  return (
    <>
      <p>{t('identity.sent')}</p>
      <CodeField
        label={t('identity.field')}
        go={t('identity.continue')}
        wrong={proving.failure && sentenceFor(proving.failure, words, sentAt(it.messages, 'agent'))}
        busy={proving.busy}
        busyText={t('identity.looking')}
        autoFocus
        onCode={prove}
      />
      <Delivery messages={it.messages} purpose="agent" another={!isOnlyWay} />
      {isOnlyWay && sent.status === 'failed' && !sent.trying && <NoOtherWay />}
      <CodeClock seen={seen} />
      {it.next.includes('agent-code') && (
        <Resend seen={seen} label={t('identity.again')} step={sending} onPress={send} />
      )}
      <Refused failure={sending.failure} />
    </>
  )
}

/** The code does not come, and nothing else is set up: what an agent can do about it now, and whom to ask. */
function NoOtherWay() {
  const { t } = useWords()
  return (
    <div className="failed-way" role="note">
      <p>{t('proof.onlyCode')}</p>
      <Link to="/settings">{t('proof.toSettings')}</Link>
    </div>
  )
}
