/**
 * `npm start -- --aws`: the doubles of AWS, each a process of its own, and the environment in which the demo finds them.
 * What they are redirected by are the ordinary variables of AWS's clients; no code of the product knows of a double.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Role } from '@amparo/contract/words'
import { agents, vendor } from '../../demo/people.ts'
import { freeBlock, usualOffsets } from '../../demo/ports.ts'
import { bundle } from '../functions/bundle.ts'
import type { PoolUser } from './pool.ts'
import type { Wanted } from './run.ts'

const offsets = { inbox: 3, cognito: 4, lambda: 5, ses: 6, sns: 7, dynamodb: 8 } as const
const table = 'amparo-deliveries'
const region = 'eu-west-1'

/** Starts them and changes this process's environment; what comes back are the arguments that the demo is started with. */
export async function startDoubles(args: readonly string[]): Promise<readonly string[]> {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { port: { type: 'string' }, data: { type: 'string', default: '.amparo' } },
  })
  const named = typeof values.port === 'string' ? Number(values.port) : undefined
  const port = named ?? (await freeBlock([...usualOffsets, ...Object.values(offsets)])).port
  const at = (name: keyof typeof offsets) => port + offsets[name]
  const smtpUrl = `smtp://127.0.0.1:${at('inbox')}`
  const folder = resolve(String(values.data), 'aws')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const root = await bundle(['deliver'], join(folder, 'functions'))
  const client = { id: 'amparo-desk', secret: randomBytes(30).toString('base64url') }

  const [ses, sns, dynamodb] = await Promise.all([
    started({ double: 'ses', port: at('ses'), verified: ['acme.test'], smtpUrl }),
    started({ double: 'sns', port: at('sns'), smtpUrl }),
    started({ double: 'dynamodb', port: at('dynamodb'), table }),
  ])
  const [lambda, issuer] = await Promise.all([
    started({
      double: 'lambda',
      logFile: join(folder, 'functions.log'),
      settings: {
        port: at('lambda'),
        functions: {
          deliver: {
            root: join(root, 'deliver'),
            handler: 'index.handler',
            timeoutSeconds: 10,
            env: {
              AMPARO_MAIL_FROM: `${vendor.name} Support <help@acme.test>`,
              AMPARO_SMS_SENDER: vendor.name.toUpperCase(),
              AMPARO_DELIVERIES: table,
              AWS_ENDPOINT_URL_SESV2: ses,
              AWS_ENDPOINT_URL_SNS: sns,
              AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
            },
          },
        },
      },
    }),
    started({
      double: 'cognito',
      settings: {
        port: at('cognito'),
        users: agents.map(poolUser),
        clients: [
          {
            ...client,
            callbackUrls: [`http://localhost:${port}/sign-in/back`],
            logoutUrls: [`http://localhost:${port}/`],
            scopes: ['openid', 'profile', 'email', 'phone'],
          },
        ],
      },
    }),
  ])
  Object.assign(process.env, {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'AKIADOUBLE',
    AWS_SECRET_ACCESS_KEY: 'of-a-double',
    AWS_ENDPOINT_URL_LAMBDA: lambda,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // Said to everybody on Node 20, and nothing for a demo.
    AMPARO_DELIVER_FUNCTION: 'deliver',
    AMPARO_AGENTS_ISSUER: issuer,
    AMPARO_AGENTS_CLIENT_ID: client.id,
    AMPARO_AGENTS_CLIENT_SECRET: client.secret,
    AMPARO_AGENTS_GROUPS: join(import.meta.dirname, 'groups.json'),
  })
  const own = [...(named === undefined ? ['--port', String(port)] : []), '--inbox-port', String(at('inbox'))]
  return [...args.filter((arg) => arg !== '--aws'), ...own]
}

/** A group of the pool for each role; `groups.json` says the way back. */
const groupOf: Readonly<Record<Role, string>> = {
  'agent:technical': 'technical-assistance',
  'agent:succession': 'ecosystem-admin',
  supervisor: 'supervisors',
  auditor: 'auditors',
  admin: 'administrators',
}
const poolUser = ({ name, email, phone, roles, password, locale }: (typeof agents)[number]): PoolUser => ({
  username: email,
  password,
  attributes: { name, email, email_verified: 'true', phone_number: phone, phone_number_verified: 'true', locale },
  groups: roles.map((role) => groupOf[role]),
  enabled: true,
})

/** Where it can be reached, once it can. It ends when this process does. */
function started(wanted: Wanted): Promise<string> {
  const child = fork(join(import.meta.dirname, 'run.ts'), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (said: { readonly url?: string; readonly error?: string }) => {
      if (said.url === undefined) reject(new Error(`The double of ${wanted.double} did not start: ${said.error}`))
      else resolve(said.url)
      // From now on it keeps nobody from ending.
      child.unref()
      child.channel?.unref()
    })
    child.once('exit', (code) => reject(new Error(`The double of ${wanted.double} ended with ${code}`)))
    child.send(wanted)
  })
}
