/** The key of a button, on the button: for eyes only (`aria-keyshortcuts` says it to the others), and only while it works. */
import { type KeyId, shortcuts, usePlainKeysOn } from './keys.ts'

export function KeyHint({ of: id }: { readonly of: KeyId }) {
  const { plain, shown } = shortcuts[id]
  const on = usePlainKeysOn()
  if (plain && !on) return null
  return <kbd aria-hidden>{shown.join(plain ? ' ' : '+')}</kbd>
}
