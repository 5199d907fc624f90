/** My assistances, newest first; a supervisor sees everybody's. */
import type { AssistanceLine } from '@amparo/contract/assistance'
import { Table } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useReasonNames } from '../assistance/reasons.ts'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Pages, pageOf } from './Pages.tsx'

export function MinePage() {
  const { t } = useWords()
  const query = useInfiniteQuery({
    queryKey: ['list', 'mine'],
    queryFn: ({ pageParam }) => pageOf(() => wire.call('list', { query: { limit: 50, cursor: pageParam } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor,
  })
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="wide">
      <StageTitle text={t('nav.mine')} wrong={query.isError} />
      <Pages query={query} empty={rows.length === 0} none={t('list.empty')}>
        <Table.ScrollContainer minWidth={700} type="native">
          <Table>
            <Table.Thead>
              <Table.Tr>
                {(['opened', 'user', 'reason', 'ticket', 'agent', 'state'] as const).map((column) => (
                  <Table.Th key={column} scope="col">
                    {t(`list.${column}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Pages>
    </div>
  )
}

function Row({ row }: { readonly row: AssistanceLine }) {
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
      <Table.Td>{row.agent.name}</Table.Td>
      <Table.Td>{row.because ? t(`because.${row.because}`, { user }) : t(`state.${row.state}`)}</Table.Td>
    </Table.Tr>
  )
}
