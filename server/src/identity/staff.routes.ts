/**
 * The way to the company's provider and back, as the browser walks it. The answer of the way back is a page, not a
 * redirect: the console's strict cookie is sent only by what begins on our own site.
 */
import { type Refusal, sentenceOf, statusOf } from '@amparo/contract/refusals'
import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import type { StatusCode } from 'hono/utils/http-status'
import type { From } from '../door.ts'
import { cookieOf, cookiesOf, underwayCookie } from './cookies.ts'
import { arrive, type StaffDesk, sealUnderway, unsealUnderway } from './staff.flow.ts'

export const beginPath = '/sign-in/issuer'
export const backPath = '/sign-in/back'
export const leavePath = '/sign-out/issuer'
const underwaySeconds = 600

/** Mounted on the console's origin where agents sign in at their company. */
export function staffRoutes(desk: StaffDesk, fromOf: (c: Context) => From, silent: (error: unknown) => void): Hono {
  const app = new Hono()
  const { outside, staff } = desk
  app.use('/:way{sign-in|sign-out}/*', async (c, next) => {
    await next()
    c.res.headers.set('cache-control', 'no-store')
    c.res.headers.set('referrer-policy', 'no-referrer')
  })
  app.get(beginPath, async (c) => {
    const begun = await staff.begin().catch((error: unknown) => {
      silent(error)
      return undefined
    })
    if (!begun) return told(c, 'system.unavailable')
    const kept = sealUnderway(outside, begun.underway, Date.now())
    c.header('set-cookie', cookieOf(underwayCookie, kept, underwaySeconds, 'Lax'))
    return c.redirect(begun.to, 303)
  })
  app.get(backPath, async (c) => {
    const underway = unsealUnderway(outside, getCookie(c, underwayCookie) ?? '', Date.now())
    const { search } = new URL(c.req.url)
    const url = new URL(`${backPath}${search}`, outside.rp.origin)
    const from = fromOf(c)
    // Each answer that is none costs a question to the provider, in our own name: a stranger may ask a few.
    if (underway && !outside.guesses.take(from.near).ok) return told(c, 'rate.limited')
    const arrived = underway && (await arrive(desk, url, underway, from))
    c.header('set-cookie', cookieOf(underwayCookie, '', 0, 'Lax'))
    if (!arrived?.ok) return told(c, arrived?.refusal ?? 'agent.unknown')
    outside.guesses.giveBack(from.near)
    for (const cookie of cookiesOf(arrived.value)) c.header('set-cookie', cookie, { append: true })
    c.header('refresh', '0; url=/')
    return c.html(page('Amparo', '<p><a href="/">Amparo</a></p>'))
  })
  // Whoever left the desk leaves the provider too: the next one at this browser is asked who they are.
  app.get(leavePath, async (c) => c.redirect((await staff.signOutAt()) ?? '/', 303))
  return app
}

/** A refusal on the way, in both languages: nobody has told us theirs yet. */
function told(c: Context, refusal: Refusal): Response | Promise<Response> {
  const { en, es } = sentenceOf(refusal)
  const body = `<h1>Amparo</h1><p>${en}</p><p lang="es">${es}</p><p><a href="/">Amparo</a></p>`
  c.status(statusOf(refusal) as StatusCode)
  return c.html(page('Amparo', body))
}

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body>${body}</body></html>`
