/**
 * What the person who is helped is asked and told while an assistance goes on, in both languages and nowhere else: *usted*. A
 * message is written once and goes by mail and by SMS; a mail carries everything, an SMS fits one segment.
 */
import type { Bilingual, Kind, Language, Power } from '@amparo/contract/words'
import { type Content, content, inLine, named, ownLine, type Parts, spaced, type Vendor } from './letter.ts'
import { type SmsFacts, smsFacts } from './sms.ts'
import { successionAsked } from './succession.ts'

interface Asked {
  readonly locale: Language
  readonly agentName: string
  readonly digits: string
  readonly sayFirst: string
  readonly link: string
}
interface ConsentAsked extends Asked {
  /** Products that open, or the steps of a succession; products unless it is said. */
  readonly kind?: Kind
  readonly userName: string
  readonly reason: Bilingual
  readonly line?: string
  readonly ecosystemName: string
  readonly surfaces: readonly Bilingual[]
  readonly powers: Power
  readonly lengthMinutes: number
  /** What the agent does in a product keeps it open as well. */
  readonly actsCount?: boolean
  /** What the message is known by, and where anybody can ask whether it is ours. */
  readonly reference?: string
  readonly checkAt?: string
}
interface Warned {
  readonly locale: Language
  readonly agentName: string
  readonly link: string
  /** Who read the code aloud has no page to tap on. */
  readonly provedBy?: 'page' | 'read_aloud'
}
// ── Consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Known = Pick<ConsentAsked, 'reference' | 'checkAt'>
const knownBy = (name: string, { reference }: Known): readonly (readonly [string, string])[] =>
  reference === undefined ? [] : [[name, reference]]
const isOurs: Record<Language, (o: Known) => readonly string[]> = {
  en: ({ checkAt }) => (checkAt === undefined ? [] : [`Is this message ours? Type its reference at ${checkAt}`]),
  es: ({ checkAt }) => (checkAt === undefined ? [] : [`¿Es nuestro este mensaje? Escriba su referencia en ${checkAt}`]),
}

/** Everything a person needs to say yes or no: who, why, where, what, how long, the number, the code and the link. */
export function consentMessage(v: Vendor, o: ConsentAsked): Content {
  const vendor = named(v)
  const a = inLine(o.agentName)
  const asked = askedFor(vendor, o)
  const user = inLine(o.userName)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${vendor.name} asks to help you`,
      title: asked.title.en,
      opening: [`Hello, ${user}.`, 'Did they call you? Refuse and hang up. Nothing happens to your account.'],
      link: {
        label: 'Read it, refuse it or agree on this page:',
        url: o.link,
        button: 'Read or refuse',
        scan: 'Reading this on a computer? To open the page on your phone, point its camera here:',
      },
      number: numberOf.en(a, o.sayFirst),
      code: {
        label: `Did you ask for help? Agree on that page, or read this code to ${a}:`,
        digits: o.digits,
        after: 'It works once, for 10 minutes. Never give it before you have heard the number.',
        whose: 'user',
      },
      facts: [
        ['Who', `${a}, ${vendor.name}`],
        ['Why', why('en', o)],
        ['Where', asked.where.en],
        ['What they can do', asked.can.en],
        ['What they cannot do', asked.cannot.en],
        ['How long', howLong.en(o.lengthMinutes, o.actsCount ? a : undefined)],
        ...knownBy('Reference', o),
      ],
      ending: [`If in doubt, hang up and call us: ${vendor.phone}`, ...isOurs.en(o)],
    },
    es: {
      subject: `${a}, de ${vendor.name}, pide permiso para ayudarle`,
      title: asked.title.es,
      opening: [`Hola, ${user}:`, '¿Le llamaron ellos? Rechace y cuelgue. No le pasa nada a su cuenta.'],
      link: {
        label: 'Léalo, rechácelo o acéptelo en esta página:',
        url: o.link,
        button: 'Leer o rechazar',
        scan: '¿Lo lee en una computadora? Para abrir la página en su teléfono, apunte aquí con la cámara:',
      },
      number: numberOf.es(a, o.sayFirst),
      code: {
        label: `¿Usted pidió ayuda? Acepte en esa página, o léale este código a ${a}:`,
        digits: o.digits,
        after: 'Sirve una vez, durante 10 minutos. No lo diga nunca antes de oír el número.',
        whose: 'user',
      },
      facts: [
        ['Quién', `${a}, ${vendor.name}`],
        ['Por qué', why('es', o)],
        ['Dónde', asked.where.es],
        ['Qué puede hacer', asked.can.es],
        ['Qué no puede hacer', asked.cannot.es],
        ['Cuánto tiempo', howLong.es(o.lengthMinutes, o.actsCount ? a : undefined)],
        ...knownBy('Referencia', o),
      ],
      ending: [`Si tiene dudas, cuelgue y llámenos: ${vendor.phone}`, ...isOurs.es(o)],
    },
  }
  return content(o.locale, vendor, parts, consentSms(smsFacts(v, o)))
}

/** The truth about what is asked for: products that open, or the steps of a succession. */
function askedFor(vendor: Vendor, o: ConsentAsked) {
  const [a, eco] = [inLine(o.agentName), inLine(o.ecosystemName)]
  if (o.kind === 'succession') {
    const { title, sees, can, cannot } = successionAsked
    const where = { en: `${eco}. ${sees.en}`, es: `${eco}. ${sees.es}` }
    return { title: title(a, vendor.name), where, can, cannot }
  }
  return {
    title: {
      en: `${a} of ${vendor.name} is asking to see your account`,
      es: `${a}, de ${vendor.name}, pide permiso para ver su cuenta`,
    },
    where: { en: `${eco}: ${listed('en', o.surfaces)}`, es: `${eco}: ${listed('es', o.surfaces)}` },
    can: { en: powersIn.en[o.powers], es: powersIn.es[o.powers] },
    cannot: never,
  }
}

export const consentSms = ({ company, agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
  en: `${spaced(digits)} is your ${company} code. Give it only if YOU called us and ${agent.en} first says: ${sayFirst}. If not, refuse: ${link}`,
  es: `${spaced(digits)} es su codigo de ${company}. Delo solo si USTED nos llamo y ${agent.es} le dice antes: ${sayFirst}. Si no, rechace: ${link}`,
})

const numberOf = {
  en: (a: string, digits: string) => ({
    label: `Before anything else, ${a} must tell you this number:`,
    digits,
    after: 'If they cannot, hang up.',
  }),
  es: (a: string, digits: string) => ({
    label: `Antes que nada, ${a} debe decirle este número:`,
    digits,
    after: 'Si no puede, cuelgue.',
  }),
} as const

const why = (locale: Language, { reason, line }: ConsentAsked): string => {
  const quoted = line === undefined ? '' : inLine(line, 200)
  if (quoted === '') return ownLine(reason[locale])
  return locale === 'es' ? `${ownLine(reason.es)} («${quoted}»)` : `${ownLine(reason.en)} (“${quoted}”)`
}

const lists = { en: new Intl.ListFormat('en'), es: new Intl.ListFormat('es') }
const listed = (locale: Language, names: readonly Bilingual[]): string =>
  lists[locale].format(names.map((name) => ownLine(name[locale])))

const powersIn = {
  en: {
    look: 'See what you see there. They can change nothing.',
    act: 'See what you see there, and change everyday things for you.',
  },
  es: {
    look: 'Ver lo mismo que ve usted. No puede cambiar nada.',
    act: 'Ver lo mismo que ve usted y cambiar por usted cosas de todos los días.',
  },
} as const satisfies Record<Language, Record<Power, string>>

const never = {
  en: 'Change your password, your e-mail, your phone or your means of payment. Pay, delete, share, invite or download.',
  es: 'Cambiar su contraseña, su correo, su teléfono o su forma de pago. Pagar, borrar, compartir, invitar o descargar.',
} as const satisfies Bilingual

const idleMinutes = 15

/** `agent`: whose acts in a product keep it open too. */
const howLong = {
  en: (minutes: number, agent?: string) =>
    `${minutes} minutes at most. ${minutes > idleMinutes ? `It closes by itself if ${idleMinutes} minutes pass ${agent === undefined ? 'without you doing anything' : `in which neither you nor ${agent} does anything`}. ` : ''}You can stop it at any moment.`,
  es: (minutes: number, agent?: string) =>
    `${minutes} minutos como máximo. ${minutes > idleMinutes ? `Se cierra sola si pasan ${idleMinutes} minutos sin que ${agent === undefined ? 'usted haga' : `usted ni ${agent} hagan`} nada. ` : ''}Puede terminarla en cualquier momento.`,
} as const

// ── Are you still there? ────────────────────────────────────────────────────────────────────────────────────────────

/** For who read the first code aloud: a code that, read out, keeps the help open. */
export function presenceMessage(v: Vendor, o: Asked): Content {
  const vendor = named(v)
  const a = inLine(o.agentName)
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${vendor.name} asks if you are still there`,
      title: 'Are you still there?',
      opening: [`${a} of ${vendor.name} is helping you and asks if you want to go on.`],
      number: numberOf.en(a, o.sayFirst),
      code: {
        label: `To go on, read this code to ${a}:`,
        digits: o.digits,
        after: 'It works once, for 10 minutes.',
        whose: 'user',
      },
      link: { label: 'To stop, open this page:', url: o.link, button: 'See it or stop it' },
      ending: ['If you do nothing, the help closes by itself.'],
    },
    es: {
      subject: `${a}, de ${vendor.name}, pregunta si usted sigue ahí`,
      title: '¿Sigue usted ahí?',
      opening: [`${a}, de ${vendor.name}, le está ayudando y pregunta si quiere seguir.`],
      number: numberOf.es(a, o.sayFirst),
      code: {
        label: `Para seguir, léale este código a ${a}:`,
        digits: o.digits,
        after: 'Sirve una vez, durante 10 minutos.',
        whose: 'user',
      },
      link: { label: 'Para terminar, abra esta página:', url: o.link, button: 'Ver o terminar' },
      ending: ['Si no hace nada, la ayuda se cierra sola.'],
    },
  }
  return content(o.locale, vendor, parts, presenceSms(smsFacts(v, o)))
}

export const presenceSms = ({ company, agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
  en: `${spaced(digits)} is your ${company} code to go on. Read it out only if ${agent.en} first says: ${sayFirst}. To stop: ${link}`,
  es: `${spaced(digits)} es su codigo de ${company} para seguir. Léaselo a ${agent.es} solo si antes le dice: ${sayFirst}. Para terminar: ${link}`,
})

// ── One power more ──────────────────────────────────────────────────────────────────────────────────────────────────

interface PowerAsked extends Asked {
  /** What it lets the agent do, as a verb with its object. */
  readonly power: Bilingual
  readonly surfaces: readonly Bilingual[]
  readonly ecosystemName: string
  /** A code read aloud would not do: the page says yes. */
  readonly pageOnly: boolean
}

/** One sensitive power, by its name: what it is, where, and that the rest goes on whatever is answered. */
export function powerMessage(v: Vendor, o: PowerAsked): Content {
  const vendor = named(v)
  const a = inLine(o.agentName)
  const where = (language: Language) => `${listed(language, o.surfaces)} · ${inLine(o.ecosystemName)}`
  const parts: Record<Language, Parts> = {
    en: {
      subject: `${a} of ${vendor.name} asks for one thing more`,
      title: `${a} asks for one thing more`,
      opening: [
        `${a} of ${vendor.name} is helping you, and asks to do this once you agree: ${o.power.en}.`,
        'Refuse it and the help goes on as it was.',
      ],
      link: { label: 'Read it, refuse it or agree on this page:', url: o.link, button: 'Read or refuse' },
      number: numberOf.en(a, o.sayFirst),
      ...(o.pageOnly
        ? {}
        : {
            code: {
              label: `Do you want that? Agree on that page, or read this code to ${a}:`,
              digits: o.digits,
              after: 'It works once, for 10 minutes, and for this alone.',
              whose: 'user' as const,
            },
          }),
      facts: [
        ['Who', `${a}, ${vendor.name}`],
        ['To do what', o.power.en],
        ['Where', where('en')],
        ['How long', 'Until this help ends. You can take it back on the page at any moment.'],
      ],
      ending: [`If in doubt, hang up and call us: ${vendor.phone}`],
    },
    es: {
      subject: `${a}, de ${vendor.name}, pide una cosa más`,
      title: `${a} pide una cosa más`,
      opening: [
        `${a}, de ${vendor.name}, le está ayudando y pide poder hacer esto si usted acepta: ${o.power.es}.`,
        'Si lo rechaza, la ayuda sigue como estaba.',
      ],
      link: { label: 'Léalo, rechácelo o acepte en esta página:', url: o.link, button: 'Leer o rechazar' },
      number: numberOf.es(a, o.sayFirst),
      ...(o.pageOnly
        ? {}
        : {
            code: {
              label: `¿Quiere que lo haga? Acepte en esa página, o léale este código a ${a}:`,
              digits: o.digits,
              after: 'Sirve una vez, durante 10 minutos, y solo para esto.',
              whose: 'user' as const,
            },
          }),
      facts: [
        ['Quién', `${a}, ${vendor.name}`],
        ['Para hacer', o.power.es],
        ['Dónde', where('es')],
        ['Hasta cuándo', 'Hasta que termine esta ayuda. Puede retirarlo en la página en cualquier momento.'],
      ],
      ending: [`En caso de duda, cuelgue y llámenos: ${vendor.phone}`],
    },
  }
  return content(o.locale, vendor, parts, o.pageOnly ? powerPageSms(smsFacts(v, o)) : powerSms(smsFacts(v, o)))
}

export const powerSms = ({ agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
  en: `${spaced(digits)}: ${agent.en} asks for one thing more. Read what it is before you say the code, and hear ${sayFirst} first: ${link}`,
  es: `${spaced(digits)}: ${agent.es} pide una cosa mas. Lea que es antes de decir el codigo, y oiga antes ${sayFirst}: ${link}`,
})
export const powerPageSms = ({ company, agent, sayFirst, link }: SmsFacts): Bilingual => ({
  en: `${company}: ${agent.en} asks for one thing more. They must first say ${sayFirst}. Read, refuse or agree: ${link}`,
  es: `${company}: ${agent.es} pide una cosa mas. Antes debe decirle ${sayFirst}. Lea, rechace o acepte: ${link}`,
})

// ── Two minutes left ────────────────────────────────────────────────────────────────────────────────────────────────

export function warningMessage(v: Vendor, o: Warned): Content {
  const vendor = named(v)
  const a = inLine(o.agentName)
  const tap = o.provedBy !== 'read_aloud'
  const parts: Record<Language, Parts> = {
    en: {
      subject: `Your help with ${a} closes in two minutes`,
      title: `Your help with ${a} closes in two minutes`,
      opening: ['We have not heard from you for a while.'],
      link: tap
        ? { label: 'Still there? Tap “I’m still here” on this page:', url: o.link, button: 'I’m still here' }
        : { label: `Still there? Tell ${a}. To stop, open this page:`, url: o.link, button: 'See it or stop it' },
      ending: ['If you do nothing, it closes by itself and nothing stays open.'],
    },
    es: {
      subject: `La ayuda de ${a} se cierra en dos minutos`,
      title: `La ayuda de ${a} se cierra en dos minutos`,
      opening: ['Hace un rato que no sabemos de usted.'],
      link: tap
        ? { label: '¿Sigue ahí? Toque «Sigo aquí» en esta página:', url: o.link, button: 'Sigo aquí' }
        : {
            label: `¿Sigue ahí? Dígaselo a ${a}. Para terminar, abra esta página:`,
            url: o.link,
            button: 'Ver o terminar',
          },
      ending: ['Si no hace nada, se cierra sola y no queda nada abierto.'],
    },
  }
  return content(o.locale, vendor, parts, warningSms(smsFacts(v, o), tap))
}

export const warningSms = ({ company, agent, link }: SmsFacts, tap: boolean): Bilingual => ({
  en: `${company}: your help with ${agent.en} closes in 2 minutes. Still there? ${tap ? 'Tap' : 'Tell them. To stop'}: ${link}`,
  es: `${company}: la ayuda de ${agent.es} se cierra en 2 minutos. Si sigue ahi, ${tap ? 'toque' : 'digaselo. Para terminar'}: ${link}`,
})
