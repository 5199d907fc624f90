/** The agent proves who they are with a passkey: one press, one prompt. */
import { useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { sentenceFor } from '../wire.ts'
import { useWords, type Words } from '../words/words.tsx'
import { cameOf, type NotProved, proveByPasskey } from './proof.ts'
import { lookAgain } from './useAssistance.ts'

interface Props {
  readonly id: string
  readonly onWrong: (wrong: boolean) => void
}

export function ByPasskey({ id, onWrong }: Props) {
  const words = useWords()
  const { t } = words
  const [busy, setBusy] = useState(false)
  const [why, setWhy] = useState(() => cameOf(id))
  const prove = async () => {
    if (busy) return
    setBusy(true)
    const now = await proveByPasskey(id)
    setBusy(false)
    setWhy(now)
    onWrong(now !== undefined)
    await lookAgain(id)
  }
  return (
    <>
      <p>{t('proof.passkey')}</p>
      {why !== undefined && <Wrong text={sentenceOf(why, words)} />}
      <div className="acts">
        <Press autoFocus busy={busy} onPress={prove}>
          {t('proof.passkeyGo')}
        </Press>
      </div>
    </>
  )
}

const sentenceOf = (why: NotProved, words: Words): string =>
  why === 'cancelled' || why === 'impossible' ? words.t(`proof.${why}`) : sentenceFor(why, words)
