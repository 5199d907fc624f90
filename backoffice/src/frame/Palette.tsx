/** Everything that can be done from here, found by typing. Each entry carries its key, so that the palette makes itself needless. */
import { Combobox, useCombobox } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { type KeyId, press, useAvailableKeys } from '../parts/keys.ts'
import { useWords } from '../words/words.tsx'
import { Keys } from './Keys.tsx'
import { useHelpEmail } from './useFrameKeys.ts'

interface Props {
  readonly open: boolean
  readonly onBack: () => void
}

export function Palette({ open, onBack }: Props) {
  const { t } = useWords()
  return (
    <Dialog title={t('palette.title')} open={open} onBack={onBack} look="palette">
      <Finder onBack={onBack} />
    </Dialog>
  )
}

/** Without accents and capitals, as people type in a hurry. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const looksLikeEmail = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text)

const byEmail = 'email:'

function useCommands(typed: string): readonly { readonly id: KeyId; readonly name: string }[] {
  const { t } = useWords()
  return useAvailableKeys()
    .filter((id) => id !== 'palette')
    .map((id) => ({ id, name: t(`keys.${id}`) }))
    .filter(({ name }) =>
      plain(typed)
        .split(/\s+/)
        .every((word) => plain(name).includes(word)),
    )
}

function Finder({ onBack }: { readonly onBack: () => void }) {
  const { t } = useWords()
  const announce = useAnnounce()
  const [typed, setTyped] = useState('')
  const helpEmail = useHelpEmail()
  const email = helpEmail && looksLikeEmail(typed.trim()) ? typed.trim() : undefined
  const commands = useCommands(email === undefined ? typed : '')
  const count = commands.length + (email === undefined ? 0 : 1)
  const box = useCombobox({ opened: true })
  /** The field can only name its list once the list is there. */
  const [, setListed] = useState(false)
  useEffect(() => setListed(true), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed decides what comes first.
  useEffect(() => void box.selectFirstOption(), [typed])
  useEffect(() => {
    if (typed !== '') announce(t('palette.found', { count }))
  }, [typed, count, announce, t])
  /** The palette is gone before its command acts, so that the command finds the page and not a modal over it. */
  const choose = (value: string) => {
    onBack()
    setTimeout(() => {
      if (value.startsWith(byEmail)) helpEmail?.(value.slice(byEmail.length))
      else press(value as KeyId)
    })
  }
  return (
    <Combobox store={box} onOptionSubmit={choose} withinPortal={false}>
      <div className="palette-field">
        <Search size={20} aria-hidden />
        <Combobox.EventsTarget withExpandedAttribute>
          <input
            aria-label={t('palette.field')}
            placeholder={t('palette.field')}
            autoComplete="off"
            spellCheck={false}
            data-first
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </Combobox.EventsTarget>
      </div>
      <Combobox.Options className="palette-list" aria-label={t('palette.title')}>
        {email !== undefined && (
          <Combobox.Option value={`${byEmail}${email}`}>
            <span>{t('palette.help', { email })}</span>
            <span className="keys">
              <kbd>↵</kbd>
            </span>
          </Combobox.Option>
        )}
        {commands.map(({ id, name }) => (
          <Combobox.Option key={id} value={id}>
            <span>{name}</span> <Keys of={id} />
          </Combobox.Option>
        ))}
      </Combobox.Options>
      {count === 0 && <p className="palette-none">{t('palette.none')}</p>}
    </Combobox>
  )
}
