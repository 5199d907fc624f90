import { truth } from './launch.ts'
import { allOf, fails, type Kit, type Launched, type Point, passes, type Verdict } from './point.ts'
import { originOf } from './visitor.ts'

export const ours = (kit: Kit): readonly string[] => [kit.origin, kit.issuer.origin]

export const opens: Point = {
  id: 'entry.opens',
  holds: { en: "a launch opens the user's page", es: 'un acceso abre la página del usuario' },
  look: {
    en: 'its row in AMPARO_SURFACES, and "The five steps of a launch" in the guide',
    es: 'su fila en AMPARO_SURFACES, y «The five steps of a launch» en la guía',
  },
  async check(kit) {
    if (await kit.helped().catch(() => undefined)) return passes
    const launched = await kit.launch()
    return whyNot(kit, launched, (await kit.page(launched.visitor)).status)
  },
}

function whyNot(kit: Kit, { launch, answer }: Launched, status: number): Verdict {
  const { initiateLoginUri, id } = kit.client
  const at = `${answer.url} ${answer.status}`
  if (launch.client === 'wrong id')
    return fails(
      `the product shows itself with another client id than "${id}"`,
      `el producto se presenta con otro cliente que «${id}»`,
      'clientId',
    )
  if (!launch.asked)
    return fails(
      `${initiateLoginUri} did not lead to ${kit.issuer.origin}/authorize: ${at}${answer.location ? ` → ${answer.location}` : ''}. Is the product's issuer ${kit.issuer.origin}?`,
      `${initiateLoginUri} no llevó a ${kit.issuer.origin}/authorize: ${at}${answer.location ? ` → ${answer.location}` : ''}. ¿Es ${kit.issuer.origin} el emisor del producto?`,
      'initiateLoginUri',
    )
  if (launch.client === undefined)
    return fails(`the code was never exchanged for a token: ${at}`, `el código no se cambió por una llave: ${at}`)
  if (launch.client === 'wrong secret' && kit.client.keys)
    return fails(
      `at /token the product did not prove itself by private_key_jwt with a key of its row. Are its key, its clock and the audience (${kit.issuer.origin}) right?`,
      `en /token el producto no se identificó por private_key_jwt con una llave de su fila. ¿Están bien su llave, su reloj y la audiencia (${kit.issuer.origin})?`,
      'jwks',
    )
  if (launch.client === 'wrong secret')
    return fails(
      'at /token the product showed another secret than the row has, or not by client_secret_basic',
      'en /token el producto mostró otro secreto que el de la fila, o no por client_secret_basic',
      'secret',
    )
  if (!launch.redeemed)
    return fails(
      'the code was sent with a code_verifier that is not of its code_challenge',
      'el código llegó con un code_verifier que no es el de su code_challenge',
    )
  const { page, sees, user } = kit.plan
  return fails(
    `the launch ended at ${at}, and ${page} answered ${status} without "${sees}". Does ${user} have an account here?`,
    `el acceso acabó en ${at}, y ${page} respondió ${status} sin «${sees}». ¿Tiene ${user} cuenta aquí?`,
  )
}

const allowList: Point = {
  id: 'entry.issuer',
  holds: { en: 'a foreign issuer starts nothing', es: 'un emisor ajeno no empieza nada' },
  look: {
    en: 'step 2: compare iss with your issuer, whole, before anything else',
    es: 'paso 2: compara iss con tu emisor, entero, antes que nada',
  },
  async check(kit) {
    const strangers = [kit.foreign.origin, `${kit.issuer.origin}.evil.test`, `${kit.issuer.origin}/evil`, undefined]
    return allOf(strangers, async (iss) => {
      const before = kit.foreign.requests()
      const visitor = kit.visitor()
      const url = new URL(kit.client.initiateLoginUri)
      url.search = new URLSearchParams({ ...(iss !== undefined && { iss }), login_hint: 'none' }).toString()
      const { status, location, cookies } = await visitor.get(url.href)
      const said = iss ?? '(none)'
      if (kit.foreign.requests() > before)
        return fails(`iss=${said} was asked for its configuration`, `a iss=${said} se le pidió su configuración`)
      if (status >= 400 && cookies.every(({ gone }) => gone)) return passes
      const how = `${status}${location === undefined ? '' : ` → ${originOf(location)}`}`
      return fails(`iss=${said} was answered with ${how}`, `a iss=${said} se respondió ${how}`)
    })
  },
}

const hint: Point = {
  id: 'entry.hint',
  holds: { en: 'the login_hint is handed on', es: 'el login_hint se entrega' },
  look: { en: 'step 2: pass login_hint on as it came', es: 'paso 2: pasa login_hint como vino' },
  async check(kit) {
    const { launch } = await kit.launch()
    return launch.hintCame
      ? passes
      : fails('the authorization request came without it', 'la petición de autorización vino sin él')
  },
}

const target: Point = {
  id: 'entry.target',
  holds: { en: 'target_link_uri leads nowhere else', es: 'target_link_uri no lleva a otro sitio' },
  look: {
    en: 'step 2: only an address of your own origin; anything else is your home page',
    es: 'paso 2: solo una dirección de tu propio origen; cualquier otra es tu inicio',
  },
  check: (kit) =>
    allOf(['https://evil.test/', '//evil.test/', '/\\evil.test/', `${kit.origin}@evil.test/`], async (to) => {
      await kit.helped()
      const { answer } = await kit.launch({}, kit.visitor(), { target_link_uri: to })
      if (answer.location === undefined || ours(kit).includes(originOf(answer.location))) return passes
      return fails(
        `target_link_uri=${to} ended at ${answer.location}`,
        `target_link_uri=${to} acabó en ${answer.location}`,
      )
    }),
}

const redirect: Point = {
  id: 'entry.redirect',
  holds: { en: 'an own redirect address, the one in the row', es: 'su propia dirección de vuelta, la de la fila' },
  look: {
    en: 'redirectUris of the row, and the redirect_uri that the product sends; not the one of its ordinary sign-in',
    es: 'redirectUris de la fila, y la redirect_uri que envía el producto; no la de su acceso ordinario',
  },
  async check(kit) {
    const { asked } = (await kit.launch()).launch
    const sent = asked?.get('redirect_uri') ?? '(none)'
    if (kit.client.redirectUris.includes(sent)) return passes
    return fails(
      `it sent ${sent}, the row has ${kit.client.redirectUris.join(', ')}`,
      `envió ${sent}, la fila tiene ${kit.client.redirectUris.join(', ')}`,
      'redirectUris',
    )
  },
}

/** What has to be there in each authorization request, and another one in the next. */
export async function freshInEach(kit: Kit, name: string): Promise<Verdict> {
  const [one, two] = [await kit.launch(), await kit.launch()].map(({ launch }) => launch.asked?.get(name))
  if (!one || !two)
    return fails(`the authorization request came without ${name}`, `la petición de autorización vino sin ${name}`)
  return one === two ? fails(`two launches had the same ${name}`, `dos accesos tenían el mismo ${name}`) : passes
}

const pkce: Point = {
  id: 'entry.pkce',
  holds: { en: 'PKCE with S256, fresh for each launch', es: 'PKCE con S256, nuevo en cada acceso' },
  look: {
    en: 'step 2: code_challenge, code_challenge_method=S256, and the code_verifier at /token',
    es: 'paso 2: code_challenge, code_challenge_method=S256, y el code_verifier en /token',
  },
  async check(kit) {
    const { launch } = await kit.launch()
    const fresh = await freshInEach(kit, 'code_challenge')
    if (fresh.result !== 'pass') return fresh
    if (launch.asked?.get('code_challenge_method') !== 'S256')
      return fails('the method is not S256', 'el método no es S256')
    return launch.verified ? passes : fails('/token came without its code_verifier', '/token vino sin su code_verifier')
  },
}

const untouched: Point = {
  id: 'entry.untouched',
  holds: { en: 'starting a launch touches no session', es: 'empezar un acceso no toca ninguna sesión' },
  look: {
    en: 'step 2: set nothing but the cookie of this flow',
    es: 'paso 2: pon solo la cookie de este acceso',
  },
  async check(kit) {
    const bare = await kit.begin(kit.visitor(), kit.issuer.launch(truth(kit.plan.user)))
    const ofTheFlow = new Set(bare.cookies.filter(({ gone }) => !gone).map(({ name }) => name))
    const { visitor } = await kit.launch()
    const before = [...visitor.jar(kit.origin)].filter(([name]) => !ofTheFlow.has(name))
    await kit.begin(visitor, kit.issuer.launch(truth(kit.plan.user)))
    const after = visitor.jar(kit.origin)
    const lost = before.filter(([name, value]) => after.get(name) !== value).map(([name]) => name)
    if (lost.length > 0) return fails(`it changed the cookie ${lost.join(', ')}`, `cambió la cookie ${lost.join(', ')}`)
    return (await kit.stays(visitor))
      ? passes
      : fails('the session that was there is gone', 'la sesión que había ya no está')
  },
}

export const entry: readonly Point[] = [allowList, hint, target, redirect, pkce, untouched]
