/** The calm way out: says why first. Nobody leaves it by accident: Esc and the first button go on helping. */
import type { Assistance } from '@amparo/contract/assistance'
import { useState } from 'react'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { ReasonFields, useReasonGiven } from './ReasonFields.tsx'
import { useStep } from './useAssistance.ts'

export function CancelProcess({ it }: { readonly it: Assistance }) {
  return (
    <div className="acts end">
      <CancelButton it={it} />
    </div>
  )
}

export function CancelButton({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const [asking, ask] = useState(false)
  if (!it.next.includes('closure')) return null
  return (
    <>
      <Press always variant="default" onPress={() => ask(true)}>
        {t('cancel.open')}
      </Press>
      <CancelDialog id={it.id} open={asking} back={() => ask(false)} />
    </>
  )
}

interface Props {
  readonly id: string
  readonly open: boolean
  readonly back: () => void
}

function CancelDialog({ id, open, back }: Props) {
  const { t } = useWords()
  const step = useStep(id)
  const reason = useReasonGiven(id)
  const cancel = async () => {
    const given = reason.check()
    if (!given) return
    await step.run(async () => {
      const closed = await wire.call('close', { params: { id }, body: { because: 'cancelled' } })
      return closed.ok ? wire.call('explainClosure', { params: { id }, body: given }) : closed
    })
  }
  return (
    <Dialog title={t('cancel.title')} open={open} onBack={back}>
      <p>{t('cancel.text')}</p>
      <ReasonFields reason={reason} />
      <Refused failure={step.failure} />
      <div className="acts">
        <Press always variant="default" onPress={back}>
          {t('cancel.keep')}
        </Press>
        <Press color="red" busy={step.busy} onPress={cancel}>
          {t('cancel.go')}
        </Press>
      </div>
    </Dialog>
  )
}
