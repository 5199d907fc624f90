/** The user as the agent may see them. */
import type { UserSeen } from '@amparo/contract/people'
import { useWords } from '../words/words.tsx'

const phone = { sms: 'user.phoneMasked', calls_only: 'user.callsOnly', nothing: 'user.noMessages' } as const

export function Person({ user }: { readonly user: UserSeen }) {
  const { t } = useWords()
  // An address without exactly one person behind it has no phone, no language and no status.
  const isSomebody = user.why !== 'ambiguous' && user.why !== 'successor_without_user'
  const all: readonly [string, string][] = [
    [t('user.email'), user.email],
    [
      t('user.phone'),
      user.phoneMasked === undefined
        ? t('user.noPhone')
        : t(phone[user.phoneTakes ?? 'sms'], { mask: user.phoneMasked }),
    ],
    [t('user.speaks'), t(`language.${user.locale}`)],
    [t('user.status'), t(`user.${user.status}`)],
  ]
  const rows = isSomebody ? all : all.slice(0, 1)
  return (
    <div className="person">
      {user.name !== '' && <p className="name">{user.name}</p>}
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
