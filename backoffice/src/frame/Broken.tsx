/** When a page of ours fails: said in words, and what runs on the server is not touched by it. */
import { Press } from '../parts/Press.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'

export function Broken() {
  const { t } = useWords()
  return (
    <div className="wide">
      <StageTitle text={t('frame.fault')} wrong />
      <p>{t('frame.faultText')}</p>
      <div className="acts">
        <Press onPress={() => location.reload()}>{t('frame.reload')}</Press>
      </div>
    </div>
  )
}
