/** The ways that a message can go, each with what stands at its end, for one suite that holds them all. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Entry } from '../../demo/inbox/entry.ts'
import { type Inbox, startInbox } from '../../demo/inbox/inbox.ts'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type LambdaClients, lambda } from '../../server/src/messages/lambda.ts'
import type { Carrier, Letter } from '../../server/src/messages/outbox.ts'
import { type SesClients, ses } from '../../server/src/messages/ses.ts'
import { smsOverSmtp, smtp } from '../../server/src/messages/smtp.ts'
import { type SnsClients, sns } from '../../server/src/messages/sns.ts'
import { type Dynamo, startDynamo } from '../doubles/dynamodb.ts'
import { type Host, startLambda } from '../doubles/lambda.ts'
import type { Reply } from '../doubles/service.ts'
import { type Ses, startSes } from '../doubles/ses.ts'
import { type Sns, startSns } from '../doubles/sns.ts'
import { bundle } from '../functions/bundle.ts'
import { ableToAll, environment, lacking, named, type OnlyDoubles, ofDoubles, type Place } from './place.ts'

export const from = 'Acme Support <help@acme.test>'
/** Longer than an installation waits: a busy machine is no fault of a way. */
export const timeoutMs = 15_000

export interface Way extends Place {
  readonly email: Carrier
  readonly sms: Carrier
  /** A letter of its own each time, to somebody whom this place may write to. */
  letter(channel: Letter['channel']): Letter
  /** What arrived, there or anywhere, mail and SMS alike. */
  arrived(to?: string): readonly Entry[]
  /** A mail as its reader sees it. */
  shown(mail: Entry): Promise<string>
  /** The next letter to this address finds the other side busy, once. */
  busyOnce(to: string): void
  /** What to this address goes out meets a refusal for good, until the end of the answer's call. */
  refusing(to: string): () => void
  /** The next letter is taken, and the answer comes too late for whoever waits `patientMs`. */
  slowOnce(to: string, ms: number): void
  /** The same carriers with less patience. */
  impatient(ms: number): Pick<Way, 'email' | 'sms'>
  /** The same carriers, and nobody at the other end. */
  nobody(): Pick<Way, 'email' | 'sms'>
  /** What an answer that was lost means here: the letter may go again since it shows once, or must not. */
  readonly lost: 'no_answer' | 'unclear'
  close(): Promise<void>
}

const carriersClosed = (...carriers: readonly Carrier[]) => {
  for (const carrier of carriers) carrier.close?.()
}

/** What came into this inbox. */
const seenIn = (inbox: Inbox) => ({
  cannot: ableToAll,
  inbox,
  letter: (channel: Letter['channel']) => letterBy(channel),
  arrived: (to?: string) => inbox.entries(to),
  shown: async ({ id }: Entry) => (await inbox.app.request(`/inbox/mail?id=${encodeURIComponent(id)}`)).text(),
})

export async function overSmtp(): Promise<Way> {
  const inbox = await startInbox()
  const over = (url: string, ms: number) => ({
    email: smtp({ url, from, timeoutMs: ms }),
    sms: smsOverSmtp({ url, from, timeoutMs: ms }),
  })
  const usual = over(inbox.smtpUrl, timeoutMs)
  return {
    ...usual,
    ...seenIn(inbox),
    busyOnce: (to) => void inbox.fail(to, { code: 451, times: 1 }),
    refusing: (to) => inbox.fail(to, { code: 550 }),
    slowOnce: (to, ms) => void inbox.fail(to, { code: 250, times: 1, afterKeeping: true, afterMs: ms }),
    impatient: (ms) => over(inbox.smtpUrl, ms),
    nobody: () => over('smtp://127.0.0.1:9', timeoutMs),
    lost: 'no_answer',
    async close() {
      carriersClosed(usual.email, usual.sms)
      await inbox.close()
    },
  }
}

export interface Cloud {
  readonly inbox: Inbox
  /** How a client of AWS finds it. */
  readonly env: Readonly<Record<string, string>>
  readonly ses: Ses
  readonly sns: Sns
  readonly dynamo: Dynamo
  close(): Promise<void>
}

export const table = 'amparo-deliveries'

/** SES, SNS and DynamoDB on this machine; what they are given ends in the inbox. Clients find them by their environment. */
export async function cloud(): Promise<Cloud> {
  const inbox = await startInbox()
  const onward = createTransport({ url: inbox.smtpUrl })
  const [theSes, theSns, dynamo] = await Promise.all([
    startSes({
      verified: ['acme.test'],
      onward: async ({ to, from: sender, raw }) =>
        void (await onward.sendMail({ envelope: { from: sender, to }, raw })),
    }),
    startSns({
      onward: async ({ to, text }) =>
        void (await onward.sendMail({ from: 'sns@aws.test', to: `${to.slice(1)}@sms.invalid`, subject: 'SMS', text })),
    }),
    startDynamo({ table }),
  ])
  const env = {
    ...ofDoubles,
    AWS_ENDPOINT_URL_SESV2: theSes.url,
    AWS_ENDPOINT_URL_SNS: theSns.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
  }
  const restore = environment(env)
  return {
    inbox,
    env,
    ses: theSes,
    sns: theSns,
    dynamo,
    async close() {
      restore()
      onward.close()
      await Promise.all([theSes.close(), theSns.close(), dynamo.close(), inbox.close()])
    },
  }
}

/** What the two services do to the next letter, whichever of them gets it. */
const faultsOf = ({ ses: mail, sns: text }: Cloud) => ({
  busyOnce: (to: string) => void (to.includes('@') ? mail : text).plan({ kind: 'throttled' }),
  slowOnce: (to: string, ms: number) => void (to.includes('@') ? mail : text).plan({ kind: 'slow', ms }),
  refusing: (to: string) => {
    const one = to.includes('@') ? mail : text
    const says = (headers: Record<string, string>, body: string): Reply => ({ status: 400, headers, body })
    const no = to.includes('@')
      ? says(
          { 'content-type': 'application/json', 'x-amzn-errortype': 'MessageRejected' },
          '{"message":"Email address is not verified"}',
        )
      : says(
          { 'content-type': 'text/xml' },
          '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter: PhoneNumber</Message></Error></ErrorResponse>',
        )
    one.plan({ kind: 'says', reply: no }, Number.POSITIVE_INFINITY)
    return () => one.clear()
  },
})

const sesAndSns = (sender: string, senderId: string | undefined) => (ms: number) => ({
  email: ses(clientsOf<SesClients>('@aws-sdk/client-sesv2'), { from: sender, timeoutMs: ms }),
  sms: sns(clientsOf<SnsClients>('@aws-sdk/client-sns'), { ...(senderId ? { senderId } : {}), timeoutMs: ms }),
})
const throughLambda = (functionName: string) => (ms: number) => {
  const one = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), { functionName, timeoutMs: ms })
  return { email: one, sms: one }
}

/** What a way over AWS is, wherever it leads. */
function overAws(over: (ms: number) => Pick<Way, 'email' | 'sms'>, endpoints: readonly string[], lost: Way['lost']) {
  const usual = over(timeoutMs)
  return {
    ...usual,
    lost,
    impatient: over,
    nobody: () => elsewhere(endpoints, over(timeoutMs)),
    end: () => carriersClosed(...new Set([usual.email, usual.sms])),
  }
}
const endpointsOf = {
  direct: ['AWS_ENDPOINT_URL_SESV2', 'AWS_ENDPOINT_URL_SNS'],
  through: ['AWS_ENDPOINT_URL_LAMBDA'],
} as const

export async function overSesAndSns(): Promise<Way & { readonly cloud: Cloud; readonly inbox: Inbox }> {
  const there = await cloud()
  const { end, ...way } = overAws(sesAndSns(from, 'ACME'), endpointsOf.direct, 'unclear')
  return {
    ...way,
    ...seenIn(there.inbox),
    ...faultsOf(there),
    cloud: there,
    async close() {
      end()
      await there.close()
    },
  }
}

/** The function `deliver` in the host of functions, and what it sends by. */
async function functionOnThisMachine(runs?: number) {
  const there = await cloud()
  // Of its own: another file of tests may be making the same bundle at this moment.
  const folder = await bundle(['deliver'], await mkdtemp(join(tmpdir(), 'amparo-bundle-')))
  const host = await startLambda({
    functions: {
      deliver: {
        root: `${folder}/deliver`,
        handler: 'index.handler',
        timeoutSeconds: 10,
        ...(runs ? { concurrency: runs } : {}),
        env: {
          AMPARO_MAIL_FROM: from,
          AMPARO_SMS_SENDER: 'ACME',
          AMPARO_DELIVERIES: table,
          AWS_ENDPOINT_URL_SESV2: there.ses.url,
          AWS_ENDPOINT_URL_SNS: there.sns.url,
          AWS_ENDPOINT_URL_DYNAMODB: there.dynamo.url,
        },
      },
    },
  })
  const env = { AWS_ENDPOINT_URL_LAMBDA: host.url }
  const restore = environment(env)
  return {
    there,
    host,
    env: { ...there.env, ...env },
    async close() {
      restore()
      await host.close()
      await there.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function overLambda(): Promise<
  Way & { readonly cloud: Cloud; readonly inbox: Inbox; readonly host: Host }
> {
  const { there, host, close } = await functionOnThisMachine()
  const { end, ...way } = overAws(throughLambda('deliver'), endpointsOf.through, 'no_answer')
  return {
    ...way,
    ...seenIn(there.inbox),
    ...faultsOf(there),
    cloud: there,
    host,
    async close() {
      end()
      await close()
    },
  }
}

// ── In an account ───────────────────────────────────────────────────────────────────────────────────────────────────

/** SES's own mailbox that takes everything. */
const simulator = 'success@simulator.amazonses.com'

/** What an account lends to every way: letters to nobody, and no look behind what took them. */
function ofAnAccount() {
  const phone = process.env.AMPARO_SMS_TO
  const cannot: ReadonlySet<OnlyDoubles> = new Set([
    'faults',
    'arrivals',
    'log',
    'lists',
    ...(phone ? [] : (['sms'] as const)),
  ])
  return {
    cannot,
    letter: (channel: Letter['channel']) =>
      letterBy(channel, channel === 'email' ? simulator : (phone ?? lacking('sms')())),
    arrived: lacking('arrivals'),
    shown: lacking('arrivals'),
    busyOnce: lacking('faults'),
    refusing: lacking('faults'),
    slowOnce: lacking('faults'),
  }
}
const accountWay = (...settings: Parameters<typeof overAws>): Way => {
  const { end, ...way } = overAws(...settings)
  return { ...way, ...ofAnAccount(), close: async () => end() }
}

export const accountSesAndSns = async (): Promise<Way> =>
  accountWay(sesAndSns(named('AMPARO_MAIL_FROM'), process.env.AMPARO_SMS_SENDER), endpointsOf.direct, 'unclear')
export const accountLambda = async (): Promise<Way> =>
  accountWay(throughLambda(named('AMPARO_DELIVER_FUNCTION')), endpointsOf.through, 'no_answer')

const phoneThatMayBeTexted = { AMPARO_SMS_TO: '+34600999000' }

/** An account that the doubles play, by SES and SNS. */
export async function playedSesAndSns() {
  const { env, close } = await cloud()
  return { env: { ...env, ...phoneThatMayBeTexted, AMPARO_MAIL_FROM: from }, close }
}
/** With few runs of its function at once, as a new account has. */
export async function playedLambda() {
  const { env, close } = await functionOnThisMachine(4)
  return { env: { ...env, ...phoneThatMayBeTexted, AMPARO_MAIL_FROM: from, AMPARO_DELIVER_FUNCTION: 'deliver' }, close }
}

/** Carriers that find nobody: a client reads where it calls from its environment, at its first call. */
function elsewhere(names: readonly string[], carriers: Pick<Way, 'email' | 'sms'>): Pick<Way, 'email' | 'sms'> {
  const lost = (carrier: Carrier): Carrier => ({
    ...carrier,
    async deliver(letter, signal) {
      const restore = environment(Object.fromEntries(names.map((name) => [name, 'http://127.0.0.1:9'])))
      try {
        return await carrier.deliver(letter, signal)
      } finally {
        restore()
      }
    },
  })
  return { email: lost(carriers.email), sms: lost(carriers.sms) }
}

let count = 0
/** A letter of its own each time, to somebody of their own. */
export function letterBy(channel: Letter['channel'], to?: string): Letter {
  count += 1
  const usual = channel === 'email' ? `marta${count}@clinica-sol.test` : `+34600${String(100_000 + count)}`
  return {
    // The function remembers a letter by it for a day.
    id: `ob_${randomBytes(12).toString('hex')}`,
    to: to ?? usual,
    channel,
    content: {
      subject: `Su código ${count}`,
      text: `Marta, su código nº ${count}:\n\n482 913\n\nhttps://help.acme.test/c/abc`,
      html: `<p>Su código es <b>482 913</b></p><img src="cid:qr@amparo" alt="QR">`,
      sms: `Acme: codigo 482 913, ayuda ${count}`,
      qr: 'https://help.acme.test/c/abc',
    },
  }
}
