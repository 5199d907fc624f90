/** What the user is asked for: where, which products, what may be done there, how long, and how the message goes out. */
import type { Assistance } from '@amparo/contract/assistance'
import type { UserSeen } from '@amparo/contract/people'
import { type Channel, powers } from '@amparo/contract/words'
import { Checkbox, NativeSelect, Radio } from '@mantine/core'
import { PhoneCall } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { type Choice, Ecosystems } from './Ecosystems.tsx'
import { channelsOf } from './messages.ts'
import { type Asked, askedBefore, lackingIn, lengths, offersOf, termsOf } from './terms.ts'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly it: Assistance
  readonly user: UserSeen
  readonly onSent?: () => void
}

/** A key that is held down was meant for the screen before. */
const notHeld = (event: KeyboardEvent) => {
  if (event.key === 'Enter' && event.repeat) event.preventDefault()
}

export function Terms({ it, user, onSent }: Props) {
  const { t } = useWords()
  const step = useStep(it.id)
  const [asked, setAsked] = useState(() => askedBefore(it, user))
  const [pressed, setPressed] = useState(false)
  const [isChoosing, setChoosing] = useState(false)
  const [owed, owe] = useState(false)
  const lacking = pressed && !isChoosing ? lackingIn(it, asked) : undefined
  useErrorInTitle(lacking !== undefined)
  const mayAsk = it.next.includes('consent-code') || (user.assistable && it.ecosystemId === undefined)
  const change = (part: Partial<Asked>) => setAsked((before) => ({ ...before, ...part }))
  const send = async () => {
    if (!mayAsk || lackingIn(it, asked)) return
    const body = termsOf(it, asked)
    if (await step.run(() => wire.call('askConsent', { params: { id: it.id }, body }))) onSent?.()
  }
  const latest = useRef(send)
  latest.current = send
  // What is asked is what was chosen: on a slow line the question waits for the choice.
  useEffect(() => {
    if (!owed || isChoosing) return
    owe(false)
    void latest.current()
  }, [owed, isChoosing])
  const chosen = (choice: Choice) => {
    setChoosing(choice === 'on its way')
    // The one before still stands there: nobody is asked about that instead.
    if (choice === 'failed') owe(false)
  }
  const press = (event: FormEvent) => {
    event.preventDefault()
    setPressed(true)
    owe(true)
  }
  const part = { it, user, asked, change }
  return (
    <form className="terms" aria-label={t('terms.label')} onSubmit={press} onKeyDown={notHeld} noValidate>
      <Ecosystems it={it} wrong={lacking === 'ecosystem'} helpable={user.assistable} onChoice={chosen} />
      {mayAsk && (
        <>
          <Surfaces {...part} wrong={lacking === 'surfaces'} />
          {it.kind === 'technical' ? <Powers {...part} /> : <p>{t('terms.succession')}</p>}
          <How {...part} wrong={lacking === 'channels'} />
          <Refused failure={step.failure} />
          <div className="acts">
            <Press type="submit" busy={step.busy || owed}>
              {t('terms.send')}
            </Press>
          </div>
        </>
      )}
    </form>
  )
}

interface Part {
  readonly it: Assistance
  readonly user: UserSeen
  readonly asked: Asked
  readonly change: (part: Partial<Asked>) => void
}

/** Which of the offered products: all of them, unless the agent needs less. */
function Surfaces({ it, asked, change, wrong }: Part & { readonly wrong: boolean }) {
  const { t, name } = useWords()
  const offers = offersOf(it)
  if (offers.length === 0) return null
  const without = new Set(asked.without)
  const chosen = offers.map((one) => one.surface).filter((surface) => !without.has(surface))
  const choose = (values: readonly string[]) =>
    change({ without: offers.map((one) => one.surface).filter((surface) => !values.includes(surface)) })
  return (
    <Checkbox.Group label={t('terms.surfaces')} error={wrong && t('terms.noSurface')} value={chosen} onChange={choose}>
      <div className="choices">
        {offers.map((one) => (
          <Checkbox key={one.surface} value={one.surface} label={name(one.name)} />
        ))}
      </div>
    </Checkbox.Group>
  )
}

function Powers({ asked, change }: Part) {
  const { t } = useWords()
  return (
    <Radio.Group
      label={t('terms.powers')}
      value={asked.powers}
      onChange={(value) => change({ powers: value === 'act' ? 'act' : 'look' })}
    >
      <div className="cards two">
        {powers.map((power) => (
          <Radio
            key={power}
            value={power}
            className="card"
            label={<strong>{t(`terms.${power}`)}</strong>}
            description={t(`terms.${power}Hint`)}
          />
        ))}
      </div>
    </Radio.Group>
  )
}

/** How long, and over which channels: said in a line, opened only by whoever wants it otherwise. */
function How({ user, asked, change, wrong }: Part & { readonly wrong: boolean }) {
  const { t, list } = useWords()
  const known = channelsOf(user)
  const label = (channel: Channel) =>
    channel === 'email' ? t('terms.email') : t('terms.sms', { mask: user.phoneMasked ?? '' })
  const channels = list(asked.channels.map((channel) => t(`terms.via_${channel}`)))
  const line = t('terms.how', { minutes: asked.lengthMinutes, channels })
  const fixed = user.phoneTakes === 'calls_only' ? 'terms.callsOnly' : 'terms.noMessages'
  return (
    <>
      {user.phoneMasked !== undefined && known.length === 1 && (
        <p className="with-icon">
          <PhoneCall size={18} aria-hidden /> {t(fixed)}
        </p>
      )}
      <details className="how" open={wrong || undefined}>
        <summary>
          <span>{line}</span> <u>{t('terms.otherwise')}</u>
        </summary>
        <div className="how-fields">
          <NativeSelect
            label={t('terms.length')}
            value={String(asked.lengthMinutes)}
            onChange={(event) => change({ lengthMinutes: Number(event.currentTarget.value) })}
            data={lengths.map((count) => ({ value: String(count), label: t('terms.minutes', { count }) }))}
          />
          <Checkbox.Group
            label={t('terms.channels')}
            error={wrong && t('terms.noChannel')}
            value={[...asked.channels]}
            onChange={(values) => change({ channels: known.filter((channel) => values.includes(channel)) })}
          >
            <div className="choices">
              {known.map((channel) => (
                <Checkbox key={channel} value={channel} label={label(channel)} />
              ))}
            </div>
          </Checkbox.Group>
        </div>
      </details>
    </>
  )
}
