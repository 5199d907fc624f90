/** Signing in. The address stays as it is, so that a link from the ticket system still means the same afterwards. */
import { TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { LanguageSwitch } from '../frame/LanguageSwitch.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { signedIn } from './session.ts'

export function SignIn() {
  const { t } = useWords()
  const act = useAct()
  const [missing, setMissing] = useState<'email' | 'password'>()
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = { email: email.current?.value.trim() ?? '', password: password.current?.value ?? '' }
    const lacks = given.email.length < 3 ? 'email' : given.password === '' ? 'password' : undefined
    setMissing(lacks)
    act.fail(undefined)
    if (lacks) return (lacks === 'email' ? email : password).current?.focus()
    const me = await act.run(() => wire.call('signIn', { body: given }))
    if (me) signedIn(me)
  }
  return (
    <div className="sign-in">
      <header>
        <strong className="brand">{t('app.name')}</strong>
        <LanguageSwitch />
      </header>
      <main>
        <StageTitle text={t('signIn.title')} wrong={missing !== undefined || act.failure !== undefined} />
        <Refused failure={act.failure} />
        <form onSubmit={submit} noValidate>
          <TextInput
            ref={email}
            type="email"
            name="email"
            autoComplete="username"
            label={t('signIn.email')}
            error={missing === 'email' && t('signIn.emptyEmail')}
          />
          <TextInput
            type="password"
            ref={password}
            name="password"
            autoComplete="current-password"
            label={t('signIn.password')}
            error={missing === 'password' && t('signIn.emptyPassword')}
          />
          <Press type="submit" busy={act.busy}>
            {t('signIn.go')}
          </Press>
        </form>
      </main>
    </div>
  )
}
