/** What ends: the whole help, or this code and its phone alone. Two ways, told apart in words. */
import type { PhoneLaunch } from '@amparo/contract/phone'
import { Link } from '@tanstack/react-router'
import { EndNow } from '../assistance/EndNow.tsx'
import { useStep } from '../assistance/useAssistance.ts'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { phoneIs } from './usePhone.ts'

interface Props {
  readonly id: string
  readonly user: string
  readonly phone: PhoneLaunch | undefined
  readonly over: boolean
}

export function Ends({ id, user, phone, over }: Props) {
  const { t } = useWords()
  const finishing = useStep(id)
  const closing = useAct()
  const finish = () => finishing.run(() => wire.call('close', { params: { id }, body: { because: 'finished' } }))
  const close = async () => {
    if (!phone) return
    const closed = await closing.run(() => wire.call('closePhone', { params: { id, launchId: phone.launchId } }))
    if (closed) phoneIs(id, closed)
  }
  const stands = phone !== undefined && phone.state !== 'closed'
  return (
    <footer className="phone-ends">
      {over ? (
        <p>
          <Link to="/assist/$id" params={{ id }}>
            {t('phone.back')}
          </Link>
        </p>
      ) : (
        <>
          <p>
            <Press variant="default" busy={finishing.busy} onPress={finish}>
              {t('phone.finish')}
            </Press>
            <span className="soft">{t('phone.finishHint', { user })}</span>
          </p>
          {stands && (
            <p>
              <Press variant="default" busy={closing.busy} onPress={close}>
                {t(phone.state === 'open' ? 'phone.closeOpen' : 'phone.close')}
              </Press>
              <span className="soft">{t('phone.closeHint')}</span>
            </p>
          )}
          <EndNow id={id} />
        </>
      )}
      <Refused failure={finishing.failure ?? closing.failure} />
    </footer>
  )
}
