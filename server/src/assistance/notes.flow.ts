/** What people at the desk write for one another: notes beside an assistance, and the supervisor's notice to everybody. */
import type { NoteInput, NoticeInput } from '@amparo/contract/assistance'
import { note, noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import type { AssistanceId } from '../words.ts'
import { read, refused } from './assistance.store.ts'
import { nextSteps } from './assistance.ts'
import type { Outside } from './outside.ts'

/** Adds a note: its agent or a supervisor, until a day after the end. */
export async function addNote(outside: Outside, caller: Caller, id: AssistanceId, { text }: NoteInput) {
  const found = await read(outside.db, id)
  const theirs = found?.assistance.agentId === caller.agentId || caller.roles.includes('supervisor')
  if (!found || !theirs) return refuse('assistance.unknown')
  if (!nextSteps(found.assistance, found.now).includes('notes')) {
    await note(outside.db, id, refused(actorOf(caller), 'notes', 'assistance.closed'))
    return refuse('assistance.closed')
  }
  await note(outside.db, id, { type: 'note.added', actor: actorOf(caller), words: { text } })
  outside.wake()
  return accept({})
}

/** Says something to everybody at the desk, or takes it back. Supervisors only. */
export async function setNotice(outside: Outside, caller: Caller, { text }: NoticeInput) {
  if (!caller.roles.includes('supervisor')) {
    await noteLoose(outside.db, refused(actorOf(caller), 'notice', 'agent.not_allowed'))
    return refuse('agent.not_allowed')
  }
  await noteLoose(outside.db, { type: 'notice.set', actor: actorOf(caller), words: { text: text || undefined } })
  outside.wake()
  return accept({})
}
