/**
 * Settings: the environment and the files that it names, parsed once, every fault told at once. What is not fit for
 * production is refused here and nowhere else.
 */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sensitivePowers } from '@amparo/contract/powers'
import { type Bilingual, bilingual, powers, type Role, roles } from '@amparo/contract/words'
import { z } from 'zod'
import { defaultReasons, type Reasons, reasonsFrom, ticketUrlFrom } from './assistance/reasons.ts'
import { Cannot, type Sentence } from './cannot.ts'
import { type Proxies, proxiesFrom } from './http/caller.ts'
import { mannersOf, type Provider, providers } from './identity/provider.ts'
import { isInline, type Keys, readKeys } from './keys.ts'
import type { Vendor } from './messages/letter.ts'
import { readDemoPolicy, readPolicy } from './policy/file.ts'
import {
  allowedOf,
  type ClientKey,
  type ClientKeys,
  type Policy,
  presets,
  type Surface,
  type SurfaceClient,
} from './policy/policy.ts'
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

/** What was done, in one line that people read. */
const oneLine = z
  .string()
  .trim()
  .min(1)
  .max(140)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u)
const actName = z.strictObject({ en: oneLine, es: oneLine })

const clientSecret = z.string().min(32, 'a secret has at least 32 characters')
const inOneWay = (row: { secret?: string | undefined; secretFile?: string | undefined }) =>
  row.secret === undefined || row.secretFile === undefined
const once = { message: 'give secret or secretFile, not both' }
const formerSecret = z
  .strictObject({ secret: clientSecret.optional(), secretFile: z.string().optional(), until: z.iso.datetime() })
  .refine(inOneWay, once)

const address = z.url().refine(namesNobody, 'an address has no name and no password in it')

const coordinate = z.string().regex(/^[\w-]{43}$/, 'a coordinate of a P-256 key, in base64url')
const publicKey = z
  .strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: z.undefined('this is a private key: it stays with the product, and its public half goes here').optional(),
    kid: z.string().min(1).max(128).optional(),
    use: z.literal('sig').optional(),
    alg: z.literal('ES256').optional(),
  })
  .transform(
    ({ kty, crv, x, y, kid }): ClientKey => ({
      kty,
      crv,
      x,
      y,
      ...(kid === undefined ? {} : { kid }),
      use: 'sig',
      alg: 'ES256',
    }),
  )
  .refine(isOnCurve, 'no public key of P-256')

function isOnCurve(key: ClientKey): boolean {
  try {
    return createPublicKey({ key: { ...key }, format: 'jwk' }).asymmetricKeyType === 'ec'
  } catch {
    return false
  }
}

const surfaceRow = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
  name: bilingual,
  offeredTo: z.array(z.enum(['owner', 'member'])).min(1),
  whenSuspended: z.boolean().optional(),
  clientId: z.string().min(1).optional(),
  clientAuth: z.enum(['client_secret_basic', 'private_key_jwt', 'none']).optional(),
  secret: clientSecret.optional(),
  secretFile: z.string().optional(),
  jwks: z.strictObject({ keys: z.array(publicKey).min(1).max(10) }).optional(),
  jwksUri: address.optional(),
  former: formerSecret.optional(),
  redirectUris: z.array(address).min(1).optional(),
  initiateLoginUri: address.optional(),
  backchannelLogoutUri: address.optional(),
  statusCheck: z.boolean().optional(),
  powers: z
    .array(z.union([z.enum(powers), z.enum(sensitivePowers)]))
    .refine((all) => all.includes('look'), 'every product can at least be looked at: "look"')
    .optional(),
  acts: z.record(z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/), actName).optional(),
  requires: z.strictObject({ feature: z.string().min(1).optional(), seat: z.string().min(1).optional() }).optional(),
})
const surfaceRows = z.array(surfaceRow.refine(inOneWay, once)).min(1)

/** Surfaces from their configuration, in the order of the buttons. Throws with the faults in words. */
export function surfacesFrom(json: unknown): readonly Surface[] {
  const parsed = surfaceRows.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  return parsed.data.map(surfaceOf)
}

/** A secret as it stands there, or in the file that is named. */
function secretOf({ secret, secretFile }: { secret?: string | undefined; secretFile?: string | undefined }) {
  if (secretFile === undefined) return secret
  const found = clientSecret.safeParse(readFileSync(secretFile, 'utf8').trim())
  if (!found.success) throw new Error(`${secretFile}: a secret has at least 32 characters.`)
  return found.data
}

/** The secret of before, where the row has one beside the one of now. */
function formerOf({ id, former }: z.infer<typeof surfaceRow>, secret: string | undefined) {
  if (!former) return {}
  const before = secretOf(former)
  if (before === undefined || secret === undefined || before === secret)
    throw new Error(`Surface "${id}": former is the secret (or secretFile) of before, beside another one of now.`)
  return { former: { secret: before, until: new Date(former.until) } }
}

/** A product's public keys, where it has them instead of a secret. */
function clientKeysOf({ id, clientAuth, jwks, jwksUri, ...row }: z.infer<typeof surfaceRow>): ClientKeys | undefined {
  if (jwks === undefined && jwksUri === undefined) return undefined
  if (jwks !== undefined && jwksUri !== undefined) throw new Error(`Surface "${id}": give jwks or jwksUri, not both.`)
  if (row.secret !== undefined || row.secretFile !== undefined || row.former)
    throw new Error(`Surface "${id}": with keys of its own it has no secret. Take the secret out.`)
  if (clientAuth !== 'private_key_jwt' && clientAuth !== 'none')
    throw new Error(`Surface "${id}": with keys of its own its clientAuth is "private_key_jwt".`)
  return jwks ? { jwks } : { jwksUri: jwksUri ?? '' }
}

/** What is missing for a product to prove itself in its way; nothing on a phone, whose app proves a key of its own. */
const proofMissing = (auth: z.infer<typeof surfaceRow>['clientAuth'], secret?: string, keys?: ClientKeys) => {
  if (auth === 'none') return ''
  if (auth === 'private_key_jwt') return keys ? '' : 'jwks (or jwksUri), '
  return secret === undefined ? 'secret (or secretFile), ' : ''
}

function surfaceOf(row: z.infer<typeof surfaceRow>): Surface {
  const secret = secretOf(row)
  const former = formerOf(row, secret)
  const keys = clientKeysOf(row)
  const onPhone = row.clientAuth === 'none'
  const missing = proofMissing(row.clientAuth, secret, keys)
  const client =
    row.clientId !== undefined && missing === '' && row.redirectUris && row.initiateLoginUri !== undefined
      ? {
          id: row.clientId,
          ...(row.clientAuth === undefined || row.clientAuth === 'client_secret_basic'
            ? {}
            : { clientAuth: row.clientAuth }),
          ...(secret === undefined ? {} : { secret, ...former }),
          ...(keys ? { keys } : {}),
          redirectUris: row.redirectUris,
          initiateLoginUri: row.initiateLoginUri,
          statusCheck: row.statusCheck ?? false,
          ...(row.backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri: row.backchannelLogoutUri }),
        }
      : undefined
  if (onPhone && (row.redirectUris ?? []).some((uri) => !/^https?:$/.test(new URL(uri).protocol)))
    throw new Error(
      `Surface "${row.id}": an app on a phone claims https addresses; another app could claim its scheme.`,
    )
  if (row.clientId !== undefined && !client) {
    throw new Error(`Surface "${row.id}" has a clientId; it also needs ${missing}redirectUris and initiateLoginUri.`)
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

/** Products on a host of ours: a browser would show our cookies there, and theirs here. */
const onHostsOfOurs = (surfaces: readonly Surface[], ours: readonly string[]): readonly string[] => {
  const hosts = new Set(ours.filter((one) => one !== '').map(hostOf))
  return surfaces
    .filter(
      ({ client }) => client && [...client.redirectUris, client.initiateLoginUri].some((url) => hosts.has(hostOf(url))),
    )
    .map(({ id }) => id)
}
const hostOf = (address: string): string => new URL(address).hostname

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
  if (keys?.demo) faults.push(wrong('AMPARO_KEYS', theDemos('keys', 'llaves')))
  for (const seen of (surfaces ?? []).flatMap(notForProduction)) faults.push(wrong('AMPARO_SURFACES', seen))
  for (const seen of (surfaces ?? []).flatMap(inTheOpen)) faults.push(wrong('AMPARO_SURFACES', seen, onlyTls))
  for (const id of unclosable(surfaces ?? [])) faults.push(wrong('AMPARO_SURFACES', ...noWayToClose(id)))
  for (const id of onHostsOfOurs(surfaces ?? [], [consoleOrigin, issuerOrigin, companionOrigin]))
    faults.push(wrong('AMPARO_SURFACES', ...onOurHost(id)))
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
  const vendor = { name: want('AMPARO_VENDOR_NAME'), phone: want('AMPARO_VENDOR_PHONE') }
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

/** A name or a password in an address would be shown wherever it is, and `fetch` asks at none that has them. */
function namesNobody(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.username === '' && url.password === ''
}
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

const theDemos = (en: string, es: string): Bilingual => ({ en: `the demo's ${en}`, es: `${es} de la demostración` })

/** The demo's own clients, whose secrets come from keys that a demo made, and secrets that stand in our guide. */
function notForProduction({ client }: Surface): readonly Bilingual[] {
  if (!client) return []
  if (/^demo\b/.test(client.id)) return [theDemos(`client "${client.id}"`, `cliente «${client.id}»`)]
  return [client.secret, client.former?.secret].some((secret) => secret?.startsWith('made-up-for-this-'))
    ? [{ en: `the guide's secret of client "${client.id}"`, es: `la clave de la guía en el cliente «${client.id}»` }]
    : []
}

/** Where a browser would carry a code, or what begins a launch, past everybody on the way, or keys come to us. This machine has no way. */
const inTheOpen = ({ id, client }: Surface): readonly string[] =>
  client
    ? [...client.redirectUris, client.initiateLoginUri, ...keysAt(client)]
        .filter((url) => /^http:\/\/(?!127\.0\.0\.1[:/]|\[::1\][:/])/i.test(url))
        .map((url) => `"${id}" at ${url}`)
    : []
const keysAt = ({ keys }: SurfaceClient): readonly string[] => (keys && 'jwksUri' in keys ? [keys.jwksUri] : [])
const onlyTls: Bilingual = {
  en: 'https in redirectUris, initiateLoginUri and jwksUri: over http anybody on the way could take what opens an account',
  es: 'https en redirectUris, initiateLoginUri y jwksUri: por http cualquiera del camino podría llevarse lo que abre una cuenta',
}

/** Products with a shared secret where the policy wants a key of each. */
export const withoutKeys = (policy: Policy, surfaces: readonly Surface[]): readonly Sentence[] =>
  policy.clientKeys
    ? surfaces
        .filter(({ client }) => client && client.keys === undefined && client.secret !== undefined)
        .map(({ id }) =>
          wrong(
            'AMPARO_SURFACES',
            {
              en: `"${id}" has a secret, and the policy wants keys (clientKeys)`,
              es: `«${id}» tiene una clave compartida, y la política pide llaves (clientKeys)`,
            },
            {
              en: '"clientAuth": "private_key_jwt" and "jwks" in it (amparo surfaces add --key makes a key)',
              es: '"clientAuth": "private_key_jwt" y "jwks" en él (amparo surfaces add --key hace una llave)',
            },
          ),
        )
    : []

const noWayToClose = (id: string) =>
  [
    { en: `"${id}" could never be closed`, es: `«${id}» no se podría cerrar nunca` },
    { en: 'backchannelLogoutUri or statusCheck in it', es: 'backchannelLogoutUri o statusCheck en él' },
  ] as const

const onOurHost = (id: string) =>
  [
    { en: `"${id}" is on a host of ours`, es: `«${id}» está en un host nuestro` },
    {
      en: 'a host of its own for each product: cookies ignore ports',
      es: 'un host propio para cada producto: las cookies no miran los puertos',
    },
  ] as const

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
