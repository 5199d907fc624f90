/**
 * The place of a part that comes when it is needed. Where it does not come any more the agent is told so in its place, and
 * all that stands around it stays as it is until they load the page again.
 */
import { CatchBoundary } from '@tanstack/react-router'
import { type ReactNode, Suspense } from 'react'
import { useWords } from '../words/words.tsx'
import { PartMissing } from './missing.ts'
import { Press } from './Press.tsx'
import { Wrong } from './Refused.tsx'

interface Props {
  readonly children: ReactNode
  /** While it is on its way. */
  readonly meanwhile?: ReactNode
  /** What stands around the words for its absence; nothing unless said. */
  readonly around?: (missing: ReactNode) => ReactNode
}

export function Part({ children, meanwhile, around = (missing) => missing }: Props) {
  return (
    <CatchBoundary getResetKey={() => 'part'} errorComponent={({ error }) => around(<Missing error={error} />)}>
      <Suspense fallback={meanwhile}>{children}</Suspense>
    </CatchBoundary>
  )
}

/** Any other fault is none of ours: the page says it. */
function Missing({ error }: { readonly error: unknown }) {
  const { t } = useWords()
  if (!(error instanceof PartMissing)) throw error
  return (
    <Wrong calm text={t('frame.outdated')}>
      <div className="acts">
        <Reload />
      </div>
    </Wrong>
  )
}

export function Reload() {
  const { t } = useWords()
  return <Press onPress={() => location.reload()}>{t('frame.reload')}</Press>
}
