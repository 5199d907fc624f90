/** Whether every SMS of an installation fits into one segment, with the longest names. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { agentCodeSms } from './agent.ts'
import { longestContactSms } from './contact.ts'
import { endedSms } from './ended.ts'
import { historySms } from './history.ts'
import type { Vendor } from './letter.ts'
import { consentSms, powerPageSms, powerSms, presenceSms, warningSms } from './message.ts'
import { longestOwnerSms } from './owner.ts'
import { foldCompany, gsm7Length, longestName, type SmsFacts, segmentPlaces, shortLink } from './sms.ts'
import { longestSms } from './succession.ts'

const linkLetters = 13

/**
 * What is wrong with the SMS of this installation, in sentences for its operator; empty when every text fits one segment
 * in both languages with the longest names. `linkPrefix` is what stands before a link's own 13 letters.
 */
export function checkSms({ vendor, linkPrefix }: { vendor: Vendor; linkPrefix: string }): string[] {
  const company = foldCompany(vendor.name)
  if (company === '') return [`The company's name "${vendor.name}" has no letters that an SMS can carry.`]
  const facts: SmsFacts = {
    company,
    agent: { en: 'M'.repeat(longestName), es: 'M'.repeat(longestName) },
    digits: '000000',
    sayFirst: '00',
    link: shortLink(`${linkPrefix}${'M'.repeat(linkLetters)}`),
  }
  const texts: Readonly<Record<string, Bilingual>> = {
    "the agent's code": agentCodeSms(company, facts.digits, vendor.typedAt?.agent),
    "the user's code": consentSms(facts),
    'the presence code': presenceSms(facts),
    'the code of a power': powerSms(facts),
    'the power on the page': powerPageSms(facts),
    'the warning': warningSms(facts, true),
    'the warning read aloud': warningSms(facts, false),
    'the ending': endedSms(facts, true),
    'the ending without entering': endedSms(facts, false),
    'the code of the history': historySms(company, facts.digits, vendor.typedAt?.user),
    'the notice of a changed contact': longestContactSms(company, vendor.phone, 'M'.repeat(longestName)),
    ...longestSms(company, vendor.phone, facts.link, 'M'.repeat(longestName)),
    ...longestOwnerSms(company, vendor.phone, facts.link, 'M'.repeat(longestName)),
  }
  return Object.entries(texts).flatMap(([what, text]) =>
    (['en', 'es'] as const).flatMap((locale) => tooLong(what, locale, text[locale])),
  )
}

function tooLong(what: string, locale: Language, text: string): string[] {
  const places = gsm7Length(text)
  if (places !== undefined && places <= segmentPlaces) return []
  const bound = /\n@/.test(text) ? ', or AMPARO_SMS_BOUND unset' : ''
  const found = places === undefined ? 'a letter that one segment cannot carry' : `${places} of ${segmentPlaces} places`
  return [
    `The SMS of ${what} (${locale}) has ${found}: a shorter AMPARO_COMPANION_URL or a shorter company name is needed${bound}.`,
  ]
}
