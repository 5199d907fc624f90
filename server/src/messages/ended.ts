/** What a person is told when the help that they had, or were asked about, is over: why, and what they can do. *Usted*. */
import type { Because, Bilingual, Language } from '@amparo/contract/words'
import { type Content, content, inLine, named, type Parts, type Vendor } from './letter.ts'
import { type SmsFacts, smsFacts } from './sms.ts'

interface Over {
  readonly locale: Language
  readonly agentName: string
  readonly because: Because
  /** False where no consent was given: the agent did not enter. */
  readonly entered: boolean
  readonly link: string
}

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

export const endedSms = ({ company, agent, link }: SmsFacts, entered: boolean): Bilingual =>
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
