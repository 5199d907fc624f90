/**
 * A code of digits in one real input: `482913`, `482 913`, `482-913` and "Your code is 482 913." can all be typed or
 * pasted, nothing is cut off, and a wrong length is said in words instead of being prevented.
 */
import { TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import type { WordId } from '../words/en.ts'
import { useWords } from '../words/words.tsx'
import { Press } from './Press.tsx'

interface Props {
  readonly label: string
  readonly go: string
  readonly digits?: 6 | 2
  /** What was wrong with the last one, in words. */
  readonly wrong: string | undefined
  readonly busy: boolean
  readonly autoFocus?: boolean
  /** True once these digits are what comes next: takes the focus, unless something is being typed elsewhere. */
  readonly next?: boolean
  readonly onCode: (digits: string) => unknown
}

const digitsOf = (text: string) => text.replace(/\D/g, '')
const kept = (text: string) => text.replace(/[^\d\s-]/g, '').trimStart()

export function CodeField({ label, go, digits = 6, wrong, busy, autoFocus = false, next = false, onCode }: Props) {
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
        description={digits === 6 ? t('code.hint') : undefined}
        error={error}
        value={text}
        onChange={(event) => setText(kept(event.currentTarget.value))}
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        data-autofocus={autoFocus || undefined}
        autoFocus={autoFocus}
      />
      <Press type="submit" busy={busy}>
        {go}
      </Press>
    </form>
  )
}

const typingElsewhere = () => document.activeElement instanceof HTMLInputElement && document.activeElement.value !== ''

function shortcoming(typed: string, wanted: 6 | 2): WordId | undefined {
  if (typed.length === wanted) return undefined
  if (wanted === 2) return 'consent.twoEmpty'
  return typed.length === 0 ? 'code.empty' : 'code.length'
}
