/** What we know of a phone number: whether it can take an SMS at all. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

export type Takes = 'sms' | 'calls_only' | 'nothing'

/** Fixed lines take calls only, and what is no number takes nothing; where a country does not tell lines apart, an SMS. */
export function whatTakes(phone: string): Takes {
  const number = parsePhoneNumberFromString(phone)
  if (!number?.isValid()) return 'nothing'
  return ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(number.getType() ?? '') ? 'sms' : 'calls_only'
}

export const takesSms = (phone: string): boolean => whatTakes(phone) === 'sms'
