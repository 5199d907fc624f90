/** What an auditor does with the record as a whole: sees whether it is whole, and takes it away as it is searched. */
import { exportPath, type Verification } from '@amparo/contract/audit'
import { Button } from '@mantine/core'
import { Download, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Press } from '../parts/Press.tsx'
import { Refused, Wrong } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import '../look/record.css'

interface Verified {
  readonly verdict: Verification
  readonly at: string
}

export function RecordTools({ q }: { readonly q: string }) {
  const { t } = useWords()
  const act = useAct()
  const [verified, setVerified] = useState<Verified>()
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
        <Take format="csv" q={q} />
        <Take format="jsonl" q={q} />
      </div>
      <div role="status">
        {act.busy && <p className="soft">{t('audit.verifying')}</p>}
        {verified && verified.verdict.count === 0 && <Whole {...verified} />}
      </div>
      {verified && verified.verdict.count > 0 && <Broken verdict={verified.verdict} />}
      <Refused failure={act.failure} />
    </section>
  )
}

/** A plain download: the browser writes it as it comes, however long it is. */
function Take({ format, q }: { readonly format: 'csv' | 'jsonl'; readonly q: string }) {
  const { t } = useWords()
  const search = new URLSearchParams({ format, ...(q === '' ? {} : { q }) })
  return (
    <Button variant="default" component="a" href={`${exportPath}?${search}`} download>
      <Download size={18} aria-hidden /> {t(`audit.take.${format}`)}
    </Button>
  )
}

function Whole({ verdict, at }: Verified) {
  const { t, timeToTheSecond } = useWords()
  return (
    <p className="live with-icon">
      <ShieldCheck size={20} aria-hidden />
      {t('audit.whole', { records: verdict.entries, time: timeToTheSecond(at) })}
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
