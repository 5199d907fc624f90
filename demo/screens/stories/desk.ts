/** Everything of the console that is not one assistance: lists, the record, settings, what one may not see. */
import type { Page } from 'playwright-core'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

export const desk: Story = {
  name: 'desk',
  async tell(cast, camera) {
    await signIn(cast, camera)
    await frame(cast, camera)
    await supervisor(cast, camera)
    await auditor(cast, camera)
  },
}

async function signIn(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.pageOf('stranger', `${cast.stage.console}/`)
  await page.locator('input[name=email]').waitFor()
  await camera.take('console', 'sign-in', page)
  const attempt = async () => {
    await page.locator('input[name=email]').fill('locked@acme.test')
    await page.locator('input[name=password]').fill('wrong')
    await page.locator('button[type=submit]:not([aria-busy])').click()
    await page.locator('button[type=submit]:not([aria-busy])').waitFor()
    await page.locator('[role=alert]').waitFor()
  }
  await attempt()
  await camera.take('console', 'sign-in-wrong', page)
  for (let times = 0; times < 10; times += 1) await attempt()
  await camera.take('console', 'sign-in-locked', page)
  await page.close()
}

async function frame(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.atDesk('ana', '/mine')
  await page.locator('main :is(table, .empty)').waitFor()
  await camera.take('console', 'mine', page)
  await page.keyboard.press('Control+k')
  await page.locator('dialog.palette').waitFor()
  await camera.take('console', 'palette', page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.locator('dialog.sheet').waitFor()
  await camera.take('console', 'keys', page)
  await page.keyboard.press('Escape')
  for (const [path, name] of [
    ['/settings', 'settings'],
    ['/surfaces', 'surfaces'],
    ['/audit', 'not-allowed'],
    ['/nowhere', 'not-found'],
    ['/ecosystem', 'ecosystem'],
  ] as const) {
    await page.goto(`${cast.stage.console}${path}`)
    await page.locator('main h1').waitFor()
    await camera.take('console', name, page)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.locator('.menu').click()
  await page.locator('dialog.drawer').waitFor()
  await camera.take('console', 'drawer', page)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.context().setOffline(true)
  await page.locator('.strip').waitFor()
  await camera.take('console', 'offline', page)
  await page.context().setOffline(false)
  await page.close()
}

async function supervisor(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.atDesk('sara', '/live')
  await page.locator('.notice-editor').waitFor()
  await camera.take('console', 'live-empty', page)
  await startOne(cast)
  await page.locator('main table').waitFor()
  await page.locator('.notice-editor textarea').fill('Web down since 02:10. Store works.')
  await page.locator('.notice-editor button[type=submit]').click()
  await page.locator('.notice-editor figure').waitFor()
  await camera.take('console', 'live', page)
  await page.locator('main table button').first().click()
  await page.locator('dialog.question').waitFor()
  await camera.take('console', 'live-close', page)
  await page.locator('dialog.question button').last().click()
  await page.locator('dialog.question').waitFor({ state: 'detached' })
  await page.close()
}

/** Somebody's assistance for a supervisor to see; where nothing is looked up yet. */
async function startOne(cast: Cast): Promise<void> {
  const page = await cast.atDesk('ben', '/assist')
  await page.locator('input[name=email]').fill('nuria@clinica-sol.test')
  await page.locator('select[name=reason]').selectOption('billing')
  const own = await cast.letterAfter('ben@acme.test', () => page.locator('main button[type=submit]').click())
  await page.locator('.code-field input').fill(own.codes[0] ?? '')
  await page.locator('.code-form button[type=submit]').click()
  await page.locator('.cards').first().waitFor()
  await page.goto(`${cast.stage.console}/surfaces`)
  await page.locator('.chip').waitFor()
}

async function auditor(cast: Cast, camera: Camera): Promise<void> {
  const page: Page = await cast.atDesk('adam', '/audit')
  await page.locator('main table').waitFor()
  await camera.take('console', 'audit', page)
  await page.locator('.record-tools button').last().click()
  await page.locator('dialog.question input[value=pdf]').check()
  await camera.take('console', 'audit-take', page)
  await page.keyboard.press('Escape')
  await page.locator('.finder-form input').fill('agent:')
  await page.locator('.suggestions').waitFor()
  await page.keyboard.press('ArrowDown')
  await camera.take('console', 'audit-suggestions', page)
  await page.keyboard.press('Escape')
  await page.locator('.figures > summary').click()
  await page.locator('.three').waitFor()
  for (const table of await page.locator('.figure summary').all()) await table.click()
  await camera.take('console', 'audit-figures', page)
  await page.goto(`${cast.stage.console}/audit?q=${encodeURIComponent('agent:ana type:agent.signed_in')}`)
  await page.locator('main table').waitFor()
  await camera.take('console', 'audit-filtered', page)
  await page.locator('.sentence').first().click()
  await page.locator('dialog.panel').waitFor()
  await camera.take('console', 'audit-details', page)
  await page.goto(`${cast.stage.console}/audit?q=${encodeURIComponent('agent:nobody after:2026-01-01')}`)
  await page.locator('.empty').waitFor()
  await camera.take('console', 'audit-empty', page)
  await page.goto(`${cast.stage.console}/audit?q=invoice`)
  await page.locator('.mantine-InputWrapper-error').waitFor()
  await camera.take('console', 'audit-unreadable', page)
  await page.close()
}
