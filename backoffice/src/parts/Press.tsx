/**
 * A button that says when its work is under way; a second press meanwhile does nothing. It is never greyed out without
 * a sentence: while the server is silent, what needs it stays visible and says why nothing happens.
 */
import { Button, type ButtonProps, Loader } from '@mantine/core'
import { type MouseEvent, type ReactNode, useId } from 'react'
import { useReachable } from '../frame/connection.ts'
import { useWords } from '../words/words.tsx'

interface Props extends Omit<ButtonProps, 'children' | 'rightSection'> {
  readonly children: ReactNode
  readonly busy?: boolean
  readonly type?: 'button' | 'submit'
  readonly onPress?: (() => unknown) | undefined
  readonly label?: string | undefined
  readonly describedBy?: string | undefined
  readonly keys?: string | undefined
  /** For what needs no server (opening a dialog, going back), and for what is tried even without one. */
  readonly always?: boolean
  readonly autoFocus?: boolean
}

export function Press({ busy = false, type = 'button', onPress, label, describedBy, keys, always, ...rest }: Props) {
  const { t } = useWords()
  const why = useId()
  const silent = !useReachable() && !always
  const press = (event: MouseEvent) => {
    if (silent) event.preventDefault()
    else void onPress?.()
  }
  return (
    <>
      <Button
        {...rest}
        type={type}
        aria-busy={busy || undefined}
        aria-disabled={silent || undefined}
        aria-label={label}
        aria-describedby={silent ? why : describedBy}
        aria-keyshortcuts={keys}
        title={silent ? t('app.needsServer') : undefined}
        onClick={press}
        rightSection={busy ? <Loader size={16} color="currentColor" aria-hidden /> : undefined}
      />
      {silent && (
        <span id={why} hidden>
          {t('app.needsServer')}
        </span>
      )}
    </>
  )
}
