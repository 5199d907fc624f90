/**
 * What we say to people, in both languages and nowhere else: *usted* to the person who is helped, *tú* to the agent. A
 * message is written once and goes by mail and by SMS; a mail carries everything, an SMS fits one segment.
 */
import type { Because, Bilingual, Kind, Language, Power } from '@amparo/contract/words'
import { longestContactSms } from './contact.ts'
import { historySms } from './history.ts'
import { type Content, inLine, type Parts, quotedLine, type Vendor, written } from './letter.ts'
import { longestOwnerSms } from './owner.ts'
import { fold, foldCompany, gsm7Length, longestName, segmentPlaces } from './sms.ts'
import { longestSms, successionAsked } from './succession.ts'

export type { Vendor } from './letter.ts'
export { fold, gsm7Length } from './sms.ts'

interface AgentCode {
  readonly locale: Language
  readonly digits: string
}
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
interface Over {
  readonly locale: Language
  readonly agentName: string
  readonly because: Because
  /** False where no consent was given: the agent did not enter. */
  readonly entered: boolean
  readonly link: string
}

// ── The agent's own code ────────────────────────────────────────────────────────────────────────────────────────────

export function agentCodeMessage(v: Vendor, o: AgentCode): Content {
  const vendor = named(v)
  const parts = {
    en: {
      subject: `Your agent code for ${vendor.name}`,
      title: `Your agent code for ${vendor.name}`,
      opening: [],
      code: {
        label: 'Type this code in the console:',
        digits: o.digits,
        after: 'It works once, for 10 minutes.',
        whose: 'agent',
      },
      ending: [
        'This code is yours, not the user’s. Nobody will ask you for it by phone or by mail.',
        'You did not ask for it? Tell your supervisor.',
      ],
    },
    es: {
      subject: `Tu código de agente de ${vendor.name}`,
      title: `Tu código de agente de ${vendor.name}`,
      opening: [],
      code: {
        label: 'Escribe este código en la consola:',
        digits: o.digits,
        after: 'Sirve una vez, durante 10 minutos.',
        whose: 'agent',
      },
      ending: [
        'Este código es tuyo, no de la persona a la que ayudas. Nadie te lo va a pedir por teléfono ni por correo.',
        '¿No lo pediste? Avisa a tu responsable.',
      ],
    },
  } as const satisfies Record<Language, Parts>
  return content(o.locale, vendor, parts, agentCodeSms(foldCompany(v.name), o.digits))
}

const agentCodeSms = (company: string, digits: string): Bilingual => ({
  en: `${spaced(digits)} is your agent code for ${company}. Nobody will ask you for it by phone.`,
  es: `${spaced(digits)} es tu clave de agente de ${company}. Nadie te la va a pedir por llamada.`,
})

// ── The agent's own link to an app ──────────────────────────────────────────────────────────────────────────────────

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
  const app = { en: inLine(o.app.en), es: inLine(o.app.es) }
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
      ending: ['El teléfono muestra dos cifras. Escríbelas en la consola.', '¿No lo pediste? Avisa a tu responsable.'],
    },
  }
  return content(o.locale, vendor, parts, phoneLinkSms(foldCompany(v.name), shortLink(o.link)))
}

const phoneLinkSms = (company: string, link: string): Bilingual => ({
  en: `${company}: open the app on this phone within 2 minutes: ${link} You did not ask for it? Tell your supervisor.`,
  es: `${company}: abre la aplicacion en este telefono antes de 2 minutos: ${link} Si no lo pediste, avisa a tu responsable.`,
})

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
        scan: 'To open it on your phone, point its camera here:',
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
        ['How long', howLong.en(o.lengthMinutes)],
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
        scan: 'Para abrirla en su teléfono, apunte aquí con la cámara:',
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
        ['Cuánto tiempo', howLong.es(o.lengthMinutes)],
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

const consentSms = ({ company, agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
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
  const quoted = line === undefined ? '' : quotedLine(line, 200)
  if (quoted === '') return inLine(reason[locale])
  return locale === 'es' ? `${inLine(reason.es)} («${quoted}»)` : `${inLine(reason.en)} (“${quoted}”)`
}

const lists = { en: new Intl.ListFormat('en'), es: new Intl.ListFormat('es') }
const listed = (locale: Language, names: readonly Bilingual[]): string =>
  lists[locale].format(names.map((name) => inLine(name[locale])))

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

const howLong = {
  en: (minutes: number) =>
    `${minutes} minutes at most. ${minutes > idleMinutes ? `It closes by itself if ${idleMinutes} minutes pass without you doing anything. ` : ''}You can stop it at any moment.`,
  es: (minutes: number) =>
    `${minutes} minutos como máximo. ${minutes > idleMinutes ? `Se cierra sola si pasan ${idleMinutes} minutos sin que usted haga nada. ` : ''}Puede terminarla en cualquier momento.`,
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

const presenceSms = ({ company, agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
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

const powerSms = ({ agent, digits, sayFirst, link }: SmsFacts): Bilingual => ({
  en: `${spaced(digits)}: ${agent.en} asks for one thing more. Read what it is before you say the code, and hear ${sayFirst} first: ${link}`,
  es: `${spaced(digits)}: ${agent.es} pide una cosa mas. Lea que es antes de decir el codigo, y oiga antes ${sayFirst}: ${link}`,
})
const powerPageSms = ({ company, agent, sayFirst, link }: SmsFacts): Bilingual => ({
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

const warningSms = ({ company, agent, link }: SmsFacts, tap: boolean): Bilingual => ({
  en: `${company}: your help with ${agent.en} closes in 2 minutes. Still there? ${tap ? 'Tap' : 'Tell them. To stop'}: ${link}`,
  es: `${company}: la ayuda de ${agent.es} se cierra en 2 minutos. Si sigue ahi, ${tap ? 'toque' : 'digaselo. Para terminar'}: ${link}`,
})

// ── It has ended ────────────────────────────────────────────────────────────────────────────────────────────────────

export function endedMessage(v: Vendor, o: Over): Content {
  const vendor = named(v)
  const a = inLine(o.agentName)
  const cause = endings[o.because](a, vendor.name)
  const pressed = o.because === 'declined_by_user' || o.because === 'reported_by_user'
  const title: Bilingual = o.entered
    ? { en: `Your help with ${a} has ended`, es: `La ayuda de ${a} ha terminado` }
    : { en: `${a} did not enter your account`, es: `${a} no entró en su cuenta` }
  const parts: Record<Language, Parts> = {
    en: {
      subject: title.en,
      title: title.en,
      opening: [
        cause.en,
        o.entered ? `${a} can no longer see your account.` : 'The request is closed. Nothing happened to your account.',
      ],
      link: o.entered
        ? { label: 'See what was done:', url: o.link, button: 'See what was done' }
        : { label: 'See the request:', url: o.link, button: 'See the request' },
      ending: [
        ...(pressed ? ['If someone is pressing you on the phone, hang up.'] : []),
        o.entered
          ? `If something was not right, or you need help again, call us: ${vendor.phone}`
          : `To get help again, call us: ${vendor.phone}`,
      ],
    },
    es: {
      subject: title.es,
      title: title.es,
      opening: [
        cause.es,
        o.entered ? `${a} ya no puede ver su cuenta.` : 'La solicitud está cerrada. No le pasó nada a su cuenta.',
      ],
      link: o.entered
        ? { label: 'Vea lo que se hizo:', url: o.link, button: 'Ver lo que se hizo' }
        : { label: 'Vea la solicitud:', url: o.link, button: 'Ver la solicitud' },
      ending: [
        ...(pressed ? ['Si alguien le presiona por teléfono, cuelgue.'] : []),
        o.entered
          ? `Si algo no estuvo bien, o para pedir ayuda otra vez, llámenos: ${vendor.phone}`
          : `Para pedir ayuda otra vez, llámenos: ${vendor.phone}`,
      ],
    },
  }
  return content(o.locale, vendor, parts, endedSms(smsFacts(v, o), o.entered))
}

const endedSms = ({ company, agent, link }: SmsFacts, entered: boolean): Bilingual =>
  entered
    ? {
        en: `${company}: your help with ${agent.en} has ended. See what was done: ${link}`,
        es: `${company}: la ayuda de ${agent.es} ha terminado. Vea lo que se hizo: ${link}`,
      }
    : {
        en: `${company}: ${agent.en} did not enter your account. The request is closed: ${link}`,
        es: `${company}: ${agent.es} no entro en su cuenta. La solicitud esta cerrada: ${link}`,
      }

/** Why it ended, told to the person who was to be helped. */
const endings: Readonly<Record<Because, (a: string, company: string) => Bilingual>> = {
  finished: (a) => ({ en: `${a} finished.`, es: `${a} terminó.` }),
  cancelled: () => ({ en: 'It was cancelled.', es: 'Se canceló.' }),
  declined_by_user: () => ({ en: 'You refused the request.', es: 'Usted rechazó la solicitud.' }),
  reported_by_user: (_, company) => ({
    en: `You told us that you did not ask for this. A supervisor at ${company} is looking into it.`,
    es: `Usted nos avisó de que no había pedido esto. Un responsable de ${company} lo está revisando.`,
  }),
  stopped_by_user: () => ({ en: 'You stopped it.', es: 'Usted la terminó.' }),
  expired_idle: () => ({
    en: 'We closed it because 15 minutes passed without you doing anything.',
    es: 'La cerramos porque pasaron 15 minutos sin que usted hiciera nada.',
  }),
  expired_max: () => ({ en: 'The time that you agreed to was over.', es: 'Se cumplió el tiempo que usted aceptó.' }),
  user_not_found: () => ({
    en: 'We closed it because the account was not found.',
    es: 'La cerramos porque no se encontró la cuenta.',
  }),
  too_many_attempts: () => ({
    en: 'We closed it because there were too many wrong codes.',
    es: 'La cerramos porque hubo demasiados códigos equivocados.',
  }),
  superseded: (_, company) => ({
    en: `You agreed to be helped by someone else at ${company}.`,
    es: `Usted aceptó la ayuda de otra persona de ${company}.`,
  }),
  closed_by_supervisor: (_, company) => ({
    en: `A supervisor at ${company} closed it.`,
    es: `La cerró un responsable de ${company}.`,
  }),
  agent_signed_out: (a) => ({ en: `${a} left their desk.`, es: `${a} dejó su puesto.` }),
  agent_deactivated: (a, company) => ({
    en: `${company} withdrew ${a}’s permission to help.`,
    es: `${company} retiró a ${a} el permiso para ayudar.`,
  }),
  user_deactivated: () => ({
    en: 'We closed it because your account is no longer active.',
    es: 'La cerramos porque su cuenta ya no está activa.',
  }),
  ecosystem_suspended: () => ({
    en: 'We closed it because your ecosystem was suspended.',
    es: 'La cerramos porque se suspendió su ecosistema.',
  }),
  access_withdrawn: (_, company) => ({
    en: `We closed it because what allowed it at ${company} was withdrawn.`,
    es: `La cerramos porque en ${company} se retiró lo que la permitía.`,
  }),
  core_unavailable: (_, company) => ({
    en: `We closed it to be safe, because ${company}’s records could not be read.`,
    es: `La cerramos por seguridad, porque no se pudieron leer los datos de ${company}.`,
  }),
  audit_unavailable: (_, company) => ({
    en: `We closed it to be safe, because ${company} could not record what was done.`,
    es: `La cerramos por seguridad, porque ${company} no podía registrar lo que se hacía.`,
  }),
  restored: (_, company) => ({
    en: `We closed it to be safe, because a system of ${company} was brought back from a copy.`,
    es: `La cerramos por seguridad, porque un sistema de ${company} se recuperó de una copia.`,
  }),
  killed: (_, company) => ({
    en: `${company} switched off all such access for now, to be safe.`,
    es: `${company} cortó por ahora este tipo de acceso, por seguridad.`,
  }),
  handed_over: (a) => ({
    en: `${a} handed over to a colleague, as you agreed.`,
    es: `${a} le pasó con otra persona, como usted aceptó.`,
  }),
  break_glass_over: (_, company) => ({
    en: `The emergency access that two people at ${company} had opened is over.`,
    es: `Terminó el acceso de emergencia que habían abierto dos personas de ${company}.`,
  }),
}

// ── What all of them share ──────────────────────────────────────────────────────────────────────────────────────────

interface SmsFacts {
  readonly company: string
  readonly agent: Bilingual
  readonly digits: string
  readonly sayFirst: string
  readonly link: string
}

function smsFacts(
  vendor: Vendor,
  o: { agentName: string; link: string; digits?: string; sayFirst?: string },
): SmsFacts {
  return {
    company: foldCompany(vendor.name),
    agent: { en: fold(o.agentName, 'your agent'), es: fold(o.agentName, 'su agente') },
    digits: o.digits ?? '',
    sayFirst: o.sayFirst ?? '',
    link: shortLink(o.link),
  }
}

/** A link as an SMS shows it: telephones complete `help.acme.com/c/…` to https by themselves. */
const shortLink = (link: string): string => link.replace(/^https:\/\//, '')

const spaced = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`

const named = (vendor: Vendor): Vendor => ({ name: inLine(vendor.name), phone: inLine(vendor.phone) })

const content = (locale: Language, vendor: Vendor, parts: Record<Language, Parts>, sms: Bilingual): Content => ({
  ...written(locale, vendor, parts[locale]),
  sms: sms[locale],
})

const linkLetters = 13

/**
 * What is wrong with the SMS of this installation, in sentences for its operator; empty when every text fits one segment
 * in both languages with the longest names. `linkPrefix` is what stands before a link's own 13 letters.
 */
export function checkSms({ vendor, linkPrefix }: { vendor: Vendor; linkPrefix: string }): string[] {
  const company = foldCompany(vendor.name)
  if (company === '') return [`The company's name "${vendor.name}" has no letters that an SMS can carry.`]
  const facts: SmsFacts = {
    company,
    agent: { en: 'M'.repeat(longestName), es: 'M'.repeat(longestName) },
    digits: '000000',
    sayFirst: '00',
    link: shortLink(`${linkPrefix}${'M'.repeat(linkLetters)}`),
  }
  const texts: Readonly<Record<string, Bilingual>> = {
    "the agent's code": agentCodeSms(company, facts.digits),
    "the user's code": consentSms(facts),
    'the presence code': presenceSms(facts),
    'the code of a power': powerSms(facts),
    'the power on the page': powerPageSms(facts),
    'the warning': warningSms(facts, true),
    'the warning read aloud': warningSms(facts, false),
    'the ending': endedSms(facts, true),
    'the ending without entering': endedSms(facts, false),
    'the code of the history': historySms(company, facts.digits),
    'the notice of a changed contact': longestContactSms(company, vendor.phone, 'M'.repeat(longestName)),
    ...longestSms(company, vendor.phone, facts.link, 'M'.repeat(longestName)),
    ...longestOwnerSms(company, vendor.phone, facts.link, 'M'.repeat(longestName)),
  }
  return Object.entries(texts).flatMap(([what, text]) =>
    (['en', 'es'] as const).flatMap((locale) => tooLong(what, locale, text[locale])),
  )
}

function tooLong(what: string, locale: Language, text: string): string[] {
  const places = gsm7Length(text)
  if (places !== undefined && places <= segmentPlaces) return []
  const found = places === undefined ? 'a letter that one segment cannot carry' : `${places} of ${segmentPlaces} places`
  return [
    `The SMS of ${what} (${locale}) has ${found}: a shorter AMPARO_COMPANION_URL or a shorter company name is needed.`,
  ]
}
