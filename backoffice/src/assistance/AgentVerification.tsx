/**
 * Stage two: the agent proves who they are, by the strongest way that they have; the others stay in reach. Nothing of
 * the user is known yet, and nothing goes out to them.
 */
import type { AgentMethod } from '@amparo/contract/words'
import { useState } from 'react'
import { Band } from '../parts/Band.tsx'
import { Press } from '../parts/Press.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { ByApp } from './ByApp.tsx'
import { ByCode } from './ByCode.tsx'
import { ByPasskey } from './ByPasskey.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { latestOf } from './messages.ts'
import { type Seen, useStep } from './useAssistance.ts'

export function AgentVerification({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const methods = it.agentMethods ?? ['code']
  const sending = useStep(it.id)
  const [wrong, setWrong] = useState(false)
  const [wasSent] = latestOf(it.messages, 'agent')
  const [chosen, choose] = useState<AgentMethod | undefined>(wasSent ? 'code' : undefined)
  const way = chosen ?? methods[0] ?? 'code'
  const turnTo = async (method: AgentMethod) => {
    setWrong(false)
    if (method === 'code' && !wasSent) {
      await sending.run(() => wire.call('sendAgentCode', { params: { id: it.id } }))
    }
    choose(method)
  }
  return (
    <>
      <StageTitle text={t('identity.title')} wrong={wrong} focus={false} />
      <Band whose="agent" title={t(bands[way])}>
        <Way way={way} seen={seen} onWrong={setWrong} />
        <Refused failure={sending.failure} />
        <OtherWays ways={methods.filter((method) => method !== way)} busy={sending.busy} turnTo={turnTo} />
      </Band>
      <ReadAloud sentence="say.identity" sees={t('sees.nothing')} />
      <CancelProcess it={it} />
    </>
  )
}

interface WayProps {
  readonly way: AgentMethod
  readonly seen: Seen
  readonly onWrong: (wrong: boolean) => void
}

function Way({ way, seen, onWrong }: WayProps) {
  switch (way) {
    case 'passkey':
      return <ByPasskey id={seen.it.id} onWrong={onWrong} />
    case 'totp':
      return <ByApp id={seen.it.id} onWrong={onWrong} />
    case 'code':
      return <ByCode seen={seen} onWrong={onWrong} />
  }
}

const bands = { passkey: 'proof.passkeyBand', totp: 'proof.appBand', code: 'identity.band' } as const
const names = { passkey: 'proof.toPasskey', totp: 'proof.toApp', code: 'proof.toCode' } as const

interface Ways {
  readonly ways: readonly AgentMethod[]
  readonly busy: boolean
  readonly turnTo: (method: AgentMethod) => void
}

function OtherWays({ ways, busy, turnTo }: Ways) {
  const { t } = useWords()
  if (ways.length === 0) return null
  return (
    <div className="acts">
      {ways.map((method) => (
        <Press key={method} variant="default" busy={busy && method === 'code'} onPress={() => turnTo(method)}>
          {t(names[method])}
        </Press>
      ))}
    </div>
  )
}
