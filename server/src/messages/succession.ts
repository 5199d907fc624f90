/**
 * What we say about a succession: the request to see it, the code that releases it, who is told of that, and a page of
 * the manual. *Usted* to the people concerned; to a supervisor *tú*. No word of why an owner left, and no link to sign in.
 */
import type { Bilingual, Language } from '@amparo/contract/words'
import { type Content, content, inLine, ownLine, type Parts, spaced, type Vendor } from './letter.ts'
import { fold, foldCompany, shortLink } from './sms.ts'

/** The rows of the consent mail where a succession is asked for, instead of products. */
export const successionAsked = {
  title: (a: string, company: string): Bilingual => ({
    en: `${a} of ${company} is asking to see the steps of your succession`,
    es: `${a}, de ${company}, pide permiso para ver los pasos de su sucesión`,
  }),
  sees: {
    en: 'The steps of the succession: what happened, what failed and what can be done now. No product of yours is opened.',
    es: 'Los pasos de la sucesión: qué pasó, qué falló y qué se puede hacer ahora. No se abre ningún producto suyo.',
  },
  can: {
    en: 'Explain it, send you help, and ask for a blocked process to be released: for that you get another code.',
    es: 'Explicárselo, enviarle ayuda y pedir que se desbloquee un proceso: para eso usted recibe otro código.',
  },
  cannot: {
    en: 'Decide, upload documents, see what is in them, shorten a time limit, change the owner or enter your account.',
    es: 'Decidir, subir documentos, ver su contenido, acortar un plazo, cambiar el titular ni entrar en su cuenta.',
  },
} as const

interface ReleaseAsked {
  readonly locale: Language
  readonly agentName: string
  readonly ecosystemName: string
  readonly digits: string
  readonly sayFirst: string
  readonly link: string
  /** Rules that still fail, in the reader's language. */
  readonly stillFails: readonly string[]
}

/** The third code: read out, it lets support ask for this one succession to be released. */
export function releaseMessage(v: Vendor, o: ReleaseAsked): Content {
  const [a, eco, company] = [inLine(o.agentName), inLine(o.ecosystemName), ownLine(v.name)]
  const fails = o.stillFails.map((one) => ownLine(one))
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${company} asks to release a succession`,
      title: `Release the succession of ${eco}?`,
      opening: [
        `${a} of ${company} asks, with you, that the rejected process goes on as a new attempt.`,
        ...(fails.length === 0 ? [] : [`What still fails, and may be rejected again: ${fails.join('; ')}.`]),
        'Did you not ask for it? Refuse and hang up.',
      ],
      link: {
        label: 'Read it, refuse it or agree on this page:',
        url: o.link,
        button: 'Read or refuse',
        scan: 'Reading this on a computer? To open the page on your phone, point its camera here:',
      },
      number: {
        label: `Before anything else, ${a} must tell you this number:`,
        digits: o.sayFirst,
        after: 'If they cannot, hang up.',
      },
      code: {
        label: `To release it, agree on that page, or read this code to ${a}:`,
        digits: o.digits,
        after: 'It works once, for 10 minutes, and for nothing else.',
        whose: 'user',
      },
      ending: ['The owner is told of it.'],
    },
    es: {
      subject: `${a}, de ${company}, pide desbloquear una sucesión`,
      title: `¿Desbloquear la sucesión de ${eco}?`,
      opening: [
        `${a}, de ${company}, pide junto con usted que el proceso rechazado continúe como un intento nuevo.`,
        ...(fails.length === 0
          ? []
          : [`Lo que todavía no se cumple, y podría rechazarse otra vez: ${fails.join('; ')}.`]),
        '¿No lo pidió usted? Rechace y cuelgue.',
      ],
      link: {
        label: 'Léalo, rechácelo o acéptelo en esta página:',
        url: o.link,
        button: 'Leer o rechazar',
        scan: '¿Lo lee en una computadora? Para abrir la página en su teléfono, apunte aquí con la cámara:',
      },
      number: {
        label: `Antes que nada, ${a} debe decirle este número:`,
        digits: o.sayFirst,
        after: 'Si no puede, cuelgue.',
      },
      code: {
        label: `Para desbloquearla, acepte en esa página, o léale este código a ${a}:`,
        digits: o.digits,
        after: 'Sirve una vez, durante 10 minutos, y para nada más.',
        whose: 'user',
      },
      ending: ['Se avisa al titular.'],
    },
  }
  return content(o.locale, v, parts, releaseSms(smsOf(v, o), o.digits, o.sayFirst))
}

interface SmsNames {
  readonly company: string
  readonly agent: Bilingual
  readonly eco: Bilingual
  readonly link: string
}
const smsOf = (v: Vendor, o: { agentName: string; ecosystemName: string; link?: string }): SmsNames => ({
  company: foldCompany(v.name),
  agent: { en: fold(o.agentName, 'your agent'), es: fold(o.agentName, 'su agente') },
  eco: { en: cut(fold(o.ecosystemName, 'yours')), es: cut(fold(o.ecosystemName, 'la suya')) },
  link: shortLink(o.link ?? ''),
})
/** What the longest text leaves for the ecosystem's name. */
const cut = (name: string): string => name.slice(0, 10).trimEnd()

const releaseSms = ({ company, agent, eco, link }: SmsNames, digits: string, n: string): Bilingual => ({
  en: `${spaced(digits)}: ${company} code to UNBLOCK the succession of ${eco.en} with ${agent.en} (${n}). Not you? Refuse: ${link}`,
  es: `${spaced(digits)}: codigo de ${company} para DESBLOQUEAR la sucesion de ${eco.es} con ${agent.es} (${n}). No lo pidio? Rechace: ${link}`,
})

interface Released {
  readonly locale: Language
  readonly agentName: string
  readonly ecosystemName: string
  /** Whose yes it was; missing where it was the reader's own. */
  readonly helped?: string
  readonly reference: string
}

/** To the owner, and to whoever said yes to it: a release was asked for, and how to object. */
export function releasedMessage(v: Vendor, o: Released): Content {
  const [a, eco, company, phone] = [inLine(o.agentName), inLine(o.ecosystemName), ownLine(v.name), ownLine(v.phone)]
  const helped = o.helped === undefined ? undefined : inLine(o.helped)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `The succession of ${eco} was asked to go on`,
      title: `The succession of ${eco} was asked to go on`,
      opening: [
        helped === undefined
          ? `${a} of ${company} asked for it, with your yes.`
          : `${a} of ${company} asked for it, with the yes of ${helped}.`,
        'The step that was rejected begins again as a new attempt. Nobody has become owner by this.',
      ],
      facts: [['Reference', inLine(o.reference)]],
      ending: [
        `You do not agree? Open ${company} yourself and look under Succession, or call us: ${phone}. We can tell you whether this reference is ours.`,
        'If you do nothing, the process goes on.',
      ],
    },
    es: {
      subject: `Se pidió que continúe la sucesión de ${eco}`,
      title: `Se pidió que continúe la sucesión de ${eco}`,
      opening: [
        helped === undefined
          ? `Lo pidió ${a}, de ${company}, con el sí que usted dio.`
          : `Lo pidió ${a}, de ${company}, con el sí de ${helped}.`,
        'El paso que se rechazó empieza de nuevo como otro intento. Con esto nadie pasa a ser titular.',
      ],
      facts: [['Referencia', inLine(o.reference)]],
      ending: [
        `¿No está de acuerdo? Abra usted ${company} y mire en Sucesión, o llámenos: ${phone}. Podemos decirle si esta referencia es nuestra.`,
        'Si no hace nada, el proceso continúa.',
      ],
    },
  }
  const names = smsOf(v, o)
  return content(o.locale, v, parts, releasedSms(names, phone))
}

const releasedSms = ({ company, agent, eco }: SmsNames, phone: string): Bilingual => ({
  en: `${company}: ${agent.en} asked that the succession of ${eco.en} goes on. You do not agree? Open ${company} yourself or call ${phone}`,
  es: `${company}: ${agent.es} pidio que continue la sucesion de ${eco.es}. No esta de acuerdo? Abra usted ${company} o llame al ${phone}`,
})

interface HelpSent {
  readonly locale: Language
  readonly agentName: string
  readonly title: string
  readonly url: string
}

/** A page of the manual, sent while they talk. It is public and asks for nothing. */
export function helpMessage(v: Vendor, o: HelpSent): Content {
  const [a, company, title] = [inLine(o.agentName), ownLine(v.name), ownLine(o.title)]
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${title}: help from ${company}`,
      title,
      opening: [`${a} of ${company} sends you this page.`],
      link: { label: 'It explains the step, and asks you for nothing:', url: o.url, button: 'Read it' },
    },
    es: {
      subject: `${title}: ayuda de ${company}`,
      title,
      opening: [`${a}, de ${company}, le envía esta página.`],
      link: { label: 'Explica el paso y no le pide nada:', url: o.url, button: 'Leerla' },
    },
  }
  const names = smsOf(v, { agentName: o.agentName, ecosystemName: '', link: o.url })
  return content(o.locale, v, parts, {
    en: `${names.company}: ${names.agent.en} sends you this help page: ${names.link}`,
    es: `${names.company}: ${names.agent.es} le envia esta pagina de ayuda: ${names.link}`,
  })
}

interface Escalated {
  readonly locale: Language
  readonly agentName: string
  readonly ecosystemName: string
  readonly caseRef: string
  readonly note: string
  readonly link: string
}

/** To the supervisors: an agent asks them to look. */
export function escalatedMessage(v: Vendor, o: Escalated): Content {
  const [a, eco, note] = [inLine(o.agentName), inLine(o.ecosystemName), inLine(o.note, 500)]
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} escalates the succession of ${eco}`,
      title: `${a} asks you to look at a succession`,
      opening: [`“${note}”`],
      facts: [
        ['Ecosystem', eco],
        ['Reference', inLine(o.caseRef)],
      ],
      link: { label: 'The assistance, in the console:', url: o.link, button: 'Open it' },
    },
    es: {
      subject: `${a} escala la sucesión de ${eco}`,
      title: `${a} te pide que mires una sucesión`,
      opening: [`«${note}»`],
      facts: [
        ['Ecosistema', eco],
        ['Referencia', inLine(o.caseRef)],
      ],
      link: { label: 'La asistencia, en la consola:', url: o.link, button: 'Abrirla' },
    },
  }
  return content(o.locale, v, parts, { en: '', es: '' })
}

/** The longest SMS of this room, for the check at the start. */
export const longestSms = (
  company: string,
  phone: string,
  link: string,
  name: string,
): Readonly<Record<string, Bilingual>> => {
  const names: SmsNames = { company, agent: { en: name, es: name }, eco: { en: cut(name), es: cut(name) }, link }
  return {
    "the release's code": releaseSms(names, '000000', '00'),
    'the notice of a release': releasedSms(names, phone),
  }
}
