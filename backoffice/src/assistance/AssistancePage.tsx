/** One assistance, one page: the header that names everybody, the stages, and the screen of its state. */
import type { Problem } from '@amparo/contract/api'
import type { Assistance } from '@amparo/contract/assistance'
import { Link, Navigate, useParams, useRouterState } from '@tanstack/react-router'
import { lazy, type ReactNode } from 'react'
import { part } from '../parts/missing.ts'
import { Part } from '../parts/Part.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { useMe } from '../session/session.ts'
import { sentenceFor } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { Active } from './Active.tsx'
import { AgentVerification } from './AgentVerification.tsx'
import { CaseHeader } from './CaseHeader.tsx'
import { Closed } from './Closed.tsx'
import { Consent } from './Consent.tsx'
import { type Stage, StageList } from './StageList.tsx'
import { UserLookup } from './UserLookup.tsx'
import { type Seen, useAssistance } from './useAssistance.ts'
import { Watching } from './Watching.tsx'

const succession = part(() => import('../succession/SuccessionHelp.tsx'))
const SuccessionHelp = lazy(async () => ({ default: (await succession()).SuccessionHelp }))

export function AssistancePage() {
  const { id = '' } = useParams({ strict: false })
  const looked = useAssistance(id)
  if (looked === undefined) return <Waiting />
  if ('problem' in looked) return <Unknown problem={looked.problem} />
  return (
    <InItsPlace it={looked.it}>
      <Known key={id} seen={looked} />
    </InItsPlace>
  )
}

/**
 * Each kind under its own name in the rail. Only the other kind's address of this very assistance leads over: whoever
 * is on their way to another page is not called back.
 */
function InItsPlace({ it, children }: { readonly it: Assistance; readonly children: ReactNode }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  const [to, from] =
    it.kind === 'succession' ? (['/ecosystem/$id', '/assist/'] as const) : (['/assist/$id', '/ecosystem/'] as const)
  if (here === `${from}${it.id}`) return <Navigate to={to} params={{ id: it.id }} replace />
  return children
}

function Unknown({ problem }: { readonly problem: Problem }) {
  const words = useWords()
  return (
    <>
      <StageTitle text={words.t('nav.assist')} wrong />
      <Wrong text={sentenceFor({ problem }, words)}>
        <Link to="/assist">{words.t('app.toStart')}</Link>
      </Wrong>
    </>
  )
}

function Known({ seen }: { readonly seen: Seen }) {
  const me = useMe()
  const mine = seen.it.agent.id === me.id
  return (
    <div className="case">
      <CaseHeader seen={seen} mine={mine} />
      <StageList {...stagesOf(seen.it)} />
      <div className="stage">{mine ? <Screen seen={seen} /> : <Watching seen={seen} />}</div>
    </div>
  )
}

function stagesOf(it: Assistance): { readonly now?: Stage; readonly done: number } {
  switch (it.state) {
    case 'agent_verification':
      return { now: 'identity', done: 1 }
    case 'user_lookup':
    case 'consent':
      return { now: 'consent', done: 2 }
    case 'active':
      return { now: 'help', done: 3 }
    case 'closed':
      return { done: it.consentedAt !== undefined ? 4 : it.user !== undefined ? 2 : 1 }
  }
}

function Screen({ seen }: { readonly seen: Seen }) {
  switch (seen.it.state) {
    case 'agent_verification':
      return <AgentVerification seen={seen} />
    case 'user_lookup':
      return <UserLookup seen={seen} />
    case 'consent':
      return <Consent seen={seen} />
    case 'active':
      return seen.it.kind === 'succession' ? (
        <Part meanwhile={<Waiting />}>
          <SuccessionHelp seen={seen} />
        </Part>
      ) : (
        <Active seen={seen} />
      )
    case 'closed':
      return <Closed seen={seen} />
  }
}
