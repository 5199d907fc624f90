/** The agent proves who they are with the six digits that their authenticator app shows. */
import { CodeField } from '../parts/CodeField.tsx'
import { sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly id: string
  readonly onWrong: (wrong: boolean) => void
}

export function ByApp({ id, onWrong }: Props) {
  const words = useWords()
  const { t } = words
  const proving = useStep(id)
  const prove = async (code: string) => {
    const body = { method: 'totp', code } as const
    const proved = await proving.run(() => wire.call('proveAgent', { params: { id }, body }))
    onWrong(proved === undefined)
  }
  return (
    <>
      <p>{t('proof.app')}</p>
      <CodeField
        label={t('proof.appField')}
        go={t('identity.continue')}
        wrong={proving.failure && sentenceFor(proving.failure, words)}
        busy={proving.busy}
        busyText={t('identity.looking')}
        autoFocus
        onCode={prove}
      />
    </>
  )
}
