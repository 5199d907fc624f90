/** What takes two, what an owner decides, and what a stranger may know: in real browsers, under a policy file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { userPassword } from '../people.ts'
import type { Cast, Letter } from '../screens/cast.ts'
import { picture } from './chromium.ts'
import { codeOf } from './factors.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { type Stage, until } from './stage.ts'

const policy = {
  preset: 'standard',
  secondPerson: { ownersSurfaces: ['store'] },
  breakGlass: { roles: ['agent:technical'] },
  quotas: { lookUpsPerAgentADay: 4 },
}
const [leo, marta, nuria] = ['leo@clinica-sol.test', 'marta@clinica-sol.test', 'nuria@clinica-sol.test']
const patience = 120_000

let fresh: FreshDatabase
let folder: string
let stage: Stage
let cast: Cast
let play: Play

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-floor-'))
  const file = join(folder, 'policy.json')
  await writeFile(file, JSON.stringify(policy))
  const own = await ownStageInChromium({ env: { AMPARO_POLICY: file } })
  ;({ fresh, stage, cast, play } = own)
  return own.close
}, 90_000)
afterAll(() => rm(folder, { recursive: true }))

const appCode = (name: string) =>
  codeOf(play.people.agents.find(({ email }) => email === `${name}@acme.test`)?.totpSecret ?? '')
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const sees = (page: Page, what: string | RegExp) => page.getByText(what).first().waitFor()
const isTitled = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

/** An agent's request where they have chosen the ecosystem, at their desk. */
async function atChoice(name: string, user: string): Promise<{ id: string; desk: Page }> {
  const agent = play.scriptOf(name)
  const id = await play.proved(agent, user)
  await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  return { id, desk: await cast.atDesk(name, `/assist/${id}`) }
}
const cancel = (name: string, id: string) =>
  play.must(play.scriptOf(name).call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
const codesTo = async (user: string) => (await cast.letters(user)).filter(({ codes }) => codes.length > 0).length

/** What a user is told of somebody who looks without their yes. */
const isWithout = ({ subject }: Letter) => /without a consent|sin consentimiento/.test(subject)

/** Opens the Web from the console, signed in as the user. */
async function openedWeb(desk: Page): Promise<Page> {
  const [web] = await Promise.all([desk.waitForEvent('popup'), press(desk, 'Open Web')])
  await web.waitForURL(`${cast.webOrigin}/`)
  await web.locator('amparo-banner').waitFor({ state: 'attached' })
  return web
}
const isCovered = (web: Page) => sees(web, /Help has ended|La ayuda ha terminado/)

test(
  'an owner’s Store takes a second person: until their yes nothing is sent, and the agent who is a supervisor too is never that person',
  async () => {
    const { id, desk } = await atChoice('sara', marta)
    const before = await codesTo(marta)
    await press(desk, 'Send the message')
    await sees(desk, /Waiting for a second person: this product of an owner/)
    await picture(desk, 'floor-waiting')

    const own = await cast.atDesk('sara', '/oversight')
    const question = (page: Page) =>
      page.getByRole('article').filter({ hasText: 'Sara Molina asks to help Marta Ruiz' })
    await question(own).getByText('You are its agent').waitFor()
    expect(await question(own).getByRole('button').count()).toBe(0)
    const sara = play.scriptOf('sara')
    const [approval] = (await play.must(sara.call('GET', '/approvals'), 200)).items
    const forced = sara.call('PUT', `/assistances/${id}/approvals/${approval.id}`, { decision: 'yes' })
    expect((await forced).body.code).toBe('approval.own')
    await press(desk, 'Send the message')
    await sees(desk, /Waiting for a second person/)
    expect(await codesTo(marta)).toBe(before)

    const second = await cast.atDesk('sol', '/oversight')
    const note = question(second).getByRole('textbox', {
      name: 'A note, if you like',
      description: 'No patients’ names.',
    })
    await note.fill('They called me too')
    await question(second).getByRole('button', { name: 'Yes, I agree' }).click()
    await question(second).waitFor({ state: 'detached' })
    await sees(desk, 'Sol Herrera said yes. Go on.')
    await cast.letterAfter(marta, () => press(desk, 'Send the message'))
    await desk.getByRole('textbox', { name: /The user.s code/ }).waitFor()
    await cancel('sara', id)
    for (const page of [desk, own, second]) await page.close()
  },
  patience,
)

test(
  'without a consent: two supervisors each by their own proof, the user’s Stop covers the product, and a third person reviews',
  async () => {
    const { id, desk } = await atChoice('ben', leo)
    await desk.getByText('The user cannot be asked').click()
    await desk.getByLabel('Why nobody can be asked').fill('No answer for an hour, and the clinic is locked out')
    await press(desk, 'Ask two supervisors')
    await sees(desk, '0 of 2 have said yes')

    const question = (page: Page) =>
      page.getByRole('article').filter({ hasText: 'Ben Ortiz asks to look at the account' })
    const one = await cast.atDesk('sol', '/oversight')
    await question(one).getByText('No answer for an hour').waitFor()
    await question(one).getByRole('button', { name: 'Yes, I agree' }).click()
    await one.getByLabel('Code of your app').fill(appCode('sol'))
    await one.locator('dialog .code-form button').click()
    await question(one).getByText('1 of 2 have said yes').waitFor()
    expect(await question(one).getByRole('button').count()).toBe(0)
    await press(desk, 'Look without a consent')
    await sees(desk, 'Somebody else has to say yes first.')
    expect(await desk.getByRole('alert').count()).toBe(0)
    expect((await cast.letters(leo)).filter(isWithout)).toEqual([])

    const two = await cast.atDesk('tess', '/oversight')
    await question(two).getByRole('button', { name: 'Yes, I agree' }).click()
    await sees(desk, /Sol Herrera.*Tess Quinn.* said yes\. Go on\./)
    const owners = (await cast.letters(marta)).length
    const letter = await cast.letterAfter(leo, () => press(desk, 'Look without a consent'), isWithout)
    await isTitled(desk, /Help Leo/)
    await until(
      () => cast.letters(marta),
      (all) => all.length > owners,
      'the letter to the owner',
    )
    const web = await openedWeb(desk)
    // For looking and nothing else: no power is offered, and none is had by asking all the same.
    await desk.bringToFront()
    await sees(desk, 'You may look. You may not change anything.')
    for (const more of ['Ask for more', 'Hand over', 'Ask if still there'])
      expect(await desk.getByText(more, { exact: true }).count()).toBe(0)
    const forced = await play.scriptOf('ben').call('POST', `/assistances/${id}/powers`, { power: 'invitations' })
    expect(forced.body.code).toBe('assistance.out_of_order')

    const link = letter.links.find((each) => each.includes('/c/')) ?? ''
    const his = await cast.pageOf('leo', `${link}?lang=en`)
    await picture(his, 'floor-glass-user')
    await press(his, /Stop now/)
    await isCovered(web)
    await isTitled(desk, 'This assistance is closed')
    await sees(desk, /stopped the help/)

    await one.bringToFront()
    const review = (page: Page) =>
      page.getByRole('article').filter({ hasText: 'Ben Ortiz looked at the account of Leo' })
    await review(one).getByText('You had a part in it').waitFor()
    const third = await cast.atDesk('sara', '/oversight')
    const finding = review(third).getByRole('textbox', { name: 'What you found, in one line' })
    await review(third).getByText('No patients’ names.').waitFor()
    await finding.fill('The clinic was locked out, as they said')
    await third.reload()
    expect(await finding.inputValue()).toBe('The clinic was locked out, as they said')
    await review(third).getByRole('button', { name: 'It was justified' }).click()
    await review(third).getByText('Sara Molina reviewed it').waitFor()
    await third
      .getByRole('listitem')
      .filter({ hasText: 'Ben Ortiz is looking at an account without a consent' })
      .waitFor()
    for (const page of [desk, one, two, web, his, third]) await page.close()
  },
  patience,
)

/** What the owner of Clínica Sol says of support, in the Store, signed in as themself. */
async function ownerChooses(choice: 'allowed' | 'approve' | 'off'): Promise<void> {
  const page = await cast.pageOf('marta', `${cast.storeOrigin}/members`)
  const password = page.locator('input[type=password]')
  if ((await password.count()) > 0) {
    await page.locator('input[name=email]').fill(marta)
    await password.fill(userPassword(marta))
    await page.locator('main form button').click()
    await page.locator('main h1').waitFor()
    await page.goto(`${cast.storeOrigin}/members`)
  }
  await page.locator('select[name=support]').selectOption(choice)
  await page.locator('#support button').click()
  await page.waitForURL(/said=saved/)
  await page.close()
}

test(
  'an owner who switched support off is obeyed before any message; one who wants to be asked says yes on a page of their own',
  async () => {
    await ownerChooses('off')
    const cleo = play.scriptOf('cleo')
    // The news of an earlier help have arrived.
    await cast.advance(0)
    const before = (await cast.letters(leo)).length
    const id = await play.opened(cleo, leo)
    const proof = { method: 'totp', code: appCode('cleo') }
    await play.must(cleo.call('PUT', `/assistances/${id}/agent-proof`, proof), 200)
    const desk = await cast.atDesk('cleo', `/assist/${id}`)
    await sees(desk, 'The owner has switched support access off there. Nobody can be asked.')
    await picture(desk, 'floor-off')
    expect(await desk.getByRole('button', { name: 'Send the message' }).count()).toBe(0)
    const forced = await cleo.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' })
    expect(forced.body).toMatchObject({ code: 'user.not_assistable', why: 'support_off' })
    expect((await cast.letters(leo)).length).toBe(before)
    await cancel('cleo', id)
    await desk.close()

    await ownerChooses('approve')
    const asking = await atChoice('dev01', leo)
    const isQuestion = ({ links }: Letter) => links.some((each) => each.includes('/o/'))
    const question = await cast.letterAfter(marta, () => press(asking.desk, 'Send the message'), isQuestion)
    await sees(asking.desk, 'Waiting for the owner of the ecosystem')
    expect((await cast.letters(leo)).length).toBe(before)
    const hers = await cast.pageOf('marta', `${question.links.find((each) => each.includes('/o/')) ?? ''}?lang=en`)
    await sees(hers, /Web( and |, )App/)
    await picture(hers, 'floor-owner')
    await press(hers, 'Yes, they may ask')
    await isTitled(hers, 'You said yes')
    await sees(asking.desk, 'The owner said yes. Go on.')
    await cast.letterAfter(leo, () => press(asking.desk, 'Send the message'))
    await cancel('dev01', asking.id)
    await ownerChooses('allowed')
    for (const page of [asking.desk, hers]) await page.close()
  },
  patience,
)

test(
  'a hand-over in the middle: with the user’s yes the first agent’s Web is covered, and what was noted goes along',
  async () => {
    const { id } = await play.active(play.scriptOf('dev02'), nuria, 'cli_sol')
    const desk = await cast.atDesk('dev02', `/assist/${id}`)
    const web = await openedWeb(desk)
    await play.must(play.scriptOf('dev02').call('POST', `/assistances/${id}/notes`, { text: 'March is missing' }), 201)
    await desk.getByText('Hand over', { exact: true }).click()
    await desk.getByLabel('What they should know').fill('My shift ends; the printer is next')
    await press(desk, 'Offer it')
    await sees(desk, /Colleagues see it since/)

    const next = await cast.atDesk('dev03', '/mine')
    await sees(next, 'My shift ends; the printer is next')
    expect(await next.locator('main').innerText()).not.toMatch(/Núria|nuria@/)
    await press(next, 'Take it over')
    const own = await cast.letterAfter('dev03@acme.test', () => press(next, /^Send (me )?(a|the|my) code/))
    await next.getByRole('textbox', { name: 'Your code' }).fill(own.codes[0] ?? '')
    await press(next, 'Continue')
    await next.getByRole('button', { name: 'Send the message' }).waitFor()
    const place = next.getByRole('radio', { name: /Clínica Sol/ })
    if (await place.count()) await place.check()
    const letter = await cast.letterAfter(nuria, () => press(next, 'Send the message'))
    await desk.bringToFront()
    await isTitled(desk, /Help Núria/)
    expect(
      await web
        .getByText(/Help has ended|La ayuda ha terminado/)
        .first()
        .isVisible(),
    ).toBe(false)
    await next.getByRole('textbox', { name: /The user.s code/ }).fill(letter.codes[0] ?? '')
    await press(next, 'Confirm the code')
    await isTitled(next, /Help Núria/)
    for (const note of ['March is missing', 'My shift ends; the printer is next']) await sees(next, note)
    await picture(next, 'floor-taken')
    await isCovered(web)
    await isTitled(desk, 'This assistance is closed')
    await sees(desk, 'You handed this help over to a colleague.')
    await press(next, 'End now')
    await isTitled(next, 'This assistance is closed')
    for (const page of [desk, web, next]) await page.close()
  },
  patience,
)

test(
  'a stranger with a reference learns that it is ours or that we do not know it, and nothing else',
  async () => {
    const { id, letter } = await play.asked(play.scriptOf('dev04'), nuria, 'cli_sol')
    const reference = /Refer(?:ence|encia):?\s+(\S+)/.exec(letter.text)?.[1] ?? ''
    expect(reference).toMatch(/^[A-Z0-9-]{6,}$/)
    const page = await cast.pageOf('stranger', `http://localhost:${stage.port + 2}/ours?lang=en`)
    const asked = async (text: string) => {
      await page.getByLabel('Reference, link, number or sender').fill(text)
      const [answer] = await Promise.all([
        page.waitForResponse((answer) => answer.request().method() === 'POST'),
        press(page, 'Check'),
      ])
      await page.getByRole('heading', { level: 2 }).waitFor()
      const { 'set-cookie': cookie, 'cache-control': cache } = answer.headers()
      const said = await page.locator('main').innerText()
      return {
        status: answer.status(),
        cookie,
        cache,
        title: await page.getByRole('heading', { level: 2 }).innerText(),
        said,
      }
    }
    const known = await asked(reference.toLowerCase())
    await picture(page, 'floor-ours')
    await press(page, 'Español')
    await page.getByRole('heading', { name: 'Sí, lo enviamos nosotros' }).waitFor()
    expect(page.url()).not.toContain(reference)
    await press(page, 'English')
    await page.getByRole('heading', { name: known.title }).waitFor()
    const other = reference.slice(0, -1) + (reference.endsWith('K') ? 'M' : 'K')
    const unknown = await asked(other)
    expect([known.title, unknown.title]).toEqual(['Yes, we sent that', 'We do not know that'])
    expect({ ...unknown, title: '', said: '' }).toEqual({ ...known, title: '', said: '' })
    for (const { said } of [known, unknown])
      expect(said).not.toMatch(/Núria|Puigdom|Dev Four|Clínica|nuria@|closed|ended/i)
    await cancel('dev04', id)
    expect(await asked(reference)).toEqual(known)
    expect((await asked('+1 212 555 0100')).title).toMatch(/number/i)
    await page.close()
  },
  patience,
)

test(
  'an agent who used up the look-ups of a day is stopped in words, and supervisors see one alert of it',
  async () => {
    const agent = play.scriptOf('dev06')
    const id = await play.proved(agent, 'nobody@nowhere.test')
    for (const each of ['nobody1@nowhere.test', 'nobody2@nowhere.test', 'nobody3@nowhere.test'])
      await play.must(agent.call('PUT', `/assistances/${id}/user`, { email: each }), 200)
    const desk = await cast.atDesk('dev06', `/assist/${id}`)
    const again = desk.locator('.inline-form')
    for (const each of ['nobody4@nowhere.test', leo]) {
      await again.locator('input').fill(each)
      await again.getByRole('button').click()
      await sees(desk, /You have looked up as many people as a day allows/)
    }
    await picture(desk, 'floor-quota')
    expect(await desk.locator('main').innerText()).not.toContain('Leo Martín')
    const page = await cast.atDesk('tess', '/oversight')
    const alert = page
      .getByRole('listitem')
      .filter({ hasText: 'Dev Six has used up what a day allows and was stopped.' })
    await alert.first().waitFor()
    expect(await alert.count()).toBe(1)
    await alert.getByRole('button', { name: 'Seen' }).click()
    await alert.getByText('Seen by Tess Quinn').waitFor()
    // The list goes back thirty days: an hour alone would be taken for one of today.
    await fresh.db.query("update alert set at = at - interval '3 days'")
    await page.reload()
    await alert.getByText('Seen by Tess Quinn').waitFor()
    expect(await alert.locator('time').innerText()).toMatch(/^\d{1,2} \w+ \d{4}, \d\d:\d\d$/)
    await picture(page, 'floor-oversight')
    for (const each of [desk, page]) await each.close()
  },
  patience,
)
