/** The calm end: how it went, and out. Beside it the other calm way, which asks for a reason first. */
import type { Assistance } from '@amparo/contract/assistance'
import { type Outcome, outcomes } from '@amparo/contract/words'
import { Radio } from '@mantine/core'
import { useRef, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { CancelButton } from './CancelProcess.tsx'
import { useStep } from './useAssistance.ts'

export function Finish({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const step = useStep(it.id)
  const place = useRef<HTMLDivElement>(null)
  const [outcome, choose] = useState<Outcome>()
  const [pressed, press] = useState(false)
  useErrorInTitle(pressed && !outcome)
  if (!it.next.includes('closure')) return null
  const finish = async () => {
    press(true)
    if (!outcome) return place.current?.querySelector('input')?.focus()
    await step.run(() => wire.call('close', { params: { id: it.id }, body: { because: 'finished', outcome } }))
  }
  return (
    <section className="block" aria-labelledby="finish">
      <h2 id="finish">{t('finish.title')}</h2>
      <div ref={place}>
        <Radio.Group
          label={t('finish.outcome')}
          error={pressed && !outcome && t('finish.choose')}
          value={outcome ?? ''}
          onChange={(value) => choose(outcomes.find((one) => one === value))}
        >
          <div className="choices">
            {outcomes.map((one) => (
              <Radio key={one} value={one} label={t(`finish.${one}`)} />
            ))}
          </div>
        </Radio.Group>
      </div>
      <Refused failure={step.failure} />
      <div className="acts">
        <Press busy={step.busy} onPress={finish}>
          {t('finish.go')}
        </Press>
        <CancelButton it={it} />
      </div>
    </section>
  )
}
