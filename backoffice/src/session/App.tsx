/** My authenticator app: set up by a QR code or a typed key, confirmed by a code of it, and removed. */
import type { TotpBegun } from '@amparo/contract/factors'
import { useState } from 'react'
import { CodeField } from '../parts/CodeField.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { sentenceFor, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useFirstFactor } from './FirstFactor.tsx'
import { useShowingFactor } from './ShowAgain.tsx'
import { changed, useMe } from './session.ts'

export function App() {
  const { t } = useWords()
  const has = useMe().factors.totp
  const act = useAct()
  const again = useShowingFactor()
  const first = useFirstFactor()
  const [begun, begin] = useState<TotpBegun>()
  const setUp = () =>
    again.ask(async (fresh) => begin(await first.begin(act, fresh, () => wire.call('beginTotp', { body: { fresh } }))))
  const remove = () =>
    again.ask(async (fresh) => {
      const me = await act.run(() => wire.call('removeTotp', { body: { fresh } }))
      if (me) changed(me)
    })
  return (
    <>
      {begun ? (
        <SetUp begun={begun} done={() => begin(undefined)} />
      ) : (
        <>
          <p>{t(has ? 'factors.appOn' : 'factors.appOff')}</p>
          <Refused failure={act.failure} />
          <div className="acts">
            <Press variant="default" busy={act.busy} onPress={has ? remove : setUp}>
              {has ? t('factors.remove') : t('factors.addApp')}
            </Press>
          </div>
        </>
      )}
      {again.dialog}
      {first.dialog}
    </>
  )
}

/** `ABCD EFGH …`, as somebody reads it off. */
const spaced = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret

function SetUp({ begun, done }: { readonly begun: TotpBegun; readonly done: () => void }) {
  const words = useWords()
  const { t } = words
  const act = useAct()
  const confirm = async (code: string) => {
    const me = await act.run(() => wire.call('keepTotp', { body: { code } }))
    if (!me) return
    changed(me)
    done()
  }
  const { size, path } = begun.qr
  return (
    <>
      <p>{t('factors.scan')}</p>
      <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('factors.qr')}>
        <rect width={size} height={size} fill="#ffffff" />
        <path d={path} fill="#000000" />
      </svg>
      <p>
        {t('factors.key')}: <code className="key">{spaced(begun.secret)}</code>
      </p>
      <CodeField
        label={t('factors.appCode')}
        go={t('factors.confirm')}
        wrong={act.failure && sentenceFor(act.failure, words)}
        busy={act.busy}
        onCode={confirm}
      />
      <div className="acts">
        <Press variant="default" onPress={done}>
          {t('factors.back')}
        </Press>
      </div>
    </>
  )
}
