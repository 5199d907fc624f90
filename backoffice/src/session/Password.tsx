/** My password, changed by whoever knows the present one. */
import { TextInput } from '@mantine/core'
import { type FormEvent, useId, useRef, useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { changed } from './session.ts'

export function Password() {
  const { t } = useWords()
  const id = useId()
  const [state, go] = useState<'shut' | 'open' | 'done'>('shut')
  return (
    <section className="own-password" aria-labelledby={id}>
      <h3 id={id}>{t('factors.password')}</h3>
      {state === 'done' && <p role="status">{t('factors.passwordChanged')}</p>}
      {state === 'open' ? (
        <Change done={() => go('done')} back={() => go('shut')} />
      ) : (
        <div className="acts">
          <Press variant="default" onPress={() => go('open')}>
            {t('factors.changePassword')}
          </Press>
        </div>
      )}
    </section>
  )
}

function Change({ done, back }: { readonly done: () => void; readonly back: () => void }) {
  const { t } = useWords()
  const act = useAct()
  const present = useRef<HTMLInputElement>(null)
  const next = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = { password: present.current?.value ?? '', next: next.current?.value ?? '' }
    if (given.password === '') return present.current?.focus()
    if (given.next === '') return next.current?.focus()
    const me = await act.run(() => wire.call('changePassword', { body: given }))
    if (!me) return
    changed(me)
    done()
  }
  return (
    <form className="block-in" onSubmit={submit} noValidate>
      <Refused failure={act.failure} />
      <TextInput
        type="password"
        ref={present}
        autoFocus
        autoComplete="current-password"
        label={t('factors.oldPassword')}
      />
      <TextInput
        type="password"
        ref={next}
        autoComplete="new-password"
        label={t('welcome.password')}
        description={t('welcome.hint')}
      />
      <div className="acts">
        <Press type="submit" busy={act.busy}>
          {t('factors.changePassword')}
        </Press>
        <Press variant="default" onPress={back}>
          {t('factors.back')}
        </Press>
      </div>
    </form>
  )
}
