/** One sentence for the agent's voice, in the language of the user. */
import type { Language } from '@amparo/contract/words'
import { useWords } from '../words/words.tsx'

interface Props {
  readonly language: Language
  readonly text: string
}

export function ReadAloud({ language, text }: Props) {
  const { t } = useWords()
  return (
    <figure className="read-aloud">
      <figcaption>{t('consent.read')}</figcaption>
      <blockquote lang={language}>{text}</blockquote>
    </figure>
  )
}
