/** The first form's content: from the link that brought us here, else from what was typed before. */
import { useEffect, useState } from 'react'
import { useMe } from '../session/session.ts'
import { type Draft, draftOfLink, keepDraft, keptDraft, reasonKnown } from './draft.ts'
import { useReasons } from './reasons.ts'

export interface Form {
  readonly draft: Draft
  /** True after a link of the ticket system has filled it in. */
  readonly linked: boolean
  change(part: Partial<Draft>): void
  fill(draft: Draft): void
}

export function useDraft(): Form {
  const { id } = useMe()
  const [linked, setLinked] = useState(() => draftOfLink(location.hash) !== undefined)
  const [draft, setDraft] = useState(() => draftOfLink(location.hash) ?? keptDraft(id))
  useEffect(() => keepDraft(id, draft), [id, draft])
  useEffect(() => {
    const take = () => {
      const link = draftOfLink(location.hash)
      if (!link) return
      setDraft(link)
      setLinked(true)
      history.replaceState(history.state, '', location.pathname + location.search)
    }
    take()
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [])
  const reasons = useReasons()
  useEffect(() => {
    if (reasons)
      setDraft((before) =>
        reasonKnown(
          before,
          reasons.map((one) => one.code),
        ),
      )
  }, [reasons])
  return {
    draft,
    linked,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    fill: setDraft,
  }
}
