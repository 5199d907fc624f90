/**
 * What an ecosystem's owner is told of help in it, and what user and owner are told where two people opened an account
 * without a consent. *Usted*: they are the vendor's customers.
 */
import type { Bilingual, Language } from '@amparo/contract/words'
import { type Content, content, inLine, named, ownLine, type Parts, type Vendor } from './letter.ts'
import { fold, foldCompany, shortLink } from './sms.ts'

interface OfHelp {
  readonly locale: Language
  readonly agentName: string
  readonly userName: string
  readonly ecosystemName: string
  readonly reason: Bilingual
}

/** To the owner who wants to be asked first: who, whom, why, and the page where they answer. */
export function ownerAskedMessage(v: Vendor, o: OfHelp & { readonly link: string }): Content {
  const { a, company, eco, user } = namesOf(v, o)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${company} asks to help ${user} in ${eco}`,
      title: `May ${a} of ${company} help ${user}?`,
      opening: [
        'You chose to be asked before anybody of ours helps in your account. Nothing has been sent to them yet.',
      ],
      link: { label: 'Read what it is about, and say yes or no:', url: o.link, button: 'Read and answer' },
      facts: factsOf('en', o),
      ending: ['Without an answer nothing happens. Whoever is helped is asked too, and can stop it at any moment.'],
    },
    es: {
      subject: `${a}, de ${company}, pide ayudar a ${user} en ${eco}`,
      title: `¿Puede ${a}, de ${company}, ayudar a ${user}?`,
      opening: [
        'Usted eligió que se le pregunte antes de que alguien nuestro ayude en su cuenta. Aún no se le ha enviado nada.',
      ],
      link: { label: 'Lea de qué se trata y diga sí o no:', url: o.link, button: 'Leer y responder' },
      facts: factsOf('es', o),
      ending: [
        'Sin respuesta no pasa nada. A quien se ayuda también se le pregunta, y puede terminarlo en cualquier momento.',
      ],
    },
  }
  return content(o.locale, named(v), parts, ownerAskedSms(smsOf(v, o), shortLink(o.link)))
}

/** To the owner who wants to be told: somebody is being helped now. */
export function ownerToldMessage(v: Vendor, o: OfHelp): Content {
  const { a, company, eco, user, phone } = namesOf(v, o)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${company} is helping ${user} in ${eco}`,
      title: `${a} of ${company} is helping ${user}`,
      opening: [`${user} agreed to it a moment ago.`],
      facts: factsOf('en', o),
      ending: [
        `You do not want this? Switch support access off in your own settings: it ends within seconds. Or call us: ${phone}`,
      ],
    },
    es: {
      subject: `${a}, de ${company}, está ayudando a ${user} en ${eco}`,
      title: `${a}, de ${company}, está ayudando a ${user}`,
      opening: [`${user} lo aceptó hace un momento.`],
      facts: factsOf('es', o),
      ending: [
        `¿No lo desea? Desactive el acceso de soporte en sus propios ajustes: termina en segundos. O llámenos: ${phone}`,
      ],
    },
  }
  return content(o.locale, named(v), parts, ownerToldSms(smsOf(v, o)))
}

interface Glass extends OfHelp {
  /** Missing for whoever is not the user: the link is the user's own. */
  readonly link?: string
  /** Why nobody could be asked, in the agent's words. */
  readonly note: string
  readonly minutes: number
}

/** To the user, and to the owner: somebody looks without having been let in, who said yes to it, and how to stop it. */
export function glassMessage(v: Vendor, o: Glass): Content {
  const { a, company, eco, phone } = namesOf(v, o)
  const [note, m] = [inLine(o.note, 300), String(o.minutes)]
  const yours = o.link !== undefined
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${company} is looking at ${eco} without a consent`,
      title: `${a} of ${company} is looking at ${eco} without having been let in`,
      opening: [
        yours
          ? 'You could not be asked. Two supervisors agreed to it, and a third person reviews it.'
          : 'The person could not be asked. Two supervisors agreed to it, and a third person reviews it.',
        `They can only look, for ${m} minutes at the most. They see no password and can change nothing.`,
      ],
      ...(o.link === undefined
        ? {}
        : { link: { label: 'See what is done, and stop it:', url: o.link, button: 'See and stop' } }),
      facts: [...factsOf('en', o), ['In their words', `“${note}”`]],
      ending: [yours ? `If in doubt, stop it and call us: ${phone}` : `If in doubt, call us: ${phone}`],
    },
    es: {
      subject: `${a}, de ${company}, está mirando ${eco} sin consentimiento`,
      title: `${a}, de ${company}, está mirando ${eco} sin que se le haya dado paso`,
      opening: [
        yours
          ? 'No se le pudo preguntar a usted. Dos supervisores dijeron que sí, y una tercera persona lo revisa.'
          : 'No se pudo preguntar a la persona. Dos supervisores dijeron que sí, y una tercera persona lo revisa.',
        `Solo puede mirar, ${m} minutos como máximo. No ve contraseñas ni puede cambiar nada.`,
      ],
      ...(o.link === undefined
        ? {}
        : { link: { label: 'Vea qué se hace y termínelo:', url: o.link, button: 'Ver y terminar' } }),
      facts: [...factsOf('es', o), ['En sus palabras', `«${note}»`]],
      ending: [yours ? `Si tiene dudas, termínelo y llámenos: ${phone}` : `Si tiene dudas, llámenos: ${phone}`],
    },
  }
  const sms = o.link === undefined ? glassOwnerSms(smsOf(v, o), phone) : glassSms(smsOf(v, o), shortLink(o.link))
  return content(o.locale, named(v), parts, sms)
}

// ── What they share ─────────────────────────────────────────────────────────────────────────────────────────────────

const namesOf = (v: Vendor, o: OfHelp) => ({
  a: inLine(o.agentName),
  company: ownLine(v.name),
  eco: inLine(o.ecosystemName),
  user: inLine(o.userName),
  phone: ownLine(v.phone),
})

const factsOf = (language: Language, o: OfHelp): NonNullable<Parts['facts']> =>
  language === 'en'
    ? [
        ['Who', inLine(o.userName)],
        ['Where', inLine(o.ecosystemName)],
        ['Why', ownLine(o.reason.en)],
      ]
    : [
        ['A quién', inLine(o.userName)],
        ['Dónde', inLine(o.ecosystemName)],
        ['Por qué', ownLine(o.reason.es)],
      ]

interface SmsNames {
  readonly company: string
  readonly agent: Bilingual
  readonly user: Bilingual
}
const smsOf = (v: Vendor, o: OfHelp): SmsNames => ({
  company: foldCompany(v.name),
  agent: { en: fold(o.agentName, 'our agent'), es: fold(o.agentName, 'un agente') },
  user: { en: fold(o.userName, 'a member'), es: fold(o.userName, 'un miembro') },
})

const ownerAskedSms = ({ company, agent, user }: SmsNames, link: string): Bilingual => ({
  en: `${company}: may ${agent.en} help ${user.en} in your account? Read and answer: ${link}`,
  es: `${company}: puede ${agent.es} ayudar a ${user.es} en su cuenta? Lea y responda: ${link}`,
})
const ownerToldSms = ({ company, agent, user }: SmsNames): Bilingual => ({
  en: `${company}: ${agent.en} is helping ${user.en} in your account now. You can switch it off in your settings.`,
  es: `${company}: ${agent.es} ayuda ahora a ${user.es} en su cuenta. Puede desactivarlo en sus ajustes.`,
})
const glassSms = ({ company, agent }: SmsNames, link: string): Bilingual => ({
  en: `${company}: ${agent.en} is looking at your account WITHOUT your yes. Two supervisors agreed. Stop it: ${link}`,
  es: `${company}: ${agent.es} mira su cuenta SIN su permiso. Dos supervisores dijeron si. Terminelo: ${link}`,
})
const glassOwnerSms = ({ company, agent, user }: SmsNames, phone: string): Bilingual => ({
  en: `${company}: ${agent.en} looks at the account of ${user.en} WITHOUT a consent. Two supervisors agreed. In doubt: ${phone}`,
  es: `${company}: ${agent.es} mira la cuenta de ${user.es} SIN permiso. Dos supervisores dijeron si. Dudas: ${phone}`,
})

/** The longest SMS of this room, for the check at the start. */
export const longestOwnerSms = (
  company: string,
  phone: string,
  link: string,
  name: string,
): Readonly<Record<string, Bilingual>> => {
  const names: SmsNames = { company, agent: { en: name, es: name }, user: { en: name, es: name } }
  return {
    'the question to an owner': ownerAskedSms(names, link),
    'the news to an owner': ownerToldSms(names),
    'looking without a consent': glassSms(names, link),
    'the same, to an owner': glassOwnerSms(names, phone),
  }
}
