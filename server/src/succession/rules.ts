/**
 * The rules that a review looks at: what each is called, what was found, how it stands now and what is needed, in
 * words. A vendor's value of a rule of ours is read whatever its form (`47`, `47 days`); anything else is shown as it is.
 */
import type { Bilingual, Language } from '@amparo/contract/words'
import { rowOf } from '../words.ts'
import type { Case, Check, CheckResult } from './succession.ts'

interface Rule {
  readonly name: Bilingual
  readonly reason: string
  /** What is needed where the vendor does not say. */
  readonly needed: string
  /** Our word for a vendor's value. */
  value(text: string): string | undefined
  say(value: string, language: Language): string
  sayNeeded(value: string, language: Language): string
  passes(value: string, needed: string): boolean
  /** The value as the Core has it now; undefined where it cannot say. */
  now(one: Case, at: Date): string | undefined
}

const dayMs = 86_400_000
const days = (count: string, language: Language): string =>
  language === 'es' ? `${count} ${count === '1' ? 'día' : 'días'}` : `${count} ${count === '1' ? 'day' : 'days'}`

const words = (pairs: Readonly<Record<string, Bilingual>>, aliases: Readonly<Record<string, string>>) => ({
  value: (text: string) => {
    const word = text.trim().toLowerCase()
    return rowOf(aliases, word) ?? (Object.hasOwn(pairs, word) ? word : undefined)
  },
  say: (value: string, language: Language) => rowOf(pairs, value)?.[language] ?? value,
  sayNeeded: (value: string, language: Language) => rowOf(pairs, value)?.[language] ?? value,
  passes: (value: string, needed: string) => value === needed,
})

const onOff = { true: 'on', yes: 'on', enabled: 'on', false: 'off', no: 'off', disabled: 'off' }

/** In the order in which they are shown where nothing else decides. */
export const rules: Readonly<Record<string, Rule>> = {
  account_active: {
    name: { en: 'The account is active', es: 'La cuenta está activa' },
    reason: 'eligibility.account_inactive',
    needed: 'active',
    ...words(
      { active: { en: 'active', es: 'activa' }, inactive: { en: 'not active', es: 'no activa' } },
      { true: 'active', false: 'inactive', activa: 'active', inactiva: 'inactive' },
    ),
    now: ({ successor }) => (successor.active === undefined ? undefined : successor.active ? 'active' : 'inactive'),
  },
  activity: {
    name: { en: 'Recent activity', es: 'Actividad reciente' },
    reason: 'eligibility.inactive_over_30d',
    needed: '30',
    /** The one number in it; a date has three, and is shown as it is. */
    value: (text) => /^\D*(\d{1,6})\D*$/.exec(text)?.[1],
    say: (value, language) =>
      language === 'es' ? `${days(value, 'es')} sin actividad` : `${days(value, 'en')} without activity`,
    sayNeeded: (value, language) =>
      language === 'es' ? `como máximo ${days(value, 'es')}` : `at most ${days(value, 'en')}`,
    passes: (value, needed) => Number(value) <= Number(needed),
    now: ({ successor }, at) =>
      successor.lastActivityAt &&
      String(Math.max(0, Math.floor((at.getTime() - successor.lastActivityAt.getTime()) / dayMs))),
  },
  membership_paid: {
    name: { en: 'The membership is paid', es: 'La membresía está al día' },
    reason: 'eligibility.payment_overdue',
    needed: 'current',
    ...words(
      { current: { en: 'up to date', es: 'al día' }, overdue: { en: 'overdue', es: 'en mora' } },
      { paid: 'current', true: 'current', false: 'overdue', mora: 'overdue' },
    ),
    now: ({ payment }) => payment,
  },
  second_factor: {
    name: { en: 'A second factor is on', es: 'Tiene segundo factor' },
    reason: 'eligibility.mfa_off',
    needed: 'on',
    ...words({ on: { en: 'on', es: 'activado' }, off: { en: 'off', es: 'desactivado' } }, onOff),
    now: ({ successor }) => (successor.secondFactor === undefined ? undefined : successor.secondFactor ? 'on' : 'off'),
  },
  email_verified: {
    name: { en: 'The e-mail is verified', es: 'El correo está verificado' },
    reason: 'eligibility.email_unverified',
    needed: 'on',
    ...words(
      { on: { en: 'verified', es: 'verificado' }, off: { en: 'not verified', es: 'sin verificar' } },
      { ...onOff, verified: 'on', unverified: 'off' },
    ),
    now: () => undefined,
  },
}

/** Rules whose values stand in the other views: what can be said where nobody recorded the checks. */
export const computed = ['account_active', 'activity', 'membership_paid'] as const

/** One rule as it was found, as it is now, and as it has to be. */
export interface Judged {
  readonly key: string
  readonly rule: string
  readonly result: CheckResult
  readonly reason?: string
  readonly found?: string
  readonly now?: string
  readonly passesNow?: boolean
  readonly needed: string
}

/** A check that somebody recorded. */
export function judged(check: Check, one: Case, language: Language, at: Date): Judged {
  const rule = rowOf(rules, check.key)
  if (!rule) {
    return {
      key: check.key,
      rule: check.key.replaceAll(/[_.]+/g, ' '),
      result: check.result,
      ...(check.reason === undefined ? {} : { reason: check.reason }),
      ...(check.observed === undefined ? {} : { found: check.observed }),
      needed: check.required ?? '–',
    }
  }
  const needed = check.required === undefined ? rule.needed : rule.value(check.required)
  const now = rule.now(one, at)
  return {
    key: check.key,
    rule: rule.name[language],
    result: check.result,
    reason: check.reason ?? rule.reason,
    ...(check.observed === undefined ? {} : { found: said(rule, check.observed, language) }),
    ...(now === undefined
      ? {}
      : { now: rule.say(now, language), ...(needed === undefined ? {} : { passesNow: rule.passes(now, needed) }) }),
    needed: needed === undefined ? (check.required ?? '–') : rule.sayNeeded(needed, language),
  }
}

const said = (rule: Rule, observed: string, language: Language): string => {
  const value = rule.value(observed)
  return value === undefined ? observed : rule.say(value, language)
}

/** What the other views say now, where nobody recorded what was checked then. */
export const computedNow = (one: Case, language: Language, at: Date): readonly Judged[] =>
  computed.flatMap((key) => {
    const rule = rules[key]
    const now = rule?.now(one, at)
    if (!rule || now === undefined) return []
    const passesNow = rule.passes(now, rule.needed)
    return [
      {
        key,
        rule: rule.name[language],
        result: passesNow ? 'pass' : 'fail',
        reason: rule.reason,
        now: rule.say(now, language),
        passesNow,
        needed: rule.sayNeeded(rule.needed, language),
      } as const,
    ]
  })
