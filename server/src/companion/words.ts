/**
 * Every sentence of the user's page, in both languages. `{a}` agent, `{v}` the vendor, `{n}` number, `{p}` phone.
 * Spanish says usted. Short, calm, what to do next; never how it works inside. It is one table, so it is long.
 */
import type { Because, Bilingual } from '@amparo/contract/words'

export const words = {
  'ask.h1': { en: '{a} is asking to see your account', es: '{a} pide permiso para ver su cuenta' },
  'ask.called': { en: 'Did they call you?', es: '¿Le llamaron ellos?' },
  'ask.hang_up': { en: 'Refuse and hang up.', es: 'Rechace y cuelgue.' },
  'ask.number': {
    en: 'The person helping you must say this number first:',
    es: 'Quien le ayuda debe decirle primero este número:',
  },
  'ask.number_else': { en: 'If they cannot, hang up.', es: 'Si no puede, cuelgue.' },
  'ask.details': { en: 'What they ask for', es: 'Qué le piden' },
  'ask.who': { en: 'Who', es: 'Quién' },
  'ask.who_of': { en: '{a}, of {v}', es: '{a}, de {v}' },
  'ask.why': { en: 'Why', es: 'Por qué' },
  'ask.line': { en: 'In their words: “{l}”', es: 'En sus palabras: «{l}»' },
  'ask.where': { en: 'Account of', es: 'Cuenta de' },
  'ask.sees': { en: 'They will see', es: 'Verá' },
  'ask.as_you': { en: 'What you see in {s}.', es: 'Lo que usted ve en {s}.' },
  'ask.can': { en: 'They can', es: 'Puede' },
  'ask.can_look': { en: 'Only look.', es: 'Solo mirar.' },
  'ask.can_act': {
    en: 'Look, and fix everyday things with you.',
    es: 'Mirar y arreglar con usted cosas de todos los días.',
  },
  'ask.cannot': { en: 'They cannot', es: 'No puede' },
  'ask.cannot_look': {
    en: 'Change anything, pay, delete or download. They never see your password.',
    es: 'Cambiar nada, pagar, borrar ni descargar. Nunca ve su contraseña.',
  },
  'ask.cannot_act': {
    en: 'Change your password, e-mail, phone or card. Pay, delete, download or share. They never see your password.',
    es: 'Cambiar su contraseña, correo, teléfono o tarjeta. Pagar, borrar, descargar ni compartir. Nunca ve su contraseña.',
  },
  'ask.long': { en: 'How long', es: 'Cuánto dura' },
  'ask.at_most': { en: 'At most {m}.', es: '{m} como máximo.' },
  'ask.closes': {
    en: 'It closes by itself after 15 minutes without you. You can stop it at any moment.',
    es: 'Se cierra sola si pasan 15 minutos sin que usted haga nada. Puede terminarla en cualquier momento.',
  },
  'ask.no': { en: 'No, refuse', es: 'No, rechazar' },
  'ask.yes': { en: 'Yes, I asked for help', es: 'Sí, yo pedí ayuda' },
  'ask.choose': { en: 'Your answer', es: 'Su respuesta' },
  'ask.then': {
    en: 'If you say yes, this page shows you two digits. You read them to {a}.',
    es: 'Si dice que sí, esta página le muestra dos cifras. Usted se las lee a {a}.',
  },
  'ask.nothing': {
    en: 'If you refuse, nothing happens to your account.',
    es: 'Si rechaza, no le pasa nada a su cuenta.',
  },
  'ask.speaker': {
    en: 'On the phone? Put it on loudspeaker so that you can look at this page.',
    es: '¿Está al teléfono? Ponga el altavoz para poder mirar esta página.',
  },
  'ask.missed': {
    en: '{a} typed another number. Press yes again to see a new one.',
    es: '{a} escribió otro número. Pulse sí otra vez para ver uno nuevo.',
  },
  'ask.gone': {
    en: 'The number you saw is no longer valid. Press yes again to see a new one.',
    es: 'El número que vio ya no sirve. Pulse sí otra vez para ver uno nuevo.',
  },
  'ask.aloud': {
    en: 'You can no longer say yes on this page. If {a} said {n}, read them the 6 numbers of the message.',
    es: 'Ya no puede decir que sí en esta página. Si {a} le dijo {n}, léale los 6 números del mensaje.',
  },
  'changed.h2': { en: 'This request has changed', es: 'Esta solicitud ha cambiado' },
  'changed.text': {
    en: 'It is not the one that you were reading. New in it:',
    es: 'No es la que usted estaba leyendo. Lo nuevo:',
  },
  'changed.new': { en: 'New', es: 'Nuevo' },
  'changed.again': {
    en: 'Read it again before you answer.',
    es: 'Léala otra vez antes de responder.',
  },
  'report.h2': { en: 'You did not ask for help?', es: '¿Usted no pidió ayuda?' },
  'report.button': { en: 'I did not ask for this', es: 'Yo no pedí esto' },
  'report.hint': {
    en: 'This ends it at once, and {v} keeps a note of it. {a} cannot ask you again for now.',
    es: 'Esto lo termina al momento y {v} lo deja anotado. Por ahora {a} no puede volver a pedirlo.',
  },
  'wait.h2_changed': { en: 'The request changed', es: 'La solicitud cambió' },
  'wait.changed': {
    en: 'Wait for the new message. Then look here again.',
    es: 'Espere el mensaje nuevo. Luego mire aquí otra vez.',
  },
  'wait.h2_old': { en: 'The message is too old', es: 'El mensaje es demasiado antiguo' },
  'wait.old': {
    en: 'Ask {a} to send a new one. Then look here again.',
    es: 'Pida a {a} que le envíe uno nuevo. Luego mire aquí otra vez.',
  },
  'wait.again': { en: 'Look again', es: 'Mirar otra vez' },
  'tell.h1': { en: 'Tell {a} this number:', es: 'Dígale a {a} este número:' },
  'tell.first': { en: 'Only if they said {n} to you first.', es: 'Solo si antes le dijo {n}.' },
  'tell.else': { en: 'If they did not, hang up.', es: 'Si no se lo dijo, cuelgue.' },
  'tell.next': {
    en: 'They type it, and this page changes by itself.',
    es: 'Lo escribe, y esta página cambia sola.',
  },
  'tell.changed_mind': { en: 'Changed your mind?', es: '¿Cambió de opinión?' },
  'on.h1': { en: '{a} is helping you now', es: '{a} le está ayudando ahora' },
  'on.since': { en: 'Since {t}, for {d}.', es: 'Desde las {t}, hace {d}.' },
  'on.open': { en: 'What {a} has open', es: 'Qué tiene abierto {a}' },
  'on.none': { en: 'Nothing yet.', es: 'Todavía nada.' },
  'on.acts': { en: 'What {a} has done', es: 'Qué ha hecho {a}' },
  'on.no_acts': { en: 'Nothing yet. It will be listed here.', es: 'Todavía nada. Aparecerá aquí.' },
  'on.earlier': { en: 'Show everything ({c})', es: 'Ver todo ({c})' },
  'on.times': { en: '{w} ({c} times)', es: '{w} ({c} veces)' },
  'on.opened': { en: 'open since {t}', es: 'abierto desde las {t}' },
  'on.closed': { en: 'closed at {t}', es: 'cerrado a las {t}' },
  'on.left': { en: 'Time left', es: 'Tiempo que queda' },
  'on.idle': {
    en: 'It closes in {d} if you do nothing.',
    es: 'Se cierra en {d} si usted no hace nada.',
  },
  'on.max': { en: 'In any case it ends in {d}.', es: 'En todo caso termina en {d}.' },
  'on.stay': { en: "I'm still here", es: 'Sigo aquí' },
  'on.stay_hint': { en: 'Gives you 15 minutes more.', es: 'Le da 15 minutos más.' },
  'on.elsewhere': {
    en: 'To keep it open, use the phone or computer where you said yes. Here you can stop it.',
    es: 'Para seguir, use el teléfono o la computadora donde dijo que sí. Aquí puede terminarla.',
  },
  'on.read_aloud': {
    en: 'To keep it open, ask {a} for a code and read it aloud. Here you can stop it.',
    es: 'Para seguir, pida un código a {a} y léalo en voz alta. Aquí puede terminarla.',
  },
  'on.stop': { en: 'Stop now', es: 'Terminar ahora' },
  'on.stop_hint': {
    en: 'It stops at once. This cannot be undone.',
    es: 'Termina al momento. No se puede deshacer.',
  },
  'said.minutes': { en: '2 minutes left', es: 'Quedan 2 minutos' },
  'said.minute': { en: '1 minute left', es: 'Queda 1 minuto' },
  'said.seconds': { en: '20 seconds left', es: 'Quedan 20 segundos' },
  'said.closed': { en: 'Your help is closed', es: 'La ayuda está cerrada' },
  'offline.on': {
    en: 'No connection. Your help is safe; the clock keeps running. We will try again automatically.',
    es: 'Sin conexión. Su ayuda está a salvo; el reloj sigue. Lo intentamos de nuevo automáticamente.',
  },
  'offline.ask': {
    en: 'No connection. Nothing happens to your account meanwhile. We will try again automatically.',
    es: 'Sin conexión. Mientras tanto no le pasa nada a su cuenta. Lo intentamos de nuevo automáticamente.',
  },
  'offline.held': {
    en: 'No connection. We will send your answer as soon as there is one. To be sure, call {p}.',
    es: 'Sin conexión. Enviaremos su respuesta en cuanto la haya. Para estar seguro, llame al {p}.',
  },
  'offline.broken': {
    en: 'Something failed on our side, not yours. We will try again automatically. Reference {r}.',
    es: 'Algo falló de nuestro lado, no del suyo. Lo intentamos de nuevo automáticamente. Referencia {r}.',
  },
  'warn.left': { en: '{d} left', es: '{q} {d}' },
  'warn.idle': {
    en: 'Your help closes in {d}, because we have not heard from you.',
    es: 'Su ayuda se cierra en {d}, porque no hemos sabido de usted.',
  },
  'warn.max': {
    en: 'Your help ends in {d}, because the agreed time is nearly over.',
    es: 'Su ayuda termina en {d}, porque casi se acaba el tiempo acordado.',
  },
  'ended.h1': { en: 'The help has ended', es: 'La ayuda ha terminado' },
  'ended.h1_request': { en: 'The request is closed', es: 'La solicitud está cerrada' },
  'ended.h1_refused': { en: 'You refused', es: 'Usted rechazó la solicitud' },
  'ended.h1_reported': { en: 'You told us that you did not ask', es: 'Usted nos avisó de que no lo pidió' },
  'ended.h1_stopped': { en: 'You stopped the help', es: 'Usted terminó la ayuda' },
  'ended.never_in': { en: '{a} did not enter your account.', es: '{a} no entró en su cuenta.' },
  'ended.out': { en: 'Done. {a} can no longer see your account.', es: 'Listo. {a} ya no puede ver su cuenta.' },
  'ended.closing': {
    en: 'We are closing what {a} had open. This takes a moment.',
    es: 'Estamos cerrando lo que {a} tenía abierto. Tarda un momento.',
  },
  'ended.stuck': {
    en: 'Not everything has confirmed yet. We keep trying. To be sure, call {p}.',
    es: 'Todavía no está todo confirmado. Seguimos intentándolo. Para estar seguro, llame al {p}.',
  },
  'ended.acts': { en: 'What {a} did', es: 'Qué hizo {a}' },
  'ended.no_acts': { en: 'Nothing was changed or opened there.', es: 'No se cambió ni se abrió nada allí.' },
  'ended.opened': { en: 'What {a} opened', es: 'Qué abrió {a}' },
  'ended.nothing': { en: 'Nothing was opened.', es: 'No se abrió nada.' },
  'ended.from': { en: 'opened at {t}', es: 'abierto a las {t}' },
  'ended.acked': { en: 'closed at {t}', es: 'cerrado a las {t}' },
  'ended.waiting': { en: 'closing, not confirmed yet', es: 'cerrándose, aún sin confirmar' },
  'ended.failed': { en: 'has not confirmed that it is closed', es: 'no ha confirmado que esté cerrado' },
  'ended.when': { en: 'When', es: 'Cuándo' },
  'ended.by': { en: 'Ended by', es: 'La terminó' },
  'ended.by_user': { en: 'You', es: 'Usted' },
  'ended.by_clock': { en: 'By itself', es: 'Sola' },
  'ended.press': {
    en: 'If someone is pressing you on the phone, hang up.',
    es: 'Si alguien le presiona por teléfono, cuelgue.',
  },
  'ended.again': { en: 'To get help, call {p}', es: 'Para pedir ayuda, llame al {p}' },
  'dead.h1': { en: 'This link no longer works', es: 'Este enlace ya no funciona' },
  'dead.text': {
    en: 'Links work for a short time. Look for the newest message.',
    es: 'Los enlaces sirven por poco tiempo. Busque el mensaje más reciente.',
  },
  'person.h1': { en: 'One more tap', es: 'Falta un toque' },
  'person.text': {
    en: 'Press the button, so that we know that it is you.',
    es: 'Pulse el botón, para que sepamos que es usted.',
  },
  'person.back': { en: 'Go back without doing anything', es: 'Volver sin hacer nada' },
  'cross.h1': { en: 'Nothing was done', es: 'No se hizo nada' },
  'cross.text': {
    en: 'This did not come from your own page. Open the link of the message again, and press there.',
    es: 'Esto no salió de su propia página. Abra otra vez el enlace del mensaje y pulse allí.',
  },
  'busy.h1': { en: 'Wait a moment', es: 'Espere un momento' },
  'busy.text': {
    en: 'There were too many tries in a short time. Wait a minute, then try again.',
    es: 'Hubo demasiados intentos en poco tiempo. Espere un minuto y pruebe otra vez.',
  },
  'broken.h1': { en: 'Something failed on our side', es: 'Algo falló de nuestro lado' },
  'broken.text': { en: 'It is not your fault. Try again in a minute.', es: 'No es culpa suya. Pruebe en un minuto.' },
  'broken.ref': { en: 'Reference {r}', es: 'Referencia {r}' },
  'wrong.h1': { en: 'That did not work', es: 'Eso no funcionó' },
  'wrong.text': { en: 'Open the link of the message again.', es: 'Abra otra vez el enlace del mensaje.' },
  'page.error': { en: 'Error: {h}', es: 'Error: {h}' },
  'page.call': { en: 'Call {v}: {p}', es: 'Llame a {v}: {p}' },
  'page.zone': { en: 'Times on this page: {z}.', es: 'Horas de esta página: {z}.' },
  'page.language': { en: 'Language', es: 'Idioma' },
  'page.calm': { en: 'Do not update this page by itself', es: 'No actualizar esta página sola' },
  'page.live': { en: 'Update this page by itself again', es: 'Actualizar esta página sola otra vez' },
} as const satisfies Record<string, Bilingual>
export type Word = keyof typeof words

/** Why it ended, to the user. Whether somebody was inside, and is out, is told beside it. */
export const endings = {
  finished: { en: '{a} finished helping you.', es: '{a} terminó de ayudarle.' },
  cancelled: { en: '{a} ended it before finishing.', es: '{a} la terminó antes de acabar.' },
  declined_by_user: { en: 'You said no to {a}.', es: 'Usted le dijo que no a {a}.' },
  reported_by_user: {
    en: '{v} has a note that you did not ask for this. {a} cannot ask you again for now.',
    es: '{v} tiene anotado que usted no pidió esto. Por ahora {a} no puede volver a pedirlo.',
  },
  stopped_by_user: { en: 'You ended it with Stop now.', es: 'Usted la terminó con Terminar ahora.' },
  expired_idle: {
    en: 'We closed it because you did nothing for 15 minutes.',
    es: 'La cerramos porque pasaron 15 minutos sin que usted hiciera nada.',
  },
  expired_max: { en: 'The agreed time is over.', es: 'Se acabó el tiempo acordado.' },
  user_not_found: { en: '{v} did not find the account.', es: '{v} no encontró la cuenta.' },
  too_many_attempts: {
    en: 'A wrong code was typed too many times. We closed it to protect you.',
    es: 'Se escribió un código incorrecto demasiadas veces. La cerramos para protegerle.',
  },
  superseded: {
    en: 'You said yes to another person of {v}. So this help ended.',
    es: 'Usted dijo que sí a otra persona de {v}. Por eso terminó esta ayuda.',
  },
  closed_by_supervisor: {
    en: 'A supervisor of {v} closed it.',
    es: 'Una persona responsable de {v} la cerró.',
  },
  agent_signed_out: { en: '{a} left the desk, so it ended.', es: '{a} dejó su puesto, por eso terminó.' },
  agent_deactivated: {
    en: '{a} may no longer help people at {v}, so it ended.',
    es: '{a} ya no puede atender en {v}, por eso terminó.',
  },
  user_deactivated: {
    en: 'Your account at {v} was switched off, so it ended.',
    es: 'Su cuenta en {v} se desactivó, por eso terminó.',
  },
  ecosystem_suspended: {
    en: 'Your organisation’s account at {v} was suspended, so it ended.',
    es: 'La cuenta de su organización en {v} se suspendió, por eso terminó.',
  },
  access_withdrawn: {
    en: 'At {v} you are no longer owner or successor there, so it ended.',
    es: 'En {v} usted ya no consta allí como titular ni como sucesor, por eso terminó.',
  },
  core_unavailable: {
    en: 'A system of {v} did not answer. We closed it to protect you.',
    es: 'Un sistema de {v} no respondió. La cerramos para protegerle.',
  },
  record_unavailable: {
    en: '{v} could not record what was done. We closed it to protect you.',
    es: '{v} no podía registrar lo que se hacía. La cerramos para protegerle.',
  },
  restored: {
    en: 'A system of {v} was brought back from a copy. We closed it to protect you.',
    es: 'Un sistema de {v} se recuperó de una copia. La cerramos para protegerle.',
  },
} as const satisfies Record<Because, Bilingual>

/** Who brought the end about, as the page names them. */
export const enders = {
  finished: 'agent',
  cancelled: 'agent',
  declined_by_user: 'user',
  reported_by_user: 'user',
  stopped_by_user: 'user',
  expired_idle: 'clock',
  expired_max: 'clock',
  user_not_found: 'vendor',
  too_many_attempts: 'vendor',
  superseded: 'user',
  closed_by_supervisor: 'vendor',
  agent_signed_out: 'agent',
  agent_deactivated: 'vendor',
  user_deactivated: 'vendor',
  ecosystem_suspended: 'vendor',
  core_unavailable: 'vendor',
  access_withdrawn: 'vendor',
  record_unavailable: 'vendor',
  restored: 'vendor',
} as const satisfies Record<Because, 'agent' | 'user' | 'clock' | 'vendor'>
