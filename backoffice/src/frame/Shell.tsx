/** What is around every page: where one can go, who one is, and the strip that says when the server is silent. */
import { Link, Outlet } from '@tanstack/react-router'
import { ClipboardList, Headset, type LucideIcon, ScrollText, WifiOff } from 'lucide-react'
import { type ReactNode, useId } from 'react'
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

/** The module under its own name, and beside it what does not belong to it. */
function Rail() {
  const { t } = useWords()
  const support = useId()
  return (
    <div className="rail">
      <nav aria-labelledby={support}>
        <h2 id={support}>{t('nav.support')}</h2>
        <RailLink to="/assist" icon={Headset} name={t('nav.assist')} />
        <RailLink to="/mine" icon={ClipboardList} name={t('nav.mine')} />
      </nav>
      <nav aria-label={t('nav.label')}>
        <RailLink to="/audit" icon={ScrollText} name={t('nav.audit')} />
      </nav>
    </div>
  )
}

interface RailLinkProps {
  readonly to: '/assist' | '/mine' | '/audit'
  readonly icon: LucideIcon
  readonly name: string
}

function RailLink({ to, icon: Icon, name }: RailLinkProps) {
  return (
    <Link to={to} activeProps={{ 'aria-current': 'page' }}>
      <Icon size={20} aria-hidden /> {name}
    </Link>
  )
}
