/** The one live region: what is said politely, and nothing else is. */
import { createContext, type ReactNode, use, useCallback, useState } from 'react'

const Context = createContext<(text: string) => void>(() => undefined)

export const useAnnounce = () => use(Context)

export function Announcer({ children }: { readonly children: ReactNode }) {
  const [text, setText] = useState('')
  const announce = useCallback((next: string) => setText(next), [])
  return (
    <Context value={announce}>
      {children}
      <div className="heard-only" role="status" aria-live="polite">
        {text}
      </div>
    </Context>
  )
}
