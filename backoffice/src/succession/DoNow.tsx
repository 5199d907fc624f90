/** What an agent may do from an entry, each with a sentence of why; and the same in the user's words, to be sent on. */
import { type DetailsSeen, type SupportAct, supportActs } from '@amparo/contract/succession'
import { Textarea } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useRef, useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { useStep } from '../assistance/useAssistance.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { caseOf, type OnScreen, readAgain } from './useSuccession.ts'

interface Props {
  readonly on: OnScreen
  readonly it: DetailsSeen
}

export function DoNow({ on: { id, caseRef }, it }: Props) {
  const { t } = useWords()
  const step = useStep(id)
  const [act, choose] = useState<SupportAct>()
  const [note, write] = useKept(`act.${id}.${it.id}.${act}`, '')
  const [short, setShort] = useState(false)
  useErrorInTitle(act !== undefined && short)
  const [said, say] = useState<string>()
  if (it.acts.length === 0) return null
  const go = async () => {
    setShort(note.trim().length < 10)
    if (!act || note.trim().length < 10) return
    const done = await step.run(() =>
      wire.call('act', { params: { id }, body: { act, stepId: it.id, note, ...caseOf(caseRef) } }),
    )
    if (!done) return
    say(`${t(`suc.result.${done.result}`)}: ${t(`suc.act.${act}`)}`)
    choose(undefined)
    write('')
    await readAgain(id)
  }
  return (
    <section className="no-print">
      <h3>{t('suc.acts')}</h3>
      {said !== undefined && (
        <p className="live" role="status">
          {said}
        </p>
      )}
      {act === undefined ? (
        <div className="acts">
          {supportActs
            .filter((one) => it.acts.includes(one))
            .map((one) => (
              <Press key={one} variant="default" onPress={() => choose(one)}>
                {t(`suc.act.${one}`)}
              </Press>
            ))}
        </div>
      ) : (
        <>
          <Textarea
            label={`${t(`suc.act.${act}`)}: ${t('suc.act.note')}`}
            description={t('suc.act.noteHint')}
            error={short && t('suc.act.short')}
            maxLength={500}
            autosize
            minRows={2}
            autoFocus
            value={note}
            onChange={(event) => write(event.currentTarget.value)}
          />
          <Refused failure={step.failure} />
          <div className="acts">
            <Press busy={step.busy} onPress={go}>
              {t('suc.act.go')}
            </Press>
            <Press always variant="default" onPress={() => choose(undefined)}>
              {t('suc.back')}
            </Press>
          </div>
        </>
      )}
    </section>
  )
}

export function CopyForUser({ text }: { readonly text: string | undefined }) {
  const { t } = useWords()
  const place = useRef<HTMLPreElement>(null)
  const [copied, set] = useState<'not yet' | 'copied' | 'refused'>('not yet')
  if (text === undefined) return null
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      set('copied')
    } catch {
      set('refused')
    }
  }
  return (
    <div className="no-print">
      <div className="acts">
        <Press always variant="default" onPress={copy}>
          {copied === 'copied' ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />} {t('suc.copy')}
        </Press>
        {copied === 'copied' && (
          <span className="live" role="status">
            {t('suc.copied')}
          </span>
        )}
      </div>
      {copied === 'refused' && (
        <>
          <p role="status">{t('suc.notCopied')}</p>
          <pre ref={place}>{text}</pre>
        </>
      )}
    </div>
  )
}
