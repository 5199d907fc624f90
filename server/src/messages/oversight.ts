/** What supervisors are told by mail: an alert, or that their yes is asked for. *Tú*: they are our own people. */
import { type AlertKind, type ApprovalPurpose, alertSays } from '@amparo/contract/oversight'
import type { Language } from '@amparo/contract/words'
import { inLine, type Mail, ownLine, type Parts, type Vendor, written } from './letter.ts'

interface Alerted {
  readonly locale: Language
  readonly kind: AlertKind
  readonly agentName?: string | undefined
  readonly count?: number | undefined
  /** Where it can be looked at. */
  readonly link: string
}

export function alertMessage(v: Vendor, { locale, kind, agentName, count, link }: Alerted): Mail {
  const vendor = { ...v, name: ownLine(v.name) }
  const agent = inLine(agentName ?? { en: 'An agent', es: 'Un agente' }[locale])
  const said = alertSays(kind, agent, count ?? 0)[locale]
  return written(locale, vendor, {
    subject: { en: `Alert: ${said}`, es: `Aviso: ${said}` }[locale],
    title: said,
    opening: [],
    link: lookThere[locale](link),
    ending: [
      { en: 'The same alert is not sent again for a while.', es: 'El mismo aviso tarda un tiempo en repetirse.' }[
        locale
      ],
    ],
  })
}

const lookThere: Readonly<Record<Language, (url: string) => NonNullable<Parts['link']>>> = {
  en: (url) => ({ label: 'Look at it in the console:', url, button: 'Open' }),
  es: (url) => ({ label: 'Míralo en la consola:', url, button: 'Abrir' }),
}

interface Asked {
  readonly locale: Language
  readonly purpose: Exclude<ApprovalPurpose, 'owner'>
  readonly agentName: string
  readonly link: string
}

/** That a second person is asked for. What for in detail stands in the console alone. */
export function approvalMessage(v: Vendor, { locale, purpose, agentName, link }: Asked): Mail {
  const a = inLine(agentName)
  const title = purpose === 'break_glass' ? withoutConsent[locale](a) : secondPerson[locale](a)
  return written(
    locale,
    { ...v, name: ownLine(v.name) },
    {
      subject: title,
      title,
      opening: [],
      link: lookThere[locale](link),
      ending: [
        {
          en: 'Talk to them before you say yes. A yes takes your passkey or your authenticator app, and your name stands beside it.',
          es: 'Habla con esa persona antes de decir que sí. Un sí pide tu llave de acceso o tu aplicación, y queda con tu nombre.',
        }[locale],
      ],
    },
  )
}

const secondPerson: Readonly<Record<Language, (a: string) => string>> = {
  en: (a) => `${a} needs a second person`,
  es: (a) => `${a} necesita una segunda persona`,
}
const withoutConsent: Readonly<Record<Language, (a: string) => string>> = {
  en: (a) => `${a} asks to look without a consent`,
  es: (a) => `${a} pide mirar sin consentimiento`,
}
