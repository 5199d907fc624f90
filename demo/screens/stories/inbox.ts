/** The inbox, with what the main job has sent. */
import type { Story } from '../story.ts'

export const inbox: Story = {
  name: 'inbox',
  async tell(cast, camera) {
    const page = await cast.pageOf('developer', `${cast.stage.console}/inbox`)
    await camera.take('inbox', 'newest', page)
    const [sms] = (await cast.letters('')).filter(({ channel, codes }) => channel === 'sms' && codes.length > 0)
    await page.goto(`${cast.stage.console}/inbox?id=${encodeURIComponent(sms?.id ?? '')}`)
    await camera.take('inbox', 'sms', page)
    const [mail] = (await cast.letters('')).filter(({ channel, codes }) => channel === 'email' && codes.length > 0)
    for (const show of ['', 'text', 'source']) {
      await page.goto(`${cast.stage.console}/inbox?id=${encodeURIComponent(mail?.id ?? '')}&show=${show}`)
      await camera.take('inbox', `mail${show && `-${show}`}`, page)
    }
    await page.goto(`${cast.stage.console}/inbox?to=nobody@example.test`)
    await camera.take('inbox', 'empty', page)
    await page.close()
  },
}
