/** Showing again that it is you, before one's own factors change: with a passkey, the app, or the password. */

import type { FreshProof } from '@amparo/contract/factors'
import { TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { CodeField } from '../parts/CodeField.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { answerWith } from './passkey.ts'
import { justSignedIn, useMe } from './session.ts'

type Then = (fresh: FreshProof) => Promise<unknown>

/** `ask` goes straight on where the sign-in just happened, and else when somebody has shown that it is them. */
export function useShowingAgain(): { ask(then: Then): Promise<void>; readonly dialog: ReactNode } {
  const [then, waitFor] = useState<{ readonly go: Then }>()
  const ask = async (go: Then) => {
    const fresh = justSignedIn()
    if (fresh) await go(fresh)
    else waitFor({ go })
  }
  const shown = async (fresh: FreshProof) => {
    waitFor(undefined)
    await then?.go(fresh)
  }
  return { ask, dialog: <ShowAgain open={then !== undefined} back={() => waitFor(undefined)} shown={shown} /> }
}

interface Props {
  readonly open: boolean
  readonly back: () => void
  readonly shown: (fresh: FreshProof) => Promise<void>
}

function ShowAgain({ open, back, shown }: Props) {
  const { t } = useWords()
  const { factors, hasPassword } = useMe()
  const act = useAct()
  const byPasskey = async () => {
    const options = await act.run(() => wire.call('freshChallenge'))
    const response = options && (await answerWith(options))
    if (response && response !== 'cancelled') await shown({ method: 'passkey', response })
  }
  const hasPasskey = factors.passkeys.length > 0
  return (
    <Dialog title={t('again.title')} open={open} onBack={back}>
      <p>{t('again.text')}</p>
      <Refused failure={act.failure} />
      {hasPasskey && (
        <Press busy={act.busy} onPress={byPasskey}>
          {t('again.passkey')}
        </Press>
      )}
      {factors.totp && (
        <CodeField
          label={t('again.app')}
          go={t('again.go')}
          wrong={undefined}
          busy={false}
          onCode={(code) => shown({ method: 'totp', code })}
        />
      )}
      {hasPassword && <ByPassword shown={shown} />}
      {!hasPasskey && !factors.totp && !hasPassword && (
        <>
          <p>{t('again.signIn')}</p>
          <Press onPress={() => shown({ method: 'sign_in' })}>{t('again.go')}</Press>
        </>
      )}
      <div className="acts">
        <Press variant="default" onPress={back}>
          {t('factors.back')}
        </Press>
      </div>
    </Dialog>
  )
}

function ByPassword({ shown }: Pick<Props, 'shown'>) {
  const { t } = useWords()
  const field = useRef<HTMLInputElement>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const password = field.current?.value ?? ''
    if (password === '') field.current?.focus()
    else void shown({ method: 'password', password })
  }
  return (
    <form className="block-in" onSubmit={submit} noValidate>
      <TextInput type="password" ref={field} data-first autoComplete="current-password" label={t('again.password')} />
      <Press type="submit">{t('again.go')}</Press>
    </form>
  )
}
