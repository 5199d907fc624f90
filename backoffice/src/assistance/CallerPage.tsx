/** Stage one: who needs help and why. Nothing about the user is read or shown before the agent is proven. */
import { NativeSelect, Radio, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { type Failure, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { type Draft, draftOfLink, fileDraft, inputOf, isReason, keepDraft, keptDraft } from './draft.ts'
import { useReasons } from './reasons.ts'
import { StageList } from './StageList.tsx'
import { type Shortcomings, shortcomingsOf } from './shortcomings.ts'

export function CallerPage() {
  const me = useMe()
  if (!has(me, 'agent:technical')) return <NotAllowed to="assist" />
  return (
    <div className="case">
      <StageList now="caller" done={0} />
      <CallerForm />
    </div>
  )
}

/** The form's content, first from the link that brought us here, else from what was typed before. */
function useDraft(): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => draftOfLink(location.hash) ?? keptDraft())
  useEffect(() => keepDraft(draft), [draft])
  useEffect(() => {
    const take = () => {
      const linked = draftOfLink(location.hash)
      if (!linked) return
      setDraft(linked)
      history.replaceState(history.state, '', location.pathname + location.search)
    }
    take()
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [])
  return [draft, (change) => setDraft((before) => ({ ...before, ...change }))]
}

function useOpening(draft: Draft) {
  const act = useAct()
  const navigate = useNavigate()
  const open = async () => {
    const opened = await act.run(() => wire.call('open', { body: inputOf(draft) }))
    if (!opened) return
    await act.run(() => wire.call('sendAgentCode', { params: { id: opened.id } }))
    fileDraft(opened.id, draft)
    await navigate({ to: '/assist/$id', params: { id: opened.id } })
  }
  return { ...act, open }
}

function CallerForm() {
  const { t, name } = useWords()
  const [draft, put] = useDraft()
  const [wrong, setWrong] = useState<Shortcomings>({})
  const change = (part: Partial<Draft>) => {
    put(part)
    const left = shortcomingsOf({ ...draft, ...part })
    setWrong((before) => Object.fromEntries(Object.entries(before).filter(([field]) => field in left)))
  }
  const opening = useOpening(draft)
  const form = useRef<HTMLFormElement>(null)
  const reasons = useReasons()
  const count = Object.keys(wrong).length
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = shortcomingsOf(draft)
    setWrong(found)
    opening.fail(undefined)
    const first = Object.keys(found)[0]
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
    else await opening.open()
  }
  return (
    <form ref={form} className="stage" onSubmit={submit} noValidate>
      <StageTitle text={t('caller.title')} wrong={count > 0 || opening.failure !== undefined} focus={false} />
      {count > 0 && <Wrong text={t('caller.missing', { count })} />}
      <Trouble failure={opening.failure} />
      <Running />
      <TextInput
        type="email"
        name="email"
        autoFocus
        autoComplete="off"
        spellCheck={false}
        label={t('caller.email')}
        description={t('caller.emailHint')}
        error={wrong.email && t(wrong.email)}
        value={draft.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <NativeSelect
        name="reason"
        label={t('caller.reason')}
        error={wrong.reason && t(wrong.reason)}
        value={draft.reason}
        onChange={({ currentTarget: { value } }) => change({ reason: isReason(value) ? value : '' })}
        data={[
          { value: '', label: t('caller.choose') },
          ...reasons.map((one) => ({ value: one.code, label: name(one.name) })),
        ]}
      />
      <TextInput
        name="line"
        autoComplete="off"
        label={t('caller.line')}
        description={t(draft.reason === 'other' ? 'caller.lineHintOther' : 'caller.lineHint')}
        error={wrong.line && t(wrong.line)}
        value={draft.line}
        onChange={(event) => change({ line: event.currentTarget.value })}
      />
      <WhoCalls draft={draft} change={change} wrong={wrong} />
      <TextInput
        name="ticket"
        autoComplete="off"
        label={t('caller.ticket')}
        description={t('caller.ticketHint')}
        error={wrong.ticket && t(wrong.ticket)}
        value={draft.ticket}
        onChange={(event) => change({ ticket: event.currentTarget.value })}
      />
      <p className="soft">{t('caller.none')}</p>
      <div className="acts">
        <Press type="submit" busy={opening.busy}>
          {t('caller.start')}
        </Press>
      </div>
    </form>
  )
}

interface Part {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  readonly wrong: Shortcomings
}

function WhoCalls({ draft, change, wrong }: Part) {
  const { t } = useWords()
  return (
    <>
      <Radio.Group
        label={t('caller.who')}
        value={draft.who}
        onChange={(value) => change({ who: value === 'somebody' ? 'somebody' : 'user' })}
      >
        <div className="choices">
          <Radio value="user" label={t('caller.user')} />
          <Radio value="somebody" label={t('caller.somebody')} />
        </div>
      </Radio.Group>
      {draft.who === 'somebody' && (
        <TextInput
          name="caller"
          autoComplete="off"
          label={t('caller.name')}
          error={wrong.caller && t(wrong.caller)}
          value={draft.caller}
          onChange={(event) => change({ caller: event.currentTarget.value })}
        />
      )}
    </>
  )
}

/** A refusal to open; when another assistance is running, the way to it. */
function Trouble({ failure }: { readonly failure: Failure | undefined }) {
  const { t } = useWords()
  const running = failure !== undefined && failure !== 'unreachable' ? failure.problem.id : undefined
  return (
    <Refused failure={failure}>
      {typeof running === 'string' && (
        <Link to="/assist/$id" params={{ id: running }}>
          {t('caller.goRunning')}
        </Link>
      )}
    </Refused>
  )
}

function Running() {
  const { t } = useWords()
  const me = useMe()
  const live = useQuery({
    queryKey: ['list', 'live', me.id],
    queryFn: () => wire.call('list', { query: { state: 'live', agent: me.id, limit: 5 } }),
    refetchInterval: 15_000,
  })
  const mine = live.data?.ok ? live.data.value.items.find((one) => one.agent.id === me.id) : undefined
  if (!mine) return null
  return (
    <p className="note">
      {t('caller.running')}{' '}
      <Link to="/assist/$id" params={{ id: mine.id }}>
        {t('caller.goRunning')}
      </Link>
    </p>
  )
}
