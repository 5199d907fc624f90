/** The trigger *Create auth challenge* of the bridge (`bridge.ts`). It asks nobody anything. */
export { creating as handler } from './bridge.ts'
