/**
 * A product on a phone: a page of its own beside the help, with nothing on it but the code, what to do with it, the two
 * digits that the phone shows, and the ways to end it.
 */
import type { Problem } from '@amparo/contract/api'
import { getRouteApi } from '@tanstack/react-router'
import { useAssistance } from '../assistance/useAssistance.ts'
import { BareHeader } from '../frame/BareHeader.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { sentenceFor } from '../wire.ts'
import '../words/phone.ts'
import { useWords } from '../words/words.tsx'
import '../look/phone.css'
import { Ends } from './Ends.tsx'
import { NewCode } from './NewCode.tsx'
import { Now } from './Now.tsx'
import { usePhone } from './usePhone.ts'

const route = getRouteApi('/assist/$id/phone/$surface')

export function PhonePage() {
  const { id } = route.useParams()
  const { launch } = route.useSearch()
  const looked = useAssistance(id, { told: false })
  return (
    <div className="phone-page">
      <BareHeader />
      {looked === undefined ? (
        <Waiting />
      ) : 'problem' in looked ? (
        <Unknown problem={looked.problem} />
      ) : (
        <OfHelp id={id} launch={launch} user={looked.it.user?.name ?? ''} over={looked.it.state === 'closed'} />
      )}
    </div>
  )
}

function Unknown({ problem }: { readonly problem: Problem }) {
  const words = useWords()
  return (
    <>
      <StageTitle text={words.t('nav.assist')} wrong />
      <Wrong text={sentenceFor({ problem }, words)} />
    </>
  )
}

interface Props {
  readonly id: string
  readonly launch: string | undefined
  readonly user: string
  /** The help has ended, whatever the phone has heard of it. */
  readonly over: boolean
}

function OfHelp({ id, launch, user, over }: Props) {
  const words = useWords()
  const looked = usePhone(id, launch)
  const seen = looked && 'phone' in looked ? looked : undefined
  const problem = looked && 'problem' in looked ? looked.problem : undefined
  return (
    <>
      <StageTitle text={words.t('phone.title', { user })} wrong={problem !== undefined} />
      {seen ? (
        <Now id={id} seen={seen} user={user} over={over} />
      ) : problem || launch === undefined ? (
        <>
          <Wrong text={problem ? sentenceFor({ problem }, words) : words.t('phone.none')} />
          {!over && <NewCode id={id} />}
        </>
      ) : (
        <Waiting lines={6} />
      )}
      <Ends id={id} user={user} phone={seen?.phone} over={over} />
    </>
  )
}
