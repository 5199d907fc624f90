/** When a page of ours fails, or does not come any more: said in words, and what runs on the server is not touched by it. */
import { PartMissing } from '../parts/missing.ts'
import { Reload } from '../parts/Part.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'

export function Broken({ error }: { readonly error: unknown }) {
  const { t } = useWords()
  const outdated = error instanceof PartMissing
  return (
    <div className="wide">
      <StageTitle text={t(outdated ? 'frame.outdatedTitle' : 'frame.fault')} wrong={!outdated} />
      <p>{t(outdated ? 'frame.outdated' : 'frame.faultText')}</p>
      <div className="acts">
        <Reload />
      </div>
    </div>
  )
}
