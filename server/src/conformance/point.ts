/** One point that a surface has to keep: what holds, where to look when it does not, and what came of looking. */
import type { AlwaysRefused } from '@amparo/contract/powers'
import type { Bilingual } from '@amparo/contract/words'
import type { SurfaceClient } from '../policy/policy.ts'
import type { Chromium, Tab } from './chromium.ts'
import type { Cast, KitIssuer } from './issuer.ts'
import type { Launch, Telling } from './launch.ts'
import type { Answer, Visitor } from './visitor.ts'

/** `none`: the vendor says that the product has no such thing. `unchecked`: nobody told us how to look; that is no pass. */
export type Verdict =
  | { readonly result: 'pass' }
  | { readonly result: 'fail' | 'unchecked' | 'none'; readonly says: Bilingual; readonly field?: Field }
/** A field of the product's row, so that its line can be named. */
export type Field =
  | 'clientId'
  | 'secret'
  | 'jwks'
  | 'redirectUris'
  | 'initiateLoginUri'
  | 'backchannelLogoutUri'
  | 'statusCheck'

export interface Point {
  readonly id: string
  readonly holds: Bilingual
  /** Where to look when it fails: a part of the guide, an option, a field. */
  readonly look: Bilingual
  check(kit: Kit): Promise<Verdict>
}

export const passes: Verdict = { result: 'pass' }
export const fails = (en: string, es: string, field?: Field): Verdict => ({
  result: 'fail',
  says: { en, es },
  ...(field && { field }),
})
export const unchecked = (en: string, es: string): Verdict => ({ result: 'unchecked', says: { en, es } })
export const has = (en: string, es: string): Verdict => ({ result: 'none', says: { en, es } })

/** The first of these that is not a pass. Each is looked at only if those before it passed. */
export async function allOf<T>(cases: readonly T[], look: (one: T) => Promise<Verdict>): Promise<Verdict> {
  for (const one of cases) {
    const verdict = await look(one)
    if (verdict.result !== 'pass') return verdict
  }
  return passes
}

/** An address of the product, as the plan has it: `POST /note`. */
export interface Address {
  readonly method: string
  readonly path: string
}

/** What only the vendor can tell. A part that is missing is not checked; `false` says that there is no such thing. */
export interface Plan {
  readonly user: string
  readonly ecosystem: string
  /** A page under assistance, and a text in it that is this user's alone. */
  readonly page: string
  readonly sees: string
  readonly refused: Readonly<Partial<Record<AlwaysRefused, Address | false>>>
  readonly othersRefused: false | undefined
  readonly change: Address | false | undefined
  readonly stream: string | false | undefined
  /** Of an app: what somebody presses who followed the address of a code; false where no browser runs it. */
  readonly press: string | false | undefined
  /** What is written on the banner's button that ends the help, where it is not ours. */
  readonly end: string | undefined
  readonly ordinary: Ordinary | false | undefined
  /** Somebody who is in another ecosystem as well, and a page with a text of that one. */
  readonly elsewhere: Elsewhere | false | undefined
  readonly booked: { readonly command: readonly string[] } | { readonly url: string } | false | undefined
}
export interface Elsewhere {
  readonly user: string
  readonly ecosystem: string
  readonly page: string
  readonly sees: string
}
/** Somebody else's own sign-in: how, and a page of theirs with a text that is theirs alone. */
export interface Ordinary {
  readonly signIn: Address
  readonly fields: Readonly<Record<string, string>>
  readonly page: string
  readonly sees: string
}

export interface Launched {
  readonly launch: Launch
  readonly visitor: Visitor
  /** Every answer on the way, and the last of them: where it arrived. */
  readonly passed: readonly Answer[]
  readonly answer: Answer
}

/** What every check stands on. */
export interface Kit {
  readonly plan: Plan
  readonly cast: Cast
  readonly client: SurfaceClient
  /** Where browsers find the product. */
  readonly origin: string
  readonly issuer: KitIssuer
  /** An issuer that nobody told the product of. */
  readonly foreign: KitIssuer
  /** The one Chromium of this check; undefined where there is none to look with. */
  browser(): Promise<Chromium> | undefined
  readonly withinMs: number
  visitor(): Visitor
  /** A whole launch in this browser, or in a fresh one; the issuer tells what `telling` makes of the truth. */
  launch(telling?: Partial<Telling>, visitor?: Visitor, more?: Readonly<Record<string, string>>): Promise<Launched>
  /** A launch that opened the page, or it breaks off: what is refused or over afterwards was there before. */
  helped(telling?: Partial<Telling>, visitor?: Visitor): Promise<Launched>
  /** The launch's first step alone: where the product sends the browser. */
  begin(visitor: Visitor, launch: Launch, more?: Readonly<Record<string, string>>): Promise<Answer>
  /** A whole launch in a real browser, in a context of its own. */
  open(browser: Chromium, launch: Launch): Promise<Tab>
  page(visitor: Visitor): Promise<Answer>
  ask(visitor: Visitor, address: Address, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** This user's own text is in it. */
  shows(answer: Answer): boolean
  /** The page is still shown: what has ended comes back at no asking. */
  stays(visitor: Visitor): Promise<boolean>
  /** True as soon as it is, false when `withinMs` are over. */
  soon(holds: () => Promise<boolean> | boolean): Promise<boolean>
  /** The same with the patience for what has to come first, of which nothing was promised: a page that loads. */
  ready(holds: () => Promise<boolean> | boolean): Promise<boolean>
}
