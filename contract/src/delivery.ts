/** What a carrier said of a message that it did not take: a closed list of words, and what the agent is told and can do. */
import type { Bilingual } from './words.ts'

export const deliveryErrors = [
  'refused',
  'no_such_address',
  'mailbox_full',
  'not_an_address',
  'busy',
  'no_answer',
  'unreachable',
  'not_signed_in',
  'not_offered',
  'unreadable',
  'opted_out',
  'bounced',
  'throttled',
  'function_failed',
  'unclear',
] as const
export type DeliveryError = (typeof deliveryErrors)[number]

const sentences = {
  refused: {
    en: 'The other side refused the message. Use the other channel if there is one, or check the address with the user.',
    es: 'El otro lado rechazó el mensaje. Usa la otra vía si la hay, o confirma la dirección con el usuario.',
  },
  no_such_address: {
    en: 'There is no such mailbox. Use the other channel if there is one, and ask the user to correct their address.',
    es: 'Ese buzón no existe. Usa la otra vía si la hay, y pide al usuario que corrija su dirección.',
  },
  mailbox_full: {
    en: 'The mailbox is full. Use the other channel if there is one.',
    es: 'El buzón está lleno. Usa la otra vía si la hay.',
  },
  not_an_address: {
    en: 'Nothing can be sent to what is on file. Use the other channel if there is one.',
    es: 'No se puede enviar nada a lo que consta en la ficha. Usa la otra vía si la hay.',
  },
  busy: {
    en: 'The other side cannot take it at the moment. We try again by ourselves; the code stays the same.',
    es: 'El otro lado no puede recibirlo ahora. Lo intentamos de nuevo solos; el código es el mismo.',
  },
  no_answer: {
    en: 'What sends our messages did not answer in time. We try again by ourselves; the code stays the same.',
    es: 'Lo que envía nuestros mensajes no respondió a tiempo. Lo intentamos de nuevo solos; el código es el mismo.',
  },
  unreachable: {
    en: 'What sends our messages cannot be reached. We try again by ourselves. Tell your operator if it lasts.',
    es: 'No se llega a lo que envía nuestros mensajes. Lo intentamos de nuevo solos. Si sigue, avisa a quien lo opera.',
  },
  not_signed_in: {
    en: 'What sends our messages does not accept us. Tell your operator, and use the other channel if there is one.',
    es: 'Lo que envía nuestros mensajes no nos acepta. Avisa a quien lo opera y usa la otra vía si la hay.',
  },
  not_offered: {
    en: 'This installation does not send that way. Use the other channel.',
    es: 'Esta instalación no envía por esa vía. Usa la otra.',
  },
  unreadable: {
    en: 'The message could not be opened to be sent. Send a new one.',
    es: 'No se pudo abrir el mensaje para enviarlo. Envía uno nuevo.',
  },
  opted_out: {
    en: 'This phone has asked for no more SMS from us. Use the e-mail, or read them the link.',
    es: 'Este teléfono pidió no recibir más SMS nuestros. Usa el correo o díctale el enlace.',
  },
  bounced: {
    en: 'Mail to this address has come back before. Use the other channel if there is one, and ask the user to correct their address.',
    es: 'El correo a esta dirección ya fue devuelto antes. Usa la otra vía si la hay, y pide al usuario que corrija su dirección.',
  },
  throttled: {
    en: 'Too many messages are going out at the moment. We try again by ourselves; the code stays the same.',
    es: 'Ahora salen demasiados mensajes. Lo intentamos de nuevo solos; el código es el mismo.',
  },
  function_failed: {
    en: 'What sends our messages failed. We try again by ourselves; meanwhile use another way. Tell your operator if it lasts.',
    es: 'Falló lo que envía nuestros mensajes. Lo intentamos de nuevo solos; mientras, usa otra vía. Si sigue, avisa a quien lo opera.',
  },
  unclear: {
    en: 'It may have gone out or not: the answer was lost. It is not sent twice. Ask the user, and send a new one if nothing came.',
    es: 'Puede que saliera o que no: se perdió la respuesta. No se envía dos veces. Pregunta al usuario y envía uno nuevo si no llegó nada.',
  },
} as const satisfies Record<DeliveryError, Bilingual>

/** Of the agent's own code, which goes one way only and is nothing to ask the user about. */
const ofOwnCode: Partial<Record<DeliveryError, Bilingual>> = {
  not_signed_in: {
    en: 'What sends our messages does not accept us. We try again by ourselves. Tell your operator.',
    es: 'Lo que envía nuestros mensajes no nos acepta. Lo intentamos de nuevo solos. Avisa a quien lo opera.',
  },
}

/** What the agent is told of a message that did not go out. */
export const deliverySentence = (error: DeliveryError, whose: 'own' | 'user' = 'user'): Bilingual =>
  (whose === 'own' ? ofOwnCode[error] : undefined) ?? sentences[error]

/** The word in what was kept: `no_such_address 550, 5.1.1`. Anything else is a refusal. */
export function deliveryErrorOf(kept: string): { error: DeliveryError; said?: string } {
  const [word = '', ...said] = kept.split(' ')
  const error = deliveryErrors.find((one) => one === word)
  if (!error) return { error: 'refused' }
  return { error, ...(said.length > 0 ? { said: said.join(' ') } : {}) }
}
