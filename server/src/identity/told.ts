/** Tells an agent by mail what happened to their own account: in their language, sealed, by the outbox. */
import type { Language } from '@amparo/contract/words'
import { type Database, statement } from '../database/database.ts'
import { type AccountNews, accountMessage } from '../messages/account.ts'
import { enqueueToAgent } from '../messages/outbox.ts'
import type { Outside } from './outside.ts'

const address = statement('identity.address', `select email, locale, clock_timestamp() as now from agent where id = $1`)

export async function tell(outside: Outside, agentId: string, news: AccountNews, from?: string): Promise<void> {
  const { db, secrets, vendor } = outside
  const to = await addressOf(db, agentId)
  if (!to) return
  const mail = accountMessage(vendor, news, { locale: to.locale, at: to.now, from })
  await enqueueToAgent(db, secrets, { agentId, to: to.email, content: { ...mail, sms: '' } })
  outside.wake()
}

const addressOf = async (db: Database, agentId: string) =>
  (await db.query<{ email: string; locale: Language; now: Date }>(address, [agentId]))[0]
