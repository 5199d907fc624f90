/** For supervisors: what waits for a second person, what was unusual, and what has to be reviewed. */
import type { OutputOf } from '@amparo/contract/api'
import type { Outcome } from '@amparo/contract/client'
import { type ApprovalPurpose, alertSays, type SecondProof } from '@amparo/contract/oversight'
import { alwaysRefused } from '@amparo/contract/powers'
import { TextInput } from '@mantine/core'
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BellRing, Eye, UsersRound } from 'lucide-react'
import { useRef, useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { useSurfaceNames } from '../lists/surfaceNames.ts'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { useShowingAgain } from '../session/ShowAgain.tsx'
import { has, useMe } from '../session/session.ts'
import { queries, useAct, wire } from '../wire.ts'
import { useOversight } from './count.ts'
import '../look/oversight.css'
import '../words/oversight.ts'
import { useWords } from '../words/words.tsx'

export function OversightPage() {
  return has(useMe(), 'supervisor') ? <Oversight /> : <NotAllowed to="live" />
}

const everyMs = 5_000
const again = () => queries.invalidateQueries({ queryKey: ['oversight'], exact: true })

const calls: { readonly [Name in 'approvals' | 'alerts' | 'reviews']: () => Promise<Outcome<OutputOf<Name>>> } = {
  approvals: () => wire.call('approvals'),
  alerts: () => wire.call('alerts'),
  reviews: () => wire.call('reviews'),
}

/** Read anew when the server's mark says that something changed, and not before: each reading is on record. */
function useList<Name extends 'approvals' | 'alerts' | 'reviews'>(name: Name) {
  const mark = useOversight(everyMs)?.mark
  return useQuery({
    queryKey: ['oversight', name, mark],
    enabled: mark !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const outcome: Outcome<OutputOf<Name>> = await calls[name]()
      if (!outcome.ok) throw new Error(outcome.problem.code)
      return outcome.value
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
}

function Oversight() {
  const { t } = useWords()
  return (
    <div className="wide">
      <StageTitle text={t('over.title')} />
      <Approvals />
      <Reviews />
      <Alerts />
    </div>
  )
}

interface ListedProps {
  readonly query: Pick<UseQueryResult<{ readonly items: readonly unknown[] }>, 'data' | 'isError'>
  readonly none: 'over.noneWaiting' | 'over.noReviews' | 'over.noAlerts'
}

/** That there is nothing is said once it is known. */
function Listed({ query: { data, isError }, none }: ListedProps) {
  const { t } = useWords()
  if (isError) return <Refused failure="unreachable" />
  if (!data) return <Waiting lines={1} />
  return data.items.length === 0 && <p>{t(none)}</p>
}

type Asked = OutputOf<'approvals'>['items'][number]

function Approvals() {
  const { t } = useWords()
  const query = useList('approvals')
  const { items = [], proofs = [] } = query.data ?? {}
  return (
    <section className="block" aria-labelledby="over-waiting">
      <h2 id="over-waiting">
        <UsersRound size={20} aria-hidden /> {t('over.waiting')}
      </h2>
      <Listed query={query} none="over.noneWaiting" />
      {items.length > 0 && <p className="soft">{t('over.talk')}</p>}
      {items.map((one) => (
        <Approval key={one.id} one={one} proofs={proofs} />
      ))}
    </section>
  )
}

const asks = {
  consent: 'over.asks',
  owner: 'over.asks',
  break_glass: 'over.asksGlass',
  power: 'over.asksPower',
  release: 'over.asksRelease',
} as const satisfies Record<ApprovalPurpose, string>

/** Yes and no weigh the same: nobody is led to either. */
function Approval({ one, proofs }: { readonly one: Asked; readonly proofs: readonly SecondProof[] }) {
  const { t, name, list } = useWords()
  const surfaceName = useSurfaceNames()
  const [note, setNote] = useKept(`over.${one.id}`, '')
  const act = useAct()
  const announce = useAnnounce()
  const showing = useShowingAgain({ ways: proofs, why: t('over.proof') })
  const who = { agent: one.agent.name, user: one.userName ?? '–', ecosystem: one.ecosystemName ?? '–' }
  const yeses = one.voices.filter(({ decision }) => decision === 'yes').length
  const params = { id: one.assistanceId, approvalId: one.id }
  const words = note.trim() === '' ? {} : { note: note.trim() }
  const done = async (said: 'over.saidYes' | 'over.saidNo', ok: unknown) => {
    if (ok) {
      announce(t(said))
      setNote('')
    }
    await again()
  }
  const yes = () =>
    showing.ask(async (proof) =>
      done(
        'over.saidYes',
        await act.run(() => wire.call('decide', { params, body: { decision: 'yes', proof, ...words } })),
      ),
    )
  const no = async () =>
    done('over.saidNo', await act.run(() => wire.call('decide', { params, body: { decision: 'no', ...words } })))
  return (
    <article className="block-in over-one">
      <h3>{t(asks[one.purpose], who)}</h3>
      <p>
        {t(one.kind === 'succession' ? 'over.reason' : 'over.for', {
          surfaces: list(one.surfaces.map(surfaceName)) || '–',
          powers: one.power === undefined ? t(`terms.${one.powers}`) : name(alwaysRefused[one.power]),
          reason: [name(one.reason.name), one.reason.line].filter(Boolean).join(': '),
        })}
      </p>
      {one.whys.length > 0 && <p>{t('over.why', { whys: list(one.whys.map((why) => t(`why2.${why}`))) })}</p>}
      {one.note && <blockquote>{one.note}</blockquote>}
      {one.needed > 1 && <p>{t('over.yeses', { count: yeses, needed: one.needed })}</p>}
      {one.mine ? (
        <>
          <TextInput
            label={t('over.note')}
            description={t('reason.noteHint')}
            value={note}
            maxLength={300}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Refused failure={act.failure} />
          <div className="acts">
            <Press variant="default" busy={act.busy} onPress={no}>
              {t('over.no')}
            </Press>
            <Press variant="default" busy={act.busy} onPress={yes}>
              {t('over.yes')}
            </Press>
          </div>
        </>
      ) : (
        <p className="soft">{t('over.notYours')}</p>
      )}
      {showing.dialog}
    </article>
  )
}

function Reviews() {
  const { t } = useWords()
  const query = useList('reviews')
  const items = query.data?.items ?? []
  return (
    <section className="block" aria-labelledby="over-reviews">
      <h2 id="over-reviews">
        <Eye size={20} aria-hidden /> {t('over.reviews')}
      </h2>
      <Listed query={query} none="over.noReviews" />
      {items.map((one) => (
        <Review key={`${one.assistanceId} ${one.about}`} one={one} />
      ))}
    </section>
  )
}

type ReviewSeen = OutputOf<'reviews'>['items'][number]

function Review({ one }: { readonly one: ReviewSeen }) {
  const { t, date, list } = useWords()
  const who = { agent: one.agent.name, user: one.userName ?? '–', ecosystem: one.ecosystemName ?? '–' }
  const because = one.because && t(`ended.${one.because}`)
  return (
    <article className="block-in over-one" data-about={one.about}>
      <h3>{t(`review.${one.about}`, { ...who, approvers: list(one.approvers.map(({ name }) => name)) })}</h3>
      {[one.why, one.said].map((text) => text && <blockquote key={text}>{text}</blockquote>)}
      {one.about === 'objection' && !one.said && <p className="soft">{t('review.noWords')}</p>}
      <p>
        {t('review.when', { opened: date(one.openedAt) })}{' '}
        {one.endedAt && because && t('review.ended', { ended: date(one.endedAt), because })}
      </p>
      <Meanwhile one={one} />
      <p>
        <Link to="/assist/$id" params={{ id: one.assistanceId }}>
          {t('over.look')}
        </Link>
      </p>
      <Finding one={one} />
    </article>
  )
}

/** What was opened and done, as the products told it: the user reads the same. */
function Meanwhile({ one }: { readonly one: ReviewSeen }) {
  const { t, name, list, timeToTheSecond } = useWords()
  const surfaceName = useSurfaceNames()
  if (one.opened.length === 0) return <p>{t('review.nothing')}</p>
  return (
    <>
      <p>{t('review.opened', { surfaces: list(one.opened.map(surfaceName)) })}</p>
      {one.done.length === 0 ? (
        <p className="soft">{t('review.noActs')}</p>
      ) : (
        <ol className="over-done">
          {one.done.map((act) => (
            <li key={`${act.at} ${act.surface} ${act.count} ${act.what?.en}`}>
              <time dateTime={act.at}>{timeToTheSecond(act.at)}</time> {act.what ? name(act.what) : t('review.erased')}{' '}
              <span className="soft">{surfaceName(act.surface)}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

/** Neither finding is the easier one. What is missing is where one goes to write it. */
function Finding({ one }: { readonly one: ReviewSeen }) {
  const { t } = useWords()
  const [note, setNote] = useKept(`finding.${one.assistanceId}.${one.about}`, '')
  const [tried, setTried] = useState(false)
  useErrorInTitle(tried && note.trim() === '')
  const field = useRef<HTMLInputElement>(null)
  const act = useAct()
  const close = async (finding: 'justified' | 'not_justified') => {
    setTried(true)
    if (note.trim() === '') return field.current?.focus()
    const body = { about: one.about, finding, note: note.trim() }
    if (await act.run(() => wire.call('closeReview', { params: { id: one.assistanceId }, body }))) {
      setTried(false)
      setNote('')
    }
    await again()
  }
  const word = (finding: 'justified' | 'not_justified') =>
    one.about === 'break_glass' ? (`review.${finding}` as const) : (`review.user_${finding}` as const)
  if (one.closed)
    return (
      <p>
        {t('over.reviewed', {
          name: one.closed.by.name,
          finding: [t(word(one.closed.finding)), one.closed.note].filter(Boolean).join('. '),
        })}
      </p>
    )
  if (!one.mine) return <p className="soft">{t(whyNotReviewed(one))}</p>
  return (
    <>
      <TextInput
        ref={field}
        label={t('over.finding')}
        description={t('reason.noteHint')}
        value={note}
        maxLength={300}
        error={tried && note.trim() === '' && t('over.findingEmpty')}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Refused failure={act.failure} />
      <div className="acts">
        <Press variant="default" busy={act.busy} onPress={() => close('not_justified')}>
          {t(word('not_justified'))}
        </Press>
        <Press variant="default" busy={act.busy} onPress={() => close('justified')}>
          {t(word('justified'))}
        </Press>
      </div>
    </>
  )
}

const whyNotReviewed = ({ endedAt, reviewers }: OutputOf<'reviews'>['items'][number]) => {
  if (endedAt === undefined) return 'over.reviewLive'
  return reviewers === 0 ? 'over.nobodyLeft' : 'over.reviewNotYours'
}

function Alerts() {
  const { t, name, hour } = useWords()
  const act = useAct()
  const query = useList('alerts')
  const items = query.data?.items ?? []
  const see = async (alertId: string) => {
    await act.run(() => wire.call('seeAlert', { params: { alertId }, body: {} }))
    await again()
  }
  return (
    <section className="block" aria-labelledby="over-alerts">
      <h2 id="over-alerts">
        <BellRing size={20} aria-hidden /> {t('over.alerts')}
      </h2>
      <Refused failure={act.failure} />
      <Listed query={query} none="over.noAlerts" />
      <ul className="over-alerts">
        {items.map((one) => (
          <li key={one.id} className={one.seen ? 'soft' : undefined}>
            <p>
              <time dateTime={one.at}>{hour(one.at)}</time>{' '}
              {name(alertSays(one.kind, one.agent?.name ?? '–', one.count ?? 0))}
            </p>
            <div className="acts">
              {one.assistanceId && (
                <Link to="/assist/$id" params={{ id: one.assistanceId }}>
                  {t('over.look')}
                </Link>
              )}
              {one.seen ? (
                <span>{t('over.seenBy', { name: one.seen.by.name })}</span>
              ) : (
                <Press size="xs" variant="default" onPress={() => see(one.id)}>
                  {t('over.see')}
                </Press>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
