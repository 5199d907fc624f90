/**
 * The conformance check of a surface: every point in its order, each told as soon as it is known. It brings an issuer of
 * its own, so neither a running Amparo nor anybody's data is needed, and can say what a real issuer never would.
 */
import { Cannot } from '../cannot.ts'
import { acts } from './acts.ts'
import { api, app } from './app.ts'
import { arriving } from './arriving.ts'
import { banner } from './banner.ts'
import { ending } from './ending.ts'
import { entry, opens } from './entry.ts'
import { type KitConfig, kitOf, NothingOpens, nothingOpens } from './kit.ts'
import { type Kit, type Point, unchecked, type Verdict } from './point.ts'
import { session } from './session.ts'

export interface CheckConfig extends KitConfig {
  /** Of these points alone, beside those that everything else stands on. */
  readonly only?: readonly string[]
}
export type Checked = Pick<Point, 'id' | 'holds' | 'look'> & { readonly verdict: Verdict }

/** In each group the first has to hold before anything can be seen of the others. */
type Group = readonly [Point, ...Point[]]
const ofProducts: Group = [opens, ...entry, ...arriving, ...banner, ...acts, ...session, ...ending]
const those = (ids: readonly string[]) => ofProducts.filter(({ id }) => ids.includes(id))
/** Of an app: its back end, which has no cookie and asks about each request, and what a browser can run of the app itself. */
const ofBackEnds: Group = [
  ...api,
  ...those(['acts.never', 'acts.look', 'acts.told', 'session.no_store', 'own.booked', 'own.ecosystem']),
  ...those(['end.status', 'end.unconfirmed']),
]
const ofApps: Group = [...app, ...those(['banner.holds', 'banner.covers', 'end.now'])]

export const points: readonly Point[] = ofProducts
export const pointsOfApps: readonly Point[] = [...ofBackEnds, ...ofApps]

/** Looks at every point; where nothing opens at all, the others are not looked at. */
export async function check(
  config: CheckConfig,
  tell: (checked: Checked) => void = () => {},
): Promise<readonly Checked[]> {
  const kit = await kitOf(config)
  const groups = config.client.clientAuth === 'none' ? [ofBackEnds, ofApps] : [ofProducts]
  try {
    await answers(kit)
    const all: Checked[] = []
    for (const group of groups) {
      const verdicts: Verdict[] = []
      for (const point of group.filter((one) => one === group[0] || (config.only?.includes(one.id) ?? true))) {
        const verdict = await verdictOf(point, kit, verdicts[0])
        const checked = { ...point, verdict }
        tell(checked)
        verdicts.push(verdict)
        all.push(checked)
      }
    }
    return all
  } finally {
    await kit.close()
  }
}

async function verdictOf(point: Point, kit: Kit, first: Verdict | undefined): Promise<Verdict> {
  if (first?.result === 'none' || first?.result === 'unchecked') return first
  if (first?.result === 'fail')
    return unchecked('nothing can be seen before a launch opens', 'no se ve nada mientras no se abra un acceso')
  try {
    return await point.check(kit)
  } catch (error) {
    if (error instanceof NothingOpens) return { result: 'fail', says: nothingOpens }
    const why = error instanceof Error ? error.message : String(error)
    return { result: 'fail', says: { en: `it broke off: ${why}`, es: `se interrumpió: ${why}` } }
  }
}

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

/**
 * 0 only where every point passed, or the product has no such thing: what nobody could look at is no pass, and nor is it
 * where there was nothing to look at.
 */
export const exitOf = (all: readonly Checked[]): 0 | 1 => {
  const results = all.map(({ verdict }) => verdict.result)
  return results.includes('pass') && results.every((one) => one === 'pass' || one === 'none') ? 0 : 1
}
