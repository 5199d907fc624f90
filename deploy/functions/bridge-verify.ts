/** The trigger *Verify auth challenge response* of the bridge (`bridge.ts`). */
import { bridgeFrom } from './amparo.ts'
import { verifying } from './bridge.ts'

export const handler = verifying(bridgeFrom(() => import('@aws-sdk/client-secrets-manager')))
