/** How I prove who I am, on the settings page: passkeys first, then the app, then the code by message; and my password. */

import type { PasskeySeen } from '@amparo/contract/factors'
import { TextInput } from '@mantine/core'
import { KeyRound, Mail, Smartphone } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { App } from './App.tsx'
import { useAddPasskey } from './addPasskey.tsx'
import { Password } from './Password.tsx'
import { useShowingFactor } from './ShowAgain.tsx'
import { changed, useMe } from './session.ts'

export function Factors() {
  const { t } = useWords()
  const me = useMe()
  return (
    <>
      <p className="soft">{t('factors.lead')}</p>
      <ol className="factors">
        <li>
          <h3>
            <KeyRound size={20} aria-hidden /> {t('factors.passkeys')}
          </h3>
          <Passkeys />
        </li>
        <li>
          <h3>
            <Smartphone size={20} aria-hidden /> {t('factors.app')}
          </h3>
          <App />
        </li>
        <li>
          <h3>
            <Mail size={20} aria-hidden /> {t('factors.code')}
          </h3>
          <p>{t('factors.codeText', { email: me.email })}</p>
        </li>
      </ol>
      {me.hasPassword && <Password />}
    </>
  )
}

function Passkeys() {
  const { t } = useWords()
  const { passkeys } = useMe().factors
  const adding = useAddPasskey()
  return (
    <>
      {passkeys.length === 0 ? (
        <p>{t('factors.noPasskey')}</p>
      ) : (
        <ul className="passkeys">
          {passkeys.map((one) => (
            <Passkey key={one.id} one={one} />
          ))}
        </ul>
      )}
      {!adding.possible && <p className="soft">{t('factors.impossible')}</p>}
      {adding.closed && <p role="status">{t('factors.cancelled')}</p>}
      <Refused failure={adding.failure} />
      {adding.possible && (
        <div className="acts">
          <Press variant={passkeys.length === 0 ? 'filled' : 'default'} busy={adding.busy} onPress={adding.add}>
            {t('factors.addPasskey')}
          </Press>
        </div>
      )}
      {adding.dialog}
    </>
  )
}

function Passkey({ one }: { readonly one: PasskeySeen }) {
  const { t, date } = useWords()
  const [naming, setNaming] = useState(false)
  const removing = useAct()
  const again = useShowingFactor()
  const remove = () =>
    again.ask(async (fresh) => {
      const params = { passkeyId: one.id }
      const me = await removing.run(() => wire.call('removePasskey', { params, body: { fresh } }))
      if (me) changed(me)
    })
  const when = [
    t('factors.added', { date: date(one.createdAt) }),
    ...(one.lastUsedAt === undefined ? [] : [t('factors.used', { date: date(one.lastUsedAt) })]),
  ]
  return (
    <li>
      {naming ? (
        <Naming one={one} done={() => setNaming(false)} />
      ) : (
        <>
          <p>
            <strong>{one.name}</strong> <span className="soft">{when.join(', ')}</span>
          </p>
          <div className="acts">
            <Press variant="default" label={t('factors.renameOf', { name: one.name })} onPress={() => setNaming(true)}>
              {t('factors.rename')}
            </Press>
            <Press
              variant="default"
              label={t('factors.removeOf', { name: one.name })}
              busy={removing.busy}
              onPress={remove}
            >
              {t('factors.remove')}
            </Press>
          </div>
        </>
      )}
      <Refused failure={removing.failure} />
      {again.dialog}
    </li>
  )
}

function Naming({ one, done }: { readonly one: PasskeySeen; readonly done: () => void }) {
  const { t } = useWords()
  const act = useAct()
  const field = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const name = field.current?.value.trim() ?? ''
    if (name === '') return field.current?.focus()
    const me = await act.run(() => wire.call('renamePasskey', { params: { passkeyId: one.id }, body: { name } }))
    if (!me) return
    changed(me)
    done()
  }
  return (
    <form className="inline-form" onSubmit={submit} noValidate>
      <TextInput ref={field} autoFocus maxLength={60} defaultValue={one.name} label={t('factors.name')} />
      <Press type="submit" busy={act.busy}>
        {t('factors.save')}
      </Press>
      <Press variant="default" onPress={done}>
        {t('factors.back')}
      </Press>
      <Refused failure={act.failure} />
    </form>
  )
}
