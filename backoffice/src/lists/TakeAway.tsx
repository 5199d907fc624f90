/** What an auditor is about to take away: what, how much of it, with which fields, and as what. */
import { type exportFormats, exportPath, mostInPdf } from '@amparo/contract/audit'
import { Button, Checkbox, Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Dialog } from '../parts/Dialog.tsx'
import { Press } from '../parts/Press.tsx'
import { Wrong } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { pageOf } from './Pages.tsx'

interface Props {
  readonly q: string
  readonly open: boolean
  /** It was verified, and is not whole. */
  readonly broken: boolean
  readonly onBack: () => void
}

export function TakeAway({ q, open, broken, onBack }: Props) {
  const { t } = useWords()
  return (
    <Dialog title={t('take.title')} open={open} onBack={onBack} look="question">
      <Choice q={q} broken={broken} onBack={onBack} />
    </Dialog>
  )
}

type Format = (typeof exportFormats)[number]
/** The table first: it is what most open. */
const formats: readonly Format[] = ['csv', 'jsonl', 'pdf']

function Choice({ q, broken, onBack }: Omit<Props, 'open'>) {
  const { t } = useWords()
  const [format, setFormat] = useState<Format>('csv')
  const [anyway, setAnyway] = useState(false)
  const { data: count, isError } = useQuery({
    queryKey: ['count', q],
    queryFn: () => pageOf(() => wire.call('auditCount', { query: q === '' ? {} : { q } })),
  })
  const tooMany = format === 'pdf' && count !== undefined && (count.more || count.events > mostInPdf)
  return (
    <>
      <dl className="facts">
        <div>
          <dt>{t('take.what')}</dt>
          <dd>{q === '' ? t('take.everything') : q}</dd>
        </div>
        <div>
          <dt>{t('take.many')}</dt>
          <dd>
            {count
              ? t(count.more ? 'take.more' : 'take.count', { count: count.events })
              : isError
                ? '–'
                : t('take.counting')}
          </dd>
        </div>
      </dl>
      <Radio.Group label={t('take.as')} value={format} onChange={(value) => setFormat(value as Format)}>
        <div className="choices">
          {formats.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`take.${one}`)}
              description={t(`take.${one}Has`, { most: mostInPdf })}
            />
          ))}
        </div>
      </Radio.Group>
      {tooMany && <Wrong text={t('take.pdfTooMany')} />}
      {broken && (
        <Wrong text={t('take.broken')}>
          <Checkbox
            label={t('take.brokenAnyway')}
            checked={anyway}
            onChange={(event) => setAnyway(event.currentTarget.checked)}
          />
        </Wrong>
      )}
      <p className="soft">{t('take.users')}</p>
      <div className="acts">
        <Press variant="default" onPress={onBack}>
          {t('take.back')}
        </Press>
        {!tooMany && (!broken || anyway) && <Take format={format} q={q} />}
      </div>
    </>
  )
}

/** A plain download: the browser writes it as it comes, however long it is. */
function Take({ format, q }: { readonly format: Format; readonly q: string }) {
  const { t, language } = useWords()
  const search = new URLSearchParams({ format, ...(q !== '' && { q }), ...(format === 'pdf' && { lang: language }) })
  return (
    <Button component="a" href={`${exportPath}?${search}`} download>
      <Download size={18} aria-hidden /> {t('take.go')}
    </Button>
  )
}
