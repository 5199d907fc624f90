/** What the App alone says, in both languages. To its people: *usted*; on the pages of help, to the agent who holds the phone: *tú*. */
import { type Both, wordsOf } from '../vendor/words.ts'

const texts = {
  product: { en: 'Acme', es: 'Acme' },
  today: { en: 'Today', es: 'Hoy' },
  team: { en: 'Team', es: 'Equipo' },
  invoices: { en: 'Invoices', es: 'Facturas' },
  me: { en: 'Me', es: 'Yo' },
  hello: { en: 'Hello,', es: 'Hola,' },
  yourRole: { en: 'Your role', es: 'Su función' },
  plan: { en: 'Plan', es: 'Plan' },
  city: { en: 'City', es: 'Ciudad' },
  name: { en: 'Name', es: 'Nombre' },
  title: { en: 'Title that your team sees', es: 'Cargo que ve su equipo' },
  phone: { en: 'New phone', es: 'Teléfono nuevo' },
  changePhone: { en: 'Change phone', es: 'Cambiar teléfono' },
  people: { en: 'in the team', es: 'en el equipo' },
  toPay: { en: 'to pay', es: 'por pagar' },
  number: { en: 'Number', es: 'Número' },
  date: { en: 'Date', es: 'Fecha' },
  amount: { en: 'Amount', es: 'Importe' },
  state: { en: 'State', es: 'Estado' },
  activity: { en: 'Recent activity', es: 'Actividad reciente' },
  suspended: {
    en: 'This ecosystem is suspended. Pay what is overdue to go on working.',
    es: 'Este ecosistema está suspendido. Pague lo vencido para seguir trabajando.',
  },
  start: { en: 'Your clinic in your pocket', es: 'Su clínica en el bolsillo' },
  startLead: {
    en: 'Your day, your team and your invoices, wherever you are.',
    es: 'Su día, su equipo y sus facturas, esté donde esté.',
  },
  forSupport: { en: 'For Acme support', es: 'Para el soporte de Acme' },
  forSupportLead: {
    en: 'The support screen shows a QR code. Scan it here, or type its short code.',
    es: 'La pantalla de soporte muestra un código QR. Escanéalo aquí, o escribe su código corto.',
  },
  scan: { en: 'Scan QR code', es: 'Escanear QR' },
  enter: { en: 'Enter code', es: 'Escribir código' },
  offline: { en: 'No connection', es: 'Sin conexión' },
  offlineLead: {
    en: 'What is yours stays with us and not on this phone, so nothing can be shown now. It comes back with the connection.',
    es: 'Lo suyo queda con nosotros y no en este teléfono, así que ahora no se puede mostrar nada. Volverá con la conexión.',
  },
  again: { en: 'Try again', es: 'Intentar de nuevo' },

  helpTitle: { en: 'Help on this phone', es: 'Ayuda en este teléfono' },
  close: { en: 'Close', es: 'Cerrar' },
  pointAt: {
    en: 'Point the camera at the QR code of the support screen.',
    es: 'Apunta la cámara al QR de la pantalla de soporte.',
  },
  cameraStarts: { en: 'Starting the camera …', es: 'Abriendo la cámara …' },
  cameraRefused: {
    en: 'This app may not use the camera. Allow it in the settings of your phone, or type the short code that stands beside the QR.',
    es: 'Esta app no puede usar la cámara. Permítelo en los ajustes del teléfono, o escribe el código corto que está junto al QR.',
  },
  cameraAbsent: {
    en: 'No camera was found here. Type the short code that stands beside the QR.',
    es: 'Aquí no hay cámara. Escribe el código corto que está junto al QR.',
  },
  cameraBroken: {
    en: 'The camera does not start. Close other apps that use it, or type the short code that stands beside the QR.',
    es: 'La cámara no se abre. Cierra otras apps que la usen, o escribe el código corto que está junto al QR.',
  },
  notOurs: {
    en: 'That QR code is not of this app. Point at the one of the support screen.',
    es: 'Ese QR no es de esta app. Apunta al de la pantalla de soporte.',
  },
  shortCode: { en: 'Short code', es: 'Código corto' },
  shortCodeHint: {
    en: '8 characters, like K7Q2-M9XD. It stands beside the QR code.',
    es: '8 caracteres, como K7Q2-M9XD. Está junto al código QR.',
  },
  shortCodeWrong: {
    en: 'A short code has 8 letters and numbers. Look at the support screen again.',
    es: 'Un código corto tiene 8 letras y números. Mira de nuevo la pantalla de soporte.',
  },
  goOn: { en: 'Go on', es: 'Continuar' },
  followed: { en: 'You opened a link of Acme support', es: 'Abriste un enlace del soporte de Acme' },
  followedLead: {
    en: 'It opens somebody’s account on this phone, if you are the agent who is helping them. Only go on if you are looking at the support screen now.',
    es: 'Abre la cuenta de alguien en este teléfono, si eres el agente que le ayuda. Continúa solo si estás mirando la pantalla de soporte ahora.',
  },
  notMe: { en: 'This was not me', es: 'No fui yo' },
  going: { en: 'Asking Amparo …', es: 'Preguntando a Amparo …' },
  failed: { en: 'Nothing was opened', es: 'No se abrió nada' },
  declined: {
    en: 'Support was told. Nothing was opened on this phone.',
    es: 'Se avisó a soporte. En este teléfono no se abrió nada.',
  },
  silent: {
    en: 'Amparo does not answer from here. Look at the connection of this phone, then try again.',
    es: 'Amparo no contesta desde aquí. Mira la conexión de este teléfono e inténtalo de nuevo.',
  },
  spent: {
    en: 'This way in can no longer be used. Scan the code that the support screen shows now.',
    es: 'Esta entrada ya no se puede usar. Escanea el código que muestra ahora la pantalla de soporte.',
  },
  noKeys: {
    en: 'This browser keeps no keys, so nothing can be opened in it. Try another one.',
    es: 'Este navegador no guarda claves, así que aquí no se puede abrir nada. Prueba con otro.',
  },
  noScript: {
    en: 'This page needs JavaScript: the key of this phone is made by it.',
    es: 'Esta página necesita JavaScript: con él se crea la clave de este teléfono.',
  },
} as const satisfies Record<string, Both>

export const words = wordsOf(texts)
