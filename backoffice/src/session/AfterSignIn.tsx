/** What an agent is told and offered when they have just come: failed sign-ins, and a passkey. Never inside a case. */
import { useLocation } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { useId, useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useAddPasskey } from './addPasskey.tsx'
import { changed, useMe } from './session.ts'

export function AfterSignIn() {
  const { pathname } = useLocation()
  if (/^\/(assist|ecosystem)\/|^\/settings/.test(pathname)) return null
  return (
    <>
      <FailedBefore />
      <Offer />
    </>
  )
}

const read = 'amparo.failedRead'

/** Told until it was read, in this browser tab. */
function FailedBefore() {
  const { t, date } = useWords()
  const { failedSignIns: failed } = useMe()
  const [isRead, markRead] = useState(() => sessionStorage.getItem(read))
  if (!failed || isRead === failed.lastAt) return null
  const values = {
    count: failed.count,
    since: date(failed.since),
    last: date(failed.lastAt),
    from: failed.lastFrom ?? t('failed.somewhere'),
  }
  const seen = () => {
    sessionStorage.setItem(read, failed.lastAt)
    markRead(failed.lastAt)
  }
  return (
    <div className="after-sign-in">
      <Wrong calm text={t('failed.before', values)}>
        <button type="button" className="as-link start" onClick={seen}>
          {t('failed.seen')}
        </button>
      </Wrong>
    </div>
  )
}

function Offer() {
  const { t } = useWords()
  const me = useMe()
  const id = useId()
  const later = useAct()
  const adding = useAddPasskey()
  if (!me.offerPasskey || !adding.possible) return null
  const notNow = async () => {
    const now = await later.run(() => wire.call('answerPasskeyOffer', { body: { answer: 'later' } }))
    if (now) changed(now)
  }
  return (
    <section className="block after-sign-in offer" aria-labelledby={id}>
      <h2 id={id}>
        <KeyRound size={20} aria-hidden /> {t('offer.title')}
      </h2>
      <p>{t('offer.text')}</p>
      {adding.closed && <p role="status">{t('factors.cancelled')}</p>}
      <Refused failure={adding.failure ?? later.failure} />
      <div className="acts">
        <Press busy={adding.busy} onPress={adding.add}>
          {t('offer.add')}
        </Press>
        <Press variant="default" busy={later.busy} onPress={notNow}>
          {t('offer.later')}
        </Press>
      </div>
      {adding.dialog}
    </section>
  )
}
