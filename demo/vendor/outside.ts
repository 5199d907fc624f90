/** What a product of the vendor's stands on, put together by `startProduct` or by a test, and who visits it. */

import type { Acts } from '@amparo/relying-party/guards'
import type { AssistedEnv } from '@amparo/relying-party/hono'
import type { Assistance } from '@amparo/relying-party/surface'
import type { Hono } from 'hono'
import type { html } from 'hono/html'
import type { OrdinarySessions } from './ordinary.ts'
import type { Clinic, Person, Records } from './records.ts'
import type { Both, Language } from './words.ts'

export type Html = ReturnType<typeof html>

/** What differs between the vendor's products. */
export interface Product {
  readonly id: 'web' | 'store' | 'app'
  /** Where it begins for somebody who has signed in. */
  readonly home: `/${string}`
  /** Where help happens: in the agent's own browser, or on a phone that brings a token with each request. */
  readonly assistedIn: 'browser' | 'phone'
  /** Below the heading of its sign-in. */
  readonly lead: Both
  readonly style: string
  readonly mark: string
  readonly acts: Acts
  /** Its own frame around every page. */
  page(frame: Frame, content: Html): Html
  /** What anybody may see; nothing of anyone's. */
  open?(app: Hono<Env>, outside: Outside): void
  /** For whoever is helped or signed in. */
  routes(app: Hono<Env>, outside: Outside): void
}
export interface Frame {
  readonly language: Language
  readonly title: string
  readonly visit?: Visit | undefined
  /** The path of the entry of its navigation that this page belongs to. */
  readonly here?: string | undefined
  /** The banner goes here, after the skip link. */
  readonly assisted: boolean
}

export interface Outside {
  readonly product: Product
  readonly records: Records
  readonly ordinary: OrdinarySessions
  /** Where browsers find the product; every address that it hands out begins with it. */
  readonly publicOrigin: string
  /** All origins that it answers for, the public one among them. */
  readonly origins: readonly string[]
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
  readonly assistance: Assistance | undefined
}

export interface Env extends AssistedEnv {
  Variables: AssistedEnv['Variables'] & { visit: Visit | undefined; language: Language }
}
