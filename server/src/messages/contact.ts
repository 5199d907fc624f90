/**
 * What a person is told where their e-mail or phone changed a short while ago and somebody asks to help them: by both
 * channels, so that whoever changed one cannot keep it from the other. No code and no link: neither may help that person.
 */
import type { Bilingual, Channel, Language } from '@amparo/contract/words'
import { type Content, content, inLine, named, ownLine, type Parts, type Vendor } from './letter.ts'
import { fold, foldCompany } from './sms.ts'

interface ContactChanged {
  readonly locale: Language
  readonly agentName: string
  /** What changed: one of them, or both. */
  readonly changed: readonly Channel[]
}

export function contactChangedMessage(v: Vendor, o: ContactChanged): Content {
  const [a, company, phone] = [inLine(o.agentName), ownLine(v.name), ownLine(v.phone)]
  const what = whatChanged(o.changed)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `Your ${what.en} at ${company} changed, and somebody asks to help you`,
      title: `Did you change your ${what.en}?`,
      opening: [
        `Your ${what.en} at ${company} changed a short while ago. Now ${a} of ${company} asks to help you in your account.`,
        'Nobody can enter without your yes. What you need for that comes in a message of its own.',
      ],
      ending: [`It was not you? Say no to everything and call us: ${phone}`],
    },
    es: {
      subject: `Cambió ${what.es} en ${company}, y alguien pide ayudarle`,
      title: `¿Cambió usted ${what.es}?`,
      opening: [
        `Hace poco cambió ${what.es} en ${company}. Ahora ${a}, de ${company}, pide ayudarle en su cuenta.`,
        'Nadie puede entrar sin que usted diga que sí. Lo que necesita para eso llega en un mensaje aparte.',
      ],
      ending: [`¿No fue usted? Diga que no a todo y llámenos: ${phone}`],
    },
  }
  const agent = { en: fold(o.agentName, 'our agent'), es: fold(o.agentName, 'un agente') }
  const sms = contactChangedSms(foldCompany(v.name), agent, phone, whatChangedSms(o.changed))
  return content(o.locale, named(v), parts, sms)
}

const both: readonly Channel[] = ['email', 'sms']

function whatChanged(changed: readonly Channel[]): Bilingual {
  const [email, sms] = both.map((channel) => changed.includes(channel))
  if (email && sms) return { en: 'e-mail address and phone number', es: 'su correo y su teléfono' }
  return email ? { en: 'e-mail address', es: 'su correo' } : { en: 'phone number', es: 'su teléfono' }
}

function whatChangedSms(changed: readonly Channel[]): Bilingual {
  const { en, es } = whatChanged(changed)
  return { en: en.replace(' address', '').replace(' number', ''), es: es.replaceAll('é', 'e') }
}

const contactChangedSms = (company: string, agent: Bilingual, phone: string, what: Bilingual): Bilingual => ({
  en: `${company}: your ${what.en} changed lately, and ${agent.en} asks to help in your account. Not you? Call ${phone}`,
  es: `${company}: hace poco cambio ${what.es}, y ${agent.es} pide ayudarle en su cuenta. No fue usted? Llame: ${phone}`,
})

/** The longest SMS of this kind, for the check at the start. */
export const longestContactSms = (company: string, phone: string, name: string): Bilingual =>
  contactChangedSms(company, { en: name, es: name }, phone, whatChangedSms(both))
