/** The page of an ecosystem's owner who wants to be asked before anybody helps in it: who, whom, why; yes or no. */
import type { Bilingual } from '@amparo/contract/words'
import { html } from 'hono/html'
import { linkDigests } from '../codes/link.ts'
import type { Database } from '../database/database.ts'
import { successionAsked } from '../messages/succession.ts'
import { accept, refuse } from '../outcome.ts'
import { type ApprovalRow, answer, approvalByLink } from '../oversight/approvals.store.ts'
import type { Secrets } from '../secrets.ts'
import { call, frame, nothing, type Page, type Sheet, speaker } from './sheet.ts'
import { list } from './telling.ts'
import type { Word } from './words.ts'

export interface Asked {
  readonly row: ApprovalRow
}

/** The question behind an owner's link; undefined for anything else. */
export async function questionOf(db: Database, secrets: Secrets, token: string): Promise<ApprovalRow | undefined> {
  const digests = linkDigests(secrets, token)
  const row = digests.length > 0 ? await approvalByLink(db, digests) : undefined
  return row?.purpose === 'owner' ? row : undefined
}

/** The owner says yes or no, once. Nothing can be said about what has ended. */
export async function ownerSays(db: Database, row: ApprovalRow, decision: 'yes' | 'no') {
  if (!row.alive) return refuse('assistance.closed')
  if (row.state !== 'waiting' || row.owner_id === null) return refuse('approval.answered')
  const said = await answer(db, row, row.owner_id, decision, 'link', {
    type: 'approval.decided',
    actor: { kind: 'user', id: row.owner_id },
    data: { approval: row.id, decision, purpose: 'owner' },
  })
  return said ? accept({ decision }) : refuse('approval.answered')
}

export interface Shown {
  readonly reason: Bilingual
  readonly surfaces: readonly Bilingual[]
}

export function ownerPage(row: ApprovalRow, { reason, surfaces }: Shown, sheet: Sheet): Page {
  const { t, say } = speaker(sheet, row.agent_name)
  const names = { u: row.user_name ?? '', e: row.ecosystem_name ?? '' }
  const over = !row.alive
  const heading: Word =
    row.state === 'yes' ? 'owner.said_yes' : row.state === 'no' ? 'owner.said_no' : over ? 'owner.over' : 'owner.h1'
  const waits = row.state === 'waiting' && !over
  const facts: readonly (readonly [Word, string])[] = [
    ['ask.who', t('ask.who_of')],
    ['owner.whom', names.u],
    ['ask.where', names.e],
    ['ask.why', [say(reason), row.reason_line].filter(Boolean).join(': ')],
    ...(row.kind === 'succession'
      ? ([
          ['ask.sees', say(successionAsked.sees)],
          ['ask.can', say(successionAsked.can)],
        ] as const)
      : ([
          [
            'ask.sees',
            list(
              surfaces.map((one) => say(one)),
              sheet.language,
            ),
          ],
          ['ask.can', t(row.powers === 'act' ? 'ask.can_act' : 'ask.can_look')],
        ] as const)),
  ]
  const main = html`
    <h1>${t(heading, names)}</h1>
    <p>${t(waits ? 'owner.waits' : row.state === 'yes' ? 'owner.then_yes' : row.state === 'no' ? 'owner.then_no' : 'owner.then_over', names)}</p>
    <dl>${facts.map(([name, text]) => html`<div><dt>${t(name)}</dt><dd>${text}</dd></div>`)}</dl>
    ${
      waits
        ? html`<section class="answer" aria-label="${t('ask.choose')}">
      ${press('no', 'owner.no', sheet, 'no')}
      ${press('yes', 'owner.yes', sheet, 'yes')}
    </section>`
        : nothing
    }
    <p>${call('page.call', sheet)}</p>`
  return frame(sheet, { title: t(heading, names), main, state: 'plain' })
}

const press = (decision: 'yes' | 'no', word: Word, sheet: Sheet, look: string) => {
  const { t } = speaker(sheet, '')
  return html`<form method="post" action="${sheet.path ?? ''}/${decision}${sheet.chosen?.lang ? `?lang=${sheet.chosen.lang}` : ''}"><button class="${look}"><span>${t(word)}</span></button></form>`
}
