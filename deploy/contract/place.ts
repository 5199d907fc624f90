/**
 * Where a suite is held: the doubles on this machine, an account that the doubles play, and an account of AWS where
 * somebody says so. What stands in a suite holds in all three; what a place cannot do has a name, and a test that needs it
 * says so and is skipped.
 */
import { describe, type TestContext } from 'vitest'

/** What the doubles can do and an account cannot, each with its reason. */
export const onlyDoubles = {
  faults: 'nobody can make AWS slow, busy, silent or deadly at the moment that a test needs it',
  arrivals: 'what SES’s simulator takes arrives nowhere that a test could look into',
  log: 'what a function says goes to CloudWatch, minutes later',
  lists: 'who opted out or bounced before is for phones and mail servers to say',
  sms: 'an SMS costs money and reaches somebody: AMPARO_SMS_TO names no phone for it',
  triggers: 'Cognito tells nobody how often it called a trigger, and with what',
  signIns: 'Cognito lists nobody’s sign-ins',
  secondFactor: 'an app that shows codes is set up by its user, and each code counts once in half a minute',
  careless: 'an app client that is not what the guide asks for is set up in no account',
  halfAPool: 'a pool has the triggers that it has, for everybody who signs in there',
} as const
export type OnlyDoubles = keyof typeof onlyDoubles

export interface Place {
  readonly cannot: ReadonlySet<OnlyDoubles>
}

/** Everything can be done on this machine. */
export const ableToAll: ReadonlySet<OnlyDoubles> = new Set()

/** Skips this test, and says why, where its place cannot do what it needs. */
export function needs(
  { skip, task }: Pick<TestContext, 'skip' | 'task'>,
  { cannot }: Place,
  ...what: readonly OnlyDoubles[]
): void {
  for (const one of what) {
    if (cannot.has(one)) task.meta.skipped = onlyDoubles[one]
    skip(cannot.has(one), onlyDoubles[one])
  }
}

declare module 'vitest' {
  interface TaskMeta {
    /** Why it was skipped, for the last lines of `npm test`. */
    skipped?: string
  }
}

/** What an account does not lend: nobody gets there without having asked `needs`. */
export const lacking = (what: OnlyDoubles) => (): never => {
  throw new Error(`a test did not say that it needs: ${what}`)
}

/** The setting that has an account asked. */
const asking = 'AMPARO_AWS_CONTRACT'

export interface Places<P> {
  doubles(): Promise<P>
  /** Known by its environment alone. */
  account(): Promise<P>
  /** The settings that name it: where one is missing this suite is not asked of the account, and says which. */
  readonly settings?: readonly string[]
  /** Starts doubles that look like an account, and tells the environment in which they are found. */
  played(): Promise<{ readonly env: Readonly<Record<string, string>>; close(): Promise<void> }>
}

/** The same suite three times: with doubles and with an account that they play always, with AWS itself where it was asked for. */
export function heldIn<P extends { close(): Promise<void> }>(
  what: string,
  { doubles, account, played, settings }: Places<P>,
  suite: (open: () => Promise<P>) => void,
): void {
  describe(`${what}: doubles`, () => suite(doubles))
  describe(`${what}: an account, played by doubles`, () => suite(() => playing(played, account)))
  const why = whyNot(settings)
  describe.skipIf(why !== undefined)(`${what}: an account of AWS${why ? ` (${why})` : ''}`, () => suite(account))
}

/** Why an account is not asked, in words that say what to set. */
export function whyNot(settings: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): string | undefined {
  const missing = settings.filter((name) => !env[name])
  const wanted = [...(env[asking] === '1' ? [] : [`${asking}=1`]), ...missing]
  return wanted.length > 0 ? `skipped; to ask it, set ${wanted.join(', ')}: docs/guide/aws.md` : undefined
}

/** A place in an account that doubles play: of the stage and of the environment nothing stays, whatever fails. */
export async function playing<P extends { close(): Promise<void> }>(
  played: Places<P>['played'],
  account: Places<P>['account'],
): Promise<P> {
  const stage = await played()
  const restore = environment(stage.env)
  try {
    const place = await account()
    return { ...place, close: () => cleared(place.close, restore, stage.close) }
  } catch (error) {
    await cleared(restore, stage.close)
    throw error
  }
}

/** Clears away one after the other, each of them also where one before could not be; throws what failed once all were tried. */
export async function cleared(...clearings: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const clear of clearings) {
    try {
      await clear()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `not everything was cleared away: ${failures.map(String).join('; ')}`)
}

/** The region and the credentials that every double takes. */
export const ofDoubles = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIADOUBLE',
  AWS_SECRET_ACCESS_KEY: 'of-a-double',
} as const

/** Changes this process's environment, and tells how to undo that: the next place finds its own. */
export function environment(env: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, env)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** A setting that an account's place cannot do without. */
export function named(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: docs/guide/aws.md, “Against an account”, says what it is`)
  return value
}
