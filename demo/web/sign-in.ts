/** The product's own sign-in, by e-mail and password. */
import { assistedCookie } from '@amparo/relying-party/headers'
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { type AnyRefusal, refuse, sentenceOf, show, wantsJson } from './answers.ts'
import { form } from './arrival.ts'
import { emailIn } from './fields.ts'
import { page } from './layout.ts'
import { cookieOptions, ordinaryCookie } from './ordinary.ts'
import type { Env, Outside } from './outside.ts'
import { signInPage } from './pages.ts'
import type { Person } from './vendor.ts'
import { refusals, words } from './words.ts'

export function signInRoutes(app: Hono<Env>, outside: Outside): void {
  // While someone is helped here, nobody else's sign-in begins in the same browser.
  app.use('/sign-in', async (c, next) => {
    if (getCookie(c, assistedCookie) === undefined) return next()
    return c.req.method === 'GET' ? c.redirect(`${outside.publicOrigin}/`, 303) : refuse(c, outside, 'assisted.never')
  })
  app.get('/sign-in', (c) => {
    const language = c.get('language')
    return show(c, outside, words(language)('signIn'), signInPage(language))
  })
  app.post('/sign-in', async (c) => {
    const fields = await form(c)
    const typed = { email: fields.get('email')?.trim() ?? '', password: fields.get('password') ?? '' }
    const person = await personSigningIn(outside, typed)
    if (typeof person === 'string') return signInAgain(c, outside, person, typed.email)
    outside.ordinary.close(getCookie(c, ordinaryCookie))
    setCookie(c, ordinaryCookie, outside.ordinary.open(person.id), cookieOptions)
    await outside.vendor.signedIn(person.id)
    return c.redirect(`${outside.publicOrigin}/`, 303)
  })
}

type SignInRefusal = Extract<AnyRefusal, `sign_in.${string}`>

async function personSigningIn(
  outside: Outside,
  { email, password }: { email: string; password: string },
): Promise<Person | SignInRefusal> {
  const known = emailIn(email) === undefined ? [] : await outside.vendor.peopleOf(email)
  const [person, another] = known
  if (!sameSecret(password, outside.userPassword(email)) || !person) return 'sign_in.wrong'
  if (another) return 'sign_in.ambiguous'
  return person.active ? person : 'sign_in.inactive'
}

function signInAgain(c: Context<Env>, outside: Outside, why: SignInRefusal, email: string) {
  if (wantsJson(c)) return refuse(c, outside, why)
  const language = c.get('language')
  const content = signInPage(language, sentenceOf(why, language), email)
  const { consoleOrigin, company } = outside
  return c.html(
    page({ language, title: words(language)('signIn'), consoleOrigin, company }, content),
    refusals[why].status,
  )
}
