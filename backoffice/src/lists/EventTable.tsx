/** Events as a table of sentences. `j` and `k` walk through it, Enter opens the details. */
import type { AuditEvent } from '@amparo/contract/audit'
import type { Term } from '@amparo/contract/search'
import { Table } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useRef } from 'react'
import { useWalking } from '../parts/walking.ts'
import { useWords } from '../words/words.tsx'
import { aboutWhom, isTrouble, resultWords, sentenceFor, whoDid, withTerm } from './record.ts'
import { useSurfaceNames } from './surfaceNames.ts'

interface Props {
  readonly rows: readonly AuditEvent[]
  readonly terms: readonly Term[]
  readonly onShow: (event: AuditEvent) => void
}

const columns = ['time', 'what', 'result', 'actor', 'subject', 'ecosystem', 'case'] as const

export function EventTable({ rows, terms, onShow }: Props) {
  const { t } = useWords()
  const place = useRef<HTMLDivElement>(null)
  useWalking(place, '.sentence')
  return (
    <div className="table-place" ref={place}>
      <Table className="stacks record">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {t(`audit.${column}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((event) => (
            <Row key={event.id} event={event} terms={terms} onShow={() => onShow(event)} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

interface RowProps {
  readonly event: AuditEvent
  readonly terms: readonly Term[]
  readonly onShow: () => void
}

function Row({ event, terms, onShow }: RowProps) {
  const words = useWords()
  const { t } = words
  const surfaceName = useSurfaceNames()
  return (
    <Table.Tr>
      <Table.Td data-name={t('audit.time')} className="when">
        {words.day(event.at)} <span className="second">{words.timeToTheSecond(event.at)}</span>
      </Table.Td>
      <Table.Td data-name={t('audit.what')} className="what">
        <button type="button" className="as-link sentence" aria-haspopup="dialog" onClick={onShow}>
          {isTrouble(event) && <TriangleAlert className="refused" size={18} aria-hidden />}
          {sentenceFor(event, words, surfaceName)}
        </button>
      </Table.Td>
      <Table.Td data-name={t('audit.result')} className={isTrouble(event) ? 'result refused' : 'result none'}>
        {resultWords(event, words) ?? '–'}
      </Table.Td>
      <Table.Td data-name={t('audit.actor')} className="who">
        {whoDid(event, words)}
      </Table.Td>
      <Table.Td data-name={t('audit.subject')} className={event.subject === null ? 'who none' : 'who'}>
        {event.subject === null ? (
          '–'
        ) : (
          <Link to="/audit" search={{ q: withTerm(terms, 'user', event.subject) }}>
            {aboutWhom(event)}
          </Link>
        )}
      </Table.Td>
      <Table.Td data-name={t('audit.ecosystem')} className={event.ecosystem === undefined ? 'who none' : 'who'}>
        {whereOf(event) ?? '–'}
      </Table.Td>
      <Table.Td data-name={t('audit.case')} className={event.assistanceId === null ? 'id none' : 'id'}>
        {event.assistanceId === null ? (
          '–'
        ) : (
          <Link to="/audit" search={{ q: withTerm(terms, 'assistance', event.assistanceId) }}>
            {shortId(event.assistanceId)}
          </Link>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

const whereOf = ({ ecosystem }: AuditEvent): string | undefined => ecosystem?.name ?? ecosystem?.id

/** Enough of an id to tell two apart on a page; the whole stands in the details. */
const shortId = (id: string): string => `${id.slice(0, 9)}…`
