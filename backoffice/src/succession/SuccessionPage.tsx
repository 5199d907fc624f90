/** Ecosystem Admin: the place for it. */
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'

export function SuccessionPage() {
  const { t } = useWords()
  if (!has(useMe(), 'agent:succession')) return <NotAllowed to="succession" />
  return (
    <div className="plain-page">
      <StageTitle text={t('nav.succession')} />
      <p>{t('succession.notYet')}</p>
    </div>
  )
}
