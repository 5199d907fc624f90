/** *Send the link to my phone*: to the agent's own number and mail, and to nobody else's. */
import type { PhoneLinkSent } from '@amparo/contract/phone'
import { useEffect, useState } from 'react'
import { Delivery } from '../assistance/Delivery.tsx'
import { isSettled, latestOf } from '../assistance/messages.ts'
import { lookAgain, useAssistance } from '../assistance/useAssistance.ts'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import type { PhoneSeen } from './usePhone.ts'

interface Props {
  readonly id: string
  readonly seen: PhoneSeen
}

export function SendLink({ id, seen }: Props) {
  const { t, list, time } = useWords()
  const act = useAct()
  const [sent, keep] = useState<PhoneLinkSent>()
  const left = useLeft(seen.clock, sent?.resendAt) ?? 0
  const send = async () => {
    const params = { id, launchId: seen.phone.launchId }
    const answer = await act.run(() => wire.call('sendPhoneLink', { params, body: {} }))
    if (answer) keep(answer)
  }
  const where = list(sent?.messages.map(({ maskedTo }) => maskedTo) ?? [])
  return (
    <div className="phone-send">
      <Press variant="default" busy={act.busy} onPress={send}>
        {t('phone.send')}
      </Press>
      <div role="status">{sent && <p>{t('phone.sent', { where, time: time(sent.expiresAt) })}</p>}</div>
      {left > 0 && <p className="soft">{t('phone.sendAgain', { time: clockText(left) })}</p>}
      {sent && <Underway id={id} />}
      <Refused failure={act.failure} />
    </div>
  )
}

const lookEveryMs = 1000

/** What became of the link, looked at each second until nothing more can become of it; what opens the app meanwhile stands beside it. */
function Underway({ id }: { readonly id: string }) {
  const { t } = useWords()
  const looked = useAssistance(id, { told: false })
  const messages = looked && 'it' in looked ? looked.it.messages : []
  const latest = latestOf(messages, 'phone_link')
  const isOut = latest.length > 0 && latest.every(isSettled)
  useEffect(() => {
    if (isOut) return
    const timer = setInterval(() => void lookAgain(id), lookEveryMs)
    return () => clearInterval(timer)
  }, [id, isOut])
  return (
    <>
      <Delivery messages={messages} purpose="phone_link" />
      {latest.some(({ status }) => status === 'failed') && <p role="note">{t('phone.instead')}</p>}
    </>
  )
}
