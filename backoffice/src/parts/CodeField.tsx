/**
 * A code of digits in one real input: `482913`, `482 913`, `482-913` and "Your code is 482 913." can all be typed or
 * pasted, nothing is cut off, and a wrong length is said in words instead of being prevented.
 */
import { TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import type { WordId } from '../words/en.ts'
import { useWords } from '../words/words.tsx'
import { digitsOf, typeable } from './digits.ts'
import { Press } from './Press.tsx'

interface Props {
  readonly label: string
  readonly go: string
  readonly digits?: 6 | 2
  /** What was wrong with the last one, in words. */
  readonly wrong: string | undefined
  readonly busy: boolean
  /** What is being done while it is busy, in words. */
  readonly busyText?: string
  readonly autoFocus?: boolean
  /** True once these digits are what comes next: takes the focus, unless something is being typed elsewhere. */
  readonly next?: boolean
  /** A calm button, where the other way beside it is the likely one. */
  readonly calm?: boolean
  readonly onCode: (digits: string) => unknown
}

const order = ['label', 'description', 'error', 'input'] as const

export function CodeField(props: Props) {
  const { label, go, digits = 6, wrong, busy, busyText, autoFocus = false, next = false, calm = false, onCode } = props
  const { t } = useWords()
  const [text, setText] = useState('')
  const [early, setEarly] = useState<string>()
  const input = useRef<HTMLInputElement>(null)
  const error = early ?? wrong
  useEffect(() => {
    if (error !== undefined) input.current?.select()
  }, [error])
  useEffect(() => {
    if (next && !typingElsewhere()) input.current?.focus()
  }, [next])
  useErrorInTitle(early !== undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const typed = digitsOf(text)
    const problem = shortcoming(typed, digits)
    setEarly(problem && t(problem, { count: typed.length }))
    if (problem) input.current?.focus()
    else onCode(typed)
  }
  return (
    <form className="code-form" onSubmit={submit} noValidate>
      <TextInput
        ref={input}
        className={digits === 6 ? 'code-field' : 'code-field short'}
        label={label}
        description={digits === 6 ? t('code.hint') : t('code.hintTwo')}
        error={error}
        inputWrapperOrder={[...order]}
        value={text}
        onChange={(event) => setText(typeable(event.currentTarget.value))}
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        data-autofocus={autoFocus || undefined}
        autoFocus={autoFocus}
      />
      <Press type="submit" variant={calm ? 'default' : 'filled'} busy={busy}>
        {go}
      </Press>
      {busy && busyText && (
        <p role="status" className="after-300ms">
          {busyText}
        </p>
      )}
    </form>
  )
}

const typingElsewhere = () => document.activeElement instanceof HTMLInputElement && document.activeElement.value !== ''

function shortcoming(typed: string, wanted: 6 | 2): WordId | undefined {
  if (typed.length === wanted) return undefined
  if (wanted === 2) return 'consent.twoEmpty'
  return typed.length === 0 ? 'code.empty' : 'code.length'
}
