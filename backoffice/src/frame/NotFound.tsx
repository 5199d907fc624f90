/** An address that means nothing. */
import { Link } from '@tanstack/react-router'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { homeOf } from './places.ts'

export function NotFound() {
  const { t } = useWords()
  return (
    <div className="plain-page">
      <StageTitle text={t('app.notFound')} />
      <Link to={homeOf(useMe().roles)}>{t('refused.role.back')}</Link>
    </div>
  )
}
