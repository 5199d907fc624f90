/** What must hold of the stack, whoever changes it: looked at in the template that would be deployed, without an account. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, type Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { AwsSolutionsChecks } from 'cdk-nag'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { groupsFrom } from '../../server/src/config.ts'
import { callerOf, proxiesFrom } from '../../server/src/http/caller.ts'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type LambdaClients, lambda } from '../../server/src/messages/lambda.ts'
import { probes } from '../../server/src/operations/probes.routes.ts'
import { type Cloud, cloud, letterBy, table } from '../contract/ways.ts'
import { type FunctionSettings, startLambda } from '../doubles/lambda.ts'
import { type TriggerName, triggersAt } from '../doubles/triggers.ts'
import { bundle } from '../functions/bundle.ts'
import { explanations } from './explained.ts'
import { settingsOf } from './settings.ts'
import { amparoStack, groups } from './stack.ts'
import { limits } from './wall.ts'

vi.setConfig({ testTimeout: 120_000 })

let app: App
let stack: Stack
let template: Template
let outdir: string
let context: Record<string, string>
/** The same with its servers, and with runs of the function kept for it. */
let alive: Template
/** As it stands in the folder: no product needs a bridge. */
let plain: Template
/** Only looked at: what it would deploy is not copied anew. */
const contextOf = (more: object) =>
  new App({ context: { ...context, ...more, 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false })

beforeAll(async () => {
  await bundle()
  const asIs = JSON.parse(readFileSync(join(import.meta.dirname, 'cdk.json'), 'utf8')).context
  context = { ...asIs, usersPool: 'eu-west-1_Example00', bridgeProducts: 'web' }
  app = new App({ context, analyticsReporting: false })
  stack = amparoStack(app, settingsOf(app))
  outdir = app.synth().directory
  template = Template.fromStack(stack)
  const full = contextOf({ servers: '2', deliverReserved: '40' })
  alive = Template.fromStack(amparoStack(full, settingsOf(full)))
  const unbridged = contextOf(asIs)
  plain = Template.fromStack(amparoStack(unbridged, settingsOf(unbridged)))
}, 300_000)

type Resource = { readonly Type: string; readonly Properties: Record<string, unknown> }
const resources = (type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.findResources(type)) as [string, Resource][]

test('the database has a standby, takes TLS alone, keeps copies, and nobody outside reaches it', () => {
  template.hasResourceProperties('AWS::RDS::DBInstance', {
    MultiAZ: true,
    StorageEncrypted: true,
    PubliclyAccessible: false,
    DeletionProtection: true,
    BackupRetentionPeriod: 35,
  })
  template.hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Parameters: Match.objectLike({ 'rds.force_ssl': '1' }),
  })
})

test('from anywhere one comes to the load balancer, over 443 and the redirect, and to nothing else', () => {
  const open = resources('AWS::EC2::SecurityGroup').flatMap(([id, { Properties }]) =>
    ((Properties.SecurityGroupIngress ?? []) as { CidrIp?: string; FromPort: number }[])
      .filter(({ CidrIp }) => CidrIp === '0.0.0.0/0')
      .map(({ FromPort }) => `${id.replace(/[0-9A-F]{8}$/, '')} ${FromPort}`),
  )
  expect(open.sort()).toEqual(['DoorSecurityGroup 443', 'DoorSecurityGroup 80'])
  for (const [, { Properties }] of resources('AWS::EC2::SecurityGroupIngress'))
    expect(Properties.CidrIp).toBeUndefined()
})

test('each host leads to a port of its own, another one nowhere, and TLS is 1.3 or 1.2', () => {
  const rules = resources('AWS::ElasticLoadBalancingV2::ListenerRule').map(([, { Properties }]) => Properties)
  expect(rules.map((rule) => JSON.stringify(rule.Conditions)).sort()).toEqual(
    ['assist.acme.example', 'desk.acme.example', 'help.acme.example'].map((host) =>
      JSON.stringify([{ Field: 'host-header', HostHeaderConfig: { Values: [host] } }]),
    ),
  )
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 443,
    SslPolicy: Match.stringLikeRegexp('TLS13'),
    DefaultActions: [Match.objectLike({ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } })],
  })
  expect(
    new Set(resources('AWS::ElasticLoadBalancingV2::TargetGroup').map(([, { Properties }]) => Properties.Port)),
  ).toEqual(new Set([4000, 4001, 4002]))
})

test('nobody is an agent without a second factor, and nobody makes an account for themself', () => {
  template.hasResourceProperties('AWS::Cognito::UserPool', {
    MfaConfiguration: 'ON',
    EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    DeletionProtection: 'ACTIVE',
  })
  template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
    GenerateSecret: true,
    AllowedOAuthFlows: ['code'],
    EnableTokenRevocation: true,
    CallbackURLs: ['https://desk.acme.example/sign-in/back'],
    LogoutURLs: ['https://desk.acme.example/'],
  })
  template.resourceCountIs('AWS::Cognito::UserPoolGroup', Object.keys(groups).length)
  expect(groupsFrom({ provider: 'cognito', groups }).claim).toBe('cognito:groups')
})

test('what may be done to everything is a closed list', () => {
  const wide = [...resources('AWS::IAM::Policy'), ...resources('AWS::IAM::Role')].flatMap(([, { Properties }]) => {
    const documents = [
      Properties.PolicyDocument,
      ...((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map((one) => one.PolicyDocument),
    ]
    return documents.filter(Boolean).flatMap((document) =>
      (
        document as {
          Statement: { Effect: string; Action: string | string[]; Resource?: unknown; NotResource?: unknown }[]
        }
      ).Statement.filter(
        ({ Effect, Resource, NotResource }) => Effect === 'Allow' && (Resource === '*' || NotResource !== undefined),
      ).flatMap(({ Action }) => Action),
    )
  })
  expect([...new Set(wide)].sort()).toEqual([
    'ecr:GetAuthorizationToken',
    'ses:GetSuppressedDestination',
    'sns:CheckIfPhoneNumberIsOptedOut',
    'sns:Publish',
  ])
  expect(wide.filter((action) => action.includes('*'))).toEqual([])
})

test('the server may call the function that delivers, and nothing else of AWS', () => {
  const actions = resources('AWS::IAM::Policy')
    .filter(([id]) => id.startsWith('TaskTaskRole'))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: { Action: unknown }[] }).Statement)
    .map(({ Action }) => Action)
  expect(actions).toEqual(['lambda:InvokeFunction'])
})

test('the triggers of the bridge may read one secret or nothing, and are called by that pool alone', () => {
  const may = (id: string) =>
    resources('AWS::IAM::Policy')
      .filter(([one]) => one.startsWith(`${id}RoleDefaultPolicy`))
      .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: { Action: unknown }[] }).Statement)
      .flatMap(({ Action }) => Action)
  const log = ['logs:CreateLogStream', 'logs:PutLogEvents']
  const reading = [...log, 'secretsmanager:GetSecretValue', 'kms:Decrypt']
  expect(['BridgeDefine', 'BridgeCreate', 'BridgeVerify', 'BridgeTokens'].map(may)).toEqual([
    log,
    log,
    reading,
    reading,
  ])
  const calls = resources('AWS::Lambda::Permission').filter(([, { Properties }]) =>
    String(Properties.Principal).startsWith('cognito-idp'),
  )
  expect(calls).toHaveLength(4)
  for (const [, { Properties }] of calls) {
    expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', SourceAccount: { Ref: 'AWS::AccountId' } })
    expect(JSON.stringify(Properties.SourceArn)).toContain('userpool/eu-west-1_Example00')
  }
  const bridged = resources('AWS::Lambda::Function').filter(([id]) => id.startsWith('Bridge'))
  expect(bridged).toHaveLength(4)
  // Every sign-in of the vendor's pool comes by the last of them.
  for (const [, { Properties }] of bridged) expect(Properties.ReservedConcurrentExecutions).toBeUndefined()
})

test('the app client of the bridge answers a challenge, and nothing else signs in or refreshes there', () => {
  template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
    UserPoolId: 'eu-west-1_Example00',
    GenerateSecret: true,
    ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'],
    AllowedOAuthFlowsUserPoolClient: false,
    AllowedOAuthFlows: Match.absent(),
    EnableTokenRevocation: true,
    AccessTokenValidity: 5,
    TokenValidityUnits: Match.objectLike({ AccessToken: 'minutes' }),
  })
})

test('where no product trusts a pool, no bridge is asked for; half of its settings is a fault', () => {
  expect(settingsOf(contextOf({ servers: '2' })).servers).toBe(2)
  expect(() => settingsOf(contextOf({ servers: 'two' }))).toThrow(/servers is 0 until the secrets are filled/)
  expect(settingsOf(contextOf({ usersPool: '', bridgeProducts: '' })).bridge).toBeUndefined()
  expect(settingsOf(contextOf({ bridgeProducts: 'web, store' })).bridge?.products).toEqual(['web', 'store'])
  expect(() => settingsOf(contextOf({ usersPool: '' }))).toThrow(/usersPool and bridgeProducts belong together/)
})

test('no secret stands in the environment of the container, whose files are its own', () => {
  const [, task] = resources('AWS::ECS::TaskDefinition')[0] ?? []
  const [container] = (task?.Properties.ContainerDefinitions ?? []) as {
    Environment: { Name: string }[]
    Secrets: { Name: string }[]
    ReadonlyRootFilesystem: boolean
    User: string
  }[]
  expect(container).toMatchObject({ ReadonlyRootFilesystem: true, User: '1000' })
  expect(container?.Environment.map(({ Name }) => Name).filter((name) => /SECRET|PASSWORD|KEYS/.test(name))).toEqual([])
  expect(container?.Secrets.map(({ Name }) => Name).sort()).toEqual([
    'AMPARO_AGENTS_CLIENT_SECRET',
    'AMPARO_CORE_URL',
    'DATABASE_HOST',
    'DATABASE_PASSWORD',
    'DATABASE_PORT',
    'DATABASE_USER',
    'FILE_KEYS',
    'FILE_SURFACES',
  ])
})

test('what the load balancer and the container ask for is what the server answers', async () => {
  const ready = { ready: true, dependencies: { database: true, record: true, core: true, mail: true } }
  const server = probes({ readiness: async () => ready, metrics: async () => '', token: undefined })
  const asked = resources('AWS::ElasticLoadBalancingV2::TargetGroup').map(([, one]) =>
    String(one.Properties.HealthCheckPath),
  )
  const [, task] = resources('AWS::ECS::TaskDefinition')[0] ?? []
  const [, inside = ''] = /http:\/\/127\.0\.0\.1:4000(\/\w+)/.exec(JSON.stringify(task?.Properties)) ?? []
  for (const path of [...asked, inside]) expect([path, (await server.request(path)).status]).toEqual([path, 200])
})

test('keys turn, every log ends some day, and what goes wrong is told', () => {
  template.allResourcesProperties('AWS::KMS::Key', { EnableKeyRotation: true })
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: Match.anyValue() })
  for (const [id, { Properties }] of resources('AWS::CloudWatch::Alarm'))
    expect(Properties.AlarmActions, id).toHaveLength(1)
})

test('an alarm goes off where nobody is behind the door, answers fail, the database fills, or a function fails or is held back', () => {
  const told = alarmsOf(alive)
  expect(told).toEqual([
    'AlarmBridgeFails: Errors >= 5',
    'AlarmBridgeThrottled: Throttles >= 1',
    'AlarmBridgeTicketsFails: Errors >= 3',
    'AlarmBridgeTicketsThrottled: Throttles >= 1',
    'AlarmBroken: HTTPCode_Target_5XX_Count >= 5',
    'AlarmDatabaseBusy: CPUUtilization >= 80',
    'AlarmDatabaseCrowded: DatabaseConnections >= 500',
    'AlarmDatabaseFull: FreeStorageSpace <= 10737418240',
    'AlarmDeliverFails: Errors >= 3',
    'AlarmDeliverSlow: Duration >= 2500',
    'AlarmDeliverThrottled: Throttles >= 1',
    'AlarmDoor: HTTPCode_ELB_5XX_Count >= 5',
    'AlarmNobodycompanion: HealthyHostCount <= 0 (Maximum), silence is bad',
    'AlarmNobodyconsole: HealthyHostCount <= 0 (Maximum), silence is bad',
    'AlarmNobodyissuer: HealthyHostCount <= 0 (Maximum), silence is bad',
    'AlarmServer: ServerErrors >= 1',
  ])
  // Before its secrets are filled there is nobody behind the door, and nobody is woken for it.
  expect(alarmsOf(template)).toEqual(told.filter((one) => !one.startsWith('AlarmNobody')))
  const dimensions = Object.values(alive.findResources('AWS::CloudWatch::Alarm')).map((one) => one.Properties)
  for (const { MetricName, Dimensions } of dimensions)
    expect([MetricName, MetricName === 'ServerErrors' ? Dimensions : Dimensions.length > 0]).toEqual([
      MetricName,
      MetricName === 'ServerErrors' ? undefined : true,
    ])
})

/** Each alarm in a line: what is measured, and when it goes off. */
function alarmsOf(of: Template): readonly string[] {
  return Object.entries(of.findResources('AWS::CloudWatch::Alarm'))
    .map(([id, { Properties }]) => {
      const { MetricName, Statistic, Threshold, ComparisonOperator, TreatMissingData } = Properties
      const { EvaluationPeriods, DatapointsToAlarm } = Properties
      expect([id, EvaluationPeriods, DatapointsToAlarm]).toEqual([id, 3, 2])
      const sign = ComparisonOperator === 'LessThanOrEqualToThreshold' ? '<=' : '>='
      const silence = TreatMissingData === 'breaching' ? ', silence is bad' : ''
      return `${id.replace(/[0-9A-F]{8}$/, '')}: ${MetricName} ${sign} ${Threshold}${Statistic === 'Maximum' ? ' (Maximum)' : ''}${silence}`
    })
    .sort()
}

test('who asks is told by the load balancer, which adds whom it saw; the server believes it and nobody else', () => {
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
    LoadBalancerAttributes: Match.arrayWith([
      { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
      { Key: 'routing.http.xff_header_processing.mode', Value: 'append' },
    ]),
  })
  const [, task] = resources('AWS::ECS::TaskDefinition')[0] ?? []
  const [container] = (task?.Properties.ContainerDefinitions ?? []) as {
    Environment: { Name: string; Value: string }[]
  }[]
  const value = container?.Environment.find(({ Name }) => Name === 'AMPARO_PROXIES')?.Value ?? ''
  const doors = resources('AWS::EC2::Subnet').filter(([id]) => id.includes('door'))
  expect(value.split(', ')).toEqual(doors.map(([, { Properties }]) => Properties.CidrBlock))
  const [, balancer] = resources('AWS::ElasticLoadBalancingV2::LoadBalancer')[0] ?? []
  expect(balancer?.Properties.Subnets).toEqual(doors.map(([id]) => ({ Ref: id })))
  const proxies = proxiesFrom(value)
  expect(callerOf('10.40.1.9', '10.40.0.1, 203.0.113.9', proxies)).toBe('203.0.113.9')
  expect(callerOf('10.40.2.9', '203.0.113.9', proxies)).toBe('10.40.2.9')
})

test('the image is built for what the task runs on, from a folder with everything that its recipe copies', () => {
  const { dockerImages } = JSON.parse(readFileSync(join(outdir, `${stack.artifactId}.assets.json`), 'utf8')) as {
    dockerImages: Record<string, { source: { directory: string; dockerFile: string; platform: string } }>
  }
  const [image] = Object.values(dockerImages)
  const [, task] = resources('AWS::ECS::TaskDefinition')[0] ?? []
  expect([image?.source.platform, task?.Properties.RuntimePlatform]).toEqual([
    'linux/arm64',
    { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
  ])
  const folder = join(outdir, image?.source.directory ?? '')
  const recipe = readFileSync(join(folder, image?.source.dockerFile ?? ''), 'utf8')
  const copied = [...recipe.matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)].flatMap(([, what = '']) =>
    what.split(' '),
  )
  // And what the last stage takes of it as it is.
  const taken = [...recipe.matchAll(/^COPY --from=built \S+ \/amparo\/(\S+)/gm)].map(([, what = '']) => what)
  const made = ['node_modules', 'backoffice/dist', 'rds.pem']
  const wanted = [...copied, ...taken.filter((path) => !made.includes(path)), 'scripts', 'demo', 'backoffice/src']
  expect(wanted.length).toBeGreaterThan(15)
  expect(wanted.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})

test('whoever needs no bridge has none of it', () => {
  const of = (all: Readonly<Record<string, unknown>>) => Object.keys(all).filter((id) => id.includes('Bridge'))
  expect(of(plain.toJSON().Resources)).toEqual([])
  expect(of(plain.toJSON().Outputs)).toEqual([])
  expect(of(template.toJSON().Outputs).length).toBeGreaterThan(4)
})

test('nothing is kept for the function unless an operator says so: a new account has nothing to keep', () => {
  const reserved = (of: Template) =>
    Object.values(of.findResources('AWS::Lambda::Function')).map((one) => one.Properties.ReservedConcurrentExecutions)
  expect(reserved(template).filter((one) => one !== undefined)).toEqual([])
  expect(reserved(alive).filter((one) => one !== undefined)).toEqual([40])
  expect(() => settingsOf(contextOf({ deliverReserved: 'many' }))).toThrow(/deliverReserved is 0, or how many/)
})

test('who asks too often is stopped in front of the door, and its log keeps no link and no cookie', () => {
  const [, wall] = resources('AWS::WAFv2::WebACL')[0] ?? []
  expect(((wall?.Properties.Rules ?? []) as { Name: string }[]).map(({ Name }) => Name)).toEqual([
    ...lists,
    ...Object.keys(limits),
  ])
  template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1)
  const [, logging] = resources('AWS::WAFv2::LoggingConfiguration')[0] ?? []
  expect(JSON.stringify(logging?.Properties.RedactedFields)).toMatch(/authorization.*cookie.*UriPath.*QueryString/)
})

test('what a product, an office and a page need passes the wall, and what ends access is held up by none of its rules', () => {
  const [desk, assist, help] = ['desk.acme.example', 'assist.acme.example', 'help.acme.example']
  expect(countedBy(assist, '/introspect')).toEqual(['products'])
  expect(countedBy(assist, '/bridge/ticket')).toEqual(['products'])
  expect(countedBy(assist, '/endings')).toEqual(['products'])
  expect(countedBy(assist, '/authorize')).toEqual(['everything'])
  expect(countedBy(desk, '/introspect')).toEqual(['everything'])
  expect(countedBy(desk, '/sign-in/back')).toEqual(['sign-in', 'everything'])
  expect(countedBy(desk, '/api/v1/assistances')).toEqual(['everything'])
  expect(countedBy(help, '/c/abc')).toEqual(['page', 'everything'])
  expect(countedBy(help, '/c/abc/yes')).toEqual(['page', 'everything'])
  for (const path of ['/c/abc/stop', '/c/abc/decline', '/c/abc/not-me', '/c/abc/power-no', '/c/abc/power-back'])
    expect([path, lookedAtBy(help, path)]).toEqual([path, []])
  for (const path of ['/api/v1/assistances/as_1/closure', '/api/v1/cutoffs'])
    expect([path, lookedAtBy(desk, path)]).toEqual([path, []])
  for (const path of ['/end', '/revoke']) expect([path, lookedAtBy(assist, path)]).toEqual([path, []])
  // What only looks like an ending is counted like everything else.
  for (const [host, path] of [
    [help, '/x/stop'],
    [help, '/end'],
    [desk, '/c/stop'],
    [desk, '/api/v1/users/closure'],
    [assist, '/api/v1/cutoffs'],
  ] as const)
    expect([path, lookedAtBy(host, path)]).toEqual([path, [...lists, ...countedBy(host, path)]])
  expect(countedBy(help, '/x/stop')).toEqual(['everything'])
  expect(countedBy(desk, '/c/stop')).toEqual(['page', 'everything'])
  // In five minutes: 500 checks a second; a page that asks each 2 s; an agent who signs in; a console that is open.
  expect(limits.products / 300).toBeGreaterThanOrEqual(500)
  expect(limits.page / 150).toBeGreaterThanOrEqual(40)
  expect(limits['sign-in'] / 2).toBeGreaterThanOrEqual(500)
  expect(limits.everything / 330).toBeGreaterThanOrEqual(300)
  expect(limits.page).toBeLessThan(limits.everything)
})

/** The statements that our rules are made of. */
interface Counted {
  readonly AndStatement?: { readonly Statements: readonly Counted[] }
  readonly OrStatement?: { readonly Statements: readonly Counted[] }
  readonly NotStatement?: { readonly Statement: Counted }
  readonly ByteMatchStatement?: {
    readonly SearchString: string
    readonly PositionalConstraint: string
    readonly FieldToMatch: object
  }
}

const lists = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet']
/** The rules that count a request, as the wall would reckon. */
const countedBy = (host: string, path: string): readonly string[] =>
  lookedAtBy(host, path).filter((name) => !lists.includes(name))

/** And with them those that may stop it for its address or what it says. */
function lookedAtBy(host: string, path: string): readonly string[] {
  const holds = ({ AndStatement, OrStatement, NotStatement, ByteMatchStatement: match }: Counted): boolean => {
    if (AndStatement) return AndStatement.Statements.every(holds)
    if (OrStatement) return OrStatement.Statements.some(holds)
    if (NotStatement) return !holds(NotStatement.Statement)
    if (!match) throw new Error('a statement of another kind')
    const text = 'UriPath' in match.FieldToMatch ? path : host
    if (match.PositionalConstraint === 'EXACTLY') return text === match.SearchString
    return match.PositionalConstraint === 'STARTS_WITH'
      ? text.startsWith(match.SearchString)
      : text.endsWith(match.SearchString)
  }
  const [, wall] = resources('AWS::WAFv2::WebACL')[0] ?? []
  const all = (wall?.Properties.Rules ?? []) as {
    Name: string
    Statement: Record<string, { ScopeDownStatement?: Counted }>
  }[]
  const narrowed = (statement: { ScopeDownStatement?: Counted } | undefined) => statement?.ScopeDownStatement
  return all
    .filter(({ Statement: { RateBasedStatement, ManagedRuleGroupStatement } }) => {
      const to = narrowed(RateBasedStatement) ?? narrowed(ManagedRuleGroupStatement)
      return to === undefined || holds(to)
    })
    .map(({ Name }) => Name)
}

test('no finding of cdk-nag stands without its reason', () => {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app)
  const left = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(
      ({ constructPath, resourceLogicalId }) => `${ruleName} ${constructPath ?? resourceLogicalId}`,
    ),
  )
  expect(left).toEqual([])
  for (const { id, reason } of explanations) expect(reason.length, id).toBeGreaterThan(30)
})

test('the stack is what it was: whatever changes in what would be deployed is seen in the change that does it', async () => {
  await expect(`${JSON.stringify(normal(template.toJSON()), undefined, 1)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, '__snapshots__/template.json'),
  )
})

/** The template without what is another with each version of our code: the digests of assets, and in whose order they stand. */
function normal(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(normal)
  if (typeof part === 'string') return part.replace(/\b[0-9a-f]{64}\b/g, 'DIGEST')
  if (typeof part !== 'object' || part === null) return part
  const entries = Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, value]) => [name, normal(value)]))
}

let there: Cloud | undefined
afterAll(() => there?.close())

/** A function as it would be deployed: its very asset, started as the template says. */
function deployed(name: string, env: Readonly<Record<string, string>>): FunctionSettings {
  const [, fn] = resources('AWS::Lambda::Function').find(([id]) => id.startsWith(name)) ?? []
  if (!fn) throw new Error(`there is no function ${name}`)
  const { Code, Handler, Timeout, Environment } = fn.Properties as {
    Code: { S3Key: string }
    Handler: string
    Timeout: number
    Environment?: { Variables: Record<string, string> }
  }
  return {
    root: join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`),
    handler: Handler,
    timeoutSeconds: Timeout,
    // What only a deployment knows, and this machine in place of AWS.
    env: { ...Environment?.Variables, ...env },
  }
}

test('the very assets of the bridge are started in the host, and a sign-in of another client has nothing from them', async () => {
  const env = { AMPARO_BRIDGE_CLIENTS: 'bridge=web', AMPARO_BRIDGE_SECRET: 'x' }
  const names = ['BridgeDefine', 'BridgeCreate', 'BridgeVerify', 'BridgeTokens']
  const host = await startLambda({
    functions: Object.fromEntries(names.map((name) => [name, { ...deployed(name, env), timeoutSeconds: 60 }])),
  })
  const triggers = triggersAt('pool', {
    lambdaUrl: host.url,
    patienceMs: 60_000,
    functions: {
      DefineAuthChallenge: 'BridgeDefine',
      CreateAuthChallenge: 'BridgeCreate',
      VerifyAuthChallengeResponse: 'BridgeVerify',
      PreTokenGeneration: 'BridgeTokens',
    },
  })
  const ask = (name: TriggerName, request: object) =>
    triggers.call(name, {
      version: '2',
      source: 'TokenGeneration_HostedAuth',
      userName: 'u',
      clientId: 'shop',
      request,
    })
  const about = { userAttributes: { sub: 'u' }, session: [], privateChallengeParameters: {}, challengeAnswer: 'x' }
  expect(await ask('DefineAuthChallenge', about)).toEqual({ issueTokens: false, failAuthentication: true })
  expect(await ask('CreateAuthChallenge', about)).toMatchObject({ challengeMetadata: 'AMPARO_TICKET' })
  expect(await ask('VerifyAuthChallengeResponse', about)).toEqual({ answerCorrect: false })
  expect(await ask('PreTokenGeneration', about)).toEqual({})
  triggers.close()
  await host.close()
})

test('the very asset that would be deployed is started in the host, and delivers', async () => {
  there = await cloud()
  const host = await startLambda({
    functions: {
      deliver: deployed('Deliver', {
        AMPARO_DELIVERIES: table,
        AMPARO_MAIL_FROM: 'Acme Support <help@acme.test>',
        AWS_ENDPOINT_URL_SESV2: there.ses.url,
        AWS_ENDPOINT_URL_SNS: there.sns.url,
        AWS_ENDPOINT_URL_DYNAMODB: there.dynamo.url,
      }),
    },
  })
  process.env.AWS_ENDPOINT_URL_LAMBDA = host.url
  const carrier = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), {
    functionName: 'deliver',
    timeoutMs: 10_000,
  })
  const letter = letterBy('email')
  expect(await carrier.deliver(letter, new AbortController().signal)).toMatchObject({ fate: 'sent' })
  expect(there.inbox.entries(letter.to)).toHaveLength(1)
  await host.close()
})
