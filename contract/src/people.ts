/** People as the wire shows them: masked until their proof, and never more than the screen needs. */
import { z } from 'zod'
import { factorsSeen, placeWays } from './factors.ts'
import { bilingual, instant, languages, roles, whyNots } from './words.ts'

/** A product that would open there, before anybody consented. */
export const surfaceOffered = z.strictObject({ surface: z.string(), name: bilingual })
export type SurfaceOffered = z.infer<typeof surfaceOffered>

export const ecosystemSeen = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** `successor`: named to take it over, and shown in Ecosystem Admin only. */
  role: z.enum(['owner', 'member', 'successor']),
  status: z.enum(['active', 'suspended']),
  /** What its owner says of support in it; nothing where it is simply allowed. */
  support: z.enum(['told', 'approve', 'off']).optional(),
  /** What this person would be offered in it, in the order of the buttons, as the look-up found it. */
  offers: z.array(surfaceOffered).optional(),
})
export type EcosystemSeen = z.infer<typeof ecosystemSeen>

/** The user after the agent's proof: the e-mail as typed, the phone by its last four digits. */
export const userSeen = z.strictObject({
  name: z.string(),
  status: z.enum(['active', 'inactive']),
  email: z.string(),
  phoneMasked: z.string().optional(),
  /** Whether that number can take a message at all; only there where a number is on file. */
  phoneTakes: z.enum(['sms', 'calls_only', 'nothing']).optional(),
  locale: z.enum(languages),
  assistable: z.boolean(),
  why: z.enum(whyNots).optional(),
})
export type UserSeen = z.infer<typeof userSeen>

export const agentSeen = z.strictObject({ id: z.string(), name: z.string() })

/** Who is at the desk. */
export const me = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.enum(roles)),
  locale: z.enum(languages),
  sessionExpiresAt: z.string(),
  factors: factorsSeen,
  /** True where a passkey would help and nobody said *not now* lately. */
  offerPasskey: z.boolean(),
  /** True where this agent has a password here, and not only at an identity provider. */
  hasPassword: z.boolean(),
  /** Failed sign-ins since the one before this, told once: at this sign-in. */
  failedSignIns: z
    .strictObject({ count: z.int(), since: instant, lastAt: instant, lastFrom: z.string().optional() })
    .optional(),
})
export type Me = z.infer<typeof me>

/** Whoever holds a session where it was not proven: no more than what it takes to show there that it is its agent. */
export const meElsewhere = z.strictObject({
  elsewhere: z.literal(true),
  /** What this agent can show. A message only where they have nothing stronger. */
  ways: z.array(z.enum(placeWays)),
  /** Where a message would go. */
  maskedTo: z.string(),
  locale: z.enum(languages),
})
export type MeElsewhere = z.infer<typeof meElsewhere>

/** The answer of a sign-in. `fresh` shows for ten minutes that it just happened; it is kept in the page, in no cookie. */
export const signedIn = me.extend({ fresh: z.string() })
export type SignedIn = z.infer<typeof signedIn>

/** `GET /dev/people.json`: who can sign in and who can be helped. Demo and test only. */
export const samplePeople = z.strictObject({
  agents: z.array(
    z.strictObject({
      name: z.string(),
      email: z.string(),
      phone: z.string(),
      roles: z.array(z.enum(roles)),
      bearer: z.string(),
      signIn: z.strictObject({ email: z.string(), password: z.string() }),
      /** Base 32: for agents with an authenticator app. */
      totpSecret: z.string().optional(),
    }),
  ),
  users: z.array(
    z.strictObject({
      name: z.string(),
      email: z.string(),
      phone: z.string().nullable(),
      locale: z.string().nullable(),
      status: z.enum(['active', 'inactive']),
      ecosystems: z.array(ecosystemSeen),
    }),
  ),
})
export type SamplePeople = z.infer<typeof samplePeople>
