/** Showing again that it is you, before one's own factors change: with a passkey, the app, or the password. */

import type { FreshProof } from '@amparo/contract/factors'
import { TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
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
type Way = FreshProof['method']

interface Wanted {
  /** The proofs that count for it. */
  readonly ways?: readonly Way[]
  /** Why it is asked for. */
  readonly why?: string
}
const everyWay: readonly Way[] = ['passkey', 'totp', 'password', 'sign_in']

/** `ask` goes straight on where the sign-in just happened, and else when somebody has shown that it is them. */
export function useShowingAgain({ ways = everyWay, why }: Wanted = {}): {
  ask(then: Then): Promise<void>
  readonly dialog: ReactNode
} {
  const [then, waitFor] = useState<{ readonly go: Then }>()
  const ask = async (go: Then) => {
    const fresh = ways.includes('sign_in') ? justSignedIn() : undefined
    if (fresh) await go(fresh)
    else waitFor({ go })
  }
  const shown = async (fresh: FreshProof) => {
    waitFor(undefined)
    await then?.go(fresh)
  }
  const back = () => waitFor(undefined)
  return { ask, dialog: <ShowAgain open={then !== undefined} ways={ways} why={why} back={back} shown={shown} /> }
}

const byFactor: readonly Way[] = ['passkey', 'totp']

/** The same before a factor is added or removed: whoever has one shows one, and a password is none. */
export function useShowingFactor() {
  const { passkeys, totp } = useMe().factors
  return useShowingAgain(passkeys.length > 0 || totp ? { ways: byFactor } : {})
}

interface Props {
  readonly ways: readonly Way[]
  readonly why: string | undefined
  readonly open: boolean
  readonly back: () => void
  readonly shown: (fresh: FreshProof) => Promise<void>
}

function ShowAgain({ open, ways, why, back, shown }: Props) {
  const { t } = useWords()
  const { factors, hasPassword } = useMe()
  const act = useAct()
  const byPasskey = async () => {
    const options = await act.run(() => wire.call('freshChallenge'))
    const response = options && (await answerWith(options))
    if (response === 'outdated') act.fail('outdated')
    else if (response && response !== 'cancelled') await shown({ method: 'passkey', response })
  }
  const has: Readonly<Record<Exclude<Way, 'sign_in'>, boolean>> = {
    passkey: factors.passkeys.length > 0 && ways.includes('passkey'),
    totp: factors.totp && ways.includes('totp'),
    password: hasPassword && ways.includes('password'),
  }
  const hasNone = !Object.values(has).includes(true)
  return (
    <Dialog title={t('again.title')} open={open} onBack={back}>
      <p>{why ?? t('again.text')}</p>
      <Refused failure={act.failure} />
      {has.passkey && (
        <Press busy={act.busy} onPress={byPasskey}>
          {t('again.passkey')}
        </Press>
      )}
      {has.totp && (
        <CodeField
          label={t('again.app')}
          go={t('again.go')}
          wrong={undefined}
          busy={false}
          onCode={(code) => shown({ method: 'totp', code })}
        />
      )}
      {has.password && <ByPassword shown={shown} />}
      {hasNone && (
        <>
          <p>{t(ways.includes('sign_in') ? 'again.signIn' : 'again.factor')}</p>
          {hasPassword ? (
            <Link to="/settings">{t('nav.settings')}</Link>
          ) : (
            ways.includes('sign_in') && <Press onPress={() => shown({ method: 'sign_in' })}>{t('again.go')}</Press>
          )}
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
