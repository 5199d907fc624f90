/**
 * The products as they are configured, to read. Everybody at the desk may: whoever opens a product as a user should know
 * who is offered it and whether it can be closed. Addresses and secrets stay with the operator.
 */
import type { SurfaceSetUp } from '@amparo/contract/surfaces'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleDashed, TriangleAlert } from 'lucide-react'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Pages, pageOf } from './Pages.tsx'
import '../look/surfaces.css'

export function SurfacesPage() {
  const { t } = useWords()
  const query = useQuery({
    queryKey: ['surfaces'],
    queryFn: () => pageOf(() => wire.call('surfaces')),
    refetchInterval: 15_000,
  })
  const surfaces = query.data?.surfaces ?? []
  return (
    <div className="wide">
      <StageTitle text={t('surfaces.title')} wrong={query.isError} />
      <p className="soft">{t('surfaces.lead')}</p>
      <Pages query={query} empty={surfaces.length === 0} none={t('surfaces.none')}>
        <ul className="surface-cards">
          {surfaces.map((surface) => (
            <Card key={surface.surface} surface={surface} />
          ))}
        </ul>
      </Pages>
    </div>
  )
}

function Card({ surface }: { readonly surface: SurfaceSetUp }) {
  const { t, name } = useWords()
  return (
    <li className="block">
      <header>
        <h2>{name(surface.name)}</h2>
        <p className={surface.ready ? 'with-icon live' : 'with-icon soft'}>
          {surface.ready ? <CircleCheck size={20} aria-hidden /> : <CircleDashed size={20} aria-hidden />}
          {t(surface.ready ? 'surfaces.ready' : 'surfaces.notReady')}
        </p>
      </header>
      <Facts surface={surface} />
      {surface.waiting > 0 && (
        <p className="with-icon refused">
          <TriangleAlert size={20} aria-hidden /> {t('surfaces.waiting', { count: surface.waiting })}
        </p>
      )}
    </li>
  )
}

function Facts({ surface }: { readonly surface: SurfaceSetUp }) {
  const { t, date } = useWords()
  const offered = surface.offeredTo.map((role) => t(`surfaces.${role}`))
  const told = [
    ...(surface.told.asks ? [t('surfaces.asks')] : []),
    ...(surface.told.notified ? [t('surfaces.notified')] : []),
  ]
  const last = surface.lastAcknowledged
  const rows: readonly (readonly [string, string])[] = [
    [t('surfaces.offered'), [...offered, ...(surface.whenSuspended ? [t('surfaces.suspended')] : [])].join(', ')],
    ...(surface.ready
      ? ([
          [t('surfaces.powers'), surface.powers.map((power) => t(`surfaces.${power}`)).join(', ')],
          [t('surfaces.told'), told.length > 0 ? told.join('; ') : t('surfaces.notTold')],
          [t('surfaces.open'), String(surface.openNow)],
          [
            t('surfaces.last'),
            last
              ? t('surfaces.lastTook', { date: date(last.at), seconds: (last.afterMs / 1000).toFixed(1) })
              : t('surfaces.lastNever'),
          ],
        ] as const)
      : []),
  ]
  return (
    <dl className="facts">
      {rows.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
