/**
 * Every refusal that Amparo can give, with its HTTP status and what the reader is told, in both languages.
 * A refusal that is not in this table cannot be returned: the door takes `Refusal`, and nothing else compiles.
 */
import type { Bilingual } from './words.ts'

const rows = {
  'assistance.unknown': [
    404,
    'There is no such assistance, or it is not yours.',
    'Esa asistencia no existe o no es tuya.',
  ],
  'assistance.out_of_order': [
    409,
    'Another step comes first. Look at what can be done now.',
    'Antes falta otro paso. Mira qué se puede hacer ahora.',
  ],
  'assistance.closed': [
    410,
    'This assistance has ended. Start a new one.',
    'Esta asistencia ha terminado. Empieza una nueva.',
  ],
  'assistance.changed': [
    409,
    'Somebody changed this a moment ago. Look again and repeat.',
    'Alguien cambió esto hace un momento. Mira de nuevo y repite.',
  ],
  'access.switched_off': [
    503,
    'Assisted access is switched off for now. A supervisor switches it on again.',
    'El acceso asistido está cortado por ahora. Un supervisor lo restablece.',
  ],
  'cutoff.unknown': [
    404,
    'That is not switched off any more. Look at the list again.',
    'Eso ya no está cortado. Mira la lista otra vez.',
  ],
  'cutoff.held': [
    409,
    'Somebody still holds help that this has ended, and it would live again. Nothing was switched on: try again in a moment.',
    'Alguien retiene aún una ayuda que esto terminó, y volvería a vivir. No se restableció nada: inténtalo de nuevo en un momento.',
  ],
  'cutoff.standing': [409, 'That is switched off already.', 'Eso ya está cortado.'],
  'power.not_offered': [
    409,
    'No product that is open now can hold this back by itself, so it cannot be asked for. Open the product first.',
    'Ningún producto abierto ahora puede limitar esto por separado, así que no se puede pedir. Abre antes el producto.',
  ],
  'power.standing': [409, 'The user has agreed to that already.', 'El usuario ya aceptó eso.'],
  'power.never': [403, 'Nobody may do that for a user.', 'Eso no lo puede hacer nadie por un usuario.'],
  'power.page_only': [
    422,
    'For this the user has to say yes on their page. Ask them to open the link, and type the two digits.',
    'Para esto el usuario debe decir que sí en su página. Pídele que abra el enlace y escribe las dos cifras.',
  ],
  'contact.changed_lately': [
    409,
    'This person’s e-mail or phone changed a short while ago, and nothing may be sent there yet. Ask a supervisor.',
    'El correo o el teléfono de esta persona cambió hace poco y todavía no se le puede escribir ahí. Consulta a un supervisor.',
  ],
  'agent.unknown': [401, 'Sign in first.', 'Primero inicia sesión.'],
  'agent.wrong_sign_in': [
    401,
    'That e-mail and password do not belong together.',
    'Ese correo y esa contraseña no corresponden.',
  ],
  'agent.locked': [
    429,
    'Too many failed sign-ins for this address. Wait, or ask your administrator for a sign-in link.',
    'Demasiados intentos de inicio de sesión con este correo. Espera, o pide a tu administrador un enlace de acceso.',
  ],
  'agent.elsewhere': [
    409,
    'You sign in at your company’s own page. Use its button.',
    'Inicias sesión en la página de tu empresa. Usa su botón.',
  ],
  'agent.other_place': [
    403,
    'You seem to be somewhere else. Confirm that it is you; nothing of yours was ended.',
    'Parece que estás en otro sitio. Confirma que eres tú; no se ha cerrado nada tuyo.',
  ],
  'agent.busy': [
    409,
    'You are already helping somebody. Finish or cancel that first.',
    'Ya estás ayudando a alguien. Termina o cancela eso primero.',
  ],
  'agent.not_allowed': [
    403,
    'Your role does not include this. Ask your administrator.',
    'Tu función no incluye esto. Pide ayuda a tu administrador.',
  ],
  'agent.self': [
    403,
    'Nobody can assist themself. Ask a colleague.',
    'Nadie puede asistirse a sí mismo. Pide ayuda a un colega.',
  ],
  'agent.outside_hours': [
    403,
    'Help is given within working hours only. Ask your supervisor.',
    'La ayuda se da solo en horas de trabajo. Pregunta a tu supervisor.',
  ],
  'user.not_assistable': [
    409,
    'This person cannot be helped here; the reason is shown beside their name.',
    'A esta persona no se la puede ayudar aquí; el motivo está junto a su nombre.',
  ],
  'ecosystem.support_off': [
    403,
    'The owner of this ecosystem has switched support access off. They switch it on in their own settings.',
    'El titular de este ecosistema ha desactivado el acceso de soporte. Lo activa en sus propios ajustes.',
  ],
  'ecosystem.unknown': [
    404,
    'This person is in no such ecosystem. Choose one of those shown.',
    'Esta persona no está en ese ecosistema. Elige uno de los que se muestran.',
  ],
  'approval.needed': [
    409,
    'Somebody else has to say yes first. They have been asked; this goes on as soon as they answer.',
    'Antes tiene que decir sí otra persona. Ya se le ha preguntado; esto sigue en cuanto responda.',
  ],
  'approval.refused': [
    403,
    'Whoever was asked said no. Ask for less, or talk to your supervisor.',
    'Quien fue preguntado dijo que no. Pide menos, o habla con tu supervisor.',
  ],
  'approval.unknown': [
    404,
    'There is nothing of the kind to answer, or it has ended.',
    'No hay nada así que responder, o ya terminó.',
  ],
  'approval.answered': [409, 'This has been answered already.', 'Esto ya fue respondido.'],
  'approval.own': [
    403,
    'Nobody decides about their own help. Another supervisor has to.',
    'Nadie decide sobre su propia ayuda. Tiene que hacerlo otro supervisor.',
  ],
  'approval.weak': [
    403,
    'Your company asks for a stronger proof before a yes. Use your passkey or your authenticator app.',
    'Tu empresa pide una prueba más fuerte antes de un sí. Usa tu llave de acceso o tu aplicación de códigos.',
  ],
  'fresh.needed': [
    403,
    'Show again that it is you: a yes takes a fresh proof.',
    'Demuestra de nuevo que eres tú: un sí pide una prueba reciente.',
  ],
  'alert.unknown': [404, 'There is no such alert.', 'No existe ese aviso.'],
  'review.unknown': [404, 'There is nothing to review there.', 'Ahí no hay nada que revisar.'],
  'review.answered': [409, 'This review is closed.', 'Esta revisión está cerrada.'],
  'glass.not_allowed': [
    403,
    'Looking without a consent is not allowed here, or not to you.',
    'Mirar sin consentimiento no está permitido aquí, o no a ti.',
  ],
  'glass.review_open': [
    409,
    'What you last looked at without a consent has not been reviewed. That comes first.',
    'Lo último que miraste sin consentimiento no se ha revisado. Eso va primero.',
  ],
  'code.page_only': [
    403,
    'For this the user has to say yes on their page. A code read aloud is not enough.',
    'Para esto el usuario tiene que decir sí en su página. Un código leído en voz alta no basta.',
  ],
  'handover.not_offered': [
    409,
    'Nobody offers this to be taken over, or somebody else is taking it over.',
    'Nadie ofrece esto para tomarlo, o ya lo está tomando otra persona.',
  ],
  'code.wrong': [422, 'That code is not right. Try again.', 'Ese código no es correcto. Inténtalo de nuevo.'],
  'code.earlier': [422, 'That is an earlier code. Use the newest one.', 'Ese código es anterior. Usa el más reciente.'],
  'code.own': [
    422,
    'That is your own code. Type the one that the user reads to you.',
    'Ese es tu propio código. Escribe el que te lee el usuario.',
  ],
  'code.spent': [
    422,
    'That code can no longer be used. Ask for a new one.',
    'Ese código ya no se puede usar. Pide uno nuevo.',
  ],
  'code.expired': [422, 'That code is no longer valid. Ask for a new one.', 'Ese código ya no sirve. Pide uno nuevo.'],
  'code.not_sent': [409, 'No code is waiting. Send one first.', 'No hay ningún código en espera. Envía uno primero.'],
  'code.too_soon': [
    429,
    'A code was sent a moment ago. Wait until you can send another.',
    'Se envió un código hace un momento. Espera hasta poder enviar otro.',
  ],
  'code.no_more': [
    429,
    'No more codes can be sent in this assistance. Cancel and start again.',
    'No se pueden enviar más códigos en esta asistencia. Cancela y empieza de nuevo.',
  ],
  'code.no_more_today': [
    429,
    'Too many of these codes were sent to you. If you help people: begin a help, type your own code there, and try again while it is open. Otherwise try again tomorrow, or ask your administrator to vouch for you. You did not ask for them? Change your password and tell your supervisor.',
    'Se te enviaron demasiados códigos de estos. Si ayudas a personas: empieza una ayuda, escribe allí tu propio código e inténtalo de nuevo mientras siga abierta. Si no, inténtalo mañana o pide a tu administrador que responda por ti. ¿No los pediste tú? Cambia tu contraseña y avisa a tu supervisor.',
  ],
  'code.no_more_here': [
    429,
    'No more codes can be sent here. Sign out and sign in again.',
    'No se pueden enviar más códigos aquí. Cierra la sesión y vuelve a entrar.',
  ],
  'totp.used': [
    422,
    'That code was used already. Wait for the next one in your app.',
    'Ese código ya se usó. Espera el siguiente de tu aplicación.',
  ],
  'totp.spent': [
    422,
    'Too many wrong codes from the app in this assistance. Use another way.',
    'Demasiados códigos incorrectos de la aplicación en esta asistencia. Usa otra forma.',
  ],
  'totp.not_enrolled': [
    409,
    'You have no authenticator app here. Use another way, or add one in Settings.',
    'No tienes aquí una aplicación de códigos. Usa otra forma, o añade una en Ajustes.',
  ],
  'totp.disabled': [
    409,
    'Your authenticator app was switched off after many wrong codes. Use another way, and add it again in Settings.',
    'Tu aplicación de códigos se desactivó tras muchos códigos incorrectos. Usa otra forma y añádela de nuevo en Ajustes.',
  ],
  'totp.elsewhere': [
    409,
    'The server that answered cannot read your authenticator app yet: its keys are being exchanged. Nothing was counted. Use another way, or try again in a few minutes.',
    'El servidor que respondió aún no puede leer tu aplicación de códigos: se están cambiando sus claves. No se contó nada. Usa otra forma, o inténtalo de nuevo en unos minutos.',
  ],
  'totp.not_begun': [
    409,
    'There is no new secret to confirm. Begin again.',
    'No hay ninguna clave nueva que confirmar. Empieza de nuevo.',
  ],
  'passkey.unknown': [
    422,
    'That passkey is not one of yours here. Use another way.',
    'Esa llave de acceso no es una de las tuyas aquí. Usa otra forma.',
  ],
  'passkey.wrong': [
    422,
    'That passkey could not be checked. Try again, or use another way.',
    'No se pudo comprobar esa llave de acceso. Inténtalo de nuevo o usa otra forma.',
  ],
  'passkey.expired': [
    422,
    'That took too long, or was done already. Press the button again.',
    'Tardó demasiado, o ya se había hecho. Pulsa el botón de nuevo.',
  ],
  'passkey.not_enrolled': [
    409,
    'You have no passkey here. Use another way, or add one in Settings.',
    'No tienes aquí una llave de acceso. Usa otra forma, o añade una en Ajustes.',
  ],
  'passkey.too_many': [
    409,
    'Ten passkeys are enough. Remove one first.',
    'Diez llaves de acceso bastan. Quita una primero.',
  ],
  'proof.too_weak': [
    403,
    'For this, a code by message is not enough. Leave it out, or start again with a passkey or your authenticator app.',
    'Para esto no basta un código por mensaje. Déjalo fuera, o empieza de nuevo con una llave de acceso o tu aplicación de códigos.',
  ],
  'proof.stronger': [
    403,
    'You have a passkey or an authenticator app: use it here. Without it, sign out and sign in again.',
    'Tienes una llave de acceso o una aplicación de códigos: úsala aquí. Si no la tienes a mano, cierra la sesión y vuelve a entrar.',
  ],
  'fresh.wrong': [
    422,
    'That does not show that it is you. Try again, or use another way.',
    'Eso no demuestra que seas tú. Inténtalo de nuevo o usa otra forma.',
  ],
  'fresh.factor': [
    403,
    'You have a passkey or an authenticator app: show one of them to change this. If you lost both, ask your administrator to remove them.',
    'Tienes una llave de acceso o una aplicación de códigos: para cambiar esto, muestra una de las dos. Si perdiste ambas, pide a tu administrador que las quite.',
  ],
  'fresh.mailbox': [
    403,
    'Your first passkey or app takes a code that we send to your address. Send it, type it here, and try again.',
    'Tu primera llave de acceso o aplicación pide un código que enviamos a tu correo. Envíalo, escríbelo aquí e inténtalo de nuevo.',
  ],
  'fresh.expired': [
    422,
    'Your sign-in is too long ago for this. Show again that it is you, or sign in again.',
    'Hace demasiado que iniciaste sesión. Demuestra de nuevo que eres tú, o inicia sesión otra vez.',
  ],
  'password.too_weak': [
    422,
    'Choose a longer password: at least 15 characters, and neither your name, your address nor one thing repeated.',
    'Elige una contraseña más larga: 15 caracteres como mínimo, sin tu nombre, tu correo ni algo repetido.',
  ],
  'invite.unknown': [
    404,
    'This sign-in link no longer works. Ask your administrator for a new one.',
    'Este enlace de acceso ya no funciona. Pide uno nuevo a tu administrador.',
  ],
  'match.wrong': [
    422,
    'Those are not the two digits on the page. Ask the user to tap again.',
    'No son las dos cifras de la página. Pide al usuario que toque de nuevo.',
  ],
  'match.not_asked': [
    409,
    'The user has not said yes on the page. Ask them to, or type the code they read to you.',
    'El usuario no ha dicho que sí en la página. Pídeselo, o escribe el código que te lea.',
  ],
  'pair.locked': [
    429,
    'You cannot help this person for a while.',
    'Durante un tiempo no puedes ayudar a esta persona.',
  ],
  'rate.limited': [
    429,
    'Too many requests. Wait a little and repeat.',
    'Demasiadas peticiones. Espera un poco y repite.',
  ],
  'surface.not_offered': [
    403,
    'That product is not offered for this person in this ecosystem.',
    'Ese producto no está disponible para esta persona en este ecosistema.',
  ],
  'surface.not_ready': [
    409,
    'That product does not accept assisted sessions yet.',
    'Ese producto todavía no acepta sesiones asistidas.',
  ],
  'surface.not_open': [409, 'That product is not open.', 'Ese producto no está abierto.'],
  'power.not_granted': [
    403,
    'The user has not allowed this. Only they can do it, or ask them for it.',
    'El usuario no ha permitido esto. Solo puede hacerlo él, o pídeselo.',
  ],
  'surface.not_here': [
    403,
    'Ecosystem Admin opens no product. Finish this, and start Technical Assistance for that.',
    'Administración del ecosistema no abre ningún producto. Termina esto y empieza una Asistencia técnica.',
  ],
  'succession.not_here': [
    403,
    'Technical Assistance shows no succession. Finish this, and start Ecosystem Admin for that.',
    'La Asistencia técnica no muestra sucesiones. Termina esto y empieza Administración del ecosistema.',
  ],
  'succession.off': [
    503,
    'Ecosystem Admin is switched off: the views of the successions cannot be read. The rest works. Tell your administrator.',
    'Administración del ecosistema está apagada: no se pueden leer las vistas de las sucesiones. Lo demás funciona. Avisa a tu administrador.',
  ],
  'succession.none': [
    404,
    'There is no succession in this ecosystem that this person takes part in.',
    'En este ecosistema no hay ninguna sucesión en la que participe esta persona.',
  ],
  'succession.unknown_step': [
    404,
    'This succession has no such entry. Look at the list again.',
    'Esta sucesión no tiene esa entrada. Mira la lista de nuevo.',
  ],
  'succession.act_not_offered': [
    409,
    'This cannot be done here: the vendor does not offer it, or it does not fit this step.',
    'Esto no se puede hacer aquí: el proveedor no lo ofrece, o no corresponde a este paso.',
  ],
  'succession.never': [
    403,
    'Support never does this in a succession: it shows, explains and asks for a release. The people concerned decide.',
    'Soporte nunca hace esto en una sucesión: muestra, explica y pide un desbloqueo. Deciden las personas afectadas.',
  ],
  'release.not_blocked': [
    409,
    'Nothing is blocked now: there is nothing to release.',
    'Ahora no hay nada bloqueado que desbloquear.',
  ],
  'release.on_hold': [
    409,
    'The process is on hold: while the owner objects or is active, nothing can be released.',
    'El proceso está en espera: mientras el titular se oponga o esté activo, no se puede desbloquear.',
  ],
  'release.final': [
    409,
    'This decision cannot be released from here: the review team decides.',
    'Esta decisión no se puede desbloquear desde aquí: decide el equipo de revisión.',
  ],
  'release.pending': [
    409,
    'A release has been asked for already and waits for its answer.',
    'Ya se pidió un desbloqueo y se espera la respuesta.',
  ],
  'release.not_offered': [
    409,
    'This installation takes no release requests: neither the function nor the address for them is there.',
    'Esta instalación no admite desbloqueos: no existe ni la función ni la dirección para pedirlos.',
  ],
  'launch.unknown': [
    404,
    'There is no such launch. Press the button again.',
    'Ese acceso no existe. Pulsa el botón de nuevo.',
  ],
  'launch.spent': [
    410,
    'That launch was used already. Press the button again.',
    'Ese acceso ya se usó. Pulsa el botón de nuevo.',
  ],
  'launch.expired': [
    410,
    'That launch is too old. Press the button again.',
    'Ese acceso caducó. Pulsa el botón de nuevo.',
  ],
  'launch.other_user': [
    403,
    'That launch is for another user. Press the button again.',
    'Ese acceso es de otro usuario. Pulsa el botón de nuevo.',
  ],
  'launch.elsewhere': [
    403,
    'That launch belongs to another browser. Press the button again in this one.',
    'Ese acceso es de otro navegador. Pulsa el botón de nuevo en este.',
  ],
  'launch.taken': [
    410,
    'A phone has scanned this code already. Show a new one on the support screen.',
    'Un teléfono ya escaneó este código. Muestra otro en la pantalla de soporte.',
  ],
  'launch.replaced': [
    410,
    'This code was replaced by a newer one. Scan the one that the support screen shows now.',
    'Este código se cambió por otro más nuevo. Escanea el que muestra ahora la pantalla de soporte.',
  ],
  'launch.too_old': [
    410,
    'This picture is more than a minute old. Scan the code that the support screen shows now.',
    'Esta imagen tiene más de un minuto. Escanea el código que muestra ahora la pantalla de soporte.',
  ],
  'launch.closed': [
    410,
    'This code was closed. Show a new one on the support screen.',
    'Este código se cerró. Muestra otro en la pantalla de soporte.',
  ],
  'launch.declined': [
    403,
    'You said that it was not you. Nothing was opened on this phone.',
    'Dijiste que no eras tú. En este teléfono no se abrió nada.',
  ],
  'launch.mismatched': [
    403,
    'Other numbers were typed on the support screen. Nothing was opened on this phone. If you do not know why, report it.',
    'En la pantalla de soporte se escribieron otros números. En este teléfono no se abrió nada. Si no sabes por qué, avisa.',
  ],
  'launch.not_scanned': [
    409,
    'No phone has scanned this code yet. Scan it, then type the two numbers that the phone shows.',
    'Ningún teléfono escaneó este código todavía. Escanéalo y escribe los dos números que muestre.',
  ],
  'launch.no_key': [
    400,
    'The app did not say which key it holds (dpop_jkt). Update the app, or tell whoever makes it.',
    'La aplicación no dijo qué clave tiene (dpop_jkt). Actualiza la aplicación o avisa a quien la hace.',
  ],
  'launch.guessing': [
    429,
    'Too many codes were typed that do not exist. Wait a minute, or scan the QR code.',
    'Se escribieron demasiados códigos que no existen. Espera un minuto o escanea el código QR.',
  ],
  'launch.no_number': [
    409,
    'There is no number on file for you. Scan the code, or ask your administrator to add your number.',
    'No hay ningún número tuyo registrado. Escanea el código o pide a tu administrador que añada tu número.',
  ],
  'launch.sent': [
    429,
    'The link was sent a moment ago. Wait until you can send another.',
    'El enlace se envió hace un momento. Espera hasta poder enviar otro.',
  ],
  'surface.no_more': [
    403,
    'The numbers were wrong three times: this product stays closed in this assistance. Report it, or start again.',
    'Los números no coincidieron tres veces: este producto queda cerrado en esta asistencia. Avisa, o empieza de nuevo.',
  ],
  'link.unknown': [
    404,
    'This link no longer works. Links work for a short time.',
    'Este enlace ya no funciona. Los enlaces sirven por poco tiempo.',
  ],
  'link.out_of_order': [
    409,
    'That can no longer be done here. Look at the page again.',
    'Eso ya no se puede hacer aquí. Mire la página otra vez.',
  ],
  'link.elsewhere': [
    403,
    'Only the phone or computer that said yes can do this.',
    'Solo puede hacerlo el teléfono o la computadora donde se dijo que sí.',
  ],
  'history.nobody': [
    409,
    'We have no address to send a code to at the moment. Call us.',
    'Ahora no tenemos adónde enviarle un código. Llámenos.',
  ],
  'objection.made': [409, 'You have told us already. We look at it.', 'Ya nos lo dijo. Lo estamos mirando.'],
  'search.invalid': [
    400,
    'The search cannot be read. Use agent:, user:, type:, assistance:, because:, after: or before:.',
    'La búsqueda no se entiende. Usa agent:, user:, type:, assistance:, because:, after: o before:.',
  ],
  'export.too_large': [
    413,
    'A PDF holds 1,000 events at the most, and this search has more. Narrow it, for example by days, or take CSV or JSON Lines.',
    'Un PDF lleva 1000 sucesos como máximo, y esta búsqueda tiene más. Acótala, por ejemplo por días, o llévate CSV o JSON Lines.',
  ],
  'figures.too_large': [
    413,
    'These days hold more than can be counted at once. Choose fewer, with after: and before: in the search.',
    'Estos días tienen más de lo que se puede contar de una vez. Elige menos, con after: y before: en la búsqueda.',
  ],
  'record.not_reached': [
    404,
    'The record has no such place, or none that was signed yet.',
    'El registro no tiene ese lugar, o aún no está firmado.',
  ],
  'record.unavailable': [
    503,
    'No help can start: the record cannot be written.',
    'No se puede empezar ninguna ayuda: el registro no se puede escribir.',
  ],
  'core.unavailable': [
    503,
    'The user database does not answer. Nothing was opened. Try again in a minute.',
    'La base de usuarios no responde. No se abrió nada. Prueba en un minuto.',
  ],
  'request.invalid': [
    400,
    'Something in the request is missing or not as expected.',
    'Algo en la petición falta o no es como se esperaba.',
  ],
  'request.too_large': [413, 'The request is too large.', 'La petición es demasiado grande.'],
  'request.cross_site': [
    403,
    'This request did not come from the console itself.',
    'Esta petición no viene de la propia consola.',
  ],
  'request.media_type': [415, 'Send JSON (application/json).', 'Envía JSON (application/json).'],
  'request.idempotency_key': [
    400,
    'Idempotency-Key must be 8 to 128 printable characters.',
    'Idempotency-Key debe tener de 8 a 128 caracteres imprimibles.',
  ],
  'request.in_progress': [
    409,
    'The same request is still being worked on. Repeat it in a moment.',
    'La misma petición sigue en curso. Repítela en un momento.',
  ],
  'request.key_reused': [
    422,
    'This Idempotency-Key was used for another request. Use a new one.',
    'Esa Idempotency-Key se usó en otra petición. Usa una nueva.',
  ],
  'route.unknown': [404, 'There is nothing at this address.', 'No hay nada en esta dirección.'],
  'route.method': [405, 'This address does not take that method.', 'Esta dirección no admite ese método.'],
  'system.unavailable': [
    503,
    'Nothing new can start; open help is on hold and closes after 30 seconds.',
    'No se puede empezar nada nuevo; la ayuda abierta está en pausa y se cierra a los 30 segundos.',
  ],
  'system.broken': [
    500,
    'Something failed on our side, not yours. Try again in a minute.',
    'Algo falló de nuestro lado, no del tuyo. Prueba en un minuto.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>

export type Refusal = keyof typeof rows

/** The word of a refusal, if it is one of ours. */
export const isRefusal = (word: string): word is Refusal => Object.hasOwn(rows, word)

export const statusOf = (refusal: Refusal): number => rows[refusal][0]
/** What the reader is told; where one word has several causes, `why` chooses among their sentences. */
export const sentenceOf = (refusal: Refusal, why?: unknown): Bilingual =>
  (typeof why === 'string' && causes[`${refusal}/${why}`]) || { en: rows[refusal][1], es: rows[refusal][2] }

/** `{retryAt}` is filled in with the hour. */
const causes: Readonly<Record<string, Bilingual>> = {
  'launch.unknown/typed': {
    en: 'There is no such code now. Type the one that the support screen shows.',
    es: 'Ahora no existe ese código. Escribe el que muestra la pantalla de soporte.',
  },
  'match.wrong/phone_last': {
    en: 'Those numbers are different, for the third time. This product stays closed in this assistance. If it was not your phone, report it.',
    es: 'Los números no coinciden, por tercera vez. Este producto queda cerrado en esta asistencia. Si no era tu teléfono, avisa.',
  },
  'match.wrong/phone': {
    en: 'Those numbers are different. We closed both sides. If it was not your phone, report it.',
    es: 'Los números no coinciden. Cerramos ambos lados. Si no era tu teléfono, avisa.',
  },
  'rate.limited/look_ups_a_day': {
    en: 'You have looked up as many people as a day allows. The next is possible from {retryAt}; your supervisors know.',
    es: 'Ya buscaste a todas las personas que permite un día. Puedes buscar otra desde {retryAt}; tus supervisores lo saben.',
  },
  'rate.limited/look_ups_without_consent': {
    en: 'Too many of those you looked up did not agree. The next is possible from {retryAt}; your supervisors know.',
    es: 'Demasiadas personas que buscaste no aceptaron. Puedes buscar otra desde {retryAt}; tus supervisores lo saben.',
  },
  'rate.limited/assistances_a_day': {
    en: 'You have helped as often as a day allows. The next is possible from {retryAt}; your supervisors know.',
    es: 'Ya ayudaste tantas veces como permite un día. Puedes volver a hacerlo desde {retryAt}; tus supervisores lo saben.',
  },
  'approval.needed/release': {
    en: 'It was released often already: a second person has to agree. Your supervisors have been asked.',
    es: 'Ya se desbloqueó varias veces: tiene que estar de acuerdo una segunda persona. Tus supervisores ya lo saben.',
  },
  'approval.needed/owner': {
    en: 'The owner of this ecosystem wants to be asked first. They have been written to; this goes on as soon as they say yes.',
    es: 'El titular de este ecosistema quiere que se le pregunte antes. Se le ha escrito; esto sigue en cuanto diga que sí.',
  },
  'rate.limited/messages_a_day': {
    en: 'This person has had as many messages as a day allows, over all agents. Another is possible from {retryAt}.',
    es: 'Esta persona ya recibió todos los mensajes que permite un día, entre todos los agentes. Puedes enviar otro desde {retryAt}.',
  },
  'rate.limited/questions': {
    en: 'Others have been asked for too many different things in this help. Ask for one of those again; something else is possible from {retryAt}, or in a new help.',
    es: 'Ya se ha preguntado a otras personas por demasiadas cosas distintas en esta ayuda. Vuelve a pedir una de ellas; puedes pedir otra cosa desde {retryAt}, o en una ayuda nueva.',
  },
  'rate.limited/sent_just_now': {
    en: 'This was sent less than a minute ago. You can send it again from {retryAt}.',
    es: 'Esto se envió hace menos de un minuto. Puedes enviarlo otra vez desde {retryAt}.',
  },
}

/** Every refusal, for documents and tests. */
export const refusals: readonly Refusal[] = Object.keys(rows).filter(isRefusal)
