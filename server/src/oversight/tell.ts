/** Tells supervisors by mail: of each alert, and of each question that waits for one of them. Exactly once. */
import type { Database } from '../database/database.ts'
import { note, noteLoose } from '../desk/note.ts'
import type { Mail, Vendor } from '../messages/letter.ts'
import { enqueueToAgent } from '../messages/outbox.ts'
import { alertMessage, approvalMessage } from '../messages/oversight.ts'
import type { Secrets } from '../secrets.ts'
import { known, system } from '../words.ts'
import { type Supervisor, supervisorsBut, takeAlert, untoldAlerts } from './alerts.store.ts'
import { takeApproval, untoldApprovals } from './approvals.store.ts'

export interface Telling {
  readonly db: Database
  readonly secrets: Secrets
  readonly vendor: Vendor
  readonly consoleOrigin: string
}

/** Records and sends what is new; the number of alerts and questions told. */
export async function tellSupervisors(outside: Telling): Promise<number> {
  const { db, vendor, consoleOrigin } = outside
  let done = 0
  for (const alert of await untoldAlerts(db)) {
    const mail = ({ locale }: Supervisor) =>
      alertMessage(vendor, {
        locale,
        kind: alert.kind,
        agentName: alert.agent_name ?? undefined,
        count: alert.count ?? undefined,
        link: `${consoleOrigin}/oversight/alerts`,
      })
    const event = {
      type: 'alert.raised',
      actor: system('oversight'),
      subject: alert.user_id ?? undefined,
      data: { alert: alert.id, kind: alert.kind, ...(alert.agent_id === null ? {} : { agent: alert.agent_id }) },
    } as const
    done += await toldOnce(outside, alert.agent_id, mail, async (tx) => {
      if (!(await takeAlert(tx, alert.id))) return false
      await (alert.assistance_id === null
        ? noteLoose(tx, event)
        : note(tx, known.assistance(alert.assistance_id), event))
      return true
    })
  }
  for (const { id, purpose, asked_by, agent_name } of await untoldApprovals(db)) {
    const link = `${consoleOrigin}/oversight/approvals`
    const mail = ({ locale }: Supervisor) => approvalMessage(vendor, { locale, purpose, agentName: agent_name, link })
    done += await toldOnce(outside, asked_by, mail, (tx) => takeApproval(tx, id))
  }
  return done
}

/** The mails stand with the taking, or not at all. Whom it is about gets none of it. */
function toldOnce(
  { db, secrets }: Telling,
  about: string | null,
  mail: (to: Supervisor) => Mail,
  take: (tx: Database) => Promise<boolean>,
): Promise<number> {
  return db.transaction(async (tx) => {
    if (!(await take(tx))) return 0
    for (const supervisor of await supervisorsBut(tx, about))
      await enqueueToAgent(tx, secrets, {
        agentId: supervisor.id,
        to: supervisor.email,
        content: { ...mail(supervisor), sms: '' },
      })
    return 1
  })
}
