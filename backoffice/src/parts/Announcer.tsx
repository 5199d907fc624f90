/** The one voice: what is said politely, and nothing else is. The same sentence said again is heard again. */
import { createContext, type ReactNode, use, useCallback, useState } from 'react'

interface Said {
  readonly text: string
  readonly times: number
}
const silence: Said = { text: '', times: 0 }

const Announce = createContext<(text: string) => void>(() => undefined)
const LastSaid = createContext(silence)

export const useAnnounce = () => use(Announce)

export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, say] = useState(silence)
  const announce = useCallback((text: string) => say(({ times }) => ({ text, times: times + 1 })), [])
  return (
    <Announce value={announce}>
      <LastSaid value={said}>
        {children}
        <Spoken />
      </LastSaid>
    </Announce>
  )
}

/** The live region. What lies behind a modal dialog is not heard, so each dialog has one for what is said over it. */
export function Spoken() {
  const { text, times } = use(LastSaid)
  const [before] = useState(times)
  return (
    <div className="heard-only" role="status" aria-live="polite">
      {/* Anew each time: a text that stays is not read. */}
      <span key={times}>{times > before && text}</span>
    </div>
  )
}
