/** The heading of a screen. It takes the focus when the screen changes under the agent, so that nobody is lost. */
import { useEffect, useRef } from 'react'
import { useTitle } from '../frame/title.tsx'

interface Props {
  readonly text: string
  readonly wrong?: boolean
  /** False where a field takes the focus instead. */
  readonly focus?: boolean
}

let shownBefore = false

export function StageTitle({ text, wrong = false, focus = true }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useTitle(text, wrong)
  useEffect(() => {
    if (focus && shownBefore) heading.current?.focus()
    shownBefore = true
  }, [focus])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  )
}
