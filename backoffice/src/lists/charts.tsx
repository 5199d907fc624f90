/**
 * Two charts, drawn by hand: columns of parts, and bars. Each part has a pattern as well as a colour, nothing moves, and whatever is
 * drawn is also said in words and stands in a table beside it.
 */
import { type ReactNode, useId } from 'react'
import '../look/figures.css'

export interface Part {
  readonly id: string
  readonly name: string
  readonly count: number
}
interface Column {
  readonly id: string
  /** What one reads when one points at it. */
  readonly says: string
  readonly parts: readonly Omit<Part, 'name'>[]
}

const height = 160
const patterns = ['plain', 'stripes', 'dots', 'lines', 'open'] as const

/** How the n-th part looks; both the columns and the legend draw with it. */
function Pattern({ id, index }: { readonly id: string; readonly index: number }) {
  const look = patterns[index % patterns.length]
  return (
    <pattern id={id} className={`part-${index}`} width={6} height={6} patternUnits="userSpaceOnUse">
      <rect className={look === 'plain' ? 'full' : 'ground'} width={6} height={6} />
      {look === 'stripes' && <path d="M-1 7 7 -1M-1 1 1 -1M5 7 7 5" strokeWidth={2} />}
      {look === 'dots' && <circle cx={3} cy={3} r={1.7} />}
      {look === 'lines' && <path d="M0 3H6" strokeWidth={2.5} />}
    </pattern>
  )
}

interface Columns {
  readonly columns: readonly Column[]
  readonly legend: readonly Part[]
  /** The number at the upper edge. */
  readonly top: number
  readonly says: string
  readonly first: string
  readonly last: string
}

export function Columns({ columns, legend, top, says, first, last }: Columns) {
  const id = useId()
  const order = legend.map((part) => part.id)
  const width = 100 / Math.max(columns.length, 1)
  return (
    <>
      <div className="chart">
        <div className="scale" aria-hidden>
          <span>{top}</span>
          <span>0</span>
        </div>
        <svg className="columns" width="100%" height={height} role="img" aria-label={says}>
          <defs>
            {order.map((part, index) => (
              <Pattern key={part} id={`${id}${part}`} index={index} />
            ))}
          </defs>
          {[0.5, height / 2, height - 0.5].map((y) => (
            <line key={y} className="grid" x1="0" x2="100%" y1={y} y2={y} />
          ))}
          {columns.map((column, index) => (
            <g key={column.id}>
              <title>{column.says}</title>
              <rect className="reach" x={`${index * width}%`} y={0} width={`${width}%`} height={height} />
              {stacked(column.parts, top).map((part) => (
                <rect
                  key={part.id}
                  className={`part part-${order.indexOf(part.id)}`}
                  x={`${(index + 0.12) * width}%`}
                  width={`${0.76 * width}%`}
                  y={part.y}
                  height={part.height}
                  fill={`url(#${id}${part.id})`}
                />
              ))}
            </g>
          ))}
        </svg>
        <p className="ends" aria-hidden>
          <span>{first}</span>
          {first !== last && <span>{last}</span>}
        </p>
      </div>
      <ul className="legend">
        {legend.map((part, index) => (
          <li key={part.id}>
            <svg width={18} height={18} aria-hidden>
              <rect
                className={`part part-${index}`}
                x={1}
                y={1}
                width={16}
                height={16}
                fill={`url(#${id}${part.id})`}
              />
            </svg>
            <span>
              {part.name} <strong>{part.count}</strong>
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The parts on one another, the first at the bottom; one of a few is still to be seen beside one of thousands. */
function stacked(parts: Column['parts'], top: number) {
  let at = height
  return parts
    .filter(({ count }) => count > 0)
    .map((part) => {
      const tall = Math.max((part.count / top) * height, 2)
      at -= tall
      return { id: part.id, y: at, height: tall }
    })
}

/** Bars beside one another's numbers: they say nothing that is not written there. */
export function Bars({ bars }: { readonly bars: readonly Part[] }) {
  const most = Math.max(...bars.map(({ count }) => count), 1)
  return (
    <ul className="bars">
      {bars.map(({ id, name, count }) => (
        <li key={id}>
          <span>{name}</span> <strong>{count}</strong>
          <svg width="100%" height={12} aria-hidden>
            <rect className="track" width="100%" height={12} rx={3} />
            <rect className="bar" width={`${(count / most) * 100}%`} height={12} rx={3} />
          </svg>
        </li>
      ))}
    </ul>
  )
}

/** Rows of a table behind a chart; the first cell of a row names it, and the others are numbers. */
interface Numbers {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly { readonly id: string; readonly name: ReactNode; readonly cells: readonly ReactNode[] }[]
}

export function Numbers({ name, columns, rows }: Numbers) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className="numbers" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              {row.cells.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its column.
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
