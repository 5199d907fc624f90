/** *End now*: ends first and asks why afterwards. While the server is silent it keeps trying until the end is done. */
import { OctagonX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useReachable } from '../frame/connection.ts'
import { KeyHint } from '../parts/KeyHint.tsx'
import { ariaKeys, useKey } from '../parts/keys.ts'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useStep } from './useAssistance.ts'

export function EndNow({ id }: { readonly id: string }) {
  const { t } = useWords()
  const step = useStep(id)
  const reachable = useReachable()
  const [owed, owe] = useState(false)
  const end = () => {
    owe(true)
    return step.run(() => wire.call('close', { params: { id }, body: { because: 'cancelled' } }), 'insist')
  }
  const latest = useRef(end)
  latest.current = end
  useEffect(() => {
    if (owed && reachable) void latest.current()
  }, [owed, reachable])
  useKey('endNow', end)
  const waiting = owed && !reachable
  return (
    <>
      <Press always color="red" className="end-now" busy={step.busy || waiting} onPress={end} keys={ariaKeys('endNow')}>
        <OctagonX size={18} aria-hidden /> {t('endNow.go')}
        <KeyHint of="endNow" />
      </Press>
      {waiting ? (
        <p role="alert" className="quiet">
          {t('endNow.owed')}
        </p>
      ) : (
        <Refused failure={step.failure} />
      )}
    </>
  )
}
