/** What we know of a phone number: whether it can take an SMS at all. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** False for fixed lines and for what is no number; where a country does not tell them apart, true. */
export function takesSms(phone: string): boolean {
  const number = parsePhoneNumberFromString(phone)
  if (!number?.isValid()) return false
  return ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(number.getType() ?? '')
}
