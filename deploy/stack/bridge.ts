/**
 * The bridge to your users' own pool: its four triggers, each with a role of its own, and an app client for each product
 * that can do nothing but answer a challenge. The pool is yours: which triggers it calls is for you to say
 * (docs/guide/aws.md), and that it may call these stands here.
 */
import { join } from 'node:path'
import { CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib'
import { CfnUserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { bundles, type FunctionName } from '../functions/bundle.ts'
import type { BridgeSettings } from './settings.ts'

export function bridge(stack: Stack, key: Key, issuerHost: string, settings: BridgeSettings) {
  const { userPool: userPoolId, products, subject } = settings
  /** `{ "product": "its secret at Amparo" }`, filled by the operator. */
  const secret = new Secret(stack, 'BridgeSecret', {
    encryptionKey: key,
    description: 'the secrets of the products whose users are signed in by the bridge',
  })
  new CfnOutput(stack, 'BridgeSecretArn', { value: secret.secretArn, description: 'Filled with the products’ secrets' })
  const clients = products.map((product) => ({ product, id: clientOf(stack, userPoolId, product).ref }))
  for (const { product, id } of clients)
    new CfnOutput(stack, `BridgeClientId${product.replace(/[^A-Za-z0-9]/g, '')}`, {
      value: id,
      description: `The app client that signs in for ${product}`,
    })
  const environment = { AMPARO_BRIDGE_CLIENTS: clients.map(({ id, product }) => `${id}=${product}`).join(',') }
  const asking = {
    ...environment,
    AMPARO_BRIDGE_SECRET: secret.secretArn,
    AMPARO_BRIDGE_SUBJECT: subject,
    AMPARO_ISSUER_URL: `https://${issuerHost}`,
  }

  const trigger = (id: string, name: FunctionName, description: string, env: Readonly<Record<string, string>>) => {
    const logGroup = new LogGroup(stack, `${id}Log`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    if (env === asking) mayRead(stack, role, secret, key)
    const made = new LambdaFunction(stack, id, {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      role,
      logGroup,
      memorySize: 512,
      timeout: Duration.seconds(5), // Longer than that no pool waits. None is held back: every sign-in of yours comes by.
      environment: { ...env },
    })
    made.addPermission('Pool', {
      principal: new ServicePrincipal('cognito-idp.amazonaws.com'),
      sourceArn: `arn:${stack.partition}:cognito-idp:${stack.region}:${stack.account}:userpool/${userPoolId}`,
      sourceAccount: stack.account,
    })
    new CfnOutput(stack, `${id}Arn`, { value: made.functionArn, description: `Lambda trigger of ${userPoolId}` })
    return made
  }
  trigger('BridgeDefine', 'bridge-define', 'Define auth challenge: one ticket, one try', environment)
  trigger('BridgeCreate', 'bridge-create', 'Create auth challenge: asks for a ticket', {})
  const verify = trigger('BridgeVerify', 'bridge-verify', 'Verify auth challenge response: redeems the ticket', asking)
  const tokens = trigger('BridgeTokens', 'bridge-tokens', 'Pre token generation V2: says who acts', asking)
  return { tokens, verify }
}

/** Nothing but a challenge signs in here, and nothing is refreshed: a token that is over needs a new ticket. */
const clientOf = (stack: Stack, userPoolId: string, product: string) =>
  new CfnUserPoolClient(stack, `BridgeClient-${product}`, {
    userPoolId,
    clientName: `amparo-bridge-${product}`,
    generateSecret: true,
    explicitAuthFlows: ['ALLOW_CUSTOM_AUTH'],
    allowedOAuthFlowsUserPoolClient: false,
    supportedIdentityProviders: ['COGNITO'],
    preventUserExistenceErrors: 'ENABLED',
    enableTokenRevocation: true,
    tokenValidityUnits: { accessToken: 'minutes', idToken: 'minutes', refreshToken: 'minutes' },
    accessTokenValidity: 5, // The shortest that Cognito knows.
    idTokenValidity: 5,
    refreshTokenValidity: 60,
  })

/** This one secret, and its key by way of Secrets Manager alone. */
function mayRead(stack: Stack, role: Role, secret: Secret, key: Key): void {
  role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] }))
  const conditions = { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } }
  role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn], conditions }))
}
