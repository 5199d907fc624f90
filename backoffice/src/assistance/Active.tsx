/** Stage four: open what was agreed, see what is done there, ask whether the user is still there, and finish. */

import type { Assistance } from '@amparo/contract/assistance'
import { alwaysRefused, alwaysRefusedActs } from '@amparo/contract/powers'
import { Ban, Eye, PencilLine } from 'lucide-react'
import { HandOver, SecondPerson } from '../oversight/late.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'
import { Acts } from './Acts.tsx'
import { AskMore } from './AskMore.tsx'
import { Finish } from './Finish.tsx'
import { Notes } from './Notes.tsx'
import { Presence } from './Presence.tsx'
import { SurfaceRow } from './SurfaceRow.tsx'
import type { Seen } from './useAssistance.ts'

export function Active({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const user = it.user?.name ?? t('header.unproved')
  // Opened without the user: nobody is on the phone, and no silence of theirs ends it.
  const alone = it.consentedBy === 'break_glass'
  return (
    <>
      <StageTitle text={t('help.title', { user })} />
      <section className="block" aria-labelledby="surfaces">
        <h2 id="surfaces">{t('help.surfaces', { user })}</h2>
        <Powers it={it} />
        {it.surfaces.length === 0 && <p>{t('help.none')}</p>}
        <ul className="surfaces">
          {it.surfaces.map((surface, index) => (
            <SurfaceRow key={surface.surface} it={it} surface={surface} keyId={openKeys[index]} />
          ))}
        </ul>
        <p className="soft">{t('help.noTab')}</p>
      </section>
      {it.user && !alone && <ReadAloud language={it.user.locale} sentence="say.help" sees={t('sees.help')} />}
      <SecondPerson it={it} />
      <Acts it={it} />
      {!alone && <Presence seen={seen} />}
      <AskMore seen={seen} />
      <HandOver it={it} />
      <div className="side-by-side">
        <Notes it={it} />
        <Finish it={it} />
      </div>
    </>
  )
}

const openKeys = ['open1', 'open2', 'open3'] as const

/** What was agreed, and what it never includes. */
function Powers({ it }: { readonly it: Assistance }) {
  const { t, name, list } = useWords()
  const Icon = it.powers === 'look' ? Eye : PencilLine
  return (
    <>
      <p className="with-icon">
        <Icon size={18} aria-hidden /> <strong>{t(`help.${it.powers}`)}</strong>
      </p>
      <details>
        <summary>
          <Ban size={18} aria-hidden /> {t('help.never')}
        </summary>
        <p>{t('help.neverList', { acts: list(alwaysRefusedActs.map((act) => name(alwaysRefused[act]))) })}</p>
      </details>
    </>
  )
}
