/** The kill switch, for supervisors and administrators: what, why, and a fresh proof; then it is off. */
import type { CutoffScope } from '@amparo/contract/cutoff'
import { NativeSelect, Radio, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { OctagonX } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useShowingAgain } from '../session/ShowAgain.tsx'
import { queries, useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { cutoffsKey } from './CutoffStrip.tsx'

const scopes = [
  ['everything', 'cut.all'],
  ['surface', 'cut.oneSurface'],
  ['ecosystem', 'cut.oneEcosystem'],
] as const

export function SwitchOff() {
  const { t } = useWords()
  return (
    <section className="block switch-off">
      <h2>
        <OctagonX size={20} aria-hidden /> {t('cut.title')}
      </h2>
      <p>{t('cut.lead')}</p>
      <Switch />
    </section>
  )
}

function Switch() {
  const { t, name } = useWords()
  const [scope, setScope] = useState<CutoffScope>('everything')
  const [surface, setSurface] = useState('')
  const [ecosystem, setEcosystem] = useState('')
  const [why, setWhy] = useKept('cut', '')
  const [tried, setTried] = useState(false)
  const act = useAct()
  const announce = useAnnounce()
  const again = useShowingAgain({ why: t('cut.proof') })
  const query = useQuery({ queryKey: ['surfaceNames'], queryFn: () => wire.call('surfaces'), staleTime: 600_000 })
  const surfaces = query.data?.ok ? query.data.value.surfaces : []
  const target = scope === 'surface' ? surface || (surfaces[0]?.surface ?? '') : ecosystem.trim()
  const noWhy = why.trim().length < 3
  const noId = scope === 'ecosystem' && target === ''
  useErrorInTitle(tried && (noWhy || noId))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (noWhy || noId) return
    void again.ask(async (fresh) => {
      const rest = { why: why.trim(), fresh }
      const body = scope === 'everything' ? { scope, ...rest } : { scope, target, ...rest }
      const done = await act.run(() => wire.call('cutOff', { body }), 'insist')
      if (!done) return
      announce(t('cut.done'))
      setWhy('')
      setTried(false)
      await queries.invalidateQueries({ queryKey: cutoffsKey })
      await queries.invalidateQueries({ queryKey: ['list'] })
    })
  }
  return (
    <>
      <form className="block-in" onSubmit={submit} noValidate>
        <Radio.Group label={t('cut.what')} value={scope} onChange={(value) => setScope(scopeOf(value))}>
          <div className="choices">
            {scopes.map(([value, word]) => (
              <Radio key={value} value={value} label={t(word)} />
            ))}
          </div>
        </Radio.Group>
        {scope === 'surface' && (
          <NativeSelect
            label={t('cut.product')}
            value={target}
            onChange={(event) => setSurface(event.currentTarget.value)}
            data={surfaces.map((one) => ({ value: one.surface, label: name(one.name) }))}
          />
        )}
        {scope === 'ecosystem' && (
          <TextInput
            label={t('cut.id')}
            value={ecosystem}
            error={tried && noId && t('cut.idEmpty')}
            onChange={(event) => setEcosystem(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('cut.why')}
          description={t('cut.whyHint')}
          error={tried && noWhy && t('cut.whyEmpty')}
          value={why}
          maxLength={200}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        <Refused failure={act.failure} />
        <div className="acts">
          <Press type="submit" color="red" busy={act.busy}>
            {t('cut.go')}
          </Press>
        </div>
      </form>
      {again.dialog}
    </>
  )
}

const scopeOf = (value: string): CutoffScope => scopes.find(([one]) => one === value)?.[0] ?? 'everything'
