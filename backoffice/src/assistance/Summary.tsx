/** The text for the ticket, ready in both languages, copied with one press. */
import type { Assistance } from '@amparo/contract/assistance'
import type { Language } from '@amparo/contract/words'
import { useCallback, useRef } from 'react'
import { CopyButton, useCopy } from '../parts/Copy.tsx'
import { useWords } from '../words/words.tsx'
import { Ticket } from './Ticket.tsx'

export function Summary({ it }: { readonly it: Assistance }) {
  const { t, language } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const source = useCallback(() => place.current, [])
  const order: readonly Language[] = language === 'en' ? ['en', 'es'] : ['es', 'en']
  const texts = order.map((one) => [one, it.summary?.[one] ?? ''] as const)
  const [copied, copy] = useCopy(texts.map(([, text]) => text).join('\n\n'), source)
  if (!it.summary) return null
  return (
    <section className="block" aria-labelledby="summary">
      <h2 id="summary">{t('summary.title')}</h2>
      <div ref={place} className="summary">
        {texts.map(([one, text]) => (
          <p key={one} lang={one}>
            {text}
          </p>
        ))}
      </div>
      <CopyButton label={t('summary.copy')} copied={copied} copy={copy} keyId="copySummary" />
      {it.ticketUrl !== undefined && (
        <p>
          {t('summary.into')} <Ticket of={it} />
        </p>
      )}
    </section>
  )
}
