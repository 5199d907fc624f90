/**
 * The conformance check of a surface: every point in its order, each told as soon as it is known. It brings an issuer of
 * its own, so neither a running Amparo nor anybody's data is needed, and can say what a real issuer never would.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bilingual } from '@amparo/contract/words'
import { Cannot } from '../cannot.ts'
import type { SurfaceClient } from '../policy/policy.ts'
import { acts } from './acts.ts'
import { arriving } from './arriving.ts'
import { banner } from './banner.ts'
import { ending } from './ending.ts'
import { entry, opens } from './entry.ts'
import { type KitIssuerConfig, kitIssuer } from './issuer.ts'
import { truth } from './launch.ts'
import { type Address, type Kit, type Plan, type Point, unchecked, type Verdict } from './point.ts'
import { session } from './session.ts'
import { originOf, visitor } from './visitor.ts'

export interface CheckConfig {
  readonly client: SurfaceClient
  readonly plan: Plan
  /** The issuer that the product is configured with: the kit takes its place. */
  readonly issuer: Pick<KitIssuerConfig, 'origin' | 'listen'>
  readonly chromium: string | undefined
  /** How long an ending may take to be honoured. */
  readonly withinMs?: number
}
export type Checked = Pick<Point, 'id' | 'holds' | 'look'> & { readonly verdict: Verdict }

export const points: readonly Point[] = [opens, ...entry, ...arriving, ...banner, ...acts, ...session, ...ending]

/** Looks at every point; where nothing opens at all, the others are not looked at. */
export async function check(
  config: CheckConfig,
  tell: (checked: Checked) => void = () => {},
): Promise<readonly Checked[]> {
  const kit = await kitOf(config)
  try {
    await answers(kit)
    const all: Checked[] = []
    for (const point of points) {
      const checked = { ...point, verdict: await verdictOf(point, kit, all[0]) }
      tell(checked)
      all.push(checked)
    }
    return all
  } finally {
    await Promise.all([kit.issuer.close(), kit.foreign.close()])
  }
}

async function verdictOf(point: Point, kit: Kit, first: Checked | undefined): Promise<Verdict> {
  if (first && first.verdict.result !== 'pass')
    return unchecked('nothing can be seen before a launch opens', 'no se ve nada mientras no se abra un acceso')
  try {
    return await point.check(kit)
  } catch (error) {
    if (error instanceof NothingOpens) return { result: 'fail', says: nothingOpens }
    const why = error instanceof Error ? error.message : String(error)
    return { result: 'fail', says: { en: `it broke off: ${why}`, es: `se interrumpió: ${why}` } }
  }
}

/** Beside a product that opens nothing any more, everything would look refused. */
class NothingOpens extends Error {}
/** A machine under load loses a launch now and then; a product that opens nothing loses each. */
const triesAtMost = 3
const nothingOpens: Bilingual = {
  en: 'a launch that tells the truth opened nothing any more. Does the product limit sign-ins? Lift that for the check.',
  es: 'un acceso que dice la verdad ya no abrió nada. ¿Limita el producto los accesos? Quítalo para la comprobación.',
}

async function kitOf({ client, plan, issuer, chromium, withinMs = 2000 }: CheckConfig): Promise<Kit> {
  const origin = originOf(client.initiateLoginUri)
  const { ecosystem } = plan
  const ours = await kitIssuer({ ...issuer, client, ecosystem })
  const anywhere = { origin: '', listen: { host: '127.0.0.1', port: 0 } }
  const foreign = await kitIssuer({ ...anywhere, client, ecosystem })
  const begin: Kit['begin'] = (who, launch, more = {}) => {
    const url = new URL(client.initiateLoginUri)
    const target = new URL(plan.page, origin).href
    const fields = { iss: ours.origin, login_hint: launch.hint, target_link_uri: target, ...more }
    url.search = new URLSearchParams(fields).toString()
    return who.get(url.href)
  }
  const launch: Kit['launch'] = async (telling = {}, who = visitor(), more = {}) => {
    const one = ours.launch({ ...truth(plan.user), ...telling })
    const begun = await begin(who, one, more)
    const rest = begun.location === undefined ? [] : await follow(who, begun.location, [origin, ours.origin])
    const passed = [begun, ...rest]
    return { launch: one, visitor: who, passed, answer: passed.at(-1) ?? begun }
  }
  const soon: Kit['soon'] = async (holds) => {
    const until = performance.now() + withinMs
    while (!(await holds())) {
      if (performance.now() > until) return false
      await pause(50)
    }
    return true
  }
  const page: Kit['page'] = (who) => who.get(new URL(plan.page, origin).href)
  const shows: Kit['shows'] = ({ status, text }) => status < 300 && text.includes(plan.sees)
  return {
    plan,
    client,
    origin,
    issuer: ours,
    foreign,
    chromium,
    withinMs,
    visitor,
    begin,
    launch,
    async helped(telling, who) {
      for (let tries = 0; tries < triesAtMost; tries += 1) {
        const launched = await launch(telling, who)
        if (shows(await page(launched.visitor))) return launched
      }
      throw new NothingOpens()
    },
    page,
    ask: (who, address, headers) => asked(who, new URL(address.path, origin).href, address, headers),
    shows,
    stays: (who) => soon(async () => shows(await page(who))),
    soon,
  }
}

const follow = (who: ReturnType<typeof visitor>, url: string, origins: readonly string[]) =>
  origins.includes(originOf(url)) ? who.follow(url, origins) : Promise.resolve([])

const asked = (who: ReturnType<typeof visitor>, url: string, { method }: Address, headers = {}) =>
  method === 'GET' ? who.get(url, headers) : who.form(url, method, {}, headers)

/** Somebody has to be there at all. */
async function answers({ origin, visitor: fresh }: Kit): Promise<void> {
  await fresh()
    .get(`${origin}/`)
    .catch((error: Error) => {
      throw new Cannot(3, [
        {
          en: `${origin} does not answer: ${error.message}. Start your product first, with the settings of its row.`,
          es: `${origin} no responde: ${error.message}. Arranca antes tu producto, con los ajustes de su fila.`,
        },
      ])
    })
}

/** 0 only where every point passed, or the product has no such thing: what nobody could look at is no pass. */
export const exitOf = (all: readonly Checked[]): 0 | 1 =>
  all.every(({ verdict }) => verdict.result === 'pass' || verdict.result === 'none') ? 0 : 1
