/** A button that says when its work is under way. It is never disabled: a second press meanwhile does nothing. */
import { Button, type ButtonProps, Loader } from '@mantine/core'
import type { ReactNode } from 'react'

interface Props extends Omit<ButtonProps, 'children' | 'rightSection'> {
  readonly children: ReactNode
  readonly busy?: boolean
  readonly type?: 'button' | 'submit'
  readonly onPress?: (() => unknown) | undefined
  readonly label?: string | undefined
  readonly describedBy?: string | undefined
  readonly keys?: string | undefined
}

export function Press({ busy = false, type = 'button', onPress, label, describedBy, keys, ...rest }: Props) {
  return (
    <Button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-label={label}
      aria-describedby={describedBy}
      aria-keyshortcuts={keys}
      onClick={onPress && (() => void onPress())}
      rightSection={busy ? <Loader size={16} color="currentColor" aria-hidden /> : undefined}
    />
  )
}
