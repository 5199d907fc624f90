/** What agents get for themselves while they help: their own code, and a link to an app on their own phone. *Tú*. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { type Content, content, named, ownLine, type Parts, spaced, type Vendor } from './letter.ts'
import { boundTo, foldCompany, shortLink } from './sms.ts'

/** What an agent shows by a code of their own: who they are for one person, in a new place, or before their first factor. */
export type AgentCodeFor = 'proof' | 'place' | 'first_factor'

interface AgentCode {
  readonly locale: Language
  readonly digits: string
  readonly for: AgentCodeFor
}

interface Said {
  readonly label: string
  readonly ending: readonly [string, string]
}

const usual = {
  en: {
    label: 'Type this code in the console:',
    ending: [
      'This code is yours, not the user’s. Nobody will ask you for it by phone or by mail.',
      'You did not ask for it? Tell your supervisor.',
    ],
  },
  es: {
    label: 'Escribe este código en la consola:',
    ending: [
      'Este código es tuyo, no de la persona a la que ayudas. Nadie te lo va a pedir por teléfono ni por correo.',
      '¿No lo pediste? Avisa a tu supervisor.',
    ],
  },
} as const satisfies Record<Language, Said>

/** Whoever asked for this one has the password: that is said to whoever did not ask. */
const first = {
  en: {
    label: 'To add your first passkey or authenticator app, type this code in the console:',
    ending: [
      'From then on what you add shows that it is you. Nobody will ask you for this code by phone or by mail.',
      'You did not ask for it? Somebody has your password: change it now, and tell your supervisor.',
    ],
  },
  es: {
    label: 'Para añadir tu primera llave de acceso o aplicación de códigos, escribe este código en la consola:',
    ending: [
      'Desde entonces lo que añadas demuestra que eres tú. Nadie te va a pedir este código por teléfono ni por correo.',
      '¿No lo pediste? Alguien tiene tu contraseña: cámbiala ya y avisa a tu supervisor.',
    ],
  },
} as const satisfies Record<Language, Said>

export function agentCodeMessage(v: Vendor, o: AgentCode): Content {
  const vendor = named(v)
  const { en, es } = o.for === 'first_factor' ? first : usual
  const parts = {
    en: {
      subject: `Your agent code for ${vendor.name}`,
      title: `Your agent code for ${vendor.name}`,
      opening: [],
      code: { label: en.label, digits: o.digits, after: 'It works once, for 10 minutes.', whose: 'agent' },
      ending: en.ending,
    },
    es: {
      subject: `Tu código de agente de ${vendor.name}`,
      title: `Tu código de agente de ${vendor.name}`,
      opening: [],
      code: { label: es.label, digits: o.digits, after: 'Sirve una vez, durante 10 minutos.', whose: 'agent' },
      ending: es.ending,
    },
  } as const satisfies Record<Language, Parts>
  return content(o.locale, vendor, parts, agentCodeSms(foldCompany(v.name), o.digits, v.typedAt?.agent))
}

export const agentCodeSms = (company: string, digits: string, host?: string): Bilingual => ({
  en: `${spaced(digits)} is your agent code for ${company}. Nobody will ask you for it by phone.${boundTo(host, digits)}`,
  es: `${spaced(digits)} es tu clave de agente de ${company}. Nadie te la va a pedir por llamada.${boundTo(host, digits)}`,
})

interface PhoneLink {
  readonly locale: Language
  readonly app: Bilingual
  readonly link: string
  /** What can be typed in the app instead. */
  readonly code: string
}

/** For the agent's own phone: what the code on their screen says. It names nobody. */
export function phoneLinkMessage(v: Vendor, o: PhoneLink): Content {
  const vendor = named(v)
  const app = { en: ownLine(o.app.en), es: ownLine(o.app.es) }
  const parts: Record<Language, Parts> = {
    en: {
      subject: `Open ${app.en} on your phone`,
      title: `Open ${app.en} on your phone`,
      opening: ['You asked for this in the console. It works once, for 2 minutes.'],
      link: {
        label: 'Tap it on the phone that you help with:',
        url: o.link,
        button: `Open ${app.en}`,
        scan: 'Or scan this in the app:',
      },
      facts: [['Code to type in the app', o.code]],
      ending: [
        'The phone shows two digits. Type them in the console.',
        'You did not ask for it? Tell your supervisor.',
      ],
    },
    es: {
      subject: `Abre ${app.es} en tu teléfono`,
      title: `Abre ${app.es} en tu teléfono`,
      opening: ['Lo pediste en la consola. Sirve una vez, durante 2 minutos.'],
      link: {
        label: 'Tócalo en el teléfono con el que ayudas:',
        url: o.link,
        button: `Abrir ${app.es}`,
        scan: 'O escanea esto en la aplicación:',
      },
      facts: [['Código para escribir en la aplicación', o.code]],
      ending: ['El teléfono muestra dos cifras. Escríbelas en la consola.', '¿No lo pediste? Avisa a tu supervisor.'],
    },
  }
  return content(o.locale, vendor, parts, phoneLinkSms(foldCompany(v.name), shortLink(o.link)))
}

const phoneLinkSms = (company: string, link: string): Bilingual => ({
  en: `${company}: open the app on this phone within 2 minutes: ${link} You did not ask for it? Tell your supervisor.`,
  es: `${company}: abre la aplicacion en este telefono antes de 2 minutos: ${link} Si no lo pediste, avisa a tu supervisor.`,
})
