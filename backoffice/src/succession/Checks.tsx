/** Every rule with ✓ or ✗, failed ones first: what was found then, how it stands now, what is needed. */
import type { DetailsSeen } from '@amparo/contract/succession'
import { useWords } from '../words/words.tsx'

export function Checks({ it }: { readonly it: DetailsSeen }) {
  const { t } = useWords()
  if (it.checks.length === 0) return null
  return (
    <section>
      <h3>{t('suc.checked')}</h3>
      {it.checksNote !== undefined && <p>{it.checksNote}</p>}
      <table className="suc-checks">
        <thead>
          <tr>
            <th scope="col">{t('suc.rule')}</th>
            <th scope="col">{t('suc.then')}</th>
            <th scope="col">{t('suc.now')}</th>
            <th scope="col">{t('suc.needed')}</th>
          </tr>
        </thead>
        <tbody>
          {it.checks.map((check) => (
            <tr key={check.rule} className={check.result}>
              <th scope="row">
                <span className="mark" aria-hidden>
                  {check.mark}
                </span>{' '}
                {check.rule} <span className="heard-only">({check.word})</span>
              </th>
              <td data-name={t('suc.then')}>{check.found ?? t('suc.unknown')}</td>
              <td
                data-name={t('suc.now')}
                className={check.passesNow === undefined ? undefined : check.passesNow ? 'pass' : 'fail'}
              >
                {check.now ?? t('suc.unknown')}
                {check.passesNow !== undefined && <span aria-hidden> {check.passesNow ? '✓' : '✗'}</span>}
              </td>
              <td data-name={t('suc.needed')}>{check.needed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
