/** What is said about signing in and about one's own factors. Both languages side by side; the agent is "you". */
import type { Bilingual } from '@amparo/contract/words'

export const sessionWords = {
  'signIn.at': { en: 'Sign in at {name}', es: 'Iniciar sesión en {name}' },
  'signIn.lockedUntil': {
    en: 'Too many failed sign-ins for this address. Try again after {time}, or ask your administrator for a sign-in link.',
    es: 'Demasiados intentos con este correo. Inténtalo después de las {time}, o pide a tu administrador un enlace de acceso.',
  },
  'failed.before': {
    en: '{count, plural, one {One failed sign-in} other {# failed sign-ins}} with your address since {since}, the last one {last} from {from}. It was not you? Tell your supervisor and change your password.',
    es: '{count, plural, one {Un intento fallido} other {# intentos fallidos}} con tu correo desde {since}; el último, {last}, desde {from}. ¿No fuiste tú? Avisa a tu supervisor y cambia tu contraseña.',
  },
  'failed.somewhere': { en: 'an unknown place', es: 'un lugar desconocido' },
  'failed.seen': { en: 'I have read this', es: 'Lo he leído' },
  'welcome.title': { en: 'Welcome, {name}', es: 'Te damos la bienvenida, {name}' },
  'welcome.lead': {
    en: 'Choose the password for {email}. This link works once.',
    es: 'Elige la contraseña de {email}. Este enlace sirve una sola vez.',
  },
  'welcome.password': { en: 'New password', es: 'Contraseña nueva' },
  'welcome.hint': {
    en: 'At least 15 characters. A short sentence is easy to remember.',
    es: '15 caracteres como mínimo. Una frase corta es fácil de recordar.',
  },
  'welcome.go': { en: 'Set the password and sign in', es: 'Guardar la contraseña y entrar' },
  'welcome.dead': { en: 'This sign-in link no longer works', es: 'Este enlace de acceso ya no funciona' },
  'welcome.deadText': {
    en: 'A link works once and for a day. Ask your administrator for a new one.',
    es: 'Cada enlace sirve una vez y durante un día. Pide uno nuevo a tu administrador.',
  },
  'welcome.toSignIn': { en: 'Go to the sign-in page', es: 'Ir a la página de inicio de sesión' },
  'offer.title': { en: 'Prove who you are with one touch', es: 'Demuestra quién eres con un toque' },
  'offer.text': {
    en: 'With a passkey, your fingerprint, face or PIN takes the place of the code by email. There is nothing that anybody on the phone could ask you for.',
    es: 'Con una llave de acceso, tu huella, tu cara o tu PIN sustituyen al código por correo. No hay nada que alguien pueda pedirte por teléfono.',
  },
  'offer.add': { en: 'Add a passkey', es: 'Añadir una llave de acceso' },
  'offer.later': { en: 'Not now', es: 'Ahora no' },
  'factors.lead': {
    en: 'For each person you help you show anew that it is you. The first of these that you have is asked for.',
    es: 'Con cada persona a la que ayudas demuestras de nuevo que eres tú. Se pide lo primero que tengas de esta lista.',
  },
  'factors.passkeys': { en: 'Passkeys', es: 'Llaves de acceso' },
  'factors.noPasskey': {
    en: 'None yet. A passkey is the safest way and the quickest.',
    es: 'Ninguna todavía. Una llave de acceso es lo más seguro y lo más rápido.',
  },
  'factors.added': { en: 'Added {date}', es: 'Añadida {date}' },
  'factors.used': { en: 'last used {date}', es: 'último uso {date}' },
  'factors.addPasskey': { en: 'Add a passkey', es: 'Añadir una llave de acceso' },
  'factors.impossible': {
    en: 'This browser cannot make passkeys. Use another one, or an authenticator app.',
    es: 'Este navegador no puede crear llaves de acceso. Usa otro, o una aplicación de códigos.',
  },
  'factors.cancelled': {
    en: 'Nothing was added: the prompt was closed, or this device has a passkey of yours already.',
    es: 'No se añadió nada: el aviso se cerró, o este equipo ya tiene una llave de acceso tuya.',
  },
  'factors.name': { en: 'Name of this passkey', es: 'Nombre de esta llave de acceso' },
  'factors.rename': { en: 'Rename', es: 'Cambiar el nombre' },
  'factors.renameOf': { en: 'Rename {name}', es: 'Cambiar el nombre de {name}' },
  'factors.save': { en: 'Save', es: 'Guardar' },
  'factors.back': { en: 'Go back', es: 'Volver' },
  'factors.remove': { en: 'Remove', es: 'Quitar' },
  'factors.removeOf': { en: 'Remove {name}', es: 'Quitar {name}' },
  'factors.app': { en: 'Authenticator app', es: 'Aplicación de códigos' },
  'factors.appOn': {
    en: 'Set up. Its six digits change every 30 seconds.',
    es: 'Configurada. Sus seis cifras cambian cada 30 segundos.',
  },
  'factors.appOff': {
    en: 'Not set up. An app on your phone shows six digits, also without a network.',
    es: 'Sin configurar. Una aplicación de tu teléfono muestra seis cifras, también sin red.',
  },
  'factors.addApp': { en: 'Set up an app', es: 'Configurar una aplicación' },
  'factors.scan': {
    en: 'Scan this with your authenticator app, or type the key into it.',
    es: 'Escanea esto con tu aplicación de códigos, o escribe la clave en ella.',
  },
  'factors.qr': { en: 'QR code for your authenticator app', es: 'Código QR para tu aplicación de códigos' },
  'factors.key': { en: 'Key', es: 'Clave' },
  'factors.appCode': { en: 'The six digits that the app shows', es: 'Las seis cifras que muestra la aplicación' },
  'factors.confirm': { en: 'Confirm', es: 'Confirmar' },
  'factors.code': { en: 'Code by email', es: 'Código por correo' },
  'factors.codeText': {
    en: 'Always there, to {email}. It is the weakest of the three.',
    es: 'Siempre disponible, a {email}. Es lo más débil de las tres cosas.',
  },
  'factors.password': { en: 'Password', es: 'Contraseña' },
  'factors.changePassword': { en: 'Change the password', es: 'Cambiar la contraseña' },
  'factors.oldPassword': { en: 'Present password', es: 'Contraseña actual' },
  'factors.passwordChanged': {
    en: 'The password was changed. Every other browser where you were signed in is signed out.',
    es: 'La contraseña cambió. En los demás navegadores se cerró tu sesión.',
  },
  'again.title': { en: 'Show again that it is you', es: 'Demuestra de nuevo que eres tú' },
  'again.text': {
    en: 'Whoever changes this decides who can help in your name.',
    es: 'Quien cambia esto decide quién puede ayudar en tu nombre.',
  },
  'again.passkey': { en: 'Use a passkey', es: 'Usar una llave de acceso' },
  'again.password': { en: 'Your password', es: 'Tu contraseña' },
  'again.go': { en: 'Go on', es: 'Continuar' },
  'again.app': { en: 'Code of your app', es: 'Código de tu aplicación' },
  'again.signIn': {
    en: 'Sign out and in again; within five minutes of that you can change this.',
    es: 'Cierra la sesión y vuelve a entrar; durante cinco minutos podrás cambiar esto.',
  },
  'again.factor': {
    en: 'Your company asks for a passkey or an authenticator app here. Add one in your settings, then come back.',
    es: 'Tu empresa pide aquí una llave de acceso o una aplicación de códigos. Añade una en tus ajustes y vuelve.',
  },
  'first.title': { en: 'One code, this once', es: 'Un código, solo esta vez' },
  'first.text': {
    en: 'Your first passkey or app decides who can help in your name. So we make sure once that it is you: type the code that we send to your own address.',
    es: 'Tu primera llave de acceso o aplicación decide quién puede ayudar en tu nombre. Por eso comprobamos una vez que eres tú: escribe el código que enviamos a tu correo.',
  },
  'first.none': {
    en: 'Nothing there after a minute? Look among unwanted mail, and send it again. If none arrives, ask your administrator to vouch for you.',
    es: '¿No llega en un minuto? Mira en el correo no deseado y envíalo de nuevo. Si no llega ninguno, pide a tu administrador que responda por ti.',
  },
  'elsewhere.title': { en: 'You seem to be somewhere else', es: 'Parece que estás en otro sitio' },
  'elsewhere.text': {
    en: 'This is another browser or network than before, or than the one you are helping from. Confirm that it is you, and you are back where you were: nothing was ended, and the help you have open goes on.',
    es: 'Este navegador o esta red no son los de antes, o no son los de la ayuda que tienes abierta. Confirma que eres tú y vuelves a donde estabas: no se ha cerrado nada y la ayuda sigue.',
  },
  'elsewhere.go': { en: 'Confirm', es: 'Confirmar' },
  'elsewhere.code': {
    en: 'You have neither a passkey nor an app yet: a code shows it, by email to {to}.',
    es: 'Todavía no tienes llave de acceso ni aplicación: lo demuestra un código, por correo a {to}.',
  },
  'elsewhere.sent': { en: 'A code is on its way to {to}.', es: 'Un código va de camino a {to}.' },
  'elsewhere.lockedUntil': {
    en: 'Too many wrong proofs. Try again after {time}.',
    es: 'Demasiadas pruebas incorrectas. Inténtalo después de las {time}.',
  },
  'elsewhere.none': {
    en: 'Your authenticator app was switched off after many wrong codes. Ask your administrator to remove it; then you can set it up anew.',
    es: 'Tu aplicación de códigos se desactivó tras muchos códigos incorrectos. Pide a tu administrador que la quite; después podrás configurarla de nuevo.',
  },
  'elsewhere.notYou': {
    en: 'Is this not your browser, or can you not confirm it? Sign out: help that was begun in this session ends with it.',
    es: '¿No es tu navegador, o no puedes confirmarlo? Cierra la sesión: la ayuda que empezó en ella termina también.',
  },
  'proof.passkeyBand': { en: 'Your passkey', es: 'Tu llave de acceso' },
  'proof.appBand': { en: 'Your authenticator app', es: 'Tu aplicación de códigos' },
  'proof.passkey': {
    en: 'Your passkey shows that it is you: fingerprint, face or PIN.',
    es: 'Tu llave de acceso demuestra que eres tú: huella, cara o PIN.',
  },
  'proof.passkeyGo': { en: 'Use my passkey', es: 'Usar mi llave de acceso' },
  'proof.cancelled': {
    en: 'The prompt was closed before it was answered. Try again, or use another way.',
    es: 'El aviso se cerró sin respuesta. Inténtalo de nuevo, o usa otra forma.',
  },
  'proof.impossible': {
    en: 'This browser cannot use passkeys. Use another way.',
    es: 'Este navegador no puede usar llaves de acceso. Usa otra forma.',
  },
  'proof.app': {
    en: 'Open your authenticator app and type what it shows.',
    es: 'Abre tu aplicación de códigos y escribe lo que muestra.',
  },
  'proof.appField': { en: 'Code of your app', es: 'Código de tu aplicación' },
  'proof.toPasskey': { en: 'Use my passkey', es: 'Usar mi llave de acceso' },
  'proof.toApp': { en: 'Use my authenticator app', es: 'Usar mi aplicación de códigos' },
  'proof.onlyCode': {
    en: 'You have no other way yet. Ask your administrator to vouch for you, then add a passkey or an authenticator app in your settings: it counts at once. If you cannot, ask your supervisor or a colleague to take the call.',
    es: 'Todavía no tienes otra forma. Pide a tu administrador que responda por ti y añade en tus ajustes una llave de acceso o una aplicación de códigos: vale enseguida. Si no puedes, pide a tu supervisor o a un colega que atienda la llamada.',
  },
  'proof.toSettings': { en: 'Open my settings', es: 'Abrir mis ajustes' },
  'proof.toCode': { en: 'Send me a code by email', es: 'Enviarme un código por correo' },
} as const satisfies Record<string, Bilingual>
