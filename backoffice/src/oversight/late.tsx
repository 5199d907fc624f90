/** What stands beside the steps of an assistance and is not there in most: it comes when it is needed. */
import { lazy, Suspense } from 'react'
import type { Seen } from '../assistance/useAssistance.ts'

type Of = { readonly it: Seen['it'] }

const second = () => import('./SecondPerson.tsx')
const Question = lazy(async () => ({ default: (await second()).SecondPerson }))
const Glass = lazy(async () => ({ default: (await second()).BreakGlass }))
const Hand = lazy(async () => ({ default: (await import('./HandOver.tsx')).HandOver }))

export const SecondPerson = ({ it }: Of) =>
  it.approvals.length > 0 && (
    <Suspense>
      <Question it={it} />
    </Suspense>
  )
export const BreakGlass = ({ it }: Of) =>
  it.next.includes('break-glass') && (
    <Suspense>
      <Glass it={it} />
    </Suspense>
  )
export const HandOver = ({ it }: Of) =>
  it.next.includes('hand-over') && (
    <Suspense>
      <Hand it={it} />
    </Suspense>
  )
