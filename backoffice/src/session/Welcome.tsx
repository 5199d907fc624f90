/**
 * The first sign-in, by a link that works once: whom it is for, a password, and in. The link's secret stands after the
 * `#`, so it is sent to nobody by itself, and it is taken out of the address at once.
 */
import type { Problem } from '@amparo/contract/api'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { BareHeader } from '../frame/BareHeader.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { type Failure, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { signedIn } from './session.ts'

let token = ''
/** As the frame took it out of the address; from now on it is in memory alone. */
function takeToken(): string {
  token = sessionStorage.getItem('invite') ?? token
  sessionStorage.removeItem('invite')
  return token
}

export function Welcome({ done }: { readonly done: () => void }) {
  const [mine] = useState(takeToken)
  const seen = useQuery({
    queryKey: ['me', 'invite'],
    queryFn: () => wire.call('lookAtInvite', { body: { token: mine || '-' } }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const leave = () => {
    history.replaceState(null, '', '/')
    done()
  }
  return (
    <Plain>
      {seen.data?.ok && <Choose token={mine} name={seen.data.value.name} email={seen.data.value.email} done={leave} />}
      {seen.isPending && <Waiting lines={4} />}
      {seen.isError && <Silent failure="unreachable" again={seen.refetch} />}
      {seen.data &&
        !seen.data.ok &&
        (saysNothing(seen.data.problem) ? <Silent failure={seen.data} again={seen.refetch} /> : <Dead leave={leave} />)}
    </Plain>
  )
}

function Plain({ children }: { readonly children: ReactNode }) {
  return (
    <div className="sign-in">
      <BareHeader />
      <main>{children}</main>
    </div>
  )
}

/** Whoever is too busy or away has not looked at the link. */
const saysNothing = ({ status }: Problem): boolean => status >= 500 || status === 429

function Silent({ failure, again }: { readonly failure: Failure; readonly again: () => unknown }) {
  const { t } = useWords()
  return (
    <div className="block">
      <StageTitle text={t('signIn.title')} wrong />
      <Refused failure={failure}>
        <Press variant="default" onPress={again}>
          {t('app.retry')}
        </Press>
      </Refused>
    </div>
  )
}

function Dead({ leave }: { readonly leave: () => void }) {
  const { t } = useWords()
  return (
    <div className="block">
      <StageTitle text={t('welcome.dead')} wrong />
      <p>{t('welcome.deadText')}</p>
      <Press variant="default" onPress={leave}>
        {t('welcome.toSignIn')}
      </Press>
    </div>
  )
}

interface Choosing {
  readonly token: string
  readonly name: string
  readonly email: string
  readonly done: () => void
}

function Choose({ token, name, email, done }: Choosing) {
  const { t } = useWords()
  const act = useAct()
  const field = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const password = field.current?.value ?? ''
    const me = await act.run(() => wire.call('acceptInvite', { body: { token, password: password || ' ' } }))
    if (!me) return field.current?.focus()
    signedIn(me)
    done()
  }
  return (
    <form className="block" onSubmit={submit} noValidate>
      <div>
        <StageTitle text={t('welcome.title', { name })} wrong={act.failure !== undefined} />
        <p className="soft">{t('welcome.lead', { email })}</p>
      </div>
      <Refused failure={act.failure} />
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <TextInput
        type="password"
        ref={field}
        name="password"
        autoComplete="new-password"
        autoFocus
        label={t('welcome.password')}
        description={t('welcome.hint')}
      />
      <Press type="submit" busy={act.busy}>
        {t('welcome.go')}
      </Press>
    </form>
  )
}
