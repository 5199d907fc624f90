/** The trigger *Pre token generation*, version 2, of the bridge (`bridge.ts`). */
import { bridgeFrom } from './amparo.ts'
import { tokening } from './bridge.ts'

export const handler = tokening(bridgeFrom(() => import('@aws-sdk/client-secrets-manager')))
