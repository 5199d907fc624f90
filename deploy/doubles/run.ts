/** One double in a process of its own: told by its parent which and how, it says where it is, and ends with its parent. */
import { appendFileSync } from 'node:fs'
import { createTransport } from 'nodemailer'
import { type PoolSettings, startCognito } from './cognito.ts'
import { startDynamo } from './dynamodb.ts'
import { type HostSettings, startLambda } from './lambda.ts'
import { startSes } from './ses.ts'
import { startSns } from './sns.ts'

export type Wanted =
  | { readonly double: 'cognito'; readonly settings: PoolSettings }
  | { readonly double: 'lambda'; readonly settings: HostSettings; readonly logFile: string }
  | { readonly double: 'ses'; readonly port: number; readonly verified: readonly string[]; readonly smtpUrl: string }
  | { readonly double: 'sns'; readonly port: number; readonly smtpUrl: string }
  | { readonly double: 'dynamodb'; readonly port: number; readonly table: string }

/** Where it can be reached. */
async function begun(wanted: Wanted): Promise<string> {
  switch (wanted.double) {
    case 'cognito':
      return (await startCognito(wanted.settings)).issuer
    case 'lambda': {
      const log = (name: string, line: string) => appendFileSync(wanted.logFile, `${name} ${line}\n`)
      return (await startLambda({ ...wanted.settings, log })).url
    }
    case 'ses': {
      const smtp = createTransport({ url: wanted.smtpUrl })
      const { port, verified } = wanted
      const onward = async ({ from, to, raw }: { from: string; to: string; raw: Buffer }) =>
        void (await smtp.sendMail({ envelope: { from, to }, raw }))
      return (await startSes({ port, verified, onward })).url
    }
    case 'sns': {
      const smtp = createTransport({ url: wanted.smtpUrl })
      const onward = async ({ to, text }: { to: string; text: string }) =>
        void (await smtp.sendMail({ from: 'sns@aws.test', to: `${to.slice(1)}@sms.invalid`, subject: 'SMS', text }))
      return (await startSns({ port: wanted.port, onward })).url
    }
    case 'dynamodb':
      return (await startDynamo(wanted)).url
  }
}

if (process.argv[1] === import.meta.filename) {
  // Ctrl+C reaches the whole group; what is still on its way is taken until the demo itself has ended.
  process.on('SIGINT', () => undefined)
  process.once('disconnect', () => process.exit())
  process.once('message', (wanted: Wanted) => {
    begun(wanted).then(
      (url) => process.send?.({ url }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
    )
  })
}
