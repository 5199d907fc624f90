/** The guide *Connect an app*, executed word for word with a stock client library, against the whole. */

import { problem } from '@amparo/contract/api'
import { phoneLaunch } from '@amparo/contract/phone'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { ownStage } from './own.ts'
import { phoneOf } from './phone.ts'
import type { Play, Script } from './script.ts'
import { Browser, type Stage, until } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
let ana: Script

beforeAll(async () => {
  const own = await ownStage()
  ;({ fresh, stage, play } = own)
  ana = play.scriptOf('ana')
  return own.close
}, 120_000)

const shown = async (id: string) =>
  phoneLaunch.parse(await play.must(ana.call('POST', `/assistances/${id}/launches`, { surface: 'app' }), 201))
const typed = (id: string, launchId: string, digits: string) =>
  ana.call('PUT', `/assistances/${id}/launches/${launchId}/match`, { digits })
const end = (id: string) => ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })

test('the guide’s phone is signed in as the user, and the user’s stop reaches it within two seconds', async () => {
  const { id, link } = await play.active(ana, 'leo@clinica-sol.test', 'cli_sol')
  const screen = await shown(id)
  const phone = await phoneOf(stage)
  const page = await phone.scan(screen.qr?.text ?? '')
  for (const part of ['Ana Robles', 'Leo Martín', 'Pixel 8', 'Cannot see invoices']) expect(page.text).toContain(part)
  await play.must(typed(id, screen.launchId, phone.digits(page)), 200)
  const token = await phone.goOn(page)
  expect(await phone.alive(token)).toMatchObject({ active: true, user_name: 'Leo Martín', act: { name: 'Ana Robles' } })

  const user = new Browser()
  const onPage = (await user.ask(link, { headers: { 'accept-language': 'en' } })).text
  expect(onPage).toContain('Pixel 8')
  const waiting = phone.alive(token, 20)
  await play.tapped(user, link, 'stop')
  const stopped = performance.now()
  expect(await waiting).toEqual({ active: false })
  expect(performance.now() - stopped).toBeLessThan(2000)
  const app = await until(
    async () =>
      (await ana.call('GET', `/assistances/${id}`)).body.surfaces.find(
        (one: { surface: string }) => one.surface === 'app',
      ),
    ({ acknowledgedAt }) => acknowledgedAt !== undefined,
    'the phone’s acknowledgement',
  )
  expect(app).toMatchObject({ opens: 'phone', device: 'Pixel 8', open: false })
})

test('the short code and the link by message reach the same end; the link goes to the agent’s own number alone', async () => {
  const { id } = await play.active(ana, 'leo@clinica-sol.test', 'cli_sol')
  const screen = await shown(id)
  const byCode = await phoneOf(stage)
  const page = await byCode.scan(screen.shortCode ?? '')
  await play.must(typed(id, screen.launchId, byCode.digits(page)), 200)
  expect(await byCode.alive(await byCode.goOn(page))).toMatchObject({ active: true })

  const next = await shown(id)
  const sent = await play.must(ana.call('POST', `/assistances/${id}/launches/${next.launchId}/link`, {}), 202)
  expect(sent.messages.map(({ channel }: { channel: string }) => channel)).toEqual(['email', 'sms'])
  const [link = ''] = await until(
    async () =>
      (await play.lettersTo('ana@acme.test')).flatMap(({ links }) => links.filter((one) => one.includes('/q/'))),
    (links) => links.length > 0,
    'the link in the agent’s own mail',
  )
  const again = await ana.call('POST', `/assistances/${id}/launches/${next.launchId}/link`, {})
  expect([again.status, problem.parse(again.body).code]).toEqual([429, 'launch.sent'])
  const byLink = await phoneOf(stage)
  const its = await byLink.scan(link)
  await play.must(typed(id, next.launchId, byLink.digits(its)), 200)
  expect(await byLink.alive(await byLink.goOn(its))).toMatchObject({ active: true })
  await end(id)
})

test('a membership lost since shows no code, and the guide’s phone takes none of anybody else', async () => {
  const { id } = await play.active(ana, 'leo@clinica-sol.test', 'cli_sol')
  const seat = (active: boolean) =>
    fresh.db.query(
      `update vendor.seat set active = $1 where clinic_id = 'cli_sol'
          and person_id = (select id from vendor.person where email = 'leo@clinica-sol.test')`,
      [active],
    )
  await seat(false)
  const refused = await ana.call('POST', `/assistances/${id}/launches`, { surface: 'app' })
  expect([refused.status, problem.parse(refused.body).code]).toEqual([403, 'surface.not_offered'])
  await seat(true)
  const phone = await phoneOf(stage)
  await expect(phone.scan('https://evil.test/q/AAAAAAAAAAAAAAAA')).rejects.toThrow('not one of ours')
  await end(id)
})
