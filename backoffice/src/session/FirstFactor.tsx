/** Before the first passkey or app of an agent: the code that went to their own address. The press that adds one sends it. */
import type { Outcome } from '@amparo/contract/client'
import type { FreshProof } from '@amparo/contract/factors'
import { type ReactNode, useCallback, useEffect, useId, useState } from 'react'
import { clockText, type ServerClock, useLeft } from '../parts/Clock.tsx'
import { CodeField } from '../parts/CodeField.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { Ring } from '../parts/Ring.tsx'
import { type Act, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useMe } from './session.ts'
import { whyNot } from './whyNot.ts'

const codeWanted = Symbol('the server wants the code first')

/** `begin` runs what begins a factor; where the server asks for the code, it is typed, and then it runs again. */
export function useFirstFactor(): {
  begin<T>(act: Act, fresh: FreshProof, work: () => Promise<Outcome<T>>): Promise<T | undefined>
  readonly dialog: ReactNode
} {
  const [asked, ask] = useState<{ readonly fresh: FreshProof; readonly done: (shown: boolean) => void }>()
  const begin = async <T,>(act: Act, fresh: FreshProof, work: () => Promise<Outcome<T>>): Promise<T | undefined> => {
    const begun = await act.run(async (): Promise<Outcome<T | typeof codeWanted>> => {
      const outcome = await work()
      const isWanted = !outcome.ok && outcome.problem.code === 'fresh.mailbox'
      return isWanted ? { ok: true, value: codeWanted } : outcome
    })
    if (begun !== codeWanted) return begun
    const shown = await new Promise<boolean>((done) => ask({ fresh, done }))
    ask(undefined)
    return shown ? act.run(work) : undefined
  }
  return { begin, dialog: asked && <FirstCode {...asked} /> }
}

/** As long as a code waits until another may follow it. */
const waitSeconds = 60

function FirstCode({ fresh, done }: { readonly fresh: FreshProof; readonly done: (shown: boolean) => void }) {
  const words = useWords()
  const { t } = words
  const { email } = useMe()
  const showing = useAct()
  const show = async (code: string) => {
    if (await showing.run(() => wire.call('showFactorCode', { body: { code } }))) done(true)
  }
  return (
    <Dialog title={t('first.title')} open onBack={() => done(false)}>
      <p>{t('first.text')}</p>
      <CodeField
        label={t('identity.field')}
        go={t('elsewhere.go')}
        wrong={showing.failure && whyNot(showing.failure, words)}
        busy={showing.busy}
        autoFocus
        onCode={show}
      />
      <Sending fresh={fresh} to={email} />
      <div className="acts">
        <Press variant="default" always onPress={() => done(false)}>
          {t('factors.back')}
        </Press>
      </div>
    </Dialog>
  )
}

/** The first is sent at once, with what the agent showed before. One that was sent a moment ago still counts. */
function Sending({ fresh, to }: { readonly fresh: FreshProof; readonly to: string }) {
  const { t } = useWords()
  const { run, busy, failure } = useAct()
  const id = useId()
  const [wait, waitFor] = useState<Wait>()
  const send = useCallback(async () => {
    const seconds = await run(async (): Promise<Outcome<number>> => {
      const outcome = await wire.call('sendFactorCode', { body: { fresh } })
      const isOnItsWay = outcome.ok || outcome.problem.code === 'code.too_soon'
      const left = outcome.ok ? waitSeconds : (outcome.retryAfterSeconds ?? waitSeconds)
      return isOnItsWay ? { ok: true, value: left } : outcome
    })
    if (seconds !== undefined) waitFor(waitOf(seconds))
  }, [run, fresh])
  useEffect(() => {
    void send()
  }, [send])
  const left = useLeft(wait?.clock ?? idle, wait?.until) ?? 0
  const isWaiting = left > 0
  return (
    <>
      <Refused failure={failure} />
      <p role="status">{wait && t('elsewhere.sent', { to })}</p>
      <p className="soft">{t('first.none')}</p>
      <div className="acts">
        <Press variant="default" busy={busy} onPress={send} describedBy={isWaiting ? id : undefined}>
          {t('identity.again')}
        </Press>
        {isWaiting && (
          <span id={id} className="wait">
            <Ring part={left / (waitSeconds * 1000)} /> {t('code.wait', { time: clockText(left) })}
          </span>
        )}
      </div>
    </>
  )
}

interface Wait {
  readonly clock: ServerClock
  readonly until: string
}
const idle: ServerClock = { server: 0, mark: 0 }
/** From now on, by our stopwatch. */
const waitOf = (seconds: number): Wait => ({
  clock: { server: 0, mark: performance.now() },
  until: new Date(seconds * 1000).toISOString(),
})
