/** What an operator decides about the stack; everything else is the same for everybody. From the context of CDK. */
import type { App } from 'aws-cdk-lib'

export interface StackSettings {
  readonly region: string
  /** The three names that people open, each a host of its own, and the certificate that holds them all. */
  readonly hosts: { readonly console: string; readonly issuer: string; readonly companion: string }
  readonly certificateArn: string
  /** The domain that mail comes from, and the sender's address in it. */
  readonly mailDomain: string
  readonly mailFrom: string
  /** The name that phones show for an SMS, where a country allows one. */
  readonly smsSender: string
  readonly vendorName: string
  readonly vendorPhone: string
  /** Who is told when an alarm goes off. */
  readonly operatorMail: string
  /** The prefix of Cognito's own sign-in pages. */
  readonly signInPrefix: string
  /** How many run: none until its secrets are filled, since a server without them does not start; then two or more. */
  readonly servers: number
  /**
   * Runs of the function `deliver` that are kept for it, and its most. None: it shares the account's, as a new account needs,
   * which has ten of them and lets none be kept.
   */
  readonly deliverReserved: number
  /** Where products trust the tokens of your users' own pool; left out where none does. */
  readonly bridge?: BridgeSettings
}
export interface BridgeSettings {
  /** The id of that pool, in this region and account. */
  readonly userPool: string
  /** The products, as Amparo knows their clients. */
  readonly products: readonly string[]
  /** The attribute that holds the user's id in your Core. */
  readonly subject: string
}

const wanted = [
  'region',
  'certificateArn',
  'mailDomain',
  'mailFrom',
  'smsSender',
  'vendorName',
  'vendorPhone',
  'operatorMail',
  'signInPrefix',
] as const

/** Throws with everything that is missing, told at once. */
export function settingsOf(app: App): StackSettings {
  const given = (name: string): string => String(app.node.tryGetContext(name) ?? '').trim()
  const hosts = { console: given('consoleHost'), issuer: given('issuerHost'), companion: given('companionHost') }
  const values = Object.fromEntries(wanted.map((name) => [name, given(name)]))
  const missing = [
    ...Object.entries(hosts).flatMap(([name, host]) => (host === '' ? [`${name}Host`] : [])),
    ...wanted.filter((name) => values[name] === ''),
  ]
  if (missing.length > 0) throw new Error(`deploy/stack/cdk.json, "context": missing are ${missing.join(', ')}`)
  if (new Set(Object.values(hosts)).size < 3)
    throw new Error('The three hosts must be different: cookies ignore ports.')
  const servers = Number(given('servers') || 'none')
  if (!Number.isInteger(servers) || servers < 0)
    throw new Error('deploy/stack/cdk.json, "context": servers is 0 until the secrets are filled, then 2 or more')
  const deliverReserved = Number(given('deliverReserved') || '0')
  if (!Number.isInteger(deliverReserved) || deliverReserved < 0)
    throw new Error(
      'deploy/stack/cdk.json, "context": deliverReserved is 0, or how many runs are kept for the function',
    )
  const bridge = bridgeOf(given)
  const named = values as unknown as Omit<StackSettings, 'hosts' | 'bridge' | 'servers' | 'deliverReserved'>
  return { ...named, hosts, servers, deliverReserved, ...(bridge ? { bridge } : {}) }
}

function bridgeOf(given: (name: string) => string): BridgeSettings | undefined {
  const userPool = given('usersPool')
  const products = given('bridgeProducts')
    .split(/[\s,]+/)
    .filter((one) => one !== '')
  if (userPool === '' && products.length === 0) return undefined
  if (userPool === '' || products.length === 0)
    throw new Error('deploy/stack/cdk.json, "context": usersPool and bridgeProducts belong together')
  return { userPool, products, subject: given('bridgeSubject') || 'sub' }
}
