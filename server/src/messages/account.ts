/** What an agent is told about their own account, by mail: that it changed, and what to do if it was not them. */
import type { Language } from '@amparo/contract/words'
import { inLine, type Mail, ownLine, type Parts, type Vendor, written } from './letter.ts'

/** What happened to the account. `name` is a passkey's; `from` a browser and where it is, as far as anybody knows. */
export type AccountNews =
  | { readonly news: 'passkey_added' | 'passkey_removed'; readonly name: string }
  | { readonly news: 'totp_added' | 'totp_removed' | 'password_changed' }
  | { readonly news: 'new_browser' | 'other_place' }
  | { readonly news: 'new_phone'; readonly name: string }
  | { readonly news: 'failed_sign_ins'; readonly count: number }

interface Told {
  readonly locale: Language
  readonly at: Date
  readonly from?: string | undefined
}

export function accountMessage(v: Vendor, what: AccountNews, { locale, at, from }: Told): Mail {
  const vendor = { ...v, name: ownLine(v.name) }
  const { title, opening } = sentences[locale](what, vendor.name)
  const when = new Intl.DateTimeFormat(locale === 'es' ? 'es-ES' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(at)
  const facts: Parts['facts'] = [
    [locale === 'es' ? 'Cuándo' : 'When', `${when} UTC`],
    ...(from ? ([[locale === 'es' ? 'Desde' : 'From', inLine(from)]] as const) : []),
  ]
  return written(locale, vendor, { subject: title, title, opening: [opening], facts, ending: [ending[locale]] })
}

const ending: Record<Language, string> = {
  en: 'It was not you? Tell your supervisor now, sign out everywhere, and change your password.',
  es: '¿No fuiste tú? Avisa ya a tu supervisor, cierra todas tus sesiones y cambia tu contraseña.',
}

type Sentences = (what: AccountNews, company: string) => { readonly title: string; readonly opening: string }

const sentences: Record<Language, Sentences> = {
  en: (what, company) => {
    switch (what.news) {
      case 'passkey_added':
        return {
          title: `A passkey was added to your account at ${company}`,
          opening: `The passkey “${inLine(what.name)}” can now show that it is you.`,
        }
      case 'passkey_removed':
        return {
          title: `A passkey was removed from your account at ${company}`,
          opening: `The passkey “${inLine(what.name)}” no longer counts.`,
        }
      case 'totp_added':
        return {
          title: `An authenticator app was added to your account at ${company}`,
          opening: 'Codes of that app can now show that it is you.',
        }
      case 'totp_removed':
        return {
          title: `The authenticator app was removed from your account at ${company}`,
          opening: 'Codes of that app no longer count.',
        }
      case 'password_changed':
        return {
          title: `Your password at ${company} was changed`,
          opening: 'Everybody who was signed in with the old one has been signed out.',
        }
      case 'new_browser':
        return {
          title: `You signed in to ${company} from a new browser`,
          opening: 'Somebody signed in with your address and your password in a browser that we had not seen before.',
        }
      case 'other_place':
        return {
          title: `Your sign-in to ${company} is being used from another place`,
          opening:
            'Somebody opened the console with it in a browser or a network in which you had not shown that it is you. Nothing is shown there before your passkey, your app or a code does.',
        }
      case 'new_phone':
        return {
          title: `A phone that is new to us was used with your name at ${company}`,
          opening: `“${inLine(what.name)}” opened an app as a user that you help. From now on it counts as yours.`,
        }
      case 'failed_sign_ins':
        return {
          title: `Failed sign-ins to your account at ${company}`,
          opening: `Somebody typed a wrong password for your address ${what.count} times.`,
        }
    }
  },
  es: (what, company) => {
    switch (what.news) {
      case 'passkey_added':
        return {
          title: `Se añadió una llave de acceso a tu cuenta de ${company}`,
          opening: `La llave de acceso «${inLine(what.name)}» ya sirve para demostrar que eres tú.`,
        }
      case 'passkey_removed':
        return {
          title: `Se quitó una llave de acceso de tu cuenta de ${company}`,
          opening: `La llave de acceso «${inLine(what.name)}» ya no sirve.`,
        }
      case 'totp_added':
        return {
          title: `Se añadió una aplicación de códigos a tu cuenta de ${company}`,
          opening: 'Los códigos de esa aplicación ya sirven para demostrar que eres tú.',
        }
      case 'totp_removed':
        return {
          title: `Se quitó la aplicación de códigos de tu cuenta de ${company}`,
          opening: 'Los códigos de esa aplicación ya no sirven.',
        }
      case 'password_changed':
        return {
          title: `Se cambió tu contraseña de ${company}`,
          opening: 'Se cerraron todas las sesiones abiertas con la anterior.',
        }
      case 'new_browser':
        return {
          title: `Iniciaste sesión en ${company} desde un navegador nuevo`,
          opening: 'Alguien inició sesión con tu correo y tu contraseña en un navegador que no conocíamos.',
        }
      case 'other_place':
        return {
          title: `Tu sesión de ${company} se está usando desde otro sitio`,
          opening:
            'Alguien abrió la consola con ella en un navegador o una red donde no habías demostrado que eres tú. Ahí no se muestra nada hasta que lo haga tu llave de acceso, tu aplicación o un código.',
        }
      case 'new_phone':
        return {
          title: `Se usó con tu nombre un teléfono nuevo para ${company}`,
          opening: `«${inLine(what.name)}» abrió una aplicación como un usuario al que ayudas. Desde ahora cuenta como tuyo.`,
        }
      case 'failed_sign_ins':
        return {
          title: `Intentos fallidos de entrar en tu cuenta de ${company}`,
          opening: `Alguien escribió ${what.count} veces una contraseña incorrecta con tu correo.`,
        }
    }
  },
}
