/**
 * Amparo in an account of AWS: agents in a user pool with a second factor, the function that delivers, the server as a
 * container behind a load balancer that keeps its three hosts apart, PostgreSQL with a standby. Read from top to bottom it
 * is what there is; what each part may do stands beside it.
 */
import { join } from 'node:path'
import { type App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AccountRecovery,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StandardThreatProtectionMode,
  UserPool,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito'
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import {
  type CfnEIP,
  FlowLogDestination,
  InstanceClass,
  InstanceSize,
  InstanceType,
  IpAddresses,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import {
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs'
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
  XffHeaderProcessingMode,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { ConfigurationSet, EmailIdentity, Identity, SuppressionReasons } from 'aws-cdk-lib/aws-ses'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import { bundles } from '../functions/bundle.ts'
import { watch } from './alarms.ts'
import { bridge } from './bridge.ts'
import { explain } from './explained.ts'
import type { StackSettings } from './settings.ts'
import { rules, visible } from './wall.ts'

const project = join(import.meta.dirname, '../..')
export const deliverBundle = join(bundles, 'deliver')

/** The groups of the pool and what they are here: the server's own table of groups. */
export const groups = {
  'technical-assistance': ['agent:technical'],
  'ecosystem-admin': ['agent:succession'],
  supervisors: ['supervisor'],
  auditors: ['auditor'],
  administrators: ['admin'],
} as const

const ports = { console: 4000, issuer: 4001, companion: 4002 } as const
type Face = keyof typeof ports
const faces = Object.keys(ports) as Face[]

export function amparoStack(app: App, settings: StackSettings): Stack {
  const stack = new Stack(app, 'Amparo', {
    env: { region: settings.region },
    description: 'Amparo: support inside the account of the customer, with both names on everything',
    terminationProtection: true,
  })
  const key = new Key(stack, 'Key', { enableKeyRotation: true, description: 'Amparo: database, secrets, alarms' })
  key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com')) // Alarms are told over an encrypted topic.
  const logs = logBucket(stack)
  const alarms = alarmTopic(stack, key, settings)
  const vpc = network(stack)
  const pool = agents(stack, settings)
  const deliver = delivery(stack, settings)
  const database = postgres(stack, vpc, key)
  tell(stack, 'AgentsPool', pool.pool.userPoolId, 'The pool that agents are made in')
  tell(stack, 'DeskClientId', pool.client.userPoolClientId, 'Its client, whose secret goes into the secret DeskClient')
  tell(stack, 'WayOut', wayOut(vpc), 'The address from which the server comes to the database that has your views')
  const { service, logGroup } = server(stack, { settings, vpc, key, pool, deliver, database })
  const { balancer, targets } = door(stack, { settings, vpc, logs, service })
  tell(stack, 'DoorName', balancer.loadBalancerDnsName, 'Where the three hosts lead to (CNAME, or an alias)')
  wall(stack, balancer, settings.hosts)
  const bridged = settings.bridge && bridge(stack, key, settings.hosts.issuer, settings.bridge)
  const inService = settings.servers > 0
  watch(stack, alarms, { deliver, database, balancer, targets, inService, logGroup, bridge: bridged })
  explain(stack, bridged !== undefined)
  return stack
}

/** What an operator needs on the way from here to the first assistance (docs/guide/aws.md). */
const tell = (stack: Stack, id: string, value: string, description: string) =>
  new CfnOutput(stack, id, { value, description })

// ── Ground ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Public for the load balancer alone; the server leaves through a gateway; the database has no way out. */
const network = (stack: Stack): Vpc =>
  new Vpc(stack, 'Network', {
    ipAddresses: IpAddresses.cidr('10.40.0.0/20'),
    maxAzs: 2,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'door', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'server', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      { name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
    ],
    restrictDefaultSecurityGroup: false,
    flowLogs: {
      rejected: {
        destination: FlowLogDestination.toCloudWatchLogs(
          new LogGroup(stack, 'FlowLog', {
            retention: RetentionDays.THREE_MONTHS,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
      },
    },
  })

/** Of the one gateway. */
const wayOut = ({ publicSubnets: [first] }: IVpc): string => {
  if (!first) throw new Error('there is no gateway')
  return (first.node.findChild('EIP') as CfnEIP).ref
}

const logBucket = (stack: Stack): Bucket =>
  new Bucket(stack, 'DoorLog', {
    encryption: BucketEncryption.S3_MANAGED, // The load balancer cannot write with a key of ours.
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: false,
    lifecycleRules: [{ expiration: Duration.days(90) }],
    removalPolicy: RemovalPolicy.RETAIN,
  })

function alarmTopic(stack: Stack, key: Key, { operatorMail }: StackSettings): Topic {
  const topic = new Topic(stack, 'Alarms', { masterKey: key, enforceSSL: true })
  topic.addSubscription(new EmailSubscription(operatorMail))
  return topic
}

// ── Agents ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function agents(stack: Stack, { hosts, signInPrefix }: StackSettings) {
  const pool = new UserPool(stack, 'Agents', {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    mfa: Mfa.REQUIRED,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 14,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(1),
    },
    accountRecovery: AccountRecovery.NONE,
    featurePlan: FeaturePlan.PLUS,
    standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  for (const groupName of Object.keys(groups))
    new CfnUserPoolGroup(stack, `Group-${groupName}`, { userPoolId: pool.userPoolId, groupName })
  pool.addDomain('SignIn', { cognitoDomain: { domainPrefix: signInPrefix } })
  const client = pool.addClient('Desk', {
    generateSecret: true,
    authFlows: {},
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.PROFILE, OAuthScope.EMAIL, OAuthScope.PHONE],
      callbackUrls: [`https://${hosts.console}/sign-in/back`],
      logoutUrls: [`https://${hosts.console}/`],
    },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(5),
    idTokenValidity: Duration.minutes(5),
    refreshTokenValidity: Duration.hours(12), // As long as a session at the desk.
  })
  return { pool, client }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

function delivery(stack: Stack, { mailDomain, mailFrom, smsSender, deliverReserved }: StackSettings) {
  const configurationSet = new ConfigurationSet(stack, 'Mail', {
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    reputationMetrics: true,
  })
  const sender = new EmailIdentity(stack, 'Sender', { identity: Identity.domain(mailDomain), configurationSet })
  for (const [index, { name, value }] of sender.dkimRecords.entries())
    tell(stack, `Dkim${index + 1}`, `${name} CNAME ${value}`, `A record for the zone of ${mailDomain}`)
  const table = new TableV2(stack, 'Deliveries', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    timeToLiveAttribute: 'expires',
    encryption: TableEncryptionV2.awsManagedKey(),
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const logGroup = new LogGroup(stack, 'DeliverLog', {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new Role(stack, 'DeliverRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  const may = (sid: string, actions: string[], resources: string[]) =>
    role.addToPolicy(new PolicyStatement({ sid, actions, resources }))
  logGroup.grantWrite(role)
  may('SendMail', ['ses:SendEmail', 'ses:SendRawEmail'], [arnOf(stack, 'ses', `identity/${mailDomain}`)])
  may(
    'ThroughOurSet',
    ['ses:SendEmail', 'ses:SendRawEmail'],
    [arnOf(stack, 'ses', `configuration-set/${configurationSet.configurationSetName}`)],
  )
  may('KeepWhatWasDone', ['dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn])
  // These two know no resource: AWS takes nothing but everything for them.
  may('AskFirst', ['ses:GetSuppressedDestination', 'sns:CheckIfPhoneNumberIsOptedOut'], ['*'])
  // To phones, which have no ARN, and to no topic.
  role.addToPolicy(
    new PolicyStatement({
      sid: 'SendSms',
      actions: ['sns:Publish'],
      notResources: [`arn:${stack.partition}:sns:*:*:*`],
    }),
  )
  const deliver = new LambdaFunction(stack, 'Deliver', {
    description: 'Receives one message and sends it, once',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(deliverBundle),
    handler: 'index.handler',
    role,
    logGroup,
    memorySize: 512,
    timeout: Duration.seconds(10),
    ...(deliverReserved > 0 ? { reservedConcurrentExecutions: deliverReserved } : {}),
    environment: { AMPARO_MAIL_FROM: mailFrom, AMPARO_SMS_SENDER: smsSender, AMPARO_DELIVERIES: table.tableName },
  })
  return deliver
}

const arnOf = (stack: Stack, service: string, resource: string): string =>
  `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${resource}`

// ── Database ────────────────────────────────────────────────────────────────────────────────────────────────────────

function postgres(stack: Stack, vpc: IVpc, key: Key): DatabaseInstance {
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 })
  const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED }
  const instanceIdentifier = stack.stackName.toLowerCase()
  // Made before the database would make them, which would keep them for ever.
  const logGroups = ['postgresql', 'upgrade'].map(
    (name) =>
      new LogGroup(stack, `DatabaseLog-${name}`, {
        logGroupName: `/aws/rds/instance/${instanceIdentifier}/${name}`,
        retention: RetentionDays.THREE_MONTHS,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
  )
  const database = new DatabaseInstance(stack, 'Database', {
    instanceIdentifier,
    engine,
    vpc,
    vpcSubnets,
    multiAz: true,
    instanceType: InstanceType.of(InstanceClass.M7G, InstanceSize.LARGE),
    credentials: Credentials.fromGeneratedSecret('amparo', {
      encryptionKey: key,
      excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\,=^',
    }),
    databaseName: 'amparo',
    port: 5433, // Not the one that everybody tries first.
    parameterGroup: new ParameterGroup(stack, 'DatabaseSettings', {
      engine,
      parameters: { 'rds.force_ssl': '1', log_connections: '1', log_disconnections: '1' },
    }),
    storageType: StorageType.GP3,
    allocatedStorage: 100,
    maxAllocatedStorage: 1000,
    storageEncrypted: true,
    storageEncryptionKey: key,
    backupRetention: Duration.days(35),
    deleteAutomatedBackups: false,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
    publiclyAccessible: false,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.SNAPSHOT,
    cloudwatchLogsExports: ['postgresql', 'upgrade'],
    enablePerformanceInsights: true,
    performanceInsightEncryptionKey: key,
  })
  database.node.addDependency(...logGroups)
  return database
}

// ── Server ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Around {
  readonly settings: StackSettings
  readonly vpc: IVpc
  readonly key: Key
  readonly pool: ReturnType<typeof agents>
  readonly deliver: LambdaFunction
  readonly database: DatabaseInstance
}

function server(stack: Stack, { settings, vpc, key, pool, deliver, database }: Around) {
  /** Filled by the operator before the first start; what is generated here is nothing that anybody could use. */
  const given = (id: string, description: string) => {
    const secret = new Secret(stack, id, { encryptionKey: key, description })
    tell(stack, `${id}Secret`, secret.secretArn, description)
    return secret
  }
  const keys = given('Keys', 'the key file: amparo keys new FILE')
  const surfaces = given('Surfaces', 'the JSON file of AMPARO_SURFACES')
  const clientSecret = given('DeskClient', "the client secret of the pool's client Desk")
  // The database here lets nobody in but the server: your views stay in your own.
  const coreUrl = given('CoreUrl', 'AMPARO_CORE_URL: the address of the database that has your views')
  const credentials = database.secret
  if (!credentials) throw new Error('the database has no credentials')

  const task = new FargateTaskDefinition(stack, 'Task', {
    cpu: 1024,
    memoryLimitMiB: 2048,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
  })
  task.addVolume({ name: 'run' })
  task.addToTaskRolePolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [deliver.functionArn] }),
  )
  const logGroup = new LogGroup(stack, 'ServerLog', {
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  const image = new DockerImageAsset(stack, 'Image', {
    directory: project,
    file: 'deploy/Dockerfile',
    platform: Platform.LINUX_ARM64, // Whatever builds it: the task runs on no other.
    exclude: ['**/node_modules', '.git', '.amparo', 'screens', 'deploy/stack', 'deploy/dist', 'bench', '**/*.test.ts'],
  })
  const container = task.addContainer('server', {
    image: ContainerImage.fromDockerImageAsset(image),
    essential: true,
    readonlyRootFilesystem: true,
    user: '1000',
    stopTimeout: Duration.seconds(30),
    logging: LogDrivers.awsLogs({ streamPrefix: 'server', logGroup }),
    portMappings: faces.map((face) => ({ name: face, containerPort: ports[face] })),
    healthCheck: {
      command: [
        'CMD',
        'node',
        '-e',
        `fetch('http://127.0.0.1:${ports.console}/livez').then(r=>process.exit(r.ok?0:1))`,
      ],
      startPeriod: Duration.seconds(60),
    },
    environment: {
      AMPARO_HOST: '0.0.0.0',
      AMPARO_PORT: String(ports.console),
      // The load balancer stands in these, and its security group alone reaches the server.
      AMPARO_PROXIES: vpc.publicSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock).join(', '),
      AMPARO_CONSOLE_URL: `https://${settings.hosts.console}`,
      AMPARO_ISSUER_URL: `https://${settings.hosts.issuer}`,
      AMPARO_COMPANION_URL: `https://${settings.hosts.companion}`,
      AMPARO_VENDOR_NAME: settings.vendorName,
      AMPARO_VENDOR_PHONE: settings.vendorPhone,
      AMPARO_MAIL_FROM: settings.mailFrom,
      AMPARO_MAIL_BY: 'lambda',
      AMPARO_SMS_BY: 'lambda',
      AMPARO_DELIVER_FUNCTION: deliver.functionName,
      AMPARO_AGENTS_ISSUER: `https://cognito-idp.${stack.region}.amazonaws.com/${pool.pool.userPoolId}`,
      AMPARO_AGENTS_CLIENT_ID: pool.client.userPoolClientId,
      FILE_GROUPS: JSON.stringify({ provider: 'cognito', groups }),
    },
    secrets: {
      FILE_KEYS: TaskSecret.fromSecretsManager(keys),
      FILE_SURFACES: TaskSecret.fromSecretsManager(surfaces),
      AMPARO_AGENTS_CLIENT_SECRET: TaskSecret.fromSecretsManager(clientSecret),
      AMPARO_CORE_URL: TaskSecret.fromSecretsManager(coreUrl),
      DATABASE_USER: TaskSecret.fromSecretsManager(credentials, 'username'),
      DATABASE_PASSWORD: TaskSecret.fromSecretsManager(credentials, 'password'),
      DATABASE_HOST: TaskSecret.fromSecretsManager(credentials, 'host'),
      DATABASE_PORT: TaskSecret.fromSecretsManager(credentials, 'port'),
    },
  })
  // The only place that it writes to: the files that it is given, and whether it is switched off.
  container.addMountPoints({ sourceVolume: 'run', containerPath: '/run/amparo', readOnly: false })

  const securityGroup = new SecurityGroup(stack, 'ServerGroup', { vpc, allowAllOutbound: true })
  database.connections.allowDefaultPortFrom(securityGroup, 'the server')
  const service = new FargateService(stack, 'Server', {
    cluster: new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENABLED }),
    taskDefinition: task,
    desiredCount: settings.servers,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    assignPublicIp: false,
    securityGroups: [securityGroup],
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    circuitBreaker: { rollback: true },
    enableExecuteCommand: false,
  })
  return { service, logGroup }
}

// ── Door ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Doorway {
  readonly settings: StackSettings
  readonly vpc: IVpc
  readonly logs: Bucket
  readonly service: FargateService
}

/** TLS ends here. Each host leads to its own port and to nothing else; another host leads nowhere. */
function door(stack: Stack, { settings, vpc, logs, service }: Doorway) {
  const balancer = new ApplicationLoadBalancer(stack, 'Door', {
    vpc,
    internetFacing: true,
    dropInvalidHeaderFields: true,
    xffHeaderProcessingMode: XffHeaderProcessingMode.APPEND, // Whom it saw, at the end of what it was told.
    deletionProtection: true,
    vpcSubnets: { subnetType: SubnetType.PUBLIC },
    idleTimeout: Duration.seconds(120), // Longer than a stream of events is silent.
  })
  balancer.logAccessLogs(logs, 'door')
  balancer.addRedirect({ sourceProtocol: ApplicationProtocol.HTTP, targetProtocol: ApplicationProtocol.HTTPS })
  const listener = balancer.addListener('Https', {
    protocol: ApplicationProtocol.HTTPS,
    port: 443,
    sslPolicy: SslPolicy.TLS13_RES,
    certificates: [Certificate.fromCertificateArn(stack, 'Certificate', settings.certificateArn)],
    defaultAction: ListenerAction.fixedResponse(404),
  })
  const groupOf = (face: Face, index: number) =>
    listener.addTargets(face, {
      priority: index + 1,
      conditions: [ListenerCondition.hostHeaders([settings.hosts[face]])],
      port: ports[face],
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: 'server', containerPort: ports[face] })],
      deregistrationDelay: Duration.seconds(10),
      // Not readiness: a Core that is away would have every server replaced, again and again, and endings with them.
      healthCheck: { path: '/livez', port: String(ports.console), interval: Duration.seconds(10) },
    })
  const targets = Object.fromEntries(faces.map((face, index) => [face, groupOf(face, index)]))
  for (const face of faces) service.connections.allowFrom(balancer, Port.tcp(ports[face]))
  return { balancer, targets }
}

/** Who asks too often is stopped in front of the door (`wall.ts`), and the log of it keeps no link and no cookie. */
function wall(stack: Stack, balancer: ApplicationLoadBalancer, hosts: StackSettings['hosts']): void {
  const acl = new CfnWebACL(stack, 'Wall', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visible('amparo'),
    rules: rules(hosts),
  })
  new CfnWebACLAssociation(stack, 'WallAtTheDoor', { resourceArn: balancer.loadBalancerArn, webAclArn: acl.attrArn })
  const logGroup = new LogGroup(stack, 'WallLog', {
    logGroupName: `aws-waf-logs-${stack.stackName.toLowerCase()}`,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const hidden = ['authorization', 'cookie'].map((Name) => ({ singleHeader: { Name } }))
  new CfnLoggingConfiguration(stack, 'WallLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [
      `arn:${stack.partition}:logs:${stack.region}:${stack.account}:log-group:${logGroup.logGroupName}`,
    ],
    // A link of the user's page opens it: no path is kept.
    redactedFields: [...hidden, { uriPath: {} }, { queryString: {} }],
  }).node.addDependency(logGroup)
}
