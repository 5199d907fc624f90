/** What takes two, what an owner decides, a hand-over, and the page that says what is ours. */
import { codeOf } from '../../journeys/factors.ts'
import { type Play, playing, type Script } from '../../journeys/script.ts'
import { userPassword } from '../../people.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

const [leo, marta] = ['leo@clinica-sol.test', 'marta@clinica-sol.test']

export const oversight: Story = {
  name: 'oversight',
  async tell(cast, camera) {
    const play = await playing(cast.stage)
    await glass(cast, camera, play)
    await handOver(cast, camera, play)
    await owner(cast, camera, play)
    await ours(cast, camera, play)
  },
}

/** Leo's, from the look-up to the choice of where. */
async function atChoice(play: Play, agent: Script): Promise<string> {
  const id = await play.proved(agent, leo)
  await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  return id
}
const closed = (play: Play, agent: Script, id: string) =>
  play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)

async function glass(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev04')
  const id = await atChoice(play, agent)
  const desk = await cast.atDesk('dev04', `/assist/${id}`)
  await desk.locator('.glass summary').click()
  await desk.locator('.glass input').fill('No answer for an hour, and the clinic is locked out')
  await camera.take('console', '7-glass', desk)
  await desk.locator('.glass .acts button').click()
  await desk.locator('.second[data-state=waiting]').waitFor()
  await camera.take('console', '7-glass-waiting', desk)
  const over = await cast.atDesk('sol', '/oversight')
  // What users said of this agent is to be reviewed, in another list, which may come first.
  const question = over.getByRole('article').filter({ hasText: 'Dev Four asks to look' })
  await question.locator('.acts').waitFor()
  await camera.take('console', '7-oversight', over)
  await over.reload()
  await question.locator('.acts button').last().click()
  await over.locator('dialog.question').waitFor()
  await camera.take('console', '7-oversight-proof', over)
  await over.locator('dialog.question .acts button').last().click()
  await broken(cast, camera, play, id)
  await desk.locator('.surfaces').waitFor()
  await camera.take('console', '7-glass-help', desk)
  await closed(play, agent, id)
  const third = await cast.atDesk('sara', '/oversight')
  await third.locator('[data-about=break_glass]').getByLabel('What you found, in one line').first().waitFor()
  await camera.take('console', '7-oversight-review', third)
  for (const one of [desk, over, third]) await one.close()
}

/** Two others say yes, and what the user is told. */
async function broken(cast: Cast, camera: Camera, play: Play, id: string): Promise<void> {
  const agent = play.scriptOf('dev04')
  const [approval] = (await play.must(agent.call('GET', `/assistances/${id}`), 200)).approvals
  for (const name of ['sol', 'tess']) {
    const secret = play.people.agents.find(({ email }) => email === `${name}@acme.test`)?.totpSecret ?? ''
    const body = { decision: 'yes', proof: { method: 'totp', code: codeOf(secret) } }
    const answer = play.scriptOf(name).call('PUT', `/assistances/${id}/approvals/${approval.id}`, body)
    await play.must(answer, 200)
  }
  const { links } = await cast.letterAfter(
    leo,
    () => agent.call('PUT', `/assistances/${id}/break-glass`, {}),
    ({ subject }) => /without a consent|sin consentimiento/.test(subject),
  )
  const his = await cast.pageOf('leo', `${links.find((link) => link.includes('/c/')) ?? ''}?lang=en`)
  await camera.take('companion', '7-glass', his)
  await his.close()
}

async function handOver(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev05')
  const { id } = await play.active(agent, 'nuria@clinica-sol.test', 'cli_sol')
  const note = 'My shift ends; the printer is next'
  await play.must(agent.call('PUT', `/assistances/${id}/hand-over`, { offered: true, note }), 200)
  const desk = await cast.atDesk('dev05', `/assist/${id}`)
  await desk.locator('details.block[open] .acts').first().waitFor()
  await camera.take('console', '7-hand-over', desk)
  const next = await cast.atDesk('dev06', '/mine')
  await next.locator('.over-one .acts').waitFor()
  await camera.take('console', '7-offers', next)
  for (const one of [desk, next]) await one.close()
  await closed(play, agent, id)
}

/** Their switch in the Store, and the page on which they are asked. */
async function owner(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const store = await cast.pageOf('marta', `${cast.storeOrigin}/`)
  const password = store.locator('input[type=password]')
  if ((await password.count()) > 0) {
    await store.locator('input[name=email]').fill(marta)
    await password.fill(userPassword(marta))
    await store.locator('main form button').click()
    await store.locator('main h1').waitFor()
  }
  const chooses = async (choice: string) => {
    await store.goto(`${cast.storeOrigin}/members`)
    await store.locator('select[name=support]').selectOption(choice)
    await store.locator('#support button').click()
    await store.waitForURL(/said=saved/)
  }
  await chooses('approve')
  await camera.take('product', 'store-support', store)
  const agent = play.scriptOf('dev01')
  const id = await atChoice(play, agent)
  const isTheirs = (link: string) => link.includes('/o/')
  const { links } = await cast.letterAfter(
    marta,
    () => agent.call('POST', `/assistances/${id}/consent-code`, {}),
    (letter) => letter.links.some(isTheirs),
  )
  const hers = await cast.pageOf('marta', `${links.find(isTheirs) ?? ''}?lang=en`)
  await camera.take('companion', '7-owner', hers)
  await hers.locator('button.yes').click()
  await hers.locator('button.yes').waitFor({ state: 'detached' })
  await camera.take('companion', '7-owner-yes', hers)
  await closed(play, agent, id)
  await chooses('allowed')
  for (const one of [store, hers]) await one.close()
}

async function ours(cast: Cast, camera: Camera, play: Play): Promise<void> {
  const agent = play.scriptOf('dev02')
  const { id, link } = await play.asked(agent, leo, 'cli_sol')
  const page = await cast.pageOf('stranger', `${new URL(link).origin}/ours?lang=en`)
  await camera.take('companion', '7-ours', page)
  await page.getByLabel('Reference, link, number or sender').fill(link)
  await page.getByRole('button', { name: 'Check' }).click()
  await page.locator('main section h2').waitFor()
  await camera.take('companion', '7-ours-yes', page)
  await closed(play, agent, id)
  await page.close()
}
