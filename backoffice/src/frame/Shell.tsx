/** What is around every page: where one can go, who one is, and the strip that says when the server is silent. */
import type { Me, MeElsewhere } from '@amparo/contract/people'
import { sentenceOf } from '@amparo/contract/refusals'
import { Outlet, useMatches } from '@tanstack/react-router'
import { ClockAlert, WifiOff } from 'lucide-react'
import { lazy, type ReactNode, useEffect, useState } from 'react'
import { CutoffStrip } from '../cutoff/CutoffStrip.tsx'
import { Announcer } from '../parts/Announcer.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { listenToKeys } from '../parts/keys.ts'
import { part } from '../parts/missing.ts'
import { Outline } from '../parts/Outline.tsx'
import { Part } from '../parts/Part.tsx'
import { AfterSignIn } from '../session/AfterSignIn.tsx'
import { SignIn } from '../session/SignIn.tsx'
import { MeContext, useSession } from '../session/session.ts'
import { queries } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useAbout } from './about.ts'
import { useClocksApart, useHalted, useReachable } from './connection.ts'
import { KeySheet } from './KeySheet.tsx'
import { LanguageAwaited } from './LanguageSwitch.tsx'
import { Rail } from './Rail.tsx'
import { Top } from './Top.tsx'
import { useFrameKeys } from './useFrameKeys.ts'

/**
 * Somebody comes by it once. The link's secret leaves the address before its page is fetched; where that does not come, it
 * is in this tab until the page was loaded again.
 */
function isWelcome(): boolean {
  const { pathname, hash } = location
  if (pathname !== '/welcome') return false
  if (hash) {
    sessionStorage.invite = hash.slice(1)
    history.replaceState(history.state, '', pathname)
  }
  return true
}
/** Few are ever asked for it. */
const fetchElsewhere = part(() => import('../session/Elsewhere.tsx'))
const Elsewhere = lazy(async () => ({ default: (await fetchElsewhere()).Elsewhere }))
const fetchWelcome = part(() => import('../session/Welcome.tsx'))
const Welcome = lazy(async () => ({ default: (await fetchWelcome()).Welcome }))

export function Shell() {
  const session = useSession()
  const bare = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.bare) })
  const [welcome, leaveWelcome] = useState(isWelcome)
  if (welcome) {
    const page = (
      <Part meanwhile={<Waiting />}>
        <Welcome done={() => leaveWelcome(false)} />
      </Part>
    )
    return <WithStrip page={page} />
  }
  if (session.data === null) return <WithStrip page={<SignIn />} />
  if (session.data === undefined) return <WithStrip page={<Waiting />} />
  return <AtDesk now={session.data} bare={bare} />
}

/** Whoever sits here; in another place a screen lies over it until they have shown that it is them. */
function AtDesk({ now, bare }: { readonly now: Me | MeElsewhere; readonly bare: boolean }) {
  const elsewhere = 'elsewhere' in now ? now : undefined
  const [known, setKnown] = useState<Me>()
  if (!('elsewhere' in now) && now !== known) setKnown(now)
  return (
    <>
      {known && (
        <MeContext value={known}>
          <Announcer>
            <WithStrip page={bare ? <Bare /> : <Frame />} />
          </Announcer>
        </MeContext>
      )}
      {elsewhere && (
        <Part meanwhile={<Waiting />}>
          <Elsewhere it={elsewhere} />
        </Part>
      )}
    </>
  )
}

const whileHaltedMs = 2_000

function WithStrip({ page }: { readonly page: ReactNode }) {
  const { t, language } = useWords()
  const reachable = useReachable()
  const halted = useHalted()
  const apart = useClocksApart()
  // Who only waits asks for nothing, and would never hear that it is over.
  useEffect(() => {
    if (!halted) return
    const again = setInterval(() => void queries.invalidateQueries({ queryKey: ['me'] }), whileHaltedMs)
    return () => clearInterval(again)
  }, [halted])
  const away = reachable ? halted && sentenceOf('system.unavailable')[language] : t('app.offline')
  const says = away || (apart && t('app.clocksApart'))
  const Icon = away ? WifiOff : ClockAlert
  return (
    <>
      <div role="status" className="strip-place">
        {says && (
          <p className="strip">
            <Icon size={20} aria-hidden /> {says}
          </p>
        )}
        <LanguageAwaited />
      </div>
      {page}
    </>
  )
}

/** Nothing at first, then the outline of a page, then words. */
export function Waiting() {
  const { t } = useWords()
  return (
    <div className="waiting">
      <Outline />
      <p role="status">
        <span className="heard-only">{t('app.loading')}</span> <span className="slow">{t('frame.slow')}</span>
      </p>
    </div>
  )
}

type Layer = 'palette' | 'sheet'

/** Its combobox is not needed to begin work: it comes right after the first page. */
const fetchPalette = part(() => import('./Palette.tsx'))
const Palette = lazy(async () => ({ default: (await fetchPalette()).Palette }))

function Frame() {
  const { t } = useWords()
  const [layer, setLayer] = useState<Layer>()
  const close = () => setLayer(undefined)
  useEffect(() => {
    const soon = setTimeout(() => void fetchPalette().catch(() => undefined), 2_000)
    return () => clearTimeout(soon)
  }, [])
  useFrameKeys(
    () => setLayer('palette'),
    () => setLayer('sheet'),
  )
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Rail />
      <Top openPalette={() => setLayer('palette')} />
      <main id="content" tabIndex={-1}>
        <CutoffStrip />
        <AfterSignIn />
        <Outlet />
      </main>
      <Foot />
      {layer === 'palette' && (
        <Part
          meanwhile={
            // What is typed while it is on its way was meant for it: behind a modal dialog plain keys rest.
            <Dialog title={t('palette.title')} open onBack={close} look="palette">
              <Waiting />
            </Dialog>
          }
          around={(missing) => (
            <Dialog title={t('palette.title')} open onBack={close} look="sheet">
              {missing}
            </Dialog>
          )}
        >
          <Palette open onBack={close} />
        </Part>
      )}
      <KeySheet open={layer === 'sheet'} onBack={close} />
    </div>
  )
}

/** A page that stands alone: the keys that it takes, and nothing around it. */
function Bare() {
  useEffect(listenToKeys, [])
  return (
    <main id="content" className="bare" tabIndex={-1}>
      <Outlet />
    </main>
  )
}

function Foot() {
  const { t } = useWords()
  const version = useAbout()?.version
  return (
    <footer>
      <span>{t('app.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</span>
      {version !== undefined && <span>{t('frame.version', { version })}</span>}
    </footer>
  )
}
