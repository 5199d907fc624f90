/**
 * The first form. *Start* can always be pressed: what is missing is then said, and the focus goes there. It is not there before
 * its reasons are: whoever is quick with the keyboard would choose among none.
 */
import { NativeSelect, Radio, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import type { Act, Failure } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { type Draft, isReason } from './draft.ts'
import { type Reasons, useReasons } from './reasons.ts'
import { type Shortcomings, shortcomingsOf } from './shortcomings.ts'
import type { Form } from './useDraft.ts'

interface Props {
  readonly form: Form
  readonly opening: Act
  readonly open: () => Promise<void>
}

export function CallerForm(props: Props) {
  const reasons = useReasons()
  if (reasons) return <Fields {...props} reasons={reasons} />
  return (
    <div className="sheet">
      <Waiting lines={5} />
    </div>
  )
}

interface FieldsProps extends Props {
  readonly reasons: Reasons
}

function Fields({ form: { draft, linked, change: put }, opening, open, reasons }: FieldsProps) {
  const { t } = useWords()
  const [wrong, setWrong] = useState<Shortcomings>({})
  const place = useRef<HTMLFormElement>(null)
  const change = (part: Partial<Draft>) => {
    put(part)
    const left = shortcomingsOf({ ...draft, ...part })
    setWrong((before) => Object.fromEntries(Object.entries(before).filter(([field]) => field in left)))
  }
  const count = Object.keys(wrong).length
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = shortcomingsOf(draft)
    setWrong(found)
    opening.fail(undefined)
    const first = Object.keys(found)[0]
    if (first) place.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
    else await open()
  }
  return (
    <form ref={place} className="sheet" onSubmit={submit} noValidate>
      <StageTitle text={t('caller.title')} wrong={count > 0 || opening.failure !== undefined} focus={false} />
      {linked && <p className="soft">{t('caller.linked')}</p>}
      {count > 0 && <Wrong text={t('caller.missing', { count })} />}
      <Trouble failure={opening.failure} />
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
      <Why draft={draft} change={change} wrong={wrong} reasons={reasons} />
      <WhoCalls draft={draft} change={change} wrong={wrong} />
      <div className="acts">
        <Press type="submit" busy={opening.busy}>
          {t('caller.start')}
        </Press>
        {opening.busy ? (
          <span role="status" className="after-300ms">
            {t('caller.starting')}
          </span>
        ) : (
          <span className="soft">{t('caller.none')}</span>
        )}
      </div>
    </form>
  )
}

interface Part {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  readonly wrong: Shortcomings
}

function Why({ draft, change, wrong, reasons }: Part & { readonly reasons: Reasons }) {
  const { t, name } = useWords()
  return (
    <>
      <div className="why-fields">
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
          name="ticket"
          autoComplete="off"
          label={t('caller.ticket')}
          error={wrong.ticket && t(wrong.ticket)}
          value={draft.ticket}
          onChange={(event) => change({ ticket: event.currentTarget.value })}
        />
      </div>
      <TextInput
        name="line"
        autoComplete="off"
        label={t('caller.line')}
        description={t(draft.reason === 'other' ? 'caller.lineHintOther' : 'caller.lineHint')}
        error={wrong.line && t(wrong.line)}
        value={draft.line}
        onChange={(event) => change({ line: event.currentTarget.value })}
      />
    </>
  )
}

function WhoCalls({ draft, change, wrong }: Part) {
  const { t } = useWords()
  return (
    <div className="who-calls">
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
          description={t('caller.nameHint')}
          error={wrong.caller && t(wrong.caller)}
          value={draft.caller}
          onChange={(event) => change({ caller: event.currentTarget.value })}
        />
      )}
    </div>
  )
}

/** A refusal to open; when another assistance is running, the way to it. */
function Trouble({ failure }: { readonly failure: Failure | undefined }) {
  const { t } = useWords()
  const running = typeof failure === 'object' ? failure.problem.id : undefined
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
