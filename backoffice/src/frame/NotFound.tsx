/** An address that means nothing. */
import { Link } from '@tanstack/react-router'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'

export function NotFound() {
  const { t } = useWords()
  return (
    <>
      <StageTitle text={t('app.notFound')} />
      <Link to="/assist">{t('app.toStart')}</Link>
    </>
  )
}
