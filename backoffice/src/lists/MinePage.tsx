/** My assistances, newest first; a supervisor sees everybody's, and whose each one is. */
import type { AssistanceLine } from '@amparo/contract/assistance'
import { Table } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useReasonNames } from '../assistance/reasons.ts'
import { StageTitle } from '../parts/StageTitle.tsx'
import { has, useMe } from '../session/session.ts'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Pages, pageOf } from './Pages.tsx'

export function MinePage() {
  const { t } = useWords()
  const everybodys = has(useMe(), 'supervisor')
  const query = useInfiniteQuery({
    queryKey: ['list', 'mine'],
    queryFn: ({ pageParam }) => pageOf(() => wire.call('list', { query: { limit: 50, cursor: pageParam } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  })
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="wide">
      <StageTitle text={t(everybodys ? 'list.all' : 'nav.mine')} wrong={query.isError} />
      <Pages query={query} empty={rows.length === 0} none={t('list.empty')}>
        <div className="table-place">
          <Table>
            <Table.Thead>
              <Table.Tr>
                {columns
                  .filter((column) => everybodys || column !== 'agent')
                  .map((column) => (
                    <Table.Th key={column} scope="col">
                      {t(`list.${column}`)}
                    </Table.Th>
                  ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} everybodys={everybodys} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Pages>
    </div>
  )
}

const columns = ['opened', 'user', 'reason', 'ticket', 'agent', 'state'] as const

function Row({ row, everybodys }: { readonly row: AssistanceLine; readonly everybodys: boolean }) {
  const { t, date } = useWords()
  const reasonName = useReasonNames()
  const user = row.userName ?? t('list.unknown')
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/assist/$id" params={{ id: row.id }}>
          {date(row.openedAt)}
        </Link>
      </Table.Td>
      <Table.Td>{user}</Table.Td>
      <Table.Td>{reasonName(row.reason)}</Table.Td>
      <Table.Td>{row.ticket}</Table.Td>
      {everybodys && <Table.Td>{row.agent.name}</Table.Td>}
      <Table.Td>{row.because ? t(`because.${row.because}`, { user }) : t(`state.${row.state}`)}</Table.Td>
    </Table.Tr>
  )
}
