/** Why an assistance ended without a finish: four reasons, and words for the last. */
import { type ClosureReasonInput, closureReasonInput } from '@amparo/contract/assistance'
import { type ClosureReason, closureReasons } from '@amparo/contract/words'
import { Radio, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { useWords } from '../words/words.tsx'
import { useKept } from './kept.ts'

export interface ReasonGiven {
  readonly reason: ClosureReason | ''
  readonly note: string
  readonly wrong: 'reason.choose' | 'reason.noNote' | undefined
  choose(reason: ClosureReason | ''): void
  write(note: string): void
  /** The answer when it is whole; else says what is missing. */
  check(): ClosureReasonInput | undefined
}

export function useReasonGiven(id: string): ReasonGiven {
  const [reason, choose] = useState<ClosureReason | ''>('')
  const [note, write] = useKept(`why.${id}`, '')
  const [wrong, setWrong] = useState<ReasonGiven['wrong']>()
  const check = () => {
    const text = note.replace(/\s+/g, ' ').trim()
    const parsed = closureReasonInput.safeParse({ reason, ...(text !== '' && { note: text }) })
    setWrong(parsed.success ? undefined : reason === '' ? 'reason.choose' : 'reason.noNote')
    return parsed.success ? parsed.data : undefined
  }
  return {
    reason,
    note,
    wrong,
    choose(chosen) {
      choose(chosen)
      setWrong(undefined)
    },
    write,
    check,
  }
}

interface Props {
  readonly reason: ReasonGiven
  /** The question, where the heading above does not ask it. */
  readonly legend?: string
}

export function ReasonFields({ reason: given, legend }: Props) {
  const { t } = useWords()
  useErrorInTitle(given.wrong !== undefined)
  return (
    <>
      <Radio.Group
        label={legend ?? t('reason.legend')}
        error={given.wrong === 'reason.choose' && t('reason.choose')}
        value={given.reason}
        onChange={(value) => given.choose(closureReasons.find((one) => one === value) ?? '')}
      >
        <div className="choices column">
          {closureReasons.map((one, index) => (
            <Radio key={one} value={one} label={t(`reason.${one}`)} data-first={index === 0 || undefined} />
          ))}
        </div>
      </Radio.Group>
      {given.reason === 'other' && (
        <Textarea
          label={t('reason.note')}
          description={t('reason.noteHint')}
          error={given.wrong === 'reason.noNote' && t('reason.noNote')}
          value={given.note}
          rows={3}
          onChange={(event) => given.write(event.currentTarget.value)}
        />
      )}
    </>
  )
}
