/** The record, for auditors: what happened, in sentences; what is looked for stands in the address. */
import type { AuditEvent } from '@amparo/contract/audit'
import { parseSearch, type Term } from '@amparo/contract/search'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useState } from 'react'
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import '../look/record.css'
import '../words/record.ts'
import { EventPanel } from './EventPanel.tsx'
import { EventTable } from './EventTable.tsx'
import { Figures } from './Figures.tsx'
import { Finder } from './Finder.tsx'
import { Pages, pageOf } from './Pages.tsx'
import { RecordTools } from './RecordTools.tsx'
import { without } from './record.ts'

export function AuditPage() {
  return has(useMe(), 'auditor') ? <Record /> : <NotAllowed to="audit" />
}

function Record() {
  const { t } = useWords()
  const { q = '' } = useSearch({ from: '/audit' })
  const parsed = parseSearch(q)
  const [shown, show] = useState<AuditEvent>()
  const query = useInfiniteQuery({
    queryKey: ['audit', q],
    queryFn: ({ pageParam }) =>
      pageOf(() => wire.call('auditEvents', { query: { ...(q !== '' && { q }), limit: 50, cursor: pageParam } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
    enabled: parsed.ok,
  })
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="wide">
      <div>
        <StageTitle text={t('audit.title')} wrong={query.isError || !parsed.ok} />
        <p className="soft">{t('audit.lead')}</p>
      </div>
      <RecordTools q={parsed.ok ? q : ''} />
      <Finder q={q} />
      <Chips terms={parsed.terms} />
      {parsed.ok && <Figures q={q} />}
      {parsed.ok && (
        <Pages query={query} empty={rows.length === 0} none={<Nothing terms={parsed.terms} />}>
          <EventTable rows={rows} terms={parsed.terms} onShow={show} />
        </Pages>
      )}
      <EventPanel event={shown} rows={rows} onShow={show} />
    </div>
  )
}

interface Asked {
  readonly terms: readonly Term[]
}

function Chips({ terms }: Asked) {
  const { t } = useWords()
  if (terms.length === 0) return null
  return (
    <ul className="filter-chips" aria-label={t('audit.filters')}>
      {terms.map((term) => (
        <li key={term.qualifier}>
          <Link
            to="/audit"
            search={searchOf(without(terms, term))}
            aria-label={t('audit.remove', { filter: `${t(`audit.key.${term.qualifier}`)} ${term.value}` })}
          >
            <span className="soft">{t(`audit.key.${term.qualifier}`)}</span> {term.value} <X size={16} aria-hidden />
          </Link>
        </li>
      ))}
      {terms.length > 1 && (
        <li>
          <Link className="clear" to="/audit" search={{}}>
            {t('audit.clearAll')}
          </Link>
        </li>
      )}
    </ul>
  )
}

const searchOf = (q: string) => (q === '' ? {} : { q })

function Nothing({ terms }: Asked) {
  const { t } = useWords()
  return (
    <>
      <p>
        <strong>{t('audit.none')}</strong>
      </p>
      {terms.map((term) => (
        <Link key={term.qualifier} to="/audit" search={searchOf(without(terms, term))}>
          {t('audit.noneClear', { filter: t(`audit.key.${term.qualifier}`) })}
        </Link>
      ))}
    </>
  )
}
