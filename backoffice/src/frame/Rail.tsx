/** Where one can go: beside the page, or in a drawer where the window is narrow. */
import { Link, useNavigate } from '@tanstack/react-router'
import { ExternalLink, Inbox } from 'lucide-react'
import { useId } from 'react'
import { useOversight } from '../oversight/count.ts'
import { ariaKeys, useKey } from '../parts/keys.ts'
import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { useAbout } from './about.ts'
import { Brand } from './Brand.tsx'
import { beside, openTo, type Place, support } from './places.ts'

export function Rail() {
  const { t } = useWords()
  return (
    <nav className="rail" aria-label={t('nav.label')}>
      <div className="stays">
        <Brand />
        <Places />
      </div>
    </nav>
  )
}

export function Places({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useWords()
  const me = useMe()
  const id = useId()
  const helping = support.filter(openTo(me.roles))
  return (
    <>
      {helping.length > 0 && (
        <section className="places" aria-labelledby={id}>
          <h2 id={id}>{t('nav.support')}</h2>
          {helping.map((place) => (
            <PlaceLink key={place.to} place={place} onGo={onGo} />
          ))}
        </section>
      )}
      <div className="places">
        {beside.filter(openTo(me.roles)).map((place) => (
          <PlaceLink key={place.to} place={place} onGo={onGo} />
        ))}
        <InboxLink />
      </div>
    </>
  )
}

/** With its key: no place is offered that its own key does not lead to. */
function PlaceLink({ place, onGo }: { readonly place: Place; readonly onGo: (() => void) | undefined }) {
  const { t } = useWords()
  const navigate = useNavigate()
  useKey(place.key, () => navigate({ to: place.to }))
  const Icon = place.icon
  return (
    <Link
      to={place.to}
      activeProps={{ 'aria-current': 'page' }}
      aria-keyshortcuts={ariaKeys(place.key)}
      {...(onGo && { onClick: onGo })}
    >
      <Icon size={20} aria-hidden /> {t(place.name)}
      {place.to === '/oversight' && <Count />}
    </Link>
  )
}

/** How much waits there. */
function Count() {
  const { t } = useWords()
  const now = useOversight(15_000)
  const count = (now?.approvals ?? 0) + (now?.reviews ?? 0) + (now?.alerts ?? 0)
  if (count === 0) return null
  return (
    <span className="end count">
      {count}
      <span className="heard-only"> {t('nav.waiting')}</span>
    </span>
  )
}

/** The demo's own: not a page of the console. */
function InboxLink() {
  const { t } = useWords()
  if (useAbout()?.inbox !== true) return null
  return (
    <a href="/inbox" target="_blank" rel="noreferrer" aria-keyshortcuts={ariaKeys('inbox')}>
      <Inbox size={20} aria-hidden /> {t('nav.inbox')}
      <ExternalLink className="end" size={16} aria-hidden />
      <span className="heard-only">({t('nav.inboxHint')})</span>
    </a>
  )
}
