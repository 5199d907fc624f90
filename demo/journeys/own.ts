/** How most journeys begin: the demo on a database of their own, with its people; `close` puts all of it away. */
import type { Browser } from 'playwright-core'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Cast, castOn } from '../screens/cast.ts'
import { chromiumHere } from './chromium.ts'
import { type Play, playing } from './script.ts'
import { type Stage, type Staging, staged } from './stage.ts'

export interface Own {
  readonly fresh: FreshDatabase
  readonly stage: Stage
  readonly play: Play
  readonly close: () => Promise<void>
}

export async function ownStage(how: Omit<Staging, 'databaseUrl'> = {}): Promise<Own> {
  const fresh = await emptyDatabase()
  const stage = await staged({ ...how, databaseUrl: fresh.url })
  const close = async () => {
    await stage.stop()
    await stage.remove()
    await fresh.close()
  }
  return { fresh, stage, play: await playing(stage), close }
}

export interface OwnInChromium extends Own {
  readonly browser: Browser
  readonly cast: Cast
}

/** The same with a browser, and whoever is to act in it. */
export async function ownStageInChromium(how: Omit<Staging, 'databaseUrl'> = {}): Promise<OwnInChromium> {
  const own = await ownStage(how)
  const browser = await chromiumHere()
  const cast = castOn(own.stage, browser)
  const close = async () => {
    await cast.close()
    await browser.close()
    await own.close()
  }
  return { ...own, browser, cast, close }
}
