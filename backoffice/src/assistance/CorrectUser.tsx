/** The e-mail again, when it was heard or typed wrongly. */
import { type Assistance, emailTyped } from '@amparo/contract/assistance'
import { TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { emailTypedFor } from './draft.ts'
import { useKept } from './kept.ts'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly it: Assistance
  readonly autoFocus?: boolean
}

export function CorrectUser({ it, autoFocus = false }: Props) {
  const { t } = useWords()
  const me = useMe()
  const step = useStep(it.id)
  const [email, setEmail] = useKept(`user.${it.id}`, it.user?.email ?? emailTypedFor(me.id, it.id) ?? '')
  const [wrong, setWrong] = useState(false)
  useErrorInTitle(wrong)
  if (!it.next.includes('user')) return null
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const typed = emailTyped.safeParse(email)
    setWrong(!typed.success)
    if (typed.success)
      await step.run(() => wire.call('correctUser', { params: { id: it.id }, body: { email: typed.data } }))
  }
  return (
    <form className="inline-form" onSubmit={submit} noValidate>
      <TextInput
        type="email"
        autoFocus={autoFocus}
        autoComplete="off"
        spellCheck={false}
        label={t('user.correct')}
        description={t('user.lookupsLeft', { count: it.lookupsLeft })}
        error={wrong && t('caller.badEmail')}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Press type="submit" variant="default" busy={step.busy}>
        {t('user.lookAgain')}
      </Press>
      <Refused failure={step.failure} />
    </form>
  )
}
