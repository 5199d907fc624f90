/**
 * The session is used where it was not proven: one proof, and the agent is back where they were. It lies over the page,
 * which stays as it is underneath, with all that was typed.
 */
import type { MeElsewhere } from '@amparo/contract/people'
import { MapPin } from 'lucide-react'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { BareHeader } from '../frame/BareHeader.tsx'
import { CodeField } from '../parts/CodeField.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { answerWith, hasPasskeys } from './passkey.ts'
import { SignOut } from './SignOut.tsx'
import { shownHere } from './session.ts'
import { whyNot } from './whyNot.ts'

export function Elsewhere({ it }: { readonly it: MeElsewhere }) {
  const { t } = useWords()
  const element = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  const title = t('elsewhere.title')
  useLayoutEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    heading.current?.focus()
    return () => dialog?.close()
  }, [])
  useEffect(() => {
    const before = document.title
    document.title = `${title} · Amparo`
    return () => {
      document.title = before
    }
  }, [title])
  return (
    // Nothing but a proof or leaving closes it: where a browser closes it all the same, it comes again.
    <dialog
      ref={element}
      className="elsewhere"
      aria-labelledby={id}
      onCancel={(event) => event.preventDefault()}
      onClose={() => element.current?.showModal()}
    >
      <div className="sign-in">
        <BareHeader />
        <main>
          <div className="block">
            <h1 id={id} ref={heading} tabIndex={-1}>
              <MapPin size={28} aria-hidden /> {title}
            </h1>
            <p>{t('elsewhere.text')}</p>
            {it.ways.includes('passkey') && <ByPasskey />}
            {it.ways.includes('totp') && <ByDigits method="totp" label={t('proof.appField')} />}
            {it.ways.includes('code') && <ByMessage to={it.maskedTo} />}
            {it.ways.length === 0 && <p>{t('elsewhere.none')}</p>}
          </div>
          <div className="block">
            <p>{t('elsewhere.notYou')}</p>
            <div className="acts">
              <SignOut variant="default" />
            </div>
          </div>
        </main>
      </div>
    </dialog>
  )
}

function ByPasskey() {
  const { t } = useWords()
  const act = useAct()
  const [closed, setClosed] = useState(false)
  const prove = async () => {
    setClosed(false)
    const options = await act.run(() => wire.call('freshChallenge'))
    const response = options && (await answerWith(options))
    if (response === 'outdated') act.fail('outdated')
    else if (response === 'cancelled') setClosed(true)
    else if (response) {
      const me = await act.run(() => wire.call('showPlace', { body: { method: 'passkey', response } }))
      if (me) shownHere(me)
    }
  }
  if (!hasPasskeys()) return <p>{t('proof.impossible')}</p>
  return (
    <>
      {closed && <Wrong text={t('proof.cancelled')} />}
      <Refused failure={act.failure} />
      <div className="acts">
        <Press busy={act.busy} onPress={prove}>
          {t('proof.passkeyGo')}
        </Press>
      </div>
    </>
  )
}

function ByDigits({ method, label }: { readonly method: 'totp' | 'code'; readonly label: string }) {
  const words = useWords()
  const act = useAct()
  const prove = async (code: string) => {
    const me = await act.run(() => wire.call('showPlace', { body: { method, code } }))
    if (me) shownHere(me)
  }
  return (
    <CodeField
      label={label}
      go={words.t('elsewhere.go')}
      wrong={act.failure && whyNot(act.failure, words)}
      busy={act.busy}
      autoFocus={method === 'code'}
      onCode={prove}
    />
  )
}

/** It is sent when it is asked for: a thief of the session sends nothing by looking at this. */
function ByMessage({ to }: { readonly to: string }) {
  const words = useWords()
  const { t } = words
  const act = useAct()
  const [sent, setSent] = useState(false)
  const send = async () => {
    if (await act.run(() => wire.call('sendPlaceCode'))) setSent(true)
  }
  return (
    <>
      {!sent && <p>{t('elsewhere.code', { to })}</p>}
      {sent && (
        <>
          <p role="status">{t('elsewhere.sent', { to })}</p>
          <ByDigits method="code" label={t('identity.field')} />
        </>
      )}
      <Refused failure={act.failure} />
      <div className="acts">
        <Press variant={sent ? 'default' : 'filled'} busy={act.busy} onPress={send}>
          {sent ? t('identity.again') : t('proof.toCode')}
        </Press>
      </div>
    </>
  )
}
