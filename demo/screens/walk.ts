/** `npm run screens`: starts the demo on free ports, tells every story, and lays the pictures out in `screens/`. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromiumHere } from '../journeys/chromium.ts'
import { staged } from '../journeys/stage.ts'
import { cameraFor } from './camera.ts'
import { castOn } from './cast.ts'
import { film } from './film.ts'
import { contactSheet } from './sheet.ts'
import { stories } from './stories.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(import.meta.dirname, '../../screens') },
    /** Screens whose name holds this. */
    only: { type: 'string' },
    /** Stories of this name. */
    story: { type: 'string' },
    /** Fewer pictures: each language, theme and width with each other once. */
    pairs: { type: 'boolean', default: false },
    /** Only the README's pictures and its film, made anew in `docs/pictures`. */
    film: { type: 'boolean', default: false },
    port: { type: 'string' },
  },
})

const stage = await staged(values.port === undefined ? {} : { port: Number(values.port) })
const browser = await chromiumHere()
const cast = castOn(stage, browser)
try {
  if (values.film) await film(cast, browser)
  else await everyScreen()
} finally {
  await cast.close()
  await browser.close()
  await stage.stop()
  await stage.remove()
}

async function everyScreen(): Promise<void> {
  if (values.only === undefined && values.story === undefined) await rm(values.out, { recursive: true, force: true })
  await mkdir(values.out, { recursive: true })
  const camera = cameraFor({
    folder: values.out,
    looks: values.pairs ? 'pairs' : 'all',
    only: values.only,
    tell: (line) => console.log(line),
  })
  for (const story of stories) if ((values.story ?? story.name) === story.name) await story.tell(cast, camera)
  await writeFile(join(values.out, 'index.html'), contactSheet(camera.taken))
  console.log(`\n${camera.taken.length} pictures: ${join(values.out, 'index.html')}`)
}
