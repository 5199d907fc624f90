/**
 * What the agent reads aloud: in the language of the user, which need not be the one of this page. So these are here in
 * both, whatever language is loaded.
 */
import type { Bilingual } from '@amparo/contract/words'

export const aloudWords = {
  'say.caller': {
    en: 'Thank you for calling. First I prove who I am. Please keep your phone at hand: you will get a message from us.',
    es: 'Gracias por llamar. Primero demuestro quién soy. Tenga a mano su teléfono: le llegará un mensaje nuestro.',
  },
  'say.identity': {
    en: 'One moment, please. I am proving who I am. I cannot see anything of yours yet.',
    es: 'Un momento, por favor. Estoy demostrando quién soy. Todavía no puedo ver nada suyo.',
  },
  'say.unknown': {
    en: 'I do not find you with that address. Could you spell it for me, or give me another one?',
    es: 'No le encuentro con ese correo. ¿Me lo deletrea, o me da otro?',
  },
  'say.asking': {
    en: 'I am going to send you a message. It says who I am, why I ask and for how long. You decide.',
    es: 'Voy a enviarle un mensaje. Dice quién soy, por qué lo pido y por cuánto tiempo. Usted decide.',
  },
  'say.consent': {
    en: 'The number in my message is {digits}. If you see the same one, open the link and say yes, or read me the code of six numbers.',
    es: 'El número de mi mensaje es {digits}. Si usted ve el mismo, abra el enlace y diga que sí, o léame el código de seis números.',
  },
  'say.old': {
    en: 'My message is too old now. One moment: I am sending you a new one, with the same number.',
    es: 'Mi mensaje ya es demasiado antiguo. Un momento: le envío uno nuevo, con el mismo número.',
  },
  'say.yes': {
    en: 'Thank you. Please read me the two digits that your page shows.',
    es: 'Gracias. Léame, por favor, las dos cifras que muestra su página.',
  },
  'say.help': {
    en: 'I am in now. Your page shows everything I do. You can stop me at any moment.',
    es: 'Ya estoy dentro. Su página muestra todo lo que hago. Puede detenerme cuando quiera.',
  },
  'say.presence': {
    en: 'I have sent you another code of six numbers. Please read it to me, so that we can go on.',
    es: 'Le he enviado otro código de seis números. Léamelo, por favor, para poder seguir.',
  },
  'say.succession': {
    en: 'I see the steps of your succession now, and nothing else of yours. Your page shows them too. You can stop me at any moment.',
    es: 'Ahora veo los pasos de su sucesión y nada más de lo suyo. Su página también los muestra. Puede detenerme en cualquier momento.',
  },
  'say.release': {
    en: 'I have sent you another code of six numbers. It releases this process and nothing else. Please read it to me.',
    es: 'Le he enviado otro código de seis números. Desbloquea este proceso y nada más. Léamelo, por favor.',
  },
  'digit.0': { en: 'zero', es: 'cero' },
  'digit.1': { en: 'one', es: 'uno' },
  'digit.2': { en: 'two', es: 'dos' },
  'digit.3': { en: 'three', es: 'tres' },
  'digit.4': { en: 'four', es: 'cuatro' },
  'digit.5': { en: 'five', es: 'cinco' },
  'digit.6': { en: 'six', es: 'seis' },
  'digit.7': { en: 'seven', es: 'siete' },
  'digit.8': { en: 'eight', es: 'ocho' },
  'digit.9': { en: 'nine', es: 'nueve' },
} as const satisfies Record<string, Bilingual>

export type AloudId = keyof typeof aloudWords
