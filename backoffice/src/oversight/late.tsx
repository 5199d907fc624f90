/** What stands beside the steps of an assistance and is not there in most: it comes when it is needed. */
import { lazy } from 'react'
import type { Seen } from '../assistance/useAssistance.ts'
import { part } from '../parts/missing.ts'
import { Part } from '../parts/Part.tsx'

type Of = { readonly it: Seen['it'] }

const second = part(() => import('./SecondPerson.tsx'))
const hand = part(() => import('./HandOver.tsx'))
const Question = lazy(async () => ({ default: (await second()).SecondPerson }))
const Glass = lazy(async () => ({ default: (await second()).BreakGlass }))
const Hand = lazy(async () => ({ default: (await hand()).HandOver }))

export const SecondPerson = ({ it }: Of) =>
  it.approvals.length > 0 && (
    <Part>
      <Question it={it} />
    </Part>
  )
export const BreakGlass = ({ it }: Of) =>
  it.next.includes('break-glass') && (
    <Part>
      <Glass it={it} />
    </Part>
  )
export const HandOver = ({ it }: Of) =>
  it.next.includes('hand-over') && (
    <Part>
      <Hand it={it} />
    </Part>
  )
