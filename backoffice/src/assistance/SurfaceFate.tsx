/** Whether a product is open, closed, or closed without having said so: the last one is red. */
import type { SurfaceSeen } from '@amparo/contract/assistance'
import { useWords } from '../words/words.tsx'

export function SurfaceFate({ surface }: { readonly surface: SurfaceSeen }) {
  const { t, language, name, time, timeToTheSecond } = useWords()
  if (surface.open && surface.openedAt) {
    return <span className="live">{t('help.openSince', { time: time(surface.openedAt) })}</span>
  }
  if (surface.closedAt === undefined) return <span>{t('help.neverOpened')}</span>
  const closed = timeToTheSecond(surface.closedAt)
  if (surface.acknowledgedAt === undefined) {
    return <span className="refused">{t('help.closing', { time: closed, name: name(surface.name) })}</span>
  }
  const after = Math.max(0, Date.parse(surface.acknowledgedAt) - Date.parse(surface.closedAt)) / 1000
  const seconds = after.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return <span>{t('help.closed', { time: closed, seconds })}</span>
}
