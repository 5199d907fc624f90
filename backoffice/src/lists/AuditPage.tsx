/** The record, for auditors: a plain table, its filter in the address. */
import type { AuditEvent } from '@amparo/contract/audit'
import { Table, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { Press } from '../parts/Press.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Pages, pageOf } from './Pages.tsx'

const fields = ['assistance', 'agent', 'user', 'type'] as const

export function AuditPage() {
  return has(useMe(), 'auditor') ? <Events /> : <NotAllowed to="audit" />
}

function Events() {
  const { t } = useWords()
  const filter = useSearch({ from: '/audit' })
  const query = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) =>
      pageOf(() => wire.call('auditEvents', { query: { ...filter, limit: 50, cursor: pageParam } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  })
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="wide">
      <StageTitle text={t('audit.title')} wrong={query.isError} />
      <Filter key={JSON.stringify(filter)} />
      <Pages query={query} empty={rows.length === 0} none={t('audit.empty')}>
        <EventTable rows={rows} />
      </Pages>
    </div>
  )
}

function Filter() {
  const { t } = useWords()
  const filter = useSearch({ from: '/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget)
    const given = fields.flatMap((field) => {
      const value = String(typed.get(field) ?? '').trim()
      return value === '' ? [] : [[field, value] as const]
    })
    void navigate({ search: Object.fromEntries(given) })
  }
  return (
    <search>
      <form className="filter" onSubmit={submit}>
        {fields.map((field) => (
          <TextInput
            key={field}
            name={field}
            autoComplete="off"
            label={t(`audit.${field}`)}
            defaultValue={filter[field] ?? ''}
          />
        ))}
        <Press type="submit">{t('audit.filter')}</Press>
        {Object.keys(filter).length > 0 && (
          <Link to="/audit" search={{}}>
            {t('audit.clear')}
          </Link>
        )}
      </form>
    </search>
  )
}

function EventTable({ rows }: { readonly rows: readonly AuditEvent[] }) {
  const { t } = useWords()
  return (
    <div className="table-place">
      <Table>
        <Table.Thead>
          <Table.Tr>
            {(['time', 'number', 'what', 'actor', 'subject', 'assistance', 'details'] as const).map((column) => (
              <Table.Th key={column} scope="col">
                {t(`audit.${column}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((event) => (
            <Row key={event.id} event={event} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Row({ event }: { readonly event: AuditEvent }) {
  const { t, date, timeToTheSecond } = useWords()
  const [room, ...rest] = event.type.split('.')
  return (
    <Table.Tr>
      <Table.Td>
        {date(event.at).replace(/,? \d\d:\d\d$/, '')}, {timeToTheSecond(event.at)}
      </Table.Td>
      <Table.Td>{event.n}</Table.Td>
      <Table.Td>
        {room}.<wbr />
        {rest.join('.')}
      </Table.Td>
      <Table.Td>{event.actor.name ?? `${event.actor.kind} ${event.actor.id}`}</Table.Td>
      <Table.Td>{event.subject}</Table.Td>
      <Table.Td>
        {event.assistanceId && (
          <Link className="id" to="/audit" search={{ assistance: event.assistanceId }}>
            {event.assistanceId}
          </Link>
        )}
      </Table.Td>
      <Table.Td>
        <details>
          <summary>{t('audit.details')}</summary>
          <pre>{event.body}</pre>
        </details>
      </Table.Td>
    </Table.Tr>
  )
}
