/** Stage three, first half: who this is, in which ecosystem, and what is asked of them. */
import { BreakGlass, SecondPerson } from '../oversight/late.tsx'
import { Band } from '../parts/Band.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { CorrectUser } from './CorrectUser.tsx'
import { Person } from './Person.tsx'
import { Terms } from './Terms.tsx'
import type { Seen } from './useAssistance.ts'

export function UserLookup({ seen: { it } }: { readonly seen: Seen }) {
  const { t } = useWords()
  const user = it.user ?? undefined
  const known = user?.assistable === true
  const title = known ? t('user.title', { user: user.name }) : t(user ? 'user.cannot' : 'user.unknownTitle')
  // What keeps them from being helped is said above; where they are is a matter of its own.
  const hasPlaces = (it.ecosystems ?? []).length > 0 || user?.why === 'no_ecosystem'
  return (
    <>
      <StageTitle text={title} wrong={!known} focus={!known && user !== undefined} />
      <Band whose="user" title={t('user.band')}>
        {user ? <Person user={user} /> : <p>{t('user.unknown')}</p>}
        {user && !user.assistable && <Wrong text={t(`why.${user.why ?? 'nothing_offered'}`)} />}
        {!user && <CorrectUser it={it} autoFocus />}
        {user && (
          <details open={!user.assistable}>
            <summary>{t('user.otherAddress')}</summary>
            <CorrectUser it={it} />
          </details>
        )}
      </Band>
      <SecondPerson it={it} />
      {user && hasPlaces && <Terms key={user.email} it={it} user={user} />}
      {!user && <ReadAloud sentence="say.unknown" sees={t('sees.nothingYet')} />}
      {known && <ReadAloud language={user.locale} sentence="say.asking" sees={t('sees.notYet')} />}
      {known && <BreakGlass it={it} />}
      <CancelProcess it={it} />
    </>
  )
}
