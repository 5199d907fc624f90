/** What is around every page: where one can go, who one is, and the strip that says when the server is silent. */
import { Link, Outlet } from '@tanstack/react-router'
import { ClipboardList, Headset, ScrollText, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { Announcer } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { SignIn } from '../session/SignIn.tsx'
import { MeContext, signedOut, useMe, useSession } from '../session/session.ts'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useReachable } from './connection.ts'
import { LanguageSwitch } from './LanguageSwitch.tsx'

export function Shell() {
  const session = useSession()
  if (session.data === null) return <WithStrip page={<SignIn />} />
  if (session.data === undefined) return <WithStrip page={<Waiting />} />
  return (
    <MeContext value={session.data}>
      <Announcer>
        <WithStrip page={<Frame />} />
      </Announcer>
    </MeContext>
  )
}

function WithStrip({ page }: { readonly page: ReactNode }) {
  const { t } = useWords()
  const reachable = useReachable()
  return (
    <>
      <div role="status" className="strip-place">
        {!reachable && (
          <p className="strip">
            <WifiOff size={20} aria-hidden /> {t('app.offline')}
          </p>
        )}
      </div>
      {page}
    </>
  )
}

export function Waiting() {
  const { t } = useWords()
  return <p className="waiting">{t('app.loading')}</p>
}

function Frame() {
  const { t } = useWords()
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Top />
      <Rail />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <footer>{t('app.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</footer>
    </div>
  )
}

function Top() {
  const { t } = useWords()
  const me = useMe()
  const act = useAct()
  const signOut = async () => {
    if (await act.run(() => wire.call('signOut'))) signedOut()
  }
  return (
    <header className="top">
      <strong className="brand">
        {t('app.name')} <span>{t('app.console')}</span>
      </strong>
      <LanguageSwitch />
      <span className="me">{me.name}</span>
      <Press variant="default" busy={act.busy} onPress={signOut}>
        {t('app.signOut')}
      </Press>
      <Refused failure={act.failure} />
    </header>
  )
}

function Rail() {
  const { t } = useWords()
  return (
    <nav className="rail" aria-label={t('nav.label')}>
      <p>{t('nav.support')}</p>
      <Link to="/assist" activeProps={{ 'aria-current': 'page' }}>
        <Headset size={20} aria-hidden /> {t('nav.assist')}
      </Link>
      <Link to="/mine" activeProps={{ 'aria-current': 'page' }}>
        <ClipboardList size={20} aria-hidden /> {t('nav.mine')}
      </Link>
      <Link to="/audit" activeProps={{ 'aria-current': 'page' }}>
        <ScrollText size={20} aria-hidden /> {t('nav.audit')}
      </Link>
    </nav>
  )
}
