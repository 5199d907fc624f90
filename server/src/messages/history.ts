/** The code that opens a user's own history. It is theirs alone: unlike every other code, nobody is to be told it. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { type Content, content, named, ownLine, type Parts, spaced, type Vendor } from './letter.ts'
import { boundTo, foldCompany } from './sms.ts'

interface HistoryAsked {
  readonly locale: Language
  readonly digits: string
}

export function historyMessage(v: Vendor, { locale, digits }: HistoryAsked): Content {
  const [company, phone] = [ownLine(v.name), ownLine(v.phone)]
  const parts: Record<Language, Parts> = {
    en: {
      subject: `Your code to see the help you had from ${company}`,
      title: 'See all the help that you had',
      opening: [`Somebody with the link of your last help asks to see everything that ${company} did in your account.`],
      code: {
        label: 'If that is you, type this code on the page:',
        digits,
        after: 'It works once, for 10 minutes. Nobody of ours ever asks you for it: read it to nobody.',
        whose: 'user',
      },
      ending: [`It was not you? Do nothing: without the code nobody sees anything. To be sure, call us: ${phone}`],
    },
    es: {
      subject: `Su código para ver la ayuda que tuvo de ${company}`,
      title: 'Ver toda la ayuda que tuvo',
      opening: [`Alguien con el enlace de su última ayuda pide ver todo lo que ${company} hizo en su cuenta.`],
      code: {
        label: 'Si es usted, escriba este código en la página:',
        digits,
        after: 'Sirve una vez, durante 10 minutos. Nadie nuestro se lo pide nunca: no se lo lea a nadie.',
        whose: 'user',
      },
      ending: [`¿No es usted? No haga nada: sin el código nadie ve nada. Para estar seguro, llámenos: ${phone}`],
    },
  }
  return content(locale, named(v), parts, historySms(foldCompany(v.name), digits, v.typedAt?.user))
}

/** One segment, also with the longest names. */
export const historySms = (company: string, digits: string, host?: string): Bilingual => ({
  en: `${spaced(digits)} shows the help that you had from ${company}. Type it on the page, for yourself. Read it to nobody.${boundTo(host, digits)}`,
  es: `${spaced(digits)} muestra la ayuda que tuvo de ${company}. Escriba usted el codigo en la pagina. No se lo lea a nadie.${boundTo(host, digits)}`,
})
