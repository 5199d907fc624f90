/**
 * The rules of codes: how many digits, how long they live, how often they may be tried and sent. A code is bound to
 * its assistance, its purpose, the person who holds it and the terms it stands for: digest = HMAC(key, all of that).
 */
export type CodePurpose = 'agent' | 'consent' | 'presence' | 'power' | 'release' | 'history' | Match
/** The two digits of the page, by what they are a yes to: the help itself, one power more, a release. */
export type Match = 'match' | 'power_match' | 'release_match'
export const matches: readonly Match[] = ['match', 'power_match', 'release_match']

export const codeMinutes = 10
export const resendSeconds = 60
/** Wrong tries that burn one code, and that close the assistance over all codes of a purpose. */
export const guessLimit = 5
export const guessesInAll = 15
export const sendsInAll = 5
/** The two digits of the page: one try each, three times at most. */
export const matchTries = 3

/** The two digits of the page, whatever they are a yes to. */
export const isMatch = (purpose: CodePurpose): boolean => matches.some((match) => match === purpose)

export interface CodeBinding {
  readonly codeId: string
  readonly assistanceId: string
  readonly purpose: CodePurpose
  /** The agent's id for `agent`, the user's for the others. */
  readonly person: string
  readonly termsDigest: Uint8Array
}

/** The text that is digested for `digits`: every part that the code is bound to, unambiguously joined. */
export const boundText = (code: CodeBinding, digits: string): string =>
  JSON.stringify([
    code.codeId,
    code.assistanceId,
    code.purpose,
    code.person,
    Buffer.from(code.termsDigest).toString('hex'),
    digits,
  ])

/** `482913` as people read it: `482 913`. */
export const spoken = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`
