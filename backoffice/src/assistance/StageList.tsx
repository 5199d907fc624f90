/** Where we are, of four. */
import { Check } from 'lucide-react'
import { useWords } from '../words/words.tsx'

const stages = ['caller', 'identity', 'consent', 'help'] as const
export type Stage = (typeof stages)[number]

export function StageList({ now }: { readonly now: Stage | 'over' }) {
  const { t } = useWords()
  const at = now === 'over' ? -1 : stages.indexOf(now)
  return (
    <ol className="stages" aria-label={t('stage.list')}>
      {stages.map((stage, index) => (
        <li key={stage} aria-current={index === at ? 'step' : undefined} className={index < at ? 'done' : undefined}>
          <span aria-hidden className="mark">
            {index < at ? <Check size={16} /> : index + 1}
          </span>
          {t(`stage.${stage}`)}
          {index < at && <span className="heard-only">, {t('stage.done')}</span>}
        </li>
      ))}
    </ol>
  )
}
