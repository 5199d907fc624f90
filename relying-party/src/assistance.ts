import type { Assisted } from './check.ts'
import type { CognitoBridge } from './cognito.ts'
import type { Language } from './words.ts'

/** Help that is alive, as of this request. */
export interface Assistance extends Assisted {
  /** For the product's own forms; a page left over from another help has another one. */
  readonly csrf: string
  readonly language: Language
  /** Tokens of your own pool for this request's calls, where there is one; never for the browser. */
  readonly poolTokens?: () => ReturnType<CognitoBridge['tokens']>
}
