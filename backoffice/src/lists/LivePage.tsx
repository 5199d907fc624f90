/** For supervisors: who is being helped now, how long each still holds, and closing one. */
import type { OutputOf } from '@amparo/contract/api'
import type { AssistanceLine } from '@amparo/contract/assistance'
import { Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Clock3 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useReasonNames } from '../assistance/reasons.ts'
import { SwitchOff } from '../cutoff/SwitchOff.tsx'
import { useAnnounce } from '../parts/Announcer.tsx'
import { clockAt, clockText, type ServerClock, useLeft } from '../parts/Clock.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { hear } from '../parts/hear.ts'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { queries, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { NoticeEditor } from './NoticeEditor.tsx'
import { Pages, pageOf } from './Pages.tsx'
import { useSurfaceNames } from './surfaceNames.ts'

export function LivePage() {
  return has(useMe(), 'supervisor') ? <Live /> : <NotAllowed to="live" />
}

interface Listed {
  readonly page: OutputOf<'list'>
  readonly clock: ServerClock
}

const everyMs = 5_000
const key = ['list', 'live', 'everybody']

/** Told of each change by its stream, asked again every few seconds anyway. */
function useLive() {
  useEffect(() => {
    const onEvent = () => void queries.invalidateQueries({ queryKey: key })
    return hear('/api/v1/live', { events: ['list'], againMs: everyMs, onEvent })
  }, [])
  return useQuery({
    queryKey: key,
    queryFn: async (): Promise<Listed> => {
      const page = await pageOf(() => wire.call('list', { query: { state: 'live', limit: 200 } }))
      return { page, clock: clockAt(page.now) }
    },
    refetchInterval: everyMs,
    structuralSharing: false,
  })
}

function Live() {
  const { t } = useWords()
  const query = useLive()
  const [closing, setClosing] = useState<AssistanceLine>()
  const rows = query.data?.page.items ?? []
  return (
    <div className="wide">
      <StageTitle text={t('live.title')} wrong={query.isError} />
      {query.data && <p className="lead">{t('live.lead', { count: rows.length })}</p>}
      <Pages query={query} empty={rows.length === 0} none={<p>{t('live.none')}</p>}>
        {query.data && <LiveTable rows={rows} clock={query.data.clock} onClose={setClosing} />}
      </Pages>
      <Closing line={closing} onBack={() => setClosing(undefined)} />
      <NoticeEditor />
      <SwitchOff />
    </div>
  )
}

const columns = ['agent', 'user', 'reason', 'state', 'clock', 'act'] as const

interface TableProps {
  readonly rows: readonly AssistanceLine[]
  readonly clock: ServerClock
  readonly onClose: (line: AssistanceLine) => void
}

function LiveTable({ rows, clock, onClose }: TableProps) {
  const { t } = useWords()
  return (
    <div className="table-place">
      <Table className="stacks live-now">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                <span className={column === 'act' ? 'heard-only' : undefined}>{t(`live.${column}`)}</span>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} clock={clock} onClose={() => onClose(row)} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

interface RowProps {
  readonly row: AssistanceLine
  readonly clock: ServerClock
  readonly onClose: () => void
}

function Row({ row, clock, onClose }: RowProps) {
  const { t, list } = useWords()
  const reasonName = useReasonNames()
  const surfaceName = useSurfaceNames()
  const open = row.surfacesOpen.map(surfaceName)
  return (
    <Table.Tr>
      <Table.Td data-name={t('live.agent')}>
        <Link to="/assist/$id" params={{ id: row.id }}>
          {row.agent.name}
        </Link>
      </Table.Td>
      <Table.Td data-name={t('live.user')} className="named">
        {row.userName ?? <span className="soft">{t('live.notYet')}</span>}
        {row.ecosystemName !== undefined && <span className="second">{row.ecosystemName}</span>}
      </Table.Td>
      <Table.Td data-name={t('live.reason')}>{reasonName(row.reason)}</Table.Td>
      <Table.Td data-name={t('live.state')}>
        <span className={row.state === 'active' ? 'state-tag active' : 'state-tag'}>{t(`state.${row.state}`)}</span>
        {row.state === 'active' && (
          <span className="second">
            {open.length > 0 ? t('live.open', { names: list(open) }) : t('live.nothingOpen')}
          </span>
        )}
      </Table.Td>
      <Table.Td data-name={t('live.clock')}>
        <EndsFirst row={row} clock={clock} />
      </Table.Td>
      <Table.Td>
        <Press variant="default" label={t('live.closeOf', { agent: row.agent.name })} onPress={onClose}>
          {t('live.act')}
        </Press>
      </Table.Td>
    </Table.Tr>
  )
}

function EndsFirst({ row, clock }: Pick<RowProps, 'row' | 'clock'>) {
  const until = [row.idleAt, row.maxAt].flatMap((at) => at ?? []).sort()[0]
  const left = useLeft(clock, until)
  if (left === undefined) return '–'
  return (
    <span className={left <= 120_000 ? 'with-icon refused' : 'with-icon'}>
      <Clock3 size={18} aria-hidden /> <strong>{clockText(left)}</strong>
    </span>
  )
}

/** Says what will happen before it happens. The way back is the first button, and Esc. */
function Closing({ line, onBack }: { readonly line: AssistanceLine | undefined; readonly onBack: () => void }) {
  const { t } = useWords()
  const act = useAct()
  const announce = useAnnounce()
  const agent = line?.agent.name ?? ''
  const user = line?.userName ?? t('audit.theUser')
  const close = async () => {
    if (!line) return
    const body = { because: 'closed_by_supervisor' as const }
    const closed = await act.run(() => wire.call('close', { params: { id: line.id }, body }))
    await queries.invalidateQueries({ queryKey: ['list'] })
    if (!closed) return
    announce(t('live.closed', { agent, user }))
    onBack()
  }
  return (
    <Dialog title={t('live.ask')} open={line !== undefined} onBack={onBack}>
      <p>{t('live.askText', { agent, user })}</p>
      <Refused failure={act.failure} />
      <div className="acts">
        <button type="button" className="as-button" data-first onClick={onBack}>
          {t('live.keep')}
        </button>
        <Press color="red" busy={act.busy} onPress={close}>
          {t('live.close')}
        </Press>
      </div>
    </Dialog>
  )
}
