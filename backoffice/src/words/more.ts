/** What the console says of asking for one sensitive power, both languages side by side. */
import type { Bilingual } from '@amparo/contract/words'

export const moreWords = {
  'phone.on': { en: 'On {device}.', es: 'En {device}.' },
  'more.title': { en: 'Ask for more', es: 'Pedir algo más' },
  'more.lead': {
    en: 'One thing at a time, with a message and a code of its own. If the user refuses, the help goes on as it was.',
    es: 'Una cosa cada vez, con un mensaje y un código propios. Si el usuario la rechaza, la ayuda sigue como estaba.',
  },
  'more.none': {
    en: 'Nothing more can be asked for in what is open now.',
    es: 'En lo que está abierto ahora no se puede pedir nada más.',
  },
  'more.what': { en: 'What you need to do', es: 'Qué necesitas hacer' },
  'more.ask': { en: 'Ask the user', es: 'Pedírselo al usuario' },
  'more.again': { en: 'Send it again', es: 'Enviarlo otra vez' },
  'more.waiting': {
    en: 'Waiting for a yes to: {power}. Say the number {number} first.',
    es: 'Falta un sí para: {power}. Di primero el número {number}.',
  },
  'more.field': { en: 'The code of that message', es: 'El código de ese mensaje' },
  'more.go': { en: 'Confirm', es: 'Confirmar' },
  'more.held': { en: 'Allowed at {time}: {power} ({where})', es: 'Permitido a las {time}: {power} ({where})' },
  'more.refused': { en: 'Refused at {time}: {power}', es: 'Rechazado a las {time}: {power}' },
  'more.takenBack': { en: 'Taken back at {time}: {power}', es: 'Retirado a las {time}: {power}' },
  'more.also': { en: 'Also allowed: {powers}', es: 'También permitido: {powers}' },
} as const satisfies Record<string, Bilingual>
