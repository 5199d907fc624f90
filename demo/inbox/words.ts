/** What the inbox says, in both languages. It speaks to developers: *tú*. */
import type { Bilingual, Language } from '@amparo/contract/words'

const texts = {
  title: { en: 'Inbox', es: 'Bandeja' },
  lead: {
    en: 'What this demo “sent”. Nothing leaves this machine.',
    es: 'Lo que esta demo «envió». Nada sale de este equipo.',
  },
  to: { en: 'To', es: 'Para' },
  from: { en: 'From', es: 'De' },
  at: { en: 'At', es: 'Hora' },
  all: { en: 'everybody', es: 'todos' },
  show: { en: 'Show', es: 'Mostrar' },
  showAll: { en: 'Show all', es: 'Mostrar todo' },
  messages: { en: 'Messages', es: 'Mensajes' },
  sms: { en: 'SMS', es: 'SMS' },
  email: { en: 'E-mail', es: 'Correo' },
  agent: { en: 'agent', es: 'agente' },
  gone: {
    en: 'This message is no longer here. Choose another.',
    es: 'Este mensaje ya no está. Elige otro.',
  },
  empty: {
    en: 'Nothing yet. A message appears here as soon as it is sent.',
    es: 'Nada todavía. Los mensajes aparecen aquí en cuanto se envían.',
  },
  nothingFor: { en: 'Nothing for', es: 'Nada para' },
  smsTo: { en: 'SMS to', es: 'SMS a' },
  copy: { en: 'Copy', es: 'Copiar' },
  copied: { en: 'Copied', es: 'Copiado' },
  showList: { en: 'All messages', es: 'Todos los mensajes' },
  open: { en: 'Open the link', es: 'Abrir el enlace' },
  asUser: {
    en: 'To be the user, open it in a private window: their page must not share this browser’s cookies.',
    es: 'Para ser el usuario, ábrelo en una ventana privada: su página no debe compartir las cookies de este navegador.',
  },
  segment: { en: 'segment', es: 'segmento' },
  segments: { en: 'segments', es: 'segmentos' },
  places: { en: 'of', es: 'de' },
  placesOf: { en: 'characters', es: 'caracteres' },
  views: { en: 'How to show the mail', es: 'Cómo mostrar el correo' },
  html: { en: 'HTML', es: 'HTML' },
  text: { en: 'Text', es: 'Texto' },
  source: { en: 'Source', es: 'Fuente' },
  frame: { en: 'The mail as it looks', es: 'El correo tal como se ve' },
  next: { en: 'The next messages to', es: 'Los próximos mensajes a' },
  delivered: { en: 'are delivered', es: 'se entregan' },
  refused: { en: 'are refused', es: 'se rechazan' },
  expired: { en: 'expire on the way', es: 'caducan por el camino' },
  apply: { en: 'Apply', es: 'Aplicar' },
  nowRefused: { en: 'refused for good (550)', es: 'rechazados del todo (550)' },
  nowExpired: { en: 'put off until they expire (451)', es: 'aplazados hasta que caducan (451)' },
  takeBack: { en: 'Deliver again', es: 'Volver a entregar' },
  faults: { en: 'Faults switched on', es: 'Fallos activados' },
  keys: { en: 'next and previous · copy the code', es: 'siguiente y anterior · copiar el código' },
} as const satisfies Record<string, Bilingual>

export type Say = (text: keyof typeof texts) => string
export const saying =
  (language: Language): Say =>
  (text) =>
    texts[text][language]

/** The first language of the browser's that we have. */
export const languageOf = (accepted: string | undefined): Language => (/^\s*es\b/i.test(accepted ?? '') ? 'es' : 'en')
