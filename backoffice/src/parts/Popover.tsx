/** What lies behind a small button: the browser's own popover. Esc and a press elsewhere close it, and only it. */
import { type ReactNode, useId } from 'react'

interface Props {
  readonly label: string
  readonly button: ReactNode
  readonly children: ReactNode
}

export function Popover({ label, button, children }: Props) {
  const id = useId()
  return (
    <>
      <button type="button" className="small-button" popoverTarget={id} aria-label={label}>
        {button}
      </button>
      <div id={id} popover="auto" className="popover">
        {children}
      </div>
    </>
  )
}
