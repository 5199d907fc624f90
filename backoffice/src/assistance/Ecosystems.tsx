/** The user's ecosystems as cards: name, role, status, and what the button of each would open. */
import type { Assistance } from '@amparo/contract/assistance'
import type { EcosystemSeen } from '@amparo/contract/people'
import { Radio } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useStep } from './useAssistance.ts'

/** Nobody asks for consent long after they chose, because a line came back. */
const patienceMs = 20_000

interface Props {
  readonly it: Assistance
  readonly wrong: boolean
  /** Whether this person may be helped: then this is the first thing to do here, and takes the focus. */
  readonly helpable: boolean
  /** Told that a choice is on its way, and what became of it once it can be seen. */
  readonly onChoice: (now: Choice) => void
}

export type Choice = 'on its way' | 'made' | 'failed'

export function Ecosystems({ it, wrong, helpable, onChoice }: Props) {
  const { t } = useWords()
  const step = useStep(it.id)
  const [picked, pick] = useState<string>()
  const wanted = useRef('')
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!helpable) return
    const radios = place.current
    radios?.querySelector<HTMLInputElement>('input:checked, input')?.focus({ preventScroll: true })
  }, [helpable])
  const ecosystems = it.ecosystems ?? []
  if (ecosystems.length === 0) return <p>{t('eco.none')}</p>
  const choose = async (ecosystemId: string) => {
    pick(ecosystemId)
    const isUnderWay = wanted.current !== ''
    wanted.current = ecosystemId
    if (isUnderWay) return
    onChoice('on its way')
    let isMade = false
    // Whoever chooses another meanwhile gets the last that they chose.
    for (let asked = ''; asked !== wanted.current; ) {
      asked = wanted.current
      const body = { ecosystemId: asked }
      const signal = AbortSignal.timeout(patienceMs)
      isMade = Boolean(await step.run(() => wire.call('chooseEcosystem', { params: { id: it.id }, body, signal })))
    }
    wanted.current = ''
    pick(undefined)
    onChoice(isMade ? 'made' : 'failed')
  }
  return (
    <div ref={place}>
      <Radio.Group
        label={t('eco.legend')}
        value={picked ?? it.ecosystemId ?? ''}
        onChange={(id) => void choose(id)}
        error={wrong && it.ecosystemId === undefined && t('eco.choose')}
      >
        <div className="cards">
          {ecosystems.map((one) => (
            <Radio key={one.id} value={one.id} className="card" label={<Card of={one} helpable={helpable} />} />
          ))}
        </div>
      </Radio.Group>
      <Refused failure={step.failure} />
    </div>
  )
}

function Card({ of: one, helpable }: Pick<Props, 'helpable'> & { readonly of: EcosystemSeen }) {
  const { t, name, list } = useWords()
  const opens = helpable ? one.offers?.map((surface) => name(surface.name)) : []
  return (
    <>
      <strong>{one.name}</strong>{' '}
      <span className="tags">
        <span className="tag">{t(`eco.${one.role}`)}</span>
        <span className={`tag ${one.status}`}>{t(`eco.${one.status}`)}</span>
      </span>
      {opens && <small>{opens.length > 0 ? t('eco.opens', { names: list(opens) }) : t('eco.opensNothing')}</small>}
    </>
  )
}
