/** `?`: every key there is, from the same table that listens to them. */
import { X } from 'lucide-react'
import { Dialog } from '../parts/Dialog.tsx'
import { keyIds, shortcuts, useAvailableKeys, usePlainKeysOn } from '../parts/keys.ts'
import { useWords } from '../words/words.tsx'
import { Keys } from './Keys.tsx'

interface Props {
  readonly open: boolean
  readonly onBack: () => void
}

export function KeySheet({ open, onBack }: Props) {
  const { t } = useWords()
  const on = usePlainKeysOn()
  return (
    <Dialog title={t('keys.title')} open={open} onBack={onBack} look="sheet">
      <button type="button" className="icon close" data-first aria-label={t('keys.close')} onClick={onBack}>
        <X size={22} aria-hidden />
      </button>
      <div className="key-groups">
        {(['anywhere', 'go', 'assistance'] as const).map((group) => (
          <Group key={group} group={group} />
        ))}
      </div>
      <p className="soft">{t(on ? 'keys.fields' : 'keys.off')}</p>
    </Dialog>
  )
}

function Group({ group }: { readonly group: 'anywhere' | 'go' | 'assistance' }) {
  const { t } = useWords()
  const here = useAvailableKeys()
  return (
    <section>
      <h3>{t(`keys.group.${group}`)}</h3>
      <dl>
        {keyIds
          .filter((id) => shortcuts[id].group === group)
          .map((id) => (
            <div key={id} className={here.includes(id) ? 'here' : undefined}>
              <dt>
                <span>{t(`keys.${id}`)}</span>
                {here.includes(id) && <span className="heard-only"> ({t('keys.here')})</span>}
              </dt>
              <dd>
                <Keys of={id} />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
