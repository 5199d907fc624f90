/** The browser's own prompts: making a passkey, and answering with one. A closed prompt is an answer, not an error. */
import type { PasskeyAnswer, PasskeyAsked, PasskeyMade, PasskeyToMake } from '@amparo/contract/factors'
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { PartMissing, part } from '../parts/missing.ts'

/** Fetched with the first prompt: most loads of the console show none. */
const prompts = part(() => import('@simplewebauthn/browser'))

export const hasPasskeys = (): boolean => typeof globalThis.PublicKeyCredential === 'function'

/**
 * Nothing came of it: somebody closed the prompt, time ran out, or no passkey of this device fits. `outdated`: there was no
 * prompt, because this console is older than what the server has.
 */
export type Closed = 'cancelled' | 'outdated'

export async function answerWith(options: PasskeyAsked): Promise<PasskeyAnswer | Closed> {
  try {
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON
    const { startAuthentication } = await prompts()
    const { authenticatorAttachment, ...answer } = await startAuthentication({ optionsJSON })
    return { ...answer, clientExtensionResults: {}, ...(authenticatorAttachment ? { authenticatorAttachment } : {}) }
  } catch (error) {
    return closedBy(error)
  }
}

export async function makeWith(options: PasskeyToMake): Promise<PasskeyMade | Closed> {
  try {
    const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON
    const { startRegistration } = await prompts()
    const { authenticatorAttachment, ...made } = await startRegistration({ optionsJSON })
    return { ...made, clientExtensionResults: {}, ...(authenticatorAttachment ? { authenticatorAttachment } : {}) }
  } catch (error) {
    return closedBy(error)
  }
}

/** The browser does not say why it closed a prompt, so that no page can tell who has which passkey. */
const closedBy = (error: unknown): Closed => (error instanceof PartMissing ? 'outdated' : 'cancelled')

const devices: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
]
/** What its owner would call this device. */
export const deviceName = (): string => devices.find(([pattern]) => pattern.test(navigator.userAgent))?.[1] ?? 'Passkey'
