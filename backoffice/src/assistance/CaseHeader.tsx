/** Who helps whom, where, why, and how long it still holds: on every screen of an assistance, with what ends it. */
import { ArrowRight } from 'lucide-react'
import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { HeldPowers } from './AskMore.tsx'
import { CaseClock } from './CaseClock.tsx'
import { emailTypedFor } from './draft.ts'
import { EndNow } from './EndNow.tsx'
import { reasonText } from './reasons.ts'
import { Ticket } from './Ticket.tsx'
import type { Seen } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly mine: boolean
}

export function CaseHeader({ seen, mine }: Props) {
  const { t, name } = useWords()
  const me = useMe()
  const { it } = seen
  const ecosystem = it.ecosystems?.find((one) => one.id === it.ecosystemId)
  return (
    <section className="case-header" aria-label={t('header.label')}>
      <div className="who">
        <p className="names">
          <span>{mine ? t('header.you') : it.agent.name}</span>
          <ArrowRight size={18} role="img" aria-label={t('header.helps')} />
          <strong>{it.user?.name || (emailTypedFor(me.id, it.id) ?? t('header.unproved'))}</strong>
          {ecosystem && (
            <span className="where">
              {ecosystem.name} ({t(`eco.${ecosystem.role}`)})
            </span>
          )}
        </p>
        <div className="what-for">
          <p className="why" title={reasonText(it.reason, name)}>
            {reasonText(it.reason, name)}
          </p>
          <Ticket of={it} />
          <HeldPowers it={it} />
        </div>
      </div>
      {mine && it.state === 'consent' && it.sayFirst !== undefined && <SayFirst number={it.sayFirst} />}
      <CaseClock seen={seen} />
      {mine && it.next.includes('closure') && <EndNow id={it.id} />}
    </section>
  )
}

/** The number stays in sight while the codes are typed further down. */
function SayFirst({ number }: { readonly number: string }) {
  const { t } = useWords()
  return (
    <p className="say-chip">
      <span>{t('consent.say')}</span> <strong>{number}</strong>
    </p>
  )
}
