/** One product: its button, what it opens, whether it is open, and closing it alone. */
import type { Assistance, Launched, SurfaceSeen } from '@amparo/contract/assistance'
import type { PhoneLaunch } from '@amparo/contract/phone'
import { ExternalLink } from 'lucide-react'
import { useId, useState } from 'react'
import { KeyHint } from '../parts/KeyHint.tsx'
import { ariaKeys, type KeyId, useKey } from '../parts/keys.ts'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { openCode, postTicket, tabMayOpen } from './launch.ts'
import { SurfaceFate } from './SurfaceFate.tsx'
import { useStep } from './useAssistance.ts'

interface Props {
  readonly it: Assistance
  readonly surface: SurfaceSeen
  /** The key that opens it: the first three have one. */
  readonly keyId: KeyId | undefined
}

const described = ['store', 'web', 'app'] as const

export function SurfaceRow({ it, surface, keyId }: Props) {
  const { t, name: nameOf } = useWords()
  const name = nameOf(surface.name)
  const closing = useStep(it.id)
  const opening = useOpening(it.id, surface.surface)
  const about = useId()
  const close = () =>
    closing.run(() => wire.call('closeSurface', { params: { id: it.id, surface: surface.surface }, body: {} }))
  useKey(keyId ?? 'open1', keyId && surface.ready ? opening.open : undefined)
  const kind = described.find((one) => one === surface.surface) ?? 'other'
  return (
    <li className={surface.open ? 'surface open' : 'surface'}>
      <Press
        variant={surface.ready && !surface.open ? 'filled' : 'default'}
        className={surface.ready ? 'opens' : 'opens not-ready'}
        busy={opening.busy}
        describedBy={about}
        keys={keyId && ariaKeys(keyId)}
        onPress={surface.ready ? opening.open : undefined}
      >
        <span>
          {surface.open ? t('help.openAgain') : t('help.open', { name })}
          {surface.open && <span className="heard-only">: {name}</span>}
        </span>
        <ExternalLink size={18} aria-hidden />
        {keyId && surface.ready && <KeyHint of={keyId} />}
      </Press>
      <div id={about} className="about">
        <p>
          <strong>{name}</strong>{' '}
          {surface.ready ? t(`help.opens_${kind}`, { user: it.user?.name ?? '' }) : t('help.notReady', { name })}
        </p>
        {surface.ready && (
          <p>
            <SurfaceFate surface={surface} />
          </p>
        )}
      </div>
      {surface.open && (
        <Press variant="default" busy={closing.busy} onPress={close}>
          <span>
            {t('help.closeOne')}
            <span className="heard-only">: {name}</span>
          </span>
        </Press>
      )}
      {opening.late && <Wrong text={t('help.tooLate')} />}
      <Refused failure={opening.failure ?? closing.failure} />
    </li>
  )
}

/** Asks for a ticket and posts it at once, or for a code and opens its page, while the press still counts as the agent's own. */
function useOpening(id: string, surface: string) {
  const step = useStep(id)
  const [late, setLate] = useState(false)
  const open = () =>
    step.run(async () => {
      const outcome = await wire.call('launch', { params: { id }, body: { surface } })
      const onTime = tabMayOpen()
      if (outcome.ok && onTime) show(id, outcome.value)
      setLate(outcome.ok && !onTime)
      return outcome
    })
  return { ...step, open, late }
}

const show = (id: string, opened: Launched | PhoneLaunch): void =>
  'ticket' in opened ? postTicket(opened) : openCode(id, opened)
