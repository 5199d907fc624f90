/** Stage two: the agent proves who they are. Nothing of the user is known yet, and nothing goes out to them. */
import { useState } from 'react'
import { Band } from '../parts/Band.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'
import { ByCode } from './ByCode.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import type { Seen } from './useAssistance.ts'

export function AgentVerification({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const [wrong, setWrong] = useState(false)
  return (
    <>
      <StageTitle text={t('identity.title')} wrong={wrong} focus={false} />
      <Band whose="agent" title={t('identity.band')}>
        <ByCode seen={seen} onWrong={setWrong} />
      </Band>
      <ReadAloud sentence="say.identity" sees={t('sees.nothing')} />
      <CancelProcess it={seen.it} />
    </>
  )
}
