/** *Show a new code*: the one before is worth nothing from then on. The address names the new one, so that a reload shows it. */
import { getRouteApi } from '@tanstack/react-router'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { phoneIs } from './usePhone.ts'

const route = getRouteApi('/assist/$id/phone/$surface')

interface Props {
  readonly id: string
  /** The likely next thing, rather than one of several. */
  readonly likely?: boolean
}

export function NewCode({ id, likely = true }: Props) {
  const { t } = useWords()
  const { surface } = route.useParams()
  const navigate = route.useNavigate()
  const act = useAct()
  const show = async () => {
    const made = await act.run(() => wire.call('launch', { params: { id }, body: { surface } }))
    if (!made || !('state' in made)) return
    phoneIs(id, made)
    await navigate({ search: { launch: made.launchId }, replace: true })
  }
  return (
    <>
      <Press variant={likely ? 'filled' : 'default'} busy={act.busy} onPress={show}>
        {t('phone.new')}
      </Press>
      <Refused failure={act.failure} />
    </>
  )
}
