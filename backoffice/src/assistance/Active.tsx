/** Stage four: open what was agreed, ask whether the user is still there, and finish. */
import type { Assistance } from '@amparo/contract/assistance'
import { type Outcome, outcomes } from '@amparo/contract/words'
import { Radio } from '@mantine/core'
import { useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { Presence } from './Presence.tsx'
import { SurfaceRow } from './SurfaceRow.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Active({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  return (
    <>
      <StageTitle text={t('help.title', { user: it.user?.name ?? t('header.unproved') })} />
      <section className="block" aria-labelledby="surfaces">
        <h2 id="surfaces">{t('help.surfaces')}</h2>
        <p>
          <strong>{t(`help.${it.powers}`)}</strong> {t('help.never')}
        </p>
        {it.surfaces.length === 0 && <p>{t('help.none')}</p>}
        <ul className="surfaces">
          {it.surfaces.map((surface) => (
            <SurfaceRow key={surface.surface} it={it} surface={surface} />
          ))}
        </ul>
        <p className="soft">{t('help.noTab')}</p>
      </section>
      <Presence seen={seen} />
      <Finish it={it} />
      <CancelProcess it={it} />
    </>
  )
}

function Finish({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const step = useStep(it.id)
  const [outcome, choose] = useState<Outcome>()
  const [pressed, press] = useState(false)
  useErrorInTitle(pressed && !outcome)
  if (!it.next.includes('closure')) return null
  const finish = async () => {
    press(true)
    if (outcome) {
      await step.run(() => wire.call('close', { params: { id: it.id }, body: { because: 'finished', outcome } }))
    }
  }
  return (
    <section className="block" aria-labelledby="finish">
      <h2 id="finish">{t('finish.title')}</h2>
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
      <Refused failure={step.failure} />
      <div className="acts">
        <Press busy={step.busy} onPress={finish}>
          {t('finish.go')}
        </Press>
      </div>
    </section>
  )
}
