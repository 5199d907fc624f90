/** Who is asking: decided on each request, before anything of anybody's is read for them. */

import { type Act, mayDo } from '@amparo/relying-party/guards'
import { assistedCookie } from '@amparo/relying-party/headers'
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { cover, languageOf, refuse, wantsJson } from './answers.ts'
import { ordinaryCookie } from './ordinary.ts'
import type { Env, Outside, Visit } from './outside.ts'
import type { Language } from './words.ts'

type Arrival =
  | { readonly kind: 'visit'; readonly visit: Visit }
  | { readonly kind: 'ended'; readonly language: Language | undefined }
  | { readonly kind: 'unconfirmed'; readonly language: Language }
  | { readonly kind: 'stranger' }

/** The assisted cookie alone counts where there is one: an ordinary session beside it is neither used nor touched. */
async function assistedArrival(outside: Outside, cookie: string): Promise<Arrival> {
  const session = outside.assisted.find(cookie)
  if (session?.state !== 'live') return { kind: 'ended', language: session?.language }
  const assisted = await outside.issuer.check(session.token)
  if (assisted === 'unknown') return { kind: 'unconfirmed', language: session.language }
  if (assisted === 'ended' || assisted.sid !== session.sid || assisted.user.id !== session.userId) {
    outside.assisted.end({ sid: session.sid })
    return { kind: 'ended', language: session.language }
  }
  const person = await outside.vendor.person(session.userId)
  if (!person) return { kind: 'ended', language: session.language }
  const clinics = (await outside.vendor.clinicsOf(person.id)).filter(({ id }) => id === assisted.ecosystem.id)
  const { csrf, language } = session
  return { kind: 'visit', visit: { person, clinics, clinic: clinics.at(0), csrf, language, assisted } }
}

async function ordinaryArrival(outside: Outside, cookie: string | undefined): Promise<Arrival> {
  const session = outside.ordinary.find(cookie)
  const person = session && (await outside.vendor.person(session.personId))
  if (!session || !person?.active) return { kind: 'stranger' }
  const clinics = await outside.vendor.clinicsOf(person.id)
  const clinic = clinics.find(({ id }) => id === session.clinicId) ?? clinics.at(0)
  const { csrf } = session
  return { kind: 'visit', visit: { person, clinics, clinic, csrf, language: person.language, assisted: undefined } }
}

function arrivalOf(c: Context<Env>, outside: Outside): Promise<Arrival> {
  const assisted = getCookie(c, assistedCookie)
  return assisted === undefined
    ? ordinaryArrival(outside, getCookie(c, ordinaryCookie))
    : assistedArrival(outside, assisted)
}

/** Lets nobody through who is not signed in, and nobody's help that is not confirmed. */
export function arrive(outside: Outside): MiddlewareHandler<Env> {
  return async (c, next) => {
    const arrival = await arrivalOf(c, outside)
    switch (arrival.kind) {
      case 'visit':
        c.set('visit', arrival.visit)
        c.set('language', arrival.visit.language)
        return next()
      case 'ended':
        return cover(c, outside, arrival.language ?? c.get('language'))
      case 'unconfirmed':
        c.set('language', arrival.language)
        return refuse(c, outside, 'assisted.unconfirmed')
      case 'stranger':
        return c.req.method === 'GET' && !wantsJson(c)
          ? c.redirect(`${outside.publicOrigin}/sign-in`, 303)
          : refuse(c, outside, 'sign_in.first')
    }
  }
}

/** What each form does. Whatever is not listed changes something; `session` belongs to the person's own session. */
const acts: Readonly<Record<string, Act | 'session'>> = {
  '/members/invite': 'invitations',
  '/profile/email': 'email',
  '/profile/password': 'password',
  '/switch': 'session',
  '/sign-out': 'session',
}

/** Under assistance: only what the user agreed to. Then, for everybody: only from a page of this very session. */
export function guard(outside: Outside): MiddlewareHandler<Env> {
  return async (c, next) => {
    const visit = c.get('visit')
    if (!visit || c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    if (visit.assisted) {
      const act = acts[c.req.path] ?? 'change'
      if (act === 'session') return refuse(c, outside, 'assisted.never')
      const permission = mayDo(visit.assisted, act)
      if (!permission.ok) return refuse(c, outside, permission.code)
    }
    const given = c.req.header('x-csrf-token') ?? (await form(c)).get('csrf') ?? undefined
    return sameSecret(given, visit.csrf) ? next() : refuse(c, outside, 'request.stale')
  }
}

/** Forms as browsers send them; anything else has no fields. */
export async function form(c: Context<Env>): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? ''
  return new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? await c.req.text() : '')
}

/** The host, the origin and the language, for every request. */
export function atTheDoor(outside: Outside): MiddlewareHandler<Env> {
  const hosts = new Set(outside.origins.map((origin) => new URL(origin).host))
  return async (c, next) => {
    c.set('language', languageOf(c.req.header('accept-language')))
    if (!hosts.has(c.req.header('host') ?? '')) return refuse(c, outside, 'host.unknown')
    const safe = c.req.method === 'GET' || c.req.method === 'HEAD'
    // The issuer's notice comes from a server, which has no origin; its signature stands for it.
    if (safe || c.req.path === '/assisted/logout') return next()
    return outside.origins.includes(c.req.header('origin') ?? '') ? next() : refuse(c, outside, 'request.cross_site')
  }
}
