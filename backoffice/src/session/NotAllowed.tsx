/** A page, not an error in a field: what the role does not include, whom to ask, and what one may do instead. */
import { Link } from '@tanstack/react-router'
import { ShieldOff } from 'lucide-react'
import { homeOf } from '../frame/places.ts'
import { StageTitle } from '../parts/StageTitle.tsx'
import { useWords } from '../words/words.tsx'
import { useMe } from './session.ts'

export function NotAllowed({ to }: { readonly to: 'assist' | 'audit' | 'succession' | 'live' }) {
  const { t } = useWords()
  const me = useMe()
  const roles = me.roles.map((role) => t(`role.${role}`)).join(', ')
  return (
    <div className="plain-page">
      <ShieldOff size={32} aria-hidden />
      <StageTitle text={t('refused.role.title')} />
      <p>{t(`refused.role.${to}`)}</p>
      <p className="soft">{roles === '' ? t('refused.role.none') : t('refused.role.yours', { roles })}</p>
      <Link to={homeOf(me.roles)}>{t('refused.role.back')}</Link>
    </div>
  )
}
