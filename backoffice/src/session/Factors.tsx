/** How I prove who I am, on the settings page. */
import { useWords } from '../words/words.tsx'

export function Factors() {
  const { t } = useWords()
  return <p>{t('settings.proofCode')}</p>
}
