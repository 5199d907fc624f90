/** A page, not an error in a field: what the role does not include, and whom to ask. */
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'

export function NotAllowed({ to }: { readonly to: 'assist' | 'audit' }) {
  const { t } = useWords()
  return (
    <>
      <StageTitle text={t('refused.role.title')} />
      <p>{t(`refused.role.${to}`)}</p>
    </>
  )
}
