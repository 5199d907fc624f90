/** Puts a text into the clipboard and says so in place. Where the browser refuses, the text is selected instead. */
import { Check, Copy as CopyIcon } from 'lucide-react'
import { useCallback, useState } from 'react'
import { useWords } from '../words/words.tsx'
import { useAnnounce } from './Announcer.tsx'
import { KeyHint } from './KeyHint.tsx'
import { ariaKeys, type KeyId, useKey } from './keys.ts'
import { Press } from './Press.tsx'

export type Copied = 'not yet' | 'copied' | 'selected'

/** `source` is what gets selected when the clipboard is closed to us. */
export function useCopy(text: string, source: () => HTMLElement | null): readonly [Copied, () => Promise<void>] {
  const { t } = useWords()
  const announce = useAnnounce()
  const [copied, set] = useState<Copied>('not yet')
  const copy = useCallback(async () => {
    try {
      await navigator.clipboard.writeText(text)
      set('copied')
      announce(t('copy.done'))
    } catch {
      const element = source()
      if (element) getSelection()?.selectAllChildren(element)
      set('selected')
      announce(t('copy.selected'))
    }
  }, [text, source, announce, t])
  return [copied, copy]
}

interface Props {
  readonly label: string
  readonly copied: Copied
  readonly copy: () => Promise<void>
  readonly keyId: KeyId
}

export function CopyButton({ label, copied, copy, keyId }: Props) {
  const { t } = useWords()
  useKey(keyId, copy)
  return (
    <div className="acts">
      <Press always variant="default" onPress={copy} keys={ariaKeys(keyId)}>
        {copied === 'copied' ? <Check size={18} aria-hidden /> : <CopyIcon size={18} aria-hidden />} {label}
        <KeyHint of={keyId} />
      </Press>
      {copied === 'copied' && <span className="live">{t('copy.done')}</span>}
      {copied === 'selected' && <span>{t('copy.selected')}</span>}
    </div>
  )
}
