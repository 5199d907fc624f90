/** A key, as it stands on the keyboard. */
import { Fragment } from 'react'
import { type KeyId, shortcuts } from '../parts/keys.ts'
import { useWords } from '../words/words.tsx'

export function Keys({ of: id }: { readonly of: KeyId }) {
  const { t } = useWords()
  const { shown, plain } = shortcuts[id]
  return (
    <span className="keys">
      {shown.map((key, index) => (
        <Fragment key={key}>
          {index > 0 && (plain ? <span className="heard-only"> {t('keys.then')} </span> : <i aria-hidden>+</i>)}
          <kbd>{key}</kbd>
        </Fragment>
      ))}
    </span>
  )
}
