/** Somebody else's assistance, as a supervisor sees it: how it stands, and closing it. */
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Acts } from './Acts.tsx'
import { Ending } from './Closed.tsx'
import { Notes } from './Notes.tsx'
import { Person } from './Person.tsx'
import { SurfaceFate } from './SurfaceFate.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Watching({ seen: { it } }: { readonly seen: Seen }) {
  const { t, name } = useWords()
  const step = useStep(it.id)
  const agent = it.agent.name
  if (it.state === 'closed') {
    return (
      <>
        <p className="soft">{t('watch.reads', { agent })}</p>
        <Ending it={it} />
        <Acts it={it} />
        <Notes it={it} />
      </>
    )
  }
  const close = () =>
    step.run(() => wire.call('close', { params: { id: it.id }, body: { because: 'closed_by_supervisor' } }))
  return (
    <>
      <StageTitle text={t('watch.title', { agent })} />
      <p>{t('watch.note', { agent })}</p>
      <p>
        <strong>{t(`state.${it.state}`)}</strong>
      </p>
      {it.user && <Person user={it.user} />}
      <ul className="fates">
        {it.surfaces.map((surface) => (
          <li key={surface.surface}>
            <strong>{name(surface.name)}</strong> <SurfaceFate surface={surface} />
          </li>
        ))}
      </ul>
      {it.state === 'active' && <Acts it={it} />}
      <Notes it={it} />
      <Refused failure={step.failure} />
      {it.next.includes('closure') && (
        <div className="acts">
          <Press color="red" busy={step.busy} onPress={close}>
            {t('watch.close')}
          </Press>
        </div>
      )}
    </>
  )
}
