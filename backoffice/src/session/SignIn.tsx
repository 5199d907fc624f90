/** Signing in. The address stays as it is, so that a link from the ticket system still means the same afterwards. */
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { BareHeader } from '../frame/BareHeader.tsx'
import { Press } from '../parts/Press.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { type Failure, sentenceFor, useAct, wire } from '../wire.ts'
import { useWords, type Words } from '../words/words.tsx'
import { signedIn } from './session.ts'

export function SignIn() {
  const { t } = useWords()
  return (
    <div className="sign-in">
      <BareHeader />
      <main>
        <Ways />
        {location.pathname !== '/' && <p className="soft">{t('signIn.then')}</p>}
      </main>
    </div>
  )
}

/** With a password, or at the company's own page, whichever this installation has. */
function Ways() {
  const { t } = useWords()
  const ways = useQuery({
    queryKey: ['me', 'ways'],
    queryFn: () => wire.call('signInWays'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  // Whoever signs in at their company is asked for no password first, however slow the line is.
  if (ways.isPending) return <Waiting lines={3} />
  const issuer = ways.data?.ok ? ways.data.value.issuer : undefined
  if (!issuer) return <SignInForm />
  return (
    <div className="block">
      <div>
        <StageTitle text={t('signIn.title')} />
        <p className="soft">{t('signIn.lead')}</p>
      </div>
      <a className="as-button" href={issuer.url}>
        {t('signIn.at', { name: issuer.name })}
      </a>
    </div>
  )
}

/** The e-mail stays when the password was wrong; the password never does. */
function SignInForm() {
  const words = useWords()
  const { t } = words
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
    if (me) return signedIn(me)
    if (password.current) password.current.value = ''
    password.current?.focus()
  }
  return (
    <form className="block" onSubmit={submit} noValidate>
      <div>
        <StageTitle text={t('signIn.title')} wrong={missing !== undefined || act.failure !== undefined} />
        <p className="soft">{t('signIn.lead')}</p>
      </div>
      {act.failure && <Wrong text={whyNot(act.failure, words)} />}
      <TextInput
        ref={email}
        type="email"
        name="email"
        autoComplete="username"
        autoFocus
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
  )
}

/** A locked e-mail is told until when; everything else has its sentence already. */
function whyNot(failure: Failure, words: Words): string {
  const until = typeof failure === 'object' && failure.problem.code === 'agent.locked' ? failure.problem.until : ''
  return typeof until === 'string' && until !== ''
    ? words.t('signIn.lockedUntil', { time: words.time(until) })
    : sentenceFor(failure, words)
}
