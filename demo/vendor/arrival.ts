/** Who is asking: decided on each request, before anything of anybody's is read for them. */
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Assistance } from '@amparo/relying-party/surface'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { languageOf, refuse, wantsJson } from './answers.ts'
import { ordinaryCookie } from './ordinary.ts'
import type { Env, Outside, Visit } from './outside.ts'

/** The host and the language, for every request. */
export function atTheDoor(outside: Outside): MiddlewareHandler<Env> {
  const hosts = new Set(outside.origins.map((origin) => new URL(origin).host))
  return async (c, next) => {
    c.set('language', languageOf(c.req.header('accept-language')))
    return hosts.has(c.req.header('host') ?? '') ? next() : refuse(c, outside, 'host.unknown')
  }
}

const isSafe = (c: Context<Env>): boolean => c.req.method === 'GET' || c.req.method === 'HEAD'

/** Changes come from our own pages. */
export function fromOurPages(outside: Outside): MiddlewareHandler<Env> {
  return async (c, next) =>
    isSafe(c) || outside.origins.includes(c.req.header('origin') ?? '')
      ? next()
      : refuse(c, outside, 'request.cross_site')
}

/** Lets nobody through who is neither helped nor signed in. */
export function arrive(outside: Outside): MiddlewareHandler<Env> {
  return async (c, next) => {
    const assistance = c.get('assistance')
    const visit = assistance ? await helped(outside, assistance) : await ordinary(outside, c)
    if (!visit) {
      const toSignIn = !assistance && c.req.method === 'GET' && !wantsJson(c)
      return toSignIn ? c.redirect(`${outside.publicOrigin}/sign-in`, 303) : refuse(c, outside, 'sign_in.first')
    }
    c.set('visit', visit)
    c.set('language', visit.language)
    return next()
  }
}

/** Under assistance only the clinic that the user agreed to is there at all. */
export async function helped({ records }: Outside, assistance: Assistance): Promise<Visit | undefined> {
  const person = await records.person(assistance.user.id)
  if (!person) return undefined
  const clinics = (await records.clinicsOf(person.id)).filter(({ id }) => id === assistance.ecosystem.id)
  const { csrf, language } = assistance
  return { person, clinics, clinic: clinics.at(0), csrf, language, assistance }
}

async function ordinary(outside: Outside, c: Context<Env>): Promise<Visit | undefined> {
  const session = outside.ordinary.find(getCookie(c, ordinaryCookie(outside.product)))
  const person = session && (await outside.records.person(session.personId))
  if (!session || !person?.active) return undefined
  const clinics = await outside.records.clinicsOf(person.id)
  const clinic = clinics.find(({ id }) => id === session.clinicId) ?? clinics.at(0)
  return { person, clinics, clinic, csrf: session.csrf, language: person.language, assistance: undefined }
}

/** Only from a page of this very session: one left over from another person does nothing. */
export function fromThisSession(outside: Outside): MiddlewareHandler<Env> {
  return async (c, next) => {
    const visit = c.get('visit')
    if (!visit || isSafe(c)) return next()
    const given = c.req.header('x-csrf-token') ?? (await form(c)).get('csrf') ?? undefined
    return sameSecret(given, visit.csrf) ? next() : refuse(c, outside, 'request.stale')
  }
}

/** Forms as browsers send them; anything else has no fields. */
export async function form(c: Context<Env>): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? ''
  return new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? await c.req.text() : '')
}
