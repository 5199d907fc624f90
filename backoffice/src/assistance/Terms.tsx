/** What the user is asked for: which ecosystem, what may be done, how long, and over which channels they are asked. */
import type { Assistance } from '@amparo/contract/assistance'
import type { UserSeen } from '@amparo/contract/people'
import { type Channel, type Power, powers } from '@amparo/contract/words'
import { Checkbox, NativeSelect, Radio } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { latestOf } from './Delivery.tsx'
import { Ecosystems } from './Ecosystems.tsx'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly it: Assistance
  readonly user: UserSeen
  readonly onSent?: () => void
}

interface Chosen {
  readonly channels: readonly Channel[]
  readonly powers: Power
  readonly lengthMinutes: number
}

/** What was asked the last time, or everything that there is. */
export function askedBefore(it: Assistance, user: UserSeen): Chosen {
  const used = latestOf(it.messages, 'consent').map((message) => message.channel)
  const all: readonly Channel[] = user.phoneMasked === undefined ? ['email'] : ['email', 'sms']
  return { channels: used.length > 0 ? used : all, powers: it.powers, lengthMinutes: it.lengthMinutes }
}

export function Terms({ it, user, onSent }: Props) {
  const { t } = useWords()
  const step = useStep(it.id)
  const [chosen, setChosen] = useState(() => askedBefore(it, user))
  const [pressed, setPressed] = useState(false)
  useErrorInTitle(pressed && (it.ecosystemId === undefined || chosen.channels.length === 0))
  const mayAsk = it.next.includes('consent-code') || (user.assistable && it.ecosystemId === undefined)
  const change = (part: Partial<Chosen>) => setChosen((before) => ({ ...before, ...part }))
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setPressed(true)
    if (!mayAsk || it.ecosystemId === undefined || chosen.channels.length === 0) return
    const body = { ...chosen, channels: [...chosen.channels] }
    if (await step.run(() => wire.call('askConsent', { params: { id: it.id }, body }))) onSent?.()
  }
  return (
    <form className="terms" aria-label={t('user.title')} onSubmit={send} noValidate>
      <Ecosystems it={it} wrong={pressed} />
      <Offered it={it} />
      {mayAsk && (
        <>
          <Channels user={user} chosen={chosen} change={change} wrong={pressed && chosen.channels.length === 0} />
          <Allowed chosen={chosen} change={change} />
          <Refused failure={step.failure} />
          <div className="acts">
            <Press type="submit" busy={step.busy}>
              {t('terms.send')}
            </Press>
          </div>
        </>
      )}
    </form>
  )
}

function Offered({ it }: { readonly it: Assistance }) {
  const { t, name, language } = useWords()
  if (it.surfaces.length === 0) return null
  const names = it.surfaces.map((surface) => name(surface.name))
  return <p>{t('terms.offered', { names: new Intl.ListFormat(language).format(names) })}</p>
}

interface Part {
  readonly chosen: Chosen
  readonly change: (part: Partial<Chosen>) => void
}

function Channels({ user, chosen, change, wrong }: Part & { readonly user: UserSeen; readonly wrong: boolean }) {
  const { t } = useWords()
  const known: readonly Channel[] = ['email', 'sms']
  return (
    <Checkbox.Group
      label={t('terms.channels')}
      error={wrong && t('terms.noChannel')}
      value={[...chosen.channels]}
      onChange={(values) => change({ channels: known.filter((channel) => values.includes(channel)) })}
    >
      <div className="choices">
        <Checkbox value="email" label={t('terms.email')} />
        {user.phoneMasked !== undefined && <Checkbox value="sms" label={t('terms.sms', { mask: user.phoneMasked })} />}
      </div>
    </Checkbox.Group>
  )
}

const lengths = Array.from({ length: 12 }, (_, index) => (index + 1) * 5)

function Allowed({ chosen, change }: Part) {
  const { t } = useWords()
  return (
    <>
      <Radio.Group
        label={t('terms.powers')}
        value={chosen.powers}
        onChange={(value) => change({ powers: value === 'act' ? 'act' : 'look' })}
      >
        <div className="choices">
          {powers.map((power) => (
            <Radio key={power} value={power} label={t(`terms.${power}`)} />
          ))}
        </div>
      </Radio.Group>
      <NativeSelect
        className="short"
        label={t('terms.length')}
        value={String(chosen.lengthMinutes)}
        onChange={(event) => change({ lengthMinutes: Number(event.currentTarget.value) })}
        data={lengths.map((count) => ({ value: String(count), label: t('terms.minutes', { count }) }))}
      />
    </>
  )
}
