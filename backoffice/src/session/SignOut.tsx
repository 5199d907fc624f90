/** Leaving the desk, and the company's provider with it where that is where one came from. */
import { LogOut } from 'lucide-react'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { signedOut } from './session.ts'

export function SignOut({ variant = 'subtle' }: { readonly variant?: 'subtle' | 'default' }) {
  const { t } = useWords()
  const act = useAct()
  const signOut = async () => {
    if (!(await act.run(() => wire.call('signOut')))) return
    const ways = await wire.call('signInWays')
    const elsewhere = ways.ok ? ways.value.issuer?.signOut : undefined
    if (elsewhere === undefined) signedOut()
    else location.assign(elsewhere)
  }
  return (
    <>
      <Press variant={variant} busy={act.busy} onPress={signOut}>
        <LogOut size={18} aria-hidden /> {t('app.signOut')}
      </Press>
      <Refused failure={act.failure} />
    </>
  )
}
