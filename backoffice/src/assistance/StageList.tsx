/** Where we are, of four. */
import { Check } from 'lucide-react'
import { useWords } from '../words/words.tsx'

const stages = ['caller', 'identity', 'consent', 'help'] as const
export type Stage = (typeof stages)[number]

interface Props {
  /** Nothing once it is over. */
  readonly now?: Stage | undefined
  /** How many stages are behind us. */
  readonly done: number
}

export function StageList({ now, done }: Props) {
  const { t } = useWords()
  return (
    <ol className="stages" aria-label={t('stage.list')}>
      {stages.map((stage, index) => (
        <li key={stage} aria-current={stage === now ? 'step' : undefined} className={index < done ? 'done' : undefined}>
          <span aria-hidden className="mark">
            {index < done ? <Check size={16} /> : index + 1}
          </span>
          <span className="stage-name">{t(`stage.${stage}`)}</span>
          {index < done && <span className="heard-only">, {t('stage.done')}</span>}
        </li>
      ))}
    </ol>
  )
}
