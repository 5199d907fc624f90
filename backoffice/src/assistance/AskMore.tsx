/** *Ask for more*: one sensitive power, with a message and a code of its own. What holds, waits and was refused is said. */
import { alwaysRefused, isAlwaysRefused } from '@amparo/contract/powers'
import { NativeSelect } from '@mantine/core'
import { CircleCheck, CircleX, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useSurfaceNames } from '../lists/surfaceNames.ts'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Delivery } from './Delivery.tsx'
import { ReadOut } from './ReadOut.tsx'
import { type Seen, useStep } from './useAssistance.ts'

type Sensitive = NonNullable<Seen['it']['sensitive']>

/** What a power lets the agent do, in words. */
function usePowerName(): (power: string) => string {
  const { name } = useWords()
  return (power) => (isAlwaysRefused(power) ? name(alwaysRefused[power]) : power)
}

export function AskMore({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const { sensitive } = it
  if (!sensitive || !it.next.includes('powers')) return null
  const { offered, waiting, held, refused } = sensitive
  return (
    <details
      className="block ask-more"
      open={waiting !== undefined || offered.length + held.length + refused.length > 0}
    >
      <summary>
        <KeyRound size={20} aria-hidden /> {t('more.title')}
      </summary>
      <p className="soft">{t('more.lead')}</p>
      <Answers held={held} refused={refused} />
      {waiting && <Waiting seen={seen} waiting={waiting} />}
      {offered.length > 0 ? (
        <Asking seen={seen} offered={offered} again={waiting?.power} />
      ) : (
        held.length === 0 && <p>{t('more.none')}</p>
      )}
    </details>
  )
}

function Answers({ held, refused }: Pick<Sensitive, 'held' | 'refused'>) {
  const { t, time, list } = useWords()
  const powerName = usePowerName()
  const surfaceName = useSurfaceNames()
  if (held.length + refused.length === 0) return null
  return (
    <ul className="answers">
      {held.map((one) => (
        <li key={`${one.power} ${one.at}`} className="with-icon live">
          <CircleCheck size={18} aria-hidden />{' '}
          {t('more.held', {
            power: powerName(one.power),
            where: list(one.surfaces.map(surfaceName)),
            time: time(one.at),
          })}
        </li>
      ))}
      {refused.map((one) => (
        <li key={`${one.power} ${one.at}`} className="with-icon refused">
          <CircleX size={18} aria-hidden />{' '}
          {t(one.afterwards ? 'more.takenBack' : 'more.refused', { power: powerName(one.power), time: time(one.at) })}
        </li>
      ))}
    </ul>
  )
}

interface AskingProps {
  readonly seen: Seen
  readonly offered: Sensitive['offered']
  readonly again: string | undefined
}

function Asking({ seen: { it }, offered, again }: AskingProps) {
  const { t } = useWords()
  const powerName = usePowerName()
  const step = useStep(it.id)
  const [chosen, choose] = useState('')
  const power = offered.some((one) => one.power === chosen) ? chosen : (again ?? offered[0]?.power ?? '')
  const ask = () => step.run(() => wire.call('askPower', { params: { id: it.id }, body: { power } }))
  return (
    <>
      <NativeSelect
        label={t('more.what')}
        value={power}
        onChange={(event) => choose(event.currentTarget.value)}
        data={offered.map((one) => ({ value: one.power, label: powerName(one.power) }))}
      />
      <Refused failure={step.failure} />
      <div className="acts">
        <Press variant="default" busy={step.busy} onPress={ask}>
          {t(again === power ? 'more.again' : 'more.ask')}
        </Press>
      </div>
    </>
  )
}

interface WaitingProps {
  readonly seen: Seen
  readonly waiting: NonNullable<Sensitive['waiting']>
}

function Waiting({ seen: { it }, waiting }: WaitingProps) {
  const { t } = useWords()
  const powerName = usePowerName()
  const step = useStep(it.id)
  const params = { id: it.id, power: waiting.power }
  return (
    <div className="waiting-power">
      <p>
        <strong>{t('more.waiting', { power: powerName(waiting.power), number: it.sayFirst ?? '' })}</strong>
      </p>
      <Delivery messages={it.messages} purpose="power" />
      <ReadOut
        user={it.user?.name ?? ''}
        page={waiting}
        step={step}
        field={t('more.field')}
        go={t('more.go')}
        onGiven={(body) => step.run(() => wire.call('grantPower', { params, body }))}
      />
    </div>
  )
}

/** In the header: what was allowed beyond the rest. */
export function HeldPowers({ it }: { readonly it: Seen['it'] }) {
  const { t, list } = useWords()
  const powerName = usePowerName()
  const held = it.state === 'active' ? (it.sensitive?.held ?? []) : []
  if (held.length === 0) return null
  return (
    <span className="held-powers">
      <KeyRound size={16} aria-hidden /> {t('more.also', { powers: list(held.map((one) => powerName(one.power))) })}
    </span>
  )
}
