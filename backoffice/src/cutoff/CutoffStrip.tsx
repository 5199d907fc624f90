/** What is switched off, above every page, until it is on again. Supervisors and administrators switch it on from here. */
import type { CutoffSeen } from '@amparo/contract/cutoff'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { OctagonX } from 'lucide-react'
import { useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { useSurfaceNames } from '../lists/surfaceNames.ts'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useShowingAgain } from '../session/ShowAgain.tsx'
import { has, useMe } from '../session/session.ts'
import { queries, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

export const cutoffsKey = ['cutoffs']
const everyMs = 5_000

export function CutoffStrip() {
  const { t } = useWords()
  const me = useMe()
  const query = useQuery({ queryKey: cutoffsKey, queryFn: () => wire.call('cutoffs'), refetchInterval: everyMs })
  const cutoffs = query.data?.ok ? query.data.value.cutoffs : []
  const mayLift = has(me, 'supervisor') || has(me, 'admin')
  return (
    <div role="status" className="cutoffs">
      {cutoffs.map((one) => (
        <div key={one.id} className="cutoff">
          <OctagonX size={22} aria-hidden />
          <p>
            <strong>
              <What one={one} />
            </strong>{' '}
            <Who one={one} /> {t('cut.wait')}
          </p>
          {mayLift && <Lift one={one} />}
        </div>
      ))}
    </div>
  )
}

function What({ one }: { readonly one: CutoffSeen }) {
  const { t } = useWords()
  const surfaceName = useSurfaceNames()
  const target = one.target ?? ''
  return t(`cut.${one.scope}`, { target: one.scope === 'surface' ? surfaceName(target) : target })
}

function Who({ one }: { readonly one: CutoffSeen }) {
  const { t, hour } = useWords()
  return t('cut.by', { name: one.by.name ?? t('cut.operator'), time: hour(one.madeAt), why: one.why ?? '–' })
}

function Lift({ one }: { readonly one: CutoffSeen }) {
  const { t } = useWords()
  const [asking, ask] = useState(false)
  const [why, setWhy] = useKept(`lift.${one.id}`, '')
  const [missing, setMissing] = useState(false)
  useErrorInTitle(asking && missing)
  const act = useAct()
  const announce = useAnnounce()
  const again = useShowingAgain({ why: t('cut.proof') })
  const lift = () => {
    setMissing(why.trim().length < 3)
    if (why.trim().length < 3) return
    void again.ask(async (fresh) => {
      const body = { why: why.trim(), fresh }
      const done = await act.run(() => wire.call('liftCutoff', { params: { cutoffId: one.id }, body }))
      if (!done) return
      announce(t('cut.lifted'))
      setWhy('')
      ask(false)
      await queries.invalidateQueries({ queryKey: cutoffsKey })
    })
  }
  return (
    <>
      <Press variant="default" onPress={() => ask(true)}>
        {t('cut.lift')}
      </Press>
      <Dialog title={t('cut.ask')} open={asking} onBack={() => ask(false)}>
        <p>{t('cut.askText')}</p>
        <TextInput
          label={t('cut.why')}
          description={t('cut.whyHint')}
          error={missing && t('cut.whyEmpty')}
          value={why}
          maxLength={200}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        <Refused failure={act.failure} />
        <div className="acts">
          <button type="button" className="as-button" data-first onClick={() => ask(false)}>
            {t('cut.keepOff')}
          </button>
          <Press busy={act.busy} onPress={lift}>
            {t('cut.lift')}
          </Press>
        </div>
      </Dialog>
      {again.dialog}
    </>
  )
}
