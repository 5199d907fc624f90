/**
 * Settings: the environment and the files that it names, parsed once, every fault told at once. What is not fit for
 * production is refused here and nowhere else.
 */
import { readFileSync } from 'node:fs'
import { bilingual, powers } from '@amparo/contract/words'
import { z } from 'zod'
import { defaultReasons, type Reasons, reasonsFrom, ticketUrlFrom } from './assistance/reasons.ts'
import { Cannot, type Sentence } from './cannot.ts'
import { type Keys, readKeys } from './keys.ts'
import type { Vendor } from './messages/message.ts'
import { type Policy, presets, type Surface } from './policy/policy.ts'

export { version } from './words.ts'

export interface Config {
  readonly mode: 'demo' | 'production'
  readonly database: { readonly url: string } | { readonly folder: string }
  /** The vendor's own database; undefined: schema `amparo_core` in ours. */
  readonly coreUrl: string | undefined
  readonly listen: {
    readonly host: string
    readonly console: number
    readonly issuer: number
    readonly companion: number
  }
  readonly consoleOrigin: string
  readonly issuerOrigin: string
  readonly companionOrigin: string
  readonly surfaces: readonly Surface[]
  readonly policy: Policy
  readonly reasons: Reasons
  /** Where a ticket can be read: an https address with `{ticket}` in it; undefined where nobody said. */
  readonly ticketUrl: string | undefined
  readonly vendor: Vendor
  readonly keys: Keys
  readonly smtpUrl: string
  readonly mailFrom: string
  readonly messagesPerUserADay: number | undefined
}

/** A start that cannot be: each reason a sentence that says what to do. */
export class CannotStart extends Cannot {
  constructor(faults: readonly Sentence[]) {
    super(2, faults)
  }
}

/** What was done, in one line that people read. */
const oneLine = z
  .string()
  .trim()
  .min(1)
  .max(140)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u)
const actName = z.strictObject({ en: oneLine, es: oneLine })

const surfaceRow = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
  name: bilingual,
  offeredTo: z.array(z.enum(['owner', 'member'])).min(1),
  whenSuspended: z.boolean().optional(),
  clientId: z.string().min(1).optional(),
  clientAuth: z.literal('client_secret_basic').optional(),
  secret: z.string().min(32).optional(),
  secretFile: z.string().optional(),
  redirectUris: z.array(z.url()).min(1).optional(),
  initiateLoginUri: z.url().optional(),
  backchannelLogoutUri: z.url().optional(),
  statusCheck: z.boolean().optional(),
  powers: z.array(z.enum(powers)).optional(),
  acts: z.record(z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/), actName).optional(),
  requires: z.strictObject({ feature: z.string().optional() }).optional(),
})
const surfaceRows = z.array(surfaceRow).min(1)

/** Surfaces from their configuration, in the order of the buttons. Throws with the faults in words. */
export function surfacesFrom(json: unknown): readonly Surface[] {
  const parsed = surfaceRows.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  return parsed.data.map(surfaceOf)
}

function surfaceOf(row: z.infer<typeof surfaceRow>): Surface {
  const secret = row.secret ?? (row.secretFile === undefined ? undefined : readFileSync(row.secretFile, 'utf8').trim())
  const client =
    row.clientId !== undefined && secret !== undefined && row.redirectUris && row.initiateLoginUri !== undefined
      ? {
          id: row.clientId,
          secret,
          redirectUris: row.redirectUris,
          initiateLoginUri: row.initiateLoginUri,
          statusCheck: row.statusCheck ?? false,
          ...(row.backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri: row.backchannelLogoutUri }),
        }
      : undefined
  if (row.clientId !== undefined && !client) {
    throw new Error(
      `Surface "${row.id}" has a clientId; it also needs secret (or secretFile), redirectUris and initiateLoginUri.`,
    )
  }
  return {
    id: row.id,
    name: row.name,
    offeredTo: row.offeredTo,
    whenSuspended: row.whenSuspended ?? row.id === 'store',
    powers: row.powers ?? ['look'],
    ...(row.acts ? { acts: row.acts } : {}),
    ...(client ? { client } : {}),
    ...(row.requires ? { requires: row.requires } : {}),
  }
}

/** Surfaces that nobody could close: they neither check the status nor take back-channel logout. */
const unclosable = (surfaces: readonly Surface[]): readonly string[] =>
  surfaces
    .filter(
      (surface) => surface.client && !surface.client.statusCheck && surface.client.backchannelLogoutUri === undefined,
    )
    .map((surface) => surface.id)

const policyRow = z.strictObject({ preset: z.enum(['standard', 'strict']) })

/** What is asked for beyond the rules that always hold, from its configuration. Throws with the faults in words. */
export function policyFrom(json: unknown): Policy {
  const parsed = policyRow.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  return presets[parsed.data.preset]
}

const settings = {
  DATABASE_URL: 'our PostgreSQL 15 to 18, e.g. postgres://amparo:…@db/amparo',
  AMPARO_CORE_URL: "the vendor's database with the views of schema amparo_core; unset: our own",
  AMPARO_HOST: 'the address to listen on; 127.0.0.1 unless set',
  AMPARO_PORT: "the console's port; the issuer takes the next, the companion page the one after",
  AMPARO_CONSOLE_URL: 'the console as agents open it, e.g. https://desk.acme.com',
  AMPARO_ISSUER_URL: 'the assisted issuer, on a host of its own, e.g. https://assist.acme.com',
  AMPARO_COMPANION_URL: "the user's page as people open it, e.g. https://help.acme.com",
  AMPARO_SURFACES: 'a JSON file with the products that can be opened',
  AMPARO_REASONS: "a JSON file with the vendor's reasons; unset: six of our own",
  AMPARO_TICKET_URL: 'where your ticket system shows a ticket, e.g. https://tickets.acme.com/t/{ticket}',
  AMPARO_POLICY: 'a JSON file, {"preset": "standard"} or {"preset": "strict"}; standard unless set',
  AMPARO_VENDOR_NAME: 'what users know you as, e.g. Acme',
  AMPARO_VENDOR_PHONE: 'the number that users can call, e.g. +1 212 555 0100',
  AMPARO_KEYS: 'the key file; make one with: amparo keys new FILE',
  AMPARO_SMTP_URL: 'the mail server, e.g. smtps://user:…@smtp.acme.com',
  AMPARO_MAIL_FROM: 'the sender of mails, e.g. Acme Support <help@acme.com>',
  AMPARO_MESSAGES_A_DAY: 'messages that one user may get in a day; 10 unless set',
} as const
export type Setting = keyof typeof settings
/** Every setting with what it means, for `amparo config` and the documentation. */
export const meanings: Readonly<Record<Setting, string>> = settings

const isSetting = (name: string): name is Setting => Object.hasOwn(settings, name)

/** The configuration of this environment, or every fault in it, a sentence each, without any secret. */
export async function configFrom(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config | { faults: readonly string[] }> {
  const faults = Object.keys(env)
    .filter((name) => name.startsWith('AMPARO_') && !isSetting(name) && !foreign.has(name))
    .map(unknownSetting)
  const want = (name: Setting): string => {
    const value = env[name]?.trim() ?? ''
    if (value === '') faults.push(`${name} is missing. It is ${settings[name]}.`)
    return value
  }
  const tried = async <T>(name: Setting, work: (value: string) => T | Promise<T>): Promise<T | undefined> => {
    const value = want(name)
    if (value === '') return undefined
    try {
      return await work(value)
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`)
      return undefined
    }
  }
  const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

  const [consoleOrigin, issuerOrigin, companionOrigin] = origins(env, want, faults)
  const databaseUrl = want('DATABASE_URL')
  const surfaces = await tried('AMPARO_SURFACES', (path) => surfacesFrom(json(path)))
  const keys = await tried('AMPARO_KEYS', readKeys)
  if (keys?.demo) faults.push('AMPARO_KEYS was made by a demo. Make one of your own: amparo keys new FILE.')
  for (const id of unclosable(surfaces ?? []))
    faults.push(`AMPARO_SURFACES: "${id}" could never be closed. Give it backchannelLogoutUri or statusCheck.`)
  const reasons = env.AMPARO_REASONS ? await tried('AMPARO_REASONS', (path) => reasonsFrom(json(path))) : defaultReasons
  const ticketUrl = env.AMPARO_TICKET_URL ? await tried('AMPARO_TICKET_URL', ticketUrlFrom) : undefined
  const policy = env.AMPARO_POLICY ? await tried('AMPARO_POLICY', (path) => policyFrom(json(path))) : presets.standard
  const port = Number(env.AMPARO_PORT ?? 4000)
  const vendor = { name: want('AMPARO_VENDOR_NAME'), phone: want('AMPARO_VENDOR_PHONE') }
  const [smtpUrl, mailFrom] = [want('AMPARO_SMTP_URL'), want('AMPARO_MAIL_FROM')]
  if (faults.length > 0 || !surfaces || !keys || !reasons || !policy) return { faults }
  return {
    mode: 'production',
    database: { url: databaseUrl },
    coreUrl: env.AMPARO_CORE_URL,
    consoleOrigin,
    issuerOrigin,
    companionOrigin,
    listen: { host: env.AMPARO_HOST ?? '127.0.0.1', console: port, issuer: port + 1, companion: port + 2 },
    surfaces,
    policy,
    reasons,
    ticketUrl,
    vendor,
    keys,
    smtpUrl,
    mailFrom,
    messagesPerUserADay: Number(env.AMPARO_MESSAGES_A_DAY ?? 10),
  }
}

/** Set by our own scripts and tests, not by operators. */
const foreign = new Set(['AMPARO_CHROMIUM', 'AMPARO_TEST_POSTGRES'])

function origins(
  env: Readonly<Record<string, string | undefined>>,
  want: (name: Setting) => string,
  faults: string[],
): readonly [string, string, string] {
  const origin = (name: Setting): string => {
    const text = want(name)
    if (text === '') return ''
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url?.protocol === 'https:' && url.pathname === '/' && url.hostname !== 'localhost') return url.origin
    faults.push(`${name}  seen: "${env[name]}"  wanted: an https address that people can open, without a path.`)
    return ''
  }
  const all = [origin('AMPARO_CONSOLE_URL'), origin('AMPARO_ISSUER_URL'), origin('AMPARO_COMPANION_URL')] as const
  const hosts = all.filter((one) => one !== '').map((one) => new URL(one).hostname)
  if (new Set(hosts).size < hosts.length) {
    faults.push(
      'AMPARO_CONSOLE_URL, AMPARO_ISSUER_URL and AMPARO_COMPANION_URL must be three different hosts: cookies ignore ports.',
    )
  }
  return all
}

function unknownSetting(name: string): string {
  const near = Object.keys(settings)
    .map((known) => ({ known, far: distance(known, name) }))
    .sort((a, b) => a.far - b.far)[0]
  return `${name} is not a setting.${near && near.far <= 4 ? ` Did you mean ${near.known}?` : ''}`
}

/** Levenshtein distance: how many letters two words are apart. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
