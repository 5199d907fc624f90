/** What a supervisor says to everybody at the desk: at the top, until they take it back. */
import { useQuery } from '@tanstack/react-query'
import { Megaphone } from 'lucide-react'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

export function Notice() {
  const { t, date } = useWords()
  const query = useQuery({ queryKey: ['notice'], queryFn: () => wire.call('notice'), refetchInterval: 30_000 })
  const notice = query.data?.ok ? query.data.value.notice : undefined
  return (
    <div role="status">
      {notice && (
        <div className="notice">
          <Megaphone size={20} aria-hidden />
          <div>
            <p>
              <strong>{notice.text}</strong>
            </p>
            <p className="soft">{t('notice.by', { name: notice.by.name, time: date(notice.at) })}</p>
          </div>
        </div>
      )}
    </div>
  )
}
