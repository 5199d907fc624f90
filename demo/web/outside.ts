/** What the product stands on, put together by `startWeb` or by a test. */
import type { AmparoIssuer, Assisted } from '@amparo/relying-party'
import type { AssistedSessions } from '@amparo/relying-party/sessions'
import type { Configuration } from 'openid-client'
import type { OrdinarySessions } from './ordinary.ts'
import type { Clinic, Person, Vendor } from './vendor.ts'
import type { Language } from './words.ts'

export interface Outside {
  readonly vendor: Vendor
  /** Asked on each request of an assisted session. */
  readonly issuer: AmparoIssuer
  /** The same issuer, for a stock OpenID client. Throws while it does not answer. */
  openid(): Promise<Configuration>
  readonly assisted: AssistedSessions
  readonly ordinary: OrdinarySessions
  /** Where browsers find the product; every address that it hands out begins with it. */
  readonly publicOrigin: string
  /** All origins that it answers for, the public one among them. */
  readonly origins: readonly string[]
  readonly consoleOrigin: string
  readonly company: string
  userPassword(email: string): string
  /** A line for the operator: no names, no tokens. */
  trouble(what: string): void
}

/** Whose pages are shown, and to whom. */
export interface Visit {
  readonly person: Person
  /** Under assistance only the one that the user agreed to. */
  readonly clinics: readonly Clinic[]
  readonly clinic: Clinic | undefined
  readonly csrf: string
  readonly language: Language
  readonly assisted: Assisted | undefined
}

export interface Env {
  Variables: { visit: Visit | undefined; language: Language }
}
