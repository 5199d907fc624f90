/** One event, whole: its sentence, its facts, and the body exactly as it is stored. */
import type { AuditEvent } from '@amparo/contract/audit'
import { ArrowDown, ArrowUp, Copy, X } from 'lucide-react'
import { useCallback, useRef } from 'react'
import { useCopy } from '../parts/Copy.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { useWords } from '../words/words.tsx'
import '../look/record.css'
import { resultWords, sentenceFor, whoDid } from './record.ts'
import { useSurfaceNames } from './surfaceNames.ts'

interface Props {
  readonly event: AuditEvent | undefined
  readonly rows: readonly AuditEvent[]
  readonly onShow: (event: AuditEvent | undefined) => void
}

export function EventPanel({ event, rows, onShow }: Props) {
  const words = useWords()
  const surfaceName = useSurfaceNames()
  const title = event ? sentenceFor(event, words, surfaceName) : ''
  return (
    <Dialog title={title} open={event !== undefined} onBack={() => onShow(undefined)} look="panel">
      {event && <Whole event={event} rows={rows} onShow={onShow} />}
    </Dialog>
  )
}

function Whole({ event, rows, onShow }: Props & { readonly event: AuditEvent }) {
  const { t } = useWords()
  const at = rows.findIndex((one) => one.id === event.id)
  const [newer, older] = [rows[at - 1], rows[at + 1]]
  return (
    <>
      <div className="panel-acts">
        <button type="button" className="icon" aria-label={t('audit.newer')} onClick={() => onShow(newer ?? event)}>
          <ArrowUp size={20} aria-hidden />
        </button>
        <button type="button" className="icon" aria-label={t('audit.older')} onClick={() => onShow(older ?? event)}>
          <ArrowDown size={20} aria-hidden />
        </button>
        <button
          type="button"
          className="icon"
          data-first
          aria-label={t('audit.close')}
          onClick={() => onShow(undefined)}
        >
          <X size={22} aria-hidden />
        </button>
      </div>
      <Facts event={event} />
      <Body key={event.id} body={event.body} />
    </>
  )
}

function Facts({ event }: { readonly event: AuditEvent }) {
  const words = useWords()
  const { t } = words
  const rows = [
    [t('audit.time'), `${words.day(event.at)}, ${words.timeToTheSecond(event.at)}`],
    [t('audit.type.name'), event.type],
    [t('audit.actor'), whoDid(event, words)],
    [t('audit.subject'), subjectOf(event)],
    [t('audit.ecosystem'), ecosystemOf(event)],
    [t('audit.result'), resultWords(event, words) ?? '–'],
    [t('audit.case'), event.assistanceId ?? '–'],
    [t('audit.position'), event.n === null ? '–' : String(event.n)],
    [t('audit.place'), event.seq === null ? '–' : String(event.seq)],
    [t('audit.id'), event.id],
    [t('audit.request'), event.request ?? '–'],
    [t('panel.hash'), event.hash ?? '–'],
  ] as const
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const subjectOf = ({ subject, subjectName }: AuditEvent): string =>
  subjectName === undefined ? (subject ?? '–') : `${subjectName} (${subject})`

const ecosystemOf = ({ ecosystem }: AuditEvent): string =>
  ecosystem?.name === undefined ? (ecosystem?.id ?? '–') : `${ecosystem.name} (${ecosystem.id})`

/** Byte for byte what the log hashes; only the line breaks of the screen are ours. */
function Body({ body }: { readonly body: string }) {
  const { t } = useWords()
  const place = useRef<HTMLPreElement>(null)
  const source = useCallback(() => place.current, [])
  const [copied, copy] = useCopy(body, source)
  return (
    <section className="exact">
      <header>
        <h3>{t('audit.exact')}</h3>
        <Press always variant="default" onPress={copy}>
          <Copy size={18} aria-hidden /> {t(copied === 'copied' ? 'audit.copied' : 'audit.copy')}
        </Press>
      </header>
      {copied === 'selected' && <p>{t('copy.selected')}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <pre ref={place} tabIndex={0}>
        {body}
      </pre>
    </section>
  )
}
