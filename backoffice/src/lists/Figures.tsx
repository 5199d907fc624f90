/** The record in numbers, for the days that are searched: asked for when somebody opens it, and recorded as any reading is. */
import type { Figures as Seen } from '@amparo/contract/audit'
import type { Because } from '@amparo/contract/words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { wire } from '../wire.ts'
import { useWords, type Words } from '../words/words.tsx'
import { Bars, Columns, Numbers } from './charts.tsx'
import { byKind, causeSentence, duration, endingsOf, kinds, roundUp, spanName, sum, sumOf } from './figures.ts'
import { Pages, pageOf } from './Pages.tsx'

const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export function Figures({ q }: { readonly q: string }) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <details className="figures" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <ChartColumn size={20} aria-hidden /> <h2>{t('figures.title')}</h2>
      </summary>
      {open && <Counted q={q} />}
    </details>
  )
}

function Counted({ q }: { readonly q: string }) {
  const { t } = useWords()
  const query = useQuery({
    queryKey: ['figures', q],
    queryFn: () => pageOf(() => wire.call('auditFigures', { query: { ...(q !== '' && { q }), timeZone: timeZone() } })),
    staleTime: 60_000,
  })
  const seen = query.data
  return (
    <Pages query={query} empty={seen?.days.length === 0} none={<p>{t('figures.none')}</p>}>
      {seen && <Three seen={seen} />}
    </Pages>
  )
}

interface Of {
  readonly seen: Seen
}

function Three({ seen }: Of) {
  const { t, day } = useWords()
  const last = new Date(Date.parse(seen.before) - 1).toISOString()
  return (
    <>
      <p className="soft">
        {t('figures.span', { from: day(seen.after), to: day(last), zone: seen.timeZone })} {t('figures.follows')}{' '}
        {seen.cut && t('figures.cut', { days: seen.days.length })}
      </p>
      <div className="three">
        <Ended seen={seen} />
        <Consents seen={seen} />
        <Refusals seen={seen} />
      </div>
    </>
  )
}

interface FigureProps {
  readonly name: string
  /** What it comes to, in one line; where there is nothing, that. */
  readonly summary: string
  readonly wide?: true
  readonly table?: ReactNode
  readonly children?: ReactNode
}

/** A chart under its name and its sum, and the table behind it. */
function Figure({ name, summary, wide, table, children }: FigureProps) {
  const { t } = useWords()
  return (
    <figure className={wide ? 'figure wide-figure' : 'figure'}>
      <figcaption>
        <h3>{name}</h3>
        <p>{summary}</p>
      </figcaption>
      {children}
      {table && (
        <details>
          <summary>{t('figures.asTable')}</summary>
          {table}
        </details>
      )}
    </figure>
  )
}

function Ended({ seen: { days } }: Of) {
  const words = useWords()
  const { t } = words
  const name = t('figures.ended')
  const sums = days.map(({ ended }) => sumOf(ended))
  const most = Math.max(...sums)
  const count = sum(sums)
  if (count === 0) return <Figure wide name={name} summary={t('figures.noneEnded')} />
  const dayName = (day: Seen['days'][number] | undefined) => (day ? words.day(day.after) : '')
  const summary = t('figures.endedAll', { count, most, day: dayName(days[sums.indexOf(most)]) })
  const all = days.map(({ ended }) => byKind(ended))
  const legend = kinds.map((id) => ({
    id,
    name: t(`figures.kind.${id}`),
    count: sum(all.map((one) => one[id])),
  }))
  return (
    <Figure wide name={name} summary={summary} table={<EndedTable days={days} name={name} />}>
      <Columns
        columns={days.map((day, index) => ({
          id: day.day,
          says: `${dayName(day)}: ${sums[index]}`,
          parts: kinds.map((id) => ({ id, count: all[index]?.[id] ?? 0 })),
        }))}
        legend={legend}
        top={roundUp(most)}
        says={t('figures.columns', { summary })}
        first={dayName(days[0])}
        last={dayName(days.at(-1))}
      />
    </Figure>
  )
}

/** Every ending that there was, the newest day first; each day leads to its part of the record. */
function EndedTable({ days, name }: Pick<Seen, 'days'> & { readonly name: string }) {
  const { t, has, day: dayName } = useWords()
  const totals = new Map<Because, number>()
  for (const { ended } of days)
    for (const [because, count] of endingsOf(ended)) totals.set(because, (totals.get(because) ?? 0) + count)
  const columns = [...totals].sort(([, a], [, b]) => b - a).map(([because]) => because)
  const title = (because: Because) => (has(`ended.${because}`) ? t(`ended.${because}`) : because)
  const rows = [...days].reverse().map(({ day, after, before, ended }) => ({
    id: day,
    name: (
      <Link to="/audit" search={{ q: `type:assistance.closed after:${after} before:${before}` }}>
        {dayName(after)}
      </Link>
    ),
    cells: [sumOf(ended), ...columns.map((because) => ended[because] ?? 0)],
  }))
  const all = {
    id: 'all',
    name: t('figures.all'),
    cells: [sum([...totals.values()]), ...columns.map((one) => totals.get(one) ?? 0)],
  }
  return (
    <Numbers name={name} columns={[t('figures.day'), t('figures.all'), ...columns.map(title)]} rows={[all, ...rows]} />
  )
}

function Consents({ seen: { consents } }: Of) {
  const words = useWords()
  const { t } = words
  const name = t('figures.consents')
  const { count, half, nineOfTen, within } = consents
  if (count === 0) return <Figure name={name} summary={t('figures.noneAsked')} />
  const summary = t('figures.consentsAll', {
    count,
    half: duration(half ?? 0, words),
    nine: duration(nineOfTen ?? 0, words),
  })
  const bars = within.map((many, index) => ({ id: String(index), name: spanName(index, words), count: many }))
  const table = (
    <Numbers
      name={name}
      columns={[t('figures.took'), t('figures.count'), t('figures.share')]}
      rows={bars.map((bar) => ({ ...bar, cells: [bar.count, shareOf(bar.count, count, words)] }))}
    />
  )
  return (
    <Figure name={name} summary={summary} table={table}>
      <Bars bars={bars} />
    </Figure>
  )
}

const shareOf = (part: number, all: number, { language }: Words): string =>
  new Intl.NumberFormat(language, { style: 'percent' }).format(part / all)

/** So many causes are drawn; the rest is one bar, and each stands in the table. */
const drawn = 6

function Refusals({ seen: { refusals } }: Of) {
  const words = useWords()
  const { t } = words
  const name = t('figures.refusals')
  const sumFrom = (from: number) => sum(refusals.slice(from).map(({ count }) => count))
  if (refusals.length === 0) return <Figure name={name} summary={t('figures.noneRefused')} />
  const each = refusals.map((one) => ({
    id: `${one.type} ${one.cause}`,
    name: causeSentence(one, words),
    word: one.cause ?? one.type,
    count: one.count,
  }))
  const rest = { id: 'rest', name: t('figures.others', { causes: each.length - drawn }), count: sumFrom(drawn) }
  const bars = each.length > drawn ? [...each.slice(0, drawn), rest] : each
  const table = (
    <Numbers
      name={name}
      columns={[t('figures.cause'), t('figures.count'), t('figures.word')]}
      rows={each.map((one) => ({ id: one.id, name: one.name, cells: [one.count, one.word] }))}
    />
  )
  const summary = t('figures.refusalsAll', { count: sumFrom(0), causes: refusals.length })
  return (
    <Figure name={name} summary={summary} table={table}>
      <Bars bars={bars} />
    </Figure>
  )
}
