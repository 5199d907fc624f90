/** One sensitive power in the middle of help, on the agent's side and on the user's; and everything switched off. */
import type { Page } from 'playwright-core'
import { type Play, playing } from '../../journeys/script.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

const marta = 'marta@clinica-sol.test'

export const powers: Story = {
  name: 'powers',
  async tell(cast, camera) {
    const play = await playing(cast.stage)
    await onePower(cast, camera, play)
    await switchedOff(cast, camera, play)
  },
}

async function opened(cast: Cast, play: Play): Promise<readonly [string, Page, Page, Page]> {
  const agent = play.scriptOf('dev05')
  const { id, link } = await play.active(agent, marta, 'cli_sol')
  const desk = await cast.atDesk('dev05', `/assist/${id}`)
  const open = desk.locator('.surface .opens').first()
  const [store] = await Promise.all([desk.waitForEvent('popup'), open.click()])
  await store.waitForURL(`${cast.storeOrigin}/`)
  await desk.bringToFront()
  return [id, desk, store, await cast.pageOf('marta', `${link}?lang=en`)]
}

async function onePower(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const [, desk, store, hers] = await opened(cast, play)
  const more = desk.locator('.ask-more')
  await more.locator('select').selectOption('payment_method')
  await camera.take('console', '4-ask-more', desk)
  const { codes } = await cast.letterAfter(marta, () => more.getByRole('button', { name: 'Ask the user' }).click())
  await more.locator('.waiting-power').waitFor()
  await camera.take('console', '4-ask-more-waiting', desk)
  await hers.reload()
  await hers.locator('section.power').waitFor()
  await camera.take('companion', '4-power-asked', hers)
  const field = more.getByRole('textbox', { name: 'The code of that message' })
  await field.fill(codes[0] ?? '')
  await more.getByRole('button', { name: 'Confirm' }).last().click()
  await more.locator('.answers .live').waitFor()
  await camera.take('console', '4-power-held', desk)
  await hers.reload()
  await hers.getByRole('button', { name: 'Take it back' }).waitFor()
  await camera.take('companion', '4-power-held', hers)
  for (const one of [store, hers]) await one.close()
  await desk.locator('.end-now').click()
  await desk.locator('.ending').waitFor()
  await desk.close()
}

/** Asked for at the desk, by a supervisor who shows again that it is them; and on again. */
async function switchedOff(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const { id } = await play.active(play.scriptOf('dev06'), 'nuria@clinica-sol.test', 'cli_sol')
  const agents = await cast.atDesk('dev06', `/assist/${id}`)
  const page = await cast.atDesk('tess', '/live')
  const form = page.locator('.switch-off')
  await form.getByLabel('Why').fill('A key was found where it should not be')
  await camera.take('console', '8-switch-off', page)
  await page.reload()
  await form.getByLabel('Why').fill('A key was found where it should not be')
  await form.locator('form .acts button').click()
  const dialog = page.locator('dialog.question')
  await dialog.waitFor()
  await camera.take('console', '8-switch-off-proof', page)
  await dialog.locator('input[type=password]').fill('tess-demo-pass-1')
  await dialog.locator('form:has(input[type=password]) button').click()
  await page.locator('.cutoffs').waitFor()
  await dialog.waitFor({ state: 'detached' })
  await camera.take('console', '8-switched-off', page)
  await agents.bringToFront()
  await agents.locator('.ending').waitFor()
  await camera.take('console', '8-killed', agents)
  const [cutoff] = (await play.must(play.scriptOf('tess').call('GET', '/cutoffs'), 200)).cutoffs
  const fresh = { method: 'password', password: 'tess-demo-pass-1' }
  await play.must(
    play.scriptOf('tess').call('PUT', `/cutoffs/${cutoff.id}/lifting`, { why: 'All is well', fresh }),
    200,
  )
  for (const one of [agents, page]) await one.close()
}
