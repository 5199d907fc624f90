/**
 * My last 24 hours, newest first, each ready to be started again; behind that, all of mine. A supervisor sees everybody's,
 * and whose each one is.
 */
import type { AssistanceLine } from '@amparo/contract/assistance'
import { Table } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { RotateCcw } from 'lucide-react'
import { beginningOf, draftOfLine, keepDraft, mayStartAgain } from '../assistance/draft.ts'
import { useReasonNames } from '../assistance/reasons.ts'
import { Offers, OursBox } from '../oversight/HandOver.tsx'
import { Press } from '../parts/Press.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Pages, pageOf } from './Pages.tsx'

export function MinePage() {
  const helps = has(useMe(), 'agent:technical', 'agent:succession', 'supervisor')
  return helps ? <Mine /> : <NotAllowed to="assist" />
}

function useLines(all: boolean) {
  return useInfiniteQuery({
    queryKey: ['list', 'mine', all],
    queryFn: ({ pageParam }) =>
      pageOf(() =>
        wire.call('list', { query: { limit: 50, cursor: pageParam, ...(!all && { openedWithinHours: 24 }) } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  })
}

function Mine() {
  const { t } = useWords()
  const everybodys = has(useMe(), 'supervisor')
  const all = useSearch({ from: '/mine' }).when === 'all'
  const query = useLines(all)
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="wide">
      <StageTitle text={t(everybodys ? 'list.all' : 'nav.mine')} wrong={query.isError} />
      <nav className="views" aria-label={t('mine.which')}>
        <Link to="/mine" search={{}} activeOptions={{ exact: true }} activeProps={{ 'aria-current': 'page' }}>
          {t('mine.day')}
        </Link>
        <Link to="/mine" search={{ when: 'all' }} activeProps={{ 'aria-current': 'page' }}>
          {t('mine.earlier')}
        </Link>
      </nav>
      <Pages query={query} empty={rows.length === 0} none={<p>{t(all ? 'list.empty' : 'mine.emptyDay')}</p>}>
        <Lines rows={rows} everybodys={everybodys} />
      </Pages>
      <Offers />
      <OursBox />
    </div>
  )
}

const columns = ['opened', 'user', 'reason', 'ticket', 'agent', 'state'] as const

function Lines({ rows, everybodys }: { readonly rows: readonly AssistanceLine[]; readonly everybodys: boolean }) {
  const { t } = useWords()
  return (
    <div className="table-place">
      <Table className="stacks">
        <Table.Thead>
          <Table.Tr>
            {columns
              .filter((column) => everybodys || column !== 'agent')
              .map((column) => (
                <Table.Th key={column} scope="col">
                  {t(`list.${column}`)}
                </Table.Th>
              ))}
            <Table.Th scope="col">
              <span className="heard-only">{t('mine.again')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} everybodys={everybodys} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Row({ row, everybodys }: { readonly row: AssistanceLine; readonly everybodys: boolean }) {
  const { t, date } = useWords()
  const reasonName = useReasonNames()
  const user = row.userName ?? row.userEmail ?? t('list.unknown')
  return (
    <Table.Tr>
      <Table.Td data-name={t('list.opened')} className="when">
        <Link to="/assist/$id" params={{ id: row.id }}>
          {date(row.openedAt)}
        </Link>
      </Table.Td>
      <Table.Td data-name={t('list.user')} className="named">
        {user}
        {row.ecosystemName !== undefined && <span className="soft second">{row.ecosystemName}</span>}
      </Table.Td>
      <Table.Td data-name={t('list.reason')} className="said">
        {reasonName(row.reason)}
      </Table.Td>
      <Table.Td data-name={t('list.ticket')} className="id">
        <Ticket row={row} />
      </Table.Td>
      {everybodys && <Table.Td data-name={t('list.agent')}>{row.agent.name}</Table.Td>}
      <Table.Td data-name={t('list.state')}>
        {row.because ? (
          capital(t(`ended.${row.because}`))
        ) : (
          <span className={row.state === 'active' ? 'state-tag active' : 'state-tag'}>{t(`state.${row.state}`)}</span>
        )}
      </Table.Td>
      <Table.Td>
        <Again row={row} user={user} />
      </Table.Td>
    </Table.Tr>
  )
}

const capital = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

function Ticket({ row: { ticket, ticketUrl } }: { readonly row: AssistanceLine }) {
  if (ticket === undefined) return '–'
  if (ticketUrl === undefined) return ticket
  return (
    <a href={ticketUrl} target="_blank" rel="noreferrer">
      {ticket}
    </a>
  )
}

/** A new one for the same person, filled in and not begun: consent is always new. Only where the e-mail is one's own. */
function Again({ row, user }: { readonly row: AssistanceLine; readonly user: string }) {
  const { t } = useWords()
  const me = useMe()
  const navigate = useNavigate()
  if (row.state !== 'closed' || row.userEmail === undefined || !mayStartAgain(row.because)) return null
  const again = () => {
    keepDraft(me.id, draftOfLine(row))
    return navigate({ to: beginningOf(row.kind) })
  }
  return (
    <Press variant="default" label={t('mine.againFor', { user })} onPress={again}>
      <RotateCcw size={18} aria-hidden /> {t('mine.again')}
    </Press>
  )
}
