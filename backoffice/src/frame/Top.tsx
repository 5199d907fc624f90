/** The top bar: find somebody, my open assistance, the language, me. Where the window is narrow, the menu holds the rest. */
import { useLocation } from '@tanstack/react-router'
import { Command, Menu, Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Dialog } from '../parts/Dialog.tsx'
import { ariaKeys } from '../parts/keys.ts'
import { SignOut } from '../session/SignOut.tsx'
import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { Brand } from './Brand.tsx'
import { Keys } from './Keys.tsx'
import { LanguageSwitch } from './LanguageSwitch.tsx'
import { Places } from './Rail.tsx'
import { RunningChip } from './RunningChip.tsx'
import { useToEmail } from './useFrameKeys.ts'

export function Top({ openPalette }: { readonly openPalette: () => void }) {
  const { t } = useWords()
  const toEmail = useToEmail()
  return (
    <header className="top">
      <Drawer />
      {toEmail && (
        <button type="button" className="finder" onClick={toEmail} aria-keyshortcuts={ariaKeys('email')}>
          <Search size={18} aria-hidden /> <span>{t('frame.find')}</span> <Keys of="email" />
        </button>
      )}
      <button type="button" className="finder small" onClick={openPalette} aria-keyshortcuts={ariaKeys('palette')}>
        <Command size={18} aria-hidden /> <span>{t('frame.goTo')}</span> <Keys of="palette" />
      </button>
      <span className="space" />
      <RunningChip />
      <Mine />
    </header>
  )
}

function Mine() {
  return (
    <div className="mine">
      <LanguageSwitch />
      <MyName />
      <SignOut />
    </div>
  )
}

function MyName() {
  const me = useMe()
  const initials = me.name
    .split(/\s+/)
    .map((part) => part.slice(0, 1))
    .slice(0, 2)
    .join('')
  return (
    <span className="me">
      <i aria-hidden>{initials}</i> {me.name}
    </span>
  )
}

/** The rail as a drawer: a modal dialog of the browser's own, closed by Esc and by going somewhere. */
function Drawer() {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const here = useLocation({ select: ({ pathname }) => pathname })
  const close = () => setOpen(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever arrives somewhere wants to see it, not the menu.
  useEffect(close, [here])
  return (
    <>
      <button type="button" className="menu" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(true)}>
        <Menu size={22} aria-hidden /> <span>{t('frame.menu')}</span>
      </button>
      <Dialog title={t('frame.menu')} open={open} onBack={close} look="drawer">
        <nav className="rail" aria-label={t('nav.label')}>
          <div className="drawer-head">
            <Brand />
            <button type="button" className="icon" data-first aria-label={t('frame.closeMenu')} onClick={close}>
              <X size={22} aria-hidden />
            </button>
          </div>
          <Places onGo={close} />
          <Mine />
        </nav>
      </Dialog>
    </>
  )
}
