/** Adding a passkey: show that it is you, the first time by a code too, the browser's prompt, and it is kept under the name of this device. */
import { type ReactNode, useState } from 'react'
import { type Failure, useAct, wire } from '../wire.ts'
import { useFirstFactor } from './FirstFactor.tsx'
import { deviceName, hasPasskeys, makeWith } from './passkey.ts'
import { useShowingFactor } from './ShowAgain.tsx'
import { changed } from './session.ts'

interface Adding {
  readonly possible: boolean
  readonly busy: boolean
  readonly failure: Failure | undefined
  /** True where the browser's prompt was closed. */
  readonly closed: boolean
  readonly add: () => Promise<void>
  readonly dialog: ReactNode
}

export function useAddPasskey(): Adding {
  const act = useAct()
  const [closed, setClosed] = useState(false)
  const again = useShowingFactor()
  const first = useFirstFactor()
  const add = () =>
    again.ask(async (fresh) => {
      setClosed(false)
      const options = await first.begin(act, fresh, () => wire.call('beginPasskey', { body: { fresh } }))
      if (!options) return
      const response = await makeWith(options)
      if (response === 'cancelled') return setClosed(true)
      if (response === 'outdated') return act.fail('outdated')
      const me = await act.run(() => wire.call('keepPasskey', { body: { name: deviceName(), response } }))
      if (me) changed(me)
    })
  const dialog = (
    <>
      {again.dialog}
      {first.dialog}
    </>
  )
  return { possible: hasPasskeys(), busy: act.busy, failure: act.failure, closed, add, dialog }
}
