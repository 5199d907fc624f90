/** Why something did not happen, as a sentence that the agent can act on. */
import { Alert } from '@mantine/core'
import { CircleAlert, Hourglass } from 'lucide-react'
import type { ReactNode } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { type Failure, sentenceFor } from '../wire.ts'
import { useWords } from '../words/words.tsx'

interface Props {
  readonly failure: Failure | undefined
  readonly children?: ReactNode
}

export function Refused({ failure, children }: Props) {
  const words = useWords()
  if (failure === undefined) return null
  // Somebody was asked, as it has to be: a step on the way, and nothing that went wrong.
  if (typeof failure === 'object' && failure.problem.code === 'approval.needed')
    return (
      <p className="with-icon" role="status">
        <Hourglass size={20} aria-hidden /> {sentenceFor(failure, words)}
      </p>
    )
  return <Wrong text={sentenceFor(failure, words)}>{children}</Wrong>
}

interface WrongProps {
  readonly text: string
  readonly children?: ReactNode
  /** To be known, while nothing on this screen went wrong. */
  readonly calm?: boolean
}

export function Wrong({ text, children, calm = false }: WrongProps) {
  useErrorInTitle(!calm)
  return (
    <Alert className="wrong" icon={<CircleAlert size={20} aria-hidden />} role="alert">
      <p>{text}</p>
      {children}
    </Alert>
  )
}
