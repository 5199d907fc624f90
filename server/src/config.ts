/**
 * Settings: the environment and the files that it names, parsed once, every fault told at once. What is not fit for
 * production is refused here and nowhere else.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Bilingual, type Role, roles } from '@amparo/contract/words'
import { z } from 'zod'
import { defaultReasons, type Reasons, reasonsFrom, ticketUrlFrom } from './assistance/reasons.ts'
import { Cannot, type Sentence } from './cannot.ts'
import { hostOf, namesNobody, surfacesFrom, unfit, withoutKeys } from './config.surfaces.ts'
import { type Proxies, proxiesFrom } from './http/caller.ts'
import { mannersOf, type Provider, providers } from './identity/provider.ts'
import { isInline, type Keys, readKeys } from './keys.ts'
import type { Vendor } from './messages/letter.ts'
import { readDemoPolicy, readPolicy } from './policy/file.ts'
import { allowedOf, type Policy, presets, type Surface } from './policy/policy.ts'
import {
  isSetting,
  meaningOf,
  quoted,
  type Setting,
  settingNames,
  settings,
  unknownSetting,
  withFiles,
  wrong,
} from './settings.ts'
import { type Pack, packs } from './succession/definition.ts'

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
  /** Which proxies are believed about who asks; undefined: none is. */
  readonly proxies: Proxies | undefined
  readonly consoleOrigin: string
  readonly issuerOrigin: string
  readonly companionOrigin: string
  readonly surfaces: readonly Surface[]
  readonly policy: Policy
  /** Where agents sign in at their company; undefined: with a password of ours. */
  readonly agents: AgentsIssuer | undefined
  readonly reasons: Reasons
  /** Where a ticket can be read: an https address with `{ticket}` in it; undefined where nobody said. */
  readonly ticketUrl: string | undefined
  readonly vendor: Vendor
  readonly keys: Keys
  /** Where this machine is told to switch off while the database is away. */
  readonly stopFile: string
  readonly mail: MailWay
  /** Undefined: no SMS are sent. */
  readonly sms: SmsWay | undefined
  readonly mailFrom: string
  /** What a reader of the metrics has to show; undefined: only this machine reads them. */
  readonly metricsToken: string | undefined
  /** Where releases go when the Core has no function for them, and what signs them. */
  readonly releaseWebhook: { readonly url: string; readonly secret: string } | undefined
  /** Where the record is told as it grows. */
  readonly recordWebhook: { readonly url: string; readonly secret: string } | undefined
  /** Every checkpoint of the record is added to this file. */
  readonly checkpointsFile: string | undefined
  /** Steps of a succession beyond the fourteen. */
  readonly successionPacks: readonly Pack[]
}

/** By what messages leave. */
type ByFunction = { readonly by: 'lambda'; readonly functionName: string }
export type MailWay = { readonly by: 'smtp'; readonly url: string } | { readonly by: 'ses' } | ByFunction
/** SMS over SMTP are for the demo's inbox alone. */
export type SmsWay =
  | { readonly by: 'smtp'; readonly url: string }
  | { readonly by: 'sns'; readonly senderId: string | undefined }
  | ByFunction

/** The setting that says where mail goes. */
export const mailSetting = ({ by }: MailWay): Setting =>
  (({ smtp: 'AMPARO_SMTP_URL', ses: 'AMPARO_MAIL_BY', lambda: 'AMPARO_DELIVER_FUNCTION' }) as const)[by]

/** A start that cannot be: each reason a sentence that says what to do. */
export class CannotStart extends Cannot {
  constructor(faults: readonly Sentence[]) {
    super(2, faults)
  }
}

export interface AgentsIssuer {
  readonly provider: Provider
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly claim: string
  readonly scope: string
  readonly groups: Readonly<Record<string, readonly Role[]>>
  /** Only in the demo: a provider on this machine, without TLS. */
  readonly insecure?: true
}
const groupsFile = z
  .strictObject({
    provider: z.enum(providers).default('openid'),
    claim: z.string().min(1).optional(),
    scope: z.string().min(1).optional(),
    groups: z.record(z.string(), z.array(z.enum(roles)).min(1)).refine((table) => Object.keys(table).length > 0),
  })
  .transform(({ provider, claim, scope, groups }) => {
    const usual = mannersOf(provider)
    return { provider, claim: claim ?? usual.claim, scope: scope ?? usual.scope, groups }
  })

/** Which group gives which roles, from its file. Throws where it says something else. */
export const groupsFrom = (json: unknown) => groupsFile.parse(json)

/** What is asked for beyond the rules that always hold, from its file. Throws with every fault, a sentence each. */
export function policyFrom(json: unknown, read = readPolicy): Policy {
  const found = read(json)
  if ('faults' in found) throw new CannotStart(found.faults)
  return found.policy
}

/** The same for a demo: without the quotas that its file does not set. */
export const demoPolicyFrom = (json: unknown): Policy => policyFrom(json, readDemoPolicy)

/** Every setting with what it means, for the documentation. */
export const meanings: Readonly<Record<string, string>> = Object.fromEntries(
  settingNames.map((name) => [name, meaningOf(name).en]),
)

/** Set by our own scripts and tests, not by operators. */
export const notOurs: ReadonlySet<string> = new Set(['AMPARO_CHROMIUM', 'AMPARO_TEST_POSTGRES', 'AMPARO_AWS_CONTRACT'])

/** The configuration of this environment, or every fault in it, a sentence each, without any secret. */
export async function configFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Config | { faults: readonly Sentence[] }> {
  const { env, faults: ofFiles } = withFiles(environment)
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('AMPARO_') && !isSetting(name) && !notOurs.has(name),
  )
  const faults: Sentence[] = [...ofFiles, ...unknown.map(unknownSetting)]
  const given = (name: Setting): string => env[name]?.trim() || (settings[name].unset ?? '')
  const want = (name: Setting): string => {
    const value = given(name)
    if (value === '') faults.push(wrong(name, undefined))
    return value
  }
  const tried = async <T>(name: Setting, work: (value: string) => T | Promise<T>): Promise<T | undefined> => {
    const value = want(name)
    if (value === '') return undefined
    try {
      return await work(value)
    } catch (error) {
      faults.push(...faultsOf(name, value, error))
      return undefined
    }
  }
  /** A value that looks as it should, or a fault. An optional one may be missing. */
  const fit = (name: Setting, looks: (value: string) => boolean, wanted?: Bilingual): string => {
    const value = settings[name].optional ? given(name) : want(name)
    if (value !== '' && !looks(value)) faults.push(wrong(name, quoted(name, value), wanted))
    return value
  }
  const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

  const [consoleOrigin, issuerOrigin, companionOrigin] = origins(fit, faults)
  const databaseUrl = fit('DATABASE_URL', isPostgres)
  const coreUrl = fit('AMPARO_CORE_URL', isPostgres, aPostgres)
  const surfaces = await tried('AMPARO_SURFACES', (path) => surfacesFrom(json(path)))
  const keys = await tried('AMPARO_KEYS', readKeys)
  if (keys?.demo) faults.push(wrong('AMPARO_KEYS', { en: "the demo's keys", es: 'llaves de la demostración' }))
  faults.push(...unfit(surfaces ?? [], [consoleOrigin, issuerOrigin, companionOrigin]))
  const reasons = env.AMPARO_REASONS ? await tried('AMPARO_REASONS', (path) => reasonsFrom(json(path))) : defaultReasons
  const ticketUrl = env.AMPARO_TICKET_URL ? await tried('AMPARO_TICKET_URL', ticketUrlFrom) : undefined
  const policy = env.AMPARO_POLICY ? await tried('AMPARO_POLICY', (path) => policyFrom(json(path))) : presets.standard
  if (policy && surfaces && reasons) faults.push(...strangersIn(policy, surfaces, reasons))
  if (policy && surfaces) faults.push(...withoutKeys(policy, surfaces))
  const agents = env.AMPARO_AGENTS_ISSUER
    ? agentsIssuer(want, fit, await tried('AMPARO_AGENTS_GROUPS', (path) => groupsFrom(json(path))))
    : undefined
  const host = fit('AMPARO_HOST', (value) => /^[\w.:-]+$/.test(value))
  const port = Number(fit('AMPARO_PORT', (value) => isWhole(value, 1, 65_533), aPort))
  const proxies = fit('AMPARO_PROXIES', (value) => proxiesFrom(value) !== undefined, someProxies)
  const isBound = fit('AMPARO_SMS_BOUND', (value) => value === 'yes' || value === 'no') === 'yes'
  const typedAt = isBound ? { agent: hostIn(consoleOrigin), user: hostIn(companionOrigin) } : undefined
  const vendor = { name: want('AMPARO_VENDOR_NAME'), phone: want('AMPARO_VENDOR_PHONE'), typedAt }
  const mail = mailWay(want, fit)
  const sms = smsWay(want, fit)
  const mailFrom = fit('AMPARO_MAIL_FROM', (value) => /^[^<>]*<?[^\s<>@]+@[^\s<>@]+>?$/.test(value))
  const metricsToken = fit('AMPARO_METRICS_TOKEN', (value) => /^\S{32,}( \S{32,})?$/.test(value)) || undefined
  const webhookOf = (at: Setting, signedBy: Setting) => {
    const url = fit(at, isOpenAddress, anOpenAddress)
    const secret = fit(signedBy, (value) => /^whsec_[A-Za-z0-9+/=]{32,}( whsec_[A-Za-z0-9+/=]{32,})?$/.test(value))
    if ((url === '') !== (secret === '')) faults.push(wrong(url === '' ? at : signedBy, undefined))
    return url === '' ? undefined : { url, secret }
  }
  const releaseWebhook = webhookOf('AMPARO_RELEASE_WEBHOOK', 'AMPARO_RELEASE_WEBHOOK_SECRET')
  const recordWebhook = webhookOf('AMPARO_RECORD_WEBHOOK', 'AMPARO_RECORD_WEBHOOK_SECRET')
  const chosenPacks = fit('AMPARO_SUCCESSION_PACKS', (value) => packs.some((name) => name === value))
  if (faults.length > 0 || !surfaces || !keys || !reasons || !policy) return { faults }
  return {
    mode: 'production',
    database: { url: databaseUrl },
    coreUrl: coreUrl || undefined,
    consoleOrigin,
    issuerOrigin,
    companionOrigin,
    proxies: proxiesFrom(proxies),
    listen: { host, console: port, issuer: port + 1, companion: port + 2 },
    // What the policy leaves out is not there at all: no button, no client, no reason to choose.
    surfaces: allowedOf(policy.surfaces, surfaces, ({ id }) => id),
    policy,
    agents,
    reasons: allowedOf(policy.reasons, reasons, ({ code }) => code),
    ticketUrl,
    vendor,
    keys,
    stopFile: stopFileOf(env),
    mail,
    sms,
    mailFrom,
    metricsToken,
    releaseWebhook,
    recordWebhook,
    checkpointsFile: env.AMPARO_CHECKPOINTS || undefined,
    successionPacks: packs.filter((name) => name === chosenPacks),
  }
}

/** What is wrong with a setting whose value, or the file that it names, cannot be used. */
export const faultsOf = (name: Setting, value: string, error: unknown): readonly Sentence[] =>
  error instanceof CannotStart
    ? error.faults.map((fault) => within(name, fault))
    : [wrong(name, unreadable(quoted(name, value), error))]

/** A fault in a file that a setting names. */
const within = (name: Setting, fault: Sentence): Sentence =>
  typeof fault === 'string' ? `${name}  ${fault}` : { en: `${name}  ${fault.en}`, es: `${name}  ${fault.es}` }

/** Products and reasons that a policy names and nobody has: a typing error there would open nothing, or too little. */
function strangersIn(policy: Policy, surfaces: readonly Surface[], reasons: Reasons): readonly Sentence[] {
  const ids = surfaces.map(({ id }) => id)
  const codes = reasons.map(({ code }) => code)
  const named = [
    ['strongProof.ownersSurfaces', policy.strongProof.ownersSurfaces, ids],
    ['pageConsent.ownersSurfaces', policy.pageConsent.ownersSurfaces, ids],
    ['secondPerson.ownersSurfaces', policy.secondPerson.ownersSurfaces, ids],
    ['surfaces', policy.surfaces ?? [], ids],
    ['reasons', policy.reasons ?? [], codes],
  ] as const
  return named.flatMap(([path, names, known]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name) =>
        wrong('AMPARO_POLICY', `${path} "${name}"`, {
          en: `one of ${known.join(', ')}`,
          es: `uno de ${known.join(', ')}`,
        }),
      ),
  )
}

/** Beside the keys unless it is named: a folder that this machine has, and that the database has no part in. */
export const stopFileOf = (env: Readonly<Record<string, string | undefined>>): string => {
  const keys = env.AMPARO_KEYS?.trim() || '.'
  return env.AMPARO_STOP_FILE?.trim() || join(isInline(keys) ? '.' : dirname(keys), 'stopped.json')
}

/** All four settings or none: half a provider lets nobody in. */
function agentsIssuer(
  want: (name: Setting) => string,
  fit: Fit,
  table: ReturnType<typeof groupsFrom> | undefined,
): AgentsIssuer | undefined {
  const issuer = fit('AMPARO_AGENTS_ISSUER', isOpenAddress, anOpenAddress)
  const [clientId, clientSecret] = [want('AMPARO_AGENTS_CLIENT_ID'), want('AMPARO_AGENTS_CLIENT_SECRET')]
  return table && { issuer, clientId, clientSecret, ...table }
}

type Fit = (name: Setting, looks: (value: string) => boolean, wanted?: Bilingual) => string

/** What of the settings of one way is not used by it is not asked for. */
function mailWay(want: (name: Setting) => string, fit: Fit): MailWay {
  const by = fit('AMPARO_MAIL_BY', (value) => ['smtp', 'ses', 'lambda'].includes(value))
  if (by === 'ses') return { by }
  return by === 'lambda'
    ? { by, functionName: want('AMPARO_DELIVER_FUNCTION') }
    : { by: 'smtp', url: fit('AMPARO_SMTP_URL', isMailServer) }
}
function smsWay(want: (name: Setting) => string, fit: Fit): SmsWay | undefined {
  const by = fit('AMPARO_SMS_BY', (value) => ['sns', 'lambda'].includes(value))
  const senderId = fit('AMPARO_SMS_SENDER', (value) => /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/.test(value)) || undefined
  if (by === 'sns') return { by, senderId }
  return by === 'lambda' ? { by, functionName: want('AMPARO_DELIVER_FUNCTION') } : undefined
}

/** Of an origin that was told to be wrong there is none. */
const hostIn = (origin: string): string => (origin === '' ? '' : hostOf(origin))

const isOpenAddress = (text: string): boolean => /^https:\/\/\S+$/.test(text) && namesNobody(text)
const anOpenAddress: Bilingual = {
  en: 'an https address, without a name and a password in it',
  es: 'una dirección https, sin nombre ni contraseña dentro',
}
const anAddress: Bilingual = {
  en: 'an https address that people can open, without a path',
  es: 'una dirección https que la gente pueda abrir, sin ruta',
}

function origins(fit: Fit, faults: Sentence[]): readonly [string, string, string] {
  const origin = (name: Setting): string => {
    const text = fit(name, isOrigin, anAddress)
    return isOrigin(text) ? new URL(text).origin : ''
  }
  const all = [origin('AMPARO_CONSOLE_URL'), origin('AMPARO_ISSUER_URL'), origin('AMPARO_COMPANION_URL')] as const
  const hosts = all.filter((one) => one !== '').map(hostOf)
  if (new Set(hosts).size < hosts.length)
    faults.push({
      en: 'AMPARO_CONSOLE_URL, AMPARO_ISSUER_URL and AMPARO_COMPANION_URL must be three different hosts: cookies ignore ports.',
      es: 'AMPARO_CONSOLE_URL, AMPARO_ISSUER_URL y AMPARO_COMPANION_URL deben ser tres hosts distintos: las cookies no miran los puertos.',
    })
  return all
}

/** Not `localhost`, nor any name that only this machine or nobody knows. */
function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return (
    url?.protocol === 'https:' && url.pathname === '/' && namesNobody(text) && !/^(.+\.)?localhost$/.test(url.hostname)
  )
}

export const isPostgres = (text: string): boolean =>
  /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) && isDecodable(text)
/** A password with a bare % in it would be another one, or none. */
function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== ''
  } catch {
    return false
  }
}
const isMailServer = (text: string): boolean => /^smtps?:\/\/./.test(text) && URL.canParse(text)
const isWhole = (text: string, least: number, most: number): boolean =>
  /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most

const aPostgres: Bilingual = { en: 'the address of a PostgreSQL', es: 'la dirección de un PostgreSQL' }
const aPort: Bilingual = { en: 'a port from 1 to 65533', es: 'un puerto del 1 al 65533' }

const someProxies: Bilingual = {
  en: 'a number from 1 to 9, or addresses and ranges with commas between them, none of them wider than /8',
  es: 'un número del 1 al 9, o direcciones y rangos con comas entre ellos, ninguno más amplio que /8',
}

/** Why a file cannot be used. What a parser says of JSON quotes it, and there are secrets in it: that is never said. */
function unreadable(seen: string, error: unknown): Bilingual {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Readonly<Record<string, Bilingual>> = {
    ENOENT: { en: 'there is no such file', es: 'no existe ese archivo' },
    EACCES: { en: 'this user may not read it', es: 'este usuario no puede leerlo' },
    EISDIR: { en: 'this is a folder', es: 'es una carpeta' },
  }
  const notJson = { en: 'it is not JSON', es: 'no es JSON' }
  const said = error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, '; ') : ''
  const why = error instanceof SyntaxError ? notJson : (known[code] ?? { en: said, es: said })
  return { en: `${seen}: ${why.en}`, es: `${seen}: ${why.es}` }
}
