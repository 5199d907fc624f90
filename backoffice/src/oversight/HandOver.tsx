/** A colleague takes over: offering it, and what others offer. And the box that says whether something is ours. */
import type { Ours } from '@amparo/contract/words'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Replace, ShieldQuestion } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { lookAgain, type Seen } from '../assistance/useAssistance.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import '../look/oversight.css'
import '../words/oversight.ts'
import { useWords } from '../words/words.tsx'

export function HandOver({ it }: { readonly it: Seen['it'] }) {
  const { t, time } = useWords()
  const [note, setNote] = useKept(`hand.${it.id}`, '')
  const act = useAct()
  if (!it.next.includes('hand-over')) return null
  const offer = async (offered: boolean) => {
    const body = note.trim() === '' ? { offered } : { offered, note: note.trim() }
    if (await act.run(() => wire.call('offer', { params: { id: it.id }, body }))) setNote('')
    await lookAgain(it.id)
  }
  return (
    <details className="block" open={it.offeredAt !== undefined}>
      <summary>
        <Replace size={20} aria-hidden /> {t('hand.title')}
      </summary>
      <div className="block-in">
        <p>{t('hand.lead')}</p>
        {it.offeredAt ? (
          <p role="status">{t('hand.offered', { time: time(it.offeredAt) })}</p>
        ) : (
          <TextInput
            label={t('hand.note')}
            description={t('reason.noteHint')}
            value={note}
            maxLength={300}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        <Refused failure={act.failure} />
        <div className="acts">
          <Press variant="default" busy={act.busy} onPress={() => offer(it.offeredAt === undefined)}>
            {t(it.offeredAt ? 'hand.back' : 'hand.offer')}
          </Press>
        </div>
      </div>
    </details>
  )
}

/** What colleagues would hand over, for whoever may take it. */
export function Offers() {
  const { t, name } = useWords()
  const navigate = useNavigate()
  const act = useAct()
  const query = useQuery({ queryKey: ['handOvers'], queryFn: () => wire.call('offers'), refetchInterval: 5_000 })
  const items = query.data?.ok ? query.data.value.items : []
  if (items.length === 0) return null
  const take = async (assistanceId: string) => {
    const taken = await act.run(() => wire.call('takeOver', { params: { assistanceId }, body: {} }))
    if (taken)
      await navigate({ to: taken.kind === 'succession' ? '/ecosystem/$id' : '/assist/$id', params: { id: taken.id } })
  }
  return (
    <section className="block" aria-labelledby="hand-overs">
      <h2 id="hand-overs">
        <Replace size={20} aria-hidden /> {t('hand.offers')}
      </h2>
      <Refused failure={act.failure} />
      {items.map((one) => (
        <article key={one.id} className="block-in over-one">
          <p>
            <strong>
              {t('hand.from', {
                agent: one.agent.name,
                reason: [name(one.reason.name), one.reason.line].filter(Boolean).join(': '),
              })}
            </strong>
          </p>
          {one.note && <blockquote>{one.note}</blockquote>}
          <div className="acts">
            <Press busy={act.busy} onPress={() => take(one.id)}>
              {t('hand.take')}
            </Press>
          </div>
        </article>
      ))}
    </section>
  )
}

/** A user on the phone has a message in front of them: is it one of ours? */
export function OursBox() {
  const { t } = useWords()
  const [text, setText] = useState('')
  const [ours, setOurs] = useState<Ours>()
  const act = useAct()
  const [missing, setMissing] = useState(false)
  useErrorInTitle(missing)
  const check = async (event: FormEvent) => {
    event.preventDefault()
    setMissing(text.trim() === '')
    if (text.trim() === '') return
    setOurs((await act.run(() => wire.call('ours', { body: { text: text.trim() } })))?.ours)
  }
  return (
    <details className="block">
      <summary>
        <ShieldQuestion size={20} aria-hidden /> {t('ours.title')}
      </summary>
      <form className="block-in" onSubmit={check}>
        <TextInput
          label={t('ours.label')}
          error={missing && t('ours.empty')}
          value={text}
          maxLength={300}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <p role="status">{ours && t(`ours.${ours}`)}</p>
        <Refused failure={act.failure} />
        <div className="acts">
          <Press type="submit" variant="default" busy={act.busy}>
            {t('ours.check')}
          </Press>
        </div>
      </form>
    </details>
  )
}
