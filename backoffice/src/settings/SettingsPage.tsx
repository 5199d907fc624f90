/** What one may set for oneself: kept in this browser, but for the factors, which are the server's. */
import { Checkbox, Radio, useMantineColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { SwitchOff } from '../cutoff/SwitchOff.tsx'
import { press, setPlainKeys, usePlainKeysOn } from '../parts/keys.ts'
import { StageTitle } from '../parts/StageTitle.tsx'
import { Factors } from '../session/Factors.tsx'
import { has, useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'

export function SettingsPage() {
  const { t } = useWords()
  const me = useMe()
  return (
    <div className="settings">
      <StageTitle text={t('settings.title')} />
      <Me />
      <Block title={t('settings.proof')}>
        <Factors />
      </Block>
      <p className="soft">{t('settings.here')}</p>
      <Language />
      <Theme />
      <PlainKeys />
      {has(me, 'admin') && !has(me, 'supervisor') && <SwitchOff />}
    </div>
  )
}

function Block({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="block">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Me() {
  const { t, date } = useWords()
  const me = useMe()
  const rows = [
    [t('user.name'), me.name],
    [t('signIn.email'), me.email],
    [
      t('settings.roles'),
      me.roles.length === 0 ? t('refused.role.none') : me.roles.map((role) => t(`role.${role}`)).join(', '),
    ],
    [t('settings.until'), date(me.sessionExpiresAt)],
  ] as const
  return (
    <Block title={t('settings.me')}>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Block>
  )
}

function Language() {
  const { t, language, choose } = useWords()
  return (
    <Block title={t('settings.language')}>
      <Radio.Group
        aria-label={t('settings.language')}
        value={language}
        onChange={(value) => choose(value === 'es' ? 'es' : 'en')}
      >
        <div className="choices">
          <Radio value="en" label="English" lang="en" />
          <Radio value="es" label="Español" lang="es" />
        </div>
      </Radio.Group>
    </Block>
  )
}

const themes = ['light', 'dark', 'auto'] as const

function Theme() {
  const { t } = useWords()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Block title={t('settings.theme')}>
      <Radio.Group
        aria-label={t('settings.theme')}
        value={colorScheme}
        onChange={(value) => setColorScheme(themes.find((one) => one === value) ?? 'auto')}
      >
        <div className="choices">
          {themes.map((theme) => (
            <Radio key={theme} value={theme} label={t(`settings.${theme}`)} />
          ))}
        </div>
      </Radio.Group>
    </Block>
  )
}

function PlainKeys() {
  const { t } = useWords()
  const on = usePlainKeysOn()
  return (
    <Block title={t('settings.keys')}>
      <Checkbox
        checked={on}
        onChange={(event) => setPlainKeys(event.currentTarget.checked)}
        label={t('settings.plainKeys')}
        description={t('settings.plainKeysHint')}
      />
      <button type="button" className="as-link start" onClick={() => press('sheet')}>
        {t('settings.allKeys')}
      </button>
    </Block>
  )
}
