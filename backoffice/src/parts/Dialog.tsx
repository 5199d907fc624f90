/** The browser's own modal dialog: it keeps the focus inside, makes the rest inert, and Esc goes back. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { Spoken } from './Announcer.tsx'

interface Props {
  readonly title: string
  readonly open: boolean
  readonly onBack: () => void
  /** `question` waits for an answer; the others are only on top, and a click beside them goes back too. */
  readonly look?: 'question' | 'drawer' | 'palette' | 'sheet' | 'panel' | 'details'
  readonly children: ReactNode
}

export function Dialog({ title, open, onBack, look = 'question', children }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Closed before it is taken out of the page: only then does the browser give the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = element.current
    if (!dialog || !open) return
    dialog.showModal()
    dialog.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => dialog.close()
  }, [open])
  if (!open) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the key for it; a click beside the dialog lands on itself.
    <dialog
      ref={element}
      className={`dialog ${look}`}
      role={look === 'question' ? 'alertdialog' : undefined}
      aria-labelledby={id}
      onCancel={onBack}
      onClick={(event) => {
        if (look !== 'question' && event.target === event.currentTarget) onBack()
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
      <Spoken />
    </dialog>
  )
}
