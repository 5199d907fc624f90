/** What goes another way: refused, reported, too late, not delivered, nobody there; on the agent's side and on the user's. */

import { type Play, playing } from '../../journeys/script.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

const leo = 'leo@clinica-sol.test'

export const endings: Story = {
  name: 'endings',
  async tell(cast, camera) {
    const play = await playing(cast.stage)
    await refused(cast, camera, play)
    await reported(cast, camera, play)
    await afterwards(cast, camera, play)
    await tooLate(cast, camera, play)
    await lapsed(cast, camera, play)
    await undelivered(cast, camera, play)
    await nobody(cast, camera, play)
    await leaving(cast, camera, play)
  },
}

async function refused(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const { id, link } = await play.asked(play.scriptOf('dev01'), leo, 'cli_sol')
  const page = await cast.pageOf('leo', `${link}?lang=en`)
  await page.getByRole('button', { name: 'No, refuse' }).click()
  await page.getByRole('heading', { name: 'You refused' }).waitFor()
  await camera.take('companion', '6-refused', page)
  const desk = await cast.atDesk('dev01', `/assist/${id}`)
  await desk.locator('.ending').waitFor()
  await camera.take('console', '6-refused', desk)
  for (const one of [page, desk]) await one.close()
}

async function reported(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const { id, link } = await play.active(play.scriptOf('dev02'), leo, 'cli_sol')
  const page = await cast.pageOf('leo', `${link}?lang=en`)
  await page.getByRole('button', { name: 'I did not ask for this' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await camera.take('companion', '6-reported', page)
  const desk = await cast.atDesk('dev02', `/assist/${id}`)
  await desk.locator('.ending').waitFor()
  await camera.take('console', '6-reported', desk)
  const over = await cast.atDesk('sara', '/oversight')
  await over.locator('[data-about=reported] .acts').first().waitFor()
  await camera.take('console', '6-reported-review', over)
  for (const one of [page, desk, over]) await one.close()
}

/** What a user looks at afterwards: all the help they had, behind a code of their own; and what was not right. */
async function afterwards(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const grace = 'grace@northside.test'
  const agent = play.scriptOf('dev04')
  const { id, link } = await play.active(agent, grace, 'cli_northside')
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' }), 200)
  const page = await cast.pageOf('grace', `${link}?lang=en`)
  await camera.take('companion', '6-finished', page)
  await page.getByRole('link', { name: 'See all the help that you had' }).click()
  await camera.take('companion', '6-history-ask', page)
  const send = page.getByRole('button', { name: 'Send me a code' })
  const seen = (await play.lettersTo(grace)).length
  await send.click()
  // News of the end may come in between: what was asked for has a code.
  const { codes } = await play.newLetter(grace, seen, (letter) => letter.codes.length > 0)
  await page.locator('#digits').waitFor()
  await camera.take('companion', '6-history-code', page)
  await page.locator('#digits').fill(codes[0] ?? '')
  await page.locator('#digits').press('Enter')
  await page.locator('.past').first().waitFor()
  await page.locator('.past summary').first().click()
  await camera.take('companion', '6-history', page)
  await page.locator('.past summary').first().click()
  await page.locator('.past textarea').first().fill('She looked at more than I asked for')
  await page.locator('.past .objection button').first().click()
  await page.locator('.past .note').first().waitFor()
  await camera.take('companion', '6-objection', page)
  const over = await cast.atDesk('sara', '/oversight')
  await over.locator('[data-about=objection] .acts').first().waitFor()
  await camera.take('console', '6-objection-review', over)
  for (const one of [page, over]) await one.close()
}

/** The code is over after ten minutes; the request with it, five minutes later. */
async function tooLate(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev03')
  const { id, link } = await play.asked(agent, 'siobhan@northside.test', 'cli_northside')
  await cast.advance(10 * 60_000 + 5_000)
  const page = await cast.pageOf('siobhan', `${link}?lang=en`)
  await camera.take('companion', '6-old-message', page)
  const desk = await cast.atDesk('dev03', `/assist/${id}`)
  await desk.locator('.two-ways').waitFor()
  await camera.take('console', '6-old-message', desk)
  for (const one of [page, desk]) await one.close()
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
}

async function lapsed(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const { id, link } = await play.active(play.scriptOf('dev03'), 'siobhan@northside.test', 'cli_northside')
  await cast.advance(15 * 60_000 + 5_000)
  const page = await cast.pageOf('siobhan', `${link}?lang=en`)
  await camera.take('companion', '6-lapsed', page)
  await page.goto(`${new URL(link).origin}/c/BCDFGHJKMNPQR?lang=en`)
  await camera.take('companion', '6-no-such-link', page)
  const desk = await cast.atDesk('dev03', `/assist/${id}`)
  await desk.locator('.ending').waitFor()
  await camera.take('console', '6-lapsed', desk)
  for (const one of [page, desk]) await one.close()
}

/** A mailbox that does not exist, and a fixed line: the agent sees why, and what to do instead. */
async function undelivered(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev05')
  const priya = 'priya@northside.test'
  const fate = async (what: string) =>
    fetch(`http://127.0.0.1:${cast.stage.port}/inbox/fate`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ for: priya, fate: what }),
    })
  await fate('refused')
  const id = await play.proved(agent, priya)
  await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_northside' }), 200)
  await play.must(agent.call('POST', `/assistances/${id}/consent-code`, {}), 202)
  const desk = await cast.atDesk('dev05', `/assist/${id}`)
  await desk.locator('.delivery .failed').waitFor()
  await camera.take('console', '3-consent-undelivered', desk)
  await fate('delivered')
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)

  const landline = await play.proved(agent, 'ramon@clinica-sol.test')
  await desk.goto(`${cast.stage.console}/assist/${landline}`)
  await desk.locator('.terms').waitFor()
  await camera.take('console', '3-terms-landline', desk)
  await play.must(agent.call('PUT', `/assistances/${landline}/closure`, { because: 'cancelled' }), 200)
  await desk.close()
}

async function nobody(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev06')
  const id = await play.proved(agent, 'nobody@example.test')
  const desk = await cast.atDesk('dev06', `/assist/${id}`)
  await desk.locator('.stage h1').waitFor()
  await camera.take('console', '3-unknown', desk)
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  const inactive = await play.proved(agent, 'arthur@harbour-quay.test')
  await desk.goto(`${cast.stage.console}/assist/${inactive}`)
  await desk.locator('.stage h1').waitFor()
  await camera.take('console', '3-not-assistable', desk)
  await play.must(agent.call('PUT', `/assistances/${inactive}/closure`, { because: 'cancelled' }), 200)
  await desk.close()
}

/** The calm way out, which asks first; and *End now*, which asks afterwards. */
async function leaving(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const { id } = await play.active(play.scriptOf('dev01'), 'nuria@clinica-sol.test', 'cli_sol')
  const desk = await cast.atDesk('dev01', `/assist/${id}`)
  await desk.getByRole('button', { name: 'Cancel process' }).click()
  await desk.getByRole('alertdialog').waitFor()
  await camera.take('console', '4-cancel', desk)
  await desk.keyboard.press('Escape')
  await desk.locator('.end-now').click()
  await desk.locator('.ending').waitFor()
  await camera.take('console', '5-ended-now', desk)
  await desk.close()
}
