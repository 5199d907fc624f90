/** The loops of one installation, in the order in which an ending passes through them. */

import type { Verdict } from '@amparo/verifier/examine'
import { announcedAtOnce } from './assistance/aftermath.store.ts'
import { feed } from './audit/feed.ts'
import { placedAtOnce, type RecordKeys, sequence, verifyingKeys } from './audit/log.store.ts'
import { rounds } from './audit/round.store.ts'
import { announceEndings, warnQuiet } from './background/announce.ts'
import type { Job } from './background/background.ts'
import type { Beat } from './background/beat.ts'
import { askOwners } from './background/owners.ts'
import { watchCore } from './background/watch.ts'
import type { Carriers } from './carriers.ts'
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
import { deliverDue } from './messages/outbox.ts'
import type { Webhook } from './messages/webhook.ts'
import type { Metrics } from './operations/metrics.ts'
import { tellSupervisors } from './oversight/tell.ts'
import { handOverDue } from './succession/handover.ts'
import { closeAlone } from './surfaces/surfaces.store.ts'
import { known, system } from './words.ts'

const deliveriesAtOnce = 200
/** While endings wait to be told of: what somebody waits for is among the first of these. */
const fewDeliveries = 40
/** So many full turns of endings one after the other are more than fall due in a second of the busiest day. */
const manyTurns = 20

/** Who signs the record, and who outside is told of it. */
export interface RecordTold {
  readonly signer: RecordKeys
  /** Hears of each checkpoint. */
  told(note: string): Promise<void>
  /** Hears what each round through the record has found. */
  found(verdict: Verdict): void
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
  /** Full turns of endings since the last that was not: more is over than is recorded. */
  let fullTurns = 0
  const isFlood = () => fullTurns > manyTurns
  let isUntold = false
  /** The last call wrote as many mails as one may: others are still to be written. */
  let isBehind = false
  /**
   * What falls due meanwhile waits for the next time, so that many are written together: at a thousand a second, a loop that went
   * round for each few of them would do little else. Whoever follows an ending hears of it, and not of each turn of many. In a flood
   * two write beside each other: while one waits for the disk, the other does not.
   */
  const settle = async () => {
    const writers = Array.from({ length: isFlood() ? 2 : 1 }, () => settleDue(db))
    const turns = await Promise.all(writers).catch((error) => {
      fullTurns = 0
      throw error
    })
    const isMore = turns.some((turn) => turn.isMore)
    fullTurns = isMore ? fullTurns + 1 : 0
    isUntold ||= turns.some(({ ended }) => ended.length > 0)
    if (isUntold && (!isMore || fullTurns % manyTurns === 0)) {
      outside.wake(['ending'])
      isUntold = false
    }
    return isMore ? 1 : 0
  }
  /**
   * What is over is recorded, and told in that commit to every process and on every line, before those whom it concerns are written
   * to, where so much is over at once that one would hold the other up. A product that has to be called is called all the same, only
   * that the next turn of many waits its time.
   */
  const announce = async () => {
    const told = isFlood() ? 0 : await announceEndings(outside)
    isBehind = told >= announcedAtOnce
    return told
  }
  /** Mails that are written are safe: while others are still to be written, few are handed over in between. */
  const deliver = async () => {
    const limit = isFlood() || isBehind ? fewDeliveries : deliveriesAtOnce
    return deliverDue({ db, secrets, carriers, limit })
  }
  const notify = async () => ((await oidc.notify()).isMore && !isFlood() ? 1 : 0)
  /** What it queued goes out at once. */
  const andDeliver = async (work: () => Promise<number>) => {
    const told = await work()
    if (told > 0) outside.wake(['message'])
    return told
  }
  return [
    { name: 'beat', everyMs: 1000, run: heart.run },
    { name: 'count', everyMs: 5000, run: meter.follow },
    // Events take their places in the log once a second: one signature for all of them, unless they are more than one can hold.
    { name: 'sequence', everyMs: 1000, run: inFull(placedAtOnce, () => sequence(db, record.signer, record.told)) },
    { name: 'round', everyMs: 5000, run: rounds(db, verifyingKeys(record.signer), record.found) },
    ...(record.webhook ? [feeding(db, record.webhook)] : []),
    { name: 'settle', everyMs: 500, run: settle },
    { name: 'cut', everyMs: 1000, onRing: ['ending'], run: () => carryOut(cutoff, flag) },
    { name: 'notify', everyMs: 500, onRing: ['ending'], run: notify },
    { name: 'announce', everyMs: 1000, onRing: ['ending'], run: inFull(announcedAtOnce, announce) },
    { name: 'warn', everyMs: 1000, run: () => warnQuiet(outside) },
    { name: 'owners', everyMs: 1000, onRing: ['ending'], run: () => andDeliver(() => askOwners(outside)) },
    { name: 'alert', everyMs: 1000, onRing: ['ending'], run: () => andDeliver(() => tellSupervisors(telling)) },
    // An ending too: what waited to ask for consent is dropped, and only then is the ending announced.
    { name: 'deliver', everyMs: 1000, onRing: ['message', 'ending'], run: inFull(deliveriesAtOnce, deliver) },
    { name: 'core', everyMs: 15_000, run: () => watch.run() },
    // The step hands its act over itself: this is for what was not answered then.
    { name: 'releases', everyMs: 1000, run: () => handOverDue(succession) },
    { name: 'views', everyMs: 60_000, run: () => outside.successions.check().then(() => 0) },
    { name: 'checks', everyMs: 60_000, run: () => oidc.noteChecks() },
    { name: 'sign-outs', everyMs: 60_000, run: () => endExpired(db) },
    ...(staff ? [{ name: 'staff', everyMs: 5000, run: () => askAgain(staff) }] : []),
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

/** Only where it did as many as one call takes is another due at once: what came meanwhile has rung, or waits for the next time. */
const inFull = (atOnce: number, work: () => Promise<number>) => async (): Promise<number> => {
  const done = await work()
  return done < atOnce ? 0 : done
}

const feeding = (db: Database, webhook: Webhook): Job => ({
  name: 'feed',
  everyMs: 1000,
  run: () => feed(db, webhook),
})
