/** The vendor's own sign-in, by e-mail and password, for each of its products alone. */
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { doerOf, inClinic, refuse, sentenceOf, show, wantsJson } from './answers.ts'
import { form } from './arrival.ts'
import { emailIn } from './fields.ts'
import { cookieOptions, ordinaryCookie } from './ordinary.ts'
import type { Env, Outside } from './outside.ts'
import { signInPage } from './pages.ts'
import type { Person } from './records.ts'
import { type Refusal, refusals, words } from './words.ts'

export function signInRoutes(app: Hono<Env>, outside: Outside): void {
  const { product, ordinary, records, publicOrigin } = outside
  app.get('/sign-in', (c) => {
    // While someone is helped here, nobody else's sign-in begins in the same browser.
    if (c.get('assistance')) return c.redirect(`${publicOrigin}${product.home}`, 303)
    const language = c.get('language')
    return show(c, outside, { title: words(language)('signIn') }, signInPage(product, language))
  })
  app.post('/sign-in', async (c) => {
    const fields = await form(c)
    const typed = { email: fields.get('email')?.trim() ?? '', password: fields.get('password') ?? '' }
    const person = await personSigningIn(outside, typed)
    if (typeof person === 'string') return signInAgain(c, outside, person, typed.email)
    ordinary.close(getCookie(c, ordinaryCookie(product)))
    setCookie(c, ordinaryCookie(product), ordinary.open(person.id), cookieOptions)
    await records.signedIn(person.id)
    return c.redirect(`${publicOrigin}${product.home}`, 303)
  })
}

/** For whoever is signed in: another clinic of theirs, and leaving. */
export function ownSessionRoutes(app: Hono<Env>, outside: Outside): void {
  const { product, ordinary, publicOrigin } = outside
  app.post('/switch', async (c) => {
    const session = ordinary.find(getCookie(c, ordinaryCookie(product)))
    const wanted = (await form(c)).get('clinic')
    const chosen = c.get('visit')?.clinics.find(({ id }) => id === wanted)
    if (!session || !chosen) return refuse(c, outside, 'clinic.unknown')
    session.clinicId = chosen.id
    return c.redirect(`${publicOrigin}${product.home}`, 303)
  })
  app.post('/sign-out', (c) => {
    ordinary.close(getCookie(c, ordinaryCookie(product)))
    deleteCookie(c, ordinaryCookie(product), cookieOptions)
    return c.redirect(`${publicOrigin}/sign-in`, 303)
  })
}
/** The table of acts refuses an invitation to an agent, unless the person allowed this very thing: then both names are on it. */
export function invitingRoutes(app: Hono<Env>, outside: Outside): void {
  app.post('/members/invite', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    if (emailIn((await form(c)).get('email')) === undefined) return refuse(c, outside, 'request.invalid')
    await outside.records.note(here.clinic.id, doerOf(here.visit), 'member.invited')
    return c.redirect(`${outside.publicOrigin}/members?said=invited`, 303)
  })
}

/** What these need under assistance: they are the person's own, and nobody else's. */
export const ownSessionActs = {
  'POST /members/invite': {
    needs: 'invitations',
    what: { en: 'invited a member', es: 'invitó a alguien' },
  },
  'POST /sign-in': 'own_sign_in',
  'POST /switch': 'own_sign_in',
  'POST /sign-out': 'own_sign_in',
} as const

type SignInRefusal = Extract<Refusal, `sign_in.${string}`>

async function personSigningIn(
  outside: Outside,
  { email, password }: { email: string; password: string },
): Promise<Person | SignInRefusal> {
  const known = emailIn(email) === undefined ? [] : await outside.records.peopleOf(email)
  const [person, another] = known
  if (!sameSecret(password, outside.userPassword(email)) || !person) return 'sign_in.wrong'
  if (another) return 'sign_in.ambiguous'
  return person.active ? person : 'sign_in.inactive'
}

function signInAgain(c: Context<Env>, outside: Outside, why: SignInRefusal, email: string) {
  if (wantsJson(c)) return refuse(c, outside, why)
  const language = c.get('language')
  const content = signInPage(outside.product, language, sentenceOf(why, language), email)
  return show(c, outside, { title: words(language)('signIn'), status: refusals[why].status }, content)
}
