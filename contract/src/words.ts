/**
 * The words that travel: every closed list of the wire, once. Both sides parse with these and switch over them.
 */
import { z } from 'zod'

export const states = ['agent_verification', 'user_lookup', 'consent', 'active', 'closed'] as const
export type State = (typeof states)[number]

/** Why an assistance ended: exactly one of these, never changed afterwards. */
export const becauses = [
  'finished',
  'cancelled',
  'declined_by_user',
  'reported_by_user',
  'stopped_by_user',
  'expired_idle',
  'expired_max',
  'user_not_found',
  'too_many_attempts',
  'superseded',
  'closed_by_supervisor',
  'agent_signed_out',
  'agent_deactivated',
  'user_deactivated',
  'ecosystem_suspended',
  'core_unavailable',
  'audit_unavailable',
  'restored',
  'access_withdrawn',
  'killed',
  'handed_over',
  'break_glass_over',
] as const
export type Because = (typeof becauses)[number]

/** What an assistance is for: opening the user's products, or helping through a succession. Never both. */
export const kinds = ['technical', 'succession'] as const
export type Kind = (typeof kinds)[number]

export const roles = ['agent:technical', 'agent:succession', 'supervisor', 'auditor', 'admin'] as const
export type Role = (typeof roles)[number]

export const channels = ['email', 'sms'] as const
export type Channel = (typeof channels)[number]

export const powers = ['look', 'act'] as const
export type Power = (typeof powers)[number]

export const purposes = ['agent', 'consent', 'presence', 'power', 'release'] as const
/** What a six-digit code is for. */
export type Purpose = (typeof purposes)[number]

/** How an agent can prove who they are, strongest first: the order in which they are offered. */
export const agentMethods = ['passkey', 'totp', 'code'] as const
export type AgentMethod = (typeof agentMethods)[number]

/** How an assistance came to be active: the user's yes on their page, the code they read aloud, or two people without them. */
export const consentWays = ['page', 'read_aloud', 'break_glass'] as const
export type ConsentWay = (typeof consentWays)[number]

/** What something is of ours: one of our messages (its reference or link), our number, the sender of our mails, or nothing. */
export const oursWords = ['message', 'number', 'sender', 'unknown'] as const
export type Ours = (typeof oursWords)[number]

export const outcomes = ['solved', 'not_solved', 'follow_up'] as const
export type Outcome = (typeof outcomes)[number]

export const closureReasons = ['user_hung_up', 'no_longer_needed', 'technical_fault', 'other'] as const
export type ClosureReason = (typeof closureReasons)[number]

/** A row of the vendor's list of reasons: `GET /api/v1/reasons` has them. `other` always needs a line. */
export const reasonCode = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/)
export type ReasonCode = z.infer<typeof reasonCode>

/** Why a person who was found cannot be helped. */
export const whyNots = [
  'inactive',
  'staff',
  'ambiguous',
  'no_ecosystem',
  'nothing_offered',
  'support_off',
  'no_contact',
  'not_in_succession',
  'successor_without_user',
] as const
export type WhyNot = (typeof whyNots)[number]

/** How far a message has come, as far as anybody told us. */
export const messageStatuses = ['queued', 'sent', 'failed', 'dropped'] as const
export type MessageStatus = (typeof messageStatuses)[number]

export const languages = ['en', 'es'] as const
export type Language = (typeof languages)[number]

/** A sentence or a name in both languages. */
export type Bilingual = { readonly en: string; readonly es: string }
export const bilingual = z.strictObject({ en: z.string(), es: z.string() })

/** An instant on the wire: RFC 3339, UTC. */
export const instant = z.iso.datetime()

/** One line that a person typed: no control characters, no line breaks, trimmed, at most `max` characters. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)

/** What a person typed in more than one line. Line breaks are `\n`, whatever the keyboard sent; no control characters. */
export const typedLines = (min: number, max: number) =>
  z
    .string()
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .pipe(
      z
        .string()
        .min(min)
        .max(max)
        .regex(/^(?:\n|[^\p{Cc}\p{Cs}\u2028\u2029])*$/u),
    )
