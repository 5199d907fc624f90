/**
 * A user's own history: every time that somebody looked them up, asked or helped, whatever became of it. Nobody can take
 * anything out of it. It opens with a code to the contact on file, in one browser, for a quarter of an hour.
 */
import type { Because, Bilingual, ConsentWay, Kind, Power } from '@amparo/contract/words'
import type { ActShown, Said } from './companion.ts'

export const visitMinutes = 15
/** As many as a page shows; older ones are a tap away. */
export const pageLength = 20
export const longestObjection = 500

/** One assistance, as the person whom it was about may see it. */
export interface PastHelp {
  readonly id: string
  readonly openedAt: Date
  readonly agent: string
  readonly kind: Kind
  readonly reason: Bilingual
  readonly line?: string | undefined
  /** How far it came: looked up and no more, asked, or helped. */
  readonly came: 'seen' | 'asked' | 'helped'
  readonly ecosystem?: string | undefined
  readonly surfaces: readonly Bilingual[]
  readonly powers: Power
  readonly consent?: { readonly at: Date; readonly provedBy: ConsentWay } | undefined
  readonly ended?: { readonly at: Date; readonly because: Because } | undefined
  /** Newest first. */
  readonly acts: readonly ActShown[]
  readonly said: readonly Said[]
}

export interface History {
  readonly items: readonly PastHelp[]
  /** Where the next page begins. */
  readonly older?: string | undefined
}

/** It can be objected to once, when it is over and somebody did something. */
export const mayObject = ({ ended, came, said }: Pick<PastHelp, 'ended' | 'came' | 'said'>): boolean =>
  ended !== undefined && came !== 'seen' && !said.some(({ about }) => about === 'objection')
