/**
 * Who asks too often is stopped in front of the door. An address is not a person: an office, a company's network or a
 * telephone company may stand behind one, and a product's back end asks for everybody who uses it. The limits leave them
 * room (docs/guide/aws.md says how it was reckoned), and the server itself counts finer: by session, link and client.
 * What ends access passes all of them, whatever else came from that address and on whatever list it stands.
 */
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import type { StackSettings } from './settings.ts'

type Rule = CfnWebACL.RuleProperty
type Statement = CfnWebACL.StatementProperty

/** Requests of one address in five minutes. */
export const limits = {
  /** Two requests each: five hundred agents of one office who begin their day. */
  'sign-in': 1000,
  /** A page that somebody looks at asks every two seconds: forty of them behind one address. */
  page: 6000,
  /** Five hundred checks a second. */
  products: 150_000,
  /** An open console asks for some three hundred things in that time: three hundred agents of one office. */
  everything: 100_000,
} as const

export const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
})

/** In the order in which they are looked at. */
export const rules = (hosts: StackSettings['hosts']): Rule[] => {
  const productsAsk = both(atHost(hosts.issuer), any(productPaths.map(pathIs)))
  const endsNothing = not(ends(hosts))
  return [
    managed('AWSManagedRulesAmazonIpReputationList', 1, endsNothing),
    managed('AWSManagedRulesKnownBadInputsRuleSet', 2, endsNothing),
    often('sign-in', 3, pathBegins('/sign-in/')),
    often('page', 4, both(any(['/c/', '/o/'].map(pathBegins)), endsNothing)),
    often('products', 5, both(productsAsk, endsNothing)),
    often('everything', 6, both(not(productsAsk), endsNothing)),
  ]
}

/** What products ask the issuer from their back ends, by their secret. */
const productPaths = [
  '/introspect',
  '/token',
  '/userinfo',
  '/jwks',
  '/activity',
  '/endings',
  '/bridge/ticket',
  '/bridge/redeem',
  '/bridge/claims',
]

const pathIs = (path: string) => matching(path, 'EXACTLY')
const pathBegins = (path: string) => matching(path, 'STARTS_WITH')
const pathEnds = (path: string) => matching(path, 'ENDS_WITH')
const matching = (
  searchString: string,
  positionalConstraint: string,
  fieldToMatch: object = { uriPath: {} },
): Statement => ({
  byteMatchStatement: {
    searchString,
    fieldToMatch,
    positionalConstraint,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
})
const atHost = (host: string) => matching(host, 'EXACTLY', { singleHeader: { Name: 'host' } })
const not = (statement: Statement): Statement => ({ notStatement: { statement } })
const any = (statements: Statement[]): Statement => ({ orStatement: { statements } })
const both = (...statements: Statement[]): Statement => ({ andStatement: { statements } })

/** The user's *Stop* and *No*, the agent's *End now*, a product's, and the switch for everything. */
const ends = ({ console, issuer, companion }: StackSettings['hosts']): Statement =>
  any([
    both(atHost(companion), pathBegins('/c/'), any(usersEndings.map(pathEnds))),
    both(atHost(console), pathBegins('/api/v1/assistances/'), pathEnds('/closure')),
    both(atHost(console), pathIs('/api/v1/cutoffs')),
    both(atHost(issuer), any(['/end', '/revoke'].map(pathIs))),
  ])
const usersEndings = ['/stop', '/decline', '/not-me', '/power-no', '/power-back']

const often = (name: keyof typeof limits, priority: number, scopeDownStatement: Statement): Rule => ({
  name,
  priority,
  action: { block: { customResponse: { responseCode: 429 } } },
  visibilityConfig: visible(name),
  statement: {
    rateBasedStatement: { limit: limits[name], evaluationWindowSec: 300, aggregateKeyType: 'IP', scopeDownStatement },
  },
})
const managed = (name: string, priority: number, scopeDownStatement: Statement): Rule => ({
  name,
  priority,
  overrideAction: { none: {} },
  visibilityConfig: visible(name),
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, scopeDownStatement } },
})
