/** Whether a product is open, closed, or closed without having said so: the last one is red. */
import type { SurfaceSeen } from '@amparo/contract/assistance'
import { CircleAlert, CircleCheck, CircleDot } from 'lucide-react'
import { useWords } from '../words/words.tsx'

export function SurfaceFate({ surface }: { readonly surface: SurfaceSeen }) {
  const { t, language, name, time, timeToTheSecond } = useWords()
  if (surface.open && surface.openedAt) {
    const since = t('help.openSince', { time: time(surface.openedAt) })
    const last = surface.lastActAt && t('help.lastAct', { time: time(surface.lastActAt), count: surface.actsCount })
    return (
      <span className="with-icon live">
        <CircleDot size={18} aria-hidden />
        <span>
          {surface.device !== undefined && t('phone.on', { device: surface.device })} {since} {last}
        </span>
      </span>
    )
  }
  if (surface.closedAt === undefined) return <span className="soft">{t('help.neverOpened')}</span>
  const closed = timeToTheSecond(surface.closedAt)
  if (surface.acknowledgedAt === undefined) {
    // Whatever it still believes is worth nothing any more: said, and no alarm.
    if (surface.deadAt !== undefined) {
      const until = time(surface.deadAt)
      return <span className="soft">{t('help.dead', { time: closed, name: name(surface.name), until })}</span>
    }
    return (
      <span className="with-icon refused">
        <CircleAlert size={18} aria-hidden /> {t('help.closing', { time: closed, name: name(surface.name) })}
      </span>
    )
  }
  const after = Math.max(0, Date.parse(surface.acknowledgedAt) - Date.parse(surface.closedAt)) / 1000
  const seconds = after.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (
    <span className="with-icon">
      <CircleCheck size={18} aria-hidden /> {t('help.closed', { time: closed, seconds })}
    </span>
  )
}
