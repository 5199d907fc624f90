/** Every screen, reached as people reach it, in both languages and both themes, narrow and wide: axe finds nothing. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Camera, cameraFor } from '../screens/camera.ts'
import type { Cast } from '../screens/cast.ts'
import { stories } from '../screens/stories.ts'
import { ownStageInChromium } from './own.ts'
import type { Stage } from './stage.ts'

let stage: Stage
let cast: Cast
let camera: Camera

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ stage, cast } = own)
  return own.close
}, 90_000)

describe('nothing on any screen keeps somebody out', () => {
  test.each(stories.map((story) => [story.name, story] as const))(
    'on the screens of %s axe finds no violation, in both themes and both languages, and nothing is lost at 320 px, at 400 % or with wide text',
    async (_name, story) => {
      camera = cameraFor({ looks: 'pairs' })
      await story.tell(cast, camera)
      const found = camera.taken.flatMap(({ face, name, look, violations }) =>
        violations.map((one) => `${face}/${name} ${look.language} ${look.theme} ${look.width}: ${one}`),
      )
      expect(camera.taken.length).toBeGreaterThan(4)
      expect(found).toEqual([])
    },
    240_000,
  )

  test('the walk would notice: a picture without words is found, and a button too small for a finger', async () => {
    const page = await cast.pageOf('developer', `${stage.console}/inbox`)
    // Beside what the inbox renews by itself when a message comes.
    await page.evaluate('document.body.append(document.createElement("img"))')
    await page.evaluate(`const small = document.createElement('button')
      small.textContent = 'small'
      small.style.cssText = 'height: 20px; min-height: 0'
      document.body.append(small)`)
    const strict = cameraFor({ looks: 'pairs' })
    await strict.take('product', 'spoilt', page)
    const found = strict.taken.flatMap(({ violations }) => violations).join()
    expect(found).toContain('image-alt')
    expect(found).toContain('too small for a finger')
  })
})
