/** The ticket, as a link where the vendor said how tickets are found. */
import type { Assistance, AssistanceLine } from '@amparo/contract/assistance'
import { useWords } from '../words/words.tsx'

export function Ticket({ of: { ticket, ticketUrl } }: { readonly of: Assistance | AssistanceLine }) {
  const { t } = useWords()
  if (ticket === undefined) return null
  const text = t('ticket.number', { ticket })
  return (
    <span className="ticket">
      {ticketUrl === undefined ? (
        text
      ) : (
        <a href={ticketUrl} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      )}
    </span>
  )
}
