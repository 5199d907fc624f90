/**
 * The text for the ticket, once an assistance has ended: who helped whom, why, when, how consent was proven, what was
 * opened, how it ended. It leaves the house with the ticket: no codes, no addresses, no numbers of anybody, and nothing
 * that was seen inside.
 */
import type { Because, Bilingual, ConsentWay, Language, Outcome, Power } from '@amparo/contract/words'

export interface Summarized {
  readonly agent: string
  /** Missing where nobody was found, or nobody was looked up. */
  readonly user: string | undefined
  readonly ecosystem: string | undefined
  readonly reason: Bilingual
  readonly openedAt: Date
  readonly closedAt: Date
  readonly consent: { readonly at: Date; readonly by: ConsentWay } | undefined
  readonly powers: Power
  /** What was opened, with how much was reported of it. */
  readonly surfaces: readonly { readonly name: Bilingual; readonly openedAt: Date; readonly acts: number }[]
  readonly because: Because
  readonly outcome: Outcome | undefined
  /** Where the vendor's people are; UTC where nobody said. */
  readonly timeZone: string
}

export const summaryOf = (it: Summarized): Bilingual => ({ en: inEnglish(it), es: inSpanish(it) })

function inEnglish(it: Summarized): string {
  const [day, time, over] = clocks('en', it)
  const whom =
    it.user === undefined ? 'asked to help somebody' : `${it.consent ? 'helped' : 'asked to help'} ${it.user}`
  return [
    `${it.agent} ${whom}${it.ecosystem === undefined ? '' : ` (${it.ecosystem})`} on ${day}, ${time(it.openedAt)} to ${over} (${it.timeZone}).`,
    `Reason: ${it.reason.en}.`,
    it.consent
      ? `${consentedBy.en(it.consent.by, time(it.consent.at))}, for ${it.powers === 'act' ? 'looking and fixing everyday things' : 'looking only'}.`
      : 'No consent was given and nothing was opened.',
    ...(it.consent ? [openedInEnglish(it.surfaces, time)] : []),
    `${endings[it.because].en}${it.outcome ? ` ${outcomes[it.outcome].en}` : ''}`,
  ].join('\n')
}

function inSpanish(it: Summarized): string {
  const [day, time, over] = clocks('es', it)
  const whom =
    it.user === undefined ? 'quiso ayudar a alguien' : `${it.consent ? 'ayudó' : 'quiso ayudar'} a ${it.user}`
  return [
    `${it.agent} ${whom}${it.ecosystem === undefined ? '' : ` (${it.ecosystem})`} el ${day}, de ${time(it.openedAt)} a ${over} (${it.timeZone}).`,
    `Motivo: ${it.reason.es}.`,
    it.consent
      ? `${consentedBy.es(it.consent.by, time(it.consent.at))}, para ${it.powers === 'act' ? 'mirar y arreglar cosas de todos los días' : 'solo mirar'}.`
      : 'No hubo consentimiento y no se abrió nada.',
    ...(it.consent ? [openedInSpanish(it.surfaces, time)] : []),
    `${endings[it.because].es}${it.outcome ? ` ${outcomes[it.outcome].es}` : ''}`,
  ].join('\n')
}

type Time = (at: Date) => string

const openedInEnglish = (surfaces: Summarized['surfaces'], time: Time): string =>
  surfaces.length === 0
    ? 'Nothing was opened.'
    : `Opened: ${surfaces.map(({ name, openedAt, acts }) => `${name.en} at ${time(openedAt)} (${acts === 0 ? 'no acts' : acts === 1 ? '1 act' : `${acts} acts`} on record)`).join(', ')}.`

const openedInSpanish = (surfaces: Summarized['surfaces'], time: Time): string =>
  surfaces.length === 0
    ? 'No se abrió nada.'
    : `Se abrió: ${surfaces.map(({ name, openedAt, acts }) => `${name.es} a las ${time(openedAt)} (${acts === 0 ? 'ningún acto registrado' : acts === 1 ? '1 acto registrado' : `${acts} actos registrados`})`).join(', ')}.`

/** The day, how to say a time of it, and when it was over: with its day where that is another. */
function clocks(language: Language, { openedAt, closedAt, timeZone }: Summarized): [string, Time, string] {
  const { dayOf, hour } = formatsOf(language, timeZone)
  const time: Time = (at) => hour.format(at)
  const [day, last] = [dayOf.format(openedAt), dayOf.format(closedAt)]
  return [day, time, day === last ? time(closedAt) : `${last}, ${time(closedAt)}`]
}

interface Formats {
  readonly dayOf: Intl.DateTimeFormat
  readonly hour: Intl.DateTimeFormat
}
/** Formats are dear to make and cheap to keep: an installation has one zone. */
const formats = new Map<string, Formats>()
function formatsOf(language: Language, timeZone: string): Formats {
  const locale = language === 'en' ? 'en-GB' : 'es-ES'
  const made = formats.get(`${locale} ${timeZone}`) ?? {
    dayOf: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone }),
    hour: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }),
  }
  formats.set(`${locale} ${timeZone}`, made)
  return made
}

const outcomes: Readonly<Record<Outcome, Bilingual>> = {
  solved: { en: 'Solved.', es: 'Resuelto.' },
  not_solved: { en: 'Not solved.', es: 'No resuelto.' },
  follow_up: { en: 'To be followed up.', es: 'Queda en seguimiento.' },
}

const endings: Readonly<Record<Because, Bilingual>> = {
  finished: { en: 'Finished by the agent.', es: 'Terminada por el agente.' },
  cancelled: { en: 'Cancelled at the desk.', es: 'Cancelada por soporte.' },
  declined_by_user: { en: 'The user refused.', es: 'El usuario la rechazó.' },
  reported_by_user: {
    en: 'The user reported that they had not asked for it.',
    es: 'El usuario avisó de que no la había pedido.',
  },
  stopped_by_user: { en: 'Stopped by the user.', es: 'Detenida por el usuario.' },
  expired_idle: {
    en: 'Closed by itself after 15 minutes without the user.',
    es: 'Se cerró sola tras 15 minutos sin el usuario.',
  },
  expired_max: {
    en: 'Closed by itself when the agreed time was over.',
    es: 'Se cerró sola al acabar el tiempo acordado.',
  },
  user_not_found: { en: 'Nobody was found.', es: 'No se encontró a nadie.' },
  too_many_attempts: { en: 'Closed after too many wrong codes.', es: 'Se cerró tras demasiados códigos incorrectos.' },
  superseded: { en: 'The user agreed to help from somebody else.', es: 'El usuario aceptó la ayuda de otra persona.' },
  closed_by_supervisor: { en: 'Closed by a supervisor.', es: 'Cerrada por un supervisor.' },
  agent_signed_out: { en: 'Closed when the agent signed out.', es: 'Se cerró al salir el agente.' },
  agent_deactivated: { en: 'Closed: the agent may no longer help.', es: 'Se cerró: el agente ya no puede ayudar.' },
  user_deactivated: { en: 'Closed: the user was deactivated.', es: 'Se cerró: el usuario fue desactivado.' },
  ecosystem_suspended: { en: 'Closed: the ecosystem was suspended.', es: 'Se cerró: el ecosistema fue suspendido.' },
  core_unavailable: {
    en: 'Closed: the user database did not answer.',
    es: 'Se cerró: la base de usuarios no respondía.',
  },
  access_withdrawn: {
    en: 'Closed: what allowed it there was withdrawn.',
    es: 'Se cerró: se retiró lo que lo permitía.',
  },
  audit_unavailable: { en: 'Closed: the record did not answer.', es: 'Se cerró: el registro no respondió.' },
  restored: {
    en: 'Closed: the system was restored from a copy.',
    es: 'Se cerró: el sistema se restauró de una copia.',
  },
  killed: { en: 'Closed: assisted access was switched off.', es: 'Se cerró: se cortó el acceso asistido.' },
  handed_over: { en: 'Handed over to a colleague.', es: 'Pasó a otro agente.' },
  break_glass_over: { en: 'Emergency access is over.', es: 'El acceso de emergencia terminó.' },
}

const consentedBy: Record<'en' | 'es', (by: ConsentWay, at: string) => string> = {
  en: (by, at) =>
    by === 'break_glass'
      ? `Without a consent, by the yes of two supervisors, at ${at}`
      : `Consent at ${at}, ${by === 'page' ? 'on their page with two digits read aloud' : 'by a code read aloud'}`,
  es: (by, at) =>
    by === 'break_glass'
      ? `Sin consentimiento, con el sí de dos supervisores, a las ${at}`
      : `Consentimiento a las ${at}, ${by === 'page' ? 'en su página con dos cifras leídas en voz alta' : 'con un código leído en voz alta'}`,
}
