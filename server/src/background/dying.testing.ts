/** For tests only: a process that records lapses, or announces endings, and is killed before that is committed. */
import { testOutside } from '../assistance/testing.ts'
import { postgres } from '../database/database.ts'
import { settleDue } from '../desk/endings.ts'
import { announceEndings } from './announce.ts'

const [url = '', what = ''] = process.argv.slice(2)
const db = postgres(url, { max: 5 })
await db.transaction(async (tx) => {
  // It holds until it is killed, whatever time the others take.
  await tx.query('set local idle_in_transaction_session_timeout = 0')
  const held =
    what === 'settle' ? (await settleDue(tx, 100)).ended.length : await announceEndings(testOutside({ db: tx }))
  console.log(`holds ${held}`)
  await new Promise(() => {})
}, 0)
