/** The browser's own modal dialog: it keeps the focus inside, makes the rest inert, and Esc goes back. */
import { type ReactNode, useEffect, useId, useRef } from 'react'

interface Props {
  readonly title: string
  readonly open: boolean
  readonly onBack: () => void
  readonly children: ReactNode
}

export function Dialog({ title, open, onBack, children }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = element.current
    if (!dialog || !open) return
    dialog.showModal()
    dialog.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => dialog.close()
  }, [open])
  if (!open) return null
  return (
    <dialog ref={element} className="dialog" role="alertdialog" aria-labelledby={id} onCancel={onBack}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}
