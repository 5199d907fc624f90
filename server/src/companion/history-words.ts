/** What the pages say of a user's own history, and of what was not right. Spanish says usted. */
import type { Bilingual } from '@amparo/contract/words'

export const historyWords = {
  'history.h1': { en: 'All the help that you had', es: 'Toda la ayuda que tuvo' },
  'history.offer': { en: 'See all the help that you had', es: 'Ver toda la ayuda que tuvo' },
  'history.offer_hint': {
    en: 'Everybody of {v} who looked you up, asked or helped. We send you a code first.',
    es: 'Todas las personas de {v} que le buscaron, pidieron permiso o le ayudaron. Antes le enviamos un código.',
  },
  'history.lead': {
    en: 'Everybody of {v} who looked you up, asked to help or helped, and what they did. Nobody can take anything out of it.',
    es: 'Todas las personas de {v} que le buscaron, pidieron ayudarle o le ayudaron, y qué hicieron. Nadie puede quitar nada.',
  },
  'history.code_goes': {
    en: 'So that nobody else sees it, we first send a code. It goes to the e-mail and the phone on file.',
    es: 'Para que nadie más lo vea, antes enviamos un código. Va al correo y al teléfono de su ficha.',
  },
  'history.send': { en: 'Send me a code', es: 'Enviarme un código' },
  'history.again': { en: 'Send another code', es: 'Enviar otro código' },
  'history.typed_here': {
    en: 'Type the code here yourself. Nobody of {v} asks you for it.',
    es: 'Escriba usted el código aquí. Nadie de {v} se lo pide.',
  },
  'history.digits': { en: 'The 6 numbers of the message', es: 'Los 6 números del mensaje' },
  'history.digits_hint': { en: 'For example 482 913', es: 'Por ejemplo 482 913' },
  'history.open': { en: 'Show it', es: 'Mostrar' },
  'history.all': {
    en: 'The newest first. It stays open in this browser for 15 minutes.',
    es: 'Lo más reciente primero. Queda abierto en este navegador 15 minutos.',
  },
  'history.helped': { en: '{a} helped you', es: '{a} le ayudó' },
  'history.asked': { en: '{a} asked and did not enter', es: '{a} pidió permiso y no entró' },
  'history.seen': {
    en: '{a} looked you up, and went no further',
    es: '{a} le buscó y no fue más allá',
  },
  'history.without': {
    en: 'Without you: two supervisors agreed',
    es: 'Sin usted: dos responsables estuvieron de acuerdo',
  },
  'history.older': { en: 'Older', es: 'Anteriores' },
  'history.end': { en: 'That is all.', es: 'Eso es todo.' },
  'history.copy': { en: 'Keep a copy', es: 'Guardar una copia' },
  'history.copy_hint': {
    en: 'A table to read. Or everything, with receipts and events of the record, for somebody who checks it.',
    es: 'Una tabla para leer. O todo, con recibos y hechos del registro, para quien lo compruebe.',
  },
  'history.csv': { en: 'As a table (CSV)', es: 'Como tabla (CSV)' },
  'history.jsonl': { en: 'Everything (JSON Lines)', es: 'Todo (JSON Lines)' },
  'history.back': { en: 'Back', es: 'Volver' },
  'object.h2': { en: 'Something was not right', es: 'Algo no fue correcto' },
  'object.label': { en: 'What was not right? (if you like)', es: '¿Qué no fue correcto? (si quiere)' },
  'object.hint': {
    en: 'Write no names of patients. A supervisor who had no part in it reads this.',
    es: 'No escriba nombres de pacientes. Lo lee una persona responsable que no participó.',
  },
  'object.send': { en: 'Tell {v}', es: 'Avisar a {v}' },
  'object.how': {
    en: 'Something was not right? Tell it in the browser where you said yes, or open “See all the help that you had”.',
    es: '¿Algo no fue correcto? Dígalo en el navegador donde dijo que sí, o abra «Ver toda la ayuda que tuvo».',
  },
  'object.objection': {
    en: 'You told us on {d} that something was not right.',
    es: 'El {d} nos avisó de que algo no fue correcto.',
  },
  'object.reported': {
    en: 'You told us on {d} that you did not ask for this.',
    es: 'El {d} nos avisó de que no lo pidió.',
  },
  'object.waits': { en: 'Somebody who had no part in it will look at it.', es: 'Lo mirará alguien que no participó.' },
  'object.looked': { en: 'It was looked at on {d}.', es: 'Se miró el {d}.' },
  'told.sent': { en: 'The code is on its way.', es: 'El código va en camino.' },
  'told.objected': { en: 'Thank you. We look at it.', es: 'Gracias. Lo miraremos.' },
  'told.failed': {
    en: 'That did not work. Try again, or call us.',
    es: 'Eso no funcionó. Pruebe otra vez o llámenos.',
  },
  'told.request_invalid': { en: 'Type the 6 numbers of the message.', es: 'Escriba los 6 números del mensaje.' },
  'told.code_wrong': { en: 'That code is not right. Look again.', es: 'Ese código no es correcto. Mire otra vez.' },
  'told.code_earlier': {
    en: 'That is an earlier code. Use the newest.',
    es: 'Ese código es anterior. Use el más reciente.',
  },
  'told.code_own': { en: 'That code is for something else.', es: 'Ese código es para otra cosa.' },
  'told.code_spent': {
    en: 'That code can no longer be used. Ask for a new one.',
    es: 'Ese código ya no sirve. Pida uno nuevo.',
  },
  'told.code_expired': {
    en: 'That code is no longer valid. Ask for a new one.',
    es: 'Ese código ya no sirve. Pida uno nuevo.',
  },
  'told.code_not_sent': { en: 'Ask for a code first.', es: 'Pida antes un código.' },
  'told.code_too_soon': {
    en: 'A code was sent a moment ago. Wait a minute before you ask for another.',
    es: 'Se envió un código hace un momento. Espere un minuto antes de pedir otro.',
  },
  'told.code_no_more': {
    en: 'No more codes can be sent for this link. Call us.',
    es: 'Para este enlace ya no se pueden enviar más códigos. Llámenos.',
  },
  'told.rate_limited': {
    en: 'You had as many messages as a day allows. Try again tomorrow, or call us.',
    es: 'Ya recibió los mensajes que permite un día. Pruebe mañana o llámenos.',
  },
  'told.history_nobody': {
    en: 'We have no address to send a code to at the moment. Call us.',
    es: 'Ahora no tenemos adónde enviarle un código. Llámenos.',
  },
  'told.core_unavailable': {
    en: 'A system of {v} does not answer. Try again in a minute.',
    es: 'Un sistema de {v} no responde. Pruebe en un minuto.',
  },
  'told.objection_made': { en: 'You have told us already. We look at it.', es: 'Ya nos lo dijo. Lo estamos mirando.' },
  'told.link_elsewhere': {
    en: 'The quarter of an hour is over. Ask for a new code.',
    es: 'Pasó el cuarto de hora. Pida otro código.',
  },
} as const satisfies Record<string, Bilingual>
