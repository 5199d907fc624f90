/** Stage one: who needs help and why. Nothing about the user is read or shown before the agent is proven. */
import type { Outcome } from '@amparo/contract/client'
import type { AgentMethod, Kind } from '@amparo/contract/words'
import { useNavigate } from '@tanstack/react-router'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { CallerForm } from './CallerForm.tsx'
import { fileDraft, inputOf } from './draft.ts'
import { LastDay, Running } from './LastDay.tsx'
import { Notice } from './Notice.tsx'
import { proveByPasskey } from './proof.ts'
import { StageList } from './StageList.tsx'
import { useDraft } from './useDraft.ts'

export function CallerPage() {
  const me = useMe()
  if (!has(me, 'agent:technical')) return <NotAllowed to="assist" />
  return <Caller kind="technical" />
}

/** The strongest proof follows the press at once: the passkey's prompt, or a code on its way. An app waits to be read. */
async function begun(id: string, method: AgentMethod | undefined): Promise<Outcome<unknown>> {
  if (method === 'totp') return { ok: true, value: undefined }
  if (method !== 'passkey') return wire.call('sendAgentCode', { params: { id } })
  await proveByPasskey(id)
  return { ok: true, value: undefined }
}

/** The first stage of either kind: the same form, the same two proofs behind it. */
export function Caller({ kind }: { readonly kind: Kind }) {
  const { t } = useWords()
  const me = useMe()
  const form = useDraft()
  const act = useAct()
  const navigate = useNavigate()
  const open = async () => {
    const opened = await act.run(() => wire.call('open', { body: inputOf(form.draft, kind) }))
    if (!opened) return
    await act.run(() => begun(opened.id, opened.agentMethods?.[0]))
    fileDraft(me.id, opened.id, form.draft)
    const to = kind === 'succession' ? '/ecosystem/$id' : '/assist/$id'
    await navigate({ to, params: { id: opened.id } })
  }
  return (
    <div className="case">
      <StageList now="caller" done={0} />
      <div className="stage">
        <Notice />
        <Running />
        <CallerForm form={form} opening={act} open={open} />
        <ReadAloud sentence="say.caller" sees={t('sees.nothing')} />
        <LastDay kind={kind} again={form.fill} />
      </div>
    </div>
  )
}
