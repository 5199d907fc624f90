/** The user's ecosystems as cards: name, role, status. What is offered follows from the one that is chosen. */
import type { Assistance } from '@amparo/contract/assistance'
import { Radio } from '@mantine/core'
import { useState } from 'react'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly it: Assistance
  readonly wrong: boolean
}

export function Ecosystems({ it, wrong }: Props) {
  const { t } = useWords()
  const step = useStep(it.id)
  const [picked, pick] = useState<string>()
  const ecosystems = it.ecosystems ?? []
  if (ecosystems.length === 0) return <p>{t('eco.none')}</p>
  const choose = async (ecosystemId: string) => {
    pick(ecosystemId)
    await step.run(() => wire.call('chooseEcosystem', { params: { id: it.id }, body: { ecosystemId } }))
    pick(undefined)
  }
  return (
    <>
      <Radio.Group
        label={t('eco.legend')}
        value={picked ?? it.ecosystemId ?? ''}
        onChange={(id) => void choose(id)}
        error={wrong && it.ecosystemId === undefined && t('eco.choose')}
      >
        <div className="cards">
          {ecosystems.map((one) => (
            <Radio
              key={one.id}
              value={one.id}
              className="card"
              label={
                <>
                  {one.name} <span className="tag">{t(`eco.${one.role}`)}</span>{' '}
                  <span className={`tag ${one.status}`}>{t(`eco.${one.status}`)}</span>
                </>
              }
            />
          ))}
        </div>
      </Radio.Group>
      <Refused failure={step.failure} />
    </>
  )
}
