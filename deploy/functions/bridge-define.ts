/** The trigger *Define auth challenge* of the bridge (`bridge.ts`). It asks nobody anything. */
import { clientsFrom, setting } from './amparo.ts'
import { defining } from './bridge.ts'

export const handler = defining(clientsFrom(setting('AMPARO_BRIDGE_CLIENTS')))
