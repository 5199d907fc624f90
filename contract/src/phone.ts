/** A product on a phone, on the wire: the QR code as it is now, the phone that scanned it, and what became of it. */
import { z } from 'zod'
import { twoDigits } from './factors.ts'
import { channels, instant, messageStatuses } from './words.ts'

/** How a product opens: in a tab of the agent's browser, or on a phone that scans a QR code. */
export const openings = ['tab', 'phone'] as const
export type Opening = (typeof openings)[number]

/**
 * `waiting`: the code is shown and changes. `claimed`: a phone has scanned it and shows two digits. `matched`: they were
 * typed, the phone goes on. `open`: it is signed in as the user. `closed`: `why` says how.
 */
export const phoneStates = ['waiting', 'claimed', 'matched', 'open', 'closed'] as const
export type PhoneState = (typeof phoneStates)[number]

/** Why a code, or the phone that had it, is closed. */
export const phoneClosings = [
  /** Nobody scanned it in five minutes. */
  'expired',
  /** The digits were not typed in two minutes, or the phone did not go on afterwards. */
  'unanswered',
  /** *Not me*, on the phone. */
  'declined',
  'wrong_digits',
  /** *Show a new code*. */
  'replaced',
  /** *Close this code*, or the product was closed. */
  'closed',
  /** The assistance has ended. */
  'ended',
] as const
export type PhoneClosing = (typeof phoneClosings)[number]

/** One QR code and its phone, as they are now. */
export const phoneLaunch = z.strictObject({
  launchId: z.string(),
  surface: z.string(),
  state: z.enum(phoneStates),
  /** Present where `closed`. */
  why: z.enum(phoneClosings).optional(),
  /**
   * While `waiting`: what it says; a whole document of black on white, for whoever keeps a picture; and what a page draws
   * itself: its modules along a side, margin included, and the dark ones as one SVG path in that square.
   */
  qr: z.strictObject({ text: z.string(), svg: z.string(), size: z.int(), path: z.string() }).optional(),
  /** While `waiting`: what can be typed in place of scanning, `K7Q2-M9XD`. It changes every minute. */
  shortCode: z.string().optional(),
  /** While `waiting`: when the next code is there to be fetched. */
  rotatesAt: instant.optional(),
  /** When this state ends by itself; missing where it is `open` or `closed`. */
  expiresAt: instant.optional(),
  /** The phone that scanned it. `known`: this agent has used it before. */
  device: z.strictObject({ name: z.string(), known: z.boolean(), claimedAt: instant }).optional(),
  openedAt: instant.optional(),
  closedAt: instant.optional(),
  /** How many wrong digits are left in this assistance before the product stays closed. */
  triesLeft: z.int(),
  /** The database's clock when this was read: count down from here. */
  now: instant,
})
export type PhoneLaunch = z.infer<typeof phoneLaunch>

/** The two digits that the phone shows. */
export const digitsInput = z.strictObject({ digits: twoDigits })
export type DigitsInput = z.infer<typeof digitsInput>

/** Where the link went: the agent's own number, and their own mail with the QR code in it. */
export const phoneLinkSent = z.strictObject({
  messages: z.array(
    z.strictObject({ channel: z.enum(channels), maskedTo: z.string(), status: z.enum(messageStatuses) }),
  ),
  expiresAt: instant,
  resendAt: instant,
})
export type PhoneLinkSent = z.infer<typeof phoneLinkSent>
