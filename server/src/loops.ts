/** The loops of one installation, in the order in which an ending passes through them, and the carriers they hand messages to. */
import { feed } from './audit/feed.ts'
import { type RecordSigner, sequence } from './audit/log.store.ts'
import { announceEndings, warnQuiet } from './background/announce.ts'
import type { Job } from './background/background.ts'
import type { Beat } from './background/beat.ts'
import { askOwners } from './background/owners.ts'
import { watchCore } from './background/watch.ts'
import type { Config, MailWay, SmsWay } from './config.ts'
import { carryOut } from './cutoff/cutoff.flow.ts'
import type { Flag } from './cutoff/flag.ts'
import type { Database } from './database/database.ts'
import { settleDue } from './desk/endings.ts'
import type { Faces } from './faces.ts'
import { forgetOld } from './http/idempotency.ts'
import { forgetEnrolments } from './identity/factors.store.ts'
import { endExpired } from './identity/identity.store.ts'
import { askAgain } from './identity/staff.flow.ts'
import { forgetTries } from './identity/tries.store.ts'
import { clientsOf } from './messages/aws.ts'
import { type LambdaClients, lambda } from './messages/lambda.ts'
import { type Carrier, deliverDue } from './messages/outbox.ts'
import { type SesClients, ses } from './messages/ses.ts'
import { smsOverSmtp, smtp } from './messages/smtp.ts'
import { type SnsClients, sns } from './messages/sns.ts'
import type { Webhook } from './messages/webhook.ts'
import type { Metrics } from './operations/metrics.ts'
import { unreachable } from './outcome.ts'
import { tellSupervisors } from './oversight/tell.ts'
import { handOverDue } from './succession/handover.ts'
import { closeAlone } from './surfaces/surfaces.store.ts'
import { known, system } from './words.ts'

const deliveriesAtOnce = 200

export interface Carriers {
  readonly email: Carrier
  readonly sms: Carrier | undefined
  close(): void
}

/** Who signs the record, and who outside is told of it. */
export interface RecordTold {
  readonly signer: RecordSigner
  /** Hears of each checkpoint. */
  told(note: string): Promise<void>
  readonly webhook: Webhook | undefined
}

export function jobsOf(
  { assistance: outside, succession, cutoff, issuer: oidc, staff, telling }: Faces,
  carriers: Carriers,
  heart: Beat,
  meter: Metrics,
  flag: Flag,
  record: RecordTold,
): readonly Job[] {
  const { db, secrets } = outside
  const watch = watchCore(
    outside,
    async (id, surface, why) =>
      (await closeAlone(db, known.assistance(id), surface, {
        type: 'surface.closed',
        actor: system('core'),
        data: { surface, why },
      })) !== 'nothing',
    () => performance.now(),
  )
  /** What was queued meanwhile has rung: only where more was there than one call takes is another due at once. */
  const deliver = async () => {
    const taken = await deliverDue({ db, secrets, carriers, limit: deliveriesAtOnce })
    return taken < deliveriesAtOnce ? 0 : taken
  }
  /** What it queued goes out at once. */
  const andDeliver = async (work: () => Promise<number>) => {
    const told = await work()
    if (told > 0) outside.wake(['message'])
    return told
  }
  return [
    { name: 'beat', everyMs: 1000, run: heart.run },
    { name: 'count', everyMs: 5000, run: meter.follow },
    // Events take their places in the log once a second: one signature for all of them.
    { name: 'sequence', everyMs: 1000, run: () => sequence(db, record.signer, record.told) },
    ...(record.webhook ? [feeding(db, record.webhook)] : []),
    { name: 'settle', everyMs: 1000, run: async () => (await settleDue(db)).length },
    { name: 'cut', everyMs: 1000, onRing: ['ending'], run: () => carryOut(cutoff, flag) },
    { name: 'notify', everyMs: 500, onRing: ['ending'], run: () => oidc.notify() },
    { name: 'announce', everyMs: 1000, onRing: ['ending'], run: () => announceEndings(outside) },
    { name: 'warn', everyMs: 1000, run: () => warnQuiet(outside) },
    { name: 'owners', everyMs: 1000, onRing: ['ending'], run: () => andDeliver(() => askOwners(outside)) },
    { name: 'alert', everyMs: 1000, onRing: ['ending'], run: () => andDeliver(() => tellSupervisors(telling)) },
    // An ending too: what waited to ask for consent is dropped, and only then is the ending announced.
    { name: 'deliver', everyMs: 1000, onRing: ['message', 'ending'], run: () => deliver() },
    { name: 'core', everyMs: 15_000, run: () => watch.run() },
    // The step hands its act over itself: this is for what was not answered then.
    { name: 'releases', everyMs: 1000, run: () => handOverDue(succession) },
    { name: 'views', everyMs: 60_000, run: () => outside.successions.check().then(() => 0) },
    { name: 'sign-outs', everyMs: 60_000, run: () => endExpired(db) },
    ...(staff ? [{ name: 'staff', everyMs: 10_000, run: () => askAgain(staff) }] : []),
    {
      name: 'forget',
      everyMs: 3_600_000,
      run: async () => {
        await forgetOld(db)
        await forgetTries(db)
        await forgetEnrolments(db)
        await oidc.forgetExpired()
        return 0
      },
    },
  ]
}

const feeding = (db: Database, webhook: Webhook): Job => ({
  name: 'feed',
  everyMs: 1000,
  run: () => feed(db, webhook),
})

/** What does not answer in this time is told to the agent. The function may be asked again; SES and SNS may not. */
const functionPatienceMs = 2500
const patienceMs = 4000
const smtpPatienceMs = 10_000

/** Only what is chosen is loaded: nobody who sends over SMTP needs a client of AWS. */
export function carriersOf({ mail, sms, mailFrom }: Config): Carriers {
  const [email, texts] = [mailBy(mail, mailFrom), sms && smsBy(sms, mailFrom)]
  return {
    email,
    sms: texts,
    close: () => {
      email.close?.()
      texts?.close?.()
    },
  }
}

function mailBy(way: MailWay, from: string): Carrier {
  switch (way.by) {
    case 'smtp':
      return smtp({ url: way.url, from, timeoutMs: smtpPatienceMs })
    case 'ses':
      return ses(clientsOf<SesClients>('@aws-sdk/client-sesv2'), { from, timeoutMs: patienceMs })
    case 'lambda':
      return byFunction(way.functionName)
    default:
      return unreachable(way)
  }
}

function smsBy(way: SmsWay, from: string): Carrier {
  switch (way.by) {
    case 'smtp':
      return smsOverSmtp({ url: way.url, from, timeoutMs: smtpPatienceMs })
    case 'sns': {
      const sender = way.senderId === undefined ? {} : { senderId: way.senderId }
      return sns(clientsOf<SnsClients>('@aws-sdk/client-sns'), { ...sender, timeoutMs: patienceMs })
    }
    case 'lambda':
      return byFunction(way.functionName)
    default:
      return unreachable(way)
  }
}

const byFunction = (functionName: string): Carrier =>
  lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), { functionName, timeoutMs: functionPatienceMs })
