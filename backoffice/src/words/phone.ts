/** What the page with the QR code says, both languages side by side. */
import type { Bilingual } from '@amparo/contract/words'
import { addWords } from './late.ts'

export const phoneWords = {
  'phone.title': { en: 'Open the app as {user}', es: 'Abre la app como {user}' },
  'phone.whose': {
    en: 'Opens {user}’s app on your test phone. It does not repair theirs.',
    es: 'Abre la app de {user} en tu teléfono de pruebas. No arregla el suyo.',
  },
  'phone.step1': { en: 'Open the app on the phone.', es: 'Abre la app en el teléfono.' },
  'phone.step2': { en: 'Tap “Scan QR code”.', es: 'Toca «Escanear QR».' },
  'phone.step3': { en: 'Point it here.', es: 'Apunta aquí.' },
  'phone.step3typed': {
    en: 'Or tap “Enter code” and type the short code.',
    es: 'O toca «Escribir código» y escribe el código corto.',
  },
  'phone.here1': {
    en: 'You are looking at this on a phone: nothing has to be scanned.',
    es: 'Estás mirando esto en un teléfono: no hace falta escanear nada.',
  },
  'phone.here2': {
    en: 'Open the app with the button below, then come back and type its two numbers here.',
    es: 'Abre la app con el botón de abajo y luego vuelve y escribe aquí sus dos números.',
  },
  'phone.openHere': { en: 'Open in the app', es: 'Abrir en la app' },
  'phone.alt': {
    en: 'QR code to open the app. Instead of scanning, type the code {code}.',
    es: 'Código QR para abrir la app. En vez de escanear, escribe el código {code}.',
  },
  'phone.short': { en: 'Short code', es: 'Código corto' },
  'phone.next': { en: 'A new code in {time}', es: 'Código nuevo en {time}' },
  'phone.until': {
    en: 'Shown until {time}, then press “Show a new code”.',
    es: 'Se muestra hasta las {time}; después pulsa «Mostrar otro código».',
  },
  'phone.minute': {
    en: 'One minute left. After that, show a new code.',
    es: 'Queda un minuto. Después, muestra otro código.',
  },
  'phone.larger': { en: 'Larger', es: 'Más grande' },
  'phone.smaller': { en: 'Smaller', es: 'Más pequeño' },
  'phone.new': { en: 'Show a new code', es: 'Mostrar otro código' },
  'phone.send': { en: 'Send the link to my phone', es: 'Enviar el enlace a mi teléfono' },
  'phone.sent': {
    en: 'On its way to you: {where}. The link works until {time}.',
    es: 'Va en camino: {where}. El enlace sirve hasta las {time}.',
  },
  'phone.instead': {
    en: 'The link has not reached your phone so far. Scan the code, or type the short one: they open the same.',
    es: 'El enlace aún no ha llegado a tu teléfono. Escanea el código o escribe el corto: abren lo mismo.',
  },
  'phone.sendAgain': { en: 'You can send it again in {time}.', es: 'Puedes enviarlo de nuevo en {time}.' },
  'phone.finish': { en: 'Finish process', es: 'Finalizar proceso' },
  'phone.finishHint': { en: 'Ends the whole help of {user}.', es: 'Termina toda la ayuda a {user}.' },
  'phone.close': { en: 'Close this code', es: 'Cerrar este código' },
  'phone.closeOpen': { en: 'Close the app', es: 'Cerrar la app' },
  'phone.closeHint': { en: 'The help goes on.', es: 'La ayuda sigue.' },
  'phone.claimed': {
    en: 'A phone has scanned this code. Type the two numbers it shows.',
    es: 'Un teléfono escaneó este código. Escribe los dos números que muestra.',
  },
  'phone.device': { en: '{device}, {time}', es: '{device}, {time}' },
  'phone.deviceNew': {
    en: 'You have not used this phone before. Look at it while you type.',
    es: 'No has usado antes este teléfono. Míralo mientras escribes.',
  },
  'phone.deviceKnown': { en: 'You have used this phone before.', es: 'Ya has usado este teléfono.' },
  'phone.digits': { en: 'The two numbers on the phone', es: 'Los dos números del teléfono' },
  'phone.match': { en: 'Open the app', es: 'Abrir la app' },
  'phone.once': {
    en: 'One try. Wrong numbers close this code and that phone.',
    es: 'Un intento. Si no coinciden, se cierran este código y ese teléfono.',
  },
  'phone.covered': {
    en: 'This code is used. Nobody else can scan it.',
    es: 'Este código ya se usó. Nadie más puede escanearlo.',
  },
  'phone.left': { en: '{time} left', es: 'Quedan {time}' },
  'phone.matched': { en: 'Those are the numbers. The phone goes on …', es: 'Coinciden. El teléfono continúa …' },
  'phone.open': { en: 'Opened on {device}, {time}', es: 'Abierta en {device}, {time}' },
  'phone.openWhere': {
    en: 'The app shows {user}’s account, with both names over it. It closes when the help ends.',
    es: 'La app muestra la cuenta de {user}, con los dos nombres encima. Se cierra cuando termina la ayuda.',
  },
  'phone.why.expired': { en: 'This code has gone. Show a new one.', es: 'Este código caducó. Muestra otro.' },
  'phone.why.unanswered': {
    en: 'Nobody went on in time, so that phone was closed. Show a new code.',
    es: 'Nadie continuó a tiempo, así que ese teléfono se cerró. Muestra otro código.',
  },
  'phone.why.declined': {
    en: 'Whoever scanned it said that it was not them. If it was not your phone, report it.',
    es: 'Quien lo escaneó dijo que no fue. Si no era tu teléfono, avisa.',
  },
  'phone.why.wrong_digits': {
    en: 'Those numbers are different. We closed both sides. If it was not your phone, report it.',
    es: 'Los números no coinciden. Cerramos ambos lados. Si no era tu teléfono, avisa.',
  },
  'phone.why.replaced': {
    en: 'This code was replaced by a newer one.',
    es: 'Este código se cambió por otro más nuevo.',
  },
  'phone.why.closed': { en: 'You closed this code.', es: 'Cerraste este código.' },
  'phone.why.ended': {
    en: 'The help has ended. The phone shows nothing of the account any more.',
    es: 'La ayuda terminó. El teléfono ya no muestra nada de la cuenta.',
  },
  'phone.wasOpen': { en: 'Closed on {device}.', es: 'Cerrada en {device}.' },
  'phone.tries': {
    en: '{count, plural, one {# more try} other {# more tries}} before the app stays closed in this help.',
    es: '{count, plural, one {Queda # intento} other {Quedan # intentos}} antes de que la app quede cerrada en esta ayuda.',
  },
  'phone.noMore': {
    en: 'The numbers were wrong three times: the app stays closed in this help.',
    es: 'Los números no coincidieron tres veces: la app queda cerrada en esta ayuda.',
  },
  'phone.none': { en: 'No code is shown now.', es: 'Ahora no se muestra ningún código.' },
  'phone.back': { en: 'Back to the help', es: 'Volver a la ayuda' },
} as const satisfies Record<string, Bilingual>

addWords(phoneWords)
