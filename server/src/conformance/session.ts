/** Its session: the cookie, what stays behind in caches, and whose session and record it must not touch. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { allOf, fails, has, type Kit, type Ordinary, type Point, passes, unchecked, type Verdict } from './point.ts'
import type { Answer, SetCookie, Visitor } from './visitor.ts'

const cookie: Point = {
  id: 'session.cookie',
  holds: { en: 'its cookie is bound to the host, and new', es: 'su cookie es de este servidor, y nueva' },
  look: {
    en: 'the name __Host-…, Secure, HttpOnly, SameSite=Lax, no Domain; a new value at each callback; never the access token',
    es: 'el nombre __Host-…, Secure, HttpOnly, SameSite=Lax, sin Domain; un valor nuevo en cada vuelta; nunca la llave',
  },
  async check(kit) {
    const { launch, visitor, passed } = await kit.helped()
    const cookies = passed.flatMap((answer) => answer.cookies)
    const kept = cookies.filter(({ name, gone }) => !gone && visitor.jar(kit.origin).has(name))
    if (kept.length === 0)
      return fails('the launch left no cookie of its own', 'el acceso no dejó ninguna cookie propia')
    if (cookies.some(({ value }) => readings(value).some((text) => text.includes(launch.token))))
      return fails('the access token lies in a cookie', 'la llave está en una cookie')
    const loose = await allOf(kept, async (one) => boundToHost(one))
    return loose.result === 'pass' ? notFixed(kit, kept) : loose
  },
}

/** As it stands there, and as what it may have been packed into. */
function readings(value: string): readonly string[] {
  const plain = new URLSearchParams(`value=${value}`).get('value') ?? ''
  return [value, plain, ...plain.split('.').map((part) => Buffer.from(part, 'base64url').toString())]
}

function boundToHost({ name, attributes }: SetCookie): Verdict {
  const missing = ['secure', 'httponly'].filter((word) => !attributes.includes(word))
  if (!/^__host-/i.test(name)) missing.push('__Host-')
  if (!attributes.some((word) => /^samesite=(lax|strict)$/.test(word))) missing.push('samesite')
  if (missing.length > 0)
    return fails(`${name} lacks ${missing.join(', ')}`, `a ${name} le falta ${missing.join(', ')}`)
  return attributes.some((word) => word.startsWith('domain='))
    ? fails(`${name} has a Domain`, `${name} tiene Domain`)
    : passes
}

/** A value that was there before the sign-in must not be the one after it. */
async function notFixed(kit: Kit, kept: readonly SetCookie[]): Promise<Verdict> {
  const victim = kit.visitor()
  const planted = kept[0]?.value ?? ''
  for (const { name, value } of kept) victim.jar(kit.origin).set(name, value)
  await kit.launch({}, victim)
  const after = kept.map(({ name }) => victim.jar(kit.origin).get(name))
  return after.includes(planted)
    ? fails('a value from before the sign-in is believed after it', 'un valor de antes del acceso vale después')
    : passes
}

const noStore: Point = {
  id: 'session.no_store',
  holds: { en: 'pages stay in no cache', es: 'las páginas no quedan en ninguna caché' },
  look: { en: 'Cache-Control: no-store on every page', es: 'Cache-Control: no-store en cada página' },
  async check(kit) {
    const { visitor, passed } = await kit.helped()
    const pages = [...passed.filter(({ url }) => url.startsWith(`${kit.origin}/`)), await kit.page(visitor)]
    const stored = pages.find((answer) => !/\bno-store\b/.test(answer.header('cache-control')))
    if (!stored) return passes
    const { pathname } = new URL(stored.url)
    const said = stored.header('cache-control') || '–'
    return fails(`${pathname}: Cache-Control: ${said}`, `${pathname}: Cache-Control: ${said}`)
  },
}

// ── The user's own ──────────────────────────────────────────────────────────────────────────────────────────────────

const intact: Point = {
  id: 'own.intact',
  holds: { en: 'an own sign-in beside it stays as it was', es: 'un acceso propio al lado queda como estaba' },
  look: {
    en: 'step 4: a session of its own kind, with a cookie of its own, never merged with the ordinary one',
    es: 'paso 4: una sesión aparte, con su propia cookie, nunca mezclada con la ordinaria',
  },
  async check(kit) {
    const { ordinary } = kit.plan
    if (ordinary === undefined)
      return unchecked(
        'nobody told how somebody signs in themselves: "ordinary" in --with, or false',
        'nadie dijo cómo entra alguien por su cuenta: «ordinary» en --with, o false',
      )
    if (ordinary === false) return has('the product has no sign-in of its own', 'el producto no tiene acceso propio')
    const visitor = await signedIn(kit, ordinary)
    const own = new Map(visitor.jar(kit.origin))
    const seesOwn = async (): Promise<boolean> => (await ordinaryPage(kit, ordinary, own)).text.includes(ordinary.sees)
    if (!(await seesOwn()))
      return fails(
        `the sign-in itself did not work: ${ordinary.page} without "${ordinary.sees}"`,
        `el acceso mismo no funcionó: ${ordinary.page} sin «${ordinary.sees}»`,
      )
    const { launch } = await kit.helped({}, visitor)
    const page = await kit.page(visitor)
    if (!kit.shows(page) || page.text.includes(ordinary.sees))
      return fails(
        'under assistance the page is not of the helped user alone',
        'con la ayuda la página no es solo de quien la recibe',
      )
    launch.telling = { ...launch.telling, introspection: () => 'ended' }
    await kit.page(visitor)
    const lost = [...own].filter(([name, value]) => visitor.jar(kit.origin).get(name) !== value).map(([name]) => name)
    if (lost.length > 0)
      return fails(`the cookie ${lost.join(', ')} was changed`, `cambió la cookie ${lost.join(', ')}`)
    return (await seesOwn())
      ? passes
      : fails('the own session is gone after the help', 'la sesión propia ya no está tras la ayuda')
  },
}

async function signedIn(kit: Kit, { signIn, fields }: Ordinary): Promise<Visitor> {
  const visitor = kit.visitor()
  await visitor.form(new URL(signIn.path, kit.origin).href, signIn.method, fields, { origin: kit.origin })
  return visitor
}

/** With the own cookies alone, as in a browser that was never helped. */
function ordinaryPage(kit: Kit, { page }: Ordinary, own: ReadonlyMap<string, string>): Promise<Answer> {
  const visitor = kit.visitor()
  for (const [name, value] of own) visitor.jar(kit.origin).set(name, value)
  return visitor.get(new URL(page, kit.origin).href)
}

const booked: Point = {
  id: 'own.booked',
  holds: { en: 'nothing is booked on the user', es: 'nada se anota al usuario' },
  look: {
    en: 'step 4: write no last sign-in, no device, no activity of theirs',
    es: 'paso 4: no anotes último acceso, dispositivo ni actividad suya',
  },
  async check(kit) {
    const { booked: where } = kit.plan
    if (where === undefined)
      return unchecked(
        'nobody told where the last sign-in can be read: "booked" in --with, or false',
        'nadie dijo dónde se lee el último acceso: «booked» en --with, o false',
      )
    if (where === false) return has('the product keeps nothing of the kind', 'el producto no guarda nada así')
    const read = () => ('url' in where ? textAt(kit, where.url) : outputOf(where.command))
    const before = await read()
    const { visitor } = await kit.helped()
    await kit.page(visitor)
    const after = await read()
    return before === after
      ? passes
      : fails(
          `it was "${before}" before the help and "${after}" after it`,
          `era «${before}» antes de la ayuda y «${after}» después`,
        )
  },
}

async function textAt(kit: Kit, url: string): Promise<string> {
  const { status, text } = await kit.visitor().get(new URL(url, kit.origin).href)
  if (status >= 300) throw new Error(`${url} answered ${status}`)
  return shortly(text)
}
const outputOf = async ([program = '', ...args]: readonly string[]): Promise<string> =>
  shortly((await promisify(execFile)(program, args, { timeout: 10_000 })).stdout)
const shortly = (text: string): string => text.trim().slice(0, 2000)

const ecosystem: Point = {
  id: 'own.ecosystem',
  holds: { en: 'only the ecosystem that was agreed to is open', es: 'solo se abre el ecosistema que se aceptó' },
  look: {
    en: 'ecosystem_id of the introspection: on each request, show and change nothing of another one',
    es: 'ecosystem_id de la consulta: en cada petición, no muestres ni cambies nada de otro',
  },
  async check(kit) {
    const { elsewhere } = kit.plan
    if (elsewhere === undefined)
      return unchecked(
        'nobody told of somebody who is in two ecosystems: "elsewhere" in --with, or false',
        'nadie dijo de alguien que esté en dos ecosistemas: «elsewhere» en --with, o false',
      )
    if (elsewhere === false)
      return has('nobody is in two ecosystems of the product', 'en el producto nadie está en dos ecosistemas')
    const { user: sub, ecosystem: there, page, sees } = elsewhere
    const see = async (visitor: Visitor) => visitor.get(new URL(page, kit.origin).href)
    const agreed = await kit.launch({ sub, ecosystem: there })
    const control = await see(agreed.visitor)
    if (control.status >= 300 || !control.text.includes(sees))
      return fails(
        `with help in ${there} itself, ${page} answered ${control.status} without "${sees}"`,
        `con la ayuda en ${there} mismo, ${page} respondió ${control.status} sin «${sees}»`,
      )
    // In a fresh browser, and in one where the other ecosystem was open until a moment ago.
    return allOf([kit.visitor(), agreed.visitor], async (visitor) => {
      const { launch, answer, visitor: seeing } = await kit.launch({ sub }, visitor)
      if (launch.introspections === 0)
        return fails(`it did not open: ${answer.url} ${answer.status}`, `no se abrió: ${answer.url} ${answer.status}`)
      const seen = [answer, await see(seeing), await kit.page(seeing)].find(({ text }) => text.includes(sees))
      return seen
        ? fails(
            `with help in ${kit.plan.ecosystem} alone, ${new URL(seen.url).pathname} shows "${sees}" of ${there}`,
            `con la ayuda solo en ${kit.plan.ecosystem}, ${new URL(seen.url).pathname} muestra «${sees}» de ${there}`,
          )
        : passes
    })
  },
}

export const session: readonly Point[] = [cookie, noStore, intact, booked, ecosystem]
