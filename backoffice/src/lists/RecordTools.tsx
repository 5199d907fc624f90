/** What an auditor does with the record as a whole: sees whether it is whole, and takes it away as it is searched. */
import type { Verification } from '@amparo/contract/audit'
import { Download, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import '../look/record.css'
import { TakeAway } from './TakeAway.tsx'

interface Verified {
  readonly verdict: Verification
  readonly at: string
}

export function RecordTools({ q }: { readonly q: string }) {
  const { t } = useWords()
  const act = useAct()
  const [verified, setVerified] = useState<Verified>()
  const [taking, setTaking] = useState(false)
  const broken = verified !== undefined && verified.verdict.count > 0
  const verify = async () => {
    setVerified(undefined)
    const verdict = await act.run(() => wire.call('verifyRecord', { body: {} }))
    if (verdict) setVerified({ verdict, at: new Date().toISOString() })
  }
  return (
    <section className="record-tools" aria-label={t('audit.tools')}>
      <div className="acts">
        <Press variant="default" busy={act.busy} onPress={verify}>
          <ShieldCheck size={18} aria-hidden /> {t('audit.verify')}
        </Press>
        <Press variant="default" onPress={() => setTaking(true)}>
          <Download size={18} aria-hidden /> {t('take.go')}
        </Press>
      </div>
      <div role="status">
        {act.busy && <p className="soft">{t('audit.verifying')}</p>}
        {verified && verified.verdict.count === 0 && <Whole {...verified} />}
      </div>
      {broken && <Broken verdict={verified.verdict} />}
      <Refused failure={act.failure} />
      <TakeAway q={q} open={taking} broken={broken} onBack={() => setTaking(false)} />
    </section>
  )
}

function Whole({ verdict, at }: Verified) {
  const { t, timeToTheSecond, hour } = useWords()
  const { entries, signed } = verdict
  return (
    <p className="live with-icon">
      <ShieldCheck size={20} aria-hidden />
      {t('audit.whole', { records: entries, time: timeToTheSecond(at) })}{' '}
      {signed && t('verify.signed', { records: signed.size, at: hour(signed.at) })}
    </p>
  )
}

function Broken({ verdict: { faults, count, sound } }: { readonly verdict: Verification }) {
  const { t, name } = useWords()
  const shown = faults.slice(0, 5)
  return (
    <Wrong text={t('audit.broken')}>
      <ul>
        {shown.map((fault) => (
          <li key={fault.says.en}>{name(fault.says)}</li>
        ))}
        {count > shown.length && <li>{t('audit.brokenMore', { count: count - shown.length })}</li>}
      </ul>
      <p>{t('audit.sound', { records: sound })}</p>
    </Wrong>
  )
}
